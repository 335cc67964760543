"""The keyboard of every front end: one letter an action; each adds the modifiers it needs."""

from __future__ import annotations

from dataclasses import dataclass

CONTEXT = "workflow.keyboard"
"""Where Slicer's translations of the texts are."""


def _(text: str) -> str:
    """Marks a text for translation; who shows it translates it, in :data:`CONTEXT`."""
    return text


@dataclass(frozen=True)
class Key:
    """``key`` as Qt writes it; ``action`` names what the front end does."""

    key: str
    action: str
    text: str


KEYS = (
    Key("M", "mark", _("switch the mark tool on or off")),
    Key("N", "negative", _("marks are background, or the class again")),
    Key("E", "erase", _("strokes erase marks, or mark again")),
    Key("C", "next_class", _("select the next class")),
    Key("U", "undo", _("undo")),
    Key("R", "redo", _("redo")),
    Key("P", "whole", _("propagate through the whole volume")),
    Key("PgUp", "up", _("propagate towards higher slices")),
    Key("PgDown", "down", _("propagate towards lower slices")),
    Key("B", "between", _("propagate between the marked slices around this one")),
    Key("X", "cancel", _("cancel the propagation")),
    Key("W", "worst", _("go to the worst slice")),
    Key("K", "accept", _("accept the slice")),
)
