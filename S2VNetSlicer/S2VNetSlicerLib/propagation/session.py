"""The interactive session: marks in, label maps out, slice by slice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..annotation.state import AnnotationState
from ..errors import UserError
from ..network.model import Carried, S2VNet
from ..volumes.intensities import normalise_slice, window
from .automatic import check_classes
from .completing import Completion
from .crossing import Crossing, line
from .devices import choose_device, working_precision
from .features import FeatureStore
from .loaded import Loaded
from .propagator import Propagator
from .records import Made, SessionSettings, SliceResult
from .reviewing import Reviewing
from .workgrid import Box, WorkGrid, body

TOGETHER = 8
"""Slices whose masks are made at once."""


class Session(Reviewing):
    """Segmentation of one volume from marks; holds no state outside itself.

    ``image`` [k, j, i] with raw intensities (CT in HU), ``spacing`` mm in the same order,
    ``modality`` "CT" or "MR", ``structures`` the number of classes or the indices of predefined
    ones (-1: none). Slices run along ``axis`` of ``image``; marks: :class:`~.labelling.Labelling`.
    """

    def __init__(
        self,
        model: S2VNet,
        image: np.ndarray,
        spacing: Sequence[float],
        modality: str,
        structures: int | Sequence[int],
        *,
        axis: int = 0,
        settings: SessionSettings | None = None,
    ) -> None:
        if image.ndim != 3 or axis not in (0, 1, 2):
            raise UserError(f"A session needs a 3D volume and axis 0, 1 or 2, not {image.shape}.")
        classes = [-1] * structures if isinstance(structures, int) else list(structures)
        check_classes(classes, model)
        super().__init__(image.shape, axis, classes)
        self.settings = settings = settings or SessionSettings()
        self.modality = modality
        self.image = np.moveaxis(image, axis, 0)
        self.in_plane = [float(s) for n, s in enumerate(spacing) if n != axis]
        self.thickness = float(spacing[axis])
        # Settings in mm are meant for patients. What is smaller, as micro-CT is, is treated as
        # if its voxels were as large as the smallest of theirs.
        self.magnified = max(
            1.0, settings.least_slice / self.thickness, settings.least_pixel / min(self.in_plane)
        )
        # Thin slices differ little: a mark should not pay for each of them.
        pace = int(settings.pace / (self.thickness * self.magnified))
        self._pace = max(1, min(pace, settings.most_pace))
        self.window = window(image, modality)
        self._done: dict[int, tuple[int, int]] = {}
        """The range that runs from a dirty anchor covered."""
        self._handed: dict[int, Carried] = {}
        """What runs from the dirty anchors begin with, once these are segmented."""
        self._todo: Iterator[int] | None = None
        """Where an interrupted propagation inside ``_range`` goes on."""
        self._range: tuple[int, int] = (0, 0)
        self._at_hand: dict[int, tuple[Tensor, Tensor]] = {}
        """Masks of the slice that is written next."""
        self._loaded: Loaded | None = None
        self._before: Loaded | None = None
        """What was there when the masks were forgotten: a click says little without its slice."""
        self.device = choose_device(self.settings.device)
        self.model = model.ready(self.device, working_precision(self.device))
        self._propagator: Propagator | None = None
        self._crossing: Crossing | None = None
        self._show(body(self.image[:: max(1, self.slices // 64)], self.window, settings.grid))

    def _show(self, box: Box | None) -> None:
        """Work on the ``box`` of the slices (None: all of them); nothing is encoded yet."""
        (rows, columns), (down, across) = self._labels.shape[1:], self.in_plane
        self.grid = WorkGrid.fit((rows, columns), (down, across), box, self.settings.grid)
        kept = self.settings.feature_bytes, self.device, working_precision(self.device)
        self.features = FeatureStore(self.model, self._work_slices, self.slices, *kept)

    # ---- propagation ---------------------------------------------------------------------------

    def encode(self, centre: int | None = None) -> Iterator[int]:
        """Encode all slices now, nearest to ``centre`` first; yields how many are done.

        Needs no marks. Without it, slices are encoded when a run reaches them.
        """
        centre = self.slices // 2 if centre is None else centre
        store = None
        while store is not self.features:
            store = self.features
            for done in store.encode_from(centre):
                yield done
                if store is not self.features:
                    break

    def propagate(self, first: int = 0, last: int | None = None) -> Iterator[SliceResult]:
        """Recompute what the marks since the last call change, inside ``first``..``last``.

        Yields the marked slices at once, then outward, each up to the neighbouring anchors. Stop
        iterating to cancel: finished slices stay, the next call goes on with the rest. A mark made
        meanwhile ends the iteration; call again.
        """
        last = self.slices - 1 if last is None else last
        if self._todo is None or self._range != (first, last):
            self._todo, self._range = self._reach(first, last), (first, last)
        todo = self._todo
        while self._todo is todo:
            self._todo = None
            try:
                z = next(todo, None)
                if z is None:
                    return
                result = self._write(z)
            except BaseException:  # half a run is none: all of it is to do again
                self._forget()
                self._dirty = set(self.marks)
                raise
            self._todo = todo
            yield result

    def cross(self, first: int = 0, last: int | None = None) -> Iterator[SliceResult | None]:
        """Let planes across the slices ``first``..``last`` settle what runs made of them since the
        last call, however far from the new marks: see ``crossing``.

        Yields None as signs of life, then the slices. Marked and accepted ones stay, and so does
        a result that was loaded. If a mark or the caller interrupts it, nothing is changed.
        """
        crossing, last = self._crossing, self.slices - 1 if last is None else last
        if crossing is None or self._dirty or len(named := self._start().named) == self.structures:
            return
        sure = self.settings.orthogonal.sure
        lines = {
            z: line(self._masks([z])[0][1], self.grid.marks_to_work(marks), named, sure)
            for z, marks in self.marks.items()
        }
        for changed in crossing.run(range(first, last + 1), self._fused, lines):
            if self._crossing is not crossing or self._dirty:
                return
            yield None
            for z in self._together(changed):
                yield self._write(z)

    def _reach(self, first: int, last: int) -> Iterator[int]:
        """Slices as their masks change."""
        yield from self._run(first, last) if self._dirty else ()
        yield from self._together([z for z in self._still_outdated() if first <= z <= last])

    def _run(self, first: int, last: int) -> Iterator[int]:
        """Segment the dirty anchors, run outward from them; yields slices as their masks change."""
        propagator = self._start()
        dirty = [a for a in sorted(self._dirty) if not self._covered(a, first, last)]
        if not dirty:
            return
        # Inference mode is entered for each piece of work: a generator that holds it across a
        # yield would leave it set in the caller.
        with torch.inference_mode():
            self._segment_anchors(propagator, [a for a in dirty if a not in self._handed])
            carried = Carried.join([self._handed[a] for a in dirty])
        known, propagator.known = propagator.known, self._compared(propagator)
        if self._crossing is not None:  # what is known by name, planes say nothing of
            others = [] if known is propagator.known else [*self._crossing.reached]
            self._crossing.changed([*others, *dirty])
        yield from dirty
        z = torch.tensor(dirty, device=self.device)
        rows = torch.zeros_like(z)
        cut = propagator.cut(rows, z, first, last)
        runs = propagator.outward(rows, z, carried, first, last)
        while True:
            with torch.inference_mode():
                step = next(runs, None)
            if step is None:
                break
            yield from self._changing(propagator, [*step.between, *step.z.tolist()])
        yield from self._changing(propagator, propagator.take_ended())
        for anchor, short in zip(dirty, cut, strict=True):
            if short:
                self._done[anchor] = (first, last)
            else:
                self._dirty.discard(anchor)
                self._handed.pop(anchor, None)

    def _covered(self, anchor: int, first: int, last: int) -> bool:
        low, high = self._done.get(anchor, (self.slices, -1))
        return low <= first and last <= high

    def _changing(self, propagator: Propagator, z: list[int]) -> Iterator[int]:
        """The slices ``z`` that runs reached closely enough to change a loaded result."""
        distance = propagator.distance[:, 0]
        near = [
            slice_
            for slice_ in dict.fromkeys(z)
            if self._loaded is None or self._loaded.changed(distance[:, slice_]).any()
        ]
        if self._crossing is not None:
            self._crossing.changed(near)
        yield from self._together(near)

    def _together(self, near: list[int]) -> Iterator[int]:
        """Slices, whose masks are made at once, each as it is the next to be written."""
        for first in range(0, len(near), TOGETHER):
            some = near[first : first + TOGETHER]
            for slice_, masks in zip(some, self._masks(some), strict=True):
                self._at_hand = {slice_: masks}
                yield slice_

    def _segment_anchors(self, propagator: Propagator, anchors: list[int]) -> None:
        if not anchors:
            return
        z = torch.tensor(anchors, device=self.device)
        marks = np.stack([self.grid.marks_to_work(self.marks[a]) for a in anchors])
        _, carried = propagator.anchor(torch.zeros_like(z), z, torch.from_numpy(marks).to(z.device))
        # Runs read the memory anew when they start.
        carried = replace(
            carried, memory=carried.memory[:, :, :0], remembered=carried.remembered[:, :, :0]
        )
        for item, anchor in enumerate(anchors):
            self._handed[anchor] = carried.rows(torch.tensor([item], device=self.device))

    def _start(self) -> Propagator:
        if self._propagator is None:
            self._dirty.update(self.marks)
            with torch.inference_mode():
                self._propagator = self.new_propagator(self.classes, min(self._dirty))
                if before := self._loaded or self._before:
                    before.preset(self._propagator)
            s = self.settings
            asked = (self.classes, self._work_slices, s.refinement, s.components)
            if self.model.corrections is not None:
                self._propagator.completed = Completion(self.model.corrections, *asked).correct
            if self._loaded is None and self.settings.cross:
                pixel = self.in_plane[0] / self.grid.scale[0]
                across = Completion(self.model.planes or self.model, *asked)
                lie = pixel * self.magnified, self.thickness * self.magnified
                self._crossing = Crossing(across, *lie, self.settings.orthogonal)
                self._propagator.over = self._crossing.over
        return self._propagator

    def new_propagator(self, classes: Sequence[int], first: int) -> Propagator:
        """One for these classes (-1: not predefined), with nothing in it; ``first``: any slice."""
        cell = 2 * self.in_plane[0] / self.grid.scale[0]
        growth = self.settings.growth
        reach = None if growth is None else max(1, round(growth * self.thickness / cell))
        return Propagator(
            self.model,
            torch.tensor([list(classes)], device=self.device),
            self.slices,
            lambda rows, z: self.features.take(z),
            dtype=torch.float16,
            absent_below=self.settings.absent_below,
            patience=self.settings.patience,
            reach=reach,
            pace=self._pace,
            first=first,
            looks=lambda rows, z: self.features.looks(z),
            retouch=self._loaded is None,
            thickness=self.thickness * self.magnified,
            settings=self.settings,
        )

    @torch.inference_mode()
    def _masks(self, z: list[int]) -> list[tuple[Tensor, Tensor]]:
        """The masks of slices ``z``, [K, height/2, width/2] each, as runs left them and settled."""
        assert self._propagator is not None
        index = torch.tensor(z, device=self.device)
        fused = self._propagator.over(self._fused(z), z)
        settled = self._propagator.settled(torch.zeros_like(index), index, fused)
        return list(zip(fused, settled, strict=True))

    def _fused(self, z: list[int]) -> Tensor:
        """The masks of slices ``z``, [N, K, height/2, width/2], as runs left them."""
        assert self._propagator is not None
        index = torch.tensor(z, device=self.device)
        return self._propagator.fused(torch.zeros_like(index), index)

    @torch.inference_mode()
    def _write(self, z: int) -> SliceResult:
        """Turn the masks of slice ``z`` into labels, under marks, locks and acceptance."""
        at_hand, self._at_hand = self._at_hand, {}
        masks, settled = at_hand[z] if z in at_hand else self._masks([z])[0]
        if self.made[z] != Made.ACCEPTED:
            labels = self._to_labels(settled)
            if self._loaded is not None:
                labels = self._loaded.keep(z, labels, self._to_labels)
            self._labels[z] = self.state.enforce(z, labels)
            self.made[z] = max(self.made[z], Made.MODEL)
        self._outdated.discard(z)
        return SliceResult(z, self._labels[z].copy(), self._confidence(z, masks))

    def _to_labels(self, masks: Tensor) -> np.ndarray:
        """Masks [K, height/2, width/2] in 0..1 -> labels uint8 [rows, columns]."""
        return self.grid.to_labels(masks)[0]

    # ---- taking back ---------------------------------------------------------------------------

    def snapshot(self) -> AnnotationState:
        """What :meth:`restore` needs to come back to this point."""
        return self.state.copy()

    def restore(self, state: AnnotationState) -> None:
        """Come back to ``state``, which may have more or fewer classes; features are kept.

        The next mark lets :meth:`propagate` segment every anchor again.
        """
        check_classes([s.predefined for s in state.structures], self.model)
        if state.axis != self.axis or state.shape != self.state.shape:
            raise UserError(
                f"The state is that of slices along axis {state.axis} of a volume of shape "
                f"{state.shape}, the session's are along axis {self.axis} of {self.state.shape}."
            )
        self.state.take(state)
        self.marks = {z: self.state.prompts(z) for z in self.state.anchors}
        self._forget()
        if any(self._outside(z) for z in self.marks):
            self._show_all()
        self._loaded = self._as_loaded()
        if self.labels.any():
            far = self.settings.initial.restored_distance
            self._before = Loaded(self._labels.copy(), self.structures, self.grid, far)

    # ---- inside --------------------------------------------------------------------------------

    def _work_slices(self, z: list[int]) -> Tensor:
        block = normalise_slice(self.image[z], self.window)
        return self.grid.to_work(torch.from_numpy(np.ascontiguousarray(block, np.float32)))

    def _outside(self, z: int) -> bool:
        """Whether slice ``z`` has a mark of a structure where only air was expected."""
        outside = self.marks[z] > 1
        outside[self.grid.box] = False
        return bool(outside.any())

    def _show_all(self) -> None:
        self.features.close()
        self._show(None)
        self._loaded = self._as_loaded()
        self._forget()

    def _changed(self, z: int) -> None:
        if self._outside(z):
            self._show_all()
            self._dirty = set(self.marks)
        self._dirty.add(z)
        self._handed.pop(z, None)
        self._done.pop(z, None)
        self._todo = None

    def _forget(self) -> None:
        self._propagator = self._crossing = self._todo = self._before = None
        self._numbers.clear()
        self._outdated.clear()
        self._handed.clear()
        self._done.clear()

    def close(self) -> None:
        """Forget features and masks, also those on disk; labels and marks stay."""
        self.features.close()
        self._forget()
