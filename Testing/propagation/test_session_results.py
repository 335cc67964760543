"""Whole results in a session: loaded, found without marks, taken back, limited to a range."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.annotation.state import Structure
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.propagation.initial_segmentation import InitialMasks
from S2VNetSlicerLib.propagation.records import SliceStatus
from S2VNetSlicerLib.propagation.slice_propagator import SlicePropagator

SHAPE = (12, 48, 64)


def result(structures: int = 2) -> np.ndarray:
    labels = np.zeros(SHAPE, np.uint8)
    for k in range(1, structures + 1):
        labels[:, 12 * k : 12 * k + 9, 13:40] = k
    return labels


def stroke(value: int) -> np.ndarray:
    marks = np.zeros(SHAPE[1:], np.uint8)
    marks[2:9, 44:60] = value
    return marks


# ---- loaded results ------------------------------------------------------------------------------


def test_a_loaded_result_stays_as_it_is_until_a_mark_says_otherwise(make_session, finish):
    session = make_session()
    session.load(result())
    assert np.array_equal(session.labels, result())
    assert (session.state.slice_status == SliceStatus.MODEL).all()
    assert finish(session) == []
    assert np.array_equal(session.labels, result())


def test_a_correction_changes_a_loaded_result_only_within_its_reach(make_session, finish):
    session = make_session(trust=3)
    session.load(result())
    session.mark(2, stroke(2))
    reached = finish(session)
    assert set(reached) <= set(range(6))
    assert (session.labels[2][2:9, 44:60] == 1).all()
    assert np.array_equal(session.labels[6:], result()[6:])
    assert not np.array_equal(session.labels[:5], result()[:5])


def test_voxels_that_a_correction_does_not_change_keep_details_finer_than_masks(make_session):
    session = make_session()
    labels = result()
    labels[:, 12, ::2] = 0
    loaded = InitialMasks(labels, 2, session.volume.grid, trust=3)

    def to_labels(masks):
        return session.volume.grid.to_labels(masks)[0]

    again = to_labels(loaded.masks([5])[0])
    assert not np.array_equal(again, labels[5])
    assert np.array_equal(loaded.keep(5, again), labels[5])
    again[40:] = 2
    assert (loaded.keep(5, again)[40:] == 2).all()


def test_a_class_that_the_loaded_result_lacks_is_carried_to_the_ends(make_session, finish):
    session = make_session(3, trust=2)
    session.load(result(2))
    session.mark(5, stroke(4))
    assert set(finish(session)) == set(range(12))


@pytest.mark.parametrize("labels", [np.zeros((3, 3, 3), np.uint8), result(3)])
def test_a_result_that_does_not_fit_is_refused(make_session, labels):
    session = make_session(2)
    with pytest.raises(UserError, match="resample"):
        session.load(labels)
    assert not session.labels.any()


def test_confidence_of_a_loaded_result_is_what_it_came_with(make_session):
    session = make_session()
    known = np.random.default_rng(1).random((12, 2)).astype(np.float32)
    session.load(result(), known)
    assert np.array_equal(session.confidence, known)


# ---- taking back ---------------------------------------------------------------------------------


def test_restoring_a_snapshot_undoes_marks_and_propagation(make_session, finish, marks):
    session = make_session()
    session.mark(3, marks(0))
    finish(session)
    before = session.snapshot()
    session.mark(8, marks(1))
    finish(session)
    assert not np.array_equal(session.labels, before.labels)
    session.restore(before)
    assert np.array_equal(session.labels, before.labels)
    assert session.state.anchors == [3]
    assert session.state.slice_status[8] == SliceStatus.MODEL
    assert finish(session) == []
    session.mark(8, marks(1))
    assert set(finish(session)) == set(range(12))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_restored_labels_count_in_their_own_slices(make_session, finish, image, marks, axis):
    """A session along another axis of the same volume, turned, does the same."""
    whole = make_session()
    turned = make_session(
        image=np.moveaxis(image, 0, axis), spacing=np.insert([1.0, 1.0], axis, 3.0), axis=axis
    )
    for session in (whole, turned):
        session.mark(3, marks(0))
        finish(session)
        session.restore(session.snapshot())
        click = np.zeros_like(marks())
        click[20, 30] = 2
        session.mark(8, click)
        finish(session)
    assert whole.labels.any()
    assert np.array_equal(np.moveaxis(turned.labels, axis, 0), whole.labels)


def test_a_snapshot_is_a_copy(make_session, finish, marks):
    session = make_session()
    session.mark(3, marks(0))
    kept = session.snapshot()
    finish(session)
    session.mark(3, marks(1))
    assert not kept.labels.any()
    assert np.array_equal(kept.marks[3], marks(0))
    session.restore(kept)
    session.mark(3, marks(2))
    assert np.array_equal(kept.marks[3], marks(0))


def test_marks_that_were_not_carried_on_yet_are_still_to_do_after_restoring(
    make_session, finish, marks
):
    session = make_session()
    session.mark(3, marks(0))
    waiting = session.snapshot()
    finish(session)
    session.restore(waiting)
    assert set(finish(session)) == set(range(12))


def test_a_class_is_added_by_restoring_with_one_more(make_session, finish, marks):
    session = make_session(1)
    session.lock(1)
    session.mark(3, marks(0, 1))
    finish(session)
    encoded = session.volume.features.encoded
    more = session.snapshot()
    more.structures.append(Structure("2", "2"))
    session.restore(more)
    assert session.structures == 2
    assert session.state.locked == {"1"}
    session.mark(3, stroke(3))
    finish(session)
    assert (session.labels[3][2:9, 44:60] == 2).all()
    assert session.volume.features.encoded == encoded


def test_a_mark_that_is_taken_back_has_no_influence_any_more(make_session, finish, marks):
    session, other = make_session(), make_session()
    for s in (session, other):
        s.mark(3, marks(0))
    session.mark(9, marks(1))
    finish(session)
    session.unmark(9, np.ones(SHAPE[1:], bool))
    assert session.state.anchors == [3]
    finish(session)
    finish(other)
    assert np.array_equal(session.labels, other.labels)


def test_part_of_a_mark_is_taken_back(make_session, finish, marks):
    session = make_session()
    session.mark(3, marks(0))
    where = marks(0) == 2
    session.unmark(3, where)
    assert not session.state.prompts(3)[where].any()
    assert session.state.prompts(3).any()
    assert session.state.slice_status[3] == SliceStatus.MARKED
    assert set(finish(session)) == set(range(12))


# ---- ranges --------------------------------------------------------------------------------------


def test_what_a_range_left_out_is_done_by_the_next_call(make_session, finish, marks):
    session, other = make_session(), make_session()
    session.mark(5, marks(0))
    assert finish(session, 5, 5) == [5]
    assert finish(session, 5, 5) == []
    assert set(finish(session, 4, 7)) == {4, 5, 6, 7}
    assert finish(session, 5, 6) == []
    assert set(finish(session)) == set(range(12))
    assert finish(session) == []
    other.mark(5, marks(0))
    finish(other)
    assert np.array_equal(session.labels, other.labels)


# ---- without marks -------------------------------------------------------------------------------


@pytest.fixture
def automatic_session(make_session, make_network):
    names = tuple("abcdefgh")
    return lambda structures, **options: make_session(
        structures, network=make_network(seed=1, classes=names), absent_below=0.0, **options
    )


def test_predefined_classes_are_found_without_marks_and_can_be_corrected(automatic_session, finish):
    session = automatic_session(8, trust=2)
    found = [r.z for r in session.automatic(range(8))]
    assert set(found) == set(range(12))
    assert len(np.unique(session.labels)) >= 2
    assert np.isfinite(session.confidence).any(1).all()
    before = session.labels.copy()
    there = int(before.max())
    session.mark(5, stroke(there + 1))
    finish(session)
    assert (session.labels[5][2:9, 44:60] == there).all()
    assert np.array_equal(session.labels[9:], before[9:])


def test_a_search_that_is_stopped_leaves_a_result_to_correct(make_session, finish):
    """What is finished changes no more than after a search that came to its end."""

    class Segmenter:
        wanted = (0,)
        confidence = np.full((12, 1), 0.9, np.float32)

        def labels(self, z):
            plane = np.zeros(SHAPE[1:], np.uint8)
            plane[10:30, 10:40] = 1
            return plane

        def run(self, device):
            yield from range(12)

    changed = {}
    for stop in (None, 8):
        session = make_session(1)
        search = session.apply_result(Segmenter())
        for found in search:
            if found.z == stop:
                break
        search.close()
        assert session.state.initial is not None
        before = session.labels.copy()
        session.mark(11, stroke(2))
        finish(session)
        changed[stop] = [(session.labels[z] != before[z]).sum() for z in range(8)]
    assert changed[None] == changed[8]


def test_a_run_that_breaks_leaves_nothing_behind(make_session, finish, marks, monkeypatch):
    broken, whole = make_session(), make_session()
    for session in (broken, whole):
        session.mark(3, marks(0))
    propagate = SlicePropagator.propagate

    def ends(*arguments, **options):
        for number, step in enumerate(propagate(*arguments, **options)):
            if number == 2:
                raise MemoryError
            yield step

    monkeypatch.setattr(SlicePropagator, "propagate", ends)
    with pytest.raises(MemoryError):
        finish(broken)
    monkeypatch.undo()
    for session in (broken, whole):
        finish(session)
        session.mark(9, marks(1))
        finish(session)
    assert np.array_equal(broken.labels, whole.labels)
    assert np.array_equal(broken.confidence, whole.confidence, equal_nan=True)


def test_until_the_volume_is_read_automatic_mode_changes_nothing(automatic_session):
    session = automatic_session(8)
    confidence = np.linspace(0.1, 0.9, 12 * 8, dtype=np.float32).reshape(12, 8)
    session.load(result(3), confidence)
    run = session.automatic(range(8))
    signs = [next(run) for _ in range(3)]
    run.close()
    assert np.array_equal(session.labels, result(3))
    assert all(np.array_equal(s.labels, result(3)[s.z]) for s in signs)
    assert all(np.array_equal(s.confidence, confidence[s.z]) for s in signs)


def test_automatic_mode_respects_locks_marks_and_the_range(automatic_session):
    session = automatic_session(2)
    session.mark(4, stroke(3))
    session.lock(1)
    found = {r.z for r in session.automatic([3, 1], 3, 8)}
    assert found == set(range(3, 9))
    assert not (session.labels == 1).any()
    assert (session.labels[4][2:9, 44:60] == 2).all()
    assert not session.labels[:3].any()
    assert not session.labels[9:].any()


def test_automatic_mode_needs_predefined_classes(make_session, automatic_session):
    with pytest.raises(UserError, match="predefined"):
        next(make_session(2).automatic([-1, -1]))
    with pytest.raises(UserError, match="8 predefined classes"):
        next(automatic_session(1).automatic([8]))
