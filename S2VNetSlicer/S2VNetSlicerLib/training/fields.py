"""Smooth random fields and in-plane filters, cheap enough to be drawn for every episode.

No matrix products: a BLAS with threads of its own would fight with the training process.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import ndimage as ndi


@lru_cache(maxsize=256)
def _spline(n: int, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """First of four coefficients [n] and cubic B-spline weights [4, n] of n points spread over
    ``cells`` equal intervals, scaled to keep the variance on average."""
    t = (np.arange(n) + 0.5) * cells / n
    cell = np.minimum(t.astype(int), cells - 1)
    u = t - cell
    weights = np.stack(
        [(1 - u) ** 3, 3 * u**3 - 6 * u**2 + 4, -3 * u**3 + 3 * u**2 + 3 * u + 1, u**3]
    )
    weights /= np.sqrt((weights**2).sum(0).mean())
    return cell, weights.astype(np.float32)


def _finer(coarse: np.ndarray, axis: int, n: int, cells: int) -> np.ndarray:
    """``coarse`` interpolated to ``n`` points along one axis."""
    cell, weights = _spline(n, cells)
    shape = [1, 1, 1]
    shape[axis] = n
    out = coarse.take(cell, axis) * weights[0].reshape(shape)
    for i in range(1, 4):
        out += coarse.take(cell + i, axis) * weights[i].reshape(shape)
    return out


def smooth_field(
    rng: np.random.Generator, shape: tuple[int, int, int], cells: tuple[int, int]
) -> np.ndarray:
    """Random float32 field [D, H, W] of about unit variance: ``cells`` = (cells across slices,
    cells along a plane's side)."""
    counts = [max(1, min(c, n)) for c, n in zip((cells[0], *cells[1:] * 2), shape, strict=True)]
    field = rng.standard_normal([c + 3 for c in counts], np.float32)
    for axis, (n, count) in enumerate(zip(shape, counts, strict=True)):
        field = _finer(field, axis, n, count)
    return field


@lru_cache(maxsize=256)
def _larger_pixels(n: int, tenths: int) -> tuple[np.ndarray, ...]:
    """Whole and fractional edges of pixels ``tenths``/10 times larger, and where the n pixels lie
    among their centres."""
    m = max(2, round(10 * n / tenths))
    edges = np.linspace(0, n, m + 1)
    whole = np.minimum(edges.astype(int), n - 1)
    at = np.clip((np.arange(n) + 0.5) * m / n - 0.5, 0, m - 1)
    first = np.minimum(at.astype(int), m - 2)
    part, share = (edges - whole).astype(np.float32), (at - first).astype(np.float32)
    return whole, part, first, share


def low_resolution(image: np.ndarray, factor: float, axes: tuple[int, ...] = (1, 2)) -> np.ndarray:
    """``image`` [D, H, W] as if acquired with pixels ``factor`` times larger along ``axes``: the
    mean over each, then linear interpolation."""
    for axis in axes:
        n = image.shape[axis]
        whole, part, first, share = _larger_pixels(n, round(factor * 10))
        column = (-1, 1) if axis == 1 else (1, -1)
        total = np.cumsum(image, axis, dtype=np.float64) - image
        edge = total.take(whole, axis) + image.take(whole, axis) * part.reshape(column)
        low = (np.diff(edge, axis=axis) * (len(whole) - 1) / n).astype(np.float32)
        share = share.reshape(column)
        image = low.take(first, axis) * (1 - share) + low.take(first + 1, axis) * share
    return image


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """In-plane Gaussian blur of ``image`` float32 [D, H, W] by ``sigma`` pixels."""
    for axis in (1, 2):
        image = ndi.gaussian_filter1d(image, sigma, axis, truncate=3)
    return image
