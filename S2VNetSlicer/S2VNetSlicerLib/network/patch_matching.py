"""Carrying a mask to the next slice: every pixel takes it from where that slice looked alike.

Beyond the paper. Between neighbouring slices a border moves by a few pixels at most, along what is
to be seen. Nothing here is learned: from an exact mask this alone follows muscles and bones farther
than the network does, and tumours less far; ``propagation.mask_warping`` shows what both say.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .settings import PatchMatchingSettings

DEFAULT = PatchMatchingSettings()

Box = tuple[slice, slice]


@torch.no_grad()
def match_patches(
    masks: Tensor, before: Tensor, here: Tensor, settings: PatchMatchingSettings = DEFAULT
) -> Tensor:
    """``masks`` [N, K, h, w] (0..1) of slices that look like ``before``, as they lie in slices that
    look like ``here`` (both [N, C, h, w], see :func:`~.pixel_features.pixel_feature_bank`)."""
    maps, reach = settings.maps, settings.reach
    shown = (masks > settings.min_mask).flatten(0, 1).any(0)
    if not shown.any():
        return masks
    box = (_around(shown.any(1), reach), _around(shown.any(0), reach))
    before, here = before[:, maps].float(), here[:, maps].float()
    # Slices differ by more or less than what is in them does.
    scale = (2 / settings.alike / len(maps)) ** 0.5 / (before.std((2, 3), keepdim=True) + 1e-3)
    own, there = here[..., *box] * scale, _widened(before, box, reach) * scale
    mask = _widened(masks.float(), box, reach)
    near, far = own.square().sum(1) / 2, there.square().sum(1) / 2
    height, width = near.shape[1:]
    found, total = torch.zeros_like(masks[..., *box], dtype=torch.float32), torch.zeros_like(near)
    for down in settings.shifts:
        rows = slice(reach + down, reach + down + height)
        for across in settings.shifts:
            columns = slice(reach + across, reach + across + width)
            alike = (there[..., rows, columns] * own).sum(1) - near - far[..., rows, columns]
            weight = (alike - (down**2 + across**2) / (2 * settings.near**2)).clamp_(min=-30).exp_()
            found.addcmul_(weight[:, None], mask[..., rows, columns])
            total += weight
    result = masks.clone()
    result[..., *box] = (found / total[:, None]).to(masks)
    return result


def _around(shown: Tensor, reach: int) -> slice:
    """The part of a side that a mask ``shown`` there [n] may reach."""
    index = torch.nonzero(shown)[:, 0]
    low, high = int(index[0]) - reach, int(index[-1]) + reach + 1
    return slice(max(0, low), min(len(shown), high))


def _widened(maps: Tensor, box: Box, reach: int) -> Tensor:
    """``maps`` [N, C, h, w] in and ``reach`` cells around ``box``; their border goes on."""
    inside: list[slice] = []
    missing: list[int] = []
    for side, part in zip(maps.shape[2:], box, strict=True):
        low, high = part.start - reach, part.stop + reach
        inside.append(slice(max(0, low), min(side, high)))
        missing += [max(0, -low), max(0, high - side)]
    return F.pad(maps[:, :, inside[0], inside[1]], (*missing[2:], *missing[:2]), mode="replicate")
