"""Passes from prompted slices both ways, and their masks as one."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ..network.model import RecurrentState
from .initial_segmentation import InitialMasks
from .semantic_prior import SemanticPrior
from .slice_propagator import SlicePropagator
from .slice_store import SliceStore
from .stages import Annotation, DueSlices, SliceUpdate, Updates, in_batches, index


class PropagateBothWays:
    """Every slice from the one before, outward from those that are prompted, up to the next ones.

    Of a result that is corrected, ``initial``, only slices near enough change.
    """

    def __init__(
        self, propagator: SlicePropagator, prior: SemanticPrior, initial: InitialMasks | None
    ) -> None:
        self.propagator, self.prior, self.initial = propagator, prior, initial

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        batch_index, z = index(due.slices, store)
        recurrent = RecurrentState.join([store.starts[slice_] for slice_ in due.slices])
        changed = None
        if store.changed_cells:
            changed = torch.cat([store.changed_cells[slice_] for slice_ in due.slices])
        within = due.first, due.last
        cut = self.propagator.cut(store, batch_index, z, *within)
        with store.one_pass():
            for slice_ in due.slices:
                yield SliceUpdate((slice_,))
            hurry = self.prior.knows_all
            steps = self.propagator.propagate(
                store, batch_index, z, recurrent, *within, hurry=hurry, changed=changed
            )
            for step in steps:
                yield from self._changed(store, [*step.between, *step.z.tolist()])
            yield from self._changed(store, store.take_ended())
        for slice_, short in zip(due.slices, cut, strict=True):
            if short:
                store.covered[slice_] = within
            else:
                state.pending.discard(slice_)
                store.starts.pop(slice_, None)
                store.changed_cells.pop(slice_, None)

    def _changed(self, store: SliceStore, slices: Sequence[int]) -> Updates:
        distance = store.distance[:, 0]
        near = [
            z
            for z in dict.fromkeys(slices)
            if self.initial is None or self.initial.changed(distance[:, z]).any()
        ]
        store.changed(near)
        yield from in_batches(near)


class FuseDirections:
    """The masks of both directions as one: the nearer pass weighs more."""

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        store.read(due.slices, store.fused(*index(due.slices, store)))
        yield SliceUpdate(due.slices)
