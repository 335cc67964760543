"""Runs through the slices: from anchors outward, both ways, in lockstep.

A *run* starts at an anchor and ends before the next one. Every slice between two anchors is reached
by a run going up and one going down; both are kept, so that a new mark needs new runs only from its
own slice, up to its neighbours. The same code serves the session (one volume) and training (a batch
of episodes, with gradients).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count

import torch
from torch import Tensor

from ..network.appearance import Evidence, fit_appearance, gather_evidence
from ..network.centres import class_maps
from ..network.encoder import Features
from ..network.model import Carried, Output, S2VNet
from ..network.spread import widened
from .completing import has_marks
from .fusion import FAR, as_shares, fuse_directions
from .pieces import joined
from .recognition import Known
from .retouching import Looks, Retouching
from .settings import SessionSettings
from .trail import Trail
from .transporting import Transport

UP, DOWN = 0, 1
DEFAULT = SessionSettings()

Take = Callable[[Tensor, Tensor], Features]
"""Features of slices: (rows, z) -> Features."""
Teach = Callable[[Carried, Tensor, Tensor], Carried]
Completed = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
"""Masks of corrected slices: (z, marks, masks so far, the last masks) -> [N, K, H/2, W/2]."""
Over = Callable[[Tensor, list[int]], Tensor]
"""What a user sees instead of masks that runs left: (masks, z) -> [N, K, H/2, W/2]."""


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
    """Masks, centres and anchors of B volumes of D slices with K structures.

    Masks are at stride 2 of the work grid. ``patience``: a run ends when every class was absent for
    so many slices (never, if None). ``reach``: a mask grows by so many cells of stride 2 a slice at
    most (None: anywhere): leaks cannot jump. Runs go ``pace`` slices at a time, and slices are
    ``thickness`` mm apart. ``first`` is any slice whose features are at hand. ``looks``: what
    pixels look like, by which masks are carried along and, if ``retouch``, retouched (None:
    neither). A class follows only from anchors that know it: by mark, from other runs or by name.
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
        retouch: bool = True,
        thickness: float = 1.0,
        settings: SessionSettings = DEFAULT,
    ) -> None:
        self.model, self.classes, self.take, self.settings = model, classes, take, settings
        self.absent_below = absent_below if model.configuration.presence else 0.0
        self.retouching: Retouching | None = None
        self.transport: Transport | None = None
        if looks is not None and retouch and model.configuration.retouching:
            self.retouching = Retouching(looks, settings.pixel_classifier, settings.components)
        if looks is not None and model.configuration.transport:
            self.transport = Transport(looks, thickness, settings.patch_matching)
        self.known: Known | None = None
        """What was seen of the structures before they were marked."""
        self.completed: Completed | None = None
        """What another network makes of slices that are corrected."""
        self.over: Over = lambda fused, z: fused
        self.patience, self.reach, self.slices, self.pace = patience, reach, slices, pace
        b, k = classes.shape
        self.ended: set[int] = set()
        self.unasked = True
        """Whether an anchor without marks of a predefined class looks for it."""
        here = torch.tensor([first], device=classes.device)
        begin = model.begin(classes[:1], take(torch.zeros_like(here), here))
        size, device = begin.previous.shape[2:], begin.previous.device
        self.masks = torch.zeros(2, b, slices, k, *size, dtype=dtype, device=device)
        self.distance = torch.full((2, b, slices, k), FAR, device=device)
        self.quality = torch.zeros(2, b, slices, k, device=device)
        self.centres = begin.centres.new_zeros(b, slices, *begin.centres.shape[1:])
        self.history = begin.history.new_zeros(b, slices, *begin.history.shape[1:])
        self.seen = torch.zeros(b, slices, dtype=torch.bool, device=device)
        """Slices with centres; those of a loaded result have only masks."""
        self.kept: list[dict[int, Tensor]] = [{} for _ in range(b)]
        """Centres of the anchors of each volume, [K+1, M, C] by slice."""
        self.lent: list[Tensor] = []
        """Centres of anchors of other volumes, [K+1, M, C] each, that are remembered as well."""
        self.evidence: list[dict[int, Evidence]] = [{} for _ in range(b)]
        """What the marks of the anchors say about the look of the classes, by slice."""
        self.appearance = begin.appearance.repeat(b, 1, 1)

    def fused(self, rows: Tensor, z: Tensor) -> Tensor:
        """The current masks of slices, [N, K, H/2, W/2] in 0..1."""
        masks, distance = self.masks[:, rows, z].float(), self.distance[:, rows, z]
        fused = fuse_directions(masks, distance, self.quality[:, rows, z], self.settings.fusion)
        return fused if self.known is None else self.known.add(fused, z, distance.amin(0))

    @property
    def named(self) -> list[int]:
        """The structures (from 1) that are known by name."""
        numbers = () if self.known is None else self.known.numbers
        return [k for k, classes in enumerate(numbers, 1) if classes]

    def settled(self, rows: Tensor, z: Tensor, fused: Tensor) -> Tensor:
        """The masks of :meth:`fused`, retouched by what all marks so far say about pixels."""
        return fused if self.retouching is None else self.retouching.settle(rows, z, fused)

    def fused_quality(self, z: int, row: int = 0) -> Tensor:
        """What the network expects of the masks of slice ``z`` of a volume as Dice, [K]."""
        weight = 1 / (self.distance[:, row, z] + 0.1)
        return (self.quality[:, row, z] * weight).sum(0) / weight.sum(0)

    def anchor(self, rows: Tensor, z: Tensor, marks: Tensor) -> tuple[Step, Carried]:
        """Segment marked slices; ``marks`` uint8 [N, H, W] on the work grid.

        A slice starts from what it shows and its centres, if any. Returns the step and what runs
        from here receive.
        """
        features = self.take(rows, z)
        begin = self.model.begin(self.classes[rows], features)
        traced = (self.distance[:, rows, z] < FAR).any(0)
        known = traced.any(1)
        shown = self.settled(rows, z, self.over(self.fused(rows, z), z.tolist()))
        pick = self.seen[rows, z][:, None, None]
        carried = replace(
            begin,
            centres=torch.where(pick[..., None], self.centres[rows, z], begin.centres),
            history=torch.where(pick, self.history[rows, z], begin.history),
            previous=shown.to(begin.previous.dtype),
            known=known.to(begin.known.dtype),
            match=features.match,
        )
        carried = self._remember(carried, rows, z)
        learn = partial(self._learn, features, rows, z, marks) if marks.any() else None
        output = self.model.step(features, carried, marks, learn)
        if learn is not None:
            carried = replace(carried, appearance=self.appearance[rows])
            if self.retouching is not None:
                self.retouching.learn(rows, z, output.logits, marks)
        asked = has_marks(marks, traced.shape[1])
        # What the user marked is there, whatever the presence score says.
        handed = output.hand_on(features, carried, torch.where(asked, 0.0, self.absent_below))
        traced = traced | asked | ((self.classes[rows] >= 0) & self.unasked)
        height, width = handed.previous.shape[2:]
        said = class_maps(marks, traced.shape[1], (height, width)).to(handed.previous)
        silent = (said.sum(1, keepdim=True) == 0).to(said)
        said = as_shares(said)
        kept = joined(handed.previous, said, carried.previous, self.settings.components)
        again = torch.nonzero(known)[:, 0]
        if self.completed is not None and len(again) and len(self.named) < traced.shape[1]:
            kept[again] = self.completed(*(t[again] for t in (z, marks, kept, carried.previous)))
        previous = said[:, 1:] + silent * kept
        handed = replace(handed, previous=previous * traced[..., None, None])
        distance, items = torch.where(traced, 0.0, FAR), torch.arange(len(rows), device=z.device)
        for direction in (UP, DOWN):
            self._store(output, handed, direction, rows, z, distance, items)
        for item, (row, slice_) in enumerate(zip(rows.tolist(), z.tolist(), strict=True)):
            self.kept[row][slice_] = output.centres[item]
        return Step(rows, z, output), handed

    def _learn(
        self, features: Features, rows: Tensor, z: Tensor, marks: Tensor, logits: Tensor
    ) -> Tensor:
        """What the marks of these and all other anchors teach about the look of the classes."""
        how = self.model.configuration.online_classifier
        found = gather_evidence(features, logits, marks, how)
        for row, slice_, evidence in zip(rows.tolist(), z.tolist(), found, strict=True):
            if evidence.marked:
                self.evidence[row][slice_] = evidence
        for row in {row for row in rows.tolist() if self.evidence[row]}:
            self.appearance[row] = fit_appearance(list(self.evidence[row].values()), how)
        return self.appearance[rows]

    def outward(
        self,
        rows: Tensor,
        z: Tensor,
        carried: Carried,
        first: int = 0,
        last: int | None = None,
        teach: Teach = lambda carried, rows, z: carried,
    ) -> Iterator[Step]:
        """Runs from the anchors ``z`` both ways, up to the neighbouring anchors, inside
        ``first``..``last``; yields every slice as it is done, nearest first. ``teach`` may change
        what a slice hands on (training)."""
        n, last = len(rows), self.slices - 1 if last is None else last
        carried = replace(self._remember(carried, rows, z), appearance=self.appearance[rows])
        stop = self._stops(rows, z, first, last).to(z.device)
        start = self.distance[UP, rows, z].repeat(2, 1)
        rows, z = rows.repeat(2), z.repeat(2)
        towards = torch.tensor([1, -1], device=z.device).repeat_interleave(n)
        carried = carried.rows(torch.arange(n, device=z.device).repeat(2))
        trail, alone = Trail.begin(carried.previous), carried.previous
        gone, absent = torch.zeros_like(z), torch.zeros_like(z)
        how = self.settings.propagation
        far = how.far_stride * self.pace if len(self.named) == self.classes.shape[1] else self.pace
        for steps in count():
            most = self.pace if steps < how.near_steps else far
            ended = absent >= self.patience if self.patience else torch.zeros_like(absent).bool()
            left = (stop - z).abs() - 1
            for item in torch.nonzero(ended & (left > 0))[:, 0].tolist():
                ahead = z[item] + towards[item]
                distance = start[item] + gone[item] + 1
                self._end(rows[item], ahead, stop[item], towards[item], distance)
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
            between = self._leave(trail, output, handed, rows, z, towards, start + gone[:, None])
            carried = teach(handed, rows, z)
            empty = (trail.shown > how.min_mask).flatten(1).any(1).logical_not()
            absent = torch.where(empty, absent + pace, 0)
            yield Step(rows, z, output, between)

    def _leave(
        self,
        trail: Trail,
        output: Output,
        handed: Carried,
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
            blended = replace(handed, previous=trail.blend(back))
            away = (distance - back).masked_fill(~mine, FAR)
            place = z - towards * back
            for direction, sign in ((UP, 1), (DOWN, -1)):
                items = here[towards[here] == sign]
                self._store(output, blended, direction, rows, place, away, items)
            between += place[here].tolist() if back else []
        return between

    def _reached(self, carried: Carried, mask: Tensor, start: Tensor, pace: int) -> Tensor:
        """``mask`` [N, K, h, w] where it may be: near the one ``pace`` slices before, if traced."""
        mask = mask * (start < FAR)[..., None, None]
        if self.reach is None:
            return mask
        faint = self.settings.propagation.min_mask
        return mask * widened(carried.previous > faint, self.reach * pace)

    def take_ended(self) -> list[int]:
        """Slices that runs did not reach because nothing was left, since the last call."""
        ended, self.ended = sorted(self.ended), set()
        return ended

    def forget_gradients(self) -> None:
        """Cut the graph of this round from the centres that the next one reads."""
        self.kept = [{z: c.detach() for z, c in kept.items()} for kept in self.kept]

    def cut(self, rows: Tensor, z: Tensor, first: int, last: int) -> list[bool]:
        """Whether runs from each anchor ``z`` would go beyond ``first``..``last``."""
        whole = self._stops(rows, z, 0, self.slices - 1)
        return (whole != self._stops(rows, z, first, last)).view(2, -1).any(0).tolist()

    def _stops(self, rows: Tensor, z: Tensor, first: int, last: int) -> Tensor:
        """The slice before which each run ends: all upward ones, then all downward ones."""
        up, down, share = [], [], self.settings.propagation.meeting
        for row, start in zip(rows.tolist(), z.tolist(), strict=True):
            # A run passes anchors that do not know all of its classes.
            wanted = self.distance[UP, row, start] < FAR
            stops = [a for a in self.kept[row] if (self.distance[UP, row, a] == 0)[wanted].all()]
            above = [_met(start, a, share) for a in stops if a > start]
            below = [_met(start, a, share) for a in stops if a < start]
            up.append(min([*above, max(last, start) + 1]))
            down.append(max([*below, min(first, start) - 1]))
        return torch.tensor(up + down)

    def _end(self, row: Tensor, z: Tensor, stop: Tensor, towards: Tensor, first: Tensor) -> None:
        """A run stopped because nothing is left: the slices it does not reach are empty.

        ``first`` [K] is the distance of slice ``z``.
        """
        ahead = torch.arange(int(z), int(stop), int(towards), device=z.device)
        direction = UP if towards > 0 else DOWN
        distance = (first + (ahead - z).abs()[:, None]).clamp(max=FAR)
        nearer = distance <= self.distance[direction, row, ahead]
        quality = self.quality[direction, row, z - towards].expand(len(ahead), -1)
        here = (direction, row, ahead)
        self.masks[here] = self.masks[here] * ~nearer[..., None, None]
        self.quality[here] = torch.where(nearer, quality, self.quality[here])
        self.distance[here] = distance.minimum(self.distance[here])
        self.ended.update(ahead.tolist())

    def _remember(self, carried: Carried, rows: Tensor, z: Tensor) -> Carried:
        """``carried`` with the centres of the nearest anchors of each item."""
        k, m, c = carried.centres.shape[1:]
        chosen = [
            [self.kept[row][a] for a in sorted(self.kept[row], key=lambda a: abs(a - slice_))]
            + self.lent
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

    def _store(
        self,
        output: Output,
        handed: Carried,
        direction: int,
        rows: Tensor,
        z: Tensor,
        distance: Tensor,
        items: Tensor,
    ) -> None:
        rows, z, distance = rows[items], z[items], distance[items].clamp(max=FAR)
        # Where this run passes an anchor that knows some of its classes, those stay that anchor's.
        here = (direction, rows, z)
        before, old, mask = self.distance[here], self.masks[here], handed.previous[items]
        nearer = distance <= before
        # A correction says less about slices far away: what was found there before counts as well.
        how = self.settings.fusion
        share = how.earlier_share * (before < FAR) * distance / (distance + how.earlier_slices)
        mask = mask.lerp(old.to(mask), share[..., None, None].to(mask)).to(self.masks.dtype)
        quality = output.quality[items].detach().sigmoid().float()
        self.masks[here] = torch.where(nearer[..., None, None], mask, old)
        self.quality[here] = torch.where(nearer, quality, self.quality[here])
        self.distance[here] = distance.minimum(before)
        self.centres[rows, z] = output.centres[items].detach()
        self.history[rows, z] = output.history[items].detach()
        self.seen[rows, z] = True
