"""What the marks of B volumes say about pixels, and their masks settled by it."""

from __future__ import annotations

import torch
from torch import Tensor

from ..annotation.state import AnnotationState
from ..network.geodesic_maps import dilate_box
from ..network.logistic_regression import TrainingSamples
from ..network.pixel_classifier import PixelClassifier, gather_pixel_samples
from ..network.settings import PixelClassifierSettings
from .mask_warping import PixelFeatures
from .settings import ComponentSettings
from .slice_store import SliceStore
from .stages import DueSlices, SliceUpdate, Updates, index, stacked

DEFAULT, COMPONENTS = PixelClassifierSettings(), ComponentSettings()


class PixelClassification:
    """The classifiers of ``network.pixel_classifier``: one a volume (row), fitted to all its
    prompted slices."""

    def __init__(
        self,
        pixel_features: PixelFeatures,
        settings: PixelClassifierSettings = DEFAULT,
        components: ComponentSettings = COMPONENTS,
    ) -> None:
        self.pixel_features, self.settings, self.faint = (
            pixel_features,
            settings,
            components.min_mask,
        )
        self.samples: dict[int, dict[int, TrainingSamples]] = {}
        """By row and slice."""
        self.fitted: dict[int, PixelClassifier] = {}

    def learn(self, batch_index: Tensor, z: Tensor, logits: Tensor, marks: Tensor) -> None:
        """From the ``marks`` uint8 [N, H, W] of slices and what the network makes of them."""
        found = gather_pixel_samples(
            self.pixel_features(batch_index, z), logits, marks, self.settings
        )
        taught = set()
        for item, samples in enumerate(found):
            if marks[item].any() and len(samples.x):
                volume = int(batch_index[item])
                self.samples.setdefault(volume, {})[int(z[item])] = samples
                taught.add(volume)
        for volume in taught:
            known = list(self.samples[volume].values())
            self.fitted[volume] = PixelClassifier(known, self.settings)

    def classify(self, batch_index: Tensor, z: Tensor, masks: Tensor) -> Tensor:
        """``masks`` [N, K, H/2, W/2] of slices, settled where they are in doubt.

        What appears far from all that a mask shows is a lookalike elsewhere, and is left out.
        """
        result = masks.clone()
        for volume, retoucher in self.fitted.items():
            mine = torch.nonzero(batch_index == volume)[:, 0]
            if len(mine):
                made = retoucher(self.pixel_features(batch_index[mine], z[mine]), masks[mine])
                near = dilate_box(masks[mine] > self.faint, self.settings.beyond)
                result[mine] = made * (near | (made <= self.faint))
        return result


class FitPixelClassifier:
    """The classifier learns from the marks of slices that were just segmented."""

    def __init__(self, pixels: PixelClassification) -> None:
        self.pixels = pixels

    def run(self, store: SliceStore, state: AnnotationState, due: DueSlices) -> Updates:
        prompted = store.prompted
        if prompted is not None and prompted.marks.any():
            about = prompted.batch_index, prompted.z, prompted.output.logits, prompted.marks
            self.pixels.learn(*about)
        yield SliceUpdate(due.slices)


class ClassifyUncertainPixels:
    """All marks so far say where uncertain pixels belong. What is shown is settled so, but passes
    go on without."""

    def __init__(self, pixels: PixelClassification) -> None:
        self.pixels = pixels

    def run(self, store: SliceStore, state: AnnotationState, due: DueSlices) -> Updates:
        masks = stacked(store.shown, due.slices)
        settled = self.pixels.classify(*index(due.slices, store), masks)
        store.settled.update(zip(due.slices, settled, strict=True))
        yield SliceUpdate(due.slices)
