"""Connected pieces of masks; diagonal neighbours touch."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

MOST_PIECES = 8


def touching(mask: Tensor, seeds: Tensor) -> Tensor:
    """The pieces of ``mask`` [N, K, h, w] (bool) that hold one of the ``seeds`` (same shape)."""
    now = mask & seeds
    rows, columns = _runs(mask), _runs(mask.mT).mT
    while True:
        grown = F.max_pool2d(now.float(), 3, 1, 1) > 0
        for runs in (rows, columns):
            hit = torch.zeros(int(runs.max()) + 1, dtype=torch.bool, device=mask.device)
            hit[runs[grown & mask]] = True
            grown = hit[runs] & mask
        if torch.equal(grown, now):
            return now
        now = grown


def _runs(mask: Tensor) -> Tensor:
    """A number for each unbroken run along the last axis; what is outside has any number."""
    begins = mask & ~F.pad(mask, (1, 0))[..., :-1]
    return begins.flatten().cumsum(0).view(mask.shape)


def pieces_of(mask: Tensor, most: int = MOST_PIECES) -> list[Tensor]:
    """The ``most`` largest connected pieces of ``mask`` [h, w], largest first."""
    left, found = mask.clone(), []
    while left.any():
        first = torch.zeros_like(left)
        first.view(-1)[left.flatten().int().argmax()] = True
        piece = touching(left[None, None], first[None, None])[0, 0]
        left &= ~piece
        found.append(piece)
    return sorted(found, key=lambda piece: -int(piece.sum()))[:most]
