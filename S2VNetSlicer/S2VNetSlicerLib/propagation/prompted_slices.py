"""Prompted slices: segmented first, then remembered as what all others follow from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from ..network.kmeans_decoder import has_marks
from .inference_grid import InferenceGrid
from .local_changes import changed_by_marks
from .slice_propagator import SlicePropagator
from .slice_store import SliceStore
from .stages import Annotation, DueSlices, Read, SliceUpdate, Updates, index


class SegmentPromptedSlices:
    """Sample centres from marks, k-means decoder, mask; ``classified`` masks are those until
    now."""

    def __init__(self, propagator: SlicePropagator, grid: InferenceGrid, classified: Read) -> None:
        self.propagator, self.grid, self.classified = propagator, grid, classified

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        fresh = [z for z in due.slices if z not in store.starts]
        store.hold(None)
        if fresh:
            batch_index, z = index(fresh, store)
            work = np.stack([self.grid.marks_to_grid(state.prompts(a)) for a in fresh])
            marks = torch.from_numpy(work).to(z.device)
            before = self.classified(state, fresh)
            about = store, batch_index, z, marks, before
            store.hold(self.propagator.segment_prompted(*about))
        yield SliceUpdate(due.slices)


class PromptTrimmedStructures:
    """Structures that only lost to others in a slice are prompted with what is left of them.

    Centres that no marks of their own began say little of a structure: passes would lose it.
    """

    def __init__(self, propagator: SlicePropagator) -> None:
        self.propagator = propagator

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        if (prompted := store.prompted) is not None:
            masks, marks = prompted.start().previous, prompted.marks
            left = masks * ~has_marks(marks, masks.shape[1])[..., None, None] > 0.5
            left &= prompted.known[:, None, None, None]
            if left.any():
                label = (left.amax(1) * (left.to(torch.uint8).argmax(1) + 2)).to(marks)
                label = label.repeat_interleave(2, 1).repeat_interleave(2, 2)
                told = torch.where(marks > 0, marks, label)
                again = self.propagator.segment_prompted(
                    store, prompted.batch_index, prompted.z, told, masks
                )
                store.hold(replace(prompted, output=again.output, recurrent=again.recurrent))
        yield SliceUpdate(due.slices)


class RememberPromptedSlices:
    """Prompted slices go into the store: their masks, with marks obeyed, their centres and, where
    corrections are ``local``, the cells that marks changed."""

    def __init__(self, local: bool) -> None:
        self.local = local

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        if (prompted := store.prompted) is not None:
            start = store.remember(prompted)
            # Passes read the memory anew when they start.
            nothing = start.prompt_memory[:, :, :0], start.prompt_memory_mask[:, :, :0]
            start = replace(start, prompt_memory=nothing[0], prompt_memory_mask=nothing[1])
            if self.local:
                changed = changed_by_marks(start.previous, prompted.before, prompted.said)
                cells = zip(prompted.z.tolist(), changed.split(1), strict=True)
                store.changed_cells.update(cells)
            for item, z in enumerate(prompted.z.tolist()):
                store.starts[z] = start.select(torch.tensor([item], device=prompted.z.device))
        store.changed(due.slices)
        yield SliceUpdate(due.slices)
