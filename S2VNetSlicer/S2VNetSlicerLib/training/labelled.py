"""Automatic episodes from real volumes with the labels of predefined classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..propagation.automatic import AnatomicalOrientation
from ..propagation.settings import AutomaticSettings
from .body_parts import body_part
from .cases import ANYTHING, LABELS, UNKNOWN, Case, FoundWhole, mirrored
from .spatial import UPRIGHT, needed, random_grid, resample_image, resample_labels
from .synthesis import augment

AIMED = 0.6
"""Share of episodes that show a certain class, all classes alike; the others are from anywhere."""
CROPPED = 0.35
"""Share that shows a part of the slice only..."""
PART, SHIFTED, CENTRED = (0.35, 0.9), 0.35, 0.06
"""... of this share of the body's extent, its middle at most so much of it away from the body's;
and that of a view of all of it."""
THICK_RATIO = AutomaticSettings().thick_ratio
"""Slices that differ less are read both ways."""
LEAST_TAUGHT = 0.2
"""A data set that tells what was drawn in each case may have no labels of other classes."""
LEAST_BODY, DARK = 0.03, 25.0
"""An episode shows so much of the body, which is brighter than air."""


def whole_or_part(rng: np.random.Generator, extent: float) -> tuple[float, float]:
    """What is shown of a body of such an ``extent``, and by which share of the body at most the
    middle of the view is away from its middle."""
    if rng.random() < CROPPED:
        return extent * rng.uniform(*PART), SHIFTED
    return extent, CENTRED


def teaches(numbers: Sequence[Sequence[int]], partly: bool) -> bool:
    """Whether a data set teaches classes of which it has these labels: all, or many of them where
    it tells what was drawn (``partly``)."""
    taught = [bool(own) for own in numbers]
    return all(taught) or (partly and sum(taught) >= LEAST_TAUGHT * len(taught))


class LabelledSource:
    """Whole slices of the ``cases`` whose data sets label all ``classes`` (names), or some of them
    and tell so."""

    def __init__(self, cases: Sequence[Case], classes: Sequence[str]) -> None:
        self.part = body_part(classes)
        self.cases = [
            case
            for case in cases
            if classes and teaches(self._numbers(case), case.known is not None)
        ]

    def _numbers(self, case: Case) -> list[list[int]]:
        """Labels of each class."""
        return self.part.numbers(case.meta.get("classes", {}))

    def sample_automatic(
        self, rng: np.random.Generator, slices: int, size: int, coronal: float
    ) -> FoundWhole | None:
        """Image and labels [D, S, S] (0 none, n + 1 class n, ``UNKNOWN`` where that may be any
        class that nobody drew in this case, ``ANYTHING`` where one may go on beyond the slices in
        which it was drawn) as the automatic mode reads the volume; nearly isotropic ones also
        coronal (a share).

        Never mirrored, since left and right are different classes; None if the place shows too
        little of the body.
        """
        case = self.cases[rng.integers(len(self.cases))]
        anatomy = self._anatomy(case, bool(rng.random() < coronal))
        image, labels = (anatomy.turn(a) for a in (case.image, case.labels))
        z = self._slices(rng, case, anatomy, slices)
        low, high = np.array([_along(anatomy, p, case.meta["body"], image.shape) for p in (1, 2)]).T
        spacing = np.array(case.meta["spacing"])[anatomy.order[1:]]
        extent, away = whole_or_part(rng, ((high - low) * spacing).max())
        zoom = rng.uniform(0.7, 0.98) * size / extent * spacing
        middle = (low + high - 1) / 2 + rng.uniform(-away, away, 2) * (high - low)
        centre, scale = (float(middle[0]), float(middle[1])), (float(zoom[0]), float(zoom[1]))
        rows, columns = random_grid(rng, slices, size, centre, scale, UPRIGHT)
        box = needed(rows, columns, (image.shape[1], image.shape[2]))
        rows, columns = rows - box[0].start, columns - box[1].start
        seen = resample_image(image[z][:, box[0], box[1]], rows, columns)
        if (seen > DARK).mean() < LEAST_BODY:
            return None
        numbers = self._numbers(case)
        # Labels that are here, as classes; numbers between would only cost time.
        block = labels[z][:, box[0], box[1]]
        shown = np.bincount(block.ravel(), minlength=256) > 0
        drawn = self._drawn(case, numbers)
        here = [n for n, own in enumerate(numbers) if drawn[n] and shown[own].any()]
        lut = np.zeros(256, np.uint8)
        for place, n in enumerate(here, 1):
            lut[numbers[n]] = place
        dense = lut[block]
        values = np.array([0, *(n + 1 for n in here), UNKNOWN, ANYTHING], np.uint8)
        if case.known is not None:
            empty = dense == 0
            if not drawn.all():
                dense[empty] = len(values) - 2
            continued = self._continued(case, numbers, anatomy, z)[:, box[0], box[1]]
            dense[empty & continued] = len(values) - 1
        found = resample_labels(dense, rows, columns, len(values) - 1)
        return FoundWhole(augment(seen, rng), values[found], drawn)

    @staticmethod
    def _drawn(case: Case, numbers: list[list[int]]) -> np.ndarray:
        """Which classes, of ``numbers`` each, were drawn, bool [K]."""
        known = frozenset(range(256)) if case.known is None else case.known
        return np.array([bool(own) and known.issuperset(own) for own in numbers])

    @staticmethod
    def _continued(
        case: Case, numbers: list[list[int]], anatomy: AnatomicalOrientation, z: np.ndarray
    ) -> np.ndarray:
        """Where classes, of ``numbers`` each, may go on beyond the slices in which they were drawn,
        in slices ``z`` of the turned volume, bool."""
        stored = np.arange(len(case.labels))[:, None, None]
        stored = anatomy.turn(np.broadcast_to(stored, case.labels.shape))[z]
        first, last = int(stored.min()), int(stored.max()) + 1
        found = np.zeros(case.labels.shape, bool)
        own = {number for own in numbers for number in own} & (case.known or set())
        found[first:last] = case.continued(own, first, last)
        return anatomy.turn(found)[z]

    @staticmethod
    def _anatomy(case: Case, coronal: bool) -> AnatomicalOrientation:
        """How the volume is read; ``coronal`` insists where that loses nothing."""
        facts = case.meta["anatomy"]
        alike = max(facts["spacing"]) <= THICK_RATIO * min(facts["spacing"])
        return AnatomicalOrientation(**facts, coronal=True if coronal and alike else None)

    @staticmethod
    def _slices(
        rng: np.random.Generator, case: Case, anatomy: AnatomicalOrientation, slices: int
    ) -> np.ndarray:
        """Slice numbers of the turned volume, neighbours."""
        n = case.image.shape[anatomy.order[0]]
        drawn = case.regions[case.regions["level"] == LABELS]
        low, high = 0, n
        if len(drawn) and rng.random() < AIMED:
            region = drawn[rng.integers(len(drawn))]
            ranges = np.stack([region["low"], region["high"]], 1).tolist()
            low, high = _along(anatomy, 0, ranges, [n])
        first = int(rng.integers(low, max(high, low + 1))) - slices // 2
        return mirrored(first + np.arange(slices), n)


def _along(
    anatomy: AnatomicalOrientation,
    place: int,
    ranges: Sequence[Sequence[int]],
    shape: Sequence[int],
) -> tuple[int, int]:
    """The range of a prepared array's axis that is number ``place`` in the turned one."""
    low, high = ranges[anatomy.order[place]]
    n = shape[place]
    return (n - high, n - low) if anatomy.flip[place].step == -1 else (low, high)
