"""The panel's section of classes that need no marks."""

# ruff: noqa: F401, F811 (fixtures of other files)

from __future__ import annotations

import pytest
from dialect import settle
from PySide6 import QtCore
from recorder import LIVER, SPLEEN
from S2VNetSlicerLib.workflow.state import LearnedRow
from session_steps import mark, state
from test_panel import panel, recorder, segmentation, shown, volume

KNOWN = {
    "predefined": ("liver", "brain"),
    "learned": (LearnedRow("my tumour", "MR", 3),),
    "can_find": True,
}


@pytest.fixture
def known(shown, recorder):
    """The panel with two classes of the weights and a learned one."""
    recorder.show(**KNOWN)
    return shown


def rows(panel):
    found = panel.ui.findList
    return [found.item(n).text() for n in range(found.count)]


def check(panel, n, on=True):
    states = QtCore.Qt.CheckState
    panel.ui.findList.item(n).setCheckState(states.Checked if on else states.Unchecked)


def enabled(panel):
    names = ("find", "learn", "tune", "forget")
    return [getattr(panel.ui, f"{name}Button").enabled for name in names]


def test_what_is_known_is_listed(known, recorder):
    assert rows(known) == ["liver", "brain", "my tumour (learned, MR, examples: 3)"]
    assert recorder.take() == []
    recorder.show(predefined=(), learned=())
    assert rows(known) == []


def test_all_classes_of_a_part_of_the_body_are_checked_as_one(shown, recorder):
    recorder.show(**KNOWN, body_parts=("torso", "head-neck", ""))
    assert rows(shown)[:4] == [
        "Torso: all classes",
        "Head and neck: all classes",
        "All classes of the weights",
        "liver",
    ]
    check(shown, 1)
    shown.ui.findButton.click()
    assert recorder.take() == [("find_classes", ["*head-neck"])]


def test_checked_classes_are_found(known, recorder):
    assert not known.ui.findButton.enabled
    check(known, 0)
    check(known, 2)
    assert known.ui.findButton.enabled
    known.ui.findButton.click()
    assert recorder.take() == [("find_classes", ["liver", "my tumour"])]
    check(known, 0, on=False)
    check(known, 2, on=False)
    assert not known.ui.findButton.enabled


def test_checks_stay_when_the_list_changes(known, recorder):
    check(known, 1)
    recorder.show(learned=())
    assert known.automatic.checked() == ["brain"]
    known.ui.findButton.click()
    assert recorder.take() == [("find_classes", ["brain"])]


def test_nothing_can_begin_while_something_runs(known, recorder):
    check(known, 0)
    known.ui.findList.setCurrentRow(2)
    assert enabled(known) == [True] * 4
    recorder.show(busy="Finding", can_find=False)
    assert enabled(known) == [False] * 4
    recorder.show(busy="Encoding", reading=True, can_find=True)
    assert enabled(known) == [True] * 4, "reading ahead stands in nobody's way"


def test_the_selected_class_is_learned(known, recorder):
    known.ui.learnButton.click()
    assert recorder.take() == [("learn_class", LIVER.id)]
    recorder.show(selected="")
    assert not known.ui.learnButton.enabled, "the background is no class"


def test_only_learned_classes_are_forgotten_and_not_without_asking(known, recorder, host):
    known.ui.findList.setCurrentRow(0)
    assert not known.ui.forgetButton.enabled
    known.ui.findList.setCurrentRow(2)
    host.confirms = False
    known.ui.forgetButton.click()
    assert recorder.take() == []
    assert "my tumour" in host.questions[0]
    host.confirms = True
    known.ui.forgetButton.click()
    assert recorder.take() == [("forget_learned", "my tumour")]


def test_a_class_is_tuned_only_after_asking(known, recorder, host):
    known.ui.findList.setCurrentRow(0)
    assert not known.ui.tuneButton.enabled, "the weights' classes are not the user's"
    known.ui.findList.setCurrentRow(2)
    recorder.answer = ""
    known.ui.tuneButton.click()
    assert recorder.take() == [("estimate_tuning", "my tumour")], "the message says why not"
    assert host.questions == []
    recorder.answer = "Fine-tune my tumour?"
    host.confirms = False
    known.ui.tuneButton.click()
    assert recorder.take() == [("estimate_tuning", "my tumour")]
    assert host.questions == ["Fine-tune my tumour?"]
    host.confirms = True
    known.ui.tuneButton.click()
    assert recorder.take()[1:] == [("tune_class", "my tumour")]


@pytest.mark.parametrize("kept", [True, False])
def test_what_was_tuned_is_kept_only_after_asking_once(known, recorder, host, kept):
    host.confirms = kept
    recorder.show(tuning="Dice 0.5 before, 0.7 after. Keep it?")
    recorder.show(slice=3)
    assert host.questions == [], "nothing is asked while somebody draws"
    settle()
    assert host.questions == ["Dice 0.5 before, 0.7 after. Keep it?"]
    assert recorder.take() == [("keep_tuning", kept)]
    recorder.show(tuning="")
    settle()
    assert len(host.questions) == 1


def test_a_chosen_volume_is_read_ahead(panel, recorder):
    recorder.calls.clear()
    panel.ui.volumeSelector.choose("head")
    assert [call[0] for call in recorder.calls] == ["choose_volume", "prefetch"]
    recorder.calls.clear()
    recorder.answer = False
    panel.ui.volumeSelector.choose("head")
    assert [call[0] for call in recorder.calls] == ["choose_volume"], "it was refused"


# ---- on the real presenter and scene -------------------------------------------------------------


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.setenv("S2VNET_LIBRARY", str(tmp_path / "library"))
    return tmp_path / "library"


@pytest.fixture
def weights(tmp_path, save_network, monkeypatch, library):
    """As for every session, but they know a class."""
    from S2VNetSlicerLib.network import weights

    card = {"name": "tiny"}
    path = save_network(tmp_path / "tiny.safetensors", card, seed=2, classes=("spleen",))
    monkeypatch.setattr(weights, "default_weights", lambda: path)
    return path


def test_a_class_of_the_weights_is_found(session, host):
    session.panel.presenter.wait()
    session.panel._tick()
    assert rows(session) == ["All classes of the weights", "spleen"]
    check(session.panel, 1)
    session.ui.findButton.click()
    assert state(session).message == ""
    session.panel.presenter.wait()
    session.panel._tick()
    now = state(session)
    assert [row.name for row in now.classes] == ["Structure 1", "Spleen"]
    assert session.ui.classTable.item(1, 2).text() == "Spleen", "its terminology follows"
    session.ui.undoButton.click()
    assert [row.name for row in state(session).classes] == ["Structure 1"]


def test_a_class_is_learned_listed_and_forgotten(session, host, library):
    mark(session, host)
    session.ui.classTable.item(0, 1).setText("my ball")
    session.ui.learnButton.click()
    assert "accept a slice" in session.ui.messageLabel.text
    session.ui.acceptButton.click()
    session.panel.presenter.wait()
    session.ui.learnButton.click()
    session.panel.presenter.wait()
    session.panel._tick()
    assert "my ball is learned" in session.ui.messageLabel.text
    assert rows(session)[-1] == "my ball (learned, MR, examples: 1)"
    assert len(list(library.glob("*.safetensors"))) == 2, "the class and its cases"
    session.ui.findList.setCurrentRow(session.ui.findList.count - 1)
    session.ui.tuneButton.click()
    assert host.questions == []
    assert "accept it in another volume first" in session.ui.messageLabel.text
    session.ui.findList.setCurrentRow(session.ui.findList.count - 1)
    session.ui.forgetButton.click()
    assert rows(session) == ["All classes of the weights", "spleen"]
    assert list(library.glob("*.safetensors")) == []
