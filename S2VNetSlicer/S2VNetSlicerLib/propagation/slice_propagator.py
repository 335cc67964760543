"""Runs through the slices: from prompted slices outward, both ways, in lockstep.

A *pass* starts at a prompted slice and ends before the next one. Every slice between two prompted
slices is reached by a pass going up and one going down; both are kept, so that a new mark needs new
passes only from its own slice, up to its neighbours. The same code serves the session (one volume)
and training (a batch of episodes, with gradients).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count

import torch
from torch import Tensor

from ..network.encoder import Features
from ..network.geodesic_maps import dilate_box
from ..network.kmeans_decoder import class_maps, has_marks
from ..network.logistic_regression import TrainingSamples
from ..network.model import Output, RecurrentState, S2VNet
from ..network.online_classifier import fit_online_classifier, gather_online_samples
from .components import remove_unprompted_components
from .fusion import FAR, normalise_overlap
from .local_changes import differing
from .mask_warping import PatchPropagation, PixelFeatures
from .settings import SessionSettings
from .skipped_slices import SkippedSliceInterpolator
from .slice_store import DOWN, UP, PromptedSlices, SliceStore

DEFAULT = SessionSettings()

GetFeatures = Callable[[Tensor, Tensor], Features]
"""Features of slices: (rows, z) -> Features."""
TeacherForcing = Callable[[RecurrentState, Tensor, Tensor], RecurrentState]


@dataclass
class Step:
    """Items that were just segmented: ``output`` row i is slice ``z[i]`` of volume
    ``batch_index[i]``.

    ``between``: slices that were passed over on the way there.
    """

    batch_index: Tensor
    z: Tensor
    output: Output
    between: list[int] = field(default_factory=list)


def _met(start: int, anchor: int, share: float) -> int:
    """Where a pass from ``start`` stops before another prompted slice, after this ``share`` of the
    gap."""
    gap = abs(anchor - start)
    beyond = min(gap, int(share * gap) + 1)
    return start + (beyond if anchor > start else -beyond)


class SlicePropagator:
    """Segments slices of B volumes of D slices with K structures; all it knows of them is in their
    :class:`~.slice_store.SliceStore`.

    Masks are at stride 2 of the work grid. ``max_empty_slices``: a pass ends when every class was
    absent for so many slices (never, if None). ``reach``: a mask grows by so many cells of stride 2
    a slice at most (None: anywhere): leaks cannot jump. Passes go ``slice_stride`` slices at a
    time, and slices are ``thickness`` mm apart. ``first`` is any slice whose features are at hand.
    ``pixel_features``: what pixels look like, by which masks are carried along (None: they are
    not). A class follows only from prompted slices that know it: by mark, from other passes or by
    name.
    """

    def __init__(
        self,
        model: S2VNet,
        structures: int,
        slices: int,
        take: GetFeatures,
        *,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        absent_below: float = 0.2,
        max_empty_slices: int | None = None,
        reach: int | None = None,
        slice_stride: int = 1,
        first: int = 0,
        pixel_features: PixelFeatures | None = None,
        thickness: float = 1.0,
        settings: SessionSettings = DEFAULT,
    ) -> None:
        self.model, self.take, self.settings = model, take, settings
        self.batch_size, self.structures = batch_size, structures
        self.device = model.generic_queries.device
        self.absent_below = absent_below if model.configuration.presence else 0.0
        self.transport: PatchPropagation | None = None
        self.pixel_features = pixel_features
        if pixel_features is not None and model.configuration.transport:
            self.transport = PatchPropagation(pixel_features, thickness, settings.patch_matching)
        self.max_empty_slices, self.slice_stride = max_empty_slices, slice_stride
        self.reach, self.slices, self.first, self.dtype = reach, slices, first, dtype

    def init_store(
        self,
        external_centroids: Sequence[Tensor] = (),
        external_samples: Sequence[TrainingSamples] = (),
    ) -> SliceStore:
        """A store with nothing in it but what other volumes say, if anything."""
        here = torch.tensor([self.first], device=self.device)
        features = self.take(torch.zeros_like(here), here)
        begin = self.model.initial_state(self.structures, features)
        size = self.batch_size, self.slices, self.dtype, self.settings.fusion
        store = SliceStore(begin, *size, external_centroids, external_samples)
        if external_samples and self.model.configuration.appearance:
            how = self.model.configuration.online_classifier
            store.classifier[:] = fit_online_classifier(list(external_samples), how)
        return store

    def segment_prompted(
        self,
        store: SliceStore,
        batch_index: Tensor,
        z: Tensor,
        marks: Tensor,
        before: Tensor | None = None,
    ) -> PromptedSlices:
        """Segment marked slices; ``marks`` uint8 [N, H, W] on the work grid.

        A slice starts from its masks ``before`` [N, K, h, w] (None: what passes left) and its
        centres, if any. Nothing is in the store before :meth:`~.slice_store.SliceStore.remember`.
        """
        features = self.take(batch_index, z)
        begin = self.model.initial_state(self.structures, features)
        traced = (store.distance[:, batch_index, z] < FAR).any(0)
        known = traced.any(1)
        before = store.fused(batch_index, z) if before is None else before
        pick = store.seen[batch_index, z][:, None, None]
        recurrent = replace(
            begin,
            centroids=torch.where(
                pick[..., None], store.centroids[batch_index, z], begin.centroids
            ),
            history=torch.where(pick, store.history[batch_index, z], begin.history),
            previous=before.to(begin.previous.dtype),
            has_previous=known.to(begin.has_previous.dtype),
            match=features.match,
        )
        recurrent = self._remember(store, recurrent, batch_index, z)
        learn = (
            partial(self._learn, store, features, batch_index, z, marks) if marks.any() else None
        )
        output = self.model.step(features, recurrent, marks, learn)
        if learn is not None:
            recurrent = replace(recurrent, appearance=store.classifier[batch_index])
        asked = has_marks(marks, traced.shape[1])
        # What the user marked is there, whatever the presence score says.
        handed = output.next_state(features, recurrent, torch.where(asked, 0.0, self.absent_below))
        traced = traced | asked
        height, width = handed.previous.shape[2:]
        said = normalise_overlap(
            class_maps(marks, traced.shape[1], (height, width)).to(handed.previous)
        )
        masks = remove_unprompted_components(
            handed.previous, said, recurrent.previous, self.settings.components
        )
        return PromptedSlices(
            batch_index, z, marks, output, masks, recurrent.previous, known, traced, said, handed
        )

    def _learn(
        self,
        store: SliceStore,
        features: Features,
        batch_index: Tensor,
        z: Tensor,
        marks: Tensor,
        logits: Tensor,
    ) -> Tensor:
        """What the marks of these and all other prompted slices teach about the look of the
        classes."""
        how = self.model.configuration.online_classifier
        found = gather_online_samples(features, logits, marks, how)
        for volume, slice_, evidence in zip(batch_index.tolist(), z.tolist(), found, strict=True):
            if evidence.marked:
                store.samples[volume][slice_] = evidence
        for volume in {volume for volume in batch_index.tolist() if store.all_samples(volume)}:
            store.classifier[volume] = fit_online_classifier(store.all_samples(volume), how)
        return store.classifier[batch_index]

    def propagate(
        self,
        store: SliceStore,
        batch_index: Tensor,
        z: Tensor,
        recurrent: RecurrentState,
        first: int = 0,
        last: int | None = None,
        teach: TeacherForcing = lambda recurrent, batch_index, z: recurrent,
        hurry: bool = False,
        changed: Tensor | None = None,
    ) -> Iterator[Step]:
        """Runs from the prompted slices ``z`` both ways, up to the neighbouring prompted slices,
        inside ``first``..``last``; yields every slice as it is done, nearest first. ``teach`` may
        change what a slice hands on (training); in a ``hurry`` slices far off are passed over.
        Passes from slices in which marks ``changed`` cells [N, K, h, w] (bool) of a result change
        what hangs together with these (None: everything), and end where nothing does."""
        n, last = len(batch_index), self.slices - 1 if last is None else last
        recurrent = replace(
            self._remember(store, recurrent, batch_index, z),
            appearance=store.classifier[batch_index],
        )
        stop = self._stops(store, batch_index, z, first, last).to(z.device)
        start = store.distance[UP, batch_index, z].repeat(2, 1)
        batch_index, z = batch_index.repeat(2), z.repeat(2)
        heading = torch.tensor([1, -1], device=z.device).repeat_interleave(n)
        recurrent = recurrent.select(torch.arange(n, device=z.device).repeat(2))
        skipped, warped = SkippedSliceInterpolator.begin(recurrent.previous), recurrent.previous
        travelled, n_empty = torch.zeros_like(z), torch.zeros_like(z)
        changed = None if changed is None else changed.repeat(2, 1, 1, 1)
        how = self.settings.propagation
        far = how.far_stride * self.slice_stride if hurry else self.slice_stride
        for steps in count():
            most = self.slice_stride if steps < how.near_steps else far
            if changed is not None:
                ended = ~changed.flatten(1).any(1)
            elif self.max_empty_slices:
                ended = n_empty >= self.max_empty_slices
            else:
                ended = torch.zeros_like(n_empty).bool()
            left = (stop - z).abs() - 1
            # A result that is corrected goes on where a pass has nothing more to say.
            empty_ahead = ended & (left > 0) if changed is None else torch.zeros_like(ended)
            for item in torch.nonzero(empty_ahead)[:, 0].tolist():
                ahead = z[item] + heading[item]
                distance = start[item] + travelled[item] + 1
                self._end(store, batch_index[item], ahead, stop[item], heading[item], distance)
            alive = torch.nonzero((left > 0) & ~ended)[:, 0]
            if not len(alive):
                return
            batch_index, z, heading, stop, n_empty, start, travelled, left = (
                t[alive] for t in (batch_index, z, heading, stop, n_empty, start, travelled, left)
            )
            recurrent, skipped, warped = (
                recurrent.select(alive),
                skipped.select(alive),
                warped[alive],
            )
            changed = None if changed is None else changed[alive]
            slice_stride = left.clamp(max=most)
            ahead = z + heading * slice_stride
            if self.transport is not None:
                warped = self.transport.warp(warped, batch_index, z, ahead)
            z, travelled = ahead, travelled + slice_stride
            features = self.take(batch_index, z)
            output = self.model.step(features, recurrent)
            # One slice in doubt does not end a class: the next receives its mask all the same.
            handed = output.next_state(features, recurrent, 0.0)
            handed = replace(
                handed, previous=self._reached(recurrent, handed.previous, start, most)
            )
            mask, doubt = handed.previous, output.presence.sigmoid() < self.absent_below
            if self.transport is not None:
                seen = mask * ~doubt[..., None, None]
                mask = self.transport.add(seen, warped, travelled) * (start < FAR)[..., None, None]
                doubt = (mask > 0.5).flatten(2).any(2).logical_not()
            if changed is not None:
                before, changed = store.fused(batch_index, z), self._grown(changed, most)
                mask = torch.where(changed, mask * ~doubt[..., None, None], before)
                handed = replace(handed, previous=torch.where(changed, handed.previous, before))
                doubt = torch.zeros_like(doubt)
            skipped = skipped.step(mask, doubt, slice_stride)
            away = start + travelled[:, None]
            between = self._leave(store, skipped, output, batch_index, z, heading, away, changed)
            recurrent = teach(handed, batch_index, z)
            if changed is not None:
                initial = store.initial(z)
                changed &= differing(mask, initial) | differing(handed.previous, initial)
            empty = (skipped.shown > how.min_mask).flatten(1).any(1).logical_not()
            n_empty = torch.where(empty, n_empty + slice_stride, 0)
            yield Step(batch_index, z, output, between)

    def _leave(
        self,
        store: SliceStore,
        skipped: SkippedSliceInterpolator,
        output: Output,
        batch_index: Tensor,
        z: Tensor,
        heading: Tensor,
        distance: Tensor,
        changed: Tensor | None,
    ) -> list[int]:
        """Store slices ``z`` and, blended, those that were passed over, as far as they
        ``changed``; returns the latter."""
        between = []
        for back in range(int(skipped.span.max()) - 1, -1, -1):
            here = torch.nonzero(skipped.span > back)[:, 0]
            blended, away = skipped.blend(back), distance - back
            place = z - heading * back
            if back and changed is not None:
                blended = torch.where(changed, blended, store.fused(batch_index, place))
            for direction, sign in ((UP, 1), (DOWN, -1)):
                items = here[heading[here] == sign]
                where = direction, batch_index[items], place[items], away[items]
                store.put(output, items, blended[items], *where)
            between += place[here].tolist() if back else []
        return between

    def _reached(
        self, recurrent: RecurrentState, mask: Tensor, start: Tensor, slice_stride: int
    ) -> Tensor:
        """``mask`` [N, K, h, w] where it may be, if traced: near the one ``slice_stride`` slices
        before."""
        mask = mask * (start < FAR)[..., None, None]
        faint = self.settings.propagation.min_mask
        return mask * self._grown(recurrent.previous > faint, slice_stride)

    def _grown(self, cells: Tensor, slice_stride: int) -> Tensor:
        """Where ``cells`` (bool [N, K, h, w]) may be ``slice_stride`` slices on."""
        if self.reach is None:
            return torch.ones_like(cells)
        return dilate_box(cells, self.reach * slice_stride)

    def cut(
        self, store: SliceStore, batch_index: Tensor, z: Tensor, first: int, last: int
    ) -> list[bool]:
        """Whether passes from each prompted slice ``z`` would go beyond ``first``..``last``."""
        whole = self._stops(store, batch_index, z, 0, self.slices - 1)
        return (
            (whole != self._stops(store, batch_index, z, first, last)).view(2, -1).any(0).tolist()
        )

    def _stops(
        self, store: SliceStore, batch_index: Tensor, z: Tensor, first: int, last: int
    ) -> Tensor:
        """The slice before which each pass ends: all upward ones, then all downward ones."""
        up, down, share = [], [], self.settings.propagation.meeting
        for volume, start in zip(batch_index.tolist(), z.tolist(), strict=True):
            # A pass goes over prompted slices that do not know all of its classes.
            wanted = store.distance[UP, volume, start] < FAR
            stops = [
                a
                for a in store.prompt_centroids[volume]
                if (store.distance[UP, volume, a] == 0)[wanted].all()
            ]
            above = [_met(start, a, share) for a in stops if a > start]
            below = [_met(start, a, share) for a in stops if a < start]
            up.append(min([*above, max(last, start) + 1]))
            down.append(max([*below, min(first, start) - 1]))
        return torch.tensor(up + down)

    def _end(
        self,
        store: SliceStore,
        volume: Tensor,
        z: Tensor,
        stop: Tensor,
        heading: Tensor,
        first: Tensor,
    ) -> None:
        """A pass stopped because nothing is left: the slices it does not reach are empty.

        ``first`` [K] is the distance of slice ``z``.
        """
        ahead = torch.arange(int(z), int(stop), int(heading), device=z.device)
        direction = UP if heading > 0 else DOWN
        distance = first + (ahead - z).abs()[:, None]
        store.put_nothing(direction, volume, ahead, distance, z - heading)

    def _remember(
        self, store: SliceStore, recurrent: RecurrentState, batch_index: Tensor, z: Tensor
    ) -> RecurrentState:
        """``recurrent`` with the centres of the nearest prompted slices of each item."""
        k, m, c = recurrent.centroids.shape[1:]
        chosen = [
            [
                store.prompt_centroids[volume][a]
                for a in sorted(store.prompt_centroids[volume], key=lambda a: abs(a - slice_))
            ]
            + store.external_centroids
            for volume, slice_ in zip(batch_index.tolist(), z.tolist(), strict=True)
        ]
        chosen = [found[: self.settings.propagation.max_remembered] for found in chosen]
        most = max(len(found) for found in chosen)
        empty = recurrent.centroids.new_zeros(k, m, c)
        memory = [torch.cat(f + [empty] * (most - len(f)), 1) for f in chosen] if most else []
        counts = torch.tensor([len(found) * m for found in chosen], device=z.device)
        valid = torch.arange(most * m, device=z.device) < counts[:, None]
        return replace(
            recurrent,
            prompt_memory=torch.stack(memory) if memory else recurrent.prompt_memory[:, :, :0],
            prompt_memory_mask=valid[:, None].expand(-1, k, -1),
        )
