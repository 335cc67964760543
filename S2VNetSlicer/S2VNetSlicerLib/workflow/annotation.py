"""What the user and the model have said so far; knows no MRML and no network.

The main thread's own copy: the scene is written from it and the session follows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import UserError
from ..propagation.labelling import keep_locked, obey
from ..propagation.records import Made, Snapshot
from ..propagation.review import expected_errors, next_slice

MOST_CLASSES = 254
_FEW = 8
"""Up to so many classes it is faster to count them one by one."""


@dataclass(frozen=True)
class Structure:
    """A class: the ID of its segment, and what makes the segment anew after an undo."""

    id: str
    name: str
    colour: tuple[float, float, float]
    terminology: str = ""
    """What it is, as Slicer writes it into the segment; empty: Slicer's default."""


class Annotation:
    """Labels, marks and provenance of a volume of ``shape`` [k, j, i], slices along ``axis``.

    Labels are uint8: 0 background, n the n-th of ``structures``. Marks of a slice are uint8
    [rows, columns]: 0 unmarked, 1 background, n + 1 the n-th structure. ``changing`` is called
    with each slice before it changes.
    """

    def __init__(
        self, shape: tuple[int, int, int], axis: int, structures: Sequence[Structure] = ()
    ) -> None:
        self.axis, self.structures = axis, list(structures)
        self.labels = np.zeros(shape, np.uint8)
        self.marks: dict[int, np.ndarray] = {}
        self.made = np.zeros(self.slices, np.uint8)
        self.confidence = np.full(self.slices, np.nan, np.float32)
        self.pending: set[int] = set()
        """Marked slices that no finished propagation has carried on."""
        self.locked: set[str] = set()
        self.loaded: np.ndarray | None = None
        """The automatic result [k, j, i] that is corrected."""
        self.changing: Callable[[int | None], None] = lambda z: None
        self._counts: dict[int, np.ndarray] = {}

    # ---- reading -------------------------------------------------------------------------------

    @property
    def slices(self) -> int:
        return self.labels.shape[self.axis]

    @property
    def anchors(self) -> list[int]:
        """The slices that the user marked or accepted."""
        return sorted(set(self.marks) | set(np.flatnonzero(self.made == Made.ACCEPTED).tolist()))

    def slice(self, z: int) -> np.ndarray:
        """Labels of slice ``z``, a view."""
        return np.moveaxis(self.labels, self.axis, 0)[z]

    def number(self, id: str) -> int:
        """Label of the class ``id``; UserError when there is none."""
        for n, structure in enumerate(self.structures, 1):
            if structure.id == id:
                return n
        raise UserError("That class is no longer there: choose another one.")

    def marks_volume(self) -> np.ndarray:
        """All marks, uint8 [k, j, i]."""
        volume = np.zeros(self.labels.shape, np.uint8)
        for z, marks in self.marks.items():
            np.moveaxis(volume, self.axis, 0)[z] = marks
        return volume

    def voxels(self) -> tuple[np.ndarray, np.ndarray]:
        """Voxels of each class, and how many differ from the loaded result, [K] each."""
        width = len(self.structures)
        for z in range(self.slices):
            if z not in self._counts or self._counts[z].shape[1] != width:
                self._counts[z] = self._count(z)
        total = np.sum([*self._counts.values(), np.zeros((2, width), np.int64)], axis=0)
        return total[0], total[1]

    def weakest(self) -> int | None:
        """The slice to annotate next, as far as the lowest expected Dice of each slice tells; no
        accepted one."""
        sure = np.where(self.made == Made.ACCEPTED, 1, self.confidence)
        confidence = np.tile(sure[:, None], len(self.structures))
        errors = expected_errors(np.moveaxis(self.labels, self.axis, 0), confidence)
        return next_slice(errors, self.made)

    def _count(self, z: int) -> np.ndarray:
        labels, width = self.slice(z), len(self.structures)
        counts = np.zeros((2, width), np.int64)
        if width <= _FEW:
            counts[0] = [np.count_nonzero(labels == n) for n in range(1, width + 1)]
        else:
            counts[0] = np.bincount(labels.ravel(), minlength=width + 1)[1:]
        if self.loaded is not None:
            loaded = np.moveaxis(self.loaded, self.axis, 0)[z]
            differ = labels != loaded
            for part in (labels[differ], loaded[differ]):
                counts[1] += np.bincount(part, minlength=width + 1)[1:]
        return counts

    # ---- changing ------------------------------------------------------------------------------

    def check_room(self, more: int = 1) -> None:
        """Raise UserError when there is no room for ``more`` classes."""
        if len(self.structures) + more > MOST_CLASSES:
            raise UserError(f"At most {MOST_CLASSES} classes are possible: remove some first.")

    def remove_structure(self, id: str) -> set[int]:
        """Forget a class with its voxels and marks; returns the slices that changed.

        The history's step must have begun with "structures" and "loaded".
        """
        n = self.number(id)
        self.changing(None)
        table = np.arange(256, dtype=np.uint8)
        table[n], table[n + 1 :] = 0, np.arange(n, 255)
        seeds = np.append(np.uint8(0), table[:-1] + np.uint8(1))
        seeds[n + 1] = 0
        changed = set()
        for z in range(self.slices):
            marks = self.marks.get(z)
            if (self.slice(z) >= n).any() or (marks is not None and (marks > n).any()):
                self.changing(z)
                self.put(z, table[self.slice(z)], None if marks is None else seeds[marks])
                changed.add(z)
                if marks is not None and z not in self.marks and self.made[z] == Made.MARKED:
                    self.made[z] = Made.MODEL
        if self.loaded is not None:
            self.loaded = table[self.loaded]
        self.structures = [s for s in self.structures if s.id != id]
        self.locked.discard(id)
        self._counts.clear()
        self.pending &= set(self.anchors)
        return changed

    def set_axis(self, axis: int) -> None:
        """Slices run along ``axis`` from now on; marks stay, acceptances do not.

        The history's step must have begun with "axis" and "marks".
        """
        self.changing(None)
        marks = np.moveaxis(self.marks_volume(), axis, 0)
        self.axis = axis
        self.marks = {z: marks[z].copy() for z in np.flatnonzero(marks.any((1, 2))).tolist()}
        there = np.moveaxis(self.labels, axis, 0).any((1, 2)) | (self.loaded is not None)
        self.made = np.where(there, Made.MODEL, Made.UNTOUCHED).astype(np.uint8)
        self.made[list(self.marks)] = Made.MARKED
        self.confidence = np.full(self.slices, np.nan, np.float32)
        self.pending = set(self.marks)
        self._counts.clear()

    def mark(self, z: int, where: np.ndarray, value: int | np.ndarray) -> bool:
        """Make the marks of slice ``z`` equal to ``value`` (0: none) where ``where`` is true.

        In an accepted slice the labels follow at once, and it stays accepted. Returns whether
        anything changed.
        """
        before = self.marks.get(z)
        old = np.zeros(where.shape, np.uint8) if before is None else before
        marks = old.copy()
        marks[where] = value
        if np.array_equal(marks, old):
            return False
        self.changing(z)
        erased = bool(((old > 0) & (marks == 0)).any())
        if marks.any():
            self.marks[z] = marks
        else:
            self.marks.pop(z, None)
        if self.made[z] == Made.ACCEPTED:
            obey(self.slice(z), self.marks.get(z))
            self._counts.pop(z, None)
        else:
            self.made[z] = Made.MARKED if z in self.marks else Made.MODEL
        self.pending = set(self.anchors) if erased else self.pending | {z}
        return True

    def edit(self, z: int, labels: np.ndarray) -> None:
        """The user changed the labels of slice ``z`` by hand; the changes are marks as well."""
        differ = labels != self.slice(z)
        accepted = self.made[z] == Made.ACCEPTED
        self.mark(z, differ, labels[differ] + np.uint8(1))
        self.changing(z)
        self.slice(z)[...] = labels
        self.made[z] = Made.ACCEPTED if accepted else Made.MARKED
        self.pending.add(z)
        self._counts.pop(z, None)

    def accept(self, z: int) -> None:
        """Slice ``z`` is right as it is."""
        self.changing(z)
        obey(self.slice(z), self.marks.get(z))
        self.made[z], self.confidence[z] = Made.ACCEPTED, 1
        self.pending.add(z)
        self._counts.pop(z, None)

    def write(self, z: int, labels: np.ndarray, confidence: np.ndarray) -> bool:
        """Take ``labels`` of the model for slice ``z``; returns whether the slice changed.

        Marks are obeyed, accepted slices and locked classes stay. ``confidence`` [K].
        """
        if self.made[z] == Made.ACCEPTED:
            return False
        old = self.slice(z)
        locked = [n for n, s in enumerate(self.structures, 1) if s.id in self.locked]
        labels = obey(keep_locked(labels.copy(), old, locked), self.marks.get(z))
        changed = not np.array_equal(labels, old)
        if changed or self.made[z] == Made.UNTOUCHED:
            self.changing(z)
        if changed:
            old[...] = labels
            self._counts.pop(z, None)
        self.made[z] = max(self.made[z], Made.MODEL)
        self.confidence[z] = lowest(confidence, labels)
        return changed

    def put(self, z: int, labels: np.ndarray | None, marks: np.ndarray | None) -> None:
        """Set labels and marks of slice ``z`` and nothing else (None: none)."""
        self.slice(z)[...] = 0 if labels is None else labels
        if marks is None or not marks.any():
            self.marks.pop(z, None)
        else:
            self.marks[z] = marks
        self._counts.pop(z, None)

    def recount(self) -> None:
        """Every slice may have changed."""
        self._counts.clear()

    # ---- for the session -----------------------------------------------------------------------

    def session_marks(self, z: int) -> np.ndarray:
        """Marks of slice ``z`` as the session has them: an accepted slice is marked all over."""
        if self.made[z] == Made.ACCEPTED:
            return self.slice(z) + np.uint8(1)
        marks = self.marks.get(z)
        return np.zeros(self.slice(z).shape, np.uint8) if marks is None else marks.copy()

    def snapshot(self) -> Snapshot:
        """Everything, as :meth:`Session.restore` takes it."""
        loaded = None
        if self.loaded is not None:
            loaded = np.moveaxis(self.loaded, self.axis, 0).copy()
        return Snapshot(
            (-1,) * len(self.structures),
            self.labels.copy(),
            self.made.copy(),
            {z: self.session_marks(z) for z in self.anchors},
            frozenset(self.pending),
            loaded,
        )

    def reach(self, first: int, last: int, dirty: Iterable[int] | None = None) -> set[int]:
        """Slices that a propagation inside ``first``..``last`` may change."""
        anchors = self.anchors
        found: set[int] = set()
        for z in self.pending if dirty is None else dirty:
            below = max((a for a in anchors if a < z), default=-1)
            above = min((a for a in anchors if a > z), default=self.slices)
            found |= {z} | set(range(max(below + 1, first), min(above, last + 1)))
        return found


def lowest(confidence: np.ndarray, labels: np.ndarray) -> float:
    """The lowest expected Dice [K] of the classes in ``labels``; NaN where there is none."""
    known = [
        float(value)
        for n, value in enumerate(confidence, 1)
        if not np.isnan(value) and (labels == n).any()
    ]
    return min(known, default=float("nan"))
