"""The method, from marks to labels, from top to bottom.

========================================= =====================================================
stage                                     where
========================================= =====================================================
segment prompted slices                   ``Propagator.anchor``: sample centres, k-means decoder
refine them                               ``Completion.correct``: a second network
match predefined classes                  ``SemanticPrior.match``
propagate both ways                       ``Propagator.outward``, with ``Transport``
fuse directions                           ``SliceStore.fused``
blend the semantic prior                  ``SemanticPrior.blend``
refine across planes                      ``Crossing``: a third network
classify uncertain pixels                 ``Retouching``
keep the initial segmentation             ``Loaded.keep``
enforce marks, locks, accepted slices     ``Labelling.enforce``
========================================= =====================================================

Components without marks go where masks are made (``pieces``, in the first, second and seventh
stage). What prompts say once is kept in the :class:`~.store.SliceStore` and in the stages; what
follows the fusion is made anew whenever a slice is read. No stage knows another: what one needs of
another it gets as an argument, here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..network.model import Carried
from .completing import Completion, Read
from .crossing import Crossing, line
from .loaded import Loaded
from .propagator import Propagator
from .recognising import SemanticPrior
from .recognition import Recognition
from .retouching import Retouching
from .workgrid import WorkGrid

TOGETHER = 8
"""Slices whose masks are made at once."""
Masks = tuple[Tensor, Tensor]
"""Of a slice [K, h, w], as runs, names and planes have them, and with uncertain pixels settled."""
Changed = tuple[int, Masks]
"""A slice and its masks."""
Marks = Mapping[int, np.ndarray]
"""By slice, uint8 [rows, columns], see :class:`~.labelling.Labelling`."""


class Pipeline:
    """All stages for one volume, and what they hold of it.

    ``refinement``, ``planes`` and ``pixels`` None: without that stage. ``initial``: the result
    that is corrected, ``before``: labels that any run replaces; at most one of both. Every
    iteration may be stopped: what a run left half done the next one takes back.
    """

    def __init__(
        self,
        propagator: Propagator,
        grid: WorkGrid,
        prior: SemanticPrior,
        *,
        refinement: Completion | None,
        planes: Crossing | None,
        pixels: Retouching | None,
        initial: Loaded | None,
        before: Loaded | None,
    ) -> None:
        self.propagator, self.store = propagator, propagator.store
        self.grid, self.prior = grid, prior
        self.refinement, self.planes, self.pixels = refinement, planes, pixels
        self.initial, self.before = initial, before
        self.starts: dict[int, Carried] = {}
        """What runs from prompted slices begin with, once these are segmented."""
        self.covered: dict[int, tuple[int, int]] = {}
        """The range that runs from a prompted slice covered that a range had cut."""
        self.stale: set[int] = set()
        """Slices whose masks are newer than their labels; whoever writes them says so."""
        if known := initial or before:
            known.preset(self.store)

    @classmethod
    def of(
        cls,
        propagator: Propagator,
        grid: WorkGrid,
        spacing: tuple[float, ...],
        read: Read,
        magnified: float = 1.0,
        initial: Loaded | None = None,
        before: Loaded | None = None,
    ) -> Pipeline:
        """All stages that the settings and networks of ``propagator`` have, with nothing in them
        yet. ``spacing`` mm of slices, rows and columns; ``read`` returns work slices.
        Settings in mm count as if all were ``magnified``, but those of the recognition."""
        settings, model, thickness = propagator.settings, propagator.model, spacing[0]
        classes = propagator.classes[0].tolist()
        asked = classes, read, settings.refinement, settings.components
        refinement = planes = pixels = None
        if model.corrections is not None:
            refinement = Completion(model.corrections, *asked)
        if initial is None and settings.cross:
            across, pixel = Completion(model.planes or model, *asked), spacing[1] / grid.scale[0]
            lie = pixel * magnified, thickness * magnified
            planes = Crossing(across, *lie, settings.orthogonal)
        if initial is None and model.configuration.retouching:
            how = settings.pixel_classifier, settings.components
            pixels = Retouching(propagator.looks, *how) if propagator.looks else None
        return cls(
            propagator,
            grid,
            SemanticPrior(len(classes), grid, thickness),
            refinement=refinement,
            planes=planes,
            pixels=pixels,
            initial=initial,
            before=None if initial is not None else before,
        )

    # ---- prompts -> store ----------------------------------------------------------------------

    def run(
        self, due: set[int], marks: Marks, seen: Recognition | None, first: int, last: int
    ) -> Iterator[Changed]:
        """Segment the slices that are ``due`` and run outward inside ``first``..``last``; yields
        slices as their masks change, the prompted ones at once, in the end those that are stale. A
        slice whose runs are at their end leaves ``due``."""
        yield from self._run(due, marks, seen, first, last)
        left = sorted(self.stale, key=lambda z: min(abs(z - a) for a in marks))
        yield from self._together([z for z in left if first <= z <= last])

    def _run(
        self, due: set[int], marks: Marks, seen: Recognition | None, first: int, last: int
    ) -> Iterator[Changed]:
        prompted = [z for z in sorted(due) if not self._covers(z, first, last)]
        if not prompted:
            return
        # Inference mode is entered for each piece of work: a generator that holds it across a
        # yield would leave it set in the caller.
        with torch.inference_mode():
            self.store.take_back()
            self._segment_prompted([z for z in prompted if z not in self.starts], marks)
            renamed = self._match(seen, marks)
            starts = Carried.join([self.starts[z] for z in prompted])
            self.store.begin_run()
        if self.planes is not None:  # what is known by name, planes say nothing of
            self.planes.changed([*self.planes.reached, *prompted] if renamed else prompted)
        for anchor in prompted:
            yield anchor, self.masks([anchor])[0]
        z = torch.tensor(prompted, device=starts.centres.device)
        rows = torch.zeros_like(z)
        cut = self.propagator.cut(rows, z, first, last)
        yield from self._propagate(rows, z, starts, first, last)
        self.store.commit()
        for anchor, short in zip(prompted, cut, strict=True):
            if short:
                self.covered[anchor] = (first, last)
            else:
                due.discard(anchor)
                self.starts.pop(anchor, None)

    def prompt_changed(self, z: int) -> None:
        """Slice ``z`` is marked anew."""
        self.starts.pop(z, None)
        self.covered.pop(z, None)

    def _covers(self, z: int, first: int, last: int) -> bool:
        low, high = self.covered.get(z, (self.propagator.slices, -1))
        return low <= first and last <= high

    def _segment_prompted(self, slices: list[int], marks: Marks) -> None:
        if not slices:
            return
        z = torch.tensor(slices, device=self.store.masks.device)
        rows = torch.zeros_like(z)
        work = np.stack([self.grid.marks_to_work(marks[a]) for a in slices])
        drawn = torch.from_numpy(work).to(z.device)
        refine = self.refinement
        if len(self.prior.named) == self.propagator.classes.shape[1]:
            refine = None
        step, carried = self.propagator.anchor(
            rows,
            z,
            drawn,
            self.settled(z, self.shown(z)),
            None if refine is None else refine.correct,
            # A class that a known result lacks is not looked for: it begins with a mark.
            search=self.initial is None and self.before is None,
        )
        if self.pixels is not None and drawn.any():
            self.pixels.learn(rows, z, step.output.logits, drawn)
        # Runs read the memory anew when they start.
        carried = replace(
            carried, memory=carried.memory[:, :, :0], remembered=carried.remembered[:, :, :0]
        )
        for item, anchor in enumerate(slices):
            self.starts[anchor] = carried.rows(torch.tensor([item], device=z.device))

    def _match(self, seen: Recognition | None, marks: Marks) -> bool:
        if seen is None or self.initial is not None:
            return False
        drawn = {z: self.to_labels(self.store.masks[0, 0, z].float()) for z in marks}
        changed, slices = self.prior.match(seen, marks, drawn)
        self.stale |= slices
        return changed

    def _propagate(
        self, rows: Tensor, z: Tensor, starts: Carried, first: int, last: int
    ) -> Iterator[Changed]:
        hurry = len(self.prior.named) == self.propagator.classes.shape[1]
        runs = self.propagator.outward(rows, z, starts, first, last, hurry=hurry)
        while True:
            with torch.inference_mode():
                step = next(runs, None)
            if step is None:
                break
            yield from self._together(self._near([*step.between, *step.z.tolist()]))
        yield from self._together(self._near(self.propagator.take_ended()))

    def _near(self, z: list[int]) -> list[int]:
        """The slices ``z`` that runs reached closely enough to change a loaded result."""
        distance = self.store.distance[:, 0]
        near = [
            slice_
            for slice_ in dict.fromkeys(z)
            if self.initial is None or self.initial.changed(distance[:, slice_]).any()
        ]
        if self.planes is not None:
            self.planes.changed(near)
        return near

    # ---- store -> masks ------------------------------------------------------------------------

    def fused(self, z: list[int] | Tensor) -> Tensor:
        """Masks of slices ``z``, [N, K, h, w]: both directions and what is known by name."""
        index = torch.as_tensor(z, device=self.store.masks.device)
        rows = torch.zeros_like(index)
        masks = self.store.fused(rows, index)
        return self.prior.blend(masks, index, self.store.distance[:, rows, index].amin(0))

    def shown(self, z: list[int] | Tensor) -> Tensor:
        """:meth:`fused`, or what planes made of it."""
        masks = self.fused(z)
        return masks if self.planes is None else self.planes.over(masks, _numbers(z))

    def settled(self, z: list[int] | Tensor, masks: Tensor) -> Tensor:
        """``masks`` of slices ``z`` with uncertain pixels classified by all marks so far."""
        if self.pixels is None:
            return masks
        index = torch.as_tensor(z, device=masks.device)
        return self.pixels.settle(torch.zeros_like(index), index, masks)

    @torch.inference_mode()
    def masks(self, z: list[int]) -> list[Masks]:
        """Those of slices ``z``, see :meth:`shown` and :meth:`settled`."""
        shown = self.shown(z)
        return list(zip(shown, self.settled(z, shown), strict=True))

    def _together(self, slices: list[int]) -> Iterator[Changed]:
        for first in range(0, len(slices), TOGETHER):
            some = slices[first : first + TOGETHER]
            yield from zip(some, self.masks(some), strict=True)

    # ---- masks -> labels -----------------------------------------------------------------------

    def labels(self, z: int, masks: Tensor) -> np.ndarray:
        """Labels uint8 [rows, columns] of settled ``masks``; voxels of a loaded result stay where
        nothing else was found."""
        labels = self.to_labels(masks)
        return labels if self.initial is None else self.initial.keep(z, labels, self.to_labels)

    def to_labels(self, masks: Tensor) -> np.ndarray:
        """Masks [K, h, w] in 0..1 -> labels uint8 [rows, columns]."""
        return self.grid.to_labels(masks)[0]

    # ---- across planes -------------------------------------------------------------------------

    def cross(self, marks: Marks, first: int, last: int, sure: float) -> Iterator[Changed | None]:
        """Let planes across the slices ``first``..``last`` settle what runs made of them; yields
        None as signs of life, then the slices that changed. Nothing has if it is stopped before."""
        named = self.prior.named
        if self.planes is None or len(named) == self.propagator.classes.shape[1]:
            return
        lines = {
            z: line(self.masks([z])[0][1], self.grid.marks_to_work(drawn), named, sure)
            for z, drawn in marks.items()
        }
        for changed in self.planes.run(range(first, last + 1), self.fused, lines):
            yield None
            self.stale.update(changed)  # in case that they are not all taken
            yield from self._together(changed)


def _numbers(z: list[int] | Tensor) -> list[int]:
    return z.tolist() if isinstance(z, Tensor) else z
