"""What a session is asked and what it answers. Knows no torch: any front end may read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np

DEVICES = ("auto", "cpu", "cuda", "mps")


class Made(IntEnum):
    """Who made a slice."""

    UNTOUCHED = 0
    MODEL = 1
    MARKED = 2
    ACCEPTED = 3


@dataclass(frozen=True)
class SessionSettings:
    """Bounds and thresholds of a session."""

    device: str = "auto"
    feature_bytes: int = 1_000_000_000
    """Features beyond this are kept on disk."""
    absent_below: float = 0.5
    """A class with a lower presence score (0..1) has no mask in a slice."""
    patience: int | None = 3
    """A run ends after so many slices without any class."""
    growth: float | None = 1.0
    """From one slice to the next a mask grows by so many mm per mm at most (None: anywhere)."""
    pace: float = 3.0
    """Runs go so many mm at a time where slices are thinner; what lies between is blended."""
    recognise: bool = True
    """Whether a mark in a structure that the weights know by name finds all of it."""
    cross: bool = True
    """Whether planes across the slices settle what runs made of them."""
    trust: int = 10
    """A correction reaches so many slices into a loaded result, and fades on the way."""


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


def audit_facts(axis: int, made: np.ndarray, card: Mapping[str, Any]) -> dict[str, Any]:
    """Who made each slice along ``axis`` and with which weights (``card``), JSON-able, as it is
    stored with a result (see ``scene.audit``)."""
    return {
        "axis": axis,
        "made": [int(m) for m in made],
        "meaning": {made.value: made.name.lower() for made in Made},
        "model": card.get("name", "unknown"),
        "model_commit": card.get("commit", "unknown"),
    }
