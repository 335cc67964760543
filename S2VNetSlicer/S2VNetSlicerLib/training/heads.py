"""Episodes painted from head label maps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import brain_classes
from .cases import Case, Found, first_slice, mirrored, solid, together, turned
from .spatial import UPRIGHT, Warp, needed, random_grid, resample_nearest
from .synthesis import AUTOMATIC_SHARES, synthesise


class HeadSource:
    """Head label maps, painted anew each time."""

    def __init__(self, cases: list[Case], classes: Sequence[str] = brain_classes.NAMES) -> None:
        """``classes``: names of those that are learned without marks, by their number there."""
        self.cases = cases
        numbers = brain_classes.FREESURFER_IDS
        self.label_of = {numbers[name]: n for n, name in enumerate(classes, 1) if name in numbers}

    def _planes(self, case: Case, across: int) -> np.ndarray:
        """The map [slice, row, column] as read by convention: rows run to posterior (axial) or to
        inferior, columns to left or to posterior."""
        planes = turned(case.labels, across)
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
        step = max(1, min(int(rng.integers(1, 6)), n // slices))
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
        self, rng: np.random.Generator, slices: int, size: int, coronal: float
    ) -> Found | None:
        """A whole head and its predefined classes, uint8 [D, S, S]: 0 none, n + 1 class n.

        Axial or (a share of) ``coronal`` slices, never mirrored, since left and right are
        different classes; None if the place shows too little of the head.
        """
        case = self.cases[rng.integers(len(self.cases))]
        across = int(rng.random() < coronal)
        planes = self._planes(case, across)
        n, h = planes.shape[:2]
        step = max(1, min(int(rng.integers(1, 6)), n // slices))
        first = int(rng.integers(0, max(0, n - slices * step) + 1))
        ids = np.array(case.meta["ids"])
        boxes = np.array(case.meta["boxes"])
        # Brains are often shown without the rest of the head.
        stripped = rng.random() < 0.4
        hidden = (ids >= 500) | (ids == 24) & (rng.random() < 0.5) if stripped else ids < 0
        shown = boxes[(ids > 0) & ~hidden][:, [i for i in range(3) if i != across]]
        low, high = shown[:, :, 0].min(0), shown[:, :, 1].max(0)
        if across:
            low[0], high[0] = h - high[0], h - low[0]
        zoom = rng.uniform(0.7, 0.98) * size / (high - low).max()
        centre = tuple((low + high) / 2 + rng.uniform(-0.06, 0.06, 2) * size / zoom)
        grid = random_grid(rng, slices, size, centre, (zoom, zoom), UPRIGHT)
        index, thick = self._block(planes, first, step, slices, grid, rng)
        kept = np.where(hidden, 0, np.arange(len(ids))).astype(np.uint8)[index]
        if (kept > 0).mean() < 0.03:
            return None
        lut = np.array([self.label_of.get(i, 0) for i in ids.tolist()], np.uint8)
        labels = lut[kept[thick // 2 :: thick]]
        image = synthesise(kept, rng, ids.tolist(), thick, AUTOMATIC_SHARES)
        if rng.random() < 0.5:
            image, labels = image[::-1], labels[::-1]
        return image, labels

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
        block = planes[mirrored(z, len(planes))][:, box[0], box[1]]
        rows, columns = rows - box[0].start, columns - box[1].start
        if len(rows) > 1:
            rows, columns = np.repeat(rows, thick, 0), np.repeat(columns, thick, 0)
        return resample_nearest(block, rows, columns), thick
