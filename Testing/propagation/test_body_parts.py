"""Which parts of the body a volume shows, and how it lies."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from S2VNetSlicerLib.network.configuration import NetworkConfiguration
from S2VNetSlicerLib.network.model import S2VNet
from S2VNetSlicerLib.propagation.automatic import AnatomicalOrientation
from S2VNetSlicerLib.propagation.body_parts import presence
from S2VNetSlicerLib.propagation.recognition import candidate_orientations, recognise
from S2VNetSlicerLib.propagation.settings import SessionSettings
from S2VNetSlicerLib.propagation.volume import InferenceVolume

CARD = {"recogniser": {"least_confidence": 0.5, "modality": "MR"}}


class Upright(torch.nn.Module):
    """In place of a head: sure of bright tissue that lies in the upper half of a slice."""

    def __init__(self, name: str = "liver") -> None:
        super().__init__()
        self.classes = (name,)
        self.configuration = NetworkConfiguration(classes=self.classes)

    def forward(self, slices: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        bright = torch.nn.functional.avg_pool2d(slices[:, None], 2)[:, 0] > 100
        upper = torch.arange(bright.shape[1]) < bright.shape[1] / 2
        sure = torch.where(upper, 20.0, 0.5)[:, None]
        return sure * torch.stack([~bright, bright], 1), []


@pytest.fixture
def upright(make_network) -> S2VNet:
    model = make_network(classes=("liver",))
    model.semantic_head = Upright()
    return model


def head() -> np.ndarray:
    """Bright in front, at the left and above: axes down-up, back-front, right-left."""
    image = np.full((40, 48, 56), 60, np.float32)
    image[20:36, 26:44, 8:48] = 200
    return image


def looked(model, image, anatomy, least=0.5, **parts):
    volume = InferenceVolume(model, image, (1.0, 1.0, 1.0), "MR", 0, SessionSettings(device="cpu"))
    volume.window = (0.0, 255.0)
    facts = {name: {"least_confidence": least} for name, least in parts.items()}
    card = {"recogniser": {"least_confidence": least}, "body_parts": facts}
    return list(recognise(volume, card, anatomy))


def test_how_a_volume_lies_is_found_by_trying(upright):
    for turn in ((0, 1, 2), (1, 0, 2), (2, 1, 0)):
        for flip in (1, -1):
            image = head().transpose(turn)[::flip]
            *signs, found = looked(upright, image, None)
            assert signs == [None] * len(signs)
            assert ((found.labels == 1) == (image > 100)).mean() > 0.97
            assert found.sure[image > 100].mean() > 200


def test_nothing_is_recognised_where_the_network_is_in_doubt(upright):
    assert looked(upright, head(), candidate_orientations((1.0, 1.0, 1.0))[0], least=1.1) == [None]


def test_only_parts_of_the_body_that_a_volume_shows_are_recognised(upright):
    """The torso is in doubt about all, the head sees what the brain sees."""
    upright.semantic_heads["torso"] = Upright("aorta")
    upright.semantic_heads["head-neck"] = Upright("liver")
    lies = AnatomicalOrientation((2, 1, 0), (True, True, True), (1.0, 1.0, 1.0))
    *_, found = looked(upright, head(), lies, 1.1, torso=1.1, **{"head-neck": 0.5})
    assert set(np.unique(found.labels)) == {0, 1}, "a class of one name is one class"
    *_, found = looked(upright, head(), lies, 1.1, torso=0.5)
    assert set(np.unique(found.labels)) == {0, 2}
    assert set(looked(upright, head(), lies, 1.1, torso=1.1)) == {None}


def test_to_name_what_is_marked_a_part_may_have_to_be_surer(upright):
    lies = AnatomicalOrientation((2, 1, 0), (True, True, True), (1.0, 1.0, 1.0))
    volume = InferenceVolume(upright, head(), (1.0, 1.0, 1.0), "MR", 0, SessionSettings())
    volume.window = (0.0, 255.0)
    found = []
    for for_names in (0.5, 1.1):
        card = {"recogniser": {"least_confidence": 0.5, "for_names": for_names}}
        assert presence(upright.body_parts[0], volume, card, lies).shown
        *_, last = recognise(volume, card, lies)
        found.append(last is not None)
    assert found == [True, False]


def test_volumes_lie_in_24_ways_that_are_read_in_12():
    ways = [way for lie in candidate_orientations((1.0, 1.0, 1.0)) for way in lie.ways]
    assert len(candidate_orientations((1.0, 1.0, 1.0))) == 24
    assert len({(*way.order, way.flip[1].step) for way in ways}) == 12
    thick = candidate_orientations((4.0, 1.0, 1.0))  # sagittal slices: either way
    assert sorted(len(lie.ways) for lie in thick) == [1] * 16 + [2] * 8


def test_looking_goes_on_where_it_was_interrupted(make_session, make_network):
    session = make_session(1, network=make_network(seed=9, classes=tuple("abcdefgh")))
    card = {"recogniser": {"least_confidence": 1e-6, "modality": "MR"}}
    next(iter(session.recognise(card)))
    assert session.runner.recogniser.found is None
    before = session.runner.recogniser._looking
    list(session.recognise(card))
    assert session.runner.recogniser._looking is before
    assert session.runner.recogniser.found is not None
    assert list(session.recognise(card)) == []


def test_classes_of_another_modality_are_not_looked_for(make_session, make_network):
    session = make_session(1, network=make_network(classes=("liver",)), modality="CT")
    assert list(session.recognise(CARD)) == []
    assert session.runner.recogniser.found is None
