"""2D backbone and pixel decoder: one slice in, the multi-scale features of that slice out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .configuration import NetworkConfiguration
from .geodesic_maps import tissue_of
from .pixel_features import pixel_feature_bank

STRIDES = (32, 16, 8)
"""Strides at which centres meet pixels, in the order of the decoder."""


@dataclass
class Features:
    """What is kept of N slices; everything a mark needs, so that no mark encodes anything again.

    With h = H/4 and w = W/4: ``mask`` [N, mask_dim, h, w] multiplies with the centres;
    ``keys`` and ``values`` are three maps [N, dim, ...] at strides 32, 16, 8; ``dense`` three maps
    for the dense decoder at strides 4, 8, 16; ``edge`` [N, 8, 2h, 2w]; ``match``
    [N, mask_dim, h/2, w/2], of unit length, is compared with the neighbouring slice; ``tissue``
    [N, 2, h, w], brightness and edges, see :func:`~.geodesic_maps.tissue_of`; ``pixel_features``
    [N, C, 2h, 2w], see :func:`~.pixel_features.pixel_feature_bank` (no channels in training, which
    needs none).
    """

    mask: Tensor
    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    dense: tuple[Tensor, ...]
    edge: Tensor
    match: Tensor
    tissue: Tensor
    pixel_features: Tensor

    def map(self, function: Callable[[Tensor], Tensor]) -> Features:
        """The features with ``function`` applied to every tensor."""
        parts: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            parts[field.name] = (
                tuple(function(t) for t in value) if isinstance(value, tuple) else function(value)
            )
        return Features(**parts)

    def tensors(self) -> list[Tensor]:
        """Every tensor, in a fixed order."""
        found: list[Tensor] = []
        self.map(lambda t: found.append(t) or t)  # type: ignore[func-returns-value]
        return found


def position_encoding(height: int, width: int, dim: int, device: torch.device) -> Tensor:
    """Sines and cosines of the position, [dim, height, width].

    Coordinates are relative to the centre of the slice, in units of its longer side, so that the
    code of a place does not depend on the stride.
    """
    side = max(height, width)
    y = (torch.arange(height, device=device) + 0.5 - height / 2) / side
    x = (torch.arange(width, device=device) + 0.5 - width / 2) / side
    frequency = torch.pi * 2.0 ** torch.arange(dim // 4, device=device).div(2)
    rows, columns = y[None] * frequency[:, None], x[None] * frequency[:, None]
    code = torch.cat([rows.sin(), rows.cos()])[:, :, None].expand(-1, -1, width)
    across = torch.cat([columns.sin(), columns.cos()])[:, None, :].expand(-1, height, -1)
    return torch.cat([code, across])


def convolution(inner: int, outer: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, batch norm (folded at inference), ReLU."""
    return nn.Sequential(
        nn.Conv2d(inner, outer, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outer),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two 3x3 convolutions around a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        first, second = convolution(width, width), convolution(width, width)
        norm = second[1]
        assert isinstance(norm, nn.BatchNorm2d)
        nn.init.zeros_(norm.weight)
        self.body = nn.Sequential(*first, second[0], norm)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.body(x))


class FPNBackbone(nn.Module):
    """A plain residual backbone with a top-down pixel decoder.

    Source: the method's "2D backbone, pixel decoder with multi-scale features" (S2VNet, Fig. 2);
    the plain pyramid is our choice, four times as fast on a CPU as an EfficientNet-Lite0.
    """

    def __init__(self, configuration: NetworkConfiguration) -> None:
        super().__init__()
        c = configuration
        self.positions = c.positions
        self.stem = convolution(1, c.stem, stride=2)
        inner, stages = c.stem, []
        for width, blocks in zip(c.widths, c.blocks, strict=True):
            stages.append(
                nn.Sequential(
                    convolution(inner, width, stride=2), *(Residual(width) for _ in range(blocks))
                )
            )
            inner = width
        self.stages = nn.ModuleList(stages)
        self.lateral = nn.ModuleList(nn.Conv2d(w, c.dim, 1) for w in c.widths)
        self.smooth = nn.ModuleList(convolution(c.dim, c.dim) for _ in c.widths)
        self.mask = nn.Conv2d(c.dim, c.mask_dim, 1)

    def levels(self, slices: Tensor) -> tuple[Tensor, list[Tensor]]:
        """``slices`` [N, 1, H, W], 0..255, H and W multiples of 32: the stem's features at stride
        2, and those of the decoder at strides 32, 16, 8 and 4."""
        half = self.stem(slices / 127.5 - 1)
        pyramid, x = [], half
        for stage in self.stages:
            x = stage(x)
            pyramid.append(x)
        merged: list[Tensor] = []
        for lateral, smooth, level in zip(
            reversed(self.lateral), reversed(self.smooth), reversed(pyramid), strict=True
        ):
            x = lateral(level)
            if merged:
                x = x + F.interpolate(merged[-1], scale_factor=2.0, mode="nearest")
            merged.append(smooth(x))
        return half, merged


def keys_of(merged: list[Tensor], layers: nn.ModuleList, positions: bool) -> tuple[Tensor, ...]:
    """What centres are compared with at strides 32, 16 and 8, with ``positions`` or without."""
    keys = [key(x) for key, x in zip(layers, merged[:3], strict=True)]
    if positions:
        keys = [
            k + position_encoding(k.shape[2], k.shape[3], k.shape[1], k.device).to(k) for k in keys
        ]
    return tuple(keys)


class Encoder(FPNBackbone):
    """All that is kept of a slice, see :class:`Features`."""

    def __init__(self, configuration: NetworkConfiguration) -> None:
        super().__init__(configuration)
        c = configuration
        self.pixel_features, self.scales = c.retouching or c.transport, c.look_scales
        self.match = nn.Conv2d(c.dim, c.mask_dim, 1)
        self.edge = nn.Conv2d(c.stem, 8, 3, padding=1)
        self.keys = nn.ModuleList(nn.Conv2d(c.dim, c.dim, 1) for _ in STRIDES)
        self.values = nn.ModuleList(nn.Conv2d(c.dim, c.dim, 1) for _ in STRIDES)
        self.dense = nn.ModuleList(nn.Conv2d(c.dim, w, 1) for w in c.dense_widths[:3])

    def forward(self, slices: Tensor) -> Features:
        """``slices`` [N, 1, H, W], 0..255, H and W multiples of 32."""
        half, merged = self.levels(slices)
        fine = merged[::-1]
        return Features(
            mask=self.mask(fine[0]),
            keys=keys_of(merged, self.keys, self.positions),
            values=tuple(value(x) for value, x in zip(self.values, merged[:3], strict=True)),
            dense=tuple(dense(x) for dense, x in zip(self.dense, fine, strict=False)),
            edge=self.edge(half),
            match=F.normalize(self.match(fine[1]), dim=1),
            tissue=tissue_of(slices),
            pixel_features=pixel_feature_bank(slices, self.scales)
            if self.pixel_features and not self.training
            else half[:, :0],
        )
