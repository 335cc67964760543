"""Fine-tuning from the presenter: it asks before it begins and before anything is stored."""

from __future__ import annotations

from dataclasses import replace

import pytest
from S2VNetSlicerLib.library import material, store, tuning
from S2VNetSlicerLib.workflow.library_commands import TUNING


@pytest.fixture
def learned(presenter, begin, monkeypatch, tmp_path):
    """``femur`` is learned from one volume."""
    monkeypatch.setenv("S2VNET_LIBRARY", str(tmp_path / "library"))
    femur, _ = begin(presenter)
    assert presenter.propagate()
    presenter.wait()
    assert presenter.accept(5)
    presenter.wait()
    assert presenter.learn_class(femur), presenter.state.message
    presenter.wait()
    return presenter


@pytest.fixture
def twice(learned, monkeypatch):
    """``femur`` is learned from two volumes; tuning is short."""
    for module in (material, tuning):
        monkeypatch.setattr(module, "STEPS", 1)
    (example,) = store.load("femur").examples
    stored = material.cases.load(store.path_of("femur"), "femur")[example.key]
    other = replace(example, weight=example.weight * 0.5, case=replace(stored, volume="another"))
    store.add(replace(store.load("femur"), examples=(other,)))
    return learned


def centres():
    return [example.centres.tobytes() for example in store.load("femur").examples]


def finish(presenter):
    presenter.wait()
    assert presenter.state.idle
    return presenter.state


def test_it_asks_before_and_after_and_keeps_what_it_is_told(twice):
    before = centres()
    question = twice.estimate_tuning("femur")
    assert "Fine-tune femur on its 2 accepted slices of 2 volumes" in question
    assert twice.state.idle, "asking begins nothing"
    assert twice.tune_class("femur"), twice.state.message
    assert twice.state.busy == TUNING
    assert not twice.state.reading
    assert not twice.state.can_find
    state = finish(twice)
    assert "Dice" in state.tuning
    assert centres() == before
    assert twice.keep_tuning(False)
    assert (twice.state.tuning, twice.state.message) == ("", "femur is as it was.")
    assert centres() == before
    twice.tune_class("femur")
    finish(twice)
    assert twice.keep_tuning(True)
    assert (twice.state.tuning, twice.state.message) == ("", "femur is fine-tuned.")
    assert centres() != before


def test_it_tells_how_far_it_is_and_can_be_cancelled(twice):
    before, seen = centres(), []
    twice.observe(lambda state: seen.append((state.busy, state.done, state.total)))
    twice.tune_class("femur")
    while twice.state.done < 3:
        assert twice.tick()
    assert twice.cancel()
    state = finish(twice)
    assert (TUNING, 2, 18) in seen
    assert state.tuning == ""
    assert "femur is as it was" in state.message
    assert centres() == before


def test_nothing_else_begins_meanwhile(twice):
    twice.tune_class("femur")
    for other in (
        lambda: twice.find_classes(["femur"]),
        lambda: twice.learn_class(twice.state.classes[0].id),
        lambda: twice.tune_class("femur"),
        lambda: twice.estimate_tuning("femur"),
    ):
        assert not other()
        assert "runs already" in twice.state.message
    assert finish(twice).tuning


def test_no_volume_is_needed(twice, make_presenter):
    other = make_presenter()
    assert other.state.volume is None
    assert [row.name for row in other.state.learned] == ["femur"]
    assert other.tune_class("femur"), other.state.message
    assert "Dice" in finish(other).tuning
    assert other.keep_tuning(True)


def test_the_annotation_stays_as_it_is(twice, check, draw):
    before, rows = twice.annotation.labels.copy(), twice.state.classes
    twice.tune_class("femur")
    finish(twice)
    assert (twice.annotation.labels == before).all()
    assert twice.state.classes == rows
    draw(twice, 7, (20, 30))
    assert twice.propagate()
    finish(twice)
    check(twice)
    assert twice.state.tuning, "the question waits for its answer"


def test_failures_are_sentences(learned, monkeypatch):
    for wrong, sentence in (
        (lambda: learned.estimate_tuning("femur"), "accept it in another volume first"),
        (lambda: learned.tune_class("femur"), "accept it in another volume first"),
        (lambda: learned.tune_class("spleen"), "no learned class spleen"),
        (lambda: learned.keep_tuning(True), "No fine-tuned class waits"),
    ):
        assert not wrong()
        assert sentence in learned.state.message
    assert learned.state.idle


def test_the_library_is_not_read_at_every_change(learned, monkeypatch):
    calls = []
    monkeypatch.setattr(store, "listed", lambda *a: calls.append(1) or ())
    learned.select_class("")
    learned.go_to(3)
    assert calls == []
    assert learned.refresh()
    assert calls == [1]
    assert learned.state.learned == ()
