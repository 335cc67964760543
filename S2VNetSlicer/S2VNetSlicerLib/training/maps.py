"""Episodes painted from label maps: of the head, the torso, the neck, or any other part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .cases import Case, Found, first_slice, mirrored, solid, together, turned
from .fields import smooth_field
from .spatial import (
    Warp,
    needed,
    random_grid,
    resample_image,
    resample_labels,
    resample_nearest,
)
from .synthesis import augment, painted
from .tissues import AIR, FAT, MUSCLE, Tissues, head_tissues, named_tissues

LEAST_WIDTH = 3.0
"""Pixels across which the smallest structure has."""
FINEST, COARSEST = 0.3, 5.0
"""Spacing of pixels, mm."""
OTHER, OUTSIDE = "body_other", "ring_outside_body"
"""Names of what is left of the body, and of what is no body."""
ENLARGED = 1.4
"""Views that are so much finer than the map are painted on its grid and interpolated, as the pixels
of a scanner are when the network enlarges them."""
PARTS = 0.25
"""Share of episodes whose first structure is a part of a label: a lesion, a lobe."""


@dataclass(frozen=True)
class Legend:
    """What the labels of a map are: their ``tissues``; ``other`` bool [n]: tissue that nobody
    named, ``outside`` bool [n]: no body; neither is a structure."""

    tissues: Tissues
    other: np.ndarray
    outside: np.ndarray

    @classmethod
    def of(cls, case: Case) -> Legend:
        """The legend of a prepared label map."""
        ids, named = case.meta["ids"], {n: name for name, n in case.meta["classes"].items()}
        if not named:
            head = head_tissues(ids)
            return cls(head, np.zeros(len(ids), bool), np.array(ids) == 0)
        names = [named.get(i, "") for i in ids]
        outside = np.array([name == OUTSIDE for name in names])
        other = np.array([name == OTHER for name in names])
        # Around named organs alone the rest of the body is what has no label.
        (outside if other.any() else other)[0] = True
        return cls(named_tissues(names), other, outside)


class LabelMapSource:
    """Label maps of one or several data sets, painted anew each time; all data sets alike."""

    def __init__(self, cases: list[Case]) -> None:
        self.cases = cases
        groups: dict[Path, list[Case]] = {}
        for case in cases:
            groups.setdefault(case.folder.parent, []).append(case)
        self.groups = list(groups.values())

    def sample(
        self, rng: np.random.Generator, slices: int, size: int, structures: int
    ) -> Found | None:
        """Any structures, parts or unions of some, on any axis and at any scale; None if the place
        shows too few."""
        group = self.groups[rng.integers(len(self.groups))]
        case = group[rng.integers(len(group))]
        legend = Legend.of(case)
        choice = np.flatnonzero(~(legend.other | legend.outside))
        seed = int(rng.choice(choice))
        across = int(rng.choice(3, p=[0.5, 0.25, 0.25]))
        planes = turned_map(case, across)
        z, step, place = _where(rng, case, planes, seed, across, slices)
        if place is None:
            return None
        centre, zoom, lean = _view(rng, case, place, planes.shape, across, size)
        warp = Warp(elastic=0.05, lean=lean)
        rows, columns = random_grid(rng, slices, size, centre, zoom, warp)
        index, thick, rows, columns = source_block(planes, z, step, slices, (rows, columns), rng)
        enlarged = min(zoom) > ENLARGED
        if not enlarged:
            index = on_grid(index, rows, columns, thick)
        index, legend = varied(rng, index, legend)
        first = seed
        if rng.random() < PARTS:
            index, legend, first = parted(rng, index, legend, seed, thick)
        middle = index[thick // 2 :: thick]
        lut = _wanted(rng, middle, legend, first, structures)
        if lut is None:
            return None
        labels = lut[middle]
        if enlarged:
            labels = resample_labels(labels, rows, columns, structures)
        if not all(solid(labels == k, 1) for k in range(1, structures + 1)):
            return None
        if rng.random() < 0.8 and not together(labels, structures, 9):
            return None
        image = painted(index, rng, legend.tissues, thick)
        if enlarged:
            image = resample_image(image, rows, columns)
        image = augment(image, rng)
        if rng.random() < 0.5:
            image, labels = image[::-1], labels[::-1]
        return image, labels


def turned_map(case: Case, across: int) -> np.ndarray:
    """The map [slice, row, column] as read by convention: rows run to posterior (axial) or to
    inferior, columns to left or to posterior."""
    planes = turned(case.labels, across)
    return planes if across == 0 else planes[:, ::-1]


Place = tuple[np.ndarray, float]
"""Row and column (float [2]) of a structure where it is largest, and its area there in mm2."""


def _where(
    rng: np.random.Generator, case: Case, planes: np.ndarray, seed: int, across: int, slices: int
) -> tuple[int, int, Place | None]:
    """First plane and step of a block, and the structure ``seed`` in it."""
    n, h, _ = planes.shape
    (low, high), *box = np.array(case.meta["boxes"])[seed][[across, *_others(across)]].tolist()
    if across:
        box[0] = [h - box[0][1], h - box[0][0]]
    spacing = case.meta["spacing"]
    apart = np.exp(rng.uniform(np.log(0.7), np.log(6))) / spacing[across]
    step = max(1, min(round(float(apart)), n // slices))
    first = first_slice(rng, low, high, slices * step, n)
    z = mirrored(first + step // 2 + step * np.arange(slices), n)
    inside = planes[z, box[0][0] : box[0][1], box[1][0] : box[1][1]] == seed
    area = inside.sum((1, 2))
    best = int(area.argmax())
    if not area[best]:
        return first, step, None
    at = np.argwhere(inside[best]).mean(0) + np.array([box[0][0], box[1][0]])
    in_plane = [spacing[i] for i in _others(across)]
    return first, step, (at, float(area[best] * in_plane[0] * in_plane[1]))


def _view(
    rng: np.random.Generator,
    case: Case,
    place: Place,
    shape: tuple[int, ...],
    across: int,
    size: int,
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Centre and zoom of a view in which the structure is a few pixels wide or fills the slice,
    and by how many pixels it may move from slice to slice."""
    at, area = place
    spacing = np.array([case.meta["spacing"][i] for i in _others(across)])
    width = 1.13 * np.sqrt(area)
    aim = np.exp(rng.uniform(np.log(LEAST_WIDTH + 1), np.log(0.8 * size)))
    body = (np.array(shape[1:]) * spacing).max()
    # Little of what is shown lies beyond the map.
    coarsest = max(FINEST, min(COARSEST, 1.3 * body / size, width / LEAST_WIDTH))
    pixel = float(np.clip(width / aim, FINEST, coarsest))
    zoom = spacing / pixel
    room = np.clip(0.5 - 0.5 * width / pixel / size, 0.06, 0.35)
    centre = at + rng.uniform(-1, 1, 2) * room * size / zoom
    near = np.minimum(0.35 * size / zoom, np.array(shape[1:]) / 2)
    centre = np.clip(centre, near, np.array(shape[1:]) - near)
    # A thin tube that runs obliquely moves by its own width.
    lean = min(width / pixel, size / 16)
    return (float(centre[0]), float(centre[1])), (float(zoom[0]), float(zoom[1])), lean


def _others(across: int) -> list[int]:
    return [i for i in range(3) if i != across]


def more(legend: Legend, group: list[int], other: bool) -> Legend:
    """``legend`` with new labels of tissues ``group``, behind the others."""
    flags = np.full(len(group), other)
    return Legend(
        legend.tissues.and_more(group),
        np.concatenate([legend.other, flags]),
        np.concatenate([legend.outside, np.zeros(len(group), bool)]),
    )


def varied(
    rng: np.random.Generator, index: np.ndarray, legend: Legend
) -> tuple[np.ndarray, Legend]:
    """What nobody named split into fat, muscle and others at random, so that a structure does not
    stand out because all around is one; what is no body becomes label 0."""
    count = len(legend.other)
    lut = np.arange(count, dtype=np.uint8)
    lut[legend.outside] = 0
    index = lut[index]
    if not legend.other.any():
        return index, legend
    times = int(rng.integers(1, 4))
    piece = np.zeros(index.shape, np.uint8)
    for bit in range(times):
        field = smooth_field(rng, index.shape, (2, int(rng.integers(2, 14))))
        piece |= (field > rng.normal(0, 0.5)).astype(np.uint8) << bit
    group = rng.choice([FAT, MUSCLE, AIR, -1], 2**times, p=[0.3, 0.3, 0.1, 0.3]).tolist()
    index = np.where(legend.other[index], count + piece, index).astype(np.uint8)
    return index, more(legend, group, other=True)


def parted(
    rng: np.random.Generator, index: np.ndarray, legend: Legend, seed: int, thick: int
) -> tuple[np.ndarray, Legend, int]:
    """A part of label ``seed`` as a label of its own, and the label that is wanted."""
    inside = index == seed
    best = inside[thick // 2 :: thick].sum((1, 2)).max()
    if best < 60:
        return index, legend, seed
    cells = max(2, round(rng.uniform(0.5, 2.5) * index.shape[1] / np.sqrt(best)))
    field = smooth_field(rng, index.shape, (2, cells))
    level = np.quantile(field[inside], rng.uniform(0.2, 0.85))
    number = len(legend.other)
    part = np.where(inside & (field > level), number, index).astype(np.uint8)
    like = int(legend.tissues.group[seed]) if rng.random() < 0.2 else -1
    return part, more(legend, [like], other=False), number if rng.random() < 0.7 else seed


def _wanted(
    rng: np.random.Generator,
    middle: np.ndarray,
    legend: Legend,
    first: int,
    structures: int,
) -> np.ndarray | None:
    """Structure 1.. of each label, 0 of others: that of ``first``, then any that show."""
    count = np.max([np.bincount(s.ravel(), minlength=len(legend.other)) for s in middle], 0)
    count[legend.other | legend.outside] = 0
    pool = rng.permutation(np.flatnonzero(count >= LEAST_WIDTH**2)).tolist()
    if first not in pool:
        return None
    pool = [first, *(i for i in pool if i != first)]
    lut = np.zeros(len(count), np.uint8)
    for k in range(1, structures + 1):
        take = 1 if rng.random() < 0.7 else int(rng.integers(2, 5))
        if not pool:
            return None
        lut[pool[:take]] = k
        pool = pool[take:]
    return lut


def source_block(
    planes: np.ndarray,
    first: int,
    step: int,
    slices: int,
    grid: Found,
    rng: np.random.Generator,
) -> tuple[np.ndarray, int, np.ndarray, np.ndarray]:
    """The part [slices * thick, h, w] of ``planes`` that a ``grid`` reads, ``thick``, and the grid
    on it; a thick slice will average three planes."""
    thick = 3 if step >= 3 and rng.random() < 0.7 else 1
    offsets = np.linspace(0, step - 1, thick).round().astype(int) if thick > 1 else [step // 2]
    z = np.concatenate([first + i * step + np.asarray(offsets) for i in range(slices)])
    rows, columns = grid
    box = needed(rows, columns, planes.shape[1:])
    part = planes[mirrored(z, len(planes))][:, box[0], box[1]]
    return part, thick, rows - box[0].start, columns - box[1].start


def on_grid(part: np.ndarray, rows: np.ndarray, columns: np.ndarray, thick: int) -> np.ndarray:
    """Labels of ``part`` [D * thick, h, w] at a grid [D or 1, S, S]."""
    if len(rows) > 1:
        rows, columns = np.repeat(rows, thick, 0), np.repeat(columns, thick, 0)
    return resample_nearest(part, rows, columns)
