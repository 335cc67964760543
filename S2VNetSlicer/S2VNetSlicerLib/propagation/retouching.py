"""What the marks of B volumes say about pixels, and their masks settled by it."""

from __future__ import annotations

import torch
from torch import Tensor

from ..annotation.state import AnnotationState
from ..network.retouch import Retoucher, Samples, gather_samples
from ..network.settings import PixelClassifierSettings
from ..network.spread import widened
from .settings import ComponentSettings
from .stages import DueSlices, SliceUpdate, Updates, index, stacked
from .store import SliceStore
from .transporting import Looks

DEFAULT, COMPONENTS = PixelClassifierSettings(), ComponentSettings()


class Retouching:
    """The classifiers of ``network.retouch``: one a volume (row), fitted to all its anchors."""

    def __init__(
        self,
        looks: Looks,
        settings: PixelClassifierSettings = DEFAULT,
        components: ComponentSettings = COMPONENTS,
    ) -> None:
        self.looks, self.settings, self.faint = looks, settings, components.min_mask
        self.samples: dict[int, dict[int, Samples]] = {}
        """By row and slice."""
        self.fitted: dict[int, Retoucher] = {}

    def learn(self, rows: Tensor, z: Tensor, logits: Tensor, marks: Tensor) -> None:
        """From the ``marks`` uint8 [N, H, W] of slices and what the network makes of them."""
        found = gather_samples(self.looks(rows, z), logits, marks, self.settings)
        taught = set()
        for item, samples in enumerate(found):
            if marks[item].any() and len(samples.x):
                row = int(rows[item])
                self.samples.setdefault(row, {})[int(z[item])] = samples
                taught.add(row)
        for row in taught:
            known = list(self.samples[row].values())
            self.fitted[row] = Retoucher(known, logits.shape[1], self.settings)

    def settle(self, rows: Tensor, z: Tensor, masks: Tensor) -> Tensor:
        """``masks`` [N, K, H/2, W/2] of slices, settled where they are in doubt.

        What appears far from all that a mask shows is a lookalike elsewhere, and is left out.
        """
        result = masks.clone()
        for row, retoucher in self.fitted.items():
            mine = torch.nonzero(rows == row)[:, 0]
            if len(mine):
                made = retoucher(self.looks(rows[mine], z[mine]), masks[mine])
                near = widened(masks[mine] > self.faint, self.settings.beyond)
                result[mine] = made * (near | (made <= self.faint))
        return result


class FitPixelClassifier:
    """The classifier learns from the marks of slices that were just segmented."""

    def __init__(self, pixels: Retouching) -> None:
        self.pixels = pixels

    def run(self, store: SliceStore, state: AnnotationState, due: DueSlices) -> Updates:
        prompted = store.prompted
        if prompted is not None and prompted.marks.any():
            about = prompted.rows, prompted.z, prompted.output.logits, prompted.marks
            self.pixels.learn(*about)
        yield SliceUpdate(due.slices)


class ClassifyUncertainPixels:
    """All marks so far say where uncertain pixels belong. What is shown is settled so, but passes
    go on without."""

    def __init__(self, pixels: Retouching) -> None:
        self.pixels = pixels

    def run(self, store: SliceStore, state: AnnotationState, due: DueSlices) -> Updates:
        masks = stacked(store.shown, due.slices)
        settled = self.pixels.settle(*index(due.slices, store), masks)
        store.settled.update(zip(due.slices, settled, strict=True))
        yield SliceUpdate(due.slices)
