"""Images invented from label maps (after SynthSeg, Billot et al. 2023), and varied real ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .fields import blur, low_resolution, smooth_field

_WHITE = {2, 41, 7, 46, 16, 28, 60, 85}
_CORTEX = {3, 42, 8, 47}
_DEEP = {10, 49, 11, 50, 12, 51, 17, 53, 18, 54, 26, 58}
_PALLIDUM = {13, 52}
_FLUID = {4, 43, 5, 44, 14, 15, 24, 72}
_TISSUES = (_WHITE, _CORTEX, _DEEP, _PALLIDUM, _FLUID)
_ORDERS = (
    (205, 140, 155, 180, 40),  # T1
    (225, 125, 150, 195, 25),  # T1, inversion recovery
    (95, 140, 120, 80, 230),  # T2
    (120, 165, 150, 115, 45),  # FLAIR
    (150, 185, 175, 150, 215),  # proton density
    (115, 135, 132, 128, 85),  # CT, brain window
)
"""Mean grey value of white matter, cortex, deep grey matter, pallidum and fluid."""
AUTOMATIC_SHARES = (0.3, 0.2, 0.08, 0.08, 0.06, 0.08)
"""How often each of these contrasts is painted for the automatic mode, which must know them."""


def contrast(
    rng: np.random.Generator,
    count: int,
    ids: Sequence[int] | None = None,
    usual: Sequence[float] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each of ``count`` labels, 0 being background.

    Either every label on its own, or groups of labels that look alike, or, where FreeSurfer
    ``ids`` are given, the order of a usual MR or CT contrast; ``usual``: their shares.
    """
    mean = rng.uniform(8, 247, count)
    kind = rng.random()
    if usual is not None and ids is not None and kind < sum(usual):
        chosen = rng.choice(len(_ORDERS), p=np.array(usual) / sum(usual))
        order = np.array(_ORDERS[chosen]) * rng.uniform(0.65, 1.1)
        order += rng.normal(0, 9, len(_TISSUES))
        for tissue, value in zip(_TISSUES, order, strict=True):
            own = np.isin(ids, list(tissue))
            mean[own] = value + rng.normal(0, 6, own.sum())
    elif kind < 0.35:
        groups = rng.integers(0, int(rng.integers(3, 9)), count)
        mean = rng.uniform(8, 247, 9)[groups] + rng.normal(0, rng.uniform(0, 12), count)
    elif kind < 0.75 and ids is not None:
        order = _ORDERS[rng.integers(len(_ORDERS))] + rng.normal(0, 9, len(_TISSUES))
        for tissue, value in zip(_TISSUES, order, strict=True):
            own = np.isin(ids, list(tissue))
            mean[own] = value + rng.normal(0, 6, own.sum())
    # Left and right of a structure look alike.
    if ids is not None:
        where = {number: i for i, number in enumerate(ids)}
        for left, right in _PAIRS.items():
            if left in where and right in where:
                mean[where[right]] = mean[where[left]] + rng.normal(0, 1.5)
    mean[0] = rng.uniform(0, 20) if rng.random() < 0.85 else rng.uniform(0, 255)
    deviation = rng.uniform(0.5, rng.uniform(3, 16), count)
    deviation[0] *= 0.3
    return np.clip(mean, 0, 255).astype(np.float32), deviation.astype(np.float32)


_PAIRS = {
    **{2: 41, 3: 42, 4: 43, 5: 44, 7: 46, 8: 47, 10: 49, 11: 50, 12: 51, 13: 52, 17: 53},
    **{18: 54, 26: 58, 28: 60, 30: 62, 136: 137, 163: 164},
}


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


def synthesise(
    labels: np.ndarray,
    rng: np.random.Generator,
    ids: Sequence[int] | None = None,
    thick: int = 1,
    usual: Sequence[float] | None = None,
) -> np.ndarray:
    """An image float32 0..255 [D, H, W] of ``labels`` (int, dense from 0) [D * thick, H, W].

    Each slice is the mean over ``thick`` planes; ``ids`` are FreeSurfer's numbers of the labels;
    ``usual`` as for :func:`contrast`.
    Texture, bias, blur, low resolution, noise and grey-value curve are random.
    """
    mean, deviation = contrast(rng, len(ids) if ids else int(labels.max()) + 1, ids, usual)
    planes = labels.reshape(-1, thick, *labels.shape[1:])
    middle = planes[:, thick // 2]
    image = mean[planes].mean(1) if thick > 1 else mean[middle]
    image += texture(rng, middle.shape, deviation[middle])
    return augment(blur(image, rng.uniform(0.3, 1.1)), rng)


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
