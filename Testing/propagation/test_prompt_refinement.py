"""What the network for corrections says of slices, and where it is heard."""

from __future__ import annotations

import pytest
import torch
from S2VNetSlicerLib.network.kmeans_decoder import has_marks
from S2VNetSlicerLib.propagation.prompt_refinement import AuxiliaryNetwork


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


def test_what_is_corrected_is_what_the_user_sees(
    make_network, make_session, finish, marks, monkeypatch
):
    """Where planes said otherwise than the runs, strokes correct the planes."""
    told, correct = [], AuxiliaryNetwork.correct

    def correcting(self, z, drawn, before):
        told.append(before)
        return correct(self, z, drawn, before)

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
    completion = AuxiliaryNetwork(
        make_network(seed=9), [-1, -1], lambda z: torch.zeros(len(z), 32, 32)
    )
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
