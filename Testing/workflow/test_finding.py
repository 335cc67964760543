"""Finding and learning classes from the presenter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from S2VNetSlicerLib.library import store
from S2VNetSlicerLib.workflow.display_text import ALL
from S2VNetSlicerLib.workflow.library_commands import FINDING


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("S2VNET_LIBRARY", str(tmp_path / "library"))
    return tmp_path / "library"


@pytest.fixture
def weights(save_network, tmp_path, small_slices):
    """A small network with a predefined class."""
    small_slices(64)
    card = {"name": "small network", "commit": "abc"}
    return save_network(tmp_path / "small.safetensors", card, classes=("patella",))


@pytest.fixture
def learned(presenter, begin, monkeypatch):
    """``femur`` is in the library, and the classes that taught it are still there."""
    from S2VNetSlicerLib.library import finding

    monkeypatch.setattr(finding, "LEAST", -1.0)  # an untrained network is sure of nothing
    presenter.session.use(replace(presenter.session.settings, absent_below=0.0))
    femur, _ = begin(presenter)
    assert presenter.propagate()
    presenter.wait()
    assert presenter.accept(5)
    presenter.wait()
    assert presenter.learn_class(femur), presenter.state.message
    assert presenter.state.busy
    presenter.wait()
    assert presenter.state.message == "femur is learned from 1 example."
    return presenter


def test_a_name_that_the_weights_know_is_not_learned(learned):
    """It could never be found: the name means the class of the weights."""
    femur = learned.state.classes[0].id
    assert learned.rename_class(femur, "patella")
    assert not learned.learn_class(femur)
    assert learned.state.message == (
        "The weights know a class patella already: give yours another name first."
    )


def test_learned_classes_are_listed_and_forgotten(learned, folder):
    (row,) = learned.state.learned
    assert (row.name, row.modality, row.examples) == ("femur", "MR", 1)
    assert [r.weights for r in store.listed(folder)] == ["small network"]
    assert learned.state.predefined == ("patella",)
    assert learned.state.can_find
    assert learned.forget_learned("femur")
    assert learned.state.learned == ()
    assert not learned.forget_learned("femur")


def test_found_classes_are_added_and_one_undo_takes_them_back(learned, check):
    before = learned.annotation.labels.copy()
    rows = [row.name for row in learned.state.classes]
    assert learned.find_classes(["femur", "patella"]), learned.state.message
    state = learned.state
    assert state.busy == FINDING
    assert not state.reading
    assert not state.can_find
    learned.wait()
    names = [row.name for row in learned.state.classes]
    assert names == [*rows, "femur (2)"], "what is not there does not stay as an empty class"
    assert learned.state.message == "Not found in this volume: Patella."
    assert learned.state.failed
    labels = learned.annotation.labels
    assert (labels > len(rows)).any()
    assert np.array_equal(np.where(labels > len(rows), 0, labels)[before > 0], before[before > 0])
    initial = learned.annotation.initial
    assert np.array_equal(initial.labels, labels)
    assert initial.confidence.shape == (learned.annotation.slices, len(names))
    assert np.isfinite(initial.confidence[:, -1]).any(), "the search said how sure it was"
    check(learned)
    found = labels.copy()
    assert learned.undo()
    assert [row.name for row in learned.state.classes] == rows
    assert np.array_equal(learned.annotation.labels, before)
    assert learned.annotation.initial is None
    check(learned)
    assert learned.redo()
    assert np.array_equal(learned.annotation.labels, found)
    assert [row.name for row in learned.state.classes] == names
    check(learned)


def test_all_classes_of_a_part_of_the_body_are_found_at_once(learned):
    """What the volume does not show of them does not stay."""
    (part,) = learned.state.body_parts
    rows = [row.name for row in learned.state.classes]
    assert learned.find_classes([ALL + part, "patella", "femur"]), learned.state.message
    added = [row.name for row in learned.state.classes][len(rows) :]
    assert added == ["Patella", "femur (2)"]
    learned.wait()
    assert learned.state.message == "Not found in this volume: Patella."


def test_marks_correct_what_was_found(learned, draw, check):
    learned.find_classes(["femur"])
    learned.wait()
    number = len(learned.state.classes)
    z, y, x = np.argwhere(learned.annotation.labels == number)[0].tolist()
    learned.runs.configure(live=True)
    draw(learned, z, (y, x), radius=0.2, negative=True)
    learned.wait()
    assert learned.annotation.labels[z, y, x] == 0
    assert learned.annotation.initial is not None
    check(learned)


def test_what_was_found_is_still_the_result_to_compare_with_after_reopening(
    learned, draw, check, scene, make_presenter, tmp_path
):
    learned.find_classes(["femur"])
    learned.wait()
    number, found = len(learned.state.classes), learned.annotation.labels.copy()
    z, y, x = np.argwhere(found == number)[0].tolist()
    draw(learned, z, (y, x), radius=3, negative=True)
    learned.wait()
    changed = [row.changed_voxels for row in learned.state.classes]
    assert changed[number - 1] > 0
    assert learned.save_scene(tmp_path / "found.mrb")
    scene.Clear(0)
    assert scene.ReadFromMRB(str(tmp_path / "found.mrb"), True, None)
    reopened = make_presenter()
    assert reopened.resume(), reopened.state.message
    assert [row.changed_voxels for row in reopened.state.classes] == changed
    assert np.array_equal(reopened.annotation.initial.labels, found)
    assert len(reopened.state.segmentations) == 1, "the copy is no segmentation to choose"
    check(reopened)


def test_undo_takes_the_kept_result_back(learned, check):
    assert learned.correct()
    was = learned.annotation.initial.labels.copy()
    original = learned.workspace.node.GetNodeReference("S2VNet.automatic")
    learned.find_classes(["femur"])
    learned.wait()
    found = learned.workspace.node.GetNodeReference("S2VNet.automatic")
    assert found is not original
    assert found.GetHideFromEditors()
    assert found.GetDisplayNode() is None, "it is not seen in the views"
    assert original.GetScene() is learned.workspace.scene, "nothing of it is lost"
    assert learned.undo()
    ids = [row.id for row in learned.state.classes]
    mirror = learned.workspace.mirror
    assert np.array_equal(mirror.original_labels(ids, was.shape)[0], was)
    assert learned.redo()
    ids = [row.id for row in learned.state.classes]
    assert np.array_equal(
        mirror.original_labels(ids, was.shape)[0], learned.annotation.initial.labels
    )
    check(learned)


def test_a_search_can_be_cancelled(learned, check):
    learned.find_classes(["femur"])
    while not (learned.annotation.labels == 3).any():
        assert learned.tick()
    learned.cancel()
    learned.wait()
    assert learned.state.idle
    assert np.array_equal(learned.annotation.initial.labels, learned.annotation.labels)
    check(learned)


def test_a_lock_does_not_end_a_search(learned, check):
    seen = []
    learned.observe(lambda state: seen.append((state.busy, state.done)))
    learned.find_classes(["patella"])
    learned.tick()
    assert learned.lock_class(learned.state.classes[0].id, True)
    learned.wait()
    assert max(seen) == (FINDING, learned.state.slices)
    check(learned)


def test_a_stroke_ends_a_search_and_starts_no_more_than_its_own_slice(learned, draw, monkeypatch):
    learned.runs.configure(live=False)
    learned.find_classes(["patella"])
    learned.tick()
    wanted = []
    monkeypatch.setattr(learned.runs, "run", lambda *ranges: wanted.extend(ranges))
    draw(learned, 8, (20, 30))
    assert wanted == [(8, 8)]


def test_what_is_not_there_is_told(learned, monkeypatch):
    from S2VNetSlicerLib.library import finding

    monkeypatch.setattr(finding, "LEAST", 2.0)
    before = learned.annotation.labels.copy()
    learned.find_classes(["femur"])
    learned.wait()
    assert learned.state.message == "Not found in this volume: femur (2)."
    assert np.array_equal(learned.annotation.labels, before)


def test_a_fresh_volume_takes_the_axis_it_was_learned_on(learned, make_presenter, scene, volume):
    from S2VNetSlicerLib.scene.volumes import volume_to_node

    second = make_presenter()
    other = volume_to_node(volume, scene)
    assert second.choose_volume(other.GetID())
    assert second.find_classes(["femur"]), second.state.message
    second.wait()
    assert second.state.axis == 0
    assert [row.name for row in second.state.classes] == ["femur"]
    assert second.undo()
    assert second.state.classes == ()


def test_failures_are_sentences(learned):
    for wrong, sentence in (
        (lambda: learned.find_classes([]), "No class is chosen"),
        (lambda: learned.find_classes(["spleen"]), "There is no class spleen"),
        (lambda: learned.learn_class("nobody"), "no longer there"),
        (lambda: learned.learn_class(learned.add_class("new")), "accept a slice"),
    ):
        assert not wrong()
        assert sentence in learned.state.message
    learned.set_modality("CT")
    assert not learned.find_classes(["femur"])
    assert "was learned in MR" in learned.state.message
    learned.set_modality("MR")
    learned.propagate()
    assert not learned.find_classes(["femur"])
    assert "runs already" in learned.state.message
