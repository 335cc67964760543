"""The interactive protocol by round, on any nnU-Net raw data set, with our session.

One simulated annotator (``annotator``) marks one slice, looks at the result, marks the most wrong
slice, and so on. The marks are those of the public interactive benchmark, so that results compare
with those of other methods there.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..library.learned import Orientation
from ..network.model import S2VNet
from ..propagation.records import SessionSettings
from ..propagation.session import Session
from .annotator import correction, first_marks, first_slice, slice_axis, tasks
from .cases import Labelled
from .metrics import TOLERANCE, Score, score


@dataclass(frozen=True)
class Round:
    """After one round of marks: the marked slice, marked voxels until now, a score for each
    structure, whether the result obeys every mark, and the seconds it took."""

    z: int
    marked: int
    scores: tuple[Score, ...]
    obeyed: bool
    seconds: float

    @property
    def dice(self) -> float:
        """Mean over the structures."""
        return float(np.mean([found.dice for found in self.scores]))


@dataclass(frozen=True)
class Task:
    """The rounds of one task; ``prepare`` seconds to encode the volume. Fewer rounds than asked
    for: nothing was left to correct, the last one holds for the rest."""

    case: str
    structures: tuple[str, ...]
    prepare: float
    rounds: tuple[Round, ...]

    def after(self, number: int) -> Round:
        """The state after round ``number``, counted from 1."""
        return self.rounds[min(number, len(self.rounds)) - 1]


def run_case(
    model: S2VNet,
    case: Labelled,
    classes: Mapping[int, str],
    *,
    rounds: int = 5,
    together: int = 1,
    most: int = 12,
    tolerance: float = TOLERANCE,
    settings: SessionSettings | None = None,
    card: Mapping[str, Any] | None = None,
) -> Iterator[Task]:
    """Yields the tasks of a case, largest structures first; see ``annotator.tasks``.

    ``together``: structures at once. ``card``: that of the weights, for what they know by name.
    Raises UserError as ``Labelled.volume``.
    """
    volume = case.volume()
    labels, geometry = case.reference(volume)
    labels = np.where(labels == case.ignored, 0, labels)
    spacing = geometry.spacing
    axis = slice_axis(spacing)
    whole = np.moveaxis(labels, axis, 0)
    for group in tasks(whole, together, most):
        truth = np.zeros(whole.shape, np.uint8)
        for k, number in enumerate(group, 1):
            truth[whole == number] = k
        # As in the public benchmark: marks depend on the case and the group alone.
        rng = np.random.default_rng(zlib.crc32(f"{case.name}{group}".encode()))
        names = tuple(classes.get(number, str(number)) for number in group)
        began = time.perf_counter()
        session = Session(
            model, volume.array, spacing, volume.modality, len(group), axis=axis, settings=settings
        )
        try:
            lies = Orientation.of(geometry.ijk_to_ras)
            for _ in (*session.encode(), *session.recognise(card or {}, lies.axes, lies.grows)):
                pass
            prepare = time.perf_counter() - began
            found = _run(session, truth, spacing, rounds, tolerance, rng)
        finally:
            session.close()
        yield Task(case.name, names, prepare, tuple(found))


def _run(
    session: Session,
    truth: np.ndarray,
    spacing: tuple[float, float, float],
    rounds: int,
    tolerance: float,
    rng: np.random.Generator,
) -> list[Round]:
    """The rounds of one task; ``truth`` has slices first, ``spacing`` is that of the volume."""
    count, axis = session.structures, session.axis
    labels = np.moveaxis(session.labels, axis, 0)
    rows, columns = (s for n, s in enumerate(spacing) if n != axis)
    along = (spacing[axis], rows, columns)
    marks = np.zeros(truth.shape, np.uint8)
    z = first_slice(truth, count)
    drawn = first_marks(rng, truth, z, count)
    found: list[Round] = []
    while len(found) < rounds and drawn.any():
        marks[z][drawn > 0] = drawn[drawn > 0]
        began = time.perf_counter()
        session.mark(z, drawn)
        for _ in (*session.propagate(), *session.refine_across_planes()):
            pass
        seconds = time.perf_counter() - began
        scores = tuple(
            score(labels == k, truth == k, along, tolerance) for k in range(1, count + 1)
        )
        obeyed = bool((labels[marks > 0] == marks[marks > 0] - 1).all())
        found.append(Round(z, int((marks > 0).sum()), scores, obeyed, seconds))
        z, drawn = correction(rng, truth, labels, marks, count)
    return found
