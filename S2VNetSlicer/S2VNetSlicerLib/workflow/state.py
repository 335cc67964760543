"""What a front end shows: one immutable picture of the work after every change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from ..annotation.slice_status import SliceStatus
from ..annotation.state import Origin

BACKGROUND = ""
"""The "class" of negative marks."""


class PropagationRange(StrEnum):
    """How far a propagation goes from the current slice; up means higher slice numbers."""

    WHOLE = "whole"
    UP = "up"
    DOWN = "down"
    BETWEEN = "between"
    """Between the marked slices on both sides of the current one."""


@dataclass(frozen=True)
class ClassRow:
    """A structure: ``id`` of its segment, ``colour`` (r, g, b) in 0..1, volume in ml.

    ``changed_voxels`` and ``changed_ml`` count what differs from the automatic result that
    ``Presenter.correct`` took up, otherwise 0.
    """

    id: str
    name: str
    colour: tuple[float, float, float]
    locked: bool
    visible: bool
    ml: float
    changed_voxels: int = 0
    changed_ml: float = 0.0
    terminology: str = ""
    """What it is, as Slicer writes it into segments."""


@dataclass(frozen=True)
class LearnedRow:
    """A class of the user's library, learned from so many ``examples``."""

    name: str
    modality: str
    examples: int


@dataclass(frozen=True)
class VolumeRow:
    """A node to choose from: ``id`` of the MRML node."""

    id: str
    name: str


@dataclass(frozen=True, eq=False)
class State:
    """Everything that a front end shows; arrays are not to be written to."""

    volumes: tuple[VolumeRow, ...] = ()
    volume: str | None = None
    segmentations: tuple[VolumeRow, ...] = ()
    segmentation: str | None = None
    modality: str | None = None
    modality_reason: str = ""
    stated_modality: str | None = None
    """What the user said it is; None: it was read or guessed."""
    axis: int | None = None
    """Axis of [k, j, i] along which slices run, once it is fixed."""
    directions: tuple[str, str] = ("", "")
    """Letters (R, L, A, P, S, I) towards which the last and the first slice lie."""
    slices: int = 0
    slice: int = 0
    classes: tuple[ClassRow, ...] = ()
    selected: str = BACKGROUND
    busy: str = ""
    """Empty when idle, else what is done: "Loading", "Encoding", "Propagating", "Finding",
    "Learning", "Tuning"."""
    reading: bool = False
    """Busy only with reading the volume ahead, which every command may interrupt."""
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    confidence: np.ndarray | None = None
    """float32 [slices], 0..1: the lowest of the classes present there; NaN where unknown."""
    slice_status: np.ndarray | None = None
    """uint8 [slices]: 0 untouched, 1 model, 2 marked, 3 accepted."""
    provenance: tuple[tuple[Origin, ...], ...] = ()
    """[slices]: the methods that had a part in each, see ``AnnotationState.provenance``."""
    worst: int | None = None
    """The slice where a mark should help most."""
    predefined: tuple[str, ...] = ()
    """Classes that the weights know, once these are loaded."""
    body_parts: tuple[str, ...] = ()
    """The parts of the body that these are of."""
    learned: tuple[LearnedRow, ...] = ()
    """Classes of the user's library."""
    tuning: str = ""
    """The question whether to keep a fine-tuned class, with its Dice in held-out volumes as learned
    and fine-tuned; ``Presenter.keep_tuning`` answers it. Empty when there is none."""
    question: str = ""
    """What is asked before something goes on; ``Presenter.answer`` answers it. Empty: nothing."""
    can_find: bool = False
    """Whether ``Presenter.find_classes`` can begin now."""
    can_undo: bool = False
    can_redo: bool = False
    environment: str = ""
    message: str = ""
    """The last failure or notice, one sentence."""
    failed: bool = False
    """Whether ``message`` tells a failure."""

    @property
    def idle(self) -> bool:
        """Whether nothing runs that somebody waits for."""
        return not self.busy or self.reading

    @property
    def fingerprint(self) -> tuple[Any, ...]:
        """What is worth saving, and another surface: volume and segmentation come first."""
        status = None if self.slice_status is None else self.slice_status.tobytes()
        sure = None if self.confidence is None else self.confidence.tobytes()
        return self.volume, self.segmentation, self.modality, self.axis, self.classes, status, sure

    @property
    def colour(self) -> tuple[float, float, float] | None:
        """That of the selected class; None for the background."""
        return next((row.colour for row in self.classes if row.id == self.selected), None)

    @property
    def anchored(self) -> bool:
        """Whether any slice is marked or accepted."""
        return self.slice_status is not None and bool(
            (self.slice_status >= SliceStatus.MARKED).any()
        )

    @property
    def can_accept(self) -> bool:
        """Whether the current slice holds something that is not accepted yet."""
        if (
            not self.idle
            or self.slice_status is None
            or not 0 <= self.slice < len(self.slice_status)
        ):
            return False
        return bool(self.slice_status[self.slice] in (SliceStatus.MODEL, SliceStatus.MARKED))

    @property
    def can_export(self) -> bool:
        """Whether there is a result to take away."""
        return self.idle and self.segmentation is not None and bool(self.classes)
