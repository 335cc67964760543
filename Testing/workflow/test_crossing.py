"""Planes across the slices settle a run when it is done, and only then."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.propagation.session import Session


def until_crossing(presenter) -> np.ndarray:
    """Ticks until the run is done; what it found."""
    while presenter.state.busy != "Crossing":
        presenter.tick()
        assert not presenter.idle, "the run ended without"
    return presenter.annotation.labels.copy()


@pytest.mark.parametrize("live", [False, True])
def test_planes_settle_a_run_as_part_of_its_step(presenter, begin, check, live, session_of):
    begin(presenter, live=live)
    before = presenter.annotation.labels.copy()
    presenter.propagate()
    run = until_crossing(presenter)
    presenter.wait()
    settled = presenter.annotation.labels.copy()
    assert (settled != run).any()
    assert np.array_equal(settled, session_of(presenter).labels)
    assert np.array_equal(settled[5], run[5]), "the anchor stays"
    check(presenter)
    if not live:
        assert presenter.undo()
        assert np.array_equal(presenter.annotation.labels, before)
        assert presenter.redo()
        assert np.array_equal(presenter.annotation.labels, settled)
        check(presenter)


def test_a_mark_comes_before_planes(presenter, begin, draw, check, session_of):
    begin(presenter, live=True)
    presenter.propagate()
    until_crossing(presenter)
    draw(presenter, 9, (30, 20))
    presenter.wait()
    assert np.array_equal(presenter.annotation.labels, session_of(presenter).labels)
    assert not session_of(presenter).runner.pipeline.store.unrefined
    check(presenter)


def test_planes_can_be_switched_off(presenter, begin, session_of):
    begin(presenter)
    presenter.runs.configure(across=False)
    presenter.propagate()
    while not presenter.idle:
        assert presenter.state.busy != "Crossing"
        presenter.tick()
    assert session_of(presenter).runner.pipeline.store.unrefined


def test_a_cancelled_run_is_not_crossed(presenter, begin, monkeypatch):
    asked = []
    monkeypatch.setattr(
        Session, "refine_across_planes", lambda session, *limits: iter(asked.append(limits) or [])
    )
    begin(presenter)
    presenter.propagate()
    for _ in range(6):
        presenter.tick()
    presenter.cancel()
    presenter.wait()
    assert not [limits for limits in asked if limits == (0, 11)]
    presenter.propagate()
    presenter.wait()
    assert asked[-1] == (0, 11)
