"""Prompted slices: segmented first, then remembered as what all others follow from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from ..annotation.state import AnnotationState
from .propagator import Propagator
from .stages import DueSlices, Read, SliceUpdate, Updates, index
from .store import SliceStore
from .workgrid import WorkGrid


class SegmentPromptedSlices:
    """Sample centres from marks, k-means decoder, mask; ``settled`` masks are those until now, and
    classes that are predefined are looked for without marks where ``search``."""

    def __init__(
        self, propagator: Propagator, grid: WorkGrid, settled: Read, *, search: bool
    ) -> None:
        self.propagator, self.grid, self.settled, self.search = propagator, grid, settled, search

    def run(self, store: SliceStore, state: AnnotationState, due: DueSlices) -> Updates:
        fresh = [z for z in due.slices if z not in store.starts]
        store.hold(None)
        if fresh:
            rows, z = index(fresh, store)
            work = np.stack([self.grid.marks_to_work(state.prompts(a)) for a in fresh])
            marks = torch.from_numpy(work).to(z.device)
            before = self.settled(state, fresh)
            about = store, rows, z, marks, before, self.search
            store.hold(self.propagator.segment_prompted(*about))
        yield SliceUpdate(due.slices)


class RememberPromptedSlices:
    """Prompted slices go into the store: their masks, with marks obeyed, and their centres."""

    def run(self, store: SliceStore, state: AnnotationState, due: DueSlices) -> Updates:
        if (prompted := store.prompted) is not None:
            start = store.remember(prompted)
            # Passes read the memory anew when they start.
            nothing = start.memory[:, :, :0], start.remembered[:, :, :0]
            start = replace(start, memory=nothing[0], remembered=nothing[1])
            for item, z in enumerate(prompted.z.tolist()):
                store.starts[z] = start.rows(torch.tensor([item], device=prompted.z.device))
        store.changed(due.slices)
        yield SliceUpdate(due.slices)
