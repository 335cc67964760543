"""From masks to the labels that the annotation lets them be."""

from __future__ import annotations

from .inference_grid import InferenceGrid
from .initial_segmentation import InitialMasks
from .slice_store import SliceStore
from .stages import Annotation, DueSlices, SliceUpdate, Updates


class DrawLabels:
    """The likeliest class of each pixel, one slice after the other."""

    def __init__(self, grid: InferenceGrid) -> None:
        self.grid = grid

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        for z in due.slices:
            masks = store.classified.get(z, store.shown[z])
            store.labels[z] = self.grid.to_labels(masks)[0]
            yield SliceUpdate((z,))


class KeepInitialSegmentation:
    """Voxels of a result that is corrected stay where nothing else was found."""

    def __init__(self, initial: InitialMasks) -> None:
        self.initial = initial

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        for z in due.slices:
            store.labels[z] = self.initial.keep(z, store.labels[z])
        yield SliceUpdate(due.slices)


class EnforceAnnotation:
    """Marks, accepted slices, locks: the only place where a result meets what the user said."""

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        for z in due.slices:
            state.replace(z, store.labels[z])
            store.stale.pop(z, None)
            yield SliceUpdate((z,))
