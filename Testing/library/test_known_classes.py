"""Classes that the weights know by name, alone and beside learned ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from phantoms import SHAPE, SPACING, phantom, taught
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.library import finding, store
from S2VNetSlicerLib.library.finding import find, find_all
from S2VNetSlicerLib.propagation.automatic import AnatomicalOrientation, presence_confidence
from S2VNetSlicerLib.propagation.body_parts import presence
from S2VNetSlicerLib.propagation.recognition import Recognition
from S2VNetSlicerLib.propagation.records import SliceStatus
from S2VNetSlicerLib.segmenting import segment_automatically
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.volume import Volume


def test_predefined_classes_come_with_learned_ones(small, monkeypatch):
    monkeypatch.setattr(finding, "LEAST", -1.0)  # an untrained network is sure of nothing
    learned = taught(small(classes=("liver",)), phantom()[1])
    session = small(structures=2, classes=("liver",))
    for _ in find_all(session, {1: learned, 2: 0}, card={"name": "small"}):
        pass
    assert np.isfinite(session.confidence).any(0).all()


@pytest.mark.parametrize(("moved", "known"), [(0, "spleen"), (5, "spleen"), (14, "")])
def test_what_is_learned_may_be_a_class_that_the_weights_know(small, tmp_path, moved, known):
    session, (_, ball) = small(classes=("liver", "spleen")), phantom()
    seen = np.roll(2 * ball, moved, 2).astype(np.uint8)
    seen[:, :10] = 1
    session.runner.recogniser.found = Recognition(seen, 255 * (seen > 0), ("liver", "spleen"))
    learned = taught(session, ball)
    assert learned.known_as == known
    store.save(learned, tmp_path)
    assert store.load("Ball", tmp_path).known_as == known
    other = taught(small(classes=("liver", "spleen")), ball)  # nothing was recognised there
    assert other.known_as == learned.with_example(other).known_as == ""


@pytest.mark.parametrize("shown", ["spleen", "no spleen", "other weights"])
def test_a_learned_class_that_the_weights_know_is_found_as_such(small, monkeypatch, shown):
    monkeypatch.setattr(finding, "LEAST", -1.0)  # an untrained network is sure of nothing
    learned = taught(small(), phantom()[1])
    named = replace(learned, examples=(replace(learned.examples[0], known_as="spleen"),))
    classes = ("liver",) if shown == "other weights" else ("liver", "spleen")
    card = {"name": "small", "recogniser": {"least_confidence": float(shown != "spleen")}}
    session, other = small(classes=classes), small(classes=classes)
    notes = []
    list(find_all(session, {1: named}, card=card, tell=notes.append))
    if shown == "spleen":
        list(other.automatic([1]))
    else:
        list(find(other, {1: learned}, weights="small"))
    assert other.labels.any()
    assert np.array_equal(session.labels, other.labels)
    assert notes == [], "nobody asked for a predefined class"


def test_predefined_classes_are_not_found_where_the_network_is_in_doubt(small):
    """The card says how sure it must be of what it sees in a few slices."""
    looked = set()
    session = small(classes=("liver", "spleen"))
    (part,) = session.volume.model.body_parts
    sure = presence(part, session.volume, {}, session.volume.anatomy((2, 1, 0), (True,) * 3)).sure
    assert 0 < sure < 1

    def found(least):
        for result in find_all(session, {1: 1}, card={"recogniser": {"least_confidence": least}}):
            looked.add(result.z)
        return len(looked)

    assert found(sure + 1e-3) == 0
    assert not session.labels.any()
    assert (session.state.slice_status == SliceStatus.UNTOUCHED).all()
    assert found(sure - 1e-3) == SHAPE[0]


@pytest.mark.parametrize("shown", ["", "torso", "both", "none"])
def test_without_names_the_classes_of_what_the_volume_shows_are_found(
    make_network, small_slices, shown
):
    small_slices(96)
    model = make_network(seed=9, classes=("skull", "cord"))
    model.semantic_heads["torso"] = make_network(seed=3, classes=("liver", "cord")).semantic_head
    least = {part: 1e-6 if shown in (part, "both") else 1.0 for part in ("", "torso")}
    facts = {part: {"least_confidence": value} for part, value in least.items()}
    card = {"recogniser": facts[""], "body_parts": facts}
    volume = Volume(phantom()[0], Geometry(SHAPE, np.diag([*SPACING[::-1], 1.0])), "MR")
    found = segment_automatically(model, volume, card=card)
    expected = {
        "": ["skull", "cord"],
        "torso": ["cord", "liver"],
        "both": ["skull", "cord", "liver"],
        "none": ["skull", "cord", "liver"],
    }[shown]
    assert found.names == expected
    assert found.confidence.shape == (SHAPE[0], len(expected))
    assert found.labels.any() == (shown != "none")
    assert bool(found.notes) == (shown == "none")
    asked = segment_automatically(model, volume, ["liver", "skull"], card=card)
    there = {1: shown in ("torso", "both"), 2: shown in ("", "both")}
    assert asked.names == ["liver", "skull"]
    for number, is_there in there.items():
        assert np.isfinite(asked.confidence[:, number - 1]).any() == is_there


@pytest.mark.parametrize("axes", [(2, 1, 0), (1, 2, 0), (0, 1, 2)])
def test_a_few_slices_tell_what_all_do(small, axes):
    v = small(classes=("liver", "spleen")).volume
    anatomy = AnatomicalOrientation(axes, (True, False, True), (1.0, 1.0, 1.0))
    every, few = (
        presence_confidence(v.model.semantic_head, v.image, v.window, anatomy, v.device, looks)
        for looks in (1000, 6)
    )
    assert 0.3 < every < 1
    assert few == pytest.approx(every, abs=0.05)


def test_classes_of_another_modality_are_refused(small):
    card = {"recogniser": {"modality": "CT"}}
    with pytest.raises(UserError, match="in another modality, this volume is MR"):
        list(find_all(small(classes=("liver",)), {1: 0}, card=card))
