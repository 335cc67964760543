"""Automatic mode: predefined classes from their learned centres, without marks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
import torch

from ..errors import UserError
from ..network.model import S2VNet
from ..volumes.intensities import normalise_slice
from .workgrid import WorkGrid, body, only_air

SIDE = 176
"""Pixels of the longer side of the body: classes are learned on whole heads of this size."""
TOGETHER = 4
"""Slices recognised at once."""
THICK = 1.3
"""Coronal slices are read where they are so many times thicker than others."""


class Found(Protocol):
    """What finds structures without marks; ``wanted``: which (0 is the first), ``confidence``
    [slices, K] their expected Dice, NaN where nothing was found."""

    wanted: Collection[int]
    confidence: np.ndarray

    def labels(self, z: int) -> np.ndarray:
        """The structures found so far in slice ``z``, uint8 [rows, columns], 0 elsewhere."""

    def run(self, device: torch.device) -> Iterator[int]:
        """Yields slices whose labels changed."""


def check_classes(classes: Sequence[int], model: S2VNet) -> None:
    """UserError where one of ``classes`` is unknown to ``model`` (-1: not predefined)."""
    known = len(model.configuration.classes)
    if max(classes, default=-1) >= known:
        raise UserError(
            f"The weights know {known} predefined classes, not class {max(classes)}: use other "
            "weights or mark the structure."
        )


def mirrored(classes: Sequence[str]) -> list[int]:
    """The class that each class is in a mirror: left_kidney and right_kidney change places."""
    sides = {"left_": "right_", "right_": "left_"}
    found = []
    for n, name in enumerate(classes):
        other = next((sides[s] + name[len(s) :] for s in sides if name.startswith(s)), name)
        found.append(classes.index(other) if other in classes else n)
    return found


class Anatomy:
    """How an array [a, b, c] is turned to the way in which classes were learned.

    ``axes``: for each of its axes 0 left-right, 1 back-front or 2 down-up; ``grows``: whether it
    runs to the right, the front and up. Turned, slices are axial, bottom first, or coronal, back
    first; rows run to the back or down, columns to the left.
    """

    def __init__(
        self, axes: Sequence[int], grows: Sequence[bool], spacing: Sequence[float]
    ) -> None:
        across = {axis: spacing[place] for place, axis in enumerate(axes)}
        coronal = across[1] > THICK * min(across[0], across[2])
        # (anatomical axis, whether it grows)
        wanted = [(1, True), (2, False)] if coronal else [(2, True), (1, False)]
        self.order = [list(axes).index(axis) for axis, _ in [*wanted, (0, False)]]
        flipped = [grows[list(axes).index(axis)] != up for axis, up in [*wanted, (0, False)]]
        self.flip = tuple(slice(None, None, -1 if f else 1) for f in flipped)
        self.spacing = [spacing[place] for place in self.order]

    @classmethod
    def of_slices(
        cls, axis: int, axes: Sequence[int], grows: Sequence[bool], spacing: Sequence[float]
    ) -> Anatomy:
        """Of a volume whose ``axis`` was moved to the front; ``axes`` and ``grows`` are those of
        the volume, ``spacing`` is that of its slices."""
        order = [axis, *(a for a in range(3) if a != axis)]
        return cls([axes[a] for a in order], [grows[a] for a in order], spacing)

    def turn(self, array: np.ndarray) -> np.ndarray:
        """A view of ``array``."""
        return array.transpose(self.order)[self.flip]


class AutomaticRun:
    """Predefined ``classes`` (-1: takes no part) of a volume, each slice from learned centres.

    ``image`` [slices, rows, columns] raw, ``window`` the intensities that are 0 and 255. All
    classes that the weights know compete in every slice; what the volume shows of other classes
    than those wanted is background. Source: S2VNet, automatic mode (learned centres). That
    every slice is recognised, not only the first, is our choice: propagation from the best slice
    took four times as long for the same Dice.
    """

    def __init__(
        self,
        classes: Sequence[int],
        model: S2VNet,
        image: np.ndarray,
        window: tuple[float, float],
        anatomy: Anatomy,
        within: tuple[int, int],
    ) -> None:
        self.model, self.image, self.window, self.anatomy = model, image, window, anatomy
        self.wanted: Collection[int] = {k for k, known in enumerate(classes) if known >= 0}
        self.numbers = np.zeros(len(model.configuration.classes) + 1, np.uint8)
        for k in self.wanted:
            self.numbers[classes[k] + 1] = k + 1
        self.mirror = [0, *(n + 1 for n in mirrored(model.configuration.classes))]
        self.within = within
        self.confidence = np.full((len(image), len(classes)), np.nan, np.float32)
        self._labels = np.zeros(image.shape, np.uint8)

    def labels(self, z: int) -> np.ndarray:
        """The structures found in slice ``z``, uint8 [rows, columns]."""
        return self._labels[z]

    def run(self, device: torch.device) -> Iterator[int]:
        """Yields every slice within the range as it is recognised; where slices are read across
        these, each once as a sign of life and again when all are read."""
        self._sure = np.zeros(self.image.shape, np.float16)
        labels, sure = (self.anatomy.turn(a) for a in (self._labels, self._sure))
        # The number of the slice that holds each turned one, or how far that is on the way.
        places = np.broadcast_to(np.arange(len(self.image))[:, None, None], self.image.shape)
        places = self.anatomy.turn(places)[:, 0, 0]
        across = self.anatomy.order[0] != 0
        if across:
            places = np.linspace(0, len(self.image) - 1, len(labels)).astype(int)
        for z, found, best in self._recognised(device):
            labels[z], sure[z] = found, best
            yield from self._within([int(places[z])])
        if across:
            yield from self._within(range(len(self.image)))

    def _within(self, slices: Iterable[int]) -> Iterator[int]:
        """Those of ``slices`` within the range, with their confidence."""
        for z in slices:
            if self.within[0] <= z <= self.within[1]:
                for k in self.wanted:
                    there = self._labels[z] == k + 1
                    sure = self._sure[z][there]
                    self.confidence[z, k] = sure.mean(dtype=np.float32) if len(sure) else 0
                yield z

    def _recognised(self, device: torch.device) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Slices of the turned volume, their labels and how likely these are."""
        image, (down, across) = self.anatomy.turn(self.image), self.anatomy.spacing[1:]
        box = body(image[:: max(1, len(image) // 64)], self.window, least_saved=0.0)
        grid = WorkGrid.fit((image.shape[1], image.shape[2]), (down, across), box, SIDE)
        for first in range(0, len(image), TOGETHER):
            part = slice(first, first + TOGETHER)
            block = np.ascontiguousarray(normalise_slice(image[part], self.window), np.float32)
            shown = np.array([not only_air(slice_) for slice_ in block])
            with torch.inference_mode():
                work = grid.to_work(torch.from_numpy(block[shown])).to(device)
                likely = iter(self._likely(work)) if shown.any() else iter(())
            for z, here in enumerate(shown, first):
                labels = best = np.zeros(image.shape[1:], np.uint8)
                if here:
                    labels, best = grid.to_labels(next(likely)[1:])
                yield z, self.numbers[labels], best

    def _likely(self, work: torch.Tensor) -> torch.Tensor:
        """Probabilities [N, K+1, H/2, W/2] of background and classes; where the body is symmetric,
        the mean of the slices and their mirror images, in which left classes are right ones."""
        likely = self.model.recognise(work)[0].float().softmax(1)
        if not self.model.configuration.symmetric:
            return likely
        image = self.model.recognise(work.flip(2))[0].float().softmax(1)
        return (likely + image.flip(3)[:, self.mirror]) / 2
