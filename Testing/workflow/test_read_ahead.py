"""The network is loaded and the volume read before anybody marks."""

from __future__ import annotations

import numpy as np
from S2VNetSlicerLib.inference.messages import Review
from S2VNetSlicerLib.library.learned import Orientation
from S2VNetSlicerLib.propagation.session import Session
from S2VNetSlicerLib.workflow.keyboard import KEYS


def test_the_first_mark_finds_the_volume_read(presenter, draw, session_of):
    presenter.runs.prefetch()
    presenter.tick()
    state = presenter.state
    assert (state.busy, state.reading, state.idle) == ("Loading", True, True)
    assert not state.segmentations
    presenter.wait()
    session = session_of(presenter)
    assert session.volume.features.there.all()
    draw(presenter, 5, (18, 28), (22, 32))
    presenter.wait()
    assert session_of(presenter) is session
    assert session.volume.features.encoded == session.slices
    assert presenter.annotation.labels.any()


def test_a_mark_interrupts_the_reading(presenter, draw, session_of):
    presenter.runs.configure(live=False)
    presenter.runs.prefetch()
    while not presenter.state.done:
        presenter.tick()
    assert presenter.state.done < presenter.state.total == 12
    draw(presenter, 5, (18, 28), (22, 32))
    presenter.tick()
    presenter.tick()
    assert not presenter.state.idle
    while not presenter.annotation.labels.any():
        presenter.tick()
    presenter.wait()
    assert presenter.state.idle
    assert presenter.session.client.read
    assert session_of(presenter).volume.features.there.all(), "it went on afterwards"


def test_a_run_that_was_cancelled_is_reviewed_when_nobody_waits(presenter, begin, monkeypatch):
    begin(presenter)
    told, reviewed = [], presenter.workspace.reviewed
    monkeypatch.setattr(
        presenter.workspace, "reviewed", lambda *about: (told.append(about), reviewed(*about))
    )
    presenter.propagate()
    while presenter.state.done < 4:
        presenter.tick()
    presenter.cancel()
    while not presenter.state.idle:
        presenter.tick()
    assert not told, "whoever cancels does not wait for it"
    done = int((presenter.annotation.slice_status > 0).sum())
    presenter.wait()
    ((confidence, worst, _names),) = told
    assert (~np.isnan(confidence)).any(1).sum() == done
    assert presenter.state.worst == worst
    assert presenter.annotation.pending, "the rest is still to be done"


def test_what_the_volume_shows_is_looked_for_as_it_lies(presenter, monkeypatch):
    asked = []

    def recognise(session, card, axes, grows):
        asked.append((session.axis, card["name"], axes, grows))
        yield

    monkeypatch.setattr(Session, "recognise", recognise)
    presenter.runs.prefetch()
    presenter.wait()
    lies = Orientation.of(presenter.workspace.grid().ijk_to_ras)
    assert asked == [(0, presenter.session.card["name"], lies.axes, lies.grows)]


def test_the_user_is_told_once_what_a_class_is_taken_for(presenter, draw):
    draw(presenter, 5, (18, 28), (22, 32))
    presenter.wait()
    (row,) = presenter.state.classes
    nothing = np.full((12, 1), np.nan)
    presenter._take(Review(nothing, None, True, {1: "left liver"}))
    assert presenter.message.text == (
        f"{row.name} is taken for Left liver, which the weights know: mark what is wrong."
    )
    presenter.message.tell("")
    presenter._take(Review(nothing, None, True, {1: "left liver"}))
    assert presenter.message.text == ""
    presenter._take(Review(nothing, None, True, {1: "left and right liver"}))
    assert "Left and right liver" in presenter.message.text, "more than before"
    presenter.message.tell("")
    presenter._take(Review(nothing, None, True, {}))
    assert presenter.message.text == ""


def test_reading_ahead_waits_for_what_runs(presenter, draw):
    draw(presenter, 5, (18, 28), (22, 32))
    presenter.tick()
    assert not presenter.state.idle
    presenter.runs.prefetch()
    assert presenter.runs.state.running is not None
    presenter.wait()
    assert (presenter.state.slice_status > 0).all()


def test_without_a_volume_nothing_is_read(make_presenter):
    presenter = make_presenter()
    presenter.runs.prefetch()
    assert presenter.idle


def test_the_next_class_after_the_last_is_the_first(presenter):
    ids = [presenter.add_class(), presenter.add_class()]
    seen = []
    for _ in range(3):
        assert presenter.select_next()
        seen.append(presenter.state.selected)
    assert seen == [ids[0], ids[1], ids[0]]


def test_every_key_has_one_action():
    assert len({key.key for key in KEYS}) == len({key.action for key in KEYS}) == len(KEYS)
