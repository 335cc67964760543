"""The keyboard: what is documented is installed, only while the module is entered."""

from __future__ import annotations

import pytest
from PySide6 import QtCore, QtGui, QtTest

TAKEN = {f"Ctrl+Shift+{key}" for key in ("A", "T", "S", "Space", "Down", "Left", "Right", "Z")}
"""By Slicer: Markups, Sequences, its script repository, and redo."""


def installed(host):
    return [
        QtGui.QShortcut.key(found).toString()
        for found in host.main_window.findChildren(QtGui.QShortcut)
    ]


def documented(host):
    module = host.load("S2VNetSlicerLib.desktop.shortcuts")
    return [QtGui.QKeySequence(s.keys).toString() for s in module.SHORTCUTS]


def test_documented_is_installed_and_exit_removes(host, module):
    assert installed(host) == documented(host)
    module.exit()
    assert installed(host) == []
    module.enter()
    module.enter()
    assert installed(host) == documented(host), "entering twice installs once"
    module.cleanup()
    assert installed(host) == []
    module.setup()  # for the fixture's own end


def test_keys_are_our_own(host):
    keys = documented(host)
    assert len(set(keys)) == len(keys)
    assert not set(keys) & TAKEN
    for key in keys:
        assert key.startswith("Ctrl+Shift+"), "never a single letter"


def test_the_help_names_every_key(host):
    help_text = host.load("S2VNetSlicer").help_text()
    module = host.load("S2VNetSlicerLib.desktop.shortcuts")
    for shortcut in module.SHORTCUTS:
        assert f"<td>{shortcut.keys}</td><td>{shortcut.text}</td>" in help_text


@pytest.mark.parametrize("count", [0, 1])
def test_a_key_acts_once_or_not_at_all(host, count):
    calls = []
    module = host.load("S2VNetSlicerLib.desktop.shortcuts")
    actions = {s.action: (lambda name=s.action: calls.append(name)) for s in module.SHORTCUTS}
    shortcuts = module.Shortcuts(actions)
    shortcuts.install(host.main_window)
    if not count:
        shortcuts.remove()
    host.main_window.show()
    host.main_window.activateWindow()
    assert QtTest.QTest.qWaitForWindowActive(host.main_window)
    held = QtCore.Qt.KeyboardModifier.ControlModifier | QtCore.Qt.KeyboardModifier.ShiftModifier
    QtTest.QTest.keyClick(host.main_window, QtCore.Qt.Key.Key_W, held)
    assert calls == ["worst"] * count
    shortcuts.remove()


def test_without_a_window_there_is_nothing_to_install(host):
    module = host.load("S2VNetSlicerLib.desktop.shortcuts")
    shortcuts = module.Shortcuts({})
    shortcuts.install(None)
    shortcuts.remove()
