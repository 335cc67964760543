"""Masks are settled by what marks say about pixels, at last."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from S2VNetSlicerLib.network.pixel_features import pixel_feature_bank
from S2VNetSlicerLib.propagation.pixel_classification import PixelClassification

SLICES, SIDE = 4, 32


@pytest.fixture
def pixels() -> PixelClassification:
    """Of a volume of noise."""
    rng = torch.Generator().manual_seed(5)
    pixel_features = pixel_feature_bank(torch.rand(SLICES, 1, SIDE, SIDE, generator=rng) * 255)
    return PixelClassification(lambda batch_index, z: pixel_features[z])


def strokes() -> torch.Tensor:
    marks = torch.zeros(1, SIDE, SIDE, dtype=torch.uint8)
    marks[0, 4:12, 4:12], marks[0, 20:28, 20:28] = 1, 2
    return marks


VOLUME = torch.tensor([0])
MASKS = torch.full((1, 1, SIDE // 2, SIDE // 2), 0.4)
UNSURE = torch.full_like(MASKS, -1.0)


def classified(pixels: PixelClassification, masks: torch.Tensor = MASKS, earlier=None):
    return pixels.classify(VOLUME, torch.tensor([2]), masks, earlier or {})


def test_all_prompted_slices_count(pixels):
    assert torch.equal(classified(pixels), MASKS)
    pixels.learn(VOLUME, torch.tensor([1]), UNSURE, strokes())
    once = classified(pixels)
    assert not torch.allclose(once, MASKS, atol=0.05)
    pixels.learn(VOLUME, torch.tensor([3]), UNSURE, strokes().flip(2))
    assert pixels.samples.keys() == {1, 3}
    assert not torch.allclose(once, classified(pixels))


def test_slices_keep_the_classifier_that_they_were_segmented_with(pixels):
    pixels.learn(VOLUME, torch.tensor([1]), UNSURE, strokes())
    earlier, once = {2: pixels.fitted}, classified(pixels)
    pixels.learn(VOLUME, torch.tensor([3]), UNSURE, strokes().flip(2))
    both = VOLUME.expand(2), torch.tensor([1, 2]), MASKS.expand(2, -1, -1, -1)
    found = pixels.classify(*both, earlier)
    assert torch.allclose(found[1], once[0])
    assert torch.allclose(found[0], pixels.classify(*both, {})[0])
    assert not torch.allclose(found[1], classified(pixels)[0])


def test_marks_that_only_contradict_one_another_say_nothing(pixels):
    marks = torch.ones(1, SIDE, SIDE, dtype=torch.uint8)
    marks[:, ::2] = 2
    pixels.learn(VOLUME, torch.tensor([1]), UNSURE, marks)
    assert torch.equal(classified(pixels), MASKS)


def test_no_piece_appears_far_from_what_masks_show(pixels):
    masks = torch.zeros(1, 2, 16, 16)
    masks[0, :, 2:6, 2:6], masks[0, :, 6:8, 2:6], masks[0, :, 12:15, 12:15] = 0.4, 0.2, 0.2
    pixels.fitted = lambda pixel_features, masks: torch.where(masks > 0.1, 0.9, masks)
    settled = classified(pixels, masks)[0] > 0.5
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
    assert not session.runner.pipeline.store.classified
