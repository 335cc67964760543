"""Which structures of a session are predefined classes: see ``recognition``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from .inference_grid import InferenceGrid
from .recognition import Recognition, StructurePrior, pooled_dice, recognise
from .slice_store import SliceStore
from .stages import Annotation, DueSlices, SliceUpdate, Updates, index, stacked
from .volume import InferenceVolume


class Recogniser:
    """Looks for the predefined classes in a volume, once."""

    def __init__(self, volume: InferenceVolume) -> None:
        self.volume = volume
        self.found: Recognition | None = None
        """What the volume shows of them, once that is known."""
        self._looking: Iterator[Recognition | None] | None = None

    def look(
        self, card: Mapping[str, Any], axes: Sequence[int] | None, grows: Sequence[bool]
    ) -> Iterator[None]:
        """Yields as signs of life; stop iterating to interrupt, the next call goes on. ``card`` of
        the weights; ``axes``, ``grows``: see :class:`~.automatic.AnatomicalOrientation`."""
        volume = self.volume
        if not volume.settings.recognise:
            return
        if self._looking is None:
            anatomy = volume.anatomy(axes, grows) if axes else None
            self._looking = recognise(volume, card, anatomy)
        for found in self._looking:
            self.found = found
            yield


class SemanticPrior:
    """What a volume was seen to show has a say in the ``structures`` that were marked as such."""

    def __init__(self, structures: int, grid: InferenceGrid, thickness: float) -> None:
        self.structures, self.grid, self.thickness = structures, grid, thickness
        self.numbers: dict[int, tuple[int, ...]] = {}
        """Which predefined classes (from 1) each structure that has marks is made of."""
        self.passed: dict[int, tuple[np.ndarray, float]] = {}
        """Labels uint8 [rows, columns] of marked slices as passes had them before the marks, and
        how many mm away any other marked slice was."""
        self.known: StructurePrior | None = None

    @property
    def knows_all(self) -> bool:
        """Whether every structure is known by name."""
        return len(self.named) == self.structures

    @property
    def named(self) -> list[int]:
        """The structures (from 1) that are known by name."""
        numbers = () if self.known is None else self.known.numbers
        return [k for k, classes in enumerate(numbers, 1) if classes]

    def match(
        self, seen: Recognition, marks: Mapping[int, np.ndarray], drawn: Mapping[int, np.ndarray]
    ) -> tuple[bool, set[int]]:
        """Find which structures are predefined classes that the volume was ``seen`` to show, from
        the ``marks`` so far and what the network makes of these slices (``drawn`` labels); whether
        that changed anything, and the slices that it changed."""
        outdated: set[int] = set()
        every = range(1, self.structures + 1)
        first = len(marks) == 1  # The slice may still be drawn on: a stroke tells little.
        for k in every:
            found = {z: labels == k for z, labels in drawn.items()}
            before = self.numbers.get(k)
            if before is None or (first and not before):
                if any((m == k + 1).any() for m in marks.values()):
                    self.numbers[k] = seen.match_structure(marks, k, found)
            else:
                self.numbers[k] = self._corrected(seen, before, marks, k, found)
            if (numbers := self.numbers.get(k, ())) != (before or ()):
                outdated |= seen.changed_slices(numbers, before or ())
        named = [self.numbers.get(k, ()) for k in every]
        before_known = self.known
        if not any(named):
            self.known = None
        elif self.known is None:
            self.known = StructurePrior(seen, named, self.grid, self.thickness)
        elif self.known.numbers != named:
            self.known = self.known.of(named)
        return self.known is not before_known, outdated

    def _corrected(
        self,
        seen: Recognition,
        numbers: tuple[int, ...],
        marks: Mapping[int, np.ndarray],
        structure: int,
        found: Mapping[int, np.ndarray],
    ) -> tuple[int, ...]:
        """What a structure of classes ``numbers`` (none: of no class) is, now that more slices are
        marked: corrections tell whether the classes or passes knew these better. Next to other
        marked slices passes know most, which says nothing of the rest."""
        far = {z for z, (_, mm) in self.passed.items() if mm >= seen.settings.untouched_mm}
        told = {z: found[z] for z in (far if numbers else self.passed) if z in found}
        by_passes = pooled_dice({z: self.passed[z][0] == structure for z in told}, told)
        if numbers:
            if by_passes > seen.agreement(numbers, told) + seen.settings.better:
                return ()
            return seen.extend_match(numbers, marks, structure, found)
        new = seen.match_structure(marks, structure, found)
        gain = seen.agreement(new, told) - by_passes
        return new if told and gain > seen.settings.gains else ()

    def blend(self, masks: Tensor, z: Tensor, distance: Tensor) -> Tensor:
        """``masks`` [N, K, h, w] of passes, whose prompted slices are ``distance`` [N, K] slices
        away, with what was seen in slices ``z``."""
        return masks if self.known is None else self.known.add(masks, z, distance)


class RememberPasses:
    """What passes made of slices before these are marked for the first time."""

    def __init__(self, prior: SemanticPrior, grid: InferenceGrid) -> None:
        self.prior, self.grid = prior, grid

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        prompted = store.prompt_centroids[0]
        for z in due.slices:
            if z in store.reached and z not in prompted:
                labels = self.grid.to_labels(store.fused(*index([z], store))[0].float())[0]
                away = min((abs(z - other) for other in prompted), default=store.slices)
                self.prior.passed[z] = labels, away * self.prior.thickness
        yield SliceUpdate(due.slices)


class MatchStructures:
    """A mark tells which predefined classes its structure is, if the volume was seen to show them:
    see ``recognition``. Slices of which that says something else are stale then."""

    def __init__(self, prior: SemanticPrior, recogniser: Recogniser, grid: InferenceGrid) -> None:
        self.prior, self.recogniser, self.grid = prior, recogniser, grid

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        if (seen := self.recogniser.found) is not None:
            marks = {z: state.prompts(z) for z in state.anchors}
            masks = store.masks[0, 0]
            drawn = {z: self.grid.to_labels(masks[z].float())[0] for z in marks}
            changed, slices = self.prior.match(seen, marks, drawn)
            store.stale.update(dict.fromkeys(slices))
            if changed:  # what is known by name, planes say nothing of
                store.changed(store.reached)
        yield SliceUpdate(due.slices)


class BlendSemanticPrior:
    """What the volume was seen to show of classes that are known by name has a say."""

    def __init__(self, prior: SemanticPrior) -> None:
        self.prior = prior

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        batch_index, z = index(due.slices, store)
        distance = store.distance[:, batch_index, z].amin(0)
        store.read(due.slices, self.prior.blend(stacked(store.shown, due.slices), z, distance))
        yield SliceUpdate(due.slices)


def format_names(classes: Sequence[str]) -> str:
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
