"""Of a result that is corrected only structures with marks are segmented."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from S2VNetSlicerLib.propagation.prompt_refinement import AuxiliaryNetwork
from S2VNetSlicerLib.propagation.settings import InitialSettings
from S2VNetSlicerLib.propagation.slice_propagator import SlicePropagator

SHAPE = (12, 48, 64)
ROWS = {1: slice(2, 11), 2: slice(13, 22), 3: slice(24, 33), 4: slice(35, 44)}


def result(*structures: int) -> np.ndarray:
    """Blocks one above the other; those ``structures`` (1..4) as 1, 2, ..."""
    labels = np.zeros(SHAPE, np.uint8)
    for k, number in enumerate(structures, 1):
        labels[:, ROWS[number], 13:40] = k
    return labels


def stroke(value: int, row: int, column: int = 45) -> np.ndarray:
    marks = np.zeros(SHAPE[1:], np.uint8)
    marks[row : row + 4, column : column + 10] = value
    return marks


@pytest.fixture
def corrected(make_session):
    """A session that corrects blocks, and what says which structures it segments."""

    def make(*structures: int):
        session = make_session(len(structures), trust=4)
        session.load(result(*structures))
        return session

    return make


def test_others_than_the_marked_one_make_no_difference(corrected, finish):
    """The same voxels as where it is the only structure."""
    many, one = corrected(1, 2, 3, 4), corrected(3)
    for z, row in ((5, 26), (9, 28)):
        many.mark(z, stroke(4, row))
        one.mark(z, stroke(2, row))
        assert finish(many) == finish(one)
        assert many.runner.numbers == [3]
        assert np.array_equal(many.labels == 3, one.labels == 1)
        assert np.array_equal(many.confidence[:, 2], one.confidence[:, 0], equal_nan=True)
    for k in (1, 2, 4):  # they at most lost voxels
        assert ((many.labels == k) <= (result(1, 2, 3, 4) == k)).all()


@pytest.mark.parametrize("restored", [False, True])
def test_a_structure_that_is_marked_later_joins(corrected, finish, restored):
    session, once = corrected(1, 2, 3, 4), corrected(1, 2, 3, 4)
    session.mark(5, stroke(4, 26))
    finish(session)
    if restored:
        state = session.snapshot()
        session = corrected(1, 2, 3, 4)
        session.restore(state)
    session.mark(5, stroke(2, 4))
    finish(session)
    assert session.runner.numbers == [1, 3]
    once.mark(5, stroke(4, 26))
    once.mark(5, stroke(2, 4))
    finish(once)
    for k in (1, 3):
        assert np.array_equal(session.labels == k, once.labels == k)


def test_background_on_a_structure_concerns_it(corrected, finish):
    session = corrected(1, 2, 3, 4)
    session.mark(5, stroke(1, 14, 20))
    finish(session)
    assert session.runner.numbers == [2]
    assert not session.labels[5, 14:18, 20:30].any()


def test_where_nothing_is_marked_nothing_is_computed(corrected, finish):
    """To accept a slice as it is changes no other."""
    session = corrected(1, 2, 3, 4)
    session.accept(5)
    assert finish(session) == []
    assert session.runner.pipeline is None
    assert not session.state.pending
    assert np.array_equal(session.labels, result(1, 2, 3, 4))
    session.mark(8, stroke(4, 26))
    finish(session)
    assert np.array_equal(session.labels[5], result(1, 2, 3, 4)[5])
    assert (session.labels[8, 26:30, 45:55] == 3).all()


def test_a_class_that_is_new_has_only_its_marks(corrected, finish):
    session = corrected(1, 2)
    state = session.snapshot()
    state.structures = [*state.structures, type(state.structures[0])("new", "new")]
    session.restore(state)
    session.mark(5, stroke(4, 26))
    finish(session)
    assert session.runner.numbers == [3]
    assert (session.labels[5, 26:30, 45:55] == 3).all()
    assert session.confidence.shape == (SHAPE[0], 3)


@pytest.mark.parametrize("trimmed", [True, False])
def test_what_is_left_of_a_trimmed_structure_prompts_passes(
    make_session, make_network, finish, monkeypatch, trimmed
):
    """As if the user had marked it; a structure with own marks, or with nothing left, has these
    alone."""
    shown = []
    segment = SlicePropagator.segment_prompted

    def segmenting(self, store, batch_index, z, marks, before=None):
        shown.append(marks[0].numpy().copy())
        return segment(self, store, batch_index, z, marks, before)

    def correct(self, z, marks, masks, before):
        left = torch.zeros_like(before)
        left[:, 0, :, :16] = before[:, 0, :, :16]
        return left

    monkeypatch.setattr(SlicePropagator, "segment_prompted", segmenting)
    monkeypatch.setattr(AuxiliaryNetwork, "correct", correct)
    network = make_network(seed=9)
    network.corrections = make_network(seed=4)
    how = InitialSettings(prompt_trimmed=trimmed)
    session = make_session(3, network=network, trust=4, initial=how)
    session.load(result(1, 2, 3))
    session.mark(5, stroke(1, 4, 30) + stroke(1, 15, 20) + stroke(4, 26, 20))
    finish(session)
    told, again = shown[0], shown[1:]
    assert (told[4:8, 30:40] == 1).all()
    assert len(again) == trimmed
    if trimmed:
        left = np.zeros_like(told, bool)
        left[2:11, 13:32] = True
        assert (again[0][left & (told == 0)] == 2).mean() > 0.8
        assert np.array_equal(again[0][told > 0], told[told > 0])
        assert not (again[0] == 3).any(), "nothing of it is left"
        assert np.array_equal(again[0] == 4, told == 4), "it has marks"
    assert (session.labels[5, 4:8, 30:40] == 0).all()


@pytest.mark.parametrize("cut", [(5, 5), (4, 6), (5, 8)])
def test_changes_go_on_where_a_range_had_cut_them(corrected, finish, cut):
    part, whole = corrected(1), corrected(1)
    for session in (part, whole):
        session.mark(5, stroke(2, 12, 30) + stroke(1, 3, 14))
    for _ in part.propagate(*cut):
        pass
    finish(part)
    finish(whole)
    for z in (2, 3, 7, 8):
        assert (whole.labels[z] != result(1)[z]).any()
        assert (part.labels[z] != result(1)[z]).any()
