"""The dense decoder: a small U over strides 4 to 32, run once for each class, shared by all.

Beyond the paper: pooling a stroke into centres forgets where it was, and two convolutions after the
centres cannot spread it over an organ. No normalisation, so that "nothing is similar here" (an
organ that ended) is not scaled away.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .configuration import NetworkConfiguration
from .encoder import Features
from .geodesic_maps import N_GEODESIC_MAPS

MAPS = 8
"""Maps at stride 4, besides those of ``spread``: own and rival centre logit, own and rival previous
mask, own and rival marks, own and rival similarity to the memory."""


def _conv(inner: int, outer: int, stride: int = 1) -> nn.Conv2d:
    layer = nn.Conv2d(inner, outer, 3, stride, 1)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


class DenseDecoder(nn.Module):
    """Class-wise maps and shared features in; one logit map at stride 2 and a summary out."""

    def __init__(self, configuration: NetworkConfiguration) -> None:
        super().__init__()
        w4, w8, w16, w32 = configuration.dense_widths
        self.enter = _conv(MAPS + N_GEODESIC_MAPS * configuration.spread, w4)
        self.local = nn.Conv2d(2, w8, 1)
        self.down = nn.ModuleList([_conv(w4, w8, 2), _conv(w8, w16, 2), _conv(w16, w32, 2)])
        self.body = nn.ModuleList([_conv(w, w) for w in (w4, w8, w16, w32, w32)])
        self.up = nn.ModuleList(
            [nn.Conv2d(w8, w4, 1), nn.Conv2d(w16, w8, 1), nn.Conv2d(w32, w16, 1)]
        )
        self.merge = nn.ModuleList([_conv(w, w) for w in (w4, w8, w16)])
        self.to_edge = nn.Conv2d(w4, 8, 1)
        self.refine = _conv(8, 8)
        self.logit = nn.Conv2d(8, 1, 1)

    def forward(self, features: Features, maps: Tensor, local: Tensor) -> tuple[Tensor, Tensor]:
        """``maps`` [B*K, maps, h, w], ``local`` [B*K, 2, h/2, w/2], features of B slices.

        Returns logits [B*K, 1, 2h, 2w] and the summary [B*K, 2 * w32] of the coarsest level.
        """
        per = len(maps) // len(features.mask)

        def shared(t: Tensor) -> Tensor:
            return t.repeat_interleave(per, 0) if per > 1 else t

        x = _relu(self.enter(maps) + shared(features.dense[0]))
        x4 = _relu(x + self.body[0](x))
        x = _relu(self.down[0](x4) + self.local(local) + shared(features.dense[1]))
        x8 = _relu(x + self.body[1](x))
        x = _relu(self.down[1](x8) + shared(features.dense[2]))
        x16 = _relu(x + self.body[2](x))
        x = _relu(self.down[2](x16))
        x = _relu(x + self.body[3](x))
        x = _relu(x + self.body[4](x))
        summary = torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)
        for level, skip in ((2, x16), (1, x8), (0, x4)):
            x = _relu(skip + upsample_2x(self.up[level](x)))
            x = _relu(x + self.merge[level](x))
        x = _relu(upsample_2x(self.to_edge(x)) + shared(features.edge))
        return self.logit(_relu(x + self.refine(x))), summary


def _relu(x: Tensor) -> Tensor:
    """In place: every argument here is a fresh sum or product."""
    return F.relu(x, inplace=True)


def upsample_2x(x: Tensor) -> Tensor:
    """Maps [N, C, h, w] at twice the size."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
