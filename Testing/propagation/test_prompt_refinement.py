"""What the network for corrections says of slices, and how it agrees with that of the runs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.network.kmeans_decoder import has_marks
from S2VNetSlicerLib.propagation.prompt_refinement import (
    AuxiliaryNetwork,
    cores,
    geometric_mean,
    grow_cautiously,
    is_trimmed,
)
from S2VNetSlicerLib.propagation.settings import RefinementSettings
from scipy import ndimage


def masks_of(seed: int, structures: int = 2) -> torch.Tensor:
    """Some [2, K, 6, 8], no cell of which is more than whole."""
    shares = torch.from_numpy(np.random.default_rng(seed).dirichlet([0.4] * (structures + 1), 96))
    return shares[:, 1:].T.reshape(structures, 2, 6, 8).transpose(0, 1).float()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 1))
def test_networks_agree_somewhere_between_them(seed, says):
    one, other = masks_of(seed), masks_of(seed + 1)
    both = geometric_mean(one, other, says)
    assert torch.allclose(geometric_mean(other, one, 1 - says), both, atol=1e-5)
    assert both.min() >= 0
    assert both.sum(1).max() <= 1 + 1e-5
    assert torch.allclose(geometric_mean(one, one, says), one, atol=5e-3)
    assert torch.allclose(geometric_mean(one, other, 0.0), one, atol=5e-3)
    sure = torch.zeros_like(one)
    sure[:, 0] = 1
    assert (geometric_mean(one, sure, 0.5)[:, 0] >= one[:, 0] - 5e-3).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 7), st.integers(0, 15))
def test_what_joins_far_from_its_marks_must_be_surer(seed, row, column):
    before, after = (masks_of(seed + n).repeat(1, 1, 2, 2) for n in (0, 1))
    marks = torch.zeros(2, 24, 32, dtype=torch.uint8)
    marks[:, 2 * row, 2 * column] = 2
    found = grow_cautiously(after, marks, before)
    shrinks = after <= before
    assert torch.equal(found[shrinks], after[shrinks])
    assert (found >= torch.minimum(before, after) - 1e-5).all()
    assert (found <= after + 1e-5).all()
    near = (slice(None), 0, slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2))
    assert torch.allclose(found[near], after[near], atol=1e-3)
    doubtful = (after < 0.75) & (before < 0.2) & (after > before + 0.1)
    assert (found[:, 1][doubtful[:, 1]] < 0.5).all()  # no mark of this one at all
    sure = torch.ones_like(after[:, :1])
    assert (grow_cautiously(sure, marks, 0 * sure) > 0.9).all()
    assert grow_cautiously(after.half(), marks, before.half()).dtype == torch.half


def test_structures_with_marks():
    marks = torch.zeros(2, 4, 4, dtype=torch.uint8)
    marks[0, 1, 1], marks[0, 2, 2], marks[1, 3, 3] = 1, 3, 2
    assert has_marks(marks, 2).tolist() == [[False, True], [True, False]]


@pytest.mark.parametrize("there", [0.0, 1.0])
def test_the_network_for_corrections_is_heard_where_slices_are_corrected(
    make_network, make_session, finish, marks, monkeypatch, there
):
    asked: list[list[int]] = []
    correct, complete = AuxiliaryNetwork.correct, AuxiliaryNetwork.complete

    def asking(self, z, *rest):
        asked.append(z.tolist())
        return correct(self, z, *rest)

    def completing(self, seen, marks, before, told=False):
        return torch.full_like(before, there) if told else complete(self, seen, marks, before)

    monkeypatch.setattr(AuxiliaryNetwork, "correct", asking)
    monkeypatch.setattr(AuxiliaryNetwork, "complete", completing)
    network = make_network(seed=9)
    alone = make_session(1, network=network)
    network.corrections = make_network(seed=4)
    session = make_session(1, network=network)
    for each in (alone, session):
        each.mark(5, marks(0, 1))
        finish(each)
    assert not asked  # nothing is known of a slice that is marked first
    assert (session.labels == alone.labels).all()
    for each in (alone, session):
        each.mark(8, marks(1, 1))
        finish(each)
    assert asked == [[8]]
    more = (session.labels[8] > 0).sum() - (alone.labels[8] > 0).sum()
    assert more > 100 if there else more < -100
    drawn = marks(1, 1) > 0
    assert (session.labels[8][drawn] == marks(1, 1)[drawn] - 1).all()
    assert (session.labels[9] != alone.labels[9]).any()  # runs begin with what they agreed on
    session.mark(6, marks(2, 1))
    session.mark(5, marks(3, 1))
    finish(session)
    assert asked == [[8], [5, 6]]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 3))
def test_cores_are_the_deepest_cells(seed, grown):
    noise = np.random.default_rng(seed).random((2, 3, 9, 12)) < 0.2
    masks = np.stack([[ndimage.binary_dilation(m, iterations=grown + 1) for m in n] for n in noise])
    masks[1, 2] = False
    for mask, core in zip(
        masks.reshape(-1, 9, 12), cores(torch.from_numpy(masks)).reshape(-1, 9, 12), strict=True
    ):
        depth = ndimage.distance_transform_cdt(np.pad(mask, 1), "chessboard")[1:-1, 1:-1]
        assert np.array_equal(
            core.numpy(), mask & (depth >= RefinementSettings().core * depth.max())
        )


def corrected(rows: slice, columns: slice, value: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Marks [1, 32, 32] and masks [1, 2, 16, 16] before: the first structure is a large square."""
    marks, before = torch.zeros(1, 32, 32, dtype=torch.uint8), torch.zeros(1, 2, 16, 16)
    marks[0, rows, columns], before[:, 0, 3:14, 3:14] = value, 1
    return marks, before


TRIMMED, ERASED = (slice(6, 28), slice(6, 8), 1), (slice(8, 26), slice(15, 19), 1)


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [(TRIMMED, True), (ERASED, False), ((*TRIMMED[:2], 2), False), ((*ERASED[:2], 3), False)],
)
def test_marks_in_the_middle_erase_and_others_trim(drawn, expected):
    marks, before = corrected(*drawn)
    assert is_trimmed(marks, before).tolist() == [[expected, False]]
    assert not is_trimmed(marks, torch.zeros_like(before)).any()


@pytest.mark.parametrize(("drawn", "stays"), [(TRIMMED, True), (ERASED, False)])
def test_what_was_trimmed_is_not_erased(make_network, monkeypatch, drawn, stays):
    monkeypatch.setattr(AuxiliaryNetwork, "complete", lambda *_, **__: torch.zeros(1, 2, 16, 16))
    completion = AuxiliaryNetwork(make_network(seed=9), lambda z: torch.zeros(len(z), 32, 32))
    marks, before = corrected(*drawn)
    found = completion.correct(torch.tensor([0]), marks, 0.6 * before, before)
    assert (found[0, 0, 8, 8] > 0.5) == stays
    assert found[0, 0, 0, 0] < 0.1
    assert found[0, 1].max() < 0.1


def test_what_is_corrected_is_what_the_user_sees(
    make_network, make_session, finish, marks, monkeypatch
):
    """Where planes said otherwise than the runs, strokes correct the planes."""
    told, correct = [], AuxiliaryNetwork.correct

    def correcting(self, z, drawn, masks, before):
        told.append(before)
        return correct(self, z, drawn, masks, before)

    monkeypatch.setattr(AuxiliaryNetwork, "correct", correcting)
    network = make_network(seed=9)
    network.corrections = make_network(seed=4)
    session = make_session(1, network=network)
    session.mark(5, marks(0, 1))
    finish(session)
    shown = torch.zeros_like(session.runner.pipeline.fused(session.state, [8])[0])
    shown[:, 3:9, 4:20] = 0.9
    session.runner.pipeline.store.refined[8] = shown
    session.mark(8, marks(1, 1))
    finish(session)
    (before,) = told
    assert not torch.allclose(session.runner.pipeline.fused(session.state, [8])[0], shown, atol=0.1)
    assert torch.allclose(before[0].float(), shown.float(), atol=0.2)


@pytest.mark.parametrize("told", [False, True])
def test_a_network_is_told_what_was_there_only_where_it_is_to_correct_it(make_network, told):
    completion = AuxiliaryNetwork(make_network(seed=9), lambda z: torch.zeros(len(z), 32, 32))
    seen = torch.rand(2, 32, 32, generator=torch.Generator().manual_seed(0)) * 255
    marks = torch.zeros(2, 32, 32, dtype=torch.uint8)
    marks[:, 4:9, 4:9], marks[:, 20:24, 20:24] = 2, 1
    # All cells of one structure or another: no piece of a result is dropped for it.
    one, other = torch.zeros(2, 2, 16, 16), torch.zeros(2, 2, 16, 16)
    one[:, 0], other[:, 1] = 1, 1
    with torch.inference_mode():
        found, again = (completion.complete(seen, marks, b, told) for b in (one, other))
    assert found.shape == one.shape
    assert torch.equal(found, again) == (not told)
    assert told or not found[:, 1].any()  # nobody asks for a structure without marks


def test_without_a_network_for_corrections_none_is_asked(make_session, finish, marks, monkeypatch):
    monkeypatch.setattr(AuxiliaryNetwork, "correct", lambda *_: pytest.fail("asked"))
    session = make_session(1)
    for z in (5, 8):
        session.mark(z, marks(z, 1))
        assert finish(session)


def test_planes_have_a_network_of_their_own(make_network, make_session, finish, marks):
    network = make_network(seed=9)
    for own in (False, True):
        network.planes = make_network(seed=4) if own else None
        session = make_session(1, network=network)
        session.mark(5, marks(0, 1))
        finish(session)
        asked = session.runner.pipeline.planes[0].network.model
        assert asked is (session.volume.model.planes if own else session.volume.model)
