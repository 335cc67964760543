"""Images invented from label maps (after SynthSeg, Billot et al. 2023), and varied real ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .fields import blur, low_resolution, smooth_field
from .tissues import Tissues

FILLED = (0.0, 108.0, 140.0, 250.0)
"""Grey values of air, fluid, soft tissue and contrast agent in a hollow organ."""
AUTOMATIC_SHARES = (0.3, 0.2, 0.08, 0.08, 0.06, 0.08)
"""How often each contrast of heads is painted for the automatic mode, which must know them."""
BODY_SHARES = (0.14, 0.25, 0.1, 0.1, 0.1, 0.06)
"""Likewise of the rest of the body."""


def contrast(
    rng: np.random.Generator,
    count: int,
    tissues: Tissues | None = None,
    usual: Sequence[float] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each of ``count`` labels, 0 being background.

    Either every label on its own, or groups of labels that look alike, or, where the ``tissues`` of
    the labels are given, as a usual MR or CT shows them; ``usual``: shares of these contrasts.
    """
    mean = rng.uniform(8, 247, count)
    kind = rng.random()
    if usual is not None and tissues is not None and kind < sum(usual):
        chosen = rng.choice(len(usual), p=np.array(usual) / sum(usual))
        order = tissues.orders[chosen] * rng.uniform(0.65, 1.1)
        _as_usual(rng, mean, order, tissues)
    elif kind < 0.35:
        groups = rng.integers(0, int(rng.integers(3, 9)), count)
        mean = rng.uniform(8, 247, 9)[groups] + rng.normal(0, rng.uniform(0, 12), count)
    elif kind < 0.75 and tissues is not None:
        _as_usual(rng, mean, tissues.orders[rng.integers(len(tissues.orders))], tissues)
    if tissues is not None:
        # Left and right of a structure look alike.
        for left, right in tissues.pairs:
            mean[right] = mean[left] + rng.normal(0, 1.5)
        filled = np.flatnonzero(tissues.hollow & (rng.random(count) < 0.7))
        mean[filled] = rng.choice(FILLED, len(filled)) + rng.normal(0, 8, len(filled))
    mean[0] = rng.uniform(0, 20) if rng.random() < 0.85 else rng.uniform(0, 255)
    deviation = rng.uniform(0.5, rng.uniform(3, 16), count)
    deviation[0] *= 0.3
    return np.clip(mean, 0, 255).astype(np.float32), deviation.astype(np.float32)


def _as_usual(
    rng: np.random.Generator, mean: np.ndarray, order: np.ndarray, tissues: Tissues
) -> None:
    """Set ``mean`` of the labels of a tissue near its value in ``order``."""
    order = order + rng.normal(0, 9, len(order))
    own = tissues.group >= 0
    mean[own] = order[tissues.group[own]] + rng.normal(0, 6, own.sum())


def texture(
    rng: np.random.Generator, shape: tuple[int, int, int], deviation: np.ndarray
) -> np.ndarray:
    """Noise of a tissue [D, H, W], coarse and fine together, times ``deviation`` (per pixel)."""
    side = max(shape[1:])
    coarse = smooth_field(rng, shape, (max(1, shape[0] // 2), side // int(rng.integers(6, 20))))
    fine = rng.standard_normal(shape, np.float32)
    if rng.random() < 0.6:
        sigma = rng.uniform(0.5, 1.3)
        fine = blur(fine, sigma) * np.float32(2 * sigma * np.sqrt(np.pi) * 0.8)
    share = rng.uniform(0.1, 0.9)
    return deviation * (share * coarse + (1 - share) * fine)


def painted(
    labels: np.ndarray,
    rng: np.random.Generator,
    tissues: Tissues | None = None,
    thick: int = 1,
    usual: Sequence[float] | None = None,
) -> np.ndarray:
    """An image float32 [D, H, W] of ``labels`` (int, dense from 0) [D * thick, H, W], tissues with
    their texture, about 0..255.

    Each slice is the mean over ``thick`` planes; ``tissues`` of the labels and ``usual`` as for
    :func:`contrast`.
    """
    count = int(labels.max()) + 1 if tissues is None else len(tissues.group)
    mean, deviation = contrast(rng, count, tissues, usual)
    planes = labels.reshape(-1, thick, *labels.shape[1:])
    middle = planes[:, thick // 2]
    image = mean[planes].mean(1) if thick > 1 else mean[middle]
    image += texture(rng, middle.shape, deviation[middle])
    return blur(image, rng.uniform(0.3, 1.1))


def synthesise(
    labels: np.ndarray,
    rng: np.random.Generator,
    tissues: Tissues | None = None,
    thick: int = 1,
    usual: Sequence[float] | None = None,
) -> np.ndarray:
    """What :func:`painted` makes, as float32 0..255: bias, blur, low resolution, noise and
    grey-value curve are random."""
    return augment(painted(labels, rng, tissues, thick, usual), rng)


def repaint(image: np.ndarray, regions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """``image`` float32 0..255 [D, H, W] with other mean grey values of its ``regions`` (int, of
    that shape): drawn anew, or from a random curve of the old ones; its texture stays. Values may
    leave 0..255."""
    _, index = np.unique(regions, return_inverse=True)
    index = index.reshape(regions.shape)
    count = np.bincount(index.ravel())
    old = np.bincount(index.ravel(), image.ravel()) / count
    new, _ = contrast(rng, len(count))
    if rng.random() < 0.5:
        steps = np.sort(rng.uniform(0, 255, int(rng.integers(3, 8))))
        curve = np.interp(old, steps, rng.uniform(0, 255, len(steps)))
        new = curve + rng.normal(0, rng.uniform(2, 20), len(count))
    kept = rng.uniform() if rng.random() < 0.5 else 0.0
    flat = old.astype(np.float32)[index]
    aim = (kept * old + (1 - kept) * new).astype(np.float32)[index]
    gain = np.float32(np.exp(rng.normal(0, 0.4)))
    return blur(aim, rng.uniform(0.3, 1.0)) + gain * (image - flat)


def _curve(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another grey-value curve: gamma, window, seldom inverted."""
    if rng.random() < 0.4:
        gamma = np.exp(rng.normal(0, 0.3))
        image = 255 * (np.clip(image, 0, 255) / 255) ** np.float32(gamma)
    if rng.random() < 0.4:
        low, high = rng.uniform(-40, 50), rng.uniform(205, 300)
        image = (image - np.float32(low)) * np.float32(255 / (high - low))
    return 255 - image if rng.random() < 0.06 else image


def _noise(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise, white or correlated (CT), or Rician (magnitude MR)."""
    level = np.float32(rng.uniform(1, 5) if rng.random() < 0.7 else rng.uniform(5, 16))
    noise = level * rng.standard_normal(image.shape, np.float32)
    kind = rng.random()
    if kind < 0.3:
        return np.hypot(image + noise, level * rng.standard_normal(image.shape, np.float32))
    if kind < 0.6:
        noise = blur(noise, rng.uniform(0.5, 1.0)) * 2
    return image + noise


def augment(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A variant of ``image`` float32 0..255 [D, H, W]: bias field, grey-value curve, one contrast
    per slice (a little), blur or low resolution, noise."""
    if rng.random() < 0.4:
        field = smooth_field(rng, image.shape, (1, int(rng.integers(1, 4))))
        image = image * np.exp(rng.uniform(0.03, 0.2) * field)
    image = _curve(image, rng)
    if rng.random() < 0.2:
        image = image * rng.normal(1, 0.03, (len(image), 1, 1)).astype(np.float32)
    kind = rng.random()
    if kind < 0.25:
        image = low_resolution(image, rng.uniform(1.2, 3.0))
    elif kind < 0.4:
        image = blur(image, rng.uniform(0.4, 1.2))
    if rng.random() < 0.5:
        image = _noise(image, rng)
    return np.clip(image, 0, 255).astype(np.float32)
