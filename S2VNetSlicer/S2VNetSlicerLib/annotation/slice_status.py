"""How far a slice is."""

from __future__ import annotations

from enum import IntEnum


class SliceStatus(IntEnum):
    """How far a slice is: no method reached it, a method made it, the user marked or accepted it.

    Which method that was stands in :attr:`AnnotationState.provenance`.
    """

    UNTOUCHED = 0
    MODEL = 1
    MARKED = 2
    ACCEPTED = 3
