"""Results wait while the views draw, and nothing waits otherwise."""

from __future__ import annotations

import pytest
from S2VNetSlicerLib.workflow import pacing
from S2VNetSlicerLib.workflow.pacing import LONGEST, SHARE, TICK, Pacing


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(pacing.time, "monotonic", lambda: now[0])
    return now


def test_views_that_draw_at_once_hold_nothing_back(clock):
    paced = Pacing()
    for _ in range(5):
        assert paced.due()
        paced.showed()
        clock[0] += TICK


@pytest.mark.parametrize(("drew", "waits"), [(0.02, SHARE * 0.02), (3.0, LONGEST)])
def test_views_that_draw_for_long_are_left_alone(clock, drew, waits):
    paced = Pacing()
    paced.showed()
    clock[0] += TICK + drew
    assert not paced.due()
    clock[0] += waits - 0.001
    assert not paced.due()
    clock[0] += 0.002
    assert paced.due()


def test_what_is_waited_for_is_shown_at_once(clock):
    paced = Pacing()
    paced.showed()
    clock[0] += 1
    assert not paced.due()
    paced.at_once()
    assert paced.due()
