"""What the marks of a volume say about pixels, and its masks, classified by it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ..network.geodesic_maps import dilate_box
from ..network.logistic_regression import TrainingSamples
from ..network.pixel_classifier import PixelClassifier, gather_pixel_samples
from ..network.settings import PixelClassifierSettings
from .mask_warping import PixelFeatures
from .settings import ComponentSettings
from .slice_store import SliceStore
from .stages import Annotation, DueSlices, SliceUpdate, Updates, index, stacked

DEFAULT, COMPONENTS = PixelClassifierSettings(), ComponentSettings()


class PixelClassification:
    """The classifier of ``network.pixel_classifier``, fitted to all prompted slices of a volume."""

    def __init__(
        self,
        pixel_features: PixelFeatures,
        settings: PixelClassifierSettings = DEFAULT,
        components: ComponentSettings = COMPONENTS,
    ) -> None:
        self.pixel_features, self.settings = pixel_features, settings
        self.faint = components.min_mask
        self.samples: dict[int, TrainingSamples] = {}
        """By slice."""
        self.fitted: PixelClassifier | None = None

    def learn(self, batch_index: Tensor, z: Tensor, logits: Tensor, marks: Tensor) -> None:
        """From the ``marks`` uint8 [N, H, W] of slices and what the network makes of them."""
        found = gather_pixel_samples(
            self.pixel_features(batch_index, z), logits, marks, self.settings
        )
        taught = {
            int(z[item]): samples
            for item, samples in enumerate(found)
            if marks[item].any() and len(samples.x)
        }
        if taught:
            self.samples.update(taught)
            self.fitted = PixelClassifier(list(self.samples.values()), self.settings)

    def classify(
        self,
        batch_index: Tensor,
        z: Tensor,
        masks: Tensor,
        earlier: Mapping[int, PixelClassifier | None],
    ) -> Tensor:
        """``masks`` [N, K, H/2, W/2] of slices, classified where they are in doubt: by the
        ``earlier`` classifiers of slices that have one.

        What appears far from all that a mask shows is a lookalike elsewhere, and is left out.
        """
        result = masks.clone()
        chosen = [earlier.get(slice_) or self.fitted for slice_ in z.tolist()]
        for classifier in dict.fromkeys(chosen):
            if classifier is not None:
                mine = torch.tensor([one is classifier for one in chosen], device=masks.device)
                made = classifier(self.pixel_features(batch_index[mine], z[mine]), masks[mine])
                near = dilate_box(masks[mine] > self.faint, self.settings.beyond)
                result[mine] = made * (near | (made <= self.faint))
        return result


class FitPixelClassifier:
    """The classifier learns from the marks of slices that were just segmented. Slices that are
    stale were segmented without these, and are written as the marks before have them."""

    def __init__(self, pixels: PixelClassification) -> None:
        self.pixels = pixels

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        prompted = store.prompted
        if prompted is not None and prompted.marks.any():
            for z in store.stale.keys() - set(due.slices):
                store.stale[z] = store.stale[z] or self.pixels.fitted
            about = prompted.batch_index, prompted.z, prompted.output.logits, prompted.marks
            self.pixels.learn(*about)
        yield SliceUpdate(due.slices)


class ClassifyUncertainPixels:
    """All marks so far say where uncertain pixels belong. What is shown is classified, but passes
    go on without."""

    def __init__(self, pixels: PixelClassification) -> None:
        self.pixels = pixels

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        masks = stacked(store.shown, due.slices)
        classified = self.pixels.classify(*index(due.slices, store), masks, store.stale)
        store.classified.update(zip(due.slices, classified, strict=True))
        yield SliceUpdate(due.slices)
