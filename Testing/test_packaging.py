"""The Slicer extension: what is shipped, what is told about it, what it needs."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
MODULE = ROOT / "S2VNetSlicer"
PACKAGE = MODULE / "S2VNetSlicerLib"
RAW = "https://raw.githubusercontent.com/S2VNetSlicer/S2VNetSlicer/main/"
EFFECT = "S2VNetSegmentEditorEffect"


def repository(folder: Path = ROOT) -> list[str]:
    """Every file of the repository below ``folder``, also those not yet committed."""
    listed = subprocess.run(
        ["git", "-C", str(folder), "ls-files", "-coz", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return sorted({name for name in listed.stdout.split("\0") if (folder / name).is_file()})


def cmake(path: Path) -> dict[str, list[str]]:
    """The values of each ``set`` in a CMakeLists.txt; a quoted one is a single value."""
    text = re.sub(r"^\s*#.*$", "", path.read_text(), flags=re.M)
    return {
        name: [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', values)]
        for name, values in re.findall(r'set\((\w+)\s((?:"[^"]*"|[^()"])*)\)', text)
    }


def told(name: str) -> str:
    return cmake(ROOT / "CMakeLists.txt")[f"EXTENSION_{name}"][0]


def s4ext() -> dict[str, str]:
    lines = (ROOT / "S2VNetSlicer.s4ext").read_text().splitlines()
    pairs = (line.partition(" ") for line in lines if line and not line.startswith("#"))
    return {key: value for key, _, value in pairs}


def to_ship() -> dict[str, list[str]]:
    """The lists as they should be in S2VNetSlicer/CMakeLists.txt."""
    files = [name for name in repository(MODULE) if name != "CMakeLists.txt"]
    return {
        f"{part}_PYTHON_{kind}": [
            name
            for name in files
            if (EFFECT in name) == (part == "EFFECT")
            and name.endswith(".py") == (kind == "SCRIPTS")
        ]
        for part in ("MODULE", "EFFECT")
        for kind in ("SCRIPTS", "RESOURCES")
    }


def write_lists(path: Path) -> None:
    text = path.read_text()
    for name, files in to_ship().items():
        block = "".join(f"  {file}\n" for file in files)
        text = re.sub(rf"(set\({name}\n)[^)]*", rf"\g<1>{block}  ", text)
    path.write_text(text)


def test_every_file_is_listed_and_so_shipped():
    listed = cmake(MODULE / "CMakeLists.txt")
    for name, files in to_ship().items():
        assert listed[name] == files, "run: python Testing/test_packaging.py"


def test_the_lists_write_themselves(tmp_path):
    copy = tmp_path / "CMakeLists.txt"
    text = (MODULE / "CMakeLists.txt").read_text()
    copy.write_text(text.replace("  S2VNetSlicerLib/errors.py\n", "  gone.py\n"))
    write_lists(copy)
    assert {name: cmake(copy)[name] for name in to_ship()} == to_ship()
    assert copy.read_text().count("\n  )\n") == text.count("\n  )\n")


def test_the_catalogue_is_told_the_same_everywhere():
    entry = json.loads((ROOT / "S2VNetSlicer.json").read_text())
    flat = s4ext()
    project = re.search(r"^project\((\w+)\)$", (ROOT / "CMakeLists.txt").read_text(), re.M)
    assert project, "CMakeLists.txt names no project"
    assert project[1] == "S2VNetSlicer", "the names of the .json and .s4ext files are the project's"
    assert entry["category"] == flat["category"] == told("CATEGORY")
    assert entry["scm_url"] == flat["scmurl"] == flat["homepage"] == told("HOMEPAGE")
    assert entry["scm_revision"] == flat["scmrevision"] == "main"
    assert entry["build_dependencies"] == flat["depends"].split() == told("DEPENDS").split()
    assert entry["build_subdirectory"] == flat["build_subdirectory"]
    assert str(entry["tier"]) == flat["tier"]
    for key in ("description", "contributors", "iconurl", "screenshoturls"):
        assert flat[key] == told(key.upper())
    assert "\n" not in told("DESCRIPTION")


def test_the_catalogue_entry_follows_its_schema():
    entry = json.loads((ROOT / "S2VNetSlicer.json").read_text())
    assert re.fullmatch(
        r"https://raw\.githubusercontent\.com/Slicer/Slicer/main/Schemas/"
        r"slicer-extension-catalog-entry-schema-v1\.0\.[0-2]\.json#",
        entry["$schema"],
    )
    assert {"$schema", "category", "scm_url"} <= set(entry)
    optional = {"scm_revision", "scm_type", "build_dependencies", "build_subdirectory"}
    optional |= {"enabled", "tier"}
    assert set(entry) <= {"$schema", "category", "scm_url"} | optional
    assert entry["tier"] in range(1, 6)


def test_what_the_addresses_point_to_is_in_the_repository():
    files = repository()
    for address in [told("ICONURL"), *told("SCREENSHOTURLS").split()]:
        assert address.startswith(RAW)
        assert address.removeprefix(RAW) in files


@pytest.mark.parametrize(("name", "sizes"), [("S2VNetSlicer", {128}), (EFFECT, set(range(26, 49)))])
def test_icons_are_square_png(name, sizes):
    data = (MODULE / "Resources" / "Icons" / f"{name}.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    assert width == height
    assert width in sizes


def test_the_licence_has_the_name_that_the_index_looks_for():
    assert "Apache License" in (ROOT / "LICENSE.txt").read_text()


def test_lines_end_with_lf():
    binary = {
        ".png",
        ".safetensors",
        ".nii",
        ".gz",
        ".xz",
        ".nrrd",
        ".npz",
        ".jpg",
        ".webp",
        ".woff2",
    }
    for name in repository():
        if Path(name).suffix not in binary:
            assert b"\r\n" not in (ROOT / name).read_bytes(), name


def statements(tree: ast.AST, everywhere: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports of a file; without ``everywhere`` only those that importing it executes."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        later = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        )
        if everywhere or not later:
            yield from statements(node, everywhere)


def file_of(name: str) -> Path | None:
    """The shipped file of a module ``S2VNetSlicerLib.room.name``."""
    path = MODULE.joinpath(*name.split("."))
    found = [p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()]
    return found[0] if found else None


def imported(path: Path, everywhere: bool) -> set[str]:
    """Full names of the modules that a file imports, and of the names it takes from them."""
    names: set[str] = set()
    package = path.relative_to(MODULE).parts[:-1]
    for node in statements(ast.parse(path.read_text()), everywhere):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
            continue
        above = package[: len(package) - node.level + 1] if node.level else ()
        source = ".".join([*above, *([node.module] if node.module else [])])
        names |= {source} | {f"{source}.{alias.name}" for alias in node.names}
    return names


def reached(roots: list[Path], everywhere: bool) -> set[str]:
    """Packages from outside that ``roots`` and all they import need, the standard library not."""
    waiting, seen, outside = list(roots), set(roots), set()
    while waiting:
        for name in imported(waiting.pop(), everywhere):
            if name.split(".")[0] != PACKAGE.name:
                outside.add(name.split(".")[0])
                continue
            parts = name.split(".")
            for depth in range(1, len(parts) + 1):  # packages run before their modules
                path = file_of(".".join(parts[:depth]))
                if path and path not in seen:
                    seen.add(path)
                    waiting.append(path)
    return outside - set(sys.stdlib_module_names)


def entries() -> list[Path]:
    """What Slicer itself loads: the modules when it starts, the effect's source after that."""
    return [*MODULE.glob("*.py"), *MODULE.glob(f"{EFFECT}Lib/*.py")]


SLICERS = {
    *("slicer", "vtk", "vtkmodules", "qt", "ctk", "numpy", "scipy", "SimpleITK"),
    *("SampleData", "SegmentEditorEffects", "qSlicerSegmentationsEditorEffectsPythonQt"),
}
"""Slicer's Python has them."""
ELSEWHERE = {"torch", "filelock", "trame_slicer"}
"""From the PyTorch extension, filelock with it; only for scenes without Slicer's application."""


def test_requirements_are_what_the_panel_needs_and_slicer_lacks():
    lines = (MODULE / "Resources" / "requirements.txt").read_text().splitlines()
    listed = [Requirement(line) for line in lines if line and not line.startswith("#")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = reached(entries(), everywhere=True) - SLICERS - ELSEWHERE
    assert sorted(requirement.name for requirement in listed) == sorted(needed)
    assert {str(requirement) for requirement in listed} <= set(project["dependencies"])


def test_starting_slicer_imports_no_library():
    """Every module is imported at each start, and before anything was installed."""
    modules = list(MODULE.glob("*.py"))
    assert len(modules) == 2
    assert reached(modules, everywhere=False) == {"slicer"}


@pytest.mark.parametrize("room", ["desktop", "workflow"])
def test_the_panel_opens_before_anything_was_installed(room):
    for path in sorted((PACKAGE / room).glob("*.py")):
        extra = reached([path], everywhere=False) - SLICERS
        assert not extra, f"{path.relative_to(MODULE)}: importing it needs {extra}"


def test_the_rule_sees_imports_through_the_package(tmp_path, monkeypatch):
    for name, text in {
        "main.py": "import Lib.a",
        "Lib/__init__.py": "import heavy",
        "Lib/a.py": "from . import b\ndef f():\n    import late",
        "Lib/b.py": "class B:\n    from .c.d import x\ntry:\n    import os\nfinally:\n    pass",
        "Lib/c/__init__.py": "",
        "Lib/c/d.py": "from ..e import *\nif TYPE_CHECKING:\n    import typed",
        "Lib/e.py": "import far.away",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(f"{__name__}.MODULE", tmp_path)
    monkeypatch.setattr(f"{__name__}.PACKAGE", tmp_path / "Lib")
    main = [tmp_path / "main.py"]
    assert reached(main, everywhere=False) == {"heavy", "far"}
    assert reached(main, everywhere=True) == {"heavy", "far", "late", "typed"}


STUB = """
set(Slicer_USE_FILE ${CMAKE_CURRENT_LIST_DIR}/use.cmake)
set(Slicer_EXTENSION_GENERATE_CONFIG ${CMAKE_CURRENT_LIST_DIR}/empty.cmake)
set(Slicer_EXTENSION_CPACK ${CMAKE_CURRENT_LIST_DIR}/empty.cmake)
"""
USE = """
function(slicerMacroBuildScriptedModule)
  cmake_parse_arguments(A "WITH_GENERIC_TESTS" "NAME" "SCRIPTS;RESOURCES" ${ARGN})
  if(A_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "unknown: ${A_UNPARSED_ARGUMENTS}")
  endif()
  foreach(file ${A_SCRIPTS} ${A_RESOURCES})
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
      message(FATAL_ERROR "missing: ${file}")
    endif()
  endforeach()
  message(STATUS "module ${A_NAME}")
endfunction()
function(slicer_add_python_unittest)
  cmake_parse_arguments(A "" "SCRIPT" "" ${ARGN})
  if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${A_SCRIPT})
    message(FATAL_ERROR "missing: ${A_SCRIPT}")
  endif()
  message(STATUS "test ${A_SCRIPT}")
endfunction()
"""


@pytest.mark.skipif(
    not (shutil.which("cmake") and shutil.which("cc")), reason="no cmake or compiler"
)
def test_cmake_reads_the_lists(tmp_path):
    """With a stand-in for Slicer's build system, which refuses files that do not exist."""
    for name, text in (("SlicerConfig", STUB), ("use", USE), ("empty", "")):
        (tmp_path / f"{name}.cmake").write_text(text)
    options = [f"-DSlicer_DIR={tmp_path}", "-DBUILD_TESTING=ON"]
    run = subprocess.run(
        ["cmake", "-S", ROOT, "-B", tmp_path / "build", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    said = set(re.findall(r"-- ((?:module|test) .*)", run.stdout))
    assert said == {
        "module S2VNetSlicer",
        f"module {EFFECT}",
        "test S2VNetSlicer.py",
        f"test {EFFECT}.py",
        "test S2VNetSlicerPackageTest.py",
    }


def declared() -> set[str]:
    """The distributions that pyproject.toml names for users, not for tests."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    every = [*project["dependencies"], *(r for e in extras if e != "test" for r in extras[e])]
    return {Requirement(text).name.lower() for text in every}


IN_SLICER = {
    "PyTorchUtils",
    "SampleData",
    "SegmentEditorEffects",
    "ctk",
    "qSlicerSegmentationsEditorEffectsPythonQt",
    "qt",
    "slicer",
    "vtk",
    "vtkmodules",
}
"""What comes with the application, and with slicer-core, which trame-slicer[standalone] brings."""


def test_every_package_that_is_imported_is_declared():
    known = packages_distributions()
    missing = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [n.name for n in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in {n.split(".")[0] for n in names} - sys.stdlib_module_names - IN_SLICER:
                if not {d.lower() for d in known.get(name, [name])} & declared():
                    missing[name] = path.name
    assert not missing


def test_the_test_that_runs_in_slicer_runs_here_as_far_as_it_can():
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    run = subprocess.run(
        [sys.executable, "-m", "unittest", "S2VNetSlicerPackageTest"],
        cwd=ROOT / "Testing" / "Python",
        env={**os.environ, "PYTHONPATH": str(MODULE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "OK (skipped=1)" in run.stderr


if __name__ == "__main__":
    write_lists(MODULE / "CMakeLists.txt")
