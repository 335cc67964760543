"""Planes across the slices: where they lie, what they hear, and what they must leave alone."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.propagation.orthogonal_planes import (
    OverlayRefinedSlices,
    RefineAcrossPlanes,
    plane_prompts,
)
from S2VNetSlicerLib.propagation.prompt_refinement import AuxiliaryNetwork
from S2VNetSlicerLib.propagation.records import SliceStatus
from S2VNetSlicerLib.propagation.semantic_prior import SemanticPrior
from S2VNetSlicerLib.propagation.settings import OrthogonalSettings, SessionSettings
from S2VNetSlicerLib.propagation.slice_store import SliceStore
from S2VNetSlicerLib.propagation.stages import DueSlices
from torch import Tensor, nn
from torch.nn import functional as F


class Bright(nn.Module):
    """A network to which every class with marks is what is brighter than 128."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.marks: list[Tensor] = []

    def encode(self, slices: Tensor) -> Tensor:
        return F.avg_pool2d(slices[:, None], 2)

    def initial_state(self, structures: int, features: Tensor) -> Tensor:
        return torch.zeros(len(features), structures)

    def step(self, features: Tensor, recurrent: Tensor, marks: Tensor) -> SimpleNamespace:
        self.marks.append(marks)
        bright = ((features - 128) / 8).sigmoid().expand(-1, recurrent.shape[1], -1, -1)

        def probabilities(absent_below: Tensor) -> Tensor:
            there = (absent_below < 1).to(bright)[..., None, None]
            return bright * there / there.sum(1, keepdim=True).clamp(min=1)

        return SimpleNamespace(probabilities=probabilities)


def ball(depth: int, thickness: float, pixel: float, side: int = 64) -> np.ndarray:
    """[depth, side, side] 0..255: a ball of 16 mm in the middle."""
    z, y, x = np.indices((depth, side, side)).astype(np.float32)
    middle = ((depth - 1) / 2, (side - 1) / 2, (side - 1) / 2)
    scale = (thickness, pixel, pixel)
    away = sum(
        (scale_ * (n - m)) ** 2 for scale_, n, m in zip(scale, (z, y, x), middle, strict=True)
    )
    return 255 / (1 + np.exp(np.sqrt(away) - 16)).astype(np.float32)


class Reached(SliceStore):
    """What the stage needs of a store."""

    def __init__(self) -> None:
        self.reached, self.unrefined, self.stale, self.refined = set(), set(), {}, {}


class Crossing:
    """The stage, its store, and its network; ``lines`` are what is shown and marked."""

    def __init__(self, volume: np.ndarray, thickness: float, pixel: float, k: int = 1) -> None:
        work, self.store, self.model = torch.from_numpy(volume), Reached(), Bright()
        self.prior = SemanticPrior(k, None, thickness)
        completion = AuxiliaryNetwork(self.model, lambda z: work[z])
        grid = SimpleNamespace(scale=(1.0, 1.0), marks_to_grid=lambda marks: marks)
        about = SimpleNamespace(
            grid=grid,
            in_plane=(pixel, pixel),
            thickness=thickness,
            magnified=1.0,
            settings=SessionSettings(),
        )
        h, w = volume.shape[1] // 2, volume.shape[2] // 2
        unsure = torch.full((1, k, h, w), 0.5 / k)
        self.stage = RefineAcrossPlanes(
            completion, about, self.prior, lambda _, z: self.fused[list(z)], lambda *_: unsure
        )

    @property
    def masks(self) -> dict[int, Tensor]:
        return self.store.refined

    def changed(self, slices) -> None:
        self.store.changed(slices)

    def run(self, within: range, masks: Tensor, lines: dict[int, np.ndarray]):
        self.fused = masks
        state = SimpleNamespace(anchors=sorted(lines), prompts=lines.__getitem__)
        return self.stage.run(self.store, state, DueSlices((), within[0], within[-1]))


def crossing_of(volume: np.ndarray, thickness: float, pixel: float, k: int = 1) -> Crossing:
    return Crossing(volume, thickness, pixel, k)


def finish(crossing: Crossing, masks: Tensor, lines: dict[int, np.ndarray]) -> list[int]:
    """The slices that changed; they come after all signs of life."""
    found = [update.slices for update in crossing.run(range(len(masks)), masks, lines)]
    signs = [n for n, slices in enumerate(found) if not slices]
    assert signs == list(range(len(signs)))
    return [z for slices in found for z in slices]


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([0.6, 1.0, 1.7, 3.0, 5.0, 9.0]), st.sampled_from([0.7, 1.0, 1.5]))
def test_planes_lie_where_the_slices_are(thickness, pixel):
    """What planes see of a ball is that ball, however thick the slices are."""
    depth = 2 * int(24 / thickness) + 1
    volume = ball(depth, thickness, pixel)
    crossing = crossing_of(volume, thickness, pixel)
    crossing.changed(range(depth))
    middle = depth // 2
    truth = F.avg_pool2d(torch.from_numpy(volume)[:, None], 2) / 255
    unsure = truth * 0.2 + 0.4  # what runs made of it decides nothing
    anchor = (volume[middle] > 128).astype(np.uint8) + 1
    changed = finish(crossing, unsure, {middle: anchor})
    assert changed == sorted(crossing.masks)
    assert middle not in changed
    found = torch.stack([crossing.masks[z] for z in changed])
    seen, there = found > 0.5, truth[changed] > 0.5
    both = 2 * float((seen & there).sum()) / float(seen.sum() + there.sum())
    assert both > (0.93 if thickness <= 5 else 0.85)


def test_marks_of_planes_are_the_lines_of_anchors():
    volume = ball(17, 3.0, 1.0)
    crossing = crossing_of(volume, 3.0, 1.0)
    crossing.changed(range(17))
    anchor = (volume[8] > 128).astype(np.uint8) + 1
    anchor[:, :20] = 0
    masks = F.avg_pool2d(torch.from_numpy(volume)[:, None], 2) / 255
    finish(crossing, masks, {8: anchor})
    for marks in crossing.model.marks:
        rows = (marks > 0).any(2).sum(1)
        assert rows.tolist() == [3] * len(marks)  # one slice, three pixels thick
        assert set(marks.unique().tolist()) <= {0, 1, 2}
        assert (marks == 2).any()


def test_planes_count_more_far_from_anchors():
    """Runs say that all is there, planes what is bright."""
    volume = ball(33, 3.0, 1.0)
    crossing = crossing_of(volume, 3.0, 1.0)
    crossing.changed(range(33))
    masks = torch.full((33, 1, 32, 32), 0.9)
    finish(crossing, masks, {16: (volume[16] > 128).astype(np.uint8) + 1})
    near, far = (float(crossing.masks[z][0, 4, 16]) for z in (17, 30))
    assert far < near / 4


def test_a_run_that_lost_a_structure_hardly_counts():
    """Beside a run that shows some of it planes say less; of two, each counts for itself."""
    volume = ball(9, 1.0, 1.0)
    crossing = crossing_of(volume, 1.0, 1.0, 2)
    crossing.changed(range(9))
    masks = torch.full((9, 2, 32, 32), 0.002)
    masks[4, 0, 10:22, 10:22] = masks[2, 0, 2:4, 2:4] = masks[1, 1, 28:30, 28:30] = 0.9
    anchor = (volume[4] > 128).astype(np.uint8) + 1
    finish(crossing, masks, {4: anchor})
    lost, kept = (float(crossing.masks[z][0, 16, 16]) for z in (1, 2))
    assert lost > 0.9
    assert kept < lost - 0.1
    assert crossing.masks[1][1, 16, 16] < 0.1
    assert float(torch.stack(list(crossing.masks.values())).sum(1).max()) <= 1.001


def test_a_class_without_marks_in_a_plane_stays_as_runs_left_it():
    volume = ball(9, 3.0, 1.0)
    crossing = crossing_of(volume, 3.0, 1.0, 2)
    crossing.changed(range(9))
    masks = torch.full((9, 2, 32, 32), 0.2)
    masks[:, 1, 4:8, 4:28] = 0.7
    anchor = (volume[4] > 128).astype(np.uint8) + 1
    anchor[8:16] = 0
    changed = finish(crossing, masks, {4: anchor})
    for z in changed:
        found = crossing.masks[z].float()
        assert float((found[1] - masks[z, 1]).abs().mean()) < 0.05  # others share what is left
        assert (found[1] > found[0])[4:8, 4:28].all()
        assert float(found.sum(0).max()) <= 1.001


@pytest.mark.parametrize("bridge", [False, True])
def test_pieces_that_no_anchor_knows_are_leaks(bridge):
    volume = ball(17, 3.0, 1.0)
    volume[10:14, 2:12, 2:12] = 255  # far away, but as bright
    if bridge:
        volume[10:14, 6:10, 2:32] = 255
        volume[10:14, 6:32, 28:34] = 255
    crossing = crossing_of(volume, 3.0, 1.0)
    crossing.changed(range(17))
    masks = F.avg_pool2d(torch.from_numpy(volume)[:, None], 2) / 255
    anchor = (volume[8] > 128).astype(np.uint8) + 1
    assert set(finish(crossing, masks, {8: anchor})) >= set(range(3, 14)) - {8}
    assert bool((crossing.masks[11][0, 2:5, 2:5] > 0.5).all()) == bridge
    assert crossing.masks[11][0, 15, 15] > 0.5


def test_a_range_without_its_anchors_keeps_all_pieces():
    """What lies outside may connect them."""
    volume = ball(41, 3.0, 1.0)
    volume[36:40, 2:12, 2:12] = 255
    crossing = crossing_of(volume, 3.0, 1.0)
    crossing.changed(range(41))
    masks = F.avg_pool2d(torch.from_numpy(volume)[:, None], 2) / 255
    anchor = (volume[20] > 128).astype(np.uint8) + 1
    shown = np.ones_like(anchor)
    shown[50:60, 50:60] = 2  # of this piece it knows nothing
    list(crossing.run(range(35, 41), masks, {20: anchor, 36: shown}))
    assert (crossing.masks[38][0, 2:5, 2:5] > 0.5).all()


def test_nothing_changes_without_structures_or_before_the_end():
    volume = ball(9, 3.0, 1.0)
    masks = F.avg_pool2d(torch.from_numpy(volume)[:, None], 2) / 510
    anchor = (volume[4] > 128).astype(np.uint8) + 1
    crossing = crossing_of(volume, 3.0, 1.0)
    assert finish(crossing, masks, {4: anchor}) == []  # no run was there
    crossing.changed(range(9))
    assert finish(crossing, masks, {4: np.minimum(anchor, 1)}) == []  # only background
    crossing.changed(range(9))
    run = crossing.run(range(9), masks, {4: anchor})
    assert next(run).slices == ()
    run.close()
    assert not crossing.masks
    assert crossing.store.unrefined == set(range(9))
    assert finish(crossing, masks, {4: anchor}) != []
    assert crossing.store.unrefined == set()
    assert not torch.equal(shown(crossing, masks, 3), masks[3])
    assert torch.equal(shown(crossing, masks, 4), masks[4])
    crossing.changed([3])
    assert torch.equal(shown(crossing, masks, 3), masks[3])


def shown(crossing: Crossing, masks: Tensor, z: int) -> Tensor:
    crossing.store.read([z], masks[z : z + 1])
    list(OverlayRefinedSlices().run(crossing.store, None, DueSlices((z,), 0, len(masks))))
    return crossing.store.shown[z]


def test_a_line_holds_what_is_sure_and_the_marks():
    masks = torch.zeros(2, 2, 3)
    sure = OrthogonalSettings().sure
    masks[0, 0, 0], masks[1, 0, 1], masks[0, 0, 2] = sure + 0.1, sure + 0.1, sure - 0.1
    marks = np.zeros((4, 6), np.uint8)
    marks[3, 5] = 3
    seen = plane_prompts(masks, marks)
    assert seen[:2, :2].tolist() == [[2, 2], [2, 2]]
    assert seen[:2, 2:4].tolist() == [[3, 3], [3, 3]]
    assert not seen[:2, 4:].any()
    assert seen[2:].tolist() == [[1] * 6, [1] * 5 + [3]]
    assert not np.isin(plane_prompts(masks, marks, [2]), 3).any()


# ---- in a session --------------------------------------------------------------------------------


@pytest.fixture
def anchored(make_session, finish, marks):
    """Builds sessions with three anchors, one of them accepted, before they are crossed."""

    def make():
        session = make_session(max_empty_slices=None)
        session.mark(2, marks(0))
        session.mark(8, marks(1))
        finish(session)
        session.accept(5)
        finish(session)
        return session

    return make


@pytest.fixture
def crossed(anchored):
    """One of them."""
    return anchored()


def test_crossing_leaves_anchors_and_marks(crossed):
    before = crossed.labels.copy()
    written = [result.z for result in crossed.refine_across_planes() if result is not None]
    assert written == [z for z in range(12) if z not in (2, 5, 8)]
    assert np.array_equal(crossed.labels[[2, 5, 8]], before[[2, 5, 8]])
    assert (crossed.labels != before).any()
    assert crossed.state.slice_status[5] == SliceStatus.ACCEPTED
    assert list(crossed.refine_across_planes()) == [None]  # nothing is due


def test_a_locked_class_stays(crossed):
    before = crossed.labels == 2
    crossed.lock(2)
    list(crossed.refine_across_planes())
    assert np.array_equal(crossed.labels == 2, before)


def test_a_range_is_crossed_alone(crossed):
    before = crossed.labels.copy()
    written = [result.z for result in crossed.refine_across_planes(3, 6) if result is not None]
    assert written == [3, 4, 6]
    rest = [z for z in range(12) if z not in written]
    assert np.array_equal(crossed.labels[rest], before[rest])
    left = [result.z for result in crossed.refine_across_planes() if result is not None]
    assert left == [0, 1, 7, 9, 10, 11]


def test_an_interrupted_crossing_changes_nothing_and_can_be_done_again(crossed, anchored):
    before = crossed.labels.copy()
    run = crossed.refine_across_planes()
    assert next(run) is None
    run.close()
    assert np.array_equal(crossed.labels, before)
    list(crossed.refine_across_planes())
    other = anchored()
    list(other.refine_across_planes())
    assert np.array_equal(crossed.labels, other.labels)


def test_a_mark_ends_a_crossing(crossed, marks):
    before = crossed.labels.copy()
    run = crossed.refine_across_planes()
    assert next(run) is None
    crossed.mark(10, marks(4))
    assert list(run) == []
    assert np.array_equal(crossed.labels, before)
    assert list(crossed.refine_across_planes()) == []  # its run comes first


def test_a_mark_after_a_crossing_recomputes_only_its_gap(crossed, finish, marks):
    list(crossed.refine_across_planes())
    before, sure = crossed.labels.copy(), crossed.confidence
    crossed.mark(10, marks(4))
    gap = finish(crossed)
    assert min(gap) > 8
    outside = [z for z in range(12) if z not in gap]
    assert np.array_equal(crossed.labels[outside], before[outside])
    assert np.array_equal(crossed.confidence[outside], sure[outside])


def test_what_is_not_crossed(make_session, finish, marks):
    """Without marks, of a loaded result, where it is not wanted."""
    assert list(make_session().refine_across_planes()) == []
    loaded = make_session()
    loaded.load(np.ones_like(loaded.labels))
    loaded.mark(4, marks())
    finish(loaded)
    assert list(loaded.refine_across_planes()) == []
    unwanted = make_session(refine_across_planes=False)
    unwanted.mark(4, marks())
    finish(unwanted)
    assert list(unwanted.refine_across_planes()) == []
