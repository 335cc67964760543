"""What is corrected."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .boxed import with_zeros, without_zeros


@dataclass(frozen=True, eq=False)
class InitialSegmentation:
    """The result of another method, or of a search, that is corrected.

    ``labels`` uint8 [k, j, i]; ``source`` names it ("" when nobody did); ``confidence`` float
    [slices, K] is its expected Dice (None: not known). Nobody writes into the arrays.
    """

    labels: np.ndarray
    source: str = ""
    confidence: np.ndarray | None = None

    @cached_property
    def present(self) -> frozenset[int]:
        """The labels, from 1, that have voxels."""
        there = np.zeros(256, bool)
        for plane in self.labels:
            there[plane.ravel()] = True
        return frozenset((np.flatnonzero(there[1:]) + 1).tolist())

    def __getstate__(self) -> dict[str, object]:
        return without_zeros(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(with_zeros(state))
