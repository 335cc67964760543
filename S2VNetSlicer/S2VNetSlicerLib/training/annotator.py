"""A simulated annotator: marks on a slice where the truth is known.

Marks are uint8: 0 unmarked, 1 background, 2 first structure, 3 second ... They always agree with
the truth, as an attentive user's do, and none lie where it is unknown; everything else about them
varies: strokes, clicks, zigzags and outlines, thick and thin, generous and sparse.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage as ndi

from .cases import UNKNOWN

Mask = np.ndarray
_CROSS = ndi.generate_binary_structure(2, 1)


def _disc(radius: float) -> Mask:
    """Structuring element of a round brush."""
    reach = int(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return y**2 + x**2 <= radius**2 + 0.25


_BRUSHES = {1: None, 2: np.ones((2, 2), bool), 3: _disc(1), 4: _disc(1.5), 5: _disc(2)}


class _Region:
    """A connected 2D region cut out of its slice, with its depth (distance to the border)."""

    def __init__(self, mask: Mask) -> None:
        rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
        self.box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        inner = mask[self.box]
        parts, n = ndi.label(inner)
        if n > 1:
            inner = parts == 1 + np.argmax(np.bincount(parts.ravel())[1:])
        self.mask = inner
        self.depth = ndi.distance_transform_edt(np.pad(inner, 1))[1:-1, 1:-1]
        self.points = np.argwhere(inner)

    def brush(self, line: Mask, thickness: int) -> Mask:
        """``line`` painted with a brush, never outside the region."""
        shape = _BRUSHES[thickness]
        return (line if shape is None else ndi.binary_dilation(line, shape)) & self.mask


def _draw(points: np.ndarray, shape: tuple[int, ...]) -> Mask:
    """Straight segments through ``points`` [N, 2] as a mask; what lies outside is left out."""
    out = np.zeros(shape, bool)
    steps = np.abs(np.diff(points, axis=0)).max(1, initial=0)
    at = np.concatenate(
        [
            np.linspace(a, b, max(2, int(s) + 2))
            for a, b, s in zip(points[:-1], points[1:], steps, strict=True)
        ]
        or [points]
    )
    at = np.rint(at).astype(int)
    at = at[((at >= 0) & (at < shape)).all(1)]
    out[tuple(at.T)] = True
    return out


def _along(rng: np.random.Generator, region: _Region) -> Mask:
    """A freehand stroke along part of the region's middle: it walks over the ridge of the depth."""
    depth = region.depth
    length = rng.uniform(0.3, 2.2) * np.sqrt(len(region.points)) + 2
    floor = rng.uniform(0.3, 0.7)
    value = depth[tuple(region.points.T)]
    deep = region.points[value >= floor * value.max()]
    start = deep[rng.integers(len(deep))].astype(float)
    halves = []
    heading = rng.uniform(0, 2 * np.pi)
    for sign in (0, np.pi):
        angle, here, path = heading + sign, start.copy(), []
        step = max(1.5, min(4.0, float(value.max()) * 0.5))
        for _ in range(int(length / 2 / step) + 1):
            turns = angle + np.linspace(-0.9, 0.9, 7)
            ahead = here + step * np.stack([np.sin(turns), np.cos(turns)], 1)
            cell = np.clip(np.rint(ahead).astype(int), 0, np.array(depth.shape) - 1)
            inside = (np.abs(ahead - cell).max(1) <= 0.5) & region.mask[tuple(cell.T)]
            if not inside.any():
                break
            score = np.where(inside, depth[tuple(cell.T)], -np.inf) + rng.normal(0, 0.3 * step, 7)
            best = int(score.argmax())
            angle, here = turns[best], ahead[best]
            path.append(here.copy())
        halves.append(path)
    points = np.array([*halves[0][::-1], start, *halves[1]])
    return region.brush(_draw(points, depth.shape), int(rng.choice([1, 2, 3, 4])))


def _clicks(rng: np.random.Generator, region: _Region, most: int = 4) -> Mask:
    """One or a few click discs, rather deep inside."""
    value = region.depth[tuple(region.points.T)] * rng.uniform(0.6, 1, len(region.points))
    out = np.zeros(region.mask.shape, bool)
    first = region.points[np.argmax(value)]
    out[tuple(first)] = True
    for _ in range(int(rng.integers(0, most))):
        out[tuple(region.points[rng.integers(len(region.points))])] = True
    return region.brush(out, int(rng.choice([1, 3, 4, 5])))


def _zigzag(rng: np.random.Generator, region: _Region) -> Mask:
    """A scribble to and fro across part of the region."""
    height, width = region.mask.shape
    turns = int(rng.integers(3, 8))
    low, high = np.sort(rng.uniform(0.05, 0.95, 2))
    high = max(high, low + 0.3)
    along = np.linspace(low, high, turns) + rng.normal(0, 0.04, turns)
    across = np.where(np.arange(turns) % 2, rng.uniform(0.1, 0.4), rng.uniform(0.6, 0.9))
    across = across + rng.normal(0, 0.06, turns)
    points = np.stack([along, across], 1)
    if rng.random() < 0.5:
        points = points[:, ::-1]
    line = _draw(points * [height - 1, width - 1], region.mask.shape)
    return region.brush(
        line & (region.depth >= min(2.0, region.depth.max())), 1 + int(rng.integers(2))
    )


def _outline(rng: np.random.Generator, region: _Region) -> Mask:
    """A rough line some pixels inside the border, over part of the way round."""
    inset = rng.uniform(1.0, max(1.0, min(4.0, 0.6 * region.depth.max())))
    line = (region.depth >= inset) & (region.depth < inset + 1.0)
    at = region.points - region.points.mean(0)
    part = rng.uniform(0.3, 1.0) * 2 * np.pi
    kept = np.zeros(line.shape, bool)
    angle = (np.arctan2(*at.T) - rng.uniform(0, 2 * np.pi)) % (2 * np.pi)
    kept[tuple(region.points[angle < part].T)] = True
    return region.brush(line & kept, 1 + int(rng.integers(2)))


def draw_inside(rng: np.random.Generator, mask: Mask, click: float = 0.22) -> Mask:
    """A mark of random kind inside the largest part of ``mask`` (bool [H, W]); a click at least.

    ``click`` is the share of marks that are just clicks.
    """
    out = np.zeros(mask.shape, bool)
    if not mask.any():
        return out
    region = _Region(mask)
    kind = rng.random()
    if kind < click or len(region.points) < 12:
        drawn = _clicks(rng, region)
    elif kind < click + 0.58 * (1 - click):
        drawn = _along(rng, region)
    elif kind < click + 0.78 * (1 - click):
        drawn = _zigzag(rng, region)
    else:
        drawn = _outline(rng, region)
    if not drawn.any():
        drawn = _clicks(rng, region, 1)
    out[region.box] = drawn
    return out


def _background(rng: np.random.Generator, structures: Mask) -> Mask:
    """Marks outside ``structures``: an arc around them, a few strokes or clicks, or nothing."""
    out = np.zeros(structures.shape, bool)
    kind = rng.random()
    if kind < 0.15 or structures.all():
        return out
    if not structures.any():
        return draw_inside(rng, ~structures)
    away = ndi.distance_transform_edt(~structures)
    if kind < 0.7:
        near = rng.uniform(2.5, 9)
        ring = np.argwhere((away >= near) & (away < near + 1 + rng.random()))
        if len(ring):
            angle = np.arctan2(*(ring - ring.mean(0)).T) - rng.uniform(0, 2 * np.pi)
            part = ring[angle % (2 * np.pi) < rng.uniform(0.3, 1.0) * 2 * np.pi]
            out[tuple(part.T)] = True
            if rng.random() < 0.4:
                out = ndi.binary_dilation(out, _CROSS) & ~structures
            return out
    outside = np.argwhere((away > 2) & (away < rng.uniform(8, 60)))
    if not len(outside):
        return out
    for _ in range(int(rng.integers(1, 5))):
        here = outside[rng.integers(len(outside))].astype(float)
        if rng.random() < 0.5:
            reach = rng.uniform(5, 30)
            turn = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.3, 6))
            path = here + np.cumsum(np.stack([np.sin(turn), np.cos(turn)], 1), 0) * reach / 6
            out |= _draw(np.vstack([here, path]), out.shape)
        else:
            out |= _draw(here[None], out.shape)
    brush = _BRUSHES[int(rng.choice([1, 2, 3, 4]))]
    return (out if brush is None else ndi.binary_dilation(out, brush)) & ~structures


FIRST_MARKS = {"generous": 0.6, "stroke": 0.22, "click": 0.18}
"""How often people begin so: with marks of any kind, mostly of background too; with a stroke in
each structure and nothing else; with one click in each."""


COARSE = 0.5, (1.4, 3.4)
"""How many volumes have larger pixels than the network's grid, and how much larger: people mark
pixels of the volume, so there a brush is thicker and a ring around a structure farther away."""


def draw_grain(rng: np.random.Generator) -> float:
    """Pixels of the network's grid that a pixel of the volume covers along each axis."""
    share, (low, high) = COARSE
    return float(rng.uniform(low, high)) if rng.random() < share else 1.0


def _coarse(grain: float, *arrays: np.ndarray) -> list[np.ndarray]:
    """``arrays`` [..., H, W] as pixels of ``grain`` times the size show them."""
    y, x = (
        np.minimum((np.arange(int(n / grain)) + 0.5) * grain, n - 1).astype(int)
        for n in arrays[0].shape[-2:]
    )
    return [array[..., y[:, None], x] for array in arrays]


def _fine(grain: float, marks: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Coarse ``marks`` on the grid of ``truth`` [H, W], where they agree with it."""
    y, x = (
        np.minimum((np.arange(n) + 0.5) / grain, m - 1).astype(int)
        for n, m in zip(truth.shape, marks.shape, strict=True)
    )
    fine = marks[y[:, None], x]
    return np.where(fine == truth.astype(int) + 1, fine, 0).astype(np.uint8)


def first_marks(
    rng: np.random.Generator, truth: np.ndarray, structures: int, grain: float = 1.0
) -> np.ndarray:
    """Marks uint8 [H, W] on a slice nobody has marked yet: every structure that ``truth`` [H, W]
    (0 background, 1 first structure ...) shows there, often the background too. ``grain``: see
    :func:`draw_grain`; what its pixels miss is marked as if they were as small as the grid's."""
    if grain > 1:
        (small,) = _coarse(grain, truth)
        marks = _fine(grain, first_marks(rng, small, structures), truth)
        shown = np.unique(truth[(truth > 0) & (truth != UNKNOWN)])
        if np.isin(shown + 1, marks).all():
            return marks
    marks = np.zeros(truth.shape, np.uint8)
    kind = str(rng.choice(list(FIRST_MARKS), p=list(FIRST_MARKS.values())))
    shown = (truth > 0) & (truth != UNKNOWN)
    if kind == "generous" or not shown.any():
        marks[_background(rng, shown) & (truth == 0)] = 1
    for k in range(1, structures + 1):
        mask = truth == k
        if kind == "generous":
            marks[draw_inside(rng, mask)] = 1 + k
        elif mask.any():
            region = _Region(mask)
            alone = _along(rng, region) if kind == "stroke" else _clicks(rng, region, 1)
            marks[region.box][alone] = 1 + k
        # A structure in several pieces often gets a mark in the second one, too.
        if kind == "generous" and rng.random() < 0.3:
            rest = mask & ~_largest(mask)
            if rest.sum() >= 12:
                marks[draw_inside(rng, rest)] = 1 + k
    return marks


def _largest(mask: Mask) -> Mask:
    """The largest connected part."""
    parts, n = ndi.label(mask)
    return mask if n < 2 else parts == 1 + np.argmax(np.bincount(parts.ravel())[1:])


def pick_slice(rng: np.random.Generator, wrong: np.ndarray) -> int:
    """Mostly the slice with the most ``wrong`` pixels [D], sometimes another bad one."""
    if rng.random() < 0.75 or not wrong.any():
        return int(wrong.argmax())
    bad = np.nonzero(wrong >= 0.4 * wrong.max())[0]
    return int(rng.choice(bad))


def correction(
    rng: np.random.Generator,
    truth: np.ndarray,
    predicted: np.ndarray,
    marks: np.ndarray,
    structures: int,
    grain: float = 1.0,
) -> tuple[int, np.ndarray]:
    """The slice looked at next and new marks uint8 [H, W] there (all zero if nothing is wrong).

    ``truth`` and ``predicted`` [D, H, W] have 0 for background; ``marks`` [D, H, W] were made so
    far and are not drawn over; where the truth is unknown nothing is wrong. One mark goes into the
    largest missed region of each structure and one into the largest region wrongly given to
    structures. ``grain``: as for :func:`first_marks`.
    """
    wrong = (truth != predicted) & (truth != UNKNOWN)
    if grain > 1:
        small, shown, made = _coarse(grain, truth, predicted, marks)
        z, drawn = correction(rng, small, shown, made, structures)
        drawn = _fine(grain, drawn, truth[z])
        drawn[~wrong[z] | (marks[z] > 0)] = 0
        if drawn.any():
            return z, drawn
    z = pick_slice(rng, wrong.sum((1, 2)))
    drawn = np.zeros(truth.shape[1:], np.uint8)
    free = marks[z] == 0
    for k in range(structures + 1):
        region = wrong[z] & (truth[z] == k) & free
        area = int(region.sum())
        if not area or (area <= 12 and not ndi.binary_erosion(region).any()):
            continue
        drawn[draw_inside(rng, region, click=0.3)] = 1 + k
        if rng.random() < 0.25:
            rest = region & ~_largest(region)
            if rest.sum() > 20:
                drawn[draw_inside(rng, rest, click=0.5)] = 1 + k
    if not drawn.any() and (wrong[z] & free).any():
        y, x = np.argwhere(wrong[z] & free)[rng.integers(int((wrong[z] & free).sum()))]
        drawn[y, x] = truth[z, y, x] + 1
    return z, drawn
