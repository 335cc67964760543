"""Retouching: what the marks say about pixels, at twice the resolution of all other features.

Beyond the paper. The network finds a structure in every slice, but its border is off by a pixel or
two, and strokes that lie there change little elsewhere. As ilastik does, a classifier is fitted to
all marks of the volume on what pixels look like (brightness, edges and texture at several scales)
and where in the slice they are. It has a say only where a mask is in doubt, and never decides what
the next slice receives: alone it would follow every lookalike.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from .geodesic_maps import dilate_box
from .kmeans_decoder import class_maps
from .online_classifier import some
from .settings import PixelClassifierSettings

DEFAULT = PixelClassifierSettings()
AT_ONCE = 2048
"""Cells whose random features are in memory together."""


def _seen(pixel_features: Tensor, cells: tuple[Tensor, ...]) -> Tensor:
    """``pixel_features`` [N, C, h, w] of ``cells`` (slice, row, column; [n] each) and their places,
    relative to the longer side of the slice; [n, C + 2]."""
    item, row, column = cells
    height, width = pixel_features.shape[2:]
    place = torch.stack([row - height / 2, column - width / 2], 1) / max(height, width)
    return torch.cat([pixel_features[item, :, row, column].float(), place], 1)


@dataclass
class PixelSamples:
    """Cells of one slice: what they look like ``x`` [n, C + 2], class ``y`` [n], ``weight``."""

    x: Tensor
    y: Tensor
    weight: Tensor


@torch.no_grad()
def gather_pixel_samples(
    pixel_features: Tensor,
    logits: Tensor,
    marks: Tensor,
    settings: PixelClassifierSettings = DEFAULT,
) -> list[PixelSamples]:
    """The samples of B marked slices: ``pixel_features`` [B, C, h, w], ``logits`` [B, K, h, w] of
    the network, ``marks`` uint8 [B, 2h, 2w]. Cells where two classes meet say nothing."""
    structures, (height, width) = logits.shape[1], logits.shape[2:]
    marked = class_maps(marks, structures, (height, width)).flatten(2) > 0
    said = torch.cat([torch.zeros_like(logits[:, :1]), logits], 1).float().softmax(1)
    near = dilate_box(said[:, 0] < 0.5, settings.near).flatten(1)
    best, likely = said.flatten(2).max(1)
    found = []
    for item in range(len(marks)):
        alone = marked[item].sum(0) == 1
        cells = [some(m & alone, settings.max_marked) for m in marked[item]]
        sure = (best[item] > settings.sure) & near[item] & ~marked[item].any(0)
        unmarked = some(sure, settings.max_sure)
        classes = torch.arange(len(cells), device=marked.device)
        counts = torch.tensor([len(c) for c in cells], device=marked.device)
        where = torch.cat([*cells, unmarked])
        y = torch.cat([classes.repeat_interleave(counts), likely[item][unmarked]])
        weight = torch.ones(len(where), device=marked.device)
        weight[len(where) - len(unmarked) :] = settings.sure_weight
        here = (torch.full_like(where, item), where // width, where % width)
        found.append(PixelSamples(_seen(pixel_features, here), y, weight))
    return found


class PixelClassifier:
    """A ridge logistic regression of each of K structures against all else, on random features."""

    @torch.no_grad()
    def __init__(
        self,
        samples: list[PixelSamples],
        structures: int,
        settings: PixelClassifierSettings = DEFAULT,
    ) -> None:
        self.settings = settings
        x, y, weight = (torch.cat([getattr(s, n) for s in samples]) for n in ("x", "y", "weight"))
        self.mean, self.scale = x.mean(0), x.std(0, correction=0) + 1e-3
        # Always the same random features: the same marks give the same result.
        chance = torch.Generator().manual_seed(0)
        inner = torch.randn(settings.hidden, x.shape[1], generator=chance)
        inner = inner * settings.bend / x.shape[1] ** 0.5
        self.inner = inner.to(x)
        self.bias = (torch.randn(settings.hidden, generator=chance) * 0.5).to(x)
        z = F.pad(self._bent(x), (0, 1), value=1.0)
        self.outer = torch.stack(
            [_fitted(z, (y == k).to(x), weight, settings) for k in range(1, structures + 1)]
        )

    def _bent(self, x: Tensor) -> Tensor:
        """Random features of ``x`` [n, looks], and the looks themselves."""
        z = ((x - self.mean) / self.scale).clamp(-4, 4)
        z = torch.cat([z[:, :-2], self.settings.place * z[:, -2:]], 1)
        return torch.cat([z, F.relu(F.linear(z, self.inner, self.bias))], 1)

    def _logits(self, x: Tensor) -> Tensor:
        return F.linear(self._bent(x), self.outer[:, :-1], self.outer[:, -1])

    @torch.no_grad()
    def __call__(self, pixel_features: Tensor, masks: Tensor) -> Tensor:
        """``masks`` [N, K, h, w] (0..1) of slices with these ``pixel_features`` [N, C, h, w],
        settled where they are in doubt."""
        settings = self.settings
        shares = torch.cat([(1 - masks.sum(1, keepdim=True)).clamp(min=0), masks], 1)
        item, row, column = doubt = torch.nonzero(shares.amax(1) < settings.settled, as_tuple=True)
        logit = torch.cat([self._logits(x) for x in _seen(pixel_features, doubt).split(AT_ONCE)])
        logit = logit.clamp(-settings.max_logit, settings.max_logit)
        said = F.pad(settings.weight * logit, (1, 0))
        share = shares[item, :, row, column]
        # What no run found there is not there, whatever it looks like.
        excluded = (share < 1 - settings.settled) & (share < share.amax(1, keepdim=True))
        possible = share.masked_fill(excluded, 0).log()
        result = masks.clone()
        result[item, :, row, column] = (possible + said).softmax(1)[:, 1:].to(masks)
        return result


def _fitted(z: Tensor, y: Tensor, weight: Tensor, settings: PixelClassifierSettings) -> Tensor:
    """Weights [features] of the logistic regression of ``y`` (0 or 1, [n]) on ``z`` (Newton), both
    sides counting alike; 0 where there is but one. The last feature is the constant: no ridge."""
    found = z.new_zeros(z.shape[1])
    if not 0 < y.sum() < len(y):
        return found
    sides = torch.stack([(weight * (1 - y)).sum(), (weight * y).sum()]).clamp(min=1)
    weight = weight * torch.where(y > 0, 1 / sides[1], 1 / sides[0]) * sides.sum() / 2
    ridge = settings.ridge * torch.eye(z.shape[1], device=z.device)
    ridge[-1, -1] = 1e-3
    for _ in range(settings.newton_steps):
        p = (z @ found).sigmoid()
        slope = z.T @ (weight * (p - y)) + ridge @ found
        curvature = (weight * (p * (1 - p)).clamp(min=1e-3))[:, None] * z
        found = found - torch.linalg.solve(z.T @ curvature + ridge, slope)
    return found
