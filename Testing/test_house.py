"""The house: imports point down only, names and sizes stay within their rules."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "S2VNetSlicer" / "S2VNetSlicerLib"
FILES = sorted(PACKAGE.rglob("*.py"))

ENGINE = {
    "errors",
    "texts",
    "logs",
    "network",
    "volumes",
    "annotation",
    "propagation",
    "library",
    "segmenting",
}
BELOW = {
    "texts": set(),
    "errors": {"texts"},
    "logs": {"errors"},
    "network": {"texts", "errors"},
    "volumes": {"texts", "errors"},
    "annotation": {"texts", "errors"},
    "propagation": {"texts", "errors", "network", "volumes", "annotation"},
    "library": {"texts", "errors", "network", "volumes", "propagation"},
    "segmenting": {
        "texts",
        "errors",
        "logs",
        "network",
        "volumes",
        "annotation",
        "propagation",
        "library",
    },
    "interactive": {"texts", "errors", "annotation", "network", "propagation", "library"},
    "training": {"texts", "errors", "network", "volumes", "propagation"},
    "inference": {
        "texts",
        "errors",
        "logs",
        "network",
        "volumes",
        "annotation",
        "propagation",
        "library",
    },
    "scene": {"texts", "errors", "network", "volumes", "annotation", "propagation", "segmenting"},
    "workflow": ENGINE | {"scene", "inference"},
    "evaluation": ENGINE,
    "batch": ENGINE | {"scene"},
    "desktop": ENGINE | {"scene", "inference", "workflow", "batch"},
    "browser": ENGINE | {"scene", "workflow", "batch"},
    "commands": ENGINE | {"scene", "workflow", "batch", "evaluation", "browser", "training"},
    "cli": ENGINE | {"scene", "training", "commands"},
    "__init__": set(),
}
"""The rooms that each room may import from."""
APPLICATION = {"slicer", "qt", "ctk", "vtk", "vtkmodules", "trame", "trame_slicer"}
FORBIDDEN = {
    "network": APPLICATION | {"numpy", "scipy", "SimpleITK", "skimage", "monai"},
    "volumes": APPLICATION | {"torch", "safetensors"},
    "annotation": APPLICATION | {"torch", "SimpleITK", "scipy", "skimage"},
    "propagation": APPLICATION | {"SimpleITK", "skimage"},
    "library": APPLICATION | {"SimpleITK", "scipy", "skimage"},
    "segmenting": APPLICATION | {"SimpleITK", "scipy"},
    "training": APPLICATION,
    "inference": APPLICATION | {"SimpleITK", "scipy", "skimage"},
    "scene": {"qt", "ctk", "trame", "torch"},
    "workflow": {"qt", "ctk", "trame", "trame_slicer"},
    "evaluation": APPLICATION,
    "batch": {"qt", "ctk", "trame", "trame_slicer"},
    "browser": {"qt", "ctk"},
    "desktop": {"trame", "trame_slicer"},
}


def room(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> set[tuple[str, str]]:
    """("inside", room) and ("outside", package) of everything imported anywhere in a file."""
    depth = len(path.relative_to(PACKAGE).parts) - 1
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {("outside", name.name.split(".")[0]) for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(("outside", (node.module or "").split(".")[0]))
        elif isinstance(node, ast.ImportFrom):
            if node.level == depth + 1:
                names = [node.module] if node.module else [n.name for n in node.names]
                found |= {("inside", name.split(".")[0]) for name in names}
            elif node.level <= depth:
                found.add(("inside", room(path)))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path):
    here = room(path)
    inside = {name for kind, name in imports(path) if kind == "inside"}
    outside = {name for kind, name in imports(path) if kind == "outside"}
    assert inside - {here} <= BELOW[here]
    assert not outside & FORBIDDEN.get(here, set())
    assert "S2VNetSlicerLib" not in outside, "imports inside the package are relative"


def within(path: Path) -> set[str]:
    """The modules of its own room that a file imports anywhere, as paths without suffix."""
    folder = path.parent
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = folder
            for _ in range(node.level - 1):
                base = base.parent
            base = base.joinpath(*(node.module or "").split(".")) if node.module else base
            names = [base, *(base / name.name for name in node.names)]
            found |= {str(name) for name in names if name.with_suffix(".py").is_file()}
    return {name for name in found if room(Path(name)) == room(path)}


def circles(files: list[Path]) -> list[list[str]]:
    """Modules that import one another, directly or through others of their room."""
    modules = {str(path.with_suffix("")): within(path) for path in files}
    reached = {name: set(targets) for name, targets in modules.items()}
    for _ in modules:
        for targets in reached.values():
            targets |= set().union(*(reached.get(name, set()) for name in targets))
    circular = sorted(name for name, targets in reached.items() if name in targets)
    return [[name, *sorted(n for n in circular if n in reached[name])] for name in circular]


def test_no_modules_of_a_room_import_one_another():
    assert circles(FILES) == []


def test_a_circle_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.PACKAGE", tmp_path)
    (tmp_path / "batch").mkdir()
    texts = {"a": "from . import b", "b": "def f():\n    from .c import x", "c": "from .a import y"}
    for name, text in {**texts, "d": "from .a import z"}.items():
        (tmp_path / "batch" / f"{name}.py").write_text(text)
    found = circles(sorted(tmp_path.rglob("*.py")))
    assert [Path(names[0]).name for names in found] == ["a", "b", "c"]


def test_the_rule_sees_what_it_forbids(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.PACKAGE", tmp_path)
    (tmp_path / "network").mkdir()
    wrong = tmp_path / "network" / "wrong.py"
    wrong.write_text(
        "def f():\n    import slicer\n    from ..scene.files import x\n    from . import y\n"
    )
    assert imports(wrong) == {("outside", "slicer"), ("inside", "scene"), ("inside", "network")}


JUSTIFIED = {
    ("volumes/writing.py", "Timeout"): "that somebody else holds the lock is the cause",
    ("browser/autosave.py", "Timeout"): "that somebody else holds the lock is the cause",
    ("inference/channel.py", "BlockingIOError"): "that nothing comes or goes now is no fault",
    ("inference/process.py", "BlockingIOError"): "that it has not connected yet is no fault",
    ("browser/access.py", "ValueError"): "a host that is no IP address is a name",
    ("desktop/install.py", "ModuleNotFoundError"): "Slicer before 5.11 has no slicer.packaging",
    ("logs.py", "PackageNotFoundError"): "inside 3D Slicer the extension is no installed package",
    ("workflow/environment.py", "metadata.PackageNotFoundError"): "PyTorch without its version",
    ("workflow/navigation.py", "UserError"): "under a warp no slice is followed; commands say why",
    ("segmenting.py", "KeyboardInterrupt"): "the user's wish, which the result tells",
    ("commands/batch.py", "KeyboardInterrupt"): "the user's wish, which is told",
}
"""Handlers that need not tell what they caught, by file and type, and why."""


def silent_handlers(text: str) -> list[tuple[int, str]]:
    """Line and type of every ``except`` that neither raises again what it caught nor uses it."""
    found = []
    for handler in ast.walk(ast.parse(text)):
        if not isinstance(handler, ast.ExceptHandler):
            continue
        inside = [node for statement in handler.body for node in ast.walk(statement)]
        again = any(isinstance(node, ast.Raise) and node.exc is None for node in inside)
        causes = {id(node.cause) for node in inside if isinstance(node, ast.Raise)}
        told = any(
            isinstance(node, ast.Name) and node.id == handler.name and id(node) not in causes
            for node in inside
        )
        logged = any(
            isinstance(node, ast.Attribute) and node.attr == "exception" for node in inside
        )
        if not (again or told or logged):
            found.append((handler.lineno, ast.unparse(handler.type) if handler.type else "all"))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_cause_is_swallowed_or_replaced(path):
    name = path.relative_to(PACKAGE).as_posix()
    silent = [
        (line, caught)
        for line, caught in silent_handlers(path.read_text("utf-8"))
        if (name, caught) not in JUSTIFIED
    ]
    assert not silent, f"{name}: name the cause, raise it again, or justify it in JUSTIFIED"


def test_the_rule_for_causes_sees_what_it_forbids():
    swallowed = "try:\n    f()\nexcept OSError:\n    pass\n"
    replaced = "try:\n    f()\nexcept ValueError as error:\n    raise UserError('no') from error\n"
    assert silent_handlers(swallowed) == [(3, "OSError")]
    assert silent_handlers(replaced) == [(3, "ValueError")]
    for good in ("raise UserError('no', error) from error", "raise", "log.exception('failed')"):
        assert silent_handlers(replaced.replace("raise UserError('no') from error", good)) == []


def test_every_justification_is_still_needed():
    found = {
        (path.relative_to(PACKAGE).as_posix(), caught)
        for path in FILES
        for _, caught in silent_handlers(path.read_text("utf-8"))
    }
    assert set(JUSTIFIED) <= found


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [Path(name) for name in listed.stdout.split("\0") if name]


def test_files_are_short_and_no_folder_shadows_slicer():
    for path in tracked():
        assert "slicer" not in path.parts[:-1], f"{path}: a folder named slicer shadows Slicer"
        if path.suffix == ".py" and (ROOT / path).exists():
            assert len((ROOT / path).read_text("utf-8").splitlines()) <= 400, path


def test_weights_stay_small():
    for path in tracked():
        if (ROOT / path).exists():
            assert (ROOT / path).stat().st_size <= 10 * 2**20, path
