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
