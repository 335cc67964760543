"""What a session is asked and what it answers. Knows no torch: any front end may read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np

from .settings import SessionSettings as SessionSettings

DEVICES = ("auto", "cpu", "cuda", "mps")


class Made(IntEnum):
    """Who made a slice."""

    UNTOUCHED = 0
    MODEL = 1
    MARKED = 2
    ACCEPTED = 3


@dataclass(frozen=True)
class SliceResult:
    """A finished slice: ``labels`` uint8 [rows, columns], ``confidence`` [K] expected Dice."""

    z: int
    labels: np.ndarray
    confidence: np.ndarray


@dataclass(frozen=True)
class Snapshot:
    """Everything of a session that cannot be computed again; arrays are copies.

    ``classes``: predefined class of each structure or -1; ``labels`` uint8 [k, j, i]; ``made``
    uint8 [slices]; ``marks`` uint8 [rows, columns] by slice; ``loaded``: the labels that
    :meth:`Session.load` was given, if any, along the session's axis, with their confidence.
    """

    classes: tuple[int, ...]
    labels: np.ndarray
    made: np.ndarray
    marks: dict[int, np.ndarray] = field(default_factory=dict)
    pending: frozenset[int] = frozenset()
    """Marked slices that :meth:`Session.propagate` has still to carry on."""
    loaded: np.ndarray | None = None
    loaded_confidence: np.ndarray | None = None


def audit_facts(
    axis: int,
    made: np.ndarray,
    card: Mapping[str, Any],
    settings: SessionSettings | None = None,
) -> dict[str, Any]:
    """Who made each slice along ``axis``, with which weights (``card``) and with which settings, as
    far as they are not the default; JSON-able, as it is stored with a result (see
    ``scene.audit``)."""
    how = {"digest": settings.digest(), "changed": settings.changed()} if settings else {}
    return {
        "axis": axis,
        "made": [int(m) for m in made],
        "meaning": {made.value: made.name.lower() for made in Made},
        "model": card.get("name", "unknown"),
        "model_commit": card.get("commit", "unknown"),
        "settings": how,
    }
