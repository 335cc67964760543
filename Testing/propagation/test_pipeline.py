"""Whatever stops or breaks a stage, it leaves nothing behind."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.network.model import S2VNet

SLICES = 12


class Balls:
    """Finds structure 1 in slices 1 to 10, one after the other."""

    wanted = frozenset({0})

    def __init__(self) -> None:
        self.confidence = np.full((SLICES, 1), np.nan, np.float32)
        self.done: list[int] = []

    def labels(self, z: int) -> np.ndarray | None:
        if z not in self.done:
            return None
        found = np.zeros((48, 64), np.uint8)
        found[10:30, 20:40] = 1
        return found

    def run(self, device: torch.device):
        yield 0  # a sign of life
        for z in range(1, 11):
            self.done.append(z)
            self.confidence[z, 0] = 0.9
            yield z


@pytest.fixture
def begun(make_session, finish, marks):
    """A session with earlier masks and a new mark; what ``propagate`` makes of it is due."""

    def make(**options):
        session = make_session(**options)
        session.mark(2, marks(0))
        finish(session)
        session.mark(8, marks(1))
        return session

    return make


def same(one, other) -> bool:
    """Whether two sessions show and hold the same."""
    stores = [session.runner.pipeline.store for session in (one, other)]
    return np.array_equal(one.labels, other.labels) and all(
        torch.equal(getattr(stores[0], name), getattr(stores[1], name))
        for name in ("masks", "distance", "quality", "centroids", "history", "seen")
    )


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_a_run_that_broke_leaves_nothing_that_the_next_one_blends(
    begun, finish, monkeypatch, steps
):
    whole, broken = begun(), begun()
    finish(whole)
    left, step = [steps], S2VNet.step

    def fail(self, *args, **kwargs):
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("the device is gone")
        return step(self, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(S2VNet, "step", fail)
        with pytest.raises(RuntimeError, match="is gone"):
            finish(broken)
    finish(broken)
    assert same(broken, whole)


@pytest.mark.parametrize("taken", [1, 3, 6])
def test_a_stopped_run_leaves_nothing_where_another_range_is_asked_for(begun, finish, taken):
    whole, stopped = begun(), begun()
    run = stopped.propagate()
    for _ in range(taken):
        next(run)
    for session in (whole, stopped):
        finish(session, 5, 10)
        finish(session)
    assert same(stopped, whole)
    run.close()
    assert same(stopped, whole)


@pytest.mark.parametrize("taken", [1, 3, 6])
def test_a_run_that_goes_on_where_it_was_stopped_is_whole(begun, finish, taken):
    whole, stopped = begun(), begun()
    finish(whole)
    run = stopped.propagate()
    for _ in range(taken):
        next(run)
    run.close()
    finish(stopped)
    assert same(stopped, whole)


@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(taken=1, crossed=17)
@given(taken=st.integers(1, 40), crossed=st.integers(0, 20))
def test_wherever_a_session_is_stopped_marks_go_on_as_if_it_had_not_begun(
    begun, finish, marks, taken, crossed
):
    """Once the first result is there, prompted slices are done; from then on all yields are alike.
    Planes have refined all slices or none, and those that were not written before the next mark
    are written after it as they would have been."""

    def play(taken: int, crossed: int) -> tuple[bool, list[bytes]]:
        session = begun()
        stop(session.propagate(), taken)
        session.mark(5, marks(2))
        finish(session)
        stop(session.refine_across_planes(), crossed)
        settled = bool(session.runner.pipeline.store.refined)
        session.mark(10, marks(3))
        finish(session)
        store = session.runner.pipeline.store
        held = [store.masks.numpy(), store.distance.numpy(), session.labels]
        return settled, [array.tobytes() for array in held]

    every = 7  # slices of this run
    settled, found = play(1 + taken % every, crossed)
    if settled not in expected:
        expected[settled] = play(1, 1000 if settled else 0)
    assert (settled, found) == expected[settled]


expected: dict[bool, tuple[bool, list[bytes]]] = {}
"""What comes of sessions that are stopped at once, with and without planes."""


def stop(run, after: int) -> None:
    for _, _ in zip(range(after), run, strict=False):
        pass
    run.close()


def test_what_planes_settled_is_written_later_if_the_caller_stops(begun, finish):
    whole, stopped = begun(), begun()
    for session in (whole, stopped):
        finish(session)
    before = whole.labels.copy()
    assert [result for result in whole.refine_across_planes() if result is not None]
    assert not np.array_equal(whole.labels, before)
    run = stopped.refine_across_planes()
    while next(run) is None:
        assert np.array_equal(stopped.labels, before)
    run.close()
    assert finish(stopped)
    assert same(stopped, whole)
    assert finish(stopped) == []


@pytest.mark.parametrize("taken", [1, 3, 8, None])
def test_what_was_found_before_the_caller_stopped_is_a_result_to_correct(
    make_session, finish, marks, taken
):
    session = make_session(1, trust=2)
    run = session.apply_result(Balls())
    for number, _ in enumerate(run):
        if number == taken:
            break
    found = session.labels.copy()
    assert len(np.unique(np.nonzero(found)[0])) == (10 if taken is None else taken)
    session.mark(8, marks(1, 1))
    reached = finish(session)
    assert set(reached) <= {6, 7, 8, 9, 10}
    assert np.array_equal(session.labels[:6], found[:6])
    assert session.snapshot().initial is not None


def test_a_search_that_found_nothing_yet_leaves_everything(make_session, finish, marks):
    session = make_session(1)
    session.mark(5, marks(0, 1))
    finish(session)
    before = session.labels.copy()
    run = session.apply_result(Balls())
    next(run)
    run.close()
    assert session.snapshot().initial is None
    assert np.array_equal(session.labels, before)
    assert session.suggest_next_slice() is not None
