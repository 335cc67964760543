"""What marks are on: a structure that the weights know by name starts whole.

Beyond the paper. Where a volume shows the predefined classes, the automatic mode sees them before
anything is marked. A mark in one of them says which: from then on every slice begins with what was
seen there, and runs from the marks have their say near these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..network.model import S2VNet
from .automatic import Anatomy, AutomaticRun, certainty
from .transporting import logit_of
from .workgrid import WorkGrid

INSIDE, DENIED, AGREES = 0.6, 0.2, 0.4
"""A structure is a class that holds this share of its first marks, at most that share of all other
marks, and whose slices agree so well (Dice) with what the network makes of the marks."""
WEIGHT, DOUBTFUL, TRUSTED = 3.0, 0.6, 0.75
"""What the logit of a class counts whose pixels are, on average, ``TRUSTED`` (0..1); nothing where
they are ``DOUBTFUL``, as small structures often are."""
FADES = 20.0
"""In so many mm from its anchor a run's say falls to a third."""
SURE, SURE_SEEN = 5.0, 4.0
"""Largest logits of a run and of what was seen."""
UNSEEN = 0.02
"""Probability of a class in pixels of no class."""
FEW = 5
"""Slices that tell how a volume lies."""


class Recognition:
    """The predefined classes in a volume: ``labels`` uint8 [slices, rows, columns] (class + 1, 0:
    none) and how ``sure`` they are, 0..255 of that type and shape. ``weights``: what each class
    counts beside a run, by its number (from 1)."""

    def __init__(self, labels: np.ndarray, sure: np.ndarray) -> None:
        self.labels, self.sure = labels, sure
        count = np.bincount(labels.ravel(), None, 256)
        mean = np.bincount(labels.ravel(), sure.ravel(), 256) / 255 / np.maximum(count, 1)
        self.weights = WEIGHT * ((mean - DOUBTFUL) / (TRUSTED - DOUBTFUL)).clip(0, 1)

    def likely(self, z: int, number: int) -> np.ndarray:
        """Probability of class ``number`` in slice ``z``, float32 [rows, columns]."""
        labels, sure = self.labels[z], self.sure[z] / np.float32(255)
        other = np.where(labels > 0, (1 - sure) / 2, np.float32(UNSEEN))
        return np.where(labels == number, sure, other)

    def under(
        self, marks: Mapping[int, np.ndarray], structure: int, found: Mapping[int, np.ndarray]
    ) -> int:
        """The class that ``structure`` (from 1) is, or 0: none. ``marks`` of all marked slices,
        ``found``: what the network makes of them there, bool [rows, columns]."""
        mine = np.concatenate([self.labels[z][m == structure + 1] for z, m in marks.items()])
        others = [self.labels[z][(m > 0) & (m != structure + 1)] for z, m in marks.items()]
        if not len(mine):
            return 0
        count = np.bincount(mine, minlength=2)
        number = 1 + int(count[1:].argmax())
        denied = np.concatenate(others) == number
        if count[number] < INSIDE * len(mine) or (len(denied) and denied.mean() > DENIED):
            return 0
        right = self.agrees(number, found) and self.weights[number] > 0
        return number if right else 0

    def agrees(self, number: int, found: Mapping[int, np.ndarray]) -> bool:
        """Whether class ``number`` is what was ``found`` in slices, on the whole."""
        dice = []
        for z, mask in found.items():
            seen = self.labels[z] == number
            if size := int(mask.sum()) + int(seen.sum()):
                dice.append(2 * int((mask & seen).sum()) / size)
        return bool(dice) and float(np.mean(dice)) >= AGREES


class Known:
    """What is known of the K structures of a session: ``numbers`` [K] of classes, 0 of none."""

    def __init__(
        self, seen: Recognition, numbers: Sequence[int], grid: WorkGrid, thickness: float
    ) -> None:
        self.seen, self.numbers, self.grid, self.thickness = seen, numbers, grid, thickness
        self.weights = seen.weights[list(numbers)].tolist()

    def add(self, masks: Tensor, z: Tensor, distance: Tensor) -> Tensor:
        """``masks`` [N, K, h, w] of runs, whose anchors are ``distance`` [N, K] slices away, with
        what was seen in slices ``z``."""
        near = (-distance * self.thickness / FADES).exp()[..., None, None]
        seen = torch.zeros_like(masks)
        for item, slice_ in enumerate(z.tolist()):
            for k, (number, weight) in enumerate(zip(self.numbers, self.weights, strict=True)):
                if number:
                    likely = torch.from_numpy(self.seen.likely(slice_, number))[None]
                    work = F.avg_pool2d(self.grid.to_work(likely), 2)[0].to(masks)
                    seen[item, k] = weight * logit_of(work, SURE_SEEN)
        both = (near * logit_of(masks, SURE) + seen).sigmoid()
        both = both / both.sum(1, keepdim=True).clamp(min=1)
        known = torch.tensor([number > 0 for number in self.numbers], device=masks.device)
        return torch.where(known[:, None, None], both, masks)

    def confidence(self, z: int) -> np.ndarray:
        """Expected Dice of what was seen in slice ``z``, [K]; NaN where nothing is known."""
        found = np.full(len(self.numbers), np.nan, np.float32)
        for k, number in enumerate(self.numbers):
            if number:
                there = self.seen.labels[z] == number
                found[k] = self.seen.sure[z][there].mean() / 255 if there.any() else 0
        return found


def recognise(
    model: S2VNet,
    image: np.ndarray,
    window: tuple[float, float],
    facts: Mapping[str, Any],
    anatomy: Anatomy | None,
    spacing: Sequence[float],
    device: torch.device,
) -> Iterator[Recognition | None]:
    """Look for the predefined classes in ``image`` [slices, rows, columns]; yields None as signs of
    life and last, where the volume shows them, what was seen.

    ``facts``: what the weights' card says of them. ``anatomy`` None: how the volume lies is found
    by trying, which takes the time of a hundred slices.
    """
    least, classes = (
        float(facts.get("least_confidence", 0)),
        range(len(model.configuration.classes)),
    )
    if not classes or not least:
        return
    if anatomy is None:
        tried: dict[str, float] = {}
        for way in (way for lie in lies(spacing) for way in lie.ways):
            if (key := _key(way)) not in tried:
                tried[key] = certainty(model, image, window, way, device, FEW)
                yield None
        anatomy = max(lies(spacing), key=lambda lie: sum(tried[_key(way)] for way in lie.ways))
    if certainty(model, image, window, anatomy, device) < least:
        return
    run = AutomaticRun(classes, model, image, window, anatomy, (0, len(image) - 1))
    for _ in run.run(device):
        yield None
    labels, sure = run.everywhere
    yield Recognition(labels, np.rint(sure * np.float32(255)).astype(np.uint8))


def lies(spacing: Sequence[float]) -> list[Anatomy]:
    """All ways in which a volume may lie, but for what a mirror changes."""
    return [
        Anatomy(axes, [(True, front, up)[axis] for axis in axes], spacing)
        for axes in permutations(range(3))
        for front in (True, False)
        for up in (True, False)
    ]


def _key(way: Anatomy) -> str:
    """In which order slices are read makes no difference."""
    return f"{way.order} {way.flip[1]}"
