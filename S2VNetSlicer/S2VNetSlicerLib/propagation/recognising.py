"""The part of a session that knows structures by name: see ``recognition``."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..annotation.made import Made
from ..annotation.rules import keep_locked
from ..annotation.state import InitialSegmentation
from ..errors import UserError
from ..network.model import S2VNet
from .automatic import Anatomy, AutomaticRun, Found, check_classes
from .labelling import Labelling
from .loaded import Loaded
from .propagator import Propagator
from .recognition import Known, Recognition, recognise
from .records import SessionSettings, SliceResult
from .workgrid import WorkGrid


class Recognising(Labelling):
    """A :class:`Labelling` in which a mark in a structure that the weights know finds all of it."""

    model: S2VNet
    image: np.ndarray
    window: tuple[float, float]
    modality: str
    thickness: float
    magnified: float
    in_plane: list[float]
    settings: SessionSettings
    device: torch.device
    grid: WorkGrid
    _loaded: Loaded | None

    def __init__(self, shape: tuple[int, ...], axis: int, classes: Sequence[int]) -> None:
        super().__init__(shape, axis, classes)
        self.recognition: Recognition | None = None
        """The predefined classes that the volume shows, once :meth:`recognise` is done."""
        self._looking: Iterator[Recognition | None] | None = None
        self._numbers: dict[int, tuple[int, ...]] = {}
        """Which of these (from 1) each structure that has marks is made of."""
        self._outdated: set[int] = set()
        """Slices to be written anew because a structure turned out to be a predefined class."""

    @property
    @abstractmethod
    def confidence(self) -> np.ndarray:
        """Expected Dice of every slice and class, [slices, K]; NaN where nothing was computed."""

    @abstractmethod
    def _confidence(self, z: int, masks: Tensor | None = None) -> np.ndarray:
        """Of slice ``z``, [K]; ``masks`` [K, height/2, width/2] if they are at hand."""

    @abstractmethod
    def _to_labels(self, masks: Tensor) -> np.ndarray:
        """Masks [K, height/2, width/2] in 0..1 -> labels uint8 [rows, columns]."""

    def automatic(
        self,
        first: int = 0,
        last: int | None = None,
        classes: Sequence[int] | None = None,
        axes: Sequence[int] = (2, 1, 0),
        grows: Sequence[bool] = (True, True, True),
    ) -> Iterator[SliceResult]:
        """Segment the predefined ``classes`` (default: the session's) without marks.

        ``axes``, ``grows``: the anatomy of the image's axes, see :class:`Anatomy`. Classes that
        are not predefined stay as they are. The result is then there to be corrected, as after
        :meth:`load`. Stop iterating to cancel; what is finished stays.
        """
        classes = self.classes if classes is None else classes
        check_classes(classes, self.model)
        if max(classes, default=-1) < 0:
            raise UserError(
                "None of the session's classes is predefined: choose classes from the weights' "
                "card or mark the structures."
            )
        last = self.slices - 1 if last is None else last
        anatomy = self._anatomy(axes, grows)
        how = self.settings.automatic, self.settings.grid
        within = (first, last)
        yield from self.take_over(
            AutomaticRun(classes, self.model, self.image, self.window, anatomy, within, *how)
        )

    def _anatomy(self, axes: Sequence[int], grows: Sequence[bool]) -> Anatomy:
        spacing = [self.thickness, *self.in_plane]
        thick = self.settings.automatic.thick_ratio
        return Anatomy.of_slices(self.axis, axes, grows, spacing, thick)

    def load(self, labels: np.ndarray, confidence: np.ndarray | None = None) -> None:
        """Begin with ``labels`` uint8 [k, j, i], the result of another method, to correct it.

        Marks change it where and as far as they say something else (``settings.trust``); every
        other voxel stays. ``confidence`` [slices, K] is its expected Dice, if known.
        """
        if labels.shape != self.labels.shape or int(labels.max(initial=0)) > self.structures:
            raise UserError(
                f"The result has shape {labels.shape} and structures up to {labels.max()}, the "
                f"session {self.labels.shape} and {self.structures}: resample it to the volume."
            )
        self.labels[...] = labels
        self.made[self.made == Made.UNTOUCHED] = Made.MODEL
        self._begin_with(confidence)

    def take_over(self, found: Found) -> Iterator[SliceResult]:
        """Write the structures that ``found`` looks for, slice by slice; all others stay.

        The result is then there to be corrected, as after :meth:`load`, also where the caller
        stops early: what is finished is part of it.
        """
        others = [k for k in range(1, self.structures + 1) if k - 1 not in found.wanted]
        free = [k + 1 for k in found.wanted]
        begun = False
        try:
            for z in found.run(self.device):
                if (labels := found.labels(z)) is None:  # a sign of life
                    yield SliceResult(z, self._labels[z].copy(), self._confidence(z))
                    continue
                begun = True
                if self.made[z] != Made.ACCEPTED:
                    labels = keep_locked(labels, self._labels[z], others)
                    self._labels[z] = self.state.enforce(z, labels, free)
                    self.made[z] = max(self.made[z], Made.MODEL)
                yield SliceResult(z, self._labels[z].copy(), found.confidence[z])
        finally:
            if begun:
                unknown = np.isnan(found.confidence)
                known = np.where(unknown, self.confidence, found.confidence)
                self._begin_with(known.astype(np.float32))

    def _begin_with(self, confidence: np.ndarray | None) -> None:
        """What is there is a result to correct, with its expected Dice [slices, K] if known."""
        source = self.state.initial.source if self.state.initial is not None else ""
        self.state.initial = InitialSegmentation(self.labels.copy(), source, confidence)
        self.state.recount()
        self._loaded = self._as_loaded()
        self._forget()

    def _as_loaded(self) -> Loaded | None:
        if (initial := self.state.initial) is None:
            return None
        labels = np.moveaxis(initial.labels, self.axis, 0)
        asked = self.settings.trust, initial.confidence, self.settings.initial
        return Loaded(labels, self.structures, self.grid, *asked)

    def recognise(
        self,
        card: Mapping[str, Any],
        axes: Sequence[int] | None = None,
        grows: Sequence[bool] = (True, True, True),
    ) -> Iterator[None]:
        """Look for the predefined classes, whose facts the weights' ``card`` tells, so that a mark
        in one of them finds all of it: see ``recognition``. Nothing changes before the next mark.

        ``axes``, ``grows``: the anatomy of the image's axes, see :class:`Anatomy`; without them it
        is found by trying. Stop iterating to interrupt; the next call goes on.
        """
        facts = card.get("recogniser", {})
        if facts.get("modality", self.modality) != self.modality or not self.settings.recognise:
            return
        if self._looking is None:
            how = self.settings.automatic, self.settings.grid
            spacing = [self.thickness, *self.in_plane]
            anatomy = self._anatomy(axes, grows) if axes else None
            self._looking = recognise(
                self.model,
                self.image,
                self.window,
                facts,
                anatomy,
                spacing,
                self.device,
                self.settings.prior,
                *how,
            )
        for found in self._looking:
            self.recognition = found
            yield

    @property
    def names(self) -> dict[int, str]:
        """What structures (from 1) were recognised as, by their marks."""
        classes = self.model.configuration.classes
        return {
            k: spoken([classes[n - 1] for n in numbers])
            for k, numbers in self._numbers.items()
            if numbers
        }

    def _compared(self, propagator: Propagator) -> Known | None:
        """Which structures are predefined classes, from the marks so far."""
        if self.recognition is None or self._loaded is not None:
            return None
        drawn = {z: self._to_labels(propagator.masks[0, 0, z].float()) for z in self.marks}
        every = range(1, self.structures + 1)
        first = len(self.marks) == 1  # The slice may still be drawn on: a stroke tells little.
        for k in every:
            found = {z: labels == k for z, labels in drawn.items()}
            before = self._numbers.get(k)
            if before is None or (first and not before):
                if any((m == k + 1).any() for m in self.marks.values()):
                    self._numbers[k] = self.recognition.under(self.marks, k, found)
            elif before and not self.recognition.agrees(before, found):
                self._numbers[k] = ()
            elif before:
                self._numbers[k] = self.recognition.further(before, self.marks, k, found)
            if (numbers := self._numbers.get(k, ())) != (before or ()):
                self._outdated |= self.recognition.apart(numbers, before or ())
        named = [self._numbers.get(k, ()) for k in every]
        if not any(named):
            return None
        if (known := propagator.known) is None:
            return Known(self.recognition, named, self.grid, self.thickness)
        return known if known.numbers == named else known.of(named)

    def _still_outdated(self) -> list[int]:
        """Slices to be written anew, nearest to a marked one first."""
        return sorted(self._outdated, key=lambda z: min(abs(z - a) for a in self.marks))


def spoken(classes: Sequence[str]) -> str:
    """Names of classes in words: left_kidney, right_kidney -> left and right kidney."""
    sides: dict[str, list[str]] = {}
    for name in classes:
        side, _, rest = name.partition("_")
        if side in ("left", "right"):
            sides.setdefault(rest, []).append(side)
        else:
            sides[name] = []
    words = [" and ".join(sorted(s)) + " " + name if s else name for name, s in sides.items()]
    return ", ".join(words).replace("_", " ")
