"""What the user and the methods have said of one volume so far; knows no MRML and no network.

The scene, the session, the history, the journal and a worker all keep this one class; ``codec``
writes and reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import UserError
from .boxed import with_zeros, without_zeros
from .initial import InitialSegmentation
from .next_slice import count, expected_errors, next_slice
from .rules import keep_locked, keep_unmarked, obey
from .slice_status import SliceStatus

MOST_CLASSES = 254


@dataclass(frozen=True)
class Structure:
    """A class: the ID of its segment, and what makes the segment anew after an undo."""

    id: str
    name: str
    colour: tuple[float, float, float] = (0.5, 0.5, 0.5)
    terminology: str = ""
    """What it is, as Slicer writes it into the segment; empty: Slicer's default."""


MODEL, RESULT = "model", "result"
"""The kinds of methods in a provenance: the network, and whatever made an initial segmentation."""
Origin = tuple[str, str]
"""(kind, name) of a method that had a part in a slice."""


def _nobody(z: int | None) -> None:
    """Is told that slice ``z`` is about to change."""


class AnnotationState:
    """Labels, marks, acceptance, locks and provenance of a volume, slices along ``axis``.

    The volume has ``shape`` [k, j, i]. Labels are uint8: 0 background, n the n-th of
    ``structures``. Marks of a slice are uint8 [rows, columns]: 0 unmarked, 1 background, n + 1 the
    n-th structure. ``changing`` is called with each slice before it changes.
    """

    def __init__(
        self, shape: tuple[int, int, int], axis: int, structures: Sequence[Structure] = ()
    ) -> None:
        self.axis, self.structures = axis, list(structures)
        self.labels = np.zeros(shape, np.uint8)
        self.marks: dict[int, np.ndarray] = {}
        self.slice_status = np.zeros(self.slices, np.uint8)
        self.confidence = np.full(self.slices, np.nan, np.float32)
        self.pending: set[int] = set()
        """Marked slices that no finished propagation has carried on."""
        self.locked: set[str] = set()
        """IDs of the classes that neither grow nor shrink."""
        self.initial: InitialSegmentation | None = None
        """The result that is corrected."""
        self.provenance: list[tuple[Origin, ...]] = [()] * self.slices
        """The methods that had a part in each slice, the first one first."""
        self.changing: Callable[[int | None], None] = _nobody
        self._counts: dict[int, np.ndarray] = {}
        self._marked: dict[int, tuple[np.ndarray, frozenset[int]]] = {}

    # ---- reading -------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of the volume, [k, j, i]."""
        k, j, i = self.labels.shape
        return k, j, i

    @property
    def slices(self) -> int:
        return self.labels.shape[self.axis]

    @property
    def anchors(self) -> list[int]:
        """The slices that the user marked or accepted."""
        accepted = np.flatnonzero(self.slice_status == SliceStatus.ACCEPTED).tolist()
        return sorted({*self.marks, *accepted})

    def accepted(self, z: int) -> bool:
        return bool(self.slice_status[z] == SliceStatus.ACCEPTED)

    def slice(self, z: int) -> np.ndarray:
        """Labels of slice ``z``, a view."""
        return np.moveaxis(self.labels, self.axis, 0)[z]

    def number(self, id: str) -> int:
        """Label of the class ``id``; UserError when there is none."""
        for n, structure in enumerate(self.structures, 1):
            if structure.id == id:
                return n
        raise UserError("That class is no longer there: choose another one.")

    @property
    def locked_numbers(self) -> list[int]:
        """Labels of the locked classes."""
        return [n for n, s in enumerate(self.structures, 1) if s.id in self.locked]

    def marks_volume(self) -> np.ndarray:
        """All marks, uint8 [k, j, i]."""
        volume = np.zeros_like(self.labels)
        for z, marks in self.marks.items():
            np.moveaxis(volume, self.axis, 0)[z] = marks
        return volume

    def voxels(self) -> tuple[np.ndarray, np.ndarray]:
        """Voxels of each class, and how many differ from the initial segmentation, [K] each."""
        total = self._counted().sum(0)
        return total[0], total[1]

    def weakest(self) -> int | None:
        """The slice to annotate next, as far as the lowest expected Dice of each slice tells; no
        accepted one."""
        sure = np.where(self.slice_status == SliceStatus.ACCEPTED, 1, self.confidence)
        confidence = np.tile(sure[:, None], len(self.structures))
        shown = np.pad(self._counted()[:, 0], ((0, 0), (1, 0)))  # how much background: never asked
        errors = expected_errors(np.moveaxis(self.labels, self.axis, 0), confidence, shown)
        return next_slice(errors, self.slice_status)

    def lowest(self, z: int, confidence: np.ndarray) -> float:
        """The lowest expected Dice [K] of the classes in slice ``z``; NaN where there is none."""
        there = self._count(z)[0][: len(confidence)] > 0  # a class may be newer than the result
        known = confidence[there & ~np.isnan(confidence)]
        return min(known.tolist(), default=float("nan"))

    def _counted(self) -> np.ndarray:
        """Voxels of each class, and those that differ from the initial segmentation, in each
        slice, [slices, 2, K]."""
        return np.stack([self._count(z) for z in range(self.slices)])

    def _count(self, z: int) -> np.ndarray:
        labels, width = self.slice(z), len(self.structures)
        known = self._counts.get(z)
        if known is not None and known.shape[1] == width:
            return known
        counts = self._counts[z] = np.zeros((2, width), np.int64)
        counts[0] = count(labels, width + 1)[1:]
        if self.initial is not None:
            began = np.moveaxis(self.initial.labels, self.axis, 0)[z]
            differ = labels != began
            for part in (labels[differ], began[differ]):
                counts[1] += np.bincount(part, minlength=width + 1)[1:]
        return counts

    # ---- changing ------------------------------------------------------------------------------

    def check_room(self, more: int = 1) -> None:
        """Raise UserError when there is no room for ``more`` classes."""
        if len(self.structures) + more > MOST_CLASSES:
            raise UserError("At most {n} classes are possible: remove some first.", n=MOST_CLASSES)

    def remove_structure(self, id: str) -> set[int]:
        """Forget a class with its voxels and marks; returns the slices that changed.

        The history's step must have begun with "structures" and "initial".
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
                gone = marks is not None and z not in self.marks
                if gone and self.slice_status[z] == SliceStatus.MARKED:
                    self.slice_status[z] = SliceStatus.MODEL
        if self.initial is not None:
            known, labels = self.initial.confidence, table[self.initial.labels]
            kept = None if known is None else np.delete(known, n - 1, 1)
            self.initial = replace(self.initial, labels=labels, confidence=kept)
        self.structures = [s for s in self.structures if s.id != id]
        self.locked.discard(id)
        self.recount()
        self.pending &= set(self.anchors)
        return changed

    def set_axis(self, axis: int) -> None:
        """Slices run along ``axis`` from now on; marks stay, acceptances do not.

        The history's step must have begun with "axis", "marks" and "initial".
        """
        self.changing(None)
        marks = np.moveaxis(self.marks_volume(), axis, 0)
        self.axis = axis
        self.marks = {z: marks[z].copy() for z in np.flatnonzero(marks.any((1, 2))).tolist()}
        there = np.any(np.moveaxis(self.labels, axis, 0), (1, 2)) | (self.initial is not None)
        self.slice_status = np.where(there, np.uint8(SliceStatus.MODEL), np.uint8(0))
        self.slice_status[list(self.marks)] = SliceStatus.MARKED
        self.confidence = np.full(self.slices, np.nan, np.float32)
        everybody = tuple(dict.fromkeys(o for origins in self.provenance for o in origins))
        self.provenance = [everybody if t else () for t in there.tolist()]
        if self.initial is not None:  # its expected Dice is that of other slices
            self.initial = replace(self.initial, confidence=None)
        self.pending = set(self.marks)
        self.recount()

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
        if self.accepted(z):
            obey(self.slice(z), self.marks.get(z))
            self._counts.pop(z, None)
        else:
            self.slice_status[z] = SliceStatus.MARKED if z in self.marks else SliceStatus.MODEL
        self.pending = set(self.anchors) if erased else self.pending | {z}
        return True

    def edit(self, z: int, labels: np.ndarray) -> None:
        """The user changed the labels of slice ``z`` by hand; the changes are marks as well."""
        differ = labels != self.slice(z)
        self.mark(z, differ, labels[differ] + np.uint8(1))
        self.changing(z)
        self.slice(z)[...] = labels
        if not self.accepted(z):
            self.slice_status[z] = SliceStatus.MARKED
        self.pending.add(z)
        self._counts.pop(z, None)

    def accept(self, z: int, labels: np.ndarray | None = None) -> None:
        """Slice ``z`` is right as it is, or as ``labels`` [rows, columns] says."""
        if labels is not None:
            marks = self.marks.get(z, np.zeros(labels.shape, np.uint8))
            differ = (labels != self.slice(z)) | ((marks > 0) & (marks != labels + np.uint8(1)))
            self.mark(z, differ, labels[differ] + np.uint8(1))
        self.changing(z)
        right = self.slice(z) if labels is None else labels
        self.slice(z)[...] = obey(right.copy(), self.marks.get(z))
        self.slice_status[z], self.confidence[z] = SliceStatus.ACCEPTED, 1
        self.pending.add(z)
        self._counts.pop(z, None)

    def write(
        self, z: int, labels: np.ndarray, confidence: np.ndarray, by: Origin | None = None
    ) -> bool:
        """Take ``labels`` of the method ``by`` for slice ``z``; whether the slice changed.

        Accepted slices stay, and what :meth:`enforce` says. ``confidence`` [K].
        """
        if self.accepted(z):
            return False
        old = self.slice(z)
        labels = self.enforce(z, labels)
        changed = not np.array_equal(labels, old)
        if changed or self.slice_status[z] == SliceStatus.UNTOUCHED:
            self.changing(z)
            before = () if self.initial is None else self.provenance[z]
            self.provenance[z] = tuple(dict.fromkeys([*before, *([by] if by else [])]))
        if changed:
            old[...] = labels
            self._counts.pop(z, None)
        self.slice_status[z] = max(self.slice_status[z], SliceStatus.MODEL)
        self.confidence[z] = self.lowest(z, confidence)
        return changed

    def enforce(self, z: int, labels: np.ndarray, free: Collection[int] = ()) -> np.ndarray:
        """``labels`` of a method for slice ``z``, as the annotation lets it have them.

        Marks are obeyed. Locked classes neither grow nor shrink. Of an initial segmentation only
        classes that carry marks change, the others at most lose voxels to these and have them
        again where these retreat; the classes ``free`` (from 1) may change, too.
        """
        labels = labels.copy()
        if self.initial is not None:
            kept = self.initial.present - self.marked - set(free)
            labels = keep_unmarked(labels, self._began(z), kept)
        labels = keep_locked(labels, self.slice(z), self.locked_numbers)
        return obey(labels, self.marks.get(z))

    def replace(self, z: int, labels: np.ndarray, free: Collection[int] = ()) -> None:
        """Slice ``z`` becomes ``labels``, as far as :meth:`enforce` lets it; accepted ones stay."""
        if not self.accepted(z):
            self.slice(z)[...] = self.enforce(z, labels, free)
            self._counts.pop(z, None)
            self.slice_status[z] = max(self.slice_status[z], SliceStatus.MODEL)

    @property
    def marked(self) -> frozenset[int]:
        """The classes (from 1) that carry marks: their own, or of the background on voxels that
        an initial segmentation gives them."""
        found: set[int] = set()
        for z, marks in self.marks.items():
            known = self._marked.get(z)
            if known is None or known[0] is not marks:
                known = self._marked[z] = marks, self._marked_in(z, marks)
            found |= known[1]
        return frozenset(found)

    def _marked_in(self, z: int, marks: np.ndarray) -> frozenset[int]:
        classes = set(np.unique(marks).astype(int) - 1)
        if self.initial is not None:
            classes |= set(np.unique(self._began(z)[marks == 1]).tolist())
        return frozenset(classes - {-1, 0})

    def _began(self, z: int) -> np.ndarray:
        """Slice ``z`` of the initial segmentation."""
        assert self.initial is not None
        return np.moveaxis(self.initial.labels, self.axis, 0)[z]

    def begin_with(self, initial: InitialSegmentation, origin: Origin) -> None:
        """Correct ``initial`` from now on, which ``origin`` made; the labels stay as they are."""
        self.correct(initial)
        self.slice_status[self.slice_status == SliceStatus.UNTOUCHED] = SliceStatus.MODEL
        self.provenance = [origins or (origin,) for origins in self.provenance]

    def correct(self, initial: InitialSegmentation) -> None:
        """Correct ``initial`` from now on; labels and provenance stay as they are."""
        self.initial = initial
        self.recount()

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
        self._marked.clear()

    # ---- for the session -----------------------------------------------------------------------

    def __getstate__(self) -> dict[str, object]:
        """Nobody is called when the one in another process changes."""
        state = {**self.__dict__, "changing": _nobody, "_counts": {}, "_marked": {}}
        return without_zeros(state)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(with_zeros(state))

    def prompts(self, z: int) -> np.ndarray:
        """Marks of slice ``z`` as the network is shown them: an accepted one is marked all over."""
        if self.accepted(z):
            return self.slice(z) + np.uint8(1)
        marks = self.marks.get(z)
        return np.zeros(self.slice(z).shape, np.uint8) if marks is None else marks.copy()

    def copy(self) -> AnnotationState:
        """One that shares nothing with this; nobody is called when it changes."""
        new = AnnotationState(self.shape, self.axis, self.structures)
        new.take(self)
        return new

    def take(self, other: AnnotationState) -> None:
        """Become as ``other``, of the same shape, is; its arrays are copied."""
        self.axis, self.structures = other.axis, list(other.structures)
        self.labels[...] = other.labels
        self.marks = {z: marks.copy() for z, marks in other.marks.items()}
        self.slice_status, self.confidence = other.slice_status.copy(), other.confidence.copy()
        self.pending, self.locked = set(other.pending), set(other.locked)
        self.initial, self.provenance = other.initial, list(other.provenance)
        self.recount()

    def reach(self, first: int, last: int, dirty: Iterable[int] | None = None) -> set[int]:
        """Slices that a propagation inside ``first``..``last`` may change."""
        anchors = self.anchors
        found: set[int] = set()
        for z in self.pending if dirty is None else dirty:
            below = max((a for a in anchors if a < z), default=-1)
            above = min((a for a in anchors if a > z), default=self.slices)
            found |= {z} | set(range(max(below + 1, first), min(above, last + 1)))
        return found
