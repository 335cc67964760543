"""Episodes from real volumes: drawn labels or supervoxels as structures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import ndimage as ndi

from .cases import (
    LABELS,
    UNKNOWN,
    Case,
    Found,
    first_slice,
    mirrored,
    plain,
    solid,
    together,
    turned,
)
from .spatial import Warp, needed, random_grid, resample_image, resample_labels, resample_nearest
from .synthesis import augment, repaint

NEAR = 30.0
"""Where only some structures were drawn, this many mm around one are known to be none of it."""
THIN = 0.4
"""Share of the regions that may be thin."""
LEAST_PIXELS = 9
"""On the best slice of a structure: it is three pixels wide."""


class VolumeSource:
    """Real volumes with drawn labels or supervoxels as structures.

    ``crosswise`` of the blocks lie across the slices of volumes whose slices are thick, but not too
    thick; ``repainted`` of those with supervoxels have other grey values.
    """

    def __init__(self, cases: list[Case], crosswise: float = 0.1, repainted: float = 0.0) -> None:
        self.crosswise, self.repainted = crosswise, repainted
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
            if case.known is not None and int(seed["id"]) not in case.known:
                return None
        else:
            # A finer level has many more regions: choose the level first.
            levels = np.unique(table["level"])
            coarse = np.minimum(levels + 1.0, 3.0)
            table = table[table["level"] == rng.choice(levels, p=coarse / coarse.sum())]
            weight = worth(table)
            seed = table[rng.choice(len(table), p=weight / weight.sum())]
        across = self._crosswise(rng, case)
        z = self._slices(rng, seed, slices, case, across)
        rows, columns = self._view(rng, seed, len(z), size, case, across)
        box = needed(rows, columns, turned(case.image, across).shape[1:])
        rows, columns = rows - box[0].start, columns - box[1].start
        image = turned(case.image, across)[z][:, box[0], box[1]]
        wanted = self._wanted(rng, case, seed, (z, *box), structures, across)
        if wanted is None:
            return None
        labels = resample_labels(wanted, rows, columns, structures + 1)
        labels[labels > structures] = UNKNOWN
        if not plain(labels, structures, LEAST_PIXELS):
            return None
        if not (drawn or solid(labels == 1, 1 if rng.random() < THIN else 8)):
            return None
        if rng.random() < 0.8 and not together(labels, structures, LEAST_PIXELS):
            return None
        image = resample_image(image, rows, columns)
        if not drawn and rng.random() < self.repainted:
            ids = turned(case.supervoxels[seed["level"]], across)[z][:, box[0], box[1]]
            regions = resample_nearest(ids, rows, columns).astype(np.int64)
            image = repaint(
                image, regions + (int(regions.max()) + 1) * labels.astype(np.int64), rng
            )
        return augment(image, rng), labels

    def _crosswise(self, rng: np.random.Generator, case: Case) -> int:
        """The axis across which slices are taken: 0, in nearly isotropic volumes any."""
        spacing = case.meta["spacing"]
        ratio = max(spacing) / min(spacing)
        if ratio < 1.5:
            return int(rng.choice(3, p=[0.5, 0.25, 0.25]))
        return int(rng.integers(1, 3)) if ratio < 4 and rng.random() < self.crosswise else 0

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
        first = first_slice(rng, low, high, slices * step, n)
        z = mirrored(first + step * np.arange(slices), n)
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
            aim = np.exp(rng.uniform(np.log(4), np.log(0.8 * size)))
            zoom = np.clip(aim / shown, 0.3, 3.0)
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
        ids = turned(case.supervoxels[level], across)[z][:, rows, columns].astype(np.int32)
        first, top = int(seed["id"]), 0
        truth = np.zeros(ids.shape, np.int32)
        if drawn:
            truth = turned(case.labels, across)[z][:, rows, columns].astype(np.int32)
            top = int(ids.max()) + 1
            ids = np.where(truth > 0, truth + top, ids)
            first += top
            # Other drawn structures beside this one come first.
            here = np.unique(truth[truth > 0]).tolist()
            likely |= {top + i: 1e3 for i in here if case.known is None or i in case.known}
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
        wanted = smoothed(lut[ids], int(rng.integers(0, 3)) if not drawn else 0)
        if drawn and case.known is not None:
            chosen = np.flatnonzero(lut[top + 1 :]) + 1
            beyond = case.beyond(chosen.tolist())[rows if across else z]
            beyond = beyond[None, :, None] if across else beyond[:, None, None]
            spacing = case.meta["spacing"]
            apart = [spacing[across] * abs(int(z[1]) - int(z[0])), *np.delete(spacing, across)]
            wanted[unknown(wanted, truth, case.known, apart, beyond)] = structures + 1
        return wanted

    def patch(self, rng: np.random.Generator, slices: int, size: int) -> np.ndarray:
        """Real tissue [D, S, S] from anywhere."""
        case = self._case(rng)
        n, h, w = case.image.shape
        z = mirrored(rng.integers(max(1, n - slices + 1)) + np.arange(slices), n)
        zoom = case.meta["zoom"] * np.exp(rng.uniform(np.log(0.7), np.log(1.8)))
        centre = tuple(rng.uniform(0.3, 0.7, 2) * [h, w])
        rows, columns = random_grid(rng, slices, size, centre, (zoom, zoom), Warp())
        box = needed(rows, columns, (h, w))
        block = case.image[z][:, box[0], box[1]]
        return resample_image(block, rows - box[0].start, columns - box[1].start)


def unknown(
    wanted: np.ndarray,
    truth: np.ndarray,
    known: frozenset[int],
    spacing: Sequence[float],
    beyond: np.ndarray,
) -> np.ndarray:
    """What may be some structure that nobody drew: bool like ``wanted`` [D, h, w] (0 none).

    Background are the other structures of ``truth`` that were looked for (``known``), and what
    surrounds a wanted one within ``NEAR`` mm, but not ``beyond`` (bool) where it was drawn.
    """
    free = (wanted == 0) & ~np.isin(truth, list(known))
    far = ndi.distance_transform_edt(wanted == 0, spacing) > NEAR
    return np.asarray(free & (far | beyond | (truth > 0)))


def worth(table: np.ndarray) -> np.ndarray:
    """How likely each region is taken: all sizes alike, compact ones with visible borders first."""
    octave = np.log2(np.maximum(table["area"], 1)).astype(int)
    alike = np.bincount(octave, minlength=1)[octave]
    visible = np.clip(table["shown"] - 0.6, 0.03, 0.4) ** 2
    return visible * np.clip(table["compact"], 0.02, 0.6) ** 1.5 / alike


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


def _touching(ids: np.ndarray, first: int) -> np.ndarray:
    """Ids of the in-plane neighbours of region ``first``."""
    found = []
    for axis in (1, 2):
        a, b = np.moveaxis(ids, axis, 0)[1:], np.moveaxis(ids, axis, 0)[:-1]
        found += [b[a == first], a[b == first]]
    return np.unique(np.concatenate(found))
