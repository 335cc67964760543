"""Runs through the slices: from anchors outward, both ways, in lockstep.

A *run* starts at an anchor and ends before the next one. Every slice between two anchors is reached
by a run going up and one going down; both are kept, so that a new mark needs new runs only from its
own slice, up to its neighbours. The same code serves the session (one volume) and training (a batch
of episodes, with gradients).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count

import torch
from torch import Tensor

from ..network.appearance import Evidence, fit_appearance, gather_evidence
from ..network.centres import class_maps, has_marks
from ..network.encoder import Features
from ..network.model import Carried, Output, S2VNet
from ..network.spread import widened
from .fusion import FAR, as_shares
from .pieces import joined
from .settings import SessionSettings
from .store import DOWN, UP, PromptedSlices, SliceStore
from .trail import Trail
from .transporting import Looks, Transport

DEFAULT = SessionSettings()

Take = Callable[[Tensor, Tensor], Features]
"""Features of slices: (rows, z) -> Features."""
Teach = Callable[[Carried, Tensor, Tensor], Carried]


@dataclass
class Step:
    """Items that were just segmented: ``output`` row i is slice ``z[i]`` of volume ``rows[i]``.

    ``between``: slices that were passed over on the way there.
    """

    rows: Tensor
    z: Tensor
    output: Output
    between: list[int] = field(default_factory=list)


def _met(start: int, anchor: int, share: float) -> int:
    """Where a run from ``start`` stops before another anchor, after this ``share`` of the gap."""
    gap = abs(anchor - start)
    beyond = min(gap, int(share * gap) + 1)
    return start + (beyond if anchor > start else -beyond)


class Propagator:
    """Segments slices of B volumes of D slices with K structures; all it knows of them is in their
    :class:`~.store.SliceStore`.

    Masks are at stride 2 of the work grid. ``patience``: a pass ends when every class was absent
    for so many slices (never, if None). ``reach``: a mask grows by so many cells of stride 2 a
    slice at most (None: anywhere): leaks cannot jump. Passes go ``pace`` slices at a time, and
    slices are ``thickness`` mm apart. ``first`` is any slice whose features are at hand. ``looks``:
    what pixels look like, by which masks are carried along (None: they are not). A class follows
    only from prompted slices that know it: by mark, from other passes or by name.
    """

    def __init__(
        self,
        model: S2VNet,
        classes: Tensor,
        slices: int,
        take: Take,
        *,
        dtype: torch.dtype = torch.float32,
        absent_below: float = 0.2,
        patience: int | None = None,
        reach: int | None = None,
        pace: int = 1,
        first: int = 0,
        looks: Looks | None = None,
        thickness: float = 1.0,
        settings: SessionSettings = DEFAULT,
    ) -> None:
        self.model, self.classes, self.take, self.settings = model, classes, take, settings
        self.absent_below = absent_below if model.configuration.presence else 0.0
        self.transport: Transport | None = None
        self.looks = looks
        if looks is not None and model.configuration.transport:
            self.transport = Transport(looks, thickness, settings.patch_matching)
        self.patience, self.reach, self.slices, self.pace = patience, reach, slices, pace
        self.first, self.dtype = first, dtype

    def init_store(
        self,
        external_centroids: Sequence[Tensor] = (),
        external_samples: Sequence[Evidence] = (),
    ) -> SliceStore:
        """A store with nothing in it but what other volumes say, if anything."""
        here = torch.tensor([self.first], device=self.classes.device)
        begin = self.model.begin(self.classes[:1], self.take(torch.zeros_like(here), here))
        size = len(self.classes), self.slices, self.dtype, self.settings.fusion
        store = SliceStore(begin, *size, external_centroids, external_samples)
        if external_samples and self.model.configuration.appearance:
            how = self.model.configuration.online_classifier
            store.classifier[:] = fit_appearance(list(external_samples), how)
        return store

    def segment_prompted(
        self,
        store: SliceStore,
        rows: Tensor,
        z: Tensor,
        marks: Tensor,
        before: Tensor | None = None,
        search: bool = True,
    ) -> PromptedSlices:
        """Segment marked slices; ``marks`` uint8 [N, H, W] on the work grid.

        A slice starts from its masks ``before`` [N, K, h, w] (None: what passes left) and its
        centres, if any; classes that are predefined but not marked are looked for where
        ``search``. Nothing is in the store before :meth:`~.store.SliceStore.remember`.
        """
        features = self.take(rows, z)
        begin = self.model.begin(self.classes[rows], features)
        traced = (store.distance[:, rows, z] < FAR).any(0)
        known = traced.any(1)
        before = store.fused(rows, z) if before is None else before
        pick = store.seen[rows, z][:, None, None]
        carried = replace(
            begin,
            centres=torch.where(pick[..., None], store.centres[rows, z], begin.centres),
            history=torch.where(pick, store.history[rows, z], begin.history),
            previous=before.to(begin.previous.dtype),
            known=known.to(begin.known.dtype),
            match=features.match,
        )
        carried = self._remember(store, carried, rows, z)
        learn = partial(self._learn, store, features, rows, z, marks) if marks.any() else None
        output = self.model.step(features, carried, marks, learn)
        if learn is not None:
            carried = replace(carried, appearance=store.classifier[rows])
        asked = has_marks(marks, traced.shape[1])
        # What the user marked is there, whatever the presence score says.
        handed = output.hand_on(features, carried, torch.where(asked, 0.0, self.absent_below))
        traced = traced | asked | ((self.classes[rows] >= 0) & search)
        height, width = handed.previous.shape[2:]
        said = as_shares(class_maps(marks, traced.shape[1], (height, width)).to(handed.previous))
        masks = joined(handed.previous, said, carried.previous, self.settings.components)
        return PromptedSlices(
            rows, z, marks, output, masks, carried.previous, known, traced, said, handed
        )

    def _learn(
        self,
        store: SliceStore,
        features: Features,
        rows: Tensor,
        z: Tensor,
        marks: Tensor,
        logits: Tensor,
    ) -> Tensor:
        """What the marks of these and all other anchors teach about the look of the classes."""
        how = self.model.configuration.online_classifier
        found = gather_evidence(features, logits, marks, how)
        for row, slice_, evidence in zip(rows.tolist(), z.tolist(), found, strict=True):
            if evidence.marked:
                store.samples[row][slice_] = evidence
        for row in {row for row in rows.tolist() if store.all_samples(row)}:
            store.classifier[row] = fit_appearance(store.all_samples(row), how)
        return store.classifier[rows]

    def propagate(
        self,
        store: SliceStore,
        rows: Tensor,
        z: Tensor,
        carried: Carried,
        first: int = 0,
        last: int | None = None,
        teach: Teach = lambda carried, rows, z: carried,
        hurry: bool = False,
    ) -> Iterator[Step]:
        """Runs from the anchors ``z`` both ways, up to the neighbouring anchors, inside
        ``first``..``last``; yields every slice as it is done, nearest first. ``teach`` may change
        what a slice hands on (training); in a ``hurry`` slices far off are passed over."""
        n, last = len(rows), self.slices - 1 if last is None else last
        carried = replace(
            self._remember(store, carried, rows, z), appearance=store.classifier[rows]
        )
        stop = self._stops(store, rows, z, first, last).to(z.device)
        start = store.distance[UP, rows, z].repeat(2, 1)
        rows, z = rows.repeat(2), z.repeat(2)
        towards = torch.tensor([1, -1], device=z.device).repeat_interleave(n)
        carried = carried.rows(torch.arange(n, device=z.device).repeat(2))
        trail, alone = Trail.begin(carried.previous), carried.previous
        gone, absent = torch.zeros_like(z), torch.zeros_like(z)
        how = self.settings.propagation
        far = how.far_stride * self.pace if hurry else self.pace
        for steps in count():
            most = self.pace if steps < how.near_steps else far
            ended = absent >= self.patience if self.patience else torch.zeros_like(absent).bool()
            left = (stop - z).abs() - 1
            for item in torch.nonzero(ended & (left > 0))[:, 0].tolist():
                ahead = z[item] + towards[item]
                distance = start[item] + gone[item] + 1
                self._end(store, rows[item], ahead, stop[item], towards[item], distance)
            alive = torch.nonzero((left > 0) & ~ended)[:, 0]
            if not len(alive):
                return
            rows, z, towards, stop, absent, start, gone, left = (
                t[alive] for t in (rows, z, towards, stop, absent, start, gone, left)
            )
            carried, trail, alone = carried.rows(alive), trail.rows(alive), alone[alive]
            pace = left.clamp(max=most)
            ahead = z + towards * pace
            if self.transport is not None:
                alone = self.transport.carry(alone, rows, z, ahead)
            z, gone = ahead, gone + pace
            features = self.take(rows, z)
            output = self.model.step(features, carried)
            # One slice in doubt does not end a class: the next receives its mask all the same.
            handed = output.hand_on(features, carried, 0.0)
            handed = replace(handed, previous=self._reached(carried, handed.previous, start, most))
            mask, doubt = handed.previous, output.presence.sigmoid() < self.absent_below
            if self.transport is not None:
                seen = mask * ~doubt[..., None, None]
                mask = self.transport.add(seen, alone, gone) * (start < FAR)[..., None, None]
                doubt = (mask > 0.5).flatten(2).any(2).logical_not()
            trail = trail.step(mask, doubt, pace)
            away = start + gone[:, None]
            between = self._leave(store, trail, output, rows, z, towards, away)
            carried = teach(handed, rows, z)
            empty = (trail.shown > how.min_mask).flatten(1).any(1).logical_not()
            absent = torch.where(empty, absent + pace, 0)
            yield Step(rows, z, output, between)

    def _leave(
        self,
        store: SliceStore,
        trail: Trail,
        output: Output,
        rows: Tensor,
        z: Tensor,
        towards: Tensor,
        distance: Tensor,
    ) -> list[int]:
        """Store slices ``z`` and, blended, those that were passed over; returns the latter."""
        between = []
        for back in range(int(trail.span.max()) - 1, -1, -1):
            mine = trail.span > back
            here = torch.nonzero(mine.any(1))[:, 0]
            blended = trail.blend(back)
            away = (distance - back).masked_fill(~mine, FAR)
            place = z - towards * back
            for direction, sign in ((UP, 1), (DOWN, -1)):
                items = here[towards[here] == sign]
                where = direction, rows[items], place[items], away[items]
                store.put(output, items, blended[items], *where)
            between += place[here].tolist() if back else []
        return between

    def _reached(self, carried: Carried, mask: Tensor, start: Tensor, pace: int) -> Tensor:
        """``mask`` [N, K, h, w] where it may be: near the one ``pace`` slices before, if traced."""
        mask = mask * (start < FAR)[..., None, None]
        if self.reach is None:
            return mask
        faint = self.settings.propagation.min_mask
        return mask * widened(carried.previous > faint, self.reach * pace)

    def cut(self, store: SliceStore, rows: Tensor, z: Tensor, first: int, last: int) -> list[bool]:
        """Whether runs from each anchor ``z`` would go beyond ``first``..``last``."""
        whole = self._stops(store, rows, z, 0, self.slices - 1)
        return (whole != self._stops(store, rows, z, first, last)).view(2, -1).any(0).tolist()

    def _stops(self, store: SliceStore, rows: Tensor, z: Tensor, first: int, last: int) -> Tensor:
        """The slice before which each run ends: all upward ones, then all downward ones."""
        up, down, share = [], [], self.settings.propagation.meeting
        for row, start in zip(rows.tolist(), z.tolist(), strict=True):
            # A run passes anchors that do not know all of its classes.
            wanted = store.distance[UP, row, start] < FAR
            stops = [
                a
                for a in store.prompt_centroids[row]
                if (store.distance[UP, row, a] == 0)[wanted].all()
            ]
            above = [_met(start, a, share) for a in stops if a > start]
            below = [_met(start, a, share) for a in stops if a < start]
            up.append(min([*above, max(last, start) + 1]))
            down.append(max([*below, min(first, start) - 1]))
        return torch.tensor(up + down)

    def _end(
        self,
        store: SliceStore,
        row: Tensor,
        z: Tensor,
        stop: Tensor,
        towards: Tensor,
        first: Tensor,
    ) -> None:
        """A run stopped because nothing is left: the slices it does not reach are empty.

        ``first`` [K] is the distance of slice ``z``.
        """
        ahead = torch.arange(int(z), int(stop), int(towards), device=z.device)
        direction = UP if towards > 0 else DOWN
        distance = first + (ahead - z).abs()[:, None]
        store.put_nothing(direction, row, ahead, distance, z - towards)

    def _remember(self, store: SliceStore, carried: Carried, rows: Tensor, z: Tensor) -> Carried:
        """``carried`` with the centres of the nearest anchors of each item."""
        k, m, c = carried.centres.shape[1:]
        chosen = [
            [
                store.prompt_centroids[row][a]
                for a in sorted(store.prompt_centroids[row], key=lambda a: abs(a - slice_))
            ]
            + store.external_centroids
            for row, slice_ in zip(rows.tolist(), z.tolist(), strict=True)
        ]
        chosen = [found[: self.settings.propagation.max_remembered] for found in chosen]
        most = max(len(found) for found in chosen)
        empty = carried.centres.new_zeros(k, m, c)
        memory = [torch.cat(f + [empty] * (most - len(f)), 1) for f in chosen] if most else []
        counts = torch.tensor([len(found) * m for found in chosen], device=z.device)
        valid = torch.arange(most * m, device=z.device) < counts[:, None]
        return replace(
            carried,
            memory=torch.stack(memory) if memory else carried.memory[:, :, :0],
            remembered=valid[:, None].expand(-1, k, -1),
        )
