"""In-plane geometry of an episode in one resampling: rotation, scale, flips, elasticity, drift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .fields import smooth_field

Block = tuple[slice, slice]


@dataclass(frozen=True)
class Warp:
    """How strongly planes are moved: ``rotation`` in radians at most, ``stretch`` of the aspect
    ratio, ``elastic`` and ``drift`` (from slice to slice) as shares of the size, flip or not;
    ``lean``: pixels by which an oblique course shifts each slice at most."""

    rotation: float = np.pi
    stretch: float = 0.12
    elastic: float = 0.03
    drift: float = 0.01
    flips: bool = True
    lean: float = 0.0


UPRIGHT = Warp(rotation=0.25, stretch=0.06, elastic=0.03, drift=0.003, flips=False)
"""Whole slices as the automatic mode sees them: left and right are different classes."""


def random_grid(
    rng: np.random.Generator,
    slices: int,
    size: int,
    centre: tuple[float, float],
    zoom: tuple[float, float],
    warp: Warp,
) -> tuple[np.ndarray, np.ndarray]:
    """Where pixels of ``slices`` planes of ``size`` x ``size`` come from: rows and columns of the
    source, float32 [D or 1, S, S].

    ``centre`` in source pixels; ``zoom``: pixels per source pixel, down and across.
    """
    # Mostly little turned: volumes seldom come upside down.
    angle = rng.uniform(-1, 1) * (warp.rotation if rng.random() < 0.3 else min(warp.rotation, 0.4))
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    turn = turn @ np.diag(np.exp(rng.normal(0, warp.stretch, 2)))
    if warp.flips:
        turn = turn @ np.diag(rng.choice([-1, 1], 2, p=[0.3, 0.7]))
    steps = np.arange(size, dtype=np.float32) - (size - 1) / 2
    y, x = np.meshgrid(steps, steps, indexing="ij")
    at = np.stack([y, x])[:, None]
    if rng.random() < 0.7:
        cells = int(rng.integers(2, 7))
        strength = rng.random() * warp.elastic * size * 3 / (cells + 1)
        at = at + strength * np.stack(
            [smooth_field(rng, (1, size, size), (1, cells)) for _ in "yx"]
        )
    if warp.drift and rng.random() < 0.5:
        step = rng.random() * warp.drift * size
        walk = np.cumsum(rng.normal(0, step, (2, slices)), 1)
        at = at + (walk - walk.mean(1, keepdims=True))[..., None, None]
    if warp.lean and rng.random() < 0.4:
        shift = rng.uniform(-warp.lean, warp.lean, (2, 1)) * (np.arange(slices) - (slices - 1) / 2)
        at = at + shift[..., None, None]
    rows = (turn[0, 0] * at[0] + turn[0, 1] * at[1]) / zoom[0] + centre[0]
    columns = (turn[1, 0] * at[0] + turn[1, 1] * at[1]) / zoom[1] + centre[1]
    return rows.astype(np.float32), columns.astype(np.float32)


def needed(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> Block:
    """The smallest box of a plane of ``shape`` that a grid reads (at least one pixel)."""
    box = []
    for at, n in zip((rows, columns), shape, strict=True):
        low = int(np.clip(np.floor(at.min()), 0, n - 1))
        box.append(slice(low, int(np.clip(np.floor(at.max()) + 2, low + 1, n))))
    return box[0], box[1]


def _corners(
    rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Flat indices into a plane of ``shape`` padded by one pixel, and bilinear weights, of the
    four neighbours."""
    h, w = shape
    y = np.clip(rows, -1, h) + 1
    x = np.clip(columns, -1, w) + 1
    top, left = np.minimum(y.astype(np.int32), h), np.minimum(x.astype(np.int32), w)
    v, u = y - top, x - left
    first = top * (w + 2) + left
    index = [first, first + 1, first + w + 2, first + w + 3]
    return index, [(1 - v) * (1 - u), (1 - v) * u, v * (1 - u), v * u]


def resample_image(block: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Linear interpolation of ``block`` [D, h, w] at a grid; zero outside. float32 [D, S, S]."""
    padded = np.pad(block, ((0, 0), (1, 1), (1, 1))).reshape(len(block), -1)
    index, weights = _corners(rows, columns, block.shape[1:])
    out = np.zeros((len(block), *rows.shape[1:]), np.float32)
    for z, plane in enumerate(padded):
        g = z % len(rows)
        for i, w in zip(index, weights, strict=True):
            out[z] += w[g] * plane.take(i[g])
    return out


def resample_nearest(block: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Nearest neighbours of ``block`` [D, h, w] at a grid; 0 outside."""
    h, w = block.shape[1:]
    y = np.rint(np.clip(rows, -1, h)).astype(np.int32) + 1
    x = np.rint(np.clip(columns, -1, w)).astype(np.int32) + 1
    index = y * (w + 2) + x
    padded = np.pad(block, ((0, 0), (1, 1), (1, 1))).reshape(len(block), -1)
    return np.stack([plane.take(index[z % len(index)]) for z, plane in enumerate(padded)])


def resample_labels(
    block: np.ndarray, rows: np.ndarray, columns: np.ndarray, structures: int
) -> np.ndarray:
    """Labels 0..``structures`` of ``block`` [D, h, w] at a grid: of the four neighbours the label
    with the largest weight, so that enlarged borders stay smooth. uint8 [D, S, S]."""
    padded = np.pad(block.astype(np.uint8), ((0, 0), (1, 1), (1, 1))).reshape(len(block), -1)
    index, weights = _corners(rows, columns, block.shape[1:])
    out = np.zeros((len(block), *rows.shape[1:]), np.uint8)
    for z, plane in enumerate(padded):
        g = z % len(rows)
        corners = [plane.take(i[g]) for i in index]
        best = sum(w[g] * (c == 0) for w, c in zip(weights, corners, strict=True))
        for k in range(1, structures + 1):
            score = sum(w[g] * (c == k) for w, c in zip(weights, corners, strict=True))
            out[z][score > best] = k
            best = np.maximum(score, best)
    return out
