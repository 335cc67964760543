"""The house: imports point down only, names and sizes stay within their rules."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "S2VNetSlicer" / "S2VNetSlicerLib"
FILES = sorted(PACKAGE.rglob("*.py"))

ENGINE = {"errors", "logs", "network", "volumes", "propagation", "library", "segmenting"}
BELOW = {
    "errors": set(),
    "logs": {"errors"},
    "network": {"errors"},
    "volumes": {"errors"},
    "propagation": {"errors", "network", "volumes"},
    "library": {"errors", "network", "volumes", "propagation"},
    "segmenting": {"errors", "network", "volumes", "propagation", "library"},
    "training": {"errors", "network", "volumes", "propagation"},
    "scene": {"errors", "network", "volumes", "propagation", "segmenting"},
    "workflow": ENGINE | {"scene"},
    "evaluation": ENGINE,
    "batch": ENGINE | {"scene"},
    "desktop": ENGINE | {"scene", "workflow", "batch"},
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
    "propagation": APPLICATION | {"SimpleITK", "scipy", "skimage"},
    "library": APPLICATION | {"SimpleITK", "scipy", "skimage"},
    "segmenting": APPLICATION | {"SimpleITK", "scipy"},
    "training": APPLICATION,
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


def test_the_rule_sees_what_it_forbids(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.PACKAGE", tmp_path)
    (tmp_path / "network").mkdir()
    wrong = tmp_path / "network" / "wrong.py"
    wrong.write_text(
        "def f():\n    import slicer\n    from ..scene.files import x\n    from . import y\n"
    )
    assert imports(wrong) == {("outside", "slicer"), ("inside", "scene"), ("inside", "network")}


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
