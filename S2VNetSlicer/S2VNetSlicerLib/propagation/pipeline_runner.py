"""What a session computes: the pipeline, for as long as it holds, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from ..annotation.state import AnnotationState
from .confidence import slice_confidence, suggested_slice
from .initial_segmentation import KnownResults
from .marked_structures import MarkedStructures
from .pipeline import Pipeline
from .records import SliceResult
from .semantic_prior import Recogniser, format_names
from .stages import Annotation, SliceUpdate, Updates
from .volume import InferenceVolume


class PipelineRunner:
    """Runs the pipeline over ``volume`` as ``state`` asks for it. The pipeline is made when it is
    first needed and again after :meth:`forget`."""

    def __init__(self, state: AnnotationState, volume: InferenceVolume) -> None:
        self.state, self.volume = state, volume
        self.recogniser = Recogniser(volume)
        self.pipeline: Pipeline | None = None
        self.numbers: list[int] = []
        """The structures that the pipeline segments."""
        self._known = KnownResults(state, volume)
        self._updates: Updates | None = None
        """Where an interrupted propagation inside ``_range`` goes on."""
        self._range = (0, 0)

    # ---- running -------------------------------------------------------------------------------

    def propagate(self, first: int, last: int) -> Iterator[SliceResult]:
        """See :meth:`~.session.Session.propagate`."""
        if self._updates is None or self._range != (first, last):
            self.stop()
            if self.pipeline is None and not self._concerned():
                self.state.pending.clear()
            if not self.state.pending and self.pipeline is None:
                return
            self._updates = self._ready().propagate(self._annotation(), first, last)
            self._range = first, last
        updates = self._updates
        while self._updates is updates:
            self._updates = None  # An error on the way must not leave a broken pass behind.
            update = next(updates, None)
            if update is None:
                return
            self._updates = updates
            yield from self._results(update)

    def refine(self, first: int, last: int) -> Iterator[SliceResult | None]:
        """See :meth:`~.session.Session.refine_across_planes`."""
        if (pipeline := self.pipeline) is None:
            return
        updates = pipeline.refine(self.state, first, last)
        while self.pipeline is pipeline and not self.state.pending:
            update = next(updates, None)
            if update is None:
                return
            yield from self._results(update) if update.slices else [None]

    def _ready(self) -> Pipeline:
        if self.pipeline is None:
            self.state.pending.update(self.state.anchors)
            self.numbers, initial = self._concerned(), self._known.initial
            initial = None if initial is None else initial.only(self.numbers)
            about = self.volume, len(self.numbers), min(self.state.pending), self.recogniser
            with torch.inference_mode():
                self.pipeline = Pipeline(*about, initial, self._known.restored)
        return self.pipeline

    def _concerned(self) -> list[int]:
        """The structures (from 1) that have to be segmented: all, but of a result that is corrected
        those that carry marks."""
        if self._known.initial is not None:
            return sorted(self.state.marked)
        return list(range(1, len(self.state.structures) + 1))

    def _annotation(self) -> Annotation:
        """What the pipeline is to follow."""
        if self._known.initial is None:
            return self.state
        return MarkedStructures(self.state, self.numbers)

    def _results(self, update: SliceUpdate) -> list[SliceResult]:
        return [
            SliceResult(z, self.state.slice(z).copy(), self.confidence(z, read=True))
            for z in update.slices
        ]

    # ---- what it knows -------------------------------------------------------------------------

    def confidence(self, z: int, read: bool = False) -> np.ndarray:
        """Expected Dice of slice ``z``, [K]; see :func:`~.confidence.slice_confidence`."""
        initial = self._known.initial
        known = None if initial is None else initial.confidence[z]
        about = self.state, self._annotation(), self.volume, self.pipeline, self.numbers
        return slice_confidence(z, *about, known, read=read)

    def suggested_slice(self, confidence: np.ndarray) -> int | None:
        """See :func:`~.confidence.suggested_slice`."""
        return suggested_slice(self.state, confidence, self.volume, self.pipeline)

    @property
    def names(self) -> dict[int, str]:
        """What structures (from 1) were recognised as."""
        classes = self.volume.model.classes
        known = {} if self.pipeline is None else self.pipeline.prior.numbers
        return {
            k: format_names([classes[n - 1] for n in found]) for k, found in known.items() if found
        }

    # ---- what no longer holds ------------------------------------------------------------------

    def changed(self, z: int) -> None:
        """Slice ``z`` must be segmented again."""
        self.stop()
        self.state.pending.add(z)
        if self.volume.outside(self.state.prompts(z)):
            self._show_all()
            self.state.pending.update(self.state.anchors)
        if self.pipeline is not None and self.numbers != self._concerned():
            self.forget()  # a class that is corrected, too, begins with all that is marked
        if self.pipeline is not None:
            self.pipeline.store.prompt_changed(z)

    def begin_with(self, confidence: np.ndarray | None) -> None:
        """The state's labels are a result to correct, with its expected Dice [slices, K]."""
        self._known.begin_with(confidence)
        self.forget()

    def restored(self) -> None:
        """The state became another."""
        self.forget()
        if any(self.volume.outside(self.state.prompts(z)) for z in self.state.anchors):
            self.volume.show_all()
        self._known.restore()

    def _show_all(self) -> None:
        self.volume.show_all()
        self._known.refresh()
        self.forget()

    def stop(self) -> None:
        """What a propagation under way left half done is taken back."""
        updates, self._updates = self._updates, None
        if updates is not None:
            updates.close()

    def forget(self) -> None:
        """Nothing that was computed holds any more."""
        self.stop()
        self.pipeline = None
        self._known.forget()
