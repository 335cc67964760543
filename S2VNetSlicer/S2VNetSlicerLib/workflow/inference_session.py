"""The session that the inference process holds for a front end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..annotation.state import MODEL, AnnotationState, Origin
from ..inference.client import Client
from ..inference.messages import Ready, Source, Task, Timing
from ..library.learned import Orientation
from ..propagation.records import SessionSettings
from ..volumes.geometry import Geometry
from ..volumes.volume import Volume


class InferenceSession:
    """What the session is made from, what it knows of the annotation by now, and what its process
    told of itself: ``card`` and ``predefined`` classes of its weights, and those of each of its
    ``body_parts``, once these are loaded, ``processor`` and ``timing``."""

    def __init__(self, client: Client, device: str, weights: Path | None) -> None:
        self.client, self.weights = client, weights
        self.settings = SessionSettings(device=device)
        self.card: dict[str, Any] = {}
        self.predefined: tuple[str, ...] = ()
        self.body_parts: Mapping[str, tuple[str, ...]] = {}
        self.processor, self.timing = "", Timing()
        self.outdated: set[int] = set()
        """Slices whose marks are no longer those of the session."""
        self.follows = False
        """Whether it needs only these to be up to date; else what it tells does not hold."""
        self._source: Source | None = None

    @property
    def origin(self) -> Origin:
        """What slices of the weights in use are said to come from."""
        return MODEL, str(self.card.get("name", "unknown"))

    @property
    def slices(self) -> int:
        """How many slices the session has that is there or being made; 0 without one."""
        return self._source.image.shape[self._source.axis] if self._source is not None else 0

    def use(self, settings: SessionSettings) -> None:
        """Compute with other ``settings`` from now on."""
        self.settings, self._source = settings, None
        self.processor, self.timing = "", Timing()

    def forget(self) -> bool:
        """The next run needs another session; whether there was one."""
        had, self._source = self._source is not None, None
        return had

    def invalidate(self) -> None:
        """The session must be brought up to date as a whole."""
        self.follows = False
        self.outdated.clear()

    def changed(self, slices: Iterable[int]) -> None:
        """The marks of these slices are no longer those of the session."""
        self.outdated |= set(slices)

    def source(self, volume: Volume, grid: Geometry, axis: int, stamp: Any) -> Source:
        """The source with slices along ``axis``, the one in use where it is the same.

        ``grid``: where the voxels are in the world; ``stamp``: which voxels they are.
        """
        used = self._source
        same = used is not None and np.allclose(used.spacing, grid.spacing, rtol=1e-4)
        if used is None or not same or used.axis != axis:
            chosen = axis, self.settings, self.weights, Orientation.of(grid.ijk_to_ras), stamp
            used = Source.of(volume, grid.spacing, *chosen)
            self._source, self.timing = used, Timing()
            self.invalidate()
        return used

    def due(self, annotation: AnnotationState) -> set[int]:
        """Slices that a run begins with."""
        return annotation.pending if self.follows else set(annotation.anchors)

    def task(self, annotation: AnnotationState, source: Source, **how: Any) -> Task:
        """What brings the session up to date, then runs as :class:`Task` says."""
        slices = sorted(self.outdated) if self.follows else []
        accepted = {z: annotation.slice(z).copy() for z in slices if annotation.accepted(z)}
        marks = {z: annotation.marks.get(z) for z in slices}
        locked = tuple(s.id in annotation.locked for s in annotation.structures)
        return Task(source, annotation, self.follows, marks, accepted, locked, **how)

    def followed(self) -> None:
        """The session was brought up to date."""
        self.follows, self.outdated = True, set()

    def take(self, item: Any) -> None:
        """What the process tells of itself."""
        if isinstance(item, Ready):
            self.processor, self.card = item.processor, item.card
            self.predefined, self.body_parts = item.classes, item.body_parts
        elif isinstance(item, Timing):
            self.timing = item
