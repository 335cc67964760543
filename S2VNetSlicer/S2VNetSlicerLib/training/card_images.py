"""Images of whole batches on the device that trains: fields, textures, invented structures, and
the augmentations of ``synthesis``."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


def looked_up(tables: np.ndarray, index: Tensor) -> Tensor:
    """Values [N, ...] of ``tables`` [N, 256] at ``index`` [N, ...]; uint8 becomes int64."""
    table = torch.from_numpy(tables).to(index.device)
    table = table.long() if table.dtype == torch.uint8 else table.float()
    return table.gather(1, index.flatten(1)).view(index.shape)


def field(
    chance: torch.Generator, shape: tuple[int, ...], cells: int, device: torch.device
) -> Tensor:
    """Smooth random fields [N, D, S, S] of about unit variance."""
    n, d, h, w = shape
    coarse = torch.randn(n, 1, 3, cells + 2, cells + 2, generator=chance, device=device)
    return 1.6 * F.interpolate(coarse, size=(d, h, w), mode="trilinear", align_corners=True)[:, 0]


def texture(
    rng: np.random.Generator,
    chance: torch.Generator,
    shape: tuple[int, ...],
    device: torch.device,
) -> Tensor:
    share = rng.uniform(0.1, 0.9)
    fine = torch.randn(shape, generator=chance, device=device)
    return share * field(chance, shape, shape[-1] // int(rng.integers(6, 20)), device) + (
        1 - share
    ) * blurred(fine, rng.uniform(0.3, 0.9))


def blob(
    rng: np.random.Generator,
    chance: torch.Generator,
    shape: tuple[int, ...],
    device: torch.device,
) -> Tensor:
    """Invented structures, bool [N, D, S, S]: round, rough, or long through the slices."""
    n, d, h, w = shape
    radius = np.exp(rng.uniform(np.log(2.5), np.log(0.3 * h), n))
    middle = rng.uniform(0.2, 0.8, (n, 3)) * [d - 1, h - 1, w - 1]
    long = rng.uniform(1.5, 2.5 * d, n)
    slope = rng.uniform(-1, 1, (n, 2)) * np.minimum(radius, h / 12)[:, None]

    def each(values: np.ndarray) -> Tensor:
        return torch.from_numpy(values).to(device).float().view(-1, 1, 1, 1)

    z = torch.arange(d, device=device).view(1, -1, 1, 1) - each(middle[:, 0])
    y = (
        torch.arange(h, device=device).view(1, 1, -1, 1)
        - each(middle[:, 1])
        - z * each(slope[:, 0])
    )
    x = (
        torch.arange(w, device=device).view(1, 1, 1, -1)
        - each(middle[:, 2])
        - z * each(slope[:, 1])
    )
    rough = each(rng.uniform(0, 0.4, n)) * field(chance, shape, int(rng.integers(3, 16)), device)
    away = (y**2 + (x * each(np.exp(rng.normal(0, 0.35, n)))) ** 2) / each(radius) ** 2
    return away + (z / each(long)) ** 2 < 1 + rough


def near(mask: Tensor, reach: int) -> Tensor:
    """What lies within ``reach`` pixels of ``mask`` bool [D, S, S] along rows and columns."""
    wide = mask[:, None].float()
    wide = F.max_pool2d(wide, (2 * reach + 1, 1), 1, (reach, 0))
    return F.max_pool2d(wide, (1, 2 * reach + 1), 1, (0, reach))[:, 0] > 0


def blurred(image: Tensor, sigma: float) -> Tensor:
    """In-plane Gaussian blur of [N, D, S, S] by ``sigma`` pixels."""
    reach = int(3 * sigma + 0.5)
    line = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, device=image.device) / sigma) ** 2)
    line = (line / line.sum()).to(image)
    flat = image.flatten(0, 1)[:, None]
    padded = F.pad(flat, (reach, reach, reach, reach), mode="replicate")
    seen = F.conv2d(F.conv2d(padded, line.view(1, 1, -1, 1)), line.view(1, 1, 1, -1))
    return seen.view(image.shape)


def augmented(image: Tensor, chance: torch.Generator) -> Tensor:
    """Variants of images [N, D, S, S]: bias field, grey-value curve, pixels too large, noise."""
    n, device = len(image), image.device

    def draw(low: float, high: float, share: float, off: float) -> Tensor:
        """One number an episode, ``off`` in all but a ``share`` of them."""
        values = low + (high - low) * torch.rand(n, generator=chance, device=device)
        chosen = torch.rand(n, generator=chance, device=device) < share
        return torch.where(chosen, values, off).view(-1, 1, 1, 1)

    if not n:
        return image
    shape = tuple(image.shape)
    image = image * torch.exp(draw(0.03, 0.2, 0.4, 0.0) * field(chance, shape, 3, device))
    image = 255 * (image.clamp(0, 255) / 255) ** draw(0.6, 1.6, 0.4, 1.0)
    low, high = draw(-40, 50, 0.4, 0.0), draw(205, 300, 0.4, 255.0)
    image = (image - low) * (255 / (high - low))
    image = torch.where(draw(1, 1, 0.06, 0.0) > 0, 255 - image, image)
    factor = 1.2 + 2.8 * float(torch.rand(1, generator=chance, device=device))
    small = [image.shape[1], *(max(8, round(s / factor)) for s in shape[2:])]
    coarse = F.interpolate(image[:, None], size=small, mode="area")
    coarse = F.interpolate(coarse, size=shape[1:], mode="trilinear", align_corners=False)[:, 0]
    image = torch.where(draw(1, 1, 0.3, 0.0) > 0, coarse, image)
    noise = torch.randn(shape, generator=chance, device=device)
    return (image + draw(1, 12, 0.5, 0.0) * noise).clamp(0, 255)
