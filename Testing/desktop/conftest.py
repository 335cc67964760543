"""The module in its stand-in host; skipped where PySide6 or Slicer's libraries are missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", reason="no PySide6, or no EGL", exc_type=ImportError)
pytest.importorskip("slicer", reason="slicer-core is not installed")
sys.path.insert(0, str(Path(__file__).parent))
from host import Host, settle
from S2VNetSlicerLib.scene.application import HeadlessApplication
from session_steps import ORIGIN, SPACING, ball, choose

_APPLICATIONS: list[HeadlessApplication] = []


@pytest.fixture
def host(monkeypatch):
    # VTK aborts when an application goes before the last node that a failed test still holds.
    _APPLICATIONS.append(HeadlessApplication())
    made = Host(monkeypatch, _APPLICATIONS[-1]._application)
    yield made
    made.close()
    assert made.failures == []


@pytest.fixture
def module(host):
    """The module's widget, set up and entered; cleaned up afterwards."""
    widget = host.load("S2VNetSlicer").S2VNetSlicerWidget()
    widget.setup()
    widget.enter()
    yield widget
    widget.cleanup()
    widget.parent.deleteLater()
    settle()


@pytest.fixture
def weights(tmp_path, save_network, monkeypatch):
    from S2VNetSlicerLib.network import weights

    card = {"name": "tiny"}
    path = save_network(tmp_path / "tiny.safetensors", card, seed=1)
    monkeypatch.setattr(weights, "default_weights", lambda: path)
    return path


@pytest.fixture
def add_volume(host):
    """Adds a volume node with a bright ball around the origin."""

    def add(name="head"):
        import slicer.util

        node = host.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)
        slicer.util.updateVolumeFromArray(node, ball()[0])
        node.SetSpacing(SPACING)
        node.SetOrigin(ORIGIN)
        node.CreateDefaultDisplayNodes()
        return node

    return add


@pytest.fixture
def ticked(host, weights, monkeypatch, request):
    """The module with the small network: one slice every tick, and the tests tick."""
    logic = host.load("S2VNetSlicer").S2VNetSlicerLogic
    plain = logic.presenter
    monkeypatch.setattr(logic, "presenter", lambda self: plain(self, True))
    widget = request.getfixturevalue("module")
    widget.panel._timer.stop()
    return widget


@pytest.fixture
def session(add_volume, request):
    """``ticked`` with a chosen volume, a class, and the mark tool on."""
    add_volume()
    widget = request.getfixturevalue("ticked")
    choose(widget)
    return widget
