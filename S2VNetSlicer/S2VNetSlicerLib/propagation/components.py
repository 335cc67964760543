"""Connected pieces of masks; diagonal neighbours touch."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .settings import ComponentSettings

MOST_PIECES = 8
DEFAULT = ComponentSettings()


def components_with_seeds(mask: Tensor, seeds: Tensor) -> Tensor:
    """The pieces of ``mask`` [N, K, h, w] (bool) that hold one of the ``seeds`` (same shape)."""
    now = mask & seeds
    if not now.any():
        return now
    occupied = mask.flatten(0, 1).any(0)
    box = tuple(slice(int(n[0]), int(n[-1]) + 1) for n in map(_where, (occupied, occupied.T)))
    found = torch.zeros_like(mask)
    found[:, :, box[0], box[1]] = _grown(mask[:, :, box[0], box[1]], now[:, :, box[0], box[1]])
    return found


def remove_unprompted_components(
    mask: Tensor, said: Tensor, previous: Tensor, settings: ComponentSettings = DEFAULT
) -> Tensor:
    """``mask`` [N, K, h, w] of prompted slices without the pieces that look alike but are
    elsewhere.

    ``said`` [N, K+1, h, w]: marks as one map a class; ``previous``, like ``mask``: the last one.
    A piece stays for a mark of its structure or a part of the last mask. With neither, all stay.
    """
    if not settings.remove:
        return mask
    marked, here = said[:, 1:] > 0, mask > settings.min_mask
    # What was another structure may have been this one all the time.
    before = (previous.amax(1, keepdim=True) > 0.5).expand_as(here)
    right = components_with_seeds(here, marked | before)
    unknown = ~(marked | before).flatten(2).any(2)[..., None, None]
    return mask * (right | unknown | ~here)


def _where(plane: Tensor) -> Tensor:
    """The rows of a ``plane`` that hold anything."""
    return torch.nonzero(plane.any(1))[:, 0]


def _grown(mask: Tensor, now: Tensor) -> Tensor:
    """``now`` grown as far as ``mask`` reaches: along whole runs at once, then one cell aside."""
    rows, columns = _runs(mask), _runs(mask.mT).mT
    while True:
        grown = F.max_pool2d(now.float(), 3, 1, 1) > 0
        for runs in (rows, columns):
            grown = _whole(runs, grown & mask) & mask
        if torch.equal(grown, now):
            return now
        now = grown


def components_with_seeds_3d(volume: Tensor, seeds: Tensor) -> Tensor:
    """The pieces of ``volume`` [D, h, w] (bool) that hold one of the ``seeds``; faces touch."""
    now = volume & seeds
    while True:
        grown = now
        for axis in range(3):
            along = grown.transpose(axis, 2)
            grown = _whole(_runs(volume.transpose(axis, 2)), along).transpose(axis, 2) & volume
        if torch.equal(grown, now):
            return now
        now = grown


def _runs(mask: Tensor) -> Tensor:
    """A number for each unbroken run along the last axis; what is outside has any number."""
    begins = mask & ~F.pad(mask, (1, 0))[..., :-1]
    return begins.flatten().int().cumsum_(0).view(mask.shape)


def _whole(runs: Tensor, cells: Tensor) -> Tensor:
    """The ``runs`` that hold any of the ``cells`` (bool, same shape)."""
    hit = torch.zeros(int(runs.max()) + 1, dtype=torch.bool, device=runs.device)
    hit[runs[cells].long()] = True
    return hit.index_select(0, runs.flatten()).view(runs.shape)


def largest_components(mask: Tensor, most: int = MOST_PIECES) -> list[Tensor]:
    """The ``most`` largest connected pieces of ``mask`` [h, w], largest first."""
    left, found = mask.clone(), []
    while left.any():
        first = torch.zeros_like(left)
        first.view(-1)[left.flatten().int().argmax()] = True
        piece = components_with_seeds(left[None, None], first[None, None])[0, 0]
        left &= ~piece
        found.append(piece)
    return sorted(found, key=lambda piece: -int(piece.sum()))[:most]
