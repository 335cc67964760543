"""Whole heads with their predefined classes, painted from label maps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import brain_classes
from .cases import Case, Found
from .maps import LabelMapSource, on_grid, source_block, turned_map
from .spatial import UPRIGHT, random_grid
from .synthesis import AUTOMATIC_SHARES, synthesise
from .tissues import head_tissues


class HeadSource(LabelMapSource):
    """Label maps of heads with FreeSurfer's numbers."""

    def __init__(self, cases: list[Case], classes: Sequence[str] = brain_classes.NAMES) -> None:
        """``classes``: names of those that are learned without marks, by their number there."""
        super().__init__(cases)
        numbers = brain_classes.FREESURFER_IDS
        self.label_of = {numbers[name]: n for n, name in enumerate(classes, 1) if name in numbers}

    def sample_automatic(
        self, rng: np.random.Generator, slices: int, size: int, coronal: float
    ) -> Found | None:
        """A whole head and its predefined classes, uint8 [D, S, S]: 0 none, n + 1 class n.

        Axial or (a share of) ``coronal`` slices, never mirrored, since left and right are
        different classes; None if the place shows too little of the head.
        """
        case = self.cases[rng.integers(len(self.cases))]
        across = int(rng.random() < coronal)
        planes = turned_map(case, across)
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
        part, thick, rows, columns = source_block(planes, first, step, slices, grid, rng)
        index = on_grid(part, rows, columns, thick)
        kept = np.where(hidden, 0, np.arange(len(ids))).astype(np.uint8)[index]
        if (kept > 0).mean() < 0.03:
            return None
        lut = np.array([self.label_of.get(i, 0) for i in ids.tolist()], np.uint8)
        labels = lut[kept[thick // 2 :: thick]]
        image = synthesise(kept, rng, head_tissues(ids.tolist()), thick, AUTOMATIC_SHARES)
        if rng.random() < 0.5:
            image, labels = image[::-1], labels[::-1]
        return image, labels
