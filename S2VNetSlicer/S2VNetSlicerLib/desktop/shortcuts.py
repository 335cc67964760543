"""The panel's keyboard: documented, with modifiers, installed only while the module is entered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import qt
from slicer.i18n import translate

from ..workflow.keyboard import CONTEXT, KEYS


@dataclass(frozen=True)
class Shortcut:
    """``keys`` as Qt writes them; ``action`` names what the panel does."""

    keys: str
    action: str
    text: str


SHORTCUTS = tuple(
    Shortcut(f"Ctrl+Shift+{key.key}", key.action, translate(CONTEXT, key.text)) for key in KEYS
)
"""None of them is taken by Slicer: Ctrl+Shift+A, T, Space, S and the arrows are."""


def documentation() -> str:
    """The keyboard as an HTML table, for the module's help."""
    rows = "".join(f"<tr><td>{s.keys}</td><td>{s.text}</td></tr>" for s in SHORTCUTS)
    return f"<table>{rows}</table>"


def keys_of(action: str) -> str:
    return next(shortcut.keys for shortcut in SHORTCUTS if shortcut.action == action)


class Shortcuts:
    """Binds :data:`SHORTCUTS` to ``actions`` (by name) while they are installed."""

    def __init__(self, actions: Mapping[str, Callable[[], object]]) -> None:
        self._actions = actions
        self._installed: list[tuple[Any, Callable[[], object]]] = []

    def install(self, window: Any) -> None:
        """Listen in ``window``; without a window (no GUI) there is nothing to listen in."""
        if window is None or self._installed:
            return
        for shortcut in SHORTCUTS:
            made = qt.QShortcut(qt.QKeySequence(shortcut.keys), window)
            action = self._actions[shortcut.action]
            made.connect("activated()", action)
            self._installed.append((made, action))

    def remove(self) -> None:
        for made, action in self._installed:
            made.disconnect("activated()", action)
            made.setParent(None)
            made.deleteLater()
        self._installed.clear()
