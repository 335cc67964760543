"""What pixels look like: brightness, edges and texture at several scales, at stride 2."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

DEFAULT = (1, 2, 4, 8)


def pixel_feature_bank(slices: Tensor, scales: Sequence[int] = DEFAULT) -> Tensor:
    """What pixels of ``slices`` [N, 1, H, W] (0..255) look like, [N, C, H/2, W/2]: brightness, and
    smoothed with edges and bands at each of ``scales`` (cells of stride 2)."""
    light = F.avg_pool2d(slices, 2) / 255
    smooth = {0: light, **{s: _blurred(light, s) for s in scales}}
    maps = [light]
    for scale in scales[:-1]:
        here = smooth[scale]
        down = F.pad(here[:, :, 2:] - here[:, :, :-2], (0, 0, 1, 1))
        across = F.pad(here[..., 2:] - here[..., :-2], (1, 1))
        maps += [here, scale * (down**2 + across**2).sqrt(), here - smooth[2 * scale]]
    return torch.cat([*maps, smooth[scales[-1]]], 1)


def _blurred(light: Tensor, scale: float) -> Tensor:
    rows, columns = (_bell(n, scale, light.device).to(light.dtype) for n in light.shape[2:])
    return rows @ light @ columns.T


@lru_cache(maxsize=64)
@torch.inference_mode(False)  # What is kept may be needed for training.
def _bell(size: int, scale: float, device: torch.device) -> Tensor:
    """[size, size]; each row is a normal distribution around its own place, of sum 1."""
    place = torch.arange(size, device=device)
    weight = (-0.5 * ((place[:, None] - place) / scale) ** 2).exp()
    return weight / weight.sum(1, keepdim=True)
