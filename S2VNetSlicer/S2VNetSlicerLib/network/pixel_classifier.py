"""Retouching: what the marks say about pixels, at twice the resolution of all other features.

Beyond the paper. The network finds a structure in every slice, but its border is off by a pixel or
two, and strokes that lie there change little elsewhere. As ilastik does, a classifier is fitted to
all marks of the volume on what pixels look like (brightness, edges and texture at several scales)
and where in the slice they are. It has a say only where a mask is in doubt, and never decides what
the next slice receives: alone it would follow every lookalike.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .geodesic_maps import dilate_box
from .kmeans_decoder import class_maps
from .logistic_regression import TrainingSamples, choose_cells, fit, joined, standardise
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


@torch.no_grad()
def gather_pixel_samples(
    pixel_features: Tensor,
    logits: Tensor,
    marks: Tensor,
    settings: PixelClassifierSettings = DEFAULT,
) -> list[TrainingSamples]:
    """The samples of B marked slices: ``pixel_features`` [B, C, h, w], ``logits`` [B, K, h, w] of
    the network, ``marks`` uint8 [B, 2h, 2w]. Unmarked cells are those near a structure of which
    the network is sure."""
    structures, (height, width) = logits.shape[1], logits.shape[2:]
    marked = class_maps(marks, structures, (height, width)).flatten(2) > 0
    said = torch.cat([torch.zeros_like(logits[:, :1]), logits], 1).float().softmax(1)
    near = dilate_box(said[:, 0] < 0.5, settings.near).flatten(1)
    best, likely = said.flatten(2).max(1)
    most, found = (settings.max_marked, settings.max_sure), []
    chosen = choose_cells(marked, (best > settings.sure) & near, most)
    for item, (where, count) in enumerate(chosen):
        y = F.one_hot(likely[item, where], structures + 1)[:, 1:].to(said)
        y[:count] = marked[item, 1:][:, where[:count]].T.to(y)
        weight = torch.full((len(where),), settings.sure_weight, device=y.device)
        weight[:count] = 1
        here = (torch.full_like(where, item), where // width, where % width)
        x = _seen(pixel_features, here)
        found.append(TrainingSamples(x, y, torch.zeros_like(y), weight, count))
    return found


class PixelClassifier:
    """A ridge logistic regression of each of K structures against all else, on random features."""

    @torch.no_grad()
    def __init__(
        self,
        samples: list[TrainingSamples],
        settings: PixelClassifierSettings = DEFAULT,
    ) -> None:
        self.settings = settings
        x, y, offset, weight = joined(samples)
        self.mean, self.scale = standardise(x)
        # Always the same random features: the same marks give the same result.
        chance = torch.Generator().manual_seed(0)
        inner = torch.randn(settings.hidden, x.shape[1], generator=chance)
        inner = inner * settings.bend / x.shape[1] ** 0.5
        self.inner = inner.to(x)
        self.bias = (torch.randn(settings.hidden, generator=chance) * 0.5).to(x)
        z = F.pad(self._bent(x), (0, 1), value=1.0)
        ridge = torch.full_like(z[0], settings.ridge)
        ridge[-1] = 1e-3  # hardly any for the constant
        # Both sides of a structure count alike; where there is but one nothing is learned.
        sides = torch.stack([weight @ side for side in (1 - y, y)]).clamp(min=1)
        alike = torch.where(y > 0, 1 / sides[1], 1 / sides[0]) * sides.sum(0) / 2
        weights = weight[:, None] * alike
        both = (y.sum(0) > 0) & (y.sum(0) < len(y))
        how = ridge, settings.newton_steps, 1e-3 * weights
        self.outer = fit(z, y, offset, weights, *how) * both[:, None]

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
        # What no pass found there is not there, whatever it looks like.
        excluded = (share < 1 - settings.settled) & (share < share.amax(1, keepdim=True))
        possible = share.masked_fill(excluded, 0).log()
        result = masks.clone()
        result[item, :, row, column] = (possible + said).softmax(1)[:, 1:].to(masks)
        return result
