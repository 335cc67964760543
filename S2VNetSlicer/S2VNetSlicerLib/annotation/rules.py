"""What the annotation lets a method change in a slice: arrays uint8 [rows, columns]."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from ..errors import UserError


def check_slice(
    z: int, shape: tuple[int, ...], array: np.ndarray | None = None, structures: int = 0
) -> None:
    """UserError unless a volume of ``shape`` [slices, rows, columns] has a slice ``z`` that
    ``array`` fits, whose values are below those of ``structures`` classes."""
    if not 0 <= z < shape[0]:
        raise UserError(
            "There is no slice {z}: the volume has slices 0 to {last}.", z=z, last=shape[0] - 1
        )
    if array is None:
        return
    if array.shape != shape[1:]:
        raise UserError(
            "Marks of shape {shape} do not fit slices of shape {wanted}: draw them on "
            "the volume's grid.",
            shape=array.shape,
            wanted=shape[1:],
        )
    if array.size and not 0 <= int(array.min()) <= int(array.max()) <= structures:
        raise UserError(
            "Slice {z} has values from {lowest} to {highest}: only 0 to {structures} mean "
            "something in this session.",
            z=z,
            lowest=array.min(),
            highest=array.max(),
            structures=structures,
        )


def keep_unmarked(labels: np.ndarray, began: np.ndarray, kept: Collection[int]) -> np.ndarray:
    """``labels`` of a slice that ``began`` as an initial segmentation, changed so that the classes
    ``kept`` are as they began, but for what other classes take from them."""
    if not kept:
        return labels
    table = np.zeros(256, bool)
    table[list(kept)] = True
    labels = np.where(table[labels], np.uint8(0), labels)
    return np.where(table[began] & (labels == 0), began, labels)


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
