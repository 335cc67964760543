"""What the session tells about its result: confidence, origin, where to look next."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from S2VNetSlicerLib.annotation.next_slice import (
    beyond_ends,
    expected_errors,
    next_slice,
    voxels,
)
from S2VNetSlicerLib.propagation import confidence
from S2VNetSlicerLib.propagation.expected_dice import expected_dice
from S2VNetSlicerLib.propagation.records import SliceStatus
from S2VNetSlicerLib.propagation.semantic_prior import SemanticPrior
from torch.nn import functional as F


def errors_of(session) -> np.ndarray:
    """Voxels of each slice that are probably wrong, [slices]."""
    labels = np.moveaxis(session.labels, session.axis, 0)
    return expected_errors(labels, session.confidence, None, session.settings.confidence)


def test_confidence_is_a_share_where_something_was_computed(make_session, finish, marks):
    session = make_session()
    assert session.confidence.shape == (12, 2)
    assert np.isnan(session.confidence).all()
    session.mark(5, marks())
    assert np.isnan(session.confidence).all()
    finish(session, 3, 6)
    confidence = session.confidence
    assert ((confidence[3:7] > 0) & (confidence[3:7] < 1)).all()
    assert np.isnan(np.delete(confidence, [3, 4, 5, 6], 0)).all()
    session.mark(9, marks(1))
    assert np.isnan(session.confidence[9]).all()
    session.accept(9)
    assert (session.confidence[9] == 1).all()


def test_results_carry_labels_and_confidence(make_session, marks):
    session = make_session()
    session.mark(5, marks())
    for result in session.propagate():
        assert np.array_equal(result.labels, session.labels[result.z])
        assert np.array_equal(result.confidence, session.confidence[result.z])


def test_who_made_each_slice(make_session, finish, marks):
    session = make_session()
    assert (session.state.slice_status == SliceStatus.UNTOUCHED).all()
    session.mark(5, marks())
    running = session.propagate()
    for _ in range(3):
        next(running)
    running.close()
    assert (session.state.slice_status > 0).sum() == 3
    assert session.state.slice_status[5] == SliceStatus.MARKED
    finish(session)
    session.accept(7)
    finish(session)
    expected = [SliceStatus.MODEL] * 12
    expected[5], expected[7] = SliceStatus.MARKED, SliceStatus.ACCEPTED
    assert session.state.slice_status.tolist() == expected


def test_the_next_slice_to_look_at(make_session, finish, marks):
    session = make_session()
    assert session.suggest_next_slice() is None
    assert not errors_of(session).any()
    session.mark(5, marks())
    finish(session)
    asked = []
    while (z := session.suggest_next_slice()) is not None:
        errors = errors_of(session)
        assert not errors[asked].any()
        beyond = beyond_ends(
            voxels(session.labels, 3), session.state.slice_status, session.volume.thickness, (1, 2)
        )
        assert not beyond[asked].any()
        assert (errors + beyond)[z] > 0
        assert z == next_slice(errors + beyond, session.state.slice_status)
        asked.append(z)
        session.accept(z)
        finish(session)
    assert asked
    assert not np.delete(errors_of(session), asked).any()


def test_the_next_slice_has_many_errors_and_is_far_from_anchors():
    errors = np.full(12, 10.0)
    slice_status = np.full(12, SliceStatus.MODEL)
    slice_status[[2, 5]] = SliceStatus.MARKED, SliceStatus.ACCEPTED
    assert next_slice(errors, slice_status) == 11
    errors[6] = 24
    assert next_slice(errors, slice_status) == 11, "beside an anchor"
    errors[6] = 26
    assert next_slice(errors, slice_status) == 6, "too many to be left"
    errors[2] = 40
    assert next_slice(errors, slice_status) == 6, "marked already"
    errors[2] = 60
    assert next_slice(errors, slice_status) == 2, "not well enough"


def test_where_a_structure_ends_one_slice_beyond_is_looked_at():
    labels = np.zeros((16, 8, 8), np.uint8)
    for z, rows in ((5, 1), (6, 2), (7, 2), (8, 4), (9, 1)):
        labels[z, :rows] = 1
    labels[13:, 0] = 2
    shown, slice_status = voxels(labels, 4), np.full(16, SliceStatus.MODEL)
    slice_status[7] = SliceStatus.MARKED
    # Two slices of 10 mm beyond each end; most is shown at most three slices from there. Of the
    # second structure slice 7 shows nothing.
    found = beyond_ends(shown, slice_status, 10.0, (1, 2))
    assert found.nonzero()[0].tolist() == [3, 11]
    assert found[[3, 11]].tolist() == [2 * 16, 2 * 32]
    slice_status[7] = SliceStatus.MODEL
    assert beyond_ends(shown, slice_status, 10.0, (1, 2))[11] == 2 * 32 + 2 * 8
    slice_status[12] = SliceStatus.ACCEPTED
    assert beyond_ends(shown, slice_status, 10.0, (1,)).nonzero()[0].tolist() == [3], (
        "it ends there"
    )
    slice_status[3] = SliceStatus.UNTOUCHED
    assert not beyond_ends(shown, slice_status, 10.0, (1,)).any(), "no run was there"
    slice_status[3] = SliceStatus.MODEL
    assert beyond_ends(shown[4:], slice_status[4:], 10.0, (1,)).nonzero()[0].tolist() == [0], (
        "the first"
    )
    assert not beyond_ends(shown[5:], slice_status[5:], 10.0, (1,)).any(), "nothing beyond"
    assert not beyond_ends(shown, slice_status, 10.0, ()).any()
    assert not beyond_ends(shown, slice_status, 10.0, (3,)).any(), "it is nowhere"


def test_ends_are_not_doubted_where_another_method_or_a_name_told_them(
    make_session, finish, marks, monkeypatch
):
    asked: list[list[int]] = []

    def spy(shown, slice_status, thickness, structures, settings):
        asked.append(list(structures))
        return np.zeros(len(slice_status))

    monkeypatch.setattr(confidence, "beyond_ends", spy)
    session = make_session()
    session.suggest_next_slice()
    session.mark(5, marks())
    finish(session)
    session.suggest_next_slice()
    monkeypatch.setattr(SemanticPrior, "named", property(lambda self: [2]))
    session.suggest_next_slice()
    assert asked == [[1, 2], [1]]
    session.load(session.labels.copy())
    session.mark(3, marks())
    finish(session)
    session.suggest_next_slice()
    assert len(asked) == 2


def test_the_next_slice_needs_errors_but_no_anchor():
    errors, slice_status = np.zeros(5), np.full(5, SliceStatus.MODEL)
    assert next_slice(errors, slice_status) is None
    errors[3] = 1
    assert next_slice(errors, slice_status) == 3


def test_expected_errors_are_doubtful_or_probably_missing_voxels():
    labels = np.zeros((4, 8, 8), np.uint8)
    labels[1, :4] = 1
    labels[2, :2] = 1
    labels[2, 2:4] = 2
    confidence = np.array([[0.5, np.nan], [0.9, 0.5], [0.8, 0.6], [1, 1]])
    # Shown, and shown by a neighbour only: 0 and 32; 32 and 0, 0 and 16; 16 and 16, 16 and 0.
    expected = [0.5 * 8, 0.1 * 32 + 0.5 * 4, 0.2 * 20 + 0.4 * 16, 0]
    assert np.allclose(expected_errors(labels, confidence), expected)


def test_a_slice_that_the_network_doubts_is_expected_to_be_worse(make_session, finish, marks):
    session = make_session()
    session.mark(5, marks())
    finish(session)
    assert session.labels[6].any()
    before = errors_of(session)
    with torch.inference_mode():
        session.runner.pipeline.store.quality[:, 0, 6] = 0
    after = errors_of(session)
    assert after[6] > before[6]
    assert np.array_equal(np.delete(after, 6), np.delete(before, 6))
    session.accept(6)
    assert errors_of(session)[6] == 0


@pytest.mark.parametrize("judged", [0.2, 0.5, 0.8])
def test_blurred_masks_are_expected_to_be_worse(judged):
    sharp = torch.zeros(1, 24, 24)
    sharp[:, 6:18, 6:18] = 1
    blurred = F.avg_pool2d(sharp, 9, 1, 4)
    two_runs = (sharp + sharp.roll(8, 2)) / 2 + 1e-3 * sharp
    known, away = torch.tensor([judged]), torch.tensor([20.0])
    best, *doubtful = (float(expected_dice(m, known, away)) for m in (sharp, blurred, two_runs))
    nothing = float(expected_dice(0 * sharp, known, away))
    assert 0 <= nothing < min(doubtful) <= max(doubtful) < best <= 1
    assert expected_dice(sharp, known + 0.1, away) > expected_dice(sharp, known, away)


def test_slices_far_from_anchors_are_expected_to_be_worse():
    mask = torch.zeros(3, 24, 24)
    mask[:, 6:18, 6:18] = 1
    away = torch.tensor([3.0, 30.0, 1e6])
    near, far, farthest = expected_dice(mask, torch.full((3,), 0.5), away).tolist()
    assert near > far > farthest > 0


def test_confidence_falls_with_the_distance_in_mm(make_session, finish, marks):
    session = make_session()
    session.mark(5, marks())
    finish(session)
    before = session.confidence
    session.volume.thickness *= 4
    after = session.confidence
    assert np.array_equal(after[5], before[5])
    assert (np.delete(after, 5, 0) < np.delete(before, 5, 0)).any()
    assert (after <= before).all()


def test_slices_of_a_loaded_result_that_no_run_reached_keep_their_confidence(
    make_session, finish, marks
):
    session = make_session()
    labels = np.zeros_like(session.labels)
    labels[:, 20:40, 20:40] = 1
    session.load(labels, np.full((12, 2), 0.4, np.float32))
    session.mark(0, marks())
    finish(session, 0, 2)
    confidence = session.confidence
    assert (confidence[4:, 0] == np.float32(0.4)).all()
    assert (confidence[:3, 0] != np.float32(0.4)).any()
