"""Masks are settled by what marks say about pixels: in the volume that they are in, and at last."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from S2VNetSlicerLib.network.pixel_features import pixel_feature_bank
from S2VNetSlicerLib.propagation.pixel_classification import PixelClassification

SLICES, SIDE = 4, 32


@pytest.fixture
def retouching() -> PixelClassification:
    """Of two volumes of noise."""
    rng = torch.Generator().manual_seed(5)
    pixel_features = pixel_feature_bank(torch.rand(2 * SLICES, 1, SIDE, SIDE, generator=rng) * 255)
    return PixelClassification(lambda batch_index, z: pixel_features[batch_index * SLICES + z])


def strokes() -> torch.Tensor:
    marks = torch.zeros(2, SIDE, SIDE, dtype=torch.uint8)
    marks[0, 4:12, 4:12], marks[0, 20:28, 20:28] = 1, 2
    return marks


ROWS = torch.tensor([0, 1])
MASKS = torch.full((2, 1, SIDE // 2, SIDE // 2), 0.4)
UNSURE = torch.full_like(MASKS, -1.0)


def test_a_volume_is_settled_by_its_own_marks_only(retouching):
    retouching.learn(ROWS, torch.tensor([1, 1]), UNSURE, strokes())
    settled = retouching.classify(ROWS, torch.tensor([2, 2]), MASKS)
    assert not torch.allclose(settled[0], MASKS[0], atol=0.05)
    assert torch.equal(settled[1], MASKS[1])


def test_all_anchors_of_a_volume_count(retouching):
    retouching.learn(ROWS[:1], torch.tensor([1]), UNSURE[:1], strokes()[:1])
    once = retouching.classify(ROWS[:1], torch.tensor([2]), MASKS[:1])
    retouching.learn(ROWS[:1], torch.tensor([3]), UNSURE[:1], strokes()[:1].flip(2))
    assert retouching.samples[0].keys() == {1, 3}
    assert not torch.allclose(once, retouching.classify(ROWS[:1], torch.tensor([2]), MASKS[:1]))


def test_marks_that_only_contradict_one_another_say_nothing(retouching):
    marks = torch.ones(2, SIDE, SIDE, dtype=torch.uint8)
    marks[:, ::2] = 2
    retouching.learn(ROWS, torch.tensor([1, 1]), UNSURE, marks)
    assert torch.equal(retouching.classify(ROWS, torch.tensor([2, 2]), MASKS), MASKS)


def test_no_piece_appears_far_from_what_masks_show(retouching):
    masks = torch.zeros(1, 2, 16, 16)
    masks[0, :, 2:6, 2:6], masks[0, :, 6:8, 2:6], masks[0, :, 12:15, 12:15] = 0.4, 0.2, 0.2
    retouching.fitted[0] = lambda pixel_features, masks: torch.where(masks > 0.1, 0.9, masks)
    settled = retouching.classify(ROWS[:1], torch.tensor([2]), masks)[0] > 0.5
    assert settled[:, 2:8, 2:6].all()
    assert settled.sum() == 2 * 6 * 4


def test_what_is_shown_is_settled_but_not_what_is_handed_on(
    make_session, make_network, finish, marks
):
    shown, handed = [], []
    for on in (True, False):
        session = make_session(network=make_network(seed=9, retouching=on))
        session.mark(5, marks())
        finish(session)
        shown.append(session.labels.copy())
        handed.append(session.runner.pipeline.store.masks)
    assert torch.equal(*handed)
    assert not np.array_equal(*shown)


def test_a_loaded_result_is_corrected_without(make_session, finish, marks):
    session = make_session()
    session.load(np.ones(session.labels.shape, np.uint8))
    session.mark(5, marks())
    finish(session)
    assert not session.runner.pipeline.store.settled
