"""Every name of Slicer, MRML, CTK and Qt that the desktop uses was looked up in their sources.

``slicer_names.json`` says for each name where it is declared: repository, file and line, or "Qt"
or "VTK", whose names are checked here against the installed libraries.
"""

from __future__ import annotations

import ast
import json
import unittest
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6 import QtCore, QtGui, QtWidgets
from S2VNetSlicerLib import logs
from S2VNetSlicerLib.batch.queue import ReviewQueue
from S2VNetSlicerLib.batch.report import Report, Structure
from S2VNetSlicerLib.inference.client import Client
from S2VNetSlicerLib.propagation.records import SliceStatus
from S2VNetSlicerLib.scene.interaction import MarkTool
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.workflow.keyboard import Key
from S2VNetSlicerLib.workflow.presenter import Presenter
from S2VNetSlicerLib.workflow.runs import Runs
from S2VNetSlicerLib.workflow.state import ClassRow, LearnedRow, PropagationRange, State
from S2VNetSlicerLib.workflow.stroke_target import StrokeTargets
from S2VNetSlicerLib.workflow.surfaces import Surfaces
from S2VNetSlicerLib.workflow.user_message import UserMessage
from S2VNetSlicerLib.workflow.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2] / "S2VNetSlicer"
UI = ROOT / "Resources" / "UI" / "S2VNetSlicer.ui"
DESKTOP = sorted((ROOT / "S2VNetSlicerLib" / "desktop").glob("*.py"))
FILES = [*DESKTOP, ROOT / "S2VNetSlicer.py", ROOT / "S2VNetSegmentEditorEffect.py"]
NAMES: dict[str, str] = json.loads(Path(__file__).with_name("slicer_names.json").read_text("utf-8"))
MEMBERS = {name.rsplit(".", 1)[-1] for name in NAMES}
ROOTS = ("qt", "ctk", "slicer", "vtk")
SIGNALLING = (["connect"], ["disconnect"], ["_on"])
PLAIN = {
    name
    for kind in (str, list, dict, Path, np.ndarray, np.random.Generator, unittest.TestCase)
    for name in dir(kind)
}


def chain(node: ast.AST) -> list[str]:
    """["slicer", "util", "loadUI"] of ``slicer.util.loadUI``; else empty."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else []


def own() -> set[str]:
    """What the desktop itself and the workflow below it define."""
    kinds = (
        Client,
        Presenter,
        State,
        ClassRow,
        PropagationRange,
        SliceStatus,
        MarkTool,
        Geometry,
        Key,
    )
    kinds += (ReviewQueue, Report, Structure, LearnedRow, Surfaces)
    kinds += (Workspace, Runs, StrokeTargets, UserMessage)
    found = {name for kind in kinds for name in (*dir(kind), *kind.__annotations__)}
    found |= {
        "state",
        "volumes",
        "negative",
        "erase",
        "colour",
        "client",
        "wanted",
        *("workspace", "session", "runs", "targets", "message", "text"),
        *("live", "across", "node", "mirror", "volume_node"),
    }  # set by their constructors
    found |= {"rows", "failed", "problems", *dir(logs)}
    found |= {e.get("name", "") for e in ElementTree.parse(UI).iter("widget")}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.AnnAssign | ast.Assign):
                left = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
                targets = [t for target in left for t in ast.walk(target)]
                found |= {
                    t.attr
                    for t in targets
                    if isinstance(t, ast.Attribute)
                    and chain(t)[:1] == ["self"]
                    and len(chain(t)) == 2
                } - MEMBERS
                found |= {t.id for t in targets if isinstance(t, ast.Name)}
    return found


def unknown(source: str, ours: set[str]) -> set[str]:
    """The names in ``source`` that are neither ours, Python's, nor listed."""
    wrong = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            path = chain(node)
            dotted = ".".join(path)
            if path and path[0] in ROOTS and not node.attr.startswith("__"):
                if dotted not in NAMES and not any(n.startswith(dotted + ".") for n in NAMES):
                    wrong.add(dotted)
            elif path and path[0] in ("np", "math", "importlib", "json", "tempfile"):
                continue
            elif node.attr not in MEMBERS | ours | PLAIN:
                wrong.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module.split(".")[0] in ROOTS or node.module in ("SampleData",):
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                wrong |= {n for n in names if n not in NAMES and n != "slicer.util"}
        elif isinstance(node, ast.Call) and chain(node.func)[-1:] in SIGNALLING:
            texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
            wrong |= {t for t in texts if isinstance(t, str) and t not in MEMBERS}
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_every_name_was_looked_up(path):
    assert unknown(path.read_text("utf-8"), own()) == set()


@pytest.mark.parametrize(
    "source",
    [
        "qt.QWebView()",
        "slicer.util.noSuchFunction()",
        "slicer.app.layoutManger()",
        "widget.sliceViews()",
        "button.connect('clikced()', f)",
        "from slicer.util import noSuchThing",
        "node.GetImageDate()",
    ],
)
def test_a_wrong_name_is_seen(source):
    assert unknown(source, own())


@pytest.mark.parametrize("name", [n for n, where in NAMES.items() if where == "Qt"])
def test_qt_has_it(name):
    _qt, cls, *member = name.split(".")
    spaces = (QtCore, QtGui, QtWidgets)
    found = next(getattr(space, cls) for space in spaces if hasattr(space, cls))
    if not member:
        return
    if member[0].endswith(")"):
        assert found.staticMetaObject.indexOfSignal(member[0]) >= 0
    elif not hasattr(found, member[0]):
        assert found.staticMetaObject.indexOfProperty(member[0]) >= 0


def test_mrml_and_vtk_have_it():
    slicer = pytest.importorskip("slicer")
    checked = 0
    for name in NAMES:
        cls, _, member = name.removeprefix("slicer.").rpartition(".")
        if cls.startswith("vtk") and hasattr(slicer, cls):
            assert hasattr(getattr(slicer, cls), member), name
            checked += 1
    assert checked > 25


def test_the_ui_file_uses_what_there_is():
    ui = ElementTree.parse(UI)
    for widget in ui.iter("widget"):
        cls = widget.get("class", "")
        for found in [p for kind in ("property", "attribute") for p in widget.findall(kind)]:
            name = found.get("name", "")
            if cls.startswith(("qMRML", "ctk")):
                inherited = hasattr(QtWidgets.QWidget, name) or name == "text"
                assert inherited or f"{cls}.{name}" in NAMES, f"{cls}.{name}"
            elif found.tag == "property":
                meta = getattr(QtWidgets, cls).staticMetaObject
                assert meta.indexOfProperty(name) >= 0, f"{cls}.{name}"
    for connection in ui.iter("connection"):
        assert f"qMRMLWidget.{connection.findtext('signal')}" in NAMES
        assert f"qMRMLNodeComboBox.{connection.findtext('slot')}" in NAMES


def test_drawing_sets_properties_that_exist(host):
    drawing = host.load("S2VNetSlicerLib.desktop.drawing")
    classes = {w.get("name"): w.get("class") for w in ElementTree.parse(UI).iter("widget")}
    for name, properties in drawing.shown(State(), []).items():
        for key in properties:
            base = getattr(QtWidgets, classes[name], QtWidgets.QWidget)
            assert base.staticMetaObject.indexOfProperty(key) >= 0, f"{name}.{key}"
