"""The interactive session: marks in, label maps out, slice by slice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..annotation.made import Made
from ..annotation.next_slice import expected_errors
from ..annotation.rules import keep_locked
from ..annotation.state import AnnotationState, InitialSegmentation
from ..errors import UserError
from ..network.model import S2VNet
from ..volumes.intensities import normalise_slice, window
from .automatic import Anatomy, AutomaticRun, Found, check_classes
from .devices import choose_device, working_precision
from .features import FeatureStore
from .labelling import Labelling
from .loaded import Loaded
from .pipeline import Changed, Masks, Pipeline
from .propagator import Propagator
from .recognising import spoken
from .recognition import Recognition, recognise
from .records import SessionSettings, SliceResult
from .reviewing import slice_confidence, suggested_slice
from .workgrid import Box, WorkGrid, body


class Session(Labelling):
    """Segmentation of one volume from marks; holds no state outside itself.

    ``image`` [k, j, i] with raw intensities (CT in HU), ``spacing`` mm in the same order,
    ``modality`` "CT" or "MR", ``structures`` the number of classes or the indices of predefined
    ones (-1: none). Slices run along ``axis`` of ``image``; marks: :class:`~.labelling.Labelling`;
    what is computed from them: :mod:`~.pipeline`.
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
        least = settings.least_slice / self.thickness, settings.least_pixel / min(self.in_plane)
        self.magnified = max(1.0, *least)
        self.window = window(image, modality)
        self.recognition: Recognition | None = None
        """The predefined classes that the volume shows, once :meth:`recognise` is done."""
        self._looking: Iterator[Recognition | None] | None = None
        self._todo: Iterator[Changed] | None = None
        """Where an interrupted propagation inside ``_range`` goes on."""
        self._range = (0, 0)
        self._found: Found | None = None  # what is being taken over
        self._loaded: Loaded | None = None
        self._before: Loaded | None = None
        """What was there when the masks were forgotten: a click says little without its slice."""
        self.device = choose_device(settings.device)
        self.model = model.ready(self.device, working_precision(self.device))
        self._pipeline: Pipeline | None = None
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
            self._todo = None  # An error on the way must not leave a broken run behind.
            changed = next(todo, None)
            if changed is None:
                return
            result = self._write(*changed)
            self._todo = todo
            yield result

    def _reach(self, first: int, last: int) -> Iterator[Changed]:
        """Slices as their masks change."""
        if self._dirty or self._pipeline is not None:
            yield from self._start().run(self._dirty, self.marks, self.recognition, first, last)

    def cross(self, first: int = 0, last: int | None = None) -> Iterator[SliceResult | None]:
        """Let planes across the slices ``first``..``last`` settle what runs made of them since the
        last call, however far from the new marks: see ``crossing``.

        Yields None as signs of life, then the slices. Marked and accepted ones stay, and so does
        a result that was loaded. If a mark or the caller interrupts it, nothing is changed, or
        :meth:`propagate` writes the rest.
        """
        pipeline, last = self._pipeline, self.slices - 1 if last is None else last
        if pipeline is None or self._dirty:
            return
        for changed in pipeline.cross(self.marks, first, last, self.settings.orthogonal.sure):
            if self._pipeline is not pipeline or self._dirty:
                return
            yield None if changed is None else self._write(*changed)

    def _start(self) -> Pipeline:
        self._settle()
        if self._pipeline is None:
            self._dirty.update(self.marks)
            spacing = (self.thickness, *self.in_plane)
            known = self.magnified, self._loaded, self._before
            with torch.inference_mode():
                propagator = self.new_propagator(self.classes, min(self._dirty))
                asked = propagator, self.grid, spacing, self._work_slices
                self._pipeline = Pipeline.of(*asked, *known)
        return self._pipeline

    def new_propagator(self, classes: Sequence[int], first: int) -> Propagator:
        """One for these classes (-1: not predefined), with nothing in it; ``first``: any slice."""
        settings, thickness = self.settings, self.thickness * self.magnified
        cell, growth = 2 * self.in_plane[0] / self.grid.scale[0], settings.growth
        reach = None if growth is None else max(1, round(growth * self.thickness / cell))
        return Propagator(
            self.model,
            torch.tensor([list(classes)], device=self.device),
            self.slices,
            lambda rows, z: self.features.take(z),
            dtype=torch.float16,
            absent_below=settings.absent_below,
            patience=settings.patience,
            reach=reach,
            # Thin slices differ little: a mark should not pay for each of them.
            pace=max(1, min(int(settings.pace / thickness), settings.most_pace)),
            first=first,
            looks=self._looks,
            thickness=thickness,
            settings=settings,
        )

    def _looks(self, rows: Tensor, z: Tensor) -> Tensor:
        return self.features.looks(z)

    @torch.inference_mode()
    def _write(self, z: int, masks: Masks) -> SliceResult:
        """Turn the ``masks`` of slice ``z`` into labels."""
        pipeline = self._start()
        self.enforce(z, pipeline.labels(z, masks[1]))
        pipeline.stale.discard(z)
        return SliceResult(z, self._labels[z].copy(), self._confidence(z, masks))

    # ---- predefined classes --------------------------------------------------------------------

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
        within = first, self.slices - 1 if last is None else last
        anatomy, how = self._anatomy(axes, grows), (self.settings.automatic, self.settings.grid)
        yield from self.take_over(
            AutomaticRun(classes, self.model, self.image, self.window, anatomy, within, *how)
        )

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
        facts, settings = card.get("recogniser", {}), self.settings
        if facts.get("modality", self.modality) != self.modality or not settings.recognise:
            return
        if self._looking is None:
            about = self.model, self.image, self.window, facts
            anatomy = self._anatomy(axes, grows) if axes else None
            spacing = [self.thickness, *self.in_plane]
            how = settings.prior, settings.automatic, settings.grid
            self._looking = recognise(*about, anatomy, spacing, self.device, *how)
        for found in self._looking:
            self.recognition = found
            yield

    def _anatomy(self, axes: Sequence[int], grows: Sequence[bool]) -> Anatomy:
        spacing, ratio = [self.thickness, *self.in_plane], self.settings.automatic.thick_ratio
        return Anatomy.of_slices(self.axis, axes, grows, spacing, ratio)

    @property
    def names(self) -> dict[int, str]:
        """What structures (from 1) were recognised as, by their marks."""
        classes = self.model.configuration.classes
        known = {} if self._pipeline is None else self._pipeline.prior.numbers
        return {k: spoken([classes[n - 1] for n in found]) for k, found in known.items() if found}

    # ---- confidence ----------------------------------------------------------------------------

    @property
    def confidence(self) -> np.ndarray:
        """Expected Dice of every slice and class, [slices, K]; NaN where nothing was computed."""
        return np.stack([self._confidence(z) for z in range(self.slices)])

    def _confidence(self, z: int, masks: Masks | None = None) -> np.ndarray:
        said = self.made[z], self.structures, self._pipeline, self._loaded
        thickness = self.thickness * self.magnified
        return slice_confidence(z, *said, thickness, self.settings.confidence, masks)

    def expected_errors(self) -> np.ndarray:
        """Voxels of each slice that are probably wrong, [slices]; 0 where nothing was computed."""
        return expected_errors(self._labels, self.confidence, None, self.settings.confidence)

    def suggest_next_slice(self, confidence: np.ndarray | None = None) -> int | None:
        """The slice to annotate next, see :func:`.review.next_slice`; ``confidence`` is the
        session's, if at hand. It may show nothing, to have it confirmed that a structure ends."""
        known = self.confidence if confidence is None else confidence
        said = self._labels, known, self.made, self._pipeline, self._loaded
        return suggested_slice(*said, self.thickness * self.magnified, self.settings.confidence)

    # ---- whole results -------------------------------------------------------------------------

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
        try:
            for z in found.run(self.device):
                if (labels := found.labels(z)) is None:  # a sign of life
                    yield SliceResult(z, self._labels[z].copy(), self._confidence(z))
                    continue
                self._found = found
                self.enforce(z, keep_locked(labels, self._labels[z], others), free)
                yield SliceResult(z, self._labels[z].copy(), found.confidence[z])
        finally:
            self._settle()

    def _settle(self) -> None:
        """What was found so far is a result to correct, also while more is being looked for."""
        found, self._found = self._found, None
        if found is not None:
            known = np.where(np.isnan(found.confidence), self.confidence, found.confidence)
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
        how = self.settings.trust, initial.confidence, self.settings.initial
        return Loaded(labels, self.structures, self.grid, *how)

    def snapshot(self) -> AnnotationState:
        """What :meth:`restore` needs to come back to this point."""
        self._settle()
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
        self._found = None
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
        self._settle()
        if self._outside(z):
            self._show_all()
            self._dirty = set(self.marks)
        self._dirty.add(z)
        if self._pipeline is not None:
            self._pipeline.prompt_changed(z)
        self._todo = None

    def _forget(self) -> None:
        self._pipeline = self._todo = self._before = None

    def close(self) -> None:
        """Forget features and masks, also those on disk; labels and marks stay."""
        self.features.close()
        self._forget()
