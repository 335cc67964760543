"""Label maps, which are mostly empty, as the smallest box around what they show."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Box = tuple[slice, ...]


def box_of(array: np.ndarray) -> Box | None:
    """The smallest box around what is not 0 in ``array`` [..., rows, columns]; None: all is 0."""
    if array.ndim > 2:
        boxes = [(n, box) for n, plane in enumerate(array) if (box := box_of(plane)) is not None]
        if not boxes:
            return None
        sides = zip(*(box for _, box in boxes), strict=True)
        around = [slice(min(s.start for s in side), max(s.stop for s in side)) for side in sides]
        return (slice(boxes[0][0], boxes[-1][0] + 1), *around)
    rows = np.flatnonzero(array.any(1))
    if not len(rows):
        return None
    first, last = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(array[first:last].any(0))
    return slice(first, last), slice(int(columns[0]), int(columns[-1]) + 1)


@dataclass(frozen=True, eq=False)
class Boxed:
    """An array uint8 of ``shape`` that is 0 outside of ``box``."""

    shape: tuple[int, ...]
    box: Box
    part: np.ndarray | bytes
    """What is in the box, or that compressed."""

    @classmethod
    def of(cls, array: np.ndarray) -> Boxed | None:
        """A copy of ``array``; None: all is 0."""
        box = box_of(array)
        return None if box is None else cls(array.shape, box, array[box].copy())

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.part) if isinstance(self.part, bytes) else self.part.nbytes

    def packed(self) -> Boxed:
        """The same, compressed."""
        if isinstance(self.part, bytes):
            return self
        return replace(self, part=zlib.compress(self.part.tobytes(), 1))

    def array(self) -> np.ndarray:
        """A copy of what it was made of."""
        whole, part = np.zeros(self.shape, np.uint8), self.part
        if isinstance(part, bytes):
            part = np.frombuffer(zlib.decompress(part), np.uint8)
        inside = whole[self.box]
        inside[...] = part.reshape(inside.shape)
        return whole


def without_zeros(state: dict[str, Any]) -> dict[str, Any]:
    """The attributes of an object whose ``labels`` go to another process in less time so."""
    labels: np.ndarray = state["labels"]
    return {**state, "labels": Boxed.of(labels) or labels.shape}


def with_zeros(state: dict[str, Any]) -> dict[str, Any]:
    """What :func:`without_zeros` was given."""
    labels: Boxed | tuple[int, ...] = state["labels"]
    whole = labels.array() if isinstance(labels, Boxed) else np.zeros(labels, np.uint8)
    return {**state, "labels": whole}
