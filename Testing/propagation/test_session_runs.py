"""What a propagation recomputes, in which order, and how it goes on after a break."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
import torch
from S2VNetSlicerLib.network.model import S2VNet
from S2VNetSlicerLib.propagation.records import SliceStatus


def obeyed(session) -> bool:
    return all(
        np.array_equal(session.labels[z][marks > 0], marks[marks > 0] - 1)
        for z in session.state.anchors
        for marks in [session.state.prompts(z)]
    )


# ---- what is recomputed --------------------------------------------------------------------------


def test_slices_come_outward_and_the_marked_one_first(make_session, finish, marks):
    session = make_session(max_empty_slices=None)
    session.mark(4, marks())
    order = finish(session)
    assert order[0] == 4
    assert [abs(z - 4) for z in order] == sorted(abs(z - 4) for z in order)
    assert sorted(order) == list(range(12))


@pytest.mark.parametrize(("z", "gap"), [(4, range(3, 8)), (0, range(2)), (10, range(9, 12))])
def test_a_new_mark_recomputes_only_its_gap(make_session, finish, marks, z, gap):
    session = make_session()
    for seed, anchor in enumerate((2, 8)):
        session.mark(anchor, marks(seed))
    finish(session)
    before, quality = session.labels.copy(), session.confidence
    session.mark(z, marks(5))
    order = finish(session)
    assert set(order) == set(gap)
    outside = [other for other in range(12) if other not in gap]
    assert np.array_equal(session.labels[outside], before[outside])
    assert np.array_equal(session.confidence[outside], quality[outside])
    assert (session.labels[list(gap)] != before[list(gap)]).any()


def test_between_anchors_both_are_heard(make_session, finish, marks):
    """The middle of a gap depends on the marks at either end."""
    results = []
    for seeds in ((0, 1), (0, 2), (3, 1)):
        session = make_session()
        for seed, z in zip(seeds, (3, 8), strict=True):
            session.mark(z, marks(seed))
        finish(session)
        results.append(session.labels[5:7].copy())
    assert not np.array_equal(results[0], results[1])
    assert not np.array_equal(results[0], results[2])


def test_range(make_session, finish, marks):
    session = make_session()
    session.mark(5, marks())
    order = finish(session, 3, 6)
    assert sorted(order) == [3, 4, 5, 6]
    assert np.flatnonzero(session.state.slice_status).tolist() == [3, 4, 5, 6]
    outside = np.delete(session.labels, [3, 4, 5, 6], 0)
    assert not outside.any()


def test_a_run_ends_when_nothing_is_left_and_tells_the_empty_slices(
    make_network, make_session, finish, marks
):
    network = make_network(seed=8)
    with torch.no_grad():
        network.quality_head[2].bias[0] = -50  # nothing is present, ever
    session = make_session(network=network, max_empty_slices=2)
    steps = []
    step = session.volume.model.step
    session.volume.model.step = lambda *args: steps.append(len(args[1].has_previous)) or step(*args)
    session.mark(5, marks())
    order = finish(session)
    assert sum(steps) == 1 + 2 + 2  # the anchor, two slices each way
    assert sorted(order) == list(range(12))
    assert (session.state.slice_status[np.arange(12) != 5] == SliceStatus.MODEL).all()
    assert not np.delete(session.labels, 5, 0).any()
    assert session.labels[5].any()


# ---- cancelling ----------------------------------------------------------------------------------


def start(session, marks):
    session.mark(8, marks(0))
    for _ in session.propagate():
        pass
    for seed, z in enumerate((2, 5)):
        session.mark(z, marks(seed + 1))
    return session


@pytest.mark.parametrize("after", range(1, 10))
def test_a_cancelled_propagation_keeps_what_is_done_and_goes_on(make_session, marks, after):
    whole = start(make_session(), marks)
    order = [result.z for result in whole.propagate()]
    cancelled = start(make_session(), marks)
    before = cancelled.labels.copy()
    running = cancelled.propagate()
    done = [next(running) for _ in range(after)]
    running.close()
    last = {result.z: result.labels for result in done}
    for z in range(12):
        assert np.array_equal(cancelled.labels[z], last.get(z, before[z]))
    rest = [result.z for result in cancelled.propagate()]
    assert [r.z for r in done] + rest == order
    assert np.array_equal(cancelled.labels, whole.labels)
    assert np.array_equal(cancelled.confidence, whole.confidence)
    assert list(cancelled.propagate()) == []


@pytest.mark.parametrize("fails_at", [0, 1, 2])
def test_an_error_on_the_way_is_mended_by_the_next_call(make_session, marks, fails_at):
    whole, broken = make_session(), make_session()
    for session in (whole, broken):
        start(session, marks)
        for seed, z in enumerate((3, 9)):
            session.mark(z, marks(seed))
    assert list(whole.propagate()) != []
    step, calls = broken.volume.model.step, []

    def flaky(*args):
        calls.append(1)
        if len(calls) == fails_at + 1:
            raise KeyboardInterrupt
        return step(*args)

    with patch.object(broken.volume.model, "step", flaky):
        with pytest.raises(KeyboardInterrupt):
            list(broken.propagate())
        list(broken.propagate())
    assert np.array_equal(broken.labels, whole.labels)


@pytest.mark.parametrize("after", [1, 3, 6])
@pytest.mark.parametrize("z", [5, 4, 9])
def test_a_mark_meanwhile_ends_the_iteration_and_the_next_call_does_all(
    make_session, finish, marks, after, z
):
    session = start(make_session(), marks)
    running = session.propagate()
    seen = [next(running).z for _ in range(after)]
    session.mark(z, marks(7))
    assert list(running) == []
    again = finish(session)
    assert {2, 5, z} <= set(again)
    assert set(seen) | set(again) >= set(range(8))
    assert obeyed(session)
    assert finish(session) == []


def test_another_range_begins_anew(make_session, finish, marks):
    session, whole = make_session(), make_session()
    for each in (session, whole):
        each.mark(5, marks())
    running = session.propagate(4, 6)
    next(running)
    running.close()
    assert sorted(finish(session)) == list(range(12))
    finish(whole)
    assert np.array_equal(session.labels, whole.labels)


def test_a_click_after_coming_back_sees_what_its_slice_held(make_session, finish, marks):
    """An undo forgets the masks, not the labels: a click alone would say too little."""
    session = make_session()
    session.mark(5, marks())
    finish(session)
    assert session.labels[8].any()
    session.restore(session.snapshot())
    click = np.zeros_like(marks())
    click[20, 30] = 2
    session.mark(8, click)
    received, model = [], session.volume.model

    def spy(*args):
        received.append(args[1])
        return S2VNet.step(model, *args)

    with patch.object(model, "step", spy):
        finish(session)
    held = session.snapshot()
    anchors = received[0]
    assert anchors.has_previous.tolist() == [1, 1]
    assert anchors.previous[1].flatten(1).any(1).tolist() == [
        bool((held.labels[8] == k).any()) for k in (1, 2)
    ]
