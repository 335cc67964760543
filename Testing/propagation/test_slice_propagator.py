"""Runs through the slices, their fusion, and the device they run on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
import torch
from S2VNetSlicerLib.network.model import RecurrentState
from S2VNetSlicerLib.propagation.fusion import FAR
from S2VNetSlicerLib.propagation.settings import FusionSettings, PropagationSettings
from S2VNetSlicerLib.propagation.skipped_slices import SkippedSliceInterpolator
from S2VNetSlicerLib.propagation.slice_propagator import SlicePropagator, Step
from S2VNetSlicerLib.propagation.slice_store import DOWN, UP
from torch import Tensor

SLICES, SIZE = 7, (32, 32)


class Batch(SlicePropagator):
    """One with its store."""

    def __init__(self, *arguments, **options) -> None:
        super().__init__(*arguments, **options)
        self.store = self.init_store()

    def anchor(self, batch_index: Tensor, z: Tensor, marks: Tensor) -> tuple[Step, RecurrentState]:
        prompted = self.segment_prompted(self.store, batch_index, z, marks)
        return Step(batch_index, z, prompted.output), self.store.remember(prompted)

    def outward(self, *arguments, **options) -> Iterator[Step]:
        return self.propagate(self.store, *arguments, **options)


@pytest.fixture
def build(make_network):
    """A propagator for a batch of volumes, always the same, and marks for one slice of each."""

    def make(b: int = 1, k: int = 2, **options):
        changes = options.pop("changes", {})
        model = make_network(seed=8, **changes)
        rng = torch.Generator().manual_seed(7)
        images = torch.rand(b * SLICES, *SIZE, generator=rng) * 255
        with torch.no_grad():
            features = model.encode(images)
        propagator = Batch(
            model,
            k,
            SLICES,
            lambda batch_index, z: features.map(lambda t: t[batch_index * SLICES + z]),
            batch_size=b,
            **options,
        )
        marks = torch.randint(0, k + 2, (b, *SIZE), generator=rng, dtype=torch.uint8)
        return propagator, marks

    return make


def run(propagator: Batch, z: list[int], marks: Tensor, *limits: int) -> list[tuple[int, int]]:
    """One round for every volume; the (volume, slice) pairs reached."""
    batch_index, slices = torch.arange(len(z)), torch.tensor(z)
    with torch.no_grad():
        step, recurrent = propagator.anchor(batch_index, slices, marks)
        steps = [step, *propagator.outward(batch_index, slices, recurrent, *limits)]
    return [pair for s in steps for pair in zip(s.batch_index.tolist(), s.z.tolist(), strict=True)]


def test_every_slice_of_every_volume_is_reached_once_from_one_anchor(build):
    propagator, marks = build(b=3)
    reached = run(propagator, [0, 3, 6], marks)
    assert sorted(reached) == [(b, z) for b in range(3) for z in range(SLICES)]
    distance = propagator.store.distance
    assert distance[UP, 1, :, 0].tolist() == [FAR, FAR, FAR, 0, 1, 2, 3]
    assert distance[DOWN, 1, :, 0].tolist() == [3, 2, 1, 0, FAR, FAR, FAR]


def test_a_mask_grows_only_so_far_from_slice_to_slice(build):
    def masks_with(reach: int | None) -> list[Tensor]:
        propagator, marks = build(k=1, reach=reach, absent_below=0.0)
        marks[:] = 1
        marks[:, :4, :4] = 2
        run(propagator, [0], marks)
        return list(propagator.store.masks[UP, 0, :, 0])

    masks = masks_with(1)
    for before, after in pairwise(masks):
        there = (before > PropagationSettings().min_mask).float()[None]
        near = torch.nn.functional.max_pool2d(there, 3, 1, 1)[0] > 0
        assert not after[~near].any()
    assert any(not torch.equal(a, b) for a, b in zip(masks, masks_with(None), strict=True))


def test_a_class_follows_only_from_anchors_that_know_it(build):
    propagator, marks = build(k=2, absent_below=0.0)
    first, second = marks.clone(), marks.clone()
    first[marks == 3] = 1  # structure 2 is not marked here
    second[marks == 2] = 1  # and here only structure 2 is
    run(propagator, [1], first)
    assert propagator.store.distance[UP, 0, 4].tolist() == [3, FAR]
    assert not propagator.store.masks[:, 0, :, 1].any()
    run(propagator, [5], second)
    assert propagator.store.distance[DOWN, 0, 3].tolist() == [2, 2]
    assert propagator.store.distance[UP, 0, 3].tolist() == [2, FAR]
    batch_index, z = torch.tensor([0]), torch.tensor([3])
    assert torch.equal(
        propagator.store.fused(batch_index, z)[0, 1] > 0.5,
        propagator.store.masks[DOWN, 0, 3, 1] > 0.5,
    )


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("max_empty_slices", [None, 1])
def test_structures_marked_on_different_slices_reach_every_slice(build, together, max_empty_slices):
    propagator, marks = build(k=2, absent_below=0.0, max_empty_slices=max_empty_slices)
    first, second = marks.clone(), marks.clone()
    first[marks == 3] = 1
    second[marks == 2] = 1
    if together:
        batch_index, z = torch.zeros(2, dtype=torch.long), torch.tensor([1, 5])
        with torch.no_grad():
            _, recurrent = propagator.anchor(batch_index, z, torch.cat([first, second]))
            list(propagator.outward(batch_index, z, recurrent))
    else:
        run(propagator, [1], first)
        alone = propagator.store.masks[UP, 0, 1, 0].clone()
        run(propagator, [5], second)
        assert torch.equal(propagator.store.masks[UP, 0, 1, 0], alone)
    nearest = propagator.store.distance[:, 0].amin(0)
    assert nearest[:, 0].tolist()[:2] == [1, 0]
    assert (nearest < FAR).all()
    assert nearest[:, 1].tolist() == [5, 4, 3, 2, 1, 0, 1]


def test_volumes_of_a_batch_run_as_if_alone(build):
    together, marks = build(b=2)
    run(together, [1, 5], marks)
    for volume, z in ((0, 1), (1, 5)):
        alone, _ = build(b=2)
        with torch.no_grad():
            batch_index, slices = torch.tensor([volume]), torch.tensor([z])
            _, recurrent = alone.anchor(batch_index, slices, marks[volume : volume + 1])
            list(alone.outward(batch_index, slices, recurrent))
        one, both = alone.store, together.store
        assert torch.equal(one.distance[:, volume], both.distance[:, volume])
        assert torch.allclose(one.masks[:, volume], both.masks[:, volume], atol=1e-3)
        assert torch.allclose(one.quality[:, volume], both.quality[:, volume], atol=1e-3)
        assert both.masks[:, volume].any()
        assert not one.masks[:, 1 - volume].any()


def test_runs_stop_at_neighbouring_anchors_and_at_limits(build):
    propagator, marks = build()
    run(propagator, [1], marks)
    assert sorted(z for _, z in run(propagator, [5], marks)) == [2, 3, 4, 5, 6]
    assert sorted(z for _, z in run(propagator, [3], marks)) == [2, 3, 4]
    assert sorted(z for _, z in run(propagator, [6], marks, 0, 6)) == [6]
    other, _ = build()
    assert sorted(z for _, z in run(other, [3], marks, 2, 4)) == [2, 3, 4]


def test_slices_between_anchors_keep_both_runs(build):
    propagator, marks = build()
    run(propagator, [1], marks)
    run(propagator, [5], marks)
    assert propagator.store.distance[:, 0, 2, 0].tolist() == [1, 3]
    assert propagator.store.distance[:, 0, 4, 0].tolist() == [3, 1]
    batch_index, z = torch.tensor([0]), torch.tensor([2])
    fused = propagator.store.fused(batch_index, z)[0]
    low, high = propagator.store.masks[:, 0, 2].amin(0), propagator.store.masks[:, 0, 2].amax(0)
    assert (low < high).any()
    assert ((fused >= low - 1e-5) & (fused <= high + 1e-5)).all()


def test_the_nearest_anchors_are_remembered(build, monkeypatch):
    propagator, marks = build()
    step, seen = propagator.model.step, []
    monkeypatch.setattr(
        propagator.model,
        "step",
        lambda features, recurrent, *rest: (
            seen.append(recurrent) or step(features, recurrent, *rest)
        ),
    )
    centroids = propagator.model.configuration.centres_per_class
    for number, z in enumerate((0, 6, 1, 5, 2)):
        run(propagator, [z], marks)
        most = PropagationSettings().max_remembered
        assert int(seen[-1].prompt_memory_mask[0, 0].sum()) == centroids * min(number + 1, most)
    expected = torch.cat([propagator.store.prompt_centroids[0][z] for z in (2, 1, 0, 5)], 1)
    assert torch.equal(seen[-1].prompt_memory[0], expected)


def test_volumes_with_fewer_anchors_have_fewer_valid_tokens(build):
    propagator, marks = build(b=2)
    batch_index, z = torch.tensor([0]), torch.tensor([2])
    with torch.no_grad():
        propagator.anchor(batch_index, z, marks[:1])
        _, recurrent = propagator.anchor(torch.tensor([0, 1]), torch.tensor([4, 4]), marks)
    centroids = propagator.model.configuration.centres_per_class
    assert recurrent.prompt_memory_mask.sum(-1)[:, 0].tolist() == [centroids, 0]
    assert not recurrent.prompt_memory[1].any()


@pytest.mark.parametrize("presence", [True, False])
def test_absent_classes_have_no_mask_only_with_the_presence_switch(build, presence):
    propagator, marks = build(changes={"presence": presence})
    with torch.no_grad():
        propagator.model.quality_head[2].bias[0] = -50
    run(propagator, [3], marks)
    assert bool(propagator.store.masks[:, 0, [2, 4]].any()) is not presence
    # What the user marked is there all the same.
    assert propagator.store.masks[:, 0, 3].any()


@pytest.mark.parametrize("spreads", [True, False])
def test_of_a_result_passes_change_what_hangs_together_with_what_marks_changed(build, spreads):
    """A network that is sure of nothing loses the rest of a structure only cell by cell."""
    propagator, marks = build(k=1, reach=1, max_empty_slices=1)
    with torch.no_grad():
        propagator.model.quality_head[2].bias[0] = -50
    cells = torch.zeros(SLICES, 1, 16, 16)
    cells[:, :, 2:14, 2:14] = 1
    store, before = propagator.store, cells.clone()
    store.begin_with(lambda z: cells[z], torch.tensor([FAR / 2]), torch.ones(SLICES, 1))
    batch_index, z = torch.tensor([0]), torch.tensor([3])
    _, recurrent = propagator.anchor(batch_index, z, marks)
    changed = torch.zeros(1, 1, 16, 16, dtype=torch.bool)
    changed[..., 4, 4] = spreads
    with torch.no_grad():
        reached = [
            s.z.tolist() for s in propagator.outward(batch_index, z, recurrent, changed=changed)
        ]
    assert reached == ([[4, 2], [5, 1], [6, 0]] if spreads else [])
    for away in (1, 2, 3):
        expected = before[0].clone()
        if spreads:
            expected[:, 4 - away : 5 + away, 4 - away : 5 + away] = 0
        for slice_ in (3 - away, 3 + away):
            assert torch.equal(
                store.fused(batch_index, torch.tensor([slice_]))[0] > 0.5, expected > 0.5
            )


def test_a_run_without_patience_never_ends(build):
    for max_empty_slices, expected in ((None, SLICES), (2, 5)):
        propagator, marks = build(max_empty_slices=max_empty_slices)
        with torch.no_grad():
            propagator.model.quality_head[2].bias[0] = -50
        reached = run(propagator, [3], marks)
        assert len(reached) == expected
        assert propagator.store.take_ended() == ([] if max_empty_slices is None else [0, 6])
        assert propagator.store.take_ended() == []


def test_what_is_handed_on_may_be_taught(build):
    propagator, marks = build()
    taught = []

    def teach(recurrent, batch_index, z):
        taught.extend(z.tolist())
        recurrent.previous.fill_(0.25)
        return recurrent

    batch_index, z = torch.tensor([0]), torch.tensor([3])
    with torch.no_grad():
        _, recurrent = propagator.anchor(batch_index, z, marks)
        plain = {s.z[0].item(): s.output for s in propagator.outward(batch_index, z, recurrent)}
        other = {
            s.z[0].item(): s.output
            for s in propagator.outward(batch_index, z, recurrent, teach=teach)
        }
    assert sorted(taught) == [0, 1, 2, 4, 5, 6]
    assert torch.equal(plain[4].logits, other[4].logits)
    assert not torch.equal(plain[5].logits, other[5].logits)


def test_gradients_reach_earlier_slices_until_they_are_forgotten(build):
    propagator, marks = build()
    batch_index, z = torch.tensor([0]), torch.tensor([3])
    generic_queries = propagator.model.generic_queries
    _, recurrent = propagator.anchor(batch_index, z, marks)
    last = list(propagator.outward(batch_index, z, recurrent))[-1]
    (gradient,) = torch.autograd.grad(last.output.logits.sum(), generic_queries, retain_graph=True)
    assert gradient.any()
    assert propagator.store.prompt_centroids[0][3].requires_grad
    propagator.store.forget_gradients()
    assert not propagator.store.prompt_centroids[0][3].requires_grad
    assert not propagator.store.masks.requires_grad


# ---- what marks teach, and the stride of runs ----------------------------------------------------


def test_a_volume_is_taught_by_its_own_marks_only(build):
    propagator, marks = build(b=2)
    marks[:] = 0
    marks[0, 4:12, 4:12], marks[0, 20:28, 20:28] = 1, 2
    run(propagator, [3, 3], marks)
    assert propagator.store.classifier[0].any()
    assert not propagator.store.classifier[1].any()
    assert propagator.store.samples[0].keys() == {3}
    taught = propagator.store.classifier[0].clone()
    marks[0] = marks[0].flip(0)
    run(propagator, [5, 5], marks)
    assert propagator.store.samples[0].keys() == {3, 5}
    assert not torch.equal(taught, propagator.store.classifier[0])


def test_what_marks_taught_changes_the_slices_that_follow(build):
    masks = []
    for on in (True, False):
        propagator, marks = build(changes={"appearance": on})
        marks[:] = 0
        marks[0, 4:12, 4:12], marks[0, 20:28, 20:28] = 1, 2
        run(propagator, [3], marks)
        assert propagator.store.classifier.any() == on
        masks.append(propagator.store.masks[:, 0, 5].float())
    assert (masks[0] - masks[1]).abs().max() > 1e-3


@pytest.mark.parametrize("slice_stride", [2, 3])
def test_slices_that_are_passed_over_are_blended_from_their_neighbours(build, slice_stride):
    propagator, marks = build(slice_stride=slice_stride)
    assert sorted(z for _, z in run(propagator, [0], marks)) == [
        0,
        *range(slice_stride, SLICES, slice_stride),
    ]
    masks, distance = propagator.store.masks[UP, 0], propagator.store.distance[UP, 0]
    for z in range(1, slice_stride):
        expected = masks[0].lerp(masks[slice_stride], z / slice_stride)
        assert torch.allclose(masks[z], expected, atol=1e-5)
        assert (distance[z] == z).all()
    assert (propagator.store.distance[UP, 0] < FAR).all()


@pytest.mark.parametrize(("slice_stride", "reached"), [(1, [0, 1, 2, 3, 4]), (3, [0, 3, 4])])
def test_a_run_stops_beside_the_next_anchor_whose_own_run_counts_there(
    build, slice_stride, reached
):
    propagator, marks = build(slice_stride=slice_stride)
    run(propagator, [6], marks)
    assert [z for _, z in run(propagator, [0], marks)] == reached
    assert (propagator.store.distance[UP, 0, :5] < FAR).all()
    assert (propagator.store.distance[DOWN, 0, 1:7] < FAR).all()


def test_far_from_its_anchor_a_run_leaves_most_of_what_was_there(build):
    found = {}
    for before in (None, 0.0, 1.0):
        propagator, marks = build(k=1, absent_below=0.0)
        here = torch.tensor([0])
        with torch.no_grad():
            _, recurrent = propagator.anchor(here, here, marks)
            if before is not None:
                propagator.store.masks[UP, 0, 1:], propagator.store.distance[UP, 0, 1:] = (
                    before,
                    9.0,
                )
            list(propagator.outward(here, here, recurrent))
        found[before] = propagator.store.masks[UP, 0, :, 0]
    away = torch.arange(SLICES)[:, None, None]
    how = FusionSettings()
    left = how.earlier_share * away / (away + how.earlier_slices)
    for before in (0.0, 1.0):
        expected = found[None] * (1 - left) + before * left
        assert torch.allclose(found[before], expected, atol=1e-5)


def test_slices_passed_over_are_blended_and_a_class_in_doubt_is_not_shown():
    full, slice_stride = torch.ones(1, 2, 2, 2), torch.tensor([2])
    doubt = torch.tensor([[False, True]])
    skipped = SkippedSliceInterpolator.begin(full).step(0.4 * full, doubt, slice_stride)
    assert skipped.span.tolist() == [2]
    for back, shown in ((0, (0.4, 0.0)), (1, (0.7, 0.5))):
        expected = torch.tensor(shown)[None, :, None, None].expand_as(full)
        assert torch.allclose(skipped.blend(back), expected)
