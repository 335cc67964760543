"""Where episodes come from: prepared volumes and label maps of a cache."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage as ndi

from . import brain_classes
from .spatial import (
    Warp,
    needed,
    random_grid,
    resample_image,
    resample_labels,
    resample_nearest,
)
from .supervoxels import LABELS
from .synthesis import augment, synthesise

Found = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Case:
    """A prepared case; its arrays are memory maps, opened when first used."""

    folder: Path

    @cached_property
    def meta(self) -> dict[str, Any]:
        return json.loads((self.folder / "meta.json").read_text())

    @cached_property
    def image(self) -> np.ndarray:
        return np.load(self.folder / "image.npy", mmap_mode="r")

    @cached_property
    def labels(self) -> np.ndarray:
        return np.load(self.folder / "labels.npy", mmap_mode="r")

    @cached_property
    def supervoxels(self) -> np.ndarray:
        return np.load(self.folder / "supervoxels.npy", mmap_mode="r")

    @cached_property
    def regions(self) -> np.ndarray:
        return np.load(self.folder / "regions.npy")


def reflected(first: int, count: int, step: int, n: int) -> np.ndarray:
    """``count`` slice numbers from ``first`` every ``step``, mirrored at the ends of 0..n-1."""
    period = max(1, 2 * (n - 1))
    at = np.arange(first, first + count * step, step) % period
    return np.where(at < n, at, period - at)


def first_slice(rng: np.random.Generator, low: int, high: int, reach: int, n: int) -> int:
    """Where a block of ``reach`` of ``n`` slices begins so that a structure in [low, high) starts
    or ends in it (more often than not, if the volume allows), else anywhere that shows it."""
    few = max(2, min(reach // 4, high - low))
    ends = [first for first in (low - reach + few, high - few) if 0 <= first <= n - reach]
    if ends and rng.random() < 0.65:
        first = ends[rng.integers(len(ends))]
        away = int(rng.integers(0, max(1, reach - 2 * few) + 1))
        first += away if first < low else -away
    else:
        first = int(rng.integers(low - reach + few, max(high - few, low - reach + few) + 1))
    return int(np.clip(first, 0, max(0, n - reach)))


def plain(labels: np.ndarray, structures: int, least: int) -> bool:
    """Whether each structure covers ``least`` pixels on its best slice."""
    counts = [np.bincount(s.ravel(), minlength=structures + 1)[1:] for s in labels]
    return bool((np.max(counts, 0)[:structures] >= least).all())


def solid(mask: np.ndarray, least: int = 8) -> bool:
    """Whether the best slice of ``mask`` [D, H, W] has ``least`` pixels off the border."""
    plane = mask[mask.sum((1, 2)).argmax()]
    return bool(ndi.binary_erosion(plane).sum() >= least)


def together(labels: np.ndarray, structures: int, least: int = 12) -> bool:
    """Whether some slice shows all structures."""
    counts = [np.bincount(s.ravel(), minlength=structures + 1)[1:] for s in labels]
    return bool((np.array(counts)[:, :structures] >= least).all(1).any())


class VolumeSource:
    """Real volumes with drawn labels or supervoxels as structures."""

    def __init__(self, cases: list[Case]) -> None:
        groups: dict[Path, list[Case]] = {}
        for case in cases:
            groups.setdefault(case.folder.parent, []).append(case)
        self.groups = list(groups.values())

    def _case(self, rng: np.random.Generator) -> Case:
        group = self.groups[rng.integers(len(self.groups))]
        return group[rng.integers(len(group))]

    def sample(
        self, rng: np.random.Generator, slices: int, size: int, structures: int, drawn: bool
    ) -> Found | None:
        """Image and labels [D, S, S], or None if this draw has no usable structure."""
        case = self._case(rng)
        table = case.regions[(case.regions["level"] == LABELS) == drawn]
        if not len(table) or (drawn and not (table["voxels"] >= 20).any()):
            return None
        if drawn:
            seed = table[rng.choice(np.nonzero(table["voxels"] >= 20)[0])]
        else:
            # A finer level has many more regions: choose the level first.
            table = table[table["level"] == rng.choice(np.unique(table["level"]))]
            weight = worth(table)
            seed = table[rng.choice(len(table), p=weight / weight.sum())]
        across = self._crosswise(rng, case)
        z = self._slices(rng, seed, slices, case, across)
        rows, columns = self._view(rng, seed, len(z), size, case, across)
        box = needed(rows, columns, _turned(case.image, across).shape[1:])
        rows, columns = rows - box[0].start, columns - box[1].start
        image = _turned(case.image, across)[z][:, box[0], box[1]]
        wanted = self._wanted(rng, case, seed, (z, *box), structures, across)
        if wanted is None:
            return None
        labels = resample_labels(wanted, rows, columns, structures)
        if not plain(labels, structures, 12 if drawn else 40) or not (drawn or solid(labels == 1)):
            return None
        if rng.random() < 0.8 and not together(labels, structures):
            return None
        return augment(resample_image(image, rows, columns), rng), labels

    @staticmethod
    def _crosswise(rng: np.random.Generator, case: Case) -> int:
        """The axis across which slices are taken: 0, in nearly isotropic volumes any."""
        spacing = case.meta["spacing"]
        ratio = max(spacing) / min(spacing)
        if ratio < 1.5:
            return int(rng.choice(3, p=[0.5, 0.25, 0.25]))
        return int(rng.integers(1, 3)) if ratio < 4 and rng.random() < 0.1 else 0

    @staticmethod
    def _slices(
        rng: np.random.Generator, seed: np.void, slices: int, case: Case, across: int
    ) -> np.ndarray:
        """Slice numbers: half of the time structures may start or end among them."""
        n = case.image.shape[across]
        step = 2 if rng.random() < 0.1 and n >= 3 * slices else 1
        if across:
            step = max(step, int(rng.integers(1, 4)))
        low, high = int(seed["low"][across]), int(seed["high"][across])
        z = reflected(first_slice(rng, low, high, slices * step, n), slices, step, n)
        return z[::-1] if rng.random() < 0.5 else z

    @staticmethod
    def _view(
        rng: np.random.Generator, seed: np.void, slices: int, size: int, case: Case, across: int
    ) -> Found:
        """A grid around the region, at a zoom that shows it small, large or as it is."""
        spacing = np.delete(case.meta["spacing"], across)
        base = case.meta["zoom"] * spacing / min(case.meta["spacing"])
        extent = np.delete(seed["high"] - seed["low"], across) * base
        shown = 1.13 * np.sqrt(seed["area"]) * case.meta["zoom"] if not across else extent.mean()
        zoom = np.exp(rng.uniform(np.log(0.65), np.log(1.5)))
        if rng.random() < 0.5:
            aim = np.exp(rng.uniform(np.log(8), np.log(0.8 * size)))
            zoom = np.clip(aim / shown, 0.5, 2.2)
        zoom = min(zoom, max(0.5, 0.95 * size / extent.max()))
        shape = np.delete(case.image.shape, across)
        # Little of what is shown lies beyond the volume.
        zoom = max(zoom, 0.8 * size / (shape * base).max())
        middle = np.delete((seed["low"] + seed["high"]) / 2, across)
        room = np.clip(0.5 - 0.5 * zoom * extent / size, 0.06, 0.35)
        centre = middle + rng.uniform(-1, 1, 2) * room * size / (zoom * base)
        near = np.minimum(0.38 * size / (zoom * base), shape / 2)
        centre = np.clip(centre, near, shape - near)
        return random_grid(rng, slices, size, tuple(centre), tuple(zoom * base), Warp())

    def _wanted(
        self,
        rng: np.random.Generator,
        case: Case,
        seed: np.void,
        block: tuple[np.ndarray, slice, slice],
        structures: int,
        across: int,
    ) -> np.ndarray | None:
        """Labels 0..structures in a block: the seed region first, then others found there."""
        z, rows, columns = block
        drawn = seed["level"] == LABELS
        level = rng.integers(len(case.supervoxels)) if drawn else seed["level"]
        table = case.regions[case.regions["level"] == level]
        likely = dict(zip(table["id"].tolist(), worth(table).tolist(), strict=True))
        ids = _turned(case.supervoxels[level], across)[z][:, rows, columns].astype(np.int32)
        first = int(seed["id"])
        if drawn:
            truth = _turned(case.labels, across)[z][:, rows, columns].astype(np.int32)
            top = int(ids.max()) + 1
            ids = np.where(truth > 0, truth + top, ids)
            first += top
            # Other drawn structures beside this one come first.
            likely |= {top + int(i): 1e3 for i in np.unique(truth[truth > 0])}
        count = np.bincount(ids.ravel(), minlength=first + 1)
        if count[first] == 0:
            return None
        pool = [i for i in likely if i != first and i < len(count) and count[i] >= 60]
        lut = np.zeros(len(count), np.uint8)
        lut[first] = 1
        if not drawn and rng.random() < 0.25:
            near = np.intersect1d(_touching(ids, first), pool)
            for i in rng.permutation(near)[: int(rng.integers(1, 3))]:
                lut[i] = 1
                pool.remove(int(i))
        if len(pool) < structures - 1:
            return None
        if structures > 1:
            weight = np.array([likely[i] for i in pool])
            picked = rng.choice(pool, structures - 1, replace=False, p=weight / weight.sum())
            lut[picked] = np.arange(2, structures + 1)
        return smoothed(lut[ids], int(rng.integers(0, 3)) if not drawn else 0)

    def patch(self, rng: np.random.Generator, slices: int, size: int) -> np.ndarray:
        """Real tissue [D, S, S] from anywhere."""
        case = self._case(rng)
        n, h, w = case.image.shape
        z = reflected(int(rng.integers(max(1, n - slices + 1))), slices, 1, n)
        zoom = case.meta["zoom"] * np.exp(rng.uniform(np.log(0.7), np.log(1.8)))
        centre = tuple(rng.uniform(0.3, 0.7, 2) * [h, w])
        rows, columns = random_grid(rng, slices, size, centre, (zoom, zoom), Warp())
        box = needed(rows, columns, (h, w))
        block = case.image[z][:, box[0], box[1]]
        return resample_image(block, rows - box[0].start, columns - box[1].start)


def worth(table: np.ndarray) -> np.ndarray:
    """How likely each region is taken: large, compact ones with visible borders first."""
    shown = np.clip(table["contrast"] - 1.0, 0.1, 1.5) * np.clip(table["compact"], 0.02, 0.6) ** 1.5
    return np.sqrt(table["area"]) * shown


def smoothed(labels: np.ndarray, times: int) -> np.ndarray:
    """``labels`` [D, h, w] after ``times`` votes of each pixel's 3 x 3 neighbours in its plane."""
    for _ in range(times):
        padded = np.pad(labels, ((0, 0), (1, 1), (1, 1)), mode="edge")
        h, w = labels.shape[1:]
        best = np.full(labels.shape, -1, np.int8)
        winner = labels
        for k in np.unique(labels):
            own = (padded == k).astype(np.int8)
            rows = own[:, :-2] + own[:, 1:-1] + own[:, 2:]
            votes = rows[:, :, :w] + rows[:, :, 1 : w + 1] + rows[:, :, 2:]
            winner = np.where(votes > best, k, winner)
            best = np.maximum(votes, best)
        labels = winner.astype(np.uint8).reshape(-1, h, w)
    return labels


def _turned(array: np.ndarray, across: int) -> np.ndarray:
    """``array`` with the axis ``across`` first."""
    return np.moveaxis(array, across, 0)


def _touching(ids: np.ndarray, first: int) -> np.ndarray:
    """Ids of the in-plane neighbours of region ``first``."""
    found = []
    for axis in (1, 2):
        a, b = np.moveaxis(ids, axis, 0)[1:], np.moveaxis(ids, axis, 0)[:-1]
        found += [b[a == first], a[b == first]]
    return np.unique(np.concatenate(found))


class HeadSource:
    """Head label maps, painted anew each time."""

    midline = 12.0
    """mm from the middle within which sagittal slices count as midsagittal."""

    def __init__(self, cases: list[Case]) -> None:
        self.cases = cases

    def _planes(self, case: Case, across: int) -> np.ndarray:
        """The map [slice, row, column] as read by convention: rows run to posterior (axial) or to
        inferior, columns to left or to posterior."""
        planes = _turned(case.labels, across)
        return planes if across == 0 else planes[:, ::-1]

    def sample(
        self, rng: np.random.Generator, slices: int, size: int, structures: int
    ) -> Found | None:
        """Any structures, or unions of some, on any axis; None if the place shows too few."""
        case = self.cases[rng.integers(len(self.cases))]
        across = int(rng.integers(3))
        planes = self._planes(case, across)
        n, h, w = planes.shape
        boxes = np.array(case.meta["boxes"])
        seed = int(rng.integers(1, len(boxes)))
        (low, high), *box = boxes[seed][[across, *(i for i in range(3) if i != across)]]
        step = min(int(rng.integers(1, 6)), n // slices)
        first = first_slice(rng, int(low), int(high), slices * step, n)
        zoom = float(np.exp(rng.uniform(np.log(0.6), np.log(1.8)))) * max(0.6, size / 160)
        middle = np.array(box).mean(1)
        if across:
            middle[0] = h - middle[0]
        half = np.minimum(0.4 * size / zoom, np.array([h, w]) / 2)
        centre = middle + rng.uniform(-0.35, 0.35, 2) * size / zoom
        centre = tuple(np.clip(centre, half, np.array([h, w]) - half))
        grid = random_grid(rng, slices, size, centre, (zoom, zoom), Warp(elastic=0.05))
        index, thick = self._block(planes, first, step, slices, grid, rng)
        middle = index[thick // 2 :: thick]
        count = np.bincount(middle.ravel(), minlength=len(case.meta["ids"]))
        best = np.max([np.bincount(s.ravel(), minlength=len(count)) for s in middle], 0)
        pool = rng.permutation(np.nonzero(best >= 40)[0])
        pool = pool[pool > 0]
        if rng.random() < 0.8:
            if seed not in pool:
                return None
            pool = np.concatenate([[seed], pool[pool != seed]])
        lut = np.zeros(len(count), np.uint8)
        for k in range(1, structures + 1):
            take = 1 if rng.random() < 0.65 else int(rng.integers(2, 5))
            if not len(pool):
                return None
            lut[pool[:take]] = k
            pool = pool[take:]
        labels = lut[middle]
        if not all(solid(labels == k) for k in range(1, structures + 1)):
            return None
        if rng.random() < 0.8 and not together(labels, structures):
            return None
        image = synthesise(index, rng, case.meta["ids"], thick)
        if rng.random() < 0.5:
            image, labels = image[::-1], labels[::-1]
        return image, labels

    def sample_automatic(
        self,
        rng: np.random.Generator,
        slices: int,
        size: int,
        structures: int,
        axes: tuple[float, float, float],
    ) -> tuple[Found, tuple[int, ...]] | None:
        """A whole head with ``structures`` predefined classes, and their ids.

        Never mirrored, since left and right are different classes. A sagittal slice does not tell
        its side, so there only classes without one, near the middle, are asked for.
        """
        case = self.cases[rng.integers(len(self.cases))]
        across = int(rng.choice(3, p=np.array(axes) / sum(axes)))
        planes = self._planes(case, across)
        n, h, w = planes.shape
        step = min(int(rng.integers(1, 6)), len(planes) // slices)
        first = int(rng.integers(0, n - slices * step + 1))
        allowed = set(range(len(brain_classes.NAMES)))
        if across == 2:
            allowed = set(brain_classes.SIDELESS)
            near = int(self.midline / case.meta["spacing"][2])
            first = int(n // 2 - slices * step // 2 + rng.integers(-near, near + 1))
            first = int(np.clip(first, 0, n - slices * step))
        ids = np.array(case.meta["ids"])
        boxes = np.array(case.meta["boxes"])
        # Brains are often shown without the rest of the head.
        stripped = rng.random() < 0.4
        hidden = (ids >= 500) | (ids == 24) & (rng.random() < 0.5) if stripped else ids < 0
        shown = boxes[(ids > 0) & ~hidden][:, [i for i in range(3) if i != across]]
        low, high = shown[:, :, 0].min(0), shown[:, :, 1].max(0)
        if across:
            low[0], high[0] = h - high[0], h - low[0]
        zoom = rng.uniform(0.75, 0.98) * size / (high - low).max()
        centre = tuple((low + high) / 2 + rng.uniform(-0.04, 0.04, 2) * size / zoom)
        warp = Warp(rotation=0.25, stretch=0.06, elastic=0.03, drift=0.003, flips=False)
        grid = random_grid(rng, slices, size, centre, (zoom, zoom), warp)
        index, thick = self._block(planes, first, step, slices, grid, rng)
        middle = index[thick // 2 :: thick]
        best = np.max([np.bincount(s.ravel(), minlength=len(ids)) for s in middle], 0)
        class_of = [brain_classes.CLASS_OF_ID.get(i, -1) for i in ids.tolist()]
        seen = [
            i for i, c in enumerate(class_of) if c in allowed and best[i] >= 12 and not hidden[i]
        ]
        if len(seen) < structures:
            return None
        picked = rng.choice(seen, structures, replace=False)
        lut = np.zeros(len(ids), np.uint8)
        lut[picked] = np.arange(1, structures + 1)
        labels = lut[middle]
        kept = np.where(hidden, 0, np.arange(len(ids))).astype(np.uint8)
        image = synthesise(kept[index], rng, ids.tolist(), thick)
        if rng.random() < 0.5:
            image, labels = image[::-1], labels[::-1]
        return (image, labels), tuple(class_of[i] for i in picked)

    @staticmethod
    def _block(
        planes: np.ndarray,
        first: int,
        step: int,
        slices: int,
        grid: Found,
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, int]:
        """Deformed label indices [slices * thick, S, S]; a thick slice averages three planes."""
        thick = 3 if step >= 3 and rng.random() < 0.7 else 1
        offsets = np.linspace(0, step - 1, thick).round().astype(int) if thick > 1 else [step // 2]
        z = np.concatenate([first + i * step + np.asarray(offsets) for i in range(slices)])
        rows, columns = grid
        box = needed(rows, columns, planes.shape[1:])
        block = planes[z][:, box[0], box[1]]
        rows, columns = rows - box[0].start, columns - box[1].start
        if len(rows) > 1:
            rows, columns = np.repeat(rows, thick, 0), np.repeat(columns, thick, 0)
        return resample_nearest(block, rows, columns), thick
