"""The session's promises to the user: what is marked, accepted or locked stays."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.propagation import volume
from S2VNetSlicerLib.propagation.records import SliceStatus


def obeyed(session) -> bool:
    return all(
        np.array_equal(session.labels[z][marks > 0], marks[marks > 0] - 1)
        for z in session.state.anchors
        for marks in [session.state.prompts(z)]
    )


def test_the_network_of_these_tests_uses_every_class(make_session, finish, marks):
    session = make_session()
    session.mark(5, marks())
    finish(session)
    inside = session.labels[[z for z in range(12) if z != 5]]
    assert np.bincount(inside.ravel(), minlength=3).min() > 400


# ---- marks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("structures", [1, 3, 5])
def test_marks_are_obeyed_exactly_on_every_slice(make_session, finish, marks, structures):
    session = make_session(structures)
    for round_, z in enumerate((5, 0, 11, 5)):
        session.mark(z, marks(round_, structures))
        finish(session)
        assert obeyed(session)
    assert session.labels.max() <= structures
    assert session.labels.dtype == np.uint8


def test_several_slices_marked_before_one_propagation(make_session, finish, marks):
    session = make_session()
    for seed, z in enumerate((9, 2, 5)):
        session.mark(z, marks(seed))
    order = finish(session)
    assert order[:3] == [2, 5, 9]
    assert session.state.anchors == [2, 5, 9]
    assert set(order) == set(range(12))
    assert obeyed(session)


def test_a_second_mark_on_a_slice_adds_to_the_first_and_changes_it(make_session, finish, marks):
    session = make_session()
    session.mark(5, marks(0))
    finish(session)
    before = session.labels.copy()
    more = np.zeros((48, 64), np.uint8)
    more[1:9, 40:60] = 2
    session.mark(5, more)
    finish(session)
    expected = np.where(more > 0, more, marks(0))
    assert np.array_equal(session.state.prompts(5), expected)
    assert obeyed(session)
    assert (session.labels[4] != before[4]).any()


def test_a_caller_may_reuse_its_arrays(make_session, finish, marks):
    session, drawn, labels = make_session(), marks(), np.ones((48, 64), np.uint8)
    session.mark(5, drawn)
    session.accept(2, labels)
    drawn[:] = labels[:] = 0
    finish(session)
    assert np.array_equal(session.state.prompts(5), marks())
    assert (session.labels[2] == 1).all()
    for result in session.propagate():
        result.labels[:] = 7
    assert session.labels.max() <= 2


def test_without_new_marks_nothing_is_computed(make_session, finish, marks):
    session = make_session()
    assert finish(session) == []
    session.mark(5, np.zeros((48, 64), np.uint8))
    assert finish(session) == []
    session.mark(5, marks())
    assert finish(session) != []
    assert finish(session) == []


def test_wrong_marks_are_told_and_change_nothing(make_session, marks):
    session = make_session()
    drawn = marks()
    with pytest.raises(UserError, match="no slice 12"):
        session.mark(12, drawn)
    with pytest.raises(UserError, match="no slice -1"):
        session.mark(-1, drawn)
    with pytest.raises(UserError, match="no slice 12"):
        session.accept(12)
    with pytest.raises(UserError, match="do not fit"):
        session.mark(5, drawn.T)
    with pytest.raises(UserError, match="mean something in this session"):
        session.mark(5, drawn + 2)
    with pytest.raises(UserError, match="mean something in this session"):
        session.accept(5, drawn + 1)
    with pytest.raises(UserError, match="mean something in this session"):
        session.accept(5, drawn.astype(int) - 1)
    for structure in (0, 3, -1):
        with pytest.raises(UserError, match="no structure"):
            session.lock(structure)
    assert session.state.anchors == []
    assert not session.labels.any()


# ---- accepted and locked -------------------------------------------------------------------------


def test_accepted_slices_stay_voxel_identical(make_session, finish, marks):
    session = make_session()
    session.mark(5, marks(0))
    finish(session)
    session.accept(7)
    given = np.random.default_rng(2).integers(0, 3, (48, 64)).astype(np.uint8)
    session.accept(3, given)
    seven = session.labels[7].copy()
    finish(session)
    session.lock(1)
    for seed, z in enumerate((5, 8, 2, 6)):
        session.mark(z, marks(seed + 1))
        finish(session)
        assert np.array_equal(session.labels[7], seven)
        assert np.array_equal(session.labels[3], given)
    assert session.state.slice_status[3] == session.state.slice_status[7] == SliceStatus.ACCEPTED


def test_an_accepted_slice_is_an_anchor(make_session, finish, marks):
    session = make_session()
    session.mark(2, marks(0))
    finish(session)
    session.accept(6, np.random.default_rng(2).integers(0, 3, (48, 64)).astype(np.uint8))
    before = session.labels.copy()
    order = finish(session)
    assert order[0] == 6
    assert set(order) == set(range(3, 12))
    assert (session.labels[7] != before[7]).any()


def test_accepting_keeps_marks_that_were_not_propagated_yet(make_session, marks):
    session = make_session()
    session.mark(5, marks())
    session.accept(5)
    assert np.array_equal(session.labels[5], np.maximum(marks(), 1) - 1)


def test_marks_on_an_accepted_slice_are_obeyed_and_it_stays_accepted(make_session, finish, marks):
    session = make_session()
    given = np.random.default_rng(2).integers(0, 3, (48, 64)).astype(np.uint8)
    session.accept(5, given)
    session.mark(5, marks(1))
    finish(session)
    assert session.state.slice_status[5] == SliceStatus.ACCEPTED
    assert np.array_equal(session.labels[5], np.where(marks(1) > 0, marks(1) - 1, given))


def test_locked_classes_neither_appear_nor_disappear(make_session, finish, marks):
    session, free = make_session(), make_session()
    for each in (session, free):
        each.mark(5, marks(0))
        finish(each)
    before = session.labels.copy()
    session.lock(1)
    for each in (session, free):
        each.mark(9, marks(3))
        finish(each)
    drawn = marks(3)
    marked = np.zeros(session.labels.shape, bool)
    marked[9] = drawn > 0
    assert np.array_equal(session.labels[~marked] == 1, before[~marked] == 1)
    assert obeyed(session)
    # Without the lock it would have changed, and the other class does change.
    assert ((free.labels == 1) != (before == 1))[~marked].any()
    assert ((session.labels == 2) != (before == 2))[~marked].any()
    session.lock(1, False)
    session.mark(9, marks(4))
    finish(session)
    assert ((session.labels == 1) != (before == 1))[~marked].any()


# ---- independence --------------------------------------------------------------------------------


def test_two_sessions_do_not_touch(make_network, make_session, finish, marks):
    network = make_network(seed=8)
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    alone = make_session(network=network)
    alone.mark(5, marks(0))
    finish(alone)
    one, two = (make_session(network=network) for _ in range(2))
    one.mark(5, marks(0))
    two.mark(2, marks(1))
    runs = [one.propagate(), two.propagate()]
    while runs:
        runs = [run for run in runs if next(run, None) is not None]
    two.lock(1)
    two.close()
    assert np.array_equal(one.labels, alone.labels)
    assert not np.array_equal(two.labels, alone.labels)
    assert all(torch.equal(network.state_dict()[n], t) for n, t in state.items())


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_slices_may_run_along_any_axis(make_session, finish, image, marks, axis):
    expected = make_session()
    expected.mark(5, marks())
    finish(expected)
    turned = np.ascontiguousarray(np.moveaxis(image, 0, axis))
    spacing = np.insert([1.0, 1.0], axis, 3.0)
    session = make_session(image=turned, spacing=spacing, axis=axis)
    session.mark(5, marks())
    finish(session)
    assert session.labels.shape == turned.shape
    assert np.array_equal(np.moveaxis(session.labels, axis, 0), expected.labels)


def test_the_image_is_neither_changed_nor_copied(make_session, finish, image, marks):
    before = image.copy()
    image.setflags(write=False)
    session = make_session()
    session.mark(5, marks())
    finish(session)
    assert np.array_equal(image, before)
    assert np.shares_memory(session.volume.image, image)


def test_encoding_ahead_changes_no_label(make_session, finish, marks):
    ahead, lazy = make_session(), make_session()
    assert list(ahead.encode(5))[-1] == 12
    for each in (ahead, lazy):
        each.mark(5, marks())
        finish(each)
    assert ahead.volume.features.encoded == lazy.volume.features.encoded == 12
    assert np.array_equal(ahead.labels, lazy.labels)


def test_no_mark_encodes_anything_again(make_session, finish, marks):
    session = make_session()
    for seed, z in enumerate((5, 5, 0, 11, 7)):
        session.mark(z, marks(seed))
        finish(session)
    assert session.volume.features.encoded == 12


def test_features_on_disk_give_the_same_labels_and_leave_nothing(
    make_session, finish, marks, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    memory, disk = make_session(), make_session(feature_bytes=0)
    for each in (memory, disk):
        each.mark(5, marks())
        finish(each)
    assert np.array_equal(memory.labels, disk.labels)
    assert len(list(tmp_path.iterdir())) == 1
    disk.close()
    assert list(tmp_path.iterdir()) == []


def test_inference_mode_does_not_leak_into_the_caller(make_session, marks):
    session = make_session()
    session.mark(5, marks())
    for _ in session.encode():
        assert not torch.is_inference_mode_enabled()
    for _ in session.propagate():
        assert not torch.is_inference_mode_enabled()
        assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()


def test_a_closed_session_keeps_its_labels_and_begins_anew_from_its_marks(
    make_session, finish, marks
):
    session = make_session()
    session.mark(2, marks(0))
    finish(session)
    before = session.labels.copy()
    session.close()
    assert np.array_equal(session.labels, before)
    assert finish(session) == []
    session.mark(8, marks(1))
    assert finish(session)[:2] == [2, 8]
    fresh = make_session()
    for seed, z in enumerate((2, 8)):
        fresh.mark(z, marks(seed))
    finish(fresh)
    assert np.array_equal(session.labels, fresh.labels)


def test_half_precision_works(make_session, finish, marks, monkeypatch):
    """As on a GPU: every tensor that meets another is of one type."""
    full = make_session()
    monkeypatch.setattr(volume, "working_precision", lambda device: torch.float16)
    half = make_session()
    for each in (full, half):
        for seed, z in enumerate((5, 9, 5)):
            each.mark(z, marks(seed))
            finish(each)
    assert next(half.volume.model.parameters()).dtype == torch.float16
    assert obeyed(half)
    assert half.runner.pipeline.store.centroids.dtype == torch.float16
    assert (half.labels == full.labels).mean() > 0.8


def test_a_session_needs_a_volume(make_session, image):
    with pytest.raises(UserError, match="3D"):
        make_session(image=image[0])
    with pytest.raises(UserError, match="axis"):
        make_session(axis=3)


def test_a_structure_marked_in_the_air_is_seen_all_the_same(make_session, finish, image, marks):
    """The work grid shows the body only, until a mark says that there is more."""
    far = np.zeros_like(image)
    far[:, 8:30, 10:36] = image[:, 8:30, 10:36]
    session = make_session(image=far)
    assert session.volume.grid.rows < far.shape[1]
    inside = np.zeros(far.shape[1:], np.uint8)
    inside[10:14, 14:20], inside[20:24, 14:20] = 2, 1
    session.mark(5, inside)
    finish(session)
    assert session.volume.grid.rows < far.shape[1]
    encoding = session.encode()
    next(encoding)
    outside = np.zeros(far.shape[1:], np.uint8)
    outside[44:47, 58:62] = 3
    session.mark(6, outside)
    assert session.volume.grid.rows == far.shape[1]
    assert list(encoding)[-1] == session.slices
    assert session.volume.features.there.all()
    assert {5, 6} <= set(finish(session))
    assert (session.labels[6][outside > 0] == 2).all()
    assert (session.labels[5][inside == 2] == 1).all()
