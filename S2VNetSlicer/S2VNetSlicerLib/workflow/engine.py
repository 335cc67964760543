"""The session on the worker's side: made when needed, brought up to date, run."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import logs
from ..annotation.state import AnnotationState
from ..errors import UserError, out_of_memory
from ..library.learned import Orientation
from ..propagation.records import SessionSettings
from ..volumes.volume import Volume


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
        """That of ``volume``, whose voxels are copied: the node's own memory may go at any time."""
        array, modality = volume.array.copy(), volume.modality
        where = lies.axes, lies.grows, stamp
        return cls(array, spacing, modality, axis, settings, weights, *where)

    def same(self, other: Source | None) -> bool:
        """Whether a session of ``other`` can go on as one of this."""
        if other is None or other is self:
            return other is self
        facts = [
            (s.stamp, s.spacing, s.modality, s.axis, s.settings, s.weights, s.axes, s.grows)
            for s in (self, other)
        ]
        return self.stamp is not None and facts[0] == facts[1]


Job = Callable[[Any, Any, dict[str, Any], Callable[[], bool]], Iterator[Any]]
"""Given the session, the model, the weights' card and whether to stop; yields what comes of it."""
ModelJob = Callable[[Any, dict[str, Any], Callable[[], bool]], Iterator[Any]]
"""A job that needs no session."""


@dataclass(frozen=True, eq=False)
class Task:
    """One run: bring the session up to date, then propagate inside ``first``..``last``.

    ``snapshot`` replaces everything; otherwise ``marks`` holds the marks (None: none) of the
    slices that changed and ``accepted`` the labels of the accepted ones among them. ``locked``
    [K].
    ``encode``: only encode, from slice ``first`` on. ``cross``: then let planes settle it.
    """

    source: Source
    snapshot: AnnotationState | None
    marks: dict[int, np.ndarray | None] = field(default_factory=dict)
    accepted: dict[int, np.ndarray] = field(default_factory=dict)
    locked: tuple[bool, ...] = ()
    first: int = 0
    last: int = 0
    encode: bool = False
    cross: bool = True
    job: Job | None = None
    """Done with the session instead of a propagation."""


@dataclass(frozen=True)
class Phase:
    """What the worker is at."""

    name: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class Ready:
    """The session is there; ``processor`` in words, ``card`` of the weights, their ``classes``."""

    processor: str
    card: dict[str, Any]
    classes: tuple[str, ...] = ()


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


@dataclass(frozen=True, eq=False)
class Review:
    """The end of a run: ``confidence`` [slices, K], the slice to look at, whether all was done,
    and ``names`` that the weights have for structures (from 1), if they know them."""

    confidence: np.ndarray
    worst: int | None
    complete: bool
    names: dict[int, str] = field(default_factory=dict)


class Engine:
    """Holds the model and the session; does one job at a time, also for several presenters."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self._models: dict[Path | None, tuple[Any, dict[str, Any]]] = {}
        self._source: Source | None = None
        self._session: Any = None
        self._ready: Ready | None = None
        self._timing = Timing()
        self.read = False
        """Whether all that can be done with the volume before a mark is done."""

    def run(self, task: Task, stopped: Callable[[], bool]) -> Iterator[Any]:
        """Yields :class:`Phase`, :class:`Ready`, :class:`Timing`, results and a :class:`Review`."""
        with self._busy:  # what was abandoned ends first
            try:
                yield from self._run(task, stopped)
            except Exception:  # a session that failed is not used again
                self._drop()
                raise

    def _run(self, task: Task, stopped: Callable[[], bool]) -> Iterator[Any]:
        if not task.source.same(self._source):
            yield Phase("Loading")
            self._open(task.source)
        # Every time: who started the run that loaded it may have taken nothing from it.
        yield self._ready
        session = self._session
        self._follow(session, task)
        if stopped():
            return
        if task.job is not None:
            yield from task.job(session, *self._models[task.source.weights], stopped)
            return
        if task.encode or not session.features.there.any():
            yield from self._encode(task, stopped)
        if not task.encode:
            yield from self._propagate(task, stopped)

    def load(
        self, weights: Path | None, stopped: Callable[[], bool], job: ModelJob | None = None
    ) -> Iterator[Any]:
        """Only the network, so that the first session need not wait for it, or for a ``job``."""
        yield Phase("Loading")
        model, card = self._load(weights)
        if job is not None and not stopped():
            yield from job(model, card, stopped)

    def release(self, stopped: Callable[[], bool]) -> Iterator[Any]:
        """Free the session's memory and files."""
        with self._busy:
            self._drop()
        yield from ()

    def _drop(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = self._source = None

    def _open(self, source: Source) -> None:
        from ..propagation.session import Session

        self._drop()
        model, card = self._load(source.weights)
        self._session = Session(
            model,
            source.image,
            source.spacing,
            source.modality,
            1,
            axis=source.axis,
            settings=source.settings,
        )
        self._source, self._timing, self.read = source, Timing(), False
        self._ready = Ready(processor(self._session.device), card, model.configuration.classes)

    def _load(self, weights: Path | None) -> tuple[Any, dict[str, Any]]:
        from ..network.weights import load_model

        if weights not in self._models:
            model, card = load_model(weights)
            self._models[weights] = model.fuse(), card
        return self._models[weights]

    def _follow(self, session: Any, task: Task) -> None:
        if task.snapshot is not None:
            session.restore(task.snapshot)
        for z, marks in task.marks.items():
            session.follow(z, marks, task.accepted.get(z))
        for n, locked in enumerate(task.locked, 1):
            session.lock(n, locked)

    def _encode(self, task: Task, stopped: Callable[[], bool]) -> Iterator[Any]:
        """All slices, and what they show of the predefined classes; or, of a volume of which none
        is encoded yet, the first batch, timed."""
        session, before = self._session, int(self._session.features.there.sum())
        if task.encode:
            yield Phase("Encoding", before, session.slices)
        began = time.perf_counter()
        near = min(
            (*task.marks, *session.marks), default=task.first, key=lambda z: abs(z - task.first)
        )
        for done in session.encode(near):
            if done > before and self._timing.encoding is None:
                seconds = (time.perf_counter() - began) / (done - before)
                self._timing = replace(self._timing, encoding=seconds)
                yield self._timing
            if task.encode:
                yield Phase("Encoding", done, session.slices)
            if stopped() or not task.encode:
                return
        card = self._models[task.source.weights][1]
        for _ in session.recognise(card, task.source.axes, task.source.grows):
            if stopped():
                return
        self.read = True

    def _propagate(self, task: Task, stopped: Callable[[], bool]) -> Iterator[Any]:
        session = self._session
        yield Phase("Propagating")
        began, encoded = time.perf_counter(), session.features.encoded
        count, complete = 0, True
        for result in session.propagate(task.first, task.last):
            count += 1
            yield result
            complete = not stopped()
            if not complete:
                break
        if count > 2 and self._timing.encoding is not None:  # one slice takes longer than most
            spent = time.perf_counter() - began
            spent -= self._timing.encoding * (session.features.encoded - encoded)
            self._timing = replace(self._timing, carrying=max(spent, 0) / count)
            yield self._timing
        propagated = time.perf_counter()
        if complete and task.cross:
            yield Phase("Crossing")
            for crossed in session.cross(task.first, task.last):
                if crossed is not None:
                    yield crossed
                if stopped():
                    break
        self._log(task, count, propagated - began, time.perf_counter() - propagated)
        complete = complete and (task.first, task.last) == (0, session.slices - 1)
        confidence = session.confidence
        worst = session.suggest_next_slice(confidence)
        yield Review(confidence, worst, complete, session.names)

    def _log(self, task: Task, slices: int, propagation: float, planes: float) -> None:
        """One line about a run."""
        source, session = task.source, self._session
        logs.run(
            "propagate",
            weights=self._models[source.weights][1].get("name"),
            device=processor(session.device),
            shape=source.image.shape,
            spacing=[round(mm, 4) for mm in source.spacing],
            modality=source.modality,
            axis=source.axis,
            structures=len(session.classes),
            marked=len(session.marks),
            slices=slices,
            seconds={"propagation": round(propagation, 2), "planes": round(planes, 2)},
            recognised=list(session.names.values()),
        )


def processor(device: Any) -> str:
    """A torch device in words."""
    import torch

    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} (CUDA)"
    if device.type == "mps":
        return "Apple GPU (MPS)"
    threads = torch.get_num_threads()
    return f"CPU ({threads} thread{'s' * (threads > 1)})"


def failure(phase: Phase, error: BaseException, processor: str = "") -> str:
    """The sentence that tells the user why ``phase`` ended with ``error`` on ``processor``."""
    if isinstance(error, UserError):
        return str(error)
    step = phase.name or "The work"
    logging.getLogger(__name__).error("%s failed", step, exc_info=error)
    remedy = None
    if out_of_memory(error) and processor and not processor.startswith("CPU"):
        remedy = "Choose the device cpu or take a smaller volume."
    return str(UserError(f"{step} was not finished", error, remedy))
