"""The method, from marks to labels: its stages, from top to bottom.

Each stage is described where it is defined. Components that nothing prompted (``components``) go
where masks are made: when slices are prompted, when these are refined, and in passes.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .initial_segmentation import InitialMasks
from .labels import DrawLabels, EnforceAnnotation, KeepInitialSegmentation
from .orthogonal_planes import OverlayRefinedSlices, RefineAcrossPlanes
from .passes import FuseDirections, PropagateBothWays
from .pixel_classification import ClassifyUncertainPixels, FitPixelClassifier, PixelClassification
from .prompt_refinement import AuxiliaryNetwork, RefinePromptedSlices
from .prompted_slices import (
    PromptTrimmedStructures,
    RememberPromptedSlices,
    SegmentPromptedSlices,
)
from .semantic_prior import (
    BlendSemanticPrior,
    MatchStructures,
    Recogniser,
    RememberPasses,
    SemanticPrior,
)
from .stages import Annotation, DueSlices, Stage, Updates, in_batches, run_stages, stacked
from .volume import InferenceVolume


class Pipeline:
    """All stages for one volume, and their store.

    ``structures``: how many; ``first``: any slice; ``initial``: the
    result that is corrected; ``before``: labels that any pass replaces, if there is no such.
    """

    def __init__(
        self,
        volume: InferenceVolume,
        structures: int,
        first: int,
        recogniser: Recogniser,
        initial: InitialMasks | None,
        before: InitialMasks | None,
    ) -> None:
        settings, model, grid = volume.settings, volume.model, volume.grid
        self.propagator = propagator = volume.propagator(structures, first)
        self.store = store = propagator.init_store()
        self.prior = prior = SemanticPrior(structures, grid, volume.thickness)
        pixels = PixelClassification(
            volume.pixel_features, settings.pixel_classifier, settings.components
        )
        asked = volume.inference_slices, settings.refinement, settings.components
        third = model.corrections if settings.refinement.use else None
        corrections = AuxiliaryNetwork(third, *asked) if third else None
        planes = AuxiliaryNetwork(model.planes or model, *asked)
        self.initial, self.before = initial, None if initial else before
        known = self.initial or self.before
        if known:
            known.preset(store)
        whole = initial is None
        """Whether all is segmented anew: a result that is corrected has none of these stages."""
        classified = whole and model.configuration.retouching
        crossed = whole and settings.refine_across_planes
        trimmed = initial and settings.initial.prompt_trimmed
        read = self.fused, self.classified

        self.prompts = chosen(
            RememberPasses(prior, grid) if whole and settings.recognise else None,
            SegmentPromptedSlices(propagator, grid, self.classified),
            RefinePromptedSlices(corrections, prior) if corrections else None,
            PromptTrimmedStructures(propagator) if trimmed else None,
            RememberPromptedSlices(bool(initial) and settings.initial.local),
            FitPixelClassifier(pixels) if classified else None,
            MatchStructures(prior, recogniser, grid) if whole else None,
            PropagateBothWays(propagator, prior, initial),
        )
        """Begin with what is marked; what they change goes on below."""
        self.planes = chosen(
            RefineAcrossPlanes(planes, volume, prior, *read) if crossed else None,
        )
        """Begin with all that passes reached; what they change goes on below."""
        self.fusion = chosen(
            FuseDirections(),
            BlendSemanticPrior(prior),
        )
        self.masks = chosen(
            OverlayRefinedSlices(),
            ClassifyUncertainPixels(pixels) if classified else None,
        )
        self.labels = chosen(
            DrawLabels(grid),
            KeepInitialSegmentation(initial) if initial else None,
            EnforceAnnotation(),
        )

    def propagate(self, state: Annotation, first: int, last: int) -> Updates:
        """Segment the marked slices that are ``state.pending`` and propagate them inside
        ``first``..``last``: the marked ones come at once, in the end what is stale."""
        due = tuple(z for z in sorted(state.pending) if not self._covers(z, first, last))
        if due:
            stages = [*self.prompts, *self.fusion, *self.masks, *self.labels]
            yield from run_stages(stages, self.store, state, DueSlices(due, first, last))
        anchors = state.anchors
        left = sorted(self.store.stale, key=lambda z: min(abs(z - a) for a in anchors))
        for update in in_batches([z for z in left if first <= z <= last]):
            stages = [*self.fusion, *self.masks, *self.labels]
            due_now = DueSlices(update.slices, first, last)
            yield from run_stages(stages, self.store, state, due_now)

    def refine(self, state: Annotation, first: int, last: int) -> Updates:
        """Let planes across the slices ``first``..``last`` settle what passes made of them; signs
        of life come first. Nothing has changed if it is stopped before."""
        if self.planes:
            stages = [*self.planes, *self.fusion, *self.masks, *self.labels]
            yield from run_stages(stages, self.store, state, DueSlices((), first, last))

    def _covers(self, z: int, first: int, last: int) -> bool:
        low, high = self.store.covered.get(z, (self.store.slices, -1))
        return low <= first and last <= high

    # ---- masks as they are by now, for the stages that begin with them -------------------------

    def fused(self, state: Annotation, slices: Sequence[int]) -> Tensor:
        """Masks [N, K, h, w] of ``slices`` without planes."""
        return self._read(self.fusion, state, slices)

    def shown(self, state: Annotation, slices: Sequence[int]) -> Tensor:
        """Masks [N, K, h, w] of ``slices``."""
        return self._read([*self.fusion, self.masks[0]], state, slices)

    def classified(self, state: Annotation, slices: Sequence[int]) -> Tensor:
        """Masks [N, K, h, w] of ``slices`` with uncertain pixels classified."""
        return self._read([*self.fusion, *self.masks], state, slices)

    @torch.inference_mode()
    def _read(self, stages: list[Stage], state: Annotation, slices: Sequence[int]) -> Tensor:
        due = DueSlices(tuple(slices), 0, self.store.slices - 1)
        with self.store.aside():
            for _ in run_stages(stages, self.store, state, due):
                pass
            return stacked(self.store.classified or self.store.shown, slices)


def chosen(*stages: Stage | None) -> list[Stage]:
    """The ``stages`` that are wanted."""
    return [stage for stage in stages if stage is not None]
