"""What the marks of B volumes say about pixels, and their masks settled by it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..network.retouch import Retoucher, Samples, gather_samples
from ..network.spread import widened
from .pieces import FAINT

Looks = Callable[[Tensor, Tensor], Tensor]
"""What pixels of slices look like: (rows, z) -> [N, LOOKS, H/2, W/2]."""
BEYOND = 2
"""Cells around what a mask shows in which retouching may add to it."""


class Retouching:
    """The classifiers of ``network.retouch``: one a volume (row), fitted to all its anchors."""

    def __init__(self, looks: Looks) -> None:
        self.looks = looks
        self.samples: dict[int, dict[int, Samples]] = {}
        """By row and slice."""
        self.fitted: dict[int, Retoucher] = {}

    def learn(self, rows: Tensor, z: Tensor, logits: Tensor, marks: Tensor) -> None:
        """From the ``marks`` uint8 [N, H, W] of slices and what the network makes of them."""
        found = gather_samples(self.looks(rows, z), logits, marks)
        taught = set()
        for item, samples in enumerate(found):
            if marks[item].any() and len(samples.x):
                row = int(rows[item])
                self.samples.setdefault(row, {})[int(z[item])] = samples
                taught.add(row)
        for row in taught:
            self.fitted[row] = Retoucher(list(self.samples[row].values()), logits.shape[1])

    def settle(self, rows: Tensor, z: Tensor, masks: Tensor) -> Tensor:
        """``masks`` [N, K, H/2, W/2] of slices, settled where they are in doubt.

        What appears far from all that a mask shows is a lookalike elsewhere, and is left out.
        """
        result = masks.clone()
        for row, retoucher in self.fitted.items():
            mine = torch.nonzero(rows == row)[:, 0]
            if len(mine):
                made = retoucher(self.looks(rows[mine], z[mine]), masks[mine])
                near = widened(masks[mine] > FAINT, BEYOND)
                result[mine] = made * (near | (made <= FAINT))
        return result
