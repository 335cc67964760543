"""Invented structures: blobs, tubes, branches and rings among lookalikes that nobody asked for."""

from __future__ import annotations

import numpy as np

from .fields import blur, smooth_field
from .synthesis import augment, contrast, texture

Shape3 = tuple[int, int, int]


def _middle(rng: np.random.Generator, shape: Shape3, wander: float) -> tuple[np.ndarray, ...]:
    """A centre line over the slices: rows and columns [D, 1, 1], wandering ``wander`` of a side."""
    d, h, w = shape
    path = smooth_field(rng, (d, 1, 2), (2, 1))[:, 0] * wander * min(h, w)
    start = rng.uniform(0.2, 0.8, 2) * [h, w]
    at = path - path[rng.integers(d)] + start
    return at[:, :1, None].astype(np.float32), at[:, 1:, None].astype(np.float32)


def _extent(rng: np.random.Generator, d: int) -> tuple[float, float]:
    """First and last slice: about half of the structures end or start inside the block (none
    inside so few slices that it would not be seen)."""
    if d < 4 or rng.random() < 0.4:
        return -1.0, float(d)
    length = rng.uniform(max(3.0, 0.35 * d), 1.3 * d)
    first = rng.uniform(1.5 - length, d - 2.5)
    return first, first + length


def shape(rng: np.random.Generator, size: Shape3, radius: float | None = None) -> np.ndarray:
    """One random smooth shape, bool [D, H, W], about ``radius`` pixels thick where widest."""
    d, h, w = size
    r = radius or float(np.exp(rng.uniform(np.log(2), np.log(0.35 * min(h, w)))))
    kind = rng.choice(["blob", "tube", "branch", "ring"], p=[0.45, 0.25, 0.15, 0.15])
    y, x = _middle(rng, size, {"blob": 0.03, "ring": 0.03}.get(kind, 0.12))
    low, high = _extent(rng, d)
    z = np.arange(d, dtype=np.float32)[:, None, None]
    dy, dx = np.arange(h, dtype=np.float32)[:, None] - y, np.arange(w, dtype=np.float32) - x
    angle, ratio = rng.uniform(0, np.pi), np.exp(abs(rng.normal(0, 0.35)))
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    away = np.hypot((c * dy + s * dx) * ratio, (c * dx - s * dy) / ratio)
    if kind == "branch":
        # A second arm leaves the first where the two centre lines meet.
        y2, x2 = _middle(rng, size, 0.25)
        meet = int(rng.integers(d))
        y2, x2 = y2 + y[meet] - y2[meet], x2 + x[meet] - x2[meet]
        other = np.hypot(np.arange(h, dtype=np.float32)[:, None] - y2, np.arange(w) - x2)
        away = np.minimum(away, other * rng.uniform(1.0, 1.6))
    width = r * (1 + 0.15 * smooth_field(rng, (d, 1, 1), (3, 1)))
    if kind == "blob":
        middle, half = (low + high) / 2, (high - low) / 2
        width = width * np.sqrt(np.clip(1 - ((z - middle) / half) ** 2, 0, 1))
    rough = rng.uniform(0, 0.3) * r
    away = away + rough * smooth_field(rng, size, (2, max(1, int(0.7 * min(h, w) / r))))
    inside = away < width
    if kind == "ring":
        inside &= away > width * rng.uniform(0.4, 0.75)
    return inside & (z >= low) & (z <= high)


def invent(
    rng: np.random.Generator, size: Shape3, structures: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Labels uint8 [D, H, W] of ``structures`` shapes, all drawn parts (1..structures, then
    lookalikes that stay unlabelled) in the same array type, and the number of parts."""
    extra = int(rng.integers(1, 6))
    parts = np.zeros(size, np.uint8)
    likes = float(np.exp(rng.uniform(np.log(2), np.log(0.3 * size[1]))))
    order = [*range(structures + 1, structures + extra + 1), *range(1, structures + 1)]
    for number in order:
        alike = rng.random() < 0.6
        parts[shape(rng, size, likes * rng.uniform(0.7, 1.4) if alike else None)] = number
    return np.where(parts <= structures, parts, 0).astype(np.uint8), parts, structures + extra


def _tissues(rng: np.random.Generator, size: Shape3) -> np.ndarray:
    """A background of a few smooth compartments, uint8 from 0."""
    count = int(rng.integers(1, 6))
    cells = int(rng.integers(2, 7))
    fields = [smooth_field(rng, size, (2, cells)) for _ in range(count)]
    return np.argmax(fields, 0).astype(np.uint8)


def paint(
    rng: np.random.Generator,
    parts: np.ndarray,
    count: int,
    structures: int,
    real: tuple[np.ndarray, np.ndarray] | None = None,
) -> np.ndarray:
    """An image float32 0..255 of ``parts`` (0..count): grey values of their own on invented
    tissues, or, given two ``real`` images of the same shape, the second one's texture inside the
    shapes and the first one around them."""
    mean, deviation = contrast(rng, count + 1)
    # Lookalikes share the grey value of a structure.
    for part in range(structures + 1, count + 1):
        if rng.random() < 0.5:
            mean[part] = mean[1 + rng.integers(structures)] + rng.normal(0, 3)
    if real is None:
        tissues = _tissues(rng, parts.shape)
        values, spread = contrast(rng, int(tissues.max()) + 1)
        image = np.where(parts > 0, mean[parts], values[tissues])
        rough = np.where(parts > 0, deviation[parts], spread[tissues])
        image = image + texture(rng, parts.shape, rough)
    else:
        around, inner = real
        share = rng.uniform(0.2, 1.0)
        lifted = share * (inner - inner.mean()) + mean[parts]
        # A border needs to be seen.
        soft = blur((parts > 0).astype(np.float32), rng.uniform(0.3, 1.0))
        image = around + soft * (np.where(parts > 0, lifted, around) - around)
    return augment(blur(image.astype(np.float32), rng.uniform(0.3, 1.0)), rng)
