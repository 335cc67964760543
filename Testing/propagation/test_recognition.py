"""A mark in a structure that the weights know by name finds all of it; other marks do not."""

from __future__ import annotations

from itertools import pairwise
from unittest.mock import patch

import numpy as np
import pytest
import torch
from S2VNetSlicerLib.network.model import S2VNet
from S2VNetSlicerLib.propagation.inference_grid import InferenceGrid
from S2VNetSlicerLib.propagation.recognition import (
    Recognition,
    StructurePrior,
)
from S2VNetSlicerLib.propagation.semantic_prior import SemanticPrior, format_names
from S2VNetSlicerLib.propagation.settings import (
    PriorSettings,
    PropagationSettings,
)
from S2VNetSlicerLib.propagation.slice_propagator import FAR

SHAPE = (12, 48, 64)
CARD = {"recogniser": {"least_confidence": 0.5, "modality": "MR"}}


SIDES = ("left_kidney", "right_kidney")


def seen(sure: int = 230, classes: tuple[str, str] = SIDES, organs=()) -> Recognition:
    """Class 1 in rows 8..24, class 2 in rows 28..40, of columns 10..50 and slices 1..10."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[1:11, 8:24, 10:50] = 1
    labels[1:11, 28:40, 10:50] = 2
    return Recognition(labels, np.where(labels > 0, sure, 200).astype(np.uint8), classes, organs)


def around(number: int, structure: int = 1, z: int = 5) -> np.ndarray:
    """Marks that draw class ``number`` of slice ``z`` as ``structure``, and what is beside it."""
    return np.where(seen().labels[z] == number, structure + 1, 1).astype(np.uint8)


def stroke(rows: slice, columns: slice, value: int = 2) -> np.ndarray:
    marks = np.zeros(SHAPE[1:], np.uint8)
    marks[rows, columns] = value
    return marks


@pytest.fixture
def knowing(make_session):
    """A session that has seen the classes, see :func:`seen`."""

    def make(structures: int = 1, sure: int = 230, **options):
        session = make_session(structures, **options)
        session.runner.recogniser.found = seen(sure)
        return session

    return make


# ---- which class it is ---------------------------------------------------------------------------


def test_a_structure_is_the_class_that_holds_its_marks():
    found = {5: seen().labels[5] == 2}
    assert seen().match_structure({5: stroke(slice(30, 34), slice(12, 40))}, 1, found) == (2,)
    both = stroke(slice(20, 32), slice(12, 40))  # as much of one as of the other
    assert seen().match_structure({5: both}, 1, {5: seen().labels[5] > 0}) == (1, 2)
    assert seen().match_structure({5: both}, 1, {5: seen().labels[5] == 3}) == ()
    assert seen().match_structure({5: stroke(slice(42, 46), slice(12, 40))}, 1, found) == ()


def test_a_class_that_is_marked_later_joins():
    """Whoever marks one side first and then the other."""
    both = {5: seen().labels[5] > 0}
    marks = stroke(slice(10, 13), slice(12, 40))
    marks[30:32, 12:40] = 2
    assert seen().extend_match((1,), {5: marks}, 1, both) == (1, 2)
    assert seen().extend_match((1,), {5: marks}, 1, {5: seen().labels[5] == 1}) == (1,), "not found"
    marks[31] = 0
    assert seen().extend_match((1,), {5: marks}, 1, both) == (1, 2)
    marks[30, 30:] = 0
    assert seen().extend_match((1,), {5: marks}, 1, both) == (1,), "it strays"
    marks[30, 30:] = 2
    marks[32:34, 12:40] = 1
    assert seen().extend_match((1,), {5: marks}, 1, both) == (1,), "denied"


@pytest.mark.parametrize(
    ("classes", "organs", "expected"),
    [
        (SIDES, (1, 2), (1, 2)),
        (("spinal_cord", "spinal_canal"), (1, 2), (1,)),
        (("cortex", "white_matter"), (), (1, 2)),
    ],
)
def test_different_organs_are_one_structure_only_if_both_are_marked_plainly(
    classes, organs, expected
):
    """Strokes on a cord stray into its canal; both kidneys are marked one after the other."""
    both, marks = {5: seen().labels[5] > 0}, stroke(slice(10, 13), slice(12, 40))
    marks[30, 12:40] = 2
    known = seen(classes=classes, organs=organs)
    assert known.match_structure({5: marks}, 1, both) == expected
    assert known.extend_match((1,), {5: marks}, 1, both) == expected
    marks[31:33, 12:40] = 2
    assert known.match_structure({5: marks}, 1, both) == (1, 2)


def test_background_marks_within_a_class_deny_it():
    """Somebody outlines a lesion in white matter."""
    marks = stroke(slice(30, 34), slice(20, 30))
    marks[36:38, 20:30] = 1
    assert seen().match_structure({5: marks}, 1, {5: seen().labels[5] == 2}) == ()
    marks[36:38] = 0
    marks[43:45, 20:30] = 1
    assert seen().match_structure({5: marks}, 1, {5: seen().labels[5] == 2}) == (2,)


def test_a_class_must_be_about_what_the_network_found():
    """A click on a lesion, without any background mark."""
    marks = {5: stroke(slice(30, 34), slice(20, 30))}
    small = np.zeros(SHAPE[1:], bool)
    small[29:35, 19:31] = True
    assert seen().match_structure(marks, 1, {5: small}) == ()


def test_classes_in_doubt_are_not_believed():
    found = {5: seen().labels[5] == 2}
    assert seen(sure=125).match_structure({5: around(2)}, 1, found) == ()
    weights = [float(seen(sure).weights[2]) for sure in (125, 135, 150, 165, 250)]
    assert weights[0] == 0
    assert weights[-2] == pytest.approx(3, abs=0.2)
    assert all(a <= b for a, b in pairwise(weights))


# ---- what is made of it --------------------------------------------------------------------------


def test_runs_have_their_say_near_their_anchors_only():
    grid = InferenceGrid.fit(SHAPE[1:], (1.0, 1.0))
    known = StructurePrior(seen(), [(2,), ()], grid, thickness=2.0)
    size = (grid.height // 2, grid.width // 2)
    masks = torch.full((3, 2, *size), 0.4)
    masks[:, 0] = 0.99  # the run leaks
    fades = PriorSettings().decay_mm
    distance = torch.tensor([[0.0, 0.0], [fades / 2 * 3, 0.0], [FAR, 0.0]])
    both = known.add(masks, torch.tensor([5, 5, 5]), distance)
    assert torch.equal(both[:, 1], masks[:, 1]), "nothing is known of the second structure"
    cell = (20, 6) if grid.scale[0] == 1.0 else (int(10 * grid.scale[0]), int(3 * grid.scale[1]))
    outside = both[:, 0, cell[0], cell[1]]
    assert outside[0] > outside[1] > outside[2]
    assert both.sum(1).max() <= 1.4 + 1e-5


def test_the_whole_structure_is_there_after_one_mark(knowing, finish):
    session = knowing()
    session.mark(5, around(2))
    first, *rest = finish(session)
    assert first == 5
    assert set(rest) | {5} == set(range(SHAPE[0]))
    wanted = seen().labels == 2
    found = session.labels == 1
    assert 2 * (found & wanted).sum() / (found.sum() + wanted.sum()) > 0.9
    assert np.isfinite(session.confidence).all()


def test_the_other_side_is_there_once_it_is_marked(knowing, finish):
    session = knowing()
    session.mark(5, np.where(seen().labels[5] == 1, 2, 0).astype(np.uint8))
    finish(session)
    assert session.runner.pipeline.prior.numbers == {1: (1,)}
    assert not session.labels[9, 30:38, 12:48].any()
    session.mark(6, np.where(seen().labels[6] == 2, 2, 0).astype(np.uint8))
    finish(session)
    assert session.runner.pipeline.prior.numbers == {1: (1, 2)}
    assert session.labels[9, 30:38, 12:48].mean() > 0.9
    assert not session.runner.pipeline.store.stale


def test_only_slices_in_which_a_joined_class_says_something_are_written_anew(knowing, finish):
    session = knowing()
    session.runner.recogniser.found.labels[8:, 28:40] = 0
    session.runner.recogniser.found = Recognition(
        session.runner.recogniser.found.labels, session.runner.recogniser.found.sure, SIDES
    )
    session.mark(5, np.where(seen().labels[5] == 1, 2, 0).astype(np.uint8))
    finish(session)
    session.mark(5, np.where(seen().labels[5] > 0, 2, 0).astype(np.uint8))
    fewer = session.runner.recogniser.found.changed_slices((1,), (1, 2))
    assert fewer == {*range(1, 8)}
    finish(session)
    assert session.runner.pipeline.prior.numbers == {1: (1, 2)}
    written = session.labels.copy()
    session.runner.pipeline.store.stale.update(dict.fromkeys(range(SHAPE[0])))
    assert set(finish(session)) == {*range(SHAPE[0])}
    assert np.array_equal(session.labels, written), "as if all had been"
    assert session.runner.recogniser.found.changed_slices((), (2,)) == {*range(SHAPE[0])}
    doubted = np.where(seen().labels == 2, 140, 230).astype(np.uint8)
    other = Recognition(seen().labels, doubted, SIDES)
    assert other.changed_slices((1,), (1, 2)) == {*range(SHAPE[0])}


def test_the_first_slice_is_judged_by_all_of_its_marks(knowing, finish):
    session = knowing()
    session.mark(5, stroke(slice(42, 46), slice(12, 40)))
    finish(session)
    assert session.runner.pipeline.prior.numbers == {1: ()}, "beside it"
    session.mark(5, around(2))
    finish(session)
    assert session.runner.pipeline.prior.numbers == {1: (2,)}
    session = knowing()
    session.mark(5, stroke(slice(42, 46), slice(12, 40)))
    session.mark(2, stroke(slice(42, 46), slice(12, 40)))
    finish(session)
    session.mark(5, around(2))
    finish(session)
    assert session.runner.pipeline.prior.numbers == {1: ()}, "two slices told otherwise"


def test_recognised_structures_have_names(knowing, make_network, finish):
    session = knowing(network=make_network(seed=9, classes=("left_liver", "spleen")))
    assert session.runner.names == {}
    session.mark(5, np.maximum(around(1), around(2)))
    finish(session)
    assert session.runner.names == {1: "left liver, spleen"}
    brain = ("right_cerebral_cortex", "brain_stem", "left_cerebral_cortex", "left_putamen")
    assert format_names(brain) == "left and right cerebral cortex, brain stem, left putamen"


def test_marks_elsewhere_find_what_they_found_without_names(knowing, make_session, finish):
    marks = stroke(slice(42, 46), slice(12, 40))
    with_names, without = knowing(), make_session(1)
    for session in (with_names, without):
        session.mark(5, marks)
        finish(session)
    assert np.array_equal(with_names.labels, without.labels)


def test_it_can_be_switched_off_and_does_not_touch_a_loaded_result(knowing, make_session, finish):
    quiet = make_session(1, recognise=False)
    assert list(quiet.recognise(CARD)) == []
    assert quiet.runner.recogniser.found is None
    session = knowing(trust=2)
    session.load(np.where(seen().labels == 1, 1, 0).astype(np.uint8))
    session.mark(5, around(2))
    finish(session)
    assert np.array_equal(session.labels[9:] == 1, seen().labels[9:] == 1)


ELSEWHERE = np.zeros(SHAPE[1:], np.uint8)
ELSEWHERE[40:48, 10:50] = 1
NOTHING = np.zeros(SHAPE[1:], np.uint8)


@pytest.mark.parametrize(
    ("passes", "mm", "expected"),
    [
        (ELSEWHERE, 20.0, ()),
        (NOTHING, 20.0, (2,)),  # they knew no better
        (ELSEWHERE, 4.0, (2,)),  # next to a marked slice they had to
    ],
)
def test_a_class_is_given_up_where_passes_knew_corrected_slices_better(passes, mm, expected):
    prior = SemanticPrior(1, InferenceGrid.fit(SHAPE[1:], (1.0, 1.0)), 2.0)
    marks, drawn = {5: around(2)}, {5: (seen().labels[5] == 2).astype(np.uint8)}
    prior.match(seen(), marks, drawn)
    assert prior.numbers == {1: (2,)}
    for z in (8, 9, 10):  # it is something else there
        marks[z] = stroke(slice(42, 46), slice(12, 40))
        drawn[z], prior.passed[z] = ELSEWHERE, (passes, mm)
        prior.match(seen(), marks, drawn)
    assert prior.numbers == {1: expected}
    assert (prior.known is None) == (not expected)


def test_a_structure_is_named_late_if_its_class_knew_corrected_slices_better():
    """The first mark was at its end, where the class was not seen."""
    other = (seen().labels[5] == 1).astype(np.uint8)
    for passes, expected in ((NOTHING, (1,)), (other, ())):
        prior = SemanticPrior(1, InferenceGrid.fit(SHAPE[1:], (1.0, 1.0)), 2.0)
        marks, drawn = {0: around(1)}, {0: other}
        prior.match(seen(), marks, drawn)
        marks[9], drawn[9], prior.passed[9] = around(1, z=9), other, (passes, 18.0)
        changed, slices = prior.match(seen(), marks, drawn)
        assert prior.numbers == {1: expected}
        assert changed == bool(expected) == bool(slices)


def test_passes_are_asked_before_a_slice_is_marked(knowing, finish):
    session = knowing()
    session.mark(5, around(2))
    finish(session)
    prior = session.runner.pipeline.prior
    assert prior.passed == {}
    for z, away in ((9, 4), (7, 2), (9, 4)):
        session.mark(z, around(1, z=z))
        finish(session)
        labels, mm = prior.passed[z]
        assert labels.shape == SHAPE[1:]
        assert mm == away * prior.thickness
    assert set(prior.passed) == {7, 9}


def test_planes_say_nothing_of_what_is_known_by_name(knowing, finish, monkeypatch):
    session = knowing()
    with monkeypatch.context() as patch:
        patch.setattr(session.runner.recogniser, "found", None)
        session.mark(5, around(2))
        finish(session)
        assert [result for result in session.refine_across_planes() if result is not None]
        assert session.runner.pipeline.store.refined
    session.mark(8, around(2, z=8))
    finish(session)
    assert session.runner.pipeline.prior.named == [1]
    assert not session.runner.pipeline.store.refined, "what they made before is gone"
    named = session.labels.copy()
    assert list(session.refine_across_planes()) == []
    assert np.array_equal(session.labels, named)


def test_what_is_known_by_name_is_as_sure_far_from_anchors(knowing, finish):
    session = knowing()
    session.mark(5, around(2))
    finish(session)
    before = session.confidence
    session.volume.thickness *= 4
    assert np.array_equal(session.confidence, before)
    session.runner.pipeline.prior.known = None
    assert (session.confidence < before).any()


def test_runs_of_what_is_known_by_name_take_long_steps_far_off(knowing, finish):
    soon = PropagationSettings(near_steps=1)
    steps = {}
    for marks in (around(1), stroke(slice(42, 46), slice(12, 40))):
        session = knowing(max_empty_slices=None, propagation=soon)
        session.mark(5, marks)
        with patch.object(S2VNet, "step", autospec=True, side_effect=S2VNet.step) as step:
            assert len(finish(session)) == len(session.labels)
        steps[bool(session.runner.pipeline.prior.named)] = step.call_count
    assert steps[True] == steps[False] - 3  # 6, 9 and 11 are reached, not 6, 7, 8, 9, 10 and 11


def test_what_an_interruption_left_is_written_later(knowing, finish):
    session = knowing()
    session.mark(5, around(2))
    run = session.propagate()
    next(run)
    run.close()
    session.mark(6, around(2, z=6))
    finish(session)
    assert (session.labels[10] == 1).any()
    assert not session.runner.pipeline.store.stale
    assert finish(session) == []


def test_a_range_is_kept_to(knowing, finish):
    session = knowing()
    session.mark(5, around(2))
    assert set(finish(session, 3, 7)) == set(range(3, 8))
    assert not session.labels[8:].any()
    assert set(finish(session)) >= {1, 2, 8, 9, 10}
    assert (session.labels[9] == 1).any()


def test_locked_structures_and_marks_are_obeyed(knowing, finish):
    session = knowing(2)
    session.labels[2, 30:34, 20:30] = 2
    session.lock(2)
    marks = around(2)
    marks[30, 20] = 1
    session.mark(5, marks)
    finish(session)
    assert (session.labels[2, 30:34, 20:30] == 2).all()
    assert session.labels[5, 30, 20] == 0


def test_after_undo_the_class_is_found_again(knowing, finish):
    session = knowing()
    session.mark(5, around(2))
    finish(session)
    session.mark(8, stroke(slice(42, 46), slice(12, 40)))
    finish(session)
    session.unmark(8, np.ones(SHAPE[1:], bool))
    finish(session)
    wanted = seen().labels == 2
    assert session.runner.pipeline.prior.numbers == {1: (2,)}
    assert (session.labels[9] == 1)[wanted[9]].mean() > 0.9
