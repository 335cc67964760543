"""What the user said and what the slices hold; knows no network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

import numpy as np

from ..errors import UserError
from .records import Made


class Labelling(ABC):
    """Labels, marks, accepted slices and locks of a volume of ``shape`` [k, j, i] along ``axis``.

    Slice arrays are [rows, columns] in the order of the remaining axes. Marks are uint8:
    0 unmarked, 1 background, 2 the first structure, ...; labels: 0 background, 1 the first
    structure, ... ``classes``: predefined class of each structure or -1.
    """

    def __init__(self, shape: tuple[int, ...], axis: int, classes: Sequence[int]) -> None:
        self.axis, self.classes = axis, tuple(classes)
        self.labels = np.zeros(shape, np.uint8)
        self._labels = np.moveaxis(self.labels, axis, 0)
        self.slices = len(self._labels)
        self.marks: dict[int, np.ndarray] = {}
        self.made = np.zeros(self.slices, np.uint8)
        self.locked = np.zeros(self.structures, bool)
        self._dirty: set[int] = set()
        """Anchors whose runs are still to be made, or were cut by a range."""

    @abstractmethod
    def _changed(self, z: int) -> None:
        """Slice ``z`` must be segmented again."""

    @abstractmethod
    def _forget(self) -> None:
        """Nothing that was computed holds any more."""

    @property
    def structures(self) -> int:
        """The number of classes."""
        return len(self.classes)

    @property
    def anchors(self) -> list[int]:
        """The slices that the user marked or accepted."""
        return sorted(self.marks)

    def mark(self, z: int, marks: np.ndarray) -> None:
        """Add ``marks`` to slice ``z``, also to an accepted one. Nothing is computed yet."""
        self._check_slice(z, marks, self.structures + 1)
        if not marks.any():
            return
        kept = self.marks.setdefault(z, np.zeros(marks.shape, np.uint8))
        kept[marks > 0] = marks[marks > 0]
        self.made[z] = Made.MARKED
        self._changed(z)

    def unmark(self, z: int, where: np.ndarray) -> None:
        """Take the marks of slice ``z`` back where ``where`` [rows, columns] is true."""
        self._check_slice(z)
        marks = self.marks.get(z)
        if marks is None or not marks[where].any():
            return
        marks[where] = 0
        if not marks.any():
            del self.marks[z]
            self.made[z] = Made.MODEL
        else:
            self.made[z] = Made.MARKED
        self._forget()
        self._dirty = set(self.marks)

    def accept(self, z: int, labels: np.ndarray | None = None) -> None:
        """Slice ``z`` is right as it is, or as ``labels`` [rows, columns] says.

        It becomes an anchor and stays voxel-identical, also under locked classes.
        """
        if labels is None:
            self._check_slice(z)
            labels = self._obey(z, self._labels[z].copy())
        self._check_slice(z, labels, self.structures)
        self._labels[z] = labels
        self.marks[z] = self._labels[z] + np.uint8(1)
        self.made[z] = Made.ACCEPTED
        self._changed(z)

    def lock(self, structure: int, locked: bool = True) -> None:
        """Voxels of ``structure`` (1..K) neither appear nor disappear while it is locked.

        Marks and accepted slices are obeyed all the same.
        """
        if not 1 <= structure <= self.structures:
            raise UserError(
                f"There is no structure {structure}: the session has {self.structures}."
            )
        self.locked[structure - 1] = locked

    def _keep_locked(self, z: int, labels: np.ndarray) -> np.ndarray:
        return keep_locked(labels, self._labels[z], np.flatnonzero(self.locked) + 1)

    def _obey(self, z: int, labels: np.ndarray) -> np.ndarray:
        return obey(labels, self.marks.get(z))

    def _check_slice(self, z: int, array: np.ndarray | None = None, highest: int = 0) -> None:
        if not 0 <= z < self.slices:
            raise UserError(f"There is no slice {z}: the volume has slices 0 to {self.slices - 1}.")
        if array is None:
            return
        if array.shape != self._labels[z].shape:
            raise UserError(
                f"Marks of shape {array.shape} do not fit slices of shape "
                f"{self._labels[z].shape}: draw them on the volume's grid."
            )
        if array.size and not 0 <= int(array.min()) <= int(array.max()) <= highest:
            raise UserError(
                f"Slice {z} has values from {array.min()} to {array.max()}, but the session has "
                f"{self.structures} structures: values 0 to {highest} mean something."
            )


def keep_locked(labels: np.ndarray, old: np.ndarray, locked: Iterable[int]) -> np.ndarray:
    """``labels`` of a slice, changed so that the classes ``locked`` (1..K) are as in ``old``."""
    for k in locked:
        labels[(labels == k) & (old != k)] = 0
        labels[old == k] = k
    return labels


def obey(labels: np.ndarray, marks: np.ndarray | None) -> np.ndarray:
    """``labels`` of a slice, changed where its ``marks`` say otherwise."""
    if marks is not None:
        labels[marks > 0] = marks[marks > 0] - 1
    return labels
