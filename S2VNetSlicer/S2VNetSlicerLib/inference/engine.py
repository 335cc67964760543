"""The sessions: made when needed, brought up to date, run. The only place that knows torch."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import logs
from .messages import (
    Load,
    Phase,
    Read,
    Ready,
    Request,
    Review,
    Source,
    Stopped,
    Task,
    Timing,
)


@dataclass(eq=False)
class _Open:
    """A session and what is told to everybody who uses it."""

    session: Any
    weights: Path | None
    ready: Ready
    timing: Timing = field(default_factory=Timing)
    complete: bool | None = None
    """Whether the last run did all, where no :class:`Review` told yet."""


class Engine:
    """Holds the networks, and a session for each source; does one job at a time."""

    def __init__(self) -> None:
        self._models: dict[Path | None, tuple[Any, dict[str, Any]]] = {}
        self._open: dict[Any, _Open] = {}

    def run(self, request: Request, stopped: Stopped) -> Iterator[Any]:
        """Do it; yields what ``messages`` says. ``stopped`` is asked between two results."""
        if isinstance(request, Task):
            yield from self._session_work(request, stopped)
        elif isinstance(request, Load):
            yield Phase("Loading")
            model, card = self._load(request.weights)
            if request.job is not None and not stopped():
                yield from request.job.run(model, card, stopped)
        else:
            yield from request.run(stopped)

    def keep(self, stamps: Collection[Any]) -> None:
        """Free memory and files of all sessions whose source has none of these stamps."""
        for stamp in [s for s in self._open if s not in stamps]:
            self._drop(stamp)

    def session(self, stamp: Any) -> Any:
        """The session of the source with this stamp; None: there is none."""
        return self._open[stamp].session if stamp in self._open else None

    def _session_work(self, task: Task, stopped: Stopped) -> Iterator[Any]:
        stamp = task.source.stamp
        try:
            if stamp not in self._open:
                yield Phase("Loading")
                self._open[stamp] = self._opened(task.source)
            work = self._open[stamp]
            # Every time: who asked for the session may have taken nothing from it.
            yield work.ready
            yield work.timing
            self._follow(work.session, task)
            if stopped():
                return
            if task.job is not None:
                yield from task.job.run(work.session, *self._models[work.weights], stopped)
                return
            if task.encode or not work.session.volume.features.there.any():
                yield from self._encode(work, task, stopped)
            if not task.encode:
                yield from self._propagate(work, task, stopped)
        except Exception:  # a session that failed is not used again
            self._drop(stamp)
            raise

    def _drop(self, stamp: Any) -> None:
        work = self._open.pop(stamp, None)
        if work is not None:
            work.session.close()

    def _opened(self, source: Source) -> _Open:
        from ..network.weights import classes_by_part
        from ..propagation.session import Session

        model, card = self._load(source.weights)
        session = Session(
            model,
            source.image,
            source.spacing,
            source.modality,
            1,
            axis=source.axis,
            settings=source.settings,
        )
        parts = classes_by_part(model, card)
        ready = Ready(processor(session.volume.device), card, model.classes, parts)
        return _Open(session, source.weights, ready)

    def _load(self, weights: Path | None) -> tuple[Any, dict[str, Any]]:
        from ..network.weights import load_model

        if weights not in self._models:
            model, card = load_model(weights)
            self._models[weights] = model.fuse(), card
        return self._models[weights]

    def _follow(self, session: Any, task: Task) -> None:
        if task.annotation is not None:
            session.restore(task.annotation)
        for z, marks in task.marks.items():
            _follow_slice(session, z, marks, task.accepted.get(z))
        for n, locked in enumerate(task.locked, 1):
            session.lock(n, locked)

    def _encode(self, work: _Open, task: Task, stopped: Stopped) -> Iterator[Any]:
        """All slices, and what they show of the predefined classes; or, of a volume of which none
        is encoded yet, the first batch, timed."""
        session, before = work.session, int(work.session.volume.features.there.sum())
        if task.encode and before < session.slices:
            yield Phase("Encoding", before, session.slices)
        began = time.perf_counter()
        near = min(
            (*task.marks, *session.state.anchors),
            default=task.first,
            key=lambda z: abs(z - task.first),
        )
        for done in session.encode(near):
            if done > before and work.timing.encoding is None:
                seconds = (time.perf_counter() - began) / (done - before)
                work.timing = replace(work.timing, encoding=seconds)
                yield work.timing
            if task.encode:
                yield Phase("Encoding", done, session.slices)
            if stopped() or not task.encode:
                return
        if task.encode:  # how long the rest takes is not known
            yield Phase("Encoding")
        card = self._models[work.weights][1]
        for _ in session.recognise(card, task.source.axes, task.source.grows):
            if stopped():
                return
        yield Read()
        if task.review:
            yield from self._review(work, stopped)

    def _propagate(self, work: _Open, task: Task, stopped: Stopped) -> Iterator[Any]:
        session = work.session
        yield Phase("Propagating")
        began, encoded = time.perf_counter(), session.volume.features.encoded
        count, complete = 0, True
        for result in session.propagate(task.first, task.last):
            count += 1
            yield result
            complete = not stopped()
            if not complete:
                break
        if count > 2 and work.timing.encoding is not None:  # one slice takes longer than most
            spent = time.perf_counter() - began
            spent -= work.timing.encoding * (session.volume.features.encoded - encoded)
            work.timing = replace(work.timing, carrying=max(spent, 0) / count)
            yield work.timing
        propagated = time.perf_counter()
        if complete and task.refine_across_planes:
            yield Phase("Crossing")
            for crossed in session.refine_across_planes(task.first, task.last):
                if crossed is not None:
                    yield crossed
                if stopped():
                    break
        self._log(work, task, count, propagated - began, time.perf_counter() - propagated)
        work.complete = complete and (task.first, task.last) == (0, session.slices - 1)
        yield from self._review(work, stopped)

    def _review(self, work: _Open, stopped: Stopped) -> Iterator[Review]:
        """The end of the last run, if nobody told. Whoever stops a run waits for its end, and this
        takes a second in a large volume: then it comes when the volume is read ahead again."""
        session, complete, found = work.session, work.complete, []
        if complete is None:
            return
        for z in range(session.slices):
            if stopped():
                return
            found.append(session.runner.confidence(z))
        confidence = np.stack(found)
        worst = session.suggest_next_slice(confidence)
        work.complete = None
        yield Review(confidence, worst, complete, session.runner.names)

    def _log(self, work: _Open, task: Task, slices: int, propagation: float, planes: float) -> None:
        """One line about a run."""
        source, session = task.source, work.session
        logs.run(
            "propagate",
            weights=work.ready.card.get("name"),
            device=processor(session.volume.device),
            shape=source.image.shape,
            spacing=[round(mm, 4) for mm in source.spacing],
            modality=source.modality,
            axis=source.axis,
            structures=session.structures,
            marked=len(session.state.anchors),
            slices=slices,
            seconds={"propagation": round(propagation, 2), "planes": round(planes, 2)},
            recognised=list(session.runner.names.values()),
        )


def _follow_slice(
    session: Any, z: int, marks: np.ndarray | None, accepted: np.ndarray | None
) -> None:
    """Slice ``z`` has become as another state has it: its marks (None: none) are ``marks``, and it
    was accepted with the labels ``accepted``, if these are given."""
    had = session.state.marks.get(z)
    wanted = np.zeros(session.state.slice(z).shape, np.uint8) if marks is None else marks
    if accepted is not None:
        session.state.put(z, accepted, wanted)
        session.accept(z)
        return
    if had is not None:
        session.unmark(z, (had > 0) & (wanted == 0))
        had = session.state.marks.get(z)
    if wanted.any() and (had is None or not np.array_equal(had, wanted)):
        session.mark(z, wanted)


def processor(device: Any) -> str:
    """A torch device in words."""
    import torch

    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} (CUDA)"
    if device.type == "mps":
        return "Apple GPU (MPS)"
    threads = torch.get_num_threads()
    return f"CPU ({threads} thread{'s' * (threads > 1)})"
