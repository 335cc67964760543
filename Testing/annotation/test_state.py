"""What a method may change: marks, acceptance, locks and the result that is corrected."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.annotation.slice_status import SliceStatus
from S2VNetSlicerLib.annotation.state import (
    MODEL,
    RESULT,
    AnnotationState,
    InitialSegmentation,
    Structure,
)

SHAPE = (4, 6, 7)
NET, TOTAL = (MODEL, "net"), (RESULT, "Total")


@pytest.fixture
def corrected() -> AnnotationState:
    """A result with the classes 1, 2 and 3 (and a fourth without a voxel) to be corrected."""
    return result(0)


def result(seed: int) -> AnnotationState:
    state = AnnotationState(SHAPE, 0, [Structure(name, name) for name in "abcd"])
    labels = np.random.default_rng(seed).integers(0, 4, SHAPE).astype(np.uint8)
    state.labels[...] = labels
    state.begin_with(InitialSegmentation(labels, "Total"), TOTAL)
    return state


def written(state: AnnotationState, seed: int = 1, by: tuple[str, str] = NET) -> None:
    random = np.random.default_rng(seed)
    for z in range(state.slices):
        labels = random.integers(0, len(state.structures) + 1, state.slice(z).shape)
        state.write(z, labels.astype(np.uint8), np.ones(4), by)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 99), st.sets(st.integers(1, 4)), st.integers(0, 99))
def test_only_marked_classes_of_a_result_change(seed, marked, other):
    state = result(seed)
    before = state.labels.copy()
    for n, k in enumerate(sorted(marked)):
        where = np.zeros(SHAPE[1:], bool)
        where[n, n] = True
        state.mark(2, where, k + 1)
    drawn = state.marks_volume()
    written(state, other)
    for k in (1, 2, 3):
        if k in marked:
            continue
        now, was = state.labels == k, before == k
        assert not (now & ~was).any(), "an unmarked class grew"
        takers = np.isin(state.labels, sorted(marked | {4})) | (drawn > 0)
        assert takers[was & ~now].all(), "it lost voxels to no marked class"


def test_a_class_has_again_what_a_marked_one_took_and_left(corrected):
    before = corrected.labels.copy()
    corrected.mark(2, before[2] == 1, 2)
    for k in (1, 0):
        for z in range(corrected.slices):
            corrected.write(z, np.full(SHAPE[1:], k, np.uint8), np.ones(4), NET)
        assert set(np.unique(corrected.labels)) == ({1} if k else {0, 2, 3}) | {1}
    others = before > 1
    assert np.array_equal(corrected.labels[others], before[others])


def test_a_locked_class_has_nothing_back(corrected):
    corrected.mark(2, corrected.labels[2] == 1, 2)
    for z in range(corrected.slices):
        corrected.write(z, np.ones(SHAPE[1:], np.uint8), np.ones(4), NET)
    corrected.locked = {"b"}
    for z in range(corrected.slices):
        corrected.write(z, np.zeros(SHAPE[1:], np.uint8), np.ones(4), NET)
    assert not (corrected.labels == 2).any()
    assert (corrected.labels == 3).any()


def test_background_marks_let_the_class_below_them_change(corrected):
    where = np.zeros(SHAPE[1:], bool)
    z, row, column = np.argwhere(corrected.labels == 2)[0]
    where[row, column] = True
    corrected.mark(int(z), where, 1)
    assert corrected.marked == {2}


def test_a_class_that_the_result_lacks_may_grow(corrected):
    written(corrected)
    assert (corrected.labels == 4).any()


def test_without_a_result_everything_may_change():
    state = AnnotationState(SHAPE, 0, [Structure(name, name) for name in "abcd"])
    written(state)
    assert len(np.unique(state.labels)) == 5


def test_locks_hold_what_marks_do_not_free(corrected):
    corrected.mark(0, np.eye(6, 7, dtype=bool), 3)
    corrected.locked.add("a")
    before = corrected.labels == 1
    drawn = corrected.marks_volume() > 0
    written(corrected)
    assert np.array_equal((corrected.labels == 1)[~drawn], before[~drawn])


def test_each_slice_tells_who_had_a_part_in_it(corrected):
    where = np.ones(SHAPE[1:], bool)
    where[1:] = False
    corrected.mark(0, where, 2)
    written(corrected)
    assert set(corrected.provenance) == {(TOTAL, NET)}
    plain = AnnotationState(SHAPE, 0, [Structure("a", "a")])
    plain.write(1, np.ones(SHAPE[1:], np.uint8), np.ones(1), NET)
    assert plain.provenance == [(), (NET,), (), ()]
    plain.write(1, np.zeros(SHAPE[1:], np.uint8), np.ones(1), (MODEL, "newer net"))
    assert plain.provenance[1] == ((MODEL, "newer net"),)


def test_marks_on_an_accepted_slice_are_obeyed_at_once(corrected):
    corrected.accept(1)
    where = np.zeros(SHAPE[1:], bool)
    where[3] = True
    corrected.mark(1, where, 4)
    assert corrected.slice_status[1] == SliceStatus.ACCEPTED
    assert (corrected.slice(1)[3] == 3).all()
    assert np.array_equal(corrected.prompts(1), corrected.slice(1) + 1)


def test_accepting_other_labels_marks_what_is_new(corrected):
    labels = corrected.slice(1).copy()
    where = labels == 1
    labels[where] = 2
    corrected.accept(1, labels)
    assert np.array_equal(corrected.slice(1), labels)
    assert np.array_equal(corrected.marks[1] == 3, where)


def test_a_copy_shares_nothing(corrected):
    corrected.mark(0, np.ones(SHAPE[1:], bool), 2)
    copy = corrected.copy()
    copy.mark(0, np.ones(SHAPE[1:], bool), 3)
    copy.accept(1)
    copy.locked.add("a")
    assert (corrected.marks[0] == 2).all()
    assert corrected.slice_status[1] == SliceStatus.MODEL
    assert not corrected.locked
