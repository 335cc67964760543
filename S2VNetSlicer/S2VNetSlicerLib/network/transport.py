"""Carrying a mask to the next slice: every pixel takes it from where that slice looked alike.

Beyond the paper. Between neighbouring slices a border moves by a few pixels at most, along what is
to be seen. Nothing here is learned: from an exact mask this alone follows muscles and bones farther
than the network does, and tumours less far; ``propagation.transporting`` shows what both say.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

SEEN = (0, 1, 2, 4)
"""The maps of ``looks`` that are compared: brightness, smoothed once and twice, and edges."""
SHIFTS = (-3, -1, 0, 1, 3)
"""Where a cell's mask may come from, in cells along rows and along columns."""
REACH = max(SHIFTS)
ALIKE, NEAR = 0.07, 4.0
"""How alike (in variances of the slice) and how near (in cells) places are that count."""
LEAST = 0.02
"""Where a mask begins."""

Box = tuple[slice, slice]


@torch.no_grad()
def transported(masks: Tensor, before: Tensor, here: Tensor) -> Tensor:
    """``masks`` [N, K, h, w] (0..1) of slices that look like ``before``, as they lie in slices that
    look like ``here`` (both [N, C, h, w], see :func:`~.looks.looks_of`)."""
    shown = (masks > LEAST).flatten(0, 1).any(0)
    if not shown.any():
        return masks
    box = (_around(shown.any(1)), _around(shown.any(0)))
    before, here = before[:, SEEN].float(), here[:, SEEN].float()
    # Slices differ by more or less than what is in them does.
    scale = (2 / ALIKE / len(SEEN)) ** 0.5 / (before.std((2, 3), keepdim=True) + 1e-3)
    own, there = here[..., *box] * scale, _widened(before, box) * scale
    mask = _widened(masks.float(), box)
    near, far = own.square().sum(1) / 2, there.square().sum(1) / 2
    height, width = near.shape[1:]
    found, total = torch.zeros_like(masks[..., *box], dtype=torch.float32), torch.zeros_like(near)
    for down in SHIFTS:
        rows = slice(REACH + down, REACH + down + height)
        for across in SHIFTS:
            columns = slice(REACH + across, REACH + across + width)
            alike = (there[..., rows, columns] * own).sum(1) - near - far[..., rows, columns]
            weight = (alike - (down**2 + across**2) / (2 * NEAR**2)).clamp_(min=-30).exp_()
            found.addcmul_(weight[:, None], mask[..., rows, columns])
            total += weight
    result = masks.clone()
    result[..., *box] = (found / total[:, None]).to(masks)
    return result


def _around(shown: Tensor) -> slice:
    """The part of a side that a mask ``shown`` there [n] may reach."""
    index = torch.nonzero(shown)[:, 0]
    low, high = int(index[0]) - REACH, int(index[-1]) + REACH + 1
    return slice(max(0, low), min(len(shown), high))


def _widened(maps: Tensor, box: Box) -> Tensor:
    """``maps`` [N, C, h, w] in and ``REACH`` cells around ``box``; their border goes on."""
    inside: list[slice] = []
    missing: list[int] = []
    for side, part in zip(maps.shape[2:], box, strict=True):
        low, high = part.start - REACH, part.stop + REACH
        inside.append(slice(max(0, low), min(side, high)))
        missing += [max(0, -low), max(0, high - side)]
    return F.pad(maps[:, :, inside[0], inside[1]], (*missing[2:], *missing[:2]), mode="replicate")
