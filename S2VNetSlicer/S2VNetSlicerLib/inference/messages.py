"""What front ends ask of the inference process, and what it answers. Knows no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..annotation.state import AnnotationState
from ..library.learned import Orientation
from ..propagation.records import SessionSettings
from ..volumes.volume import Volume
from .blocks import shared

Stopped = Callable[[], bool]
"""Whether a job was told to stop; it asks between two results."""


# ---- what is asked -------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Source:
    """What a session is made from; something else means another session, see :meth:`same`.

    ``image`` [k, j, i], ``spacing`` mm in that order; ``axes``, ``grows``: its anatomy, see
    ``propagation.automatic.AnatomicalOrientation``. ``stamp``: which voxels of which node these
    were.
    """

    image: np.ndarray
    spacing: tuple[float, float, float]
    modality: str
    axis: int
    settings: SessionSettings
    weights: Path | None
    axes: tuple[int, ...] = (2, 1, 0)
    grows: tuple[bool, ...] = (True, True, True)
    stamp: Any = None

    @classmethod
    def of(
        cls,
        volume: Volume,
        spacing: tuple[float, float, float],
        axis: int,
        settings: SessionSettings,
        weights: Path | None,
        lies: Orientation,
        stamp: Any,
    ) -> Source:
        """That of ``volume``, whose voxels are copied, since whoever owns them may change them."""
        array, modality = shared(volume.array, later=True), volume.modality
        where = lies.axes, lies.grows, stamp
        return cls(array, spacing, modality, axis, settings, weights, *where)

    def same(self, other: Source) -> bool:
        """Whether a session of ``other`` can go on as one of this."""
        if other is self:
            return True
        facts = [
            (s.stamp, s.spacing, s.modality, s.axis, s.settings, s.weights, s.axes, s.grows)
            for s in (self, other)
        ]
        return self.stamp is not None and facts[0] == facts[1]


class SessionJob(Protocol):
    """What is done with a session that is up to date, instead of a propagation."""

    def run(
        self, session: Any, model: Any, card: dict[str, Any], stopped: Stopped
    ) -> Iterator[Any]:
        """Yields what comes of it; ``card`` is that of the weights."""
        ...


class ModelJob(Protocol):
    """What needs the network and no session."""

    def run(self, model: Any, card: dict[str, Any], stopped: Stopped) -> Iterator[Any]:
        """Yields what comes of it; ``card`` is that of the weights."""
        ...


class PlainJob(Protocol):
    """What needs neither."""

    def run(self, stopped: Stopped) -> Iterator[Any]:
        """Yields what comes of it."""
        ...


@dataclass(frozen=True, eq=False)
class Task:
    """One run: bring the session up to date, then propagate inside ``first``..``last``.

    ``annotation`` is what the session is to hold. Where it ``follows``, as the last request of the
    same client left it, ``marks`` is enough, those (None: none) of the slices that changed, with
    ``accepted``, the labels of the accepted ones among them. ``locked`` [K].
    ``encode``: only encode, from slice ``first`` on; ``review``: then send the :class:`Review` of a
    run that was stopped. ``refine_across_planes``: then let planes settle it.
    """

    source: Source
    annotation: AnnotationState | None
    follows: bool = False
    marks: dict[int, np.ndarray | None] = field(default_factory=dict)
    accepted: dict[int, np.ndarray] = field(default_factory=dict)
    locked: tuple[bool, ...] = ()
    first: int = 0
    last: int = 0
    encode: bool = False
    review: bool = False
    refine_across_planes: bool = True
    job: SessionJob | None = None
    """Done with the session instead of a propagation."""


@dataclass(frozen=True)
class Load:
    """Only load the network, so that the first session need not wait for it, or for a ``job``."""

    weights: Path | None
    job: ModelJob | None = None


Request = Task | Load | PlainJob


# ---- what is answered ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Phase:
    """What is being done."""

    name: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class Ready:
    """The session is there; ``processor`` in words, ``card`` of the weights, all their ``classes``,
    and those of each of the ``body_parts`` by its name."""

    processor: str
    card: dict[str, Any]
    classes: tuple[str, ...] = ()
    body_parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Timing:
    """Seconds for a slice, measured on this machine; None where not yet known."""

    encoding: float | None = None
    carrying: float | None = None

    @property
    def slice(self) -> float | None:
        """Both; before anything was carried about half as long again as the encoding."""
        if self.encoding is None:
            return self.carrying
        return self.encoding + (self.encoding / 2 if self.carrying is None else self.carrying)


@dataclass(frozen=True)
class Read:
    """All that can be done with the volume before a mark is done."""


@dataclass(frozen=True, eq=False)
class Review:
    """The end of a run: ``confidence`` [slices, K], the slice to look at, whether all was done,
    and ``names`` that the weights have for structures (from 1), if they know them."""

    confidence: np.ndarray
    worst: int | None
    complete: bool
    names: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """The last answer to a request that raised ``error``."""

    error: Exception


# ---- between the client and the server -----------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Begin:
    """Do ``request``, which is called ``number`` from now on."""

    number: int
    request: Request


@dataclass(frozen=True)
class Stop:
    """End ``number`` after its current result, or do not begin it. ``drop``: nobody wants its
    results any longer."""

    number: int
    drop: bool = False


@dataclass(frozen=True)
class Keep:
    """Sessions of all other sources (by their stamps) may go."""

    stamps: frozenset[Any]


@dataclass(frozen=True)
class Drawing:
    """Whether the user draws at the moment: a core is left to the front end then."""

    now: bool


@dataclass(frozen=True, eq=False)
class Result:
    """One of the answers to the request ``number``."""

    number: int
    item: Any


@dataclass(frozen=True)
class End:
    """The request ``number`` is done; ``error``: it failed."""

    number: int
    error: Exception | None = None
