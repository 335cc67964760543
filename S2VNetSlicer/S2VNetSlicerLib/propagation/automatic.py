"""Automatic mode: predefined classes from their learned centres, without marks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Protocol

import numpy as np
import torch

from ..errors import UserError
from ..network.model import S2VNet
from ..network.semantic_head import BodyPart, SemanticHead
from ..volumes.intensities import normalise_slice
from .components import remove_crumbs
from .inference_grid import is_empty
from .settings import AutomaticSettings, GridSettings
from .slice_classifier import AxialCoronalFusion, SliceClassifier

DEFAULT = AutomaticSettings()
GRID = GridSettings()


class Segmenter(Protocol):
    """What finds structures without marks; ``wanted``: which (0 is the first), ``confidence``
    [slices, K] their expected Dice, NaN where nothing was found."""

    wanted: Collection[int]
    confidence: np.ndarray

    def labels(self, z: int) -> np.ndarray | None:
        """The structures found so far in slice ``z``, uint8 [rows, columns], 0 elsewhere; None
        before anything was looked for there."""

    def run(self, device: torch.device) -> Iterator[int]:
        """Yields slices whose labels changed, or any as a sign of life."""


def check_classes(classes: Sequence[int], model: S2VNet) -> None:
    """UserError where one of ``classes`` is unknown to ``model`` (-1: not predefined), or where
    all are."""
    known = len(model.classes)
    if max(classes, default=-1) >= known:
        raise UserError(
            "The weights know {known} predefined classes, not class {max}: use other "
            "weights or mark the structure.",
            known=known,
            max=max(classes),
        )
    if max(classes, default=-1) < 0:
        raise UserError(
            "None of the session's classes is predefined: choose classes from the weights' "
            "card or mark the structures."
        )


def mirrored(classes: Sequence[str]) -> list[int]:
    """The class that each class is in a mirror: left_kidney and right_kidney change places."""
    sides = {"left_": "right_", "right_": "left_"}
    found = []
    for n, name in enumerate(classes):
        other = next((sides[s] + name[len(s) :] for s in sides if name.startswith(s)), name)
        found.append(classes.index(other) if other in classes else n)
    return found


class AnatomicalOrientation:
    """How an array [a, b, c] is turned to the way in which classes were learned.

    ``axes``: for each of its axes 0 left-right, 1 back-front or 2 down-up; ``grows``: whether it
    runs to the right, the front and up. Turned, slices are axial, bottom first, or coronal, back
    first; rows run to the back or down, columns to the left. ``coronal``: which of both (None:
    coronal only where these slices are thick).
    """

    def __init__(
        self,
        axes: Sequence[int],
        grows: Sequence[bool],
        spacing: Sequence[float],
        coronal: bool | None = None,
        thick_ratio: float = DEFAULT.thick_ratio,
    ) -> None:
        self._lies, self._thick_ratio = (axes, grows, spacing), thick_ratio
        across = {axis: spacing[place] for place, axis in enumerate(axes)}
        thick = across[1] > thick_ratio * min(across[0], across[2])
        self._thin = not thick and across[2] <= thick_ratio * min(across[0], across[1])
        coronal = thick if coronal is None else coronal
        # (anatomical axis, whether it grows)
        wanted = [(1, True), (2, False)] if coronal else [(2, True), (1, False)]
        self.order = [list(axes).index(axis) for axis, _ in [*wanted, (0, False)]]
        flipped = [grows[list(axes).index(axis)] != up for axis, up in [*wanted, (0, False)]]
        self.flip = tuple(slice(None, None, -1 if f else 1) for f in flipped)
        self.spacing = [spacing[place] for place in self.order]

    @classmethod
    def of_slices(
        cls,
        axis: int,
        axes: Sequence[int],
        grows: Sequence[bool],
        spacing: Sequence[float],
        thick_ratio: float = DEFAULT.thick_ratio,
    ) -> AnatomicalOrientation:
        """Of a volume whose ``axis`` was moved to the front; ``axes`` and ``grows`` are those of
        the volume, ``spacing`` is that of its slices."""
        order = [axis, *(a for a in range(3) if a != axis)]
        candidate_orientations = [axes[a] for a in order], [grows[a] for a in order], spacing
        return cls(*candidate_orientations, None, thick_ratio)

    @property
    def ways(self) -> list[AnatomicalOrientation]:
        """The ways in which slices may be read: this one, or axial and coronal where neither
        slices are thick."""
        if not self._thin:
            return [self]
        return [
            AnatomicalOrientation(*self._lies, coronal, self._thick_ratio)
            for coronal in (False, True)
        ]

    def turn(self, array: np.ndarray) -> np.ndarray:
        """A view of ``array``."""
        return array.transpose(self.order)[self.flip]

    def view_mm(self, array: np.ndarray) -> float:
        """The shorter side of the turned slices of ``array``."""
        _, rows, columns = self.turn(array).shape
        return min(rows * self.spacing[1], columns * self.spacing[2])


class AutomaticRun:
    """Predefined ``classes`` (-1: takes no part) of a volume, each slice from learned centres.

    ``image`` [slices, rows, columns] raw, ``window`` the intensities that are 0 and 255. All
    classes of a body part compete in every slice; what the volume shows of other classes than
    those wanted is background. Where several ``parts`` find something, the surest has the voxel.
    Source: S2VNet, automatic mode (learned centres). That every slice is recognised, not only the
    first, and across two axes, is our choice: propagation from the best slice took four times as
    long for the Dice of one.
    """

    def __init__(
        self,
        classes: Sequence[int],
        parts: Sequence[BodyPart],
        image: np.ndarray,
        window: tuple[float, float],
        anatomy: AnatomicalOrientation,
        within: tuple[int, int],
        settings: AutomaticSettings = DEFAULT,
        grid: GridSettings = GRID,
    ) -> None:
        self.image, self.window, self.anatomy = image, window, anatomy.ways[0]
        ways = [
            way
            for way in anatomy.ways
            if way.order == self.anatomy.order or way.view_mm(image) >= settings.min_view_mm
        ]
        self.readings = [
            [
                SliceClassifier(way.turn(image), way.spacing, window, likely, settings, grid)
                for way in ways
            ]
            for likely in (partial(recognised, part.head) for part in parts)
        ]
        self.wanted: Collection[int] = {k for k, known in enumerate(classes) if known >= 0}
        asked = {classes[k] + 1: k + 1 for k in self.wanted}
        self.numbers = [
            np.array([0, *(asked.get(number, 0) for number in part.numbers)], np.uint8)
            for part in parts
        ]
        self.within, self.settings = within, settings
        self.confidence = np.full((len(image), len(classes)), np.nan, np.float32)
        self._labels = np.zeros(image.shape, np.uint8)
        self._sure = np.zeros(image.shape, np.float16)
        self._found = np.zeros(len(image), bool)

    def labels(self, z: int) -> np.ndarray | None:
        """The structures found in slice ``z``, uint8 [rows, columns]."""
        return self._labels[z] if self._found[z] else None

    @property
    def everywhere(self) -> tuple[np.ndarray, np.ndarray]:
        """The structures found and how likely they are (0..1), [slices, rows, columns]."""
        return self._labels, self._sure

    def run(self, device: torch.device) -> Iterator[int]:
        """Yields slices within the range, first as signs of life while the volume is read, then
        each when its labels are there."""
        readings = list(chain.from_iterable(self.readings))
        total, before = sum(len(reading.at) for reading in readings), 0
        for reading in readings:
            for done in reading.read(device):
                z = (len(self.image) - 1) * (before + done) // total
                if self.within[0] <= z <= self.within[1]:
                    yield z
            before += len(reading.at)
        labels, sure = (self.anatomy.turn(a) for a in (self._labels, self._sure))
        # The number of the slice that holds each turned one.
        places = np.broadcast_to(np.arange(len(self.image))[:, None, None], self.image.shape)
        places = self.anatomy.turn(places)[:, 0, 0]
        across = self.anatomy.order[0] != 0
        parts = zip(self.readings, self.numbers, strict=True)
        for z, seen in enumerate(zip(*(self._read(*part) for part in parts), strict=True)):
            for found, best in seen:
                better = (found > 0) & ((best > sure[z]) | (labels[z] == 0))
                labels[z][better], sure[z][better] = found[better], best[better]
            if not across:
                yield from self._within([int(places[z])])
        changed = remove_crumbs(self._labels, self.settings.min_component)
        yield from self._within(range(len(self.image)) if across else sorted(changed))

    def _within(self, slices: Iterable[int]) -> Iterator[int]:
        """Those of ``slices`` within the range, with their confidence."""
        for z in slices:
            if self.within[0] <= z <= self.within[1]:
                self._found[z] = True
                for k in self.wanted:
                    there = self._labels[z] == k + 1
                    sure = self._sure[z][there]
                    self.confidence[z, k] = sure.mean(dtype=np.float32) if len(sure) else 0
                yield z

    def _read(
        self, readings: Sequence[SliceClassifier], numbers: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The labels of each turned slice and how likely these are."""
        axial = readings[0]
        crossed = AxialCoronalFusion(axial, readings[1] if len(readings) > 1 else None)
        nothing = np.zeros(axial.image.shape[1:], np.uint8)
        for z, slice_ in enumerate(axial.image):
            if not crossed.anything or is_empty(normalise_slice(slice_, self.window), axial.air):
                yield nothing, nothing
                continue
            labels, best = axial.grid.to_labels(crossed.slice(z)[1:])
            yield numbers[labels], best


def recognised(head: SemanticHead, work: torch.Tensor) -> torch.Tensor:
    """Probabilities [N, K+1, H/2, W/2] of background and classes in slices ``work`` [N, H, W];
    where the body is symmetric, the mean of the slices and their mirror images, in which left
    classes are right ones."""
    likely = head(work)[0].float().softmax(1)
    if not head.configuration.symmetric:
        return likely
    image = head(work.flip(2))[0].float().softmax(1)
    mirror = [0, *(n + 1 for n in mirrored(head.classes))]
    return (likely + image.flip(3)[:, mirror]) / 2


def presence_confidence(
    head: SemanticHead,
    image: np.ndarray,
    window: tuple[float, float],
    anatomy: AnatomicalOrientation,
    device: torch.device,
    probes: int | None = None,
    settings: AutomaticSettings = DEFAULT,
    grid: GridSettings = GRID,
) -> float:
    """How surely about so many slices show the classes of ``head``, 0..1: the mean probability of
    all pixels that any class takes up.

    In another part of the body every class still finds the place that is most like it, but is in
    doubt there (measured: ``body_part_benchmark.py``).
    """
    turned = anatomy.turn(image)
    step = max(1, len(turned) // (probes or settings.probe_slices))
    spacing = [settings.spacing_mm, *anatomy.spacing[1:]]
    likely = partial(recognised, head)
    reading = SliceClassifier(turned[step // 2 :: step], spacing, window, likely, settings, grid)
    for _ in reading.read(device):
        pass
    if not len(reading.kept):
        return 0.0
    best, label = torch.cat([reading.slice(z)[None] for z in reading.at]).max(1)
    there = label > 0
    return float(best[there].exp().mean()) if there.any() else 0.0
