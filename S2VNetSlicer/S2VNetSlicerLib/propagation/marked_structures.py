"""A result that is corrected: only structures that carry marks are segmented.

Others at most lose voxels to these (see ``AnnotationState.enforce``), so that their masks would be
made for nothing: of forty classes that were found without marks a correction concerns one or two.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..annotation.state import AnnotationState


class MarkedStructures:
    """``state`` as far as it concerns the structures ``numbers``, which are 1, 2, ... here; all
    others are background."""

    def __init__(self, state: AnnotationState, numbers: Sequence[int]) -> None:
        self.state = state
        self._labels = np.array([0, *numbers], np.uint8)
        self._marks = np.ones(256, np.uint8)
        self._marks[0] = 0
        self._marks[[n + 1 for n in numbers]] = np.arange(2, len(numbers) + 2)

    @property
    def anchors(self) -> list[int]:
        """The slices that the user marked or accepted."""
        return self.state.anchors

    @property
    def pending(self) -> set[int]:
        """Marked slices that no finished propagation has carried on."""
        return self.state.pending

    def prompts(self, z: int) -> np.ndarray:
        """Marks of slice ``z`` as the network is shown them."""
        return self._marks[self.state.prompts(z)]

    def replace(self, z: int, labels: np.ndarray) -> None:
        """Slice ``z`` becomes ``labels``, as far as the annotation lets it."""
        self.state.replace(z, self._labels[labels])
