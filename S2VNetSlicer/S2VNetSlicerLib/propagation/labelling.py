"""What the user said and what the slices hold; knows no network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence

import numpy as np

from ..annotation.made import Made
from ..annotation.state import AnnotationState, Structure
from ..errors import UserError


class Labelling(ABC):
    """An :class:`AnnotationState` of a volume of ``shape`` [k, j, i] along ``axis``, by numbers.

    Slice arrays are [rows, columns] in the order of the remaining axes. Marks are uint8:
    0 unmarked, 1 background, 2 the first structure, ...; labels: 0 background, 1 the first
    structure, ... ``classes``: predefined class of each structure or -1.
    """

    def __init__(self, shape: tuple[int, ...], axis: int, classes: Sequence[int]) -> None:
        k, j, i = shape
        structures = [Structure(str(n), str(n), predefined=c) for n, c in enumerate(classes, 1)]
        self.state, self.axis = AnnotationState((k, j, i), axis, structures), axis
        self.labels = self.state.labels
        self._labels = np.moveaxis(self.labels, axis, 0)
        self.slices = len(self._labels)
        self.marks: dict[int, np.ndarray] = {}
        """What the network is shown of the anchors: see :meth:`AnnotationState.prompts`."""

    @property
    def classes(self) -> tuple[int, ...]:
        """The predefined class of each structure, or -1."""
        return tuple(structure.predefined for structure in self.state.structures)

    @property
    def made(self) -> np.ndarray:
        """How far each slice is, uint8 [slices], see :class:`~..annotation.made.Made`."""
        return self.state.made

    @property
    def locked(self) -> np.ndarray:
        """Whether each structure is locked, bool [K]."""
        return np.array([s.id in self.state.locked for s in self.state.structures], bool)

    @property
    def _dirty(self) -> set[int]:
        """Anchors whose runs are still to be made, or were cut by a range."""
        return self.state.pending

    @_dirty.setter
    def _dirty(self, anchors: set[int]) -> None:
        self.state.pending = anchors

    @abstractmethod
    def _changed(self, z: int) -> None:
        """Slice ``z`` must be segmented again."""

    @abstractmethod
    def _forget(self) -> None:
        """Nothing that was computed holds any more."""

    @property
    def structures(self) -> int:
        """The number of classes."""
        return len(self.state.structures)

    @property
    def anchors(self) -> list[int]:
        """The slices that the user marked or accepted."""
        return sorted(self.marks)

    def mark(self, z: int, marks: np.ndarray) -> None:
        """Add ``marks`` to slice ``z``. Nothing is computed yet.

        In an accepted slice the labels follow at once, and it stays accepted.
        """
        self._check_slice(z, marks, self.structures + 1)
        if not marks.any():
            return
        self.state.mark(z, marks > 0, marks[marks > 0])
        self.marks[z] = self.state.prompts(z)
        self._changed(z)

    def unmark(self, z: int, where: np.ndarray) -> None:
        """Take the marks of slice ``z`` back where ``where`` [rows, columns] is true."""
        self._check_slice(z)
        if not self.state.mark(z, where, 0):
            return
        self._prompt(z)
        self._forget()
        self._dirty = set(self.marks)

    def accept(self, z: int, labels: np.ndarray | None = None) -> None:
        """Slice ``z`` is right as it is, or as ``labels`` [rows, columns] says.

        It becomes an anchor and stays voxel-identical but for new marks, also under locked classes.
        """
        self._check_slice(z, labels, self.structures)
        self.state.accept(z, labels)
        self.marks[z] = self.state.prompts(z)
        self._changed(z)

    def follow(self, z: int, marks: np.ndarray | None, accepted: np.ndarray | None = None) -> None:
        """Slice ``z`` has become as another state has it: its marks (None: none) are ``marks``,
        and it was accepted with the labels ``accepted``, if these are given."""
        had = self.state.marks.get(z)
        wanted = np.zeros(self._labels[z].shape, np.uint8) if marks is None else marks
        if accepted is not None:
            self.state.put(z, accepted, wanted)
            self.state.accept(z)
            self.marks[z] = self.state.prompts(z)
            self._changed(z)
            return
        if had is not None:
            self.unmark(z, (had > 0) & (wanted == 0))
            had = self.state.marks.get(z)
        if wanted.any() and (had is None or not np.array_equal(had, wanted)):
            self.mark(z, wanted)

    def lock(self, structure: int, locked: bool = True) -> None:
        """Voxels of ``structure`` (1..K) neither appear nor disappear while it is locked.

        Marks and accepted slices are obeyed all the same.
        """
        if not 1 <= structure <= self.structures:
            raise UserError(
                f"There is no structure {structure}: the session has {self.structures}."
            )
        id = self.state.structures[structure - 1].id
        (self.state.locked.add if locked else self.state.locked.discard)(id)

    def enforce(self, z: int, labels: np.ndarray, free: Collection[int] = ()) -> None:
        """Slice ``z`` becomes ``labels`` as far as marks, locks, acceptance and an initial
        segmentation let it (``free``: see :meth:`AnnotationState.enforce`); the only place where a
        result meets what the user said."""
        if self.made[z] != Made.ACCEPTED:
            self._labels[z] = self.state.enforce(z, labels, free)
            self.made[z] = max(self.made[z], Made.MODEL)

    def _prompt(self, z: int) -> None:
        """The prompts of slice ``z`` are those that its marks and its acceptance make."""
        if z in self.state.marks or self.made[z] == Made.ACCEPTED:
            self.marks[z] = self.state.prompts(z)
        else:
            self.marks.pop(z, None)

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
