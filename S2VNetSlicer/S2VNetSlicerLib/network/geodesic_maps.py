"""How far even tissue carries a mark or the slice before: geodesic distance and brightness.

Beyond the paper. A stroke covers an organ when nothing but even tissue lies between them; a network
this small learns that slowly from strokes alone, and classical methods (GrowCut, geodesic
segmentation) live of nothing else. Their answer is one more input of the dense decoder.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .settings import GeodesicSettings

N_GEODESIC_MAPS = 5
"""Own and rival nearness to marks, own and rival nearness to the last mask, brightness."""
DEFAULT = GeodesicSettings()


def tissue_of(slices: Tensor) -> Tensor:
    """Brightness in 0..1 and strength of edges of ``slices`` [N, 1, H, W] (0..255), [N, 2, h, w].

    An edge counts relative to the mean of its slice, so that contrast and noise weigh little; the
    strongest in a cell counts, so that a thin wall holds.
    """
    half = _halved(slices)
    down = F.pad((half[:, :, 1:] - half[:, :, :-1]).abs(), (0, 0, 0, 1))
    across = F.pad((half[..., 1:] - half[..., :-1]).abs(), (0, 1))
    edge = F.max_pool2d(down + across, 2)
    edge = edge / (edge.mean((2, 3), keepdim=True) + 4)
    return torch.cat([_halved(half) / 255, edge.clamp(max=6)], 1)


def _halved(maps: Tensor) -> Tensor:
    """The mean of four cells: to the bit that of ``mean``, in a sixth of its time."""
    pairs = maps[..., ::2] + maps[..., 1::2]
    return (pairs[..., ::2, :] + pairs[..., 1::2, :]) / 4


def dilate_box(cells: Tensor, reach: int) -> Tensor:
    """``cells`` [..., h, w] (bool) and all that are at most ``reach`` rows and columns away."""
    for _ in range(2):
        count = F.pad(cells.float(), (reach + 1, reach)).cumsum(-1)
        cells = (count[..., 2 * reach + 1 :] > count[..., : -2 * reach - 1]).mT
    return cells


def geodesic(start: Tensor, edge: Tensor, settings: GeodesicSettings = DEFAULT) -> Tensor:
    """Cost of the cheapest way from anywhere, [B, C, h, w].

    ``start`` [B, C, h, w] is the cost of starting in a cell, ``edge`` [B, 1, h, w] its edges. A
    sweep along an axis is exact for straight ways (a cumulative minimum of start minus cumulative
    cost); a few sweeps find most of the bent ones. Source: the raster scans of Toivanen (1996).
    """
    cost = settings.flat_cost + settings.edge_cost * edge.float() ** 2
    distance = start.float()
    ways = []
    for axis in (3, 2):
        between = (cost + cost.roll(1, axis)) / 2
        ways.append((axis, between.cumsum(axis)))
    for _ in range(settings.sweeps):
        for axis, way in ways:
            forward = (distance - way).cummin(axis).values + way
            backward = (distance + way).flip(axis).cummin(axis).values.flip(axis) - way
            distance = forward.minimum(backward)
    return distance


def geodesic_maps(
    tissue: Tensor,
    previous: Tensor,
    marked: Tensor,
    with_marks: bool = True,
    settings: GeodesicSettings = DEFAULT,
) -> Tensor:
    """Nearness (0..1) of each class to its marks and to its last mask, and its share in the
    brightness of a cell (-0.5..0.5); [3, B, K+1, h, w].

    ``tissue`` [B, 2, h, w]; ``previous`` (0..1, all 0 where nothing is known) and ``marked``
    [B, K+1, h, w], class 0 is the background. Without marks
    (``with_marks`` False) half of the work is spared.
    """
    light, edge = tissue[:, :1].float(), tissue[:, 1:]
    inner = F.avg_pool2d(previous.float(), 3, 1, 1)
    start = torch.where(inner > 0.1, 1 - inner, settings.unreached)
    near_mask = (-geodesic(start, edge, settings)).exp()
    near_mark = torch.zeros_like(near_mask)
    if with_marks:
        begin = settings.unreached * (1 - marked.float())
        near_mark = (-geodesic(begin, edge, settings)).exp()
    weight = marked + 0.2 * inner.clamp(min=0.3).sub(0.3)
    centres = torch.linspace(0, 1, settings.bins, device=light.device)[:, None, None]
    bins = (1 - (light - centres).abs() * (settings.bins - 1) / 2).clamp(min=0).flatten(2)
    count = weight.float().flatten(2) @ bins.transpose(1, 2)
    share = count / count.sum(-1, keepdim=True).clamp(min=1e-3)
    likely = (share @ bins).view_as(weight)
    total = likely.sum(1, keepdim=True)
    share = torch.where(total > 1e-3, likely / total.clamp(min=1e-3) - 0.5, 0.0)
    return torch.stack([near_mark, near_mask, share]).to(tissue.dtype)
