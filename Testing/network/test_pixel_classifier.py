"""The classifier that settles cells in doubt: it learns what marks say and touches no other."""

from __future__ import annotations

import pytest
import torch
from S2VNetSlicerLib.network.pixel_classifier import (
    PixelClassifier,
    gather_pixel_samples,
)
from S2VNetSlicerLib.network.pixel_features import pixel_feature_bank
from S2VNetSlicerLib.network.settings import PixelClassifierSettings
from strokes import SIDE, STROKES, strokes

HOW = PixelClassifierSettings()
CELLS = SIDE // 2


@pytest.fixture
def pixel_features() -> torch.Tensor:
    """Those of a noisy slice whose right half is bright."""
    rng = torch.Generator().manual_seed(3)
    image = 60 + 10 * torch.randn(1, 1, SIDE, SIDE, generator=rng)
    image[..., SIDE // 2 :] += 100
    return pixel_feature_bank(image)


BRIGHT = torch.zeros(CELLS, CELLS, dtype=torch.bool)
BRIGHT[:, CELLS // 2 :] = True


def silent(k: int = 1) -> torch.Tensor:
    """Logits of a network that is never sure."""
    return torch.full((1, k, CELLS, CELLS), -1.0)


def fitted(
    pixel_features: torch.Tensor, marks: torch.Tensor, logits: torch.Tensor
) -> PixelClassifier:
    return PixelClassifier(gather_pixel_samples(pixel_features, logits, marks))


def test_two_strokes_settle_what_is_bright_and_what_is_dark(pixel_features):
    settled = fitted(pixel_features, strokes(*STROKES), silent())(
        pixel_features, torch.full((1, 1, CELLS, CELLS), 0.5)
    )
    right = (settled[0, 0] > 0.5) == BRIGHT
    assert right[:, [*range(14), *range(18, CELLS)]].float().mean() > 0.97


def test_where_everything_looks_alike_places_count():
    rng = torch.Generator().manual_seed(3)
    pixel_features = pixel_feature_bank(100 + torch.randn(1, 1, SIDE, SIDE, generator=rng))
    settled = fitted(pixel_features, strokes(*STROKES), silent())(
        pixel_features, torch.full((1, 1, CELLS, CELLS), 0.5)
    )
    upper = settled[0, 0, 4:12]
    assert upper[:, 20:].mean() > upper[:, :8].mean() + 0.2


def test_cells_that_are_sure_stay_as_they_are(pixel_features):
    masks = torch.rand(1, 2, CELLS, CELLS, generator=torch.Generator().manual_seed(1))
    masks = masks / (masks.sum(1, keepdim=True) + 0.05)
    sure = torch.cat([1 - masks.sum(1, keepdim=True), masks], 1).amax(1) >= HOW.settled
    masks[:, :, :2] = torch.tensor([0.95, 0.0])[:, None, None]
    sure[:, :2] = True
    marks = strokes(*STROKES, (3, slice(40, 50), slice(8, 16)))
    settled = fitted(pixel_features, marks, silent(2))(pixel_features, masks)
    kept = sure[:, None].expand_as(masks)
    assert torch.equal(settled[kept], masks[kept])
    assert (settled[~kept] != masks[~kept]).float().mean() > 0.95
    assert (settled >= 0).all()
    assert (settled.sum(1) <= 1 + 1e-5).all()


@pytest.mark.parametrize("places", [STROKES[:1], STROKES[1:]])
def test_marks_of_one_side_alone_settle_nothing(pixel_features, places):
    masks = torch.full((1, 1, CELLS, CELLS), 0.4)
    settled = fitted(pixel_features, strokes(*places), silent())(pixel_features, masks)
    assert torch.allclose(settled, masks, atol=1e-4)


def test_a_class_that_is_all_but_excluded_does_not_come_back(pixel_features):
    masks = torch.full((1, 2, CELLS, CELLS), 0.5)
    masks[:, 1] = 1 - HOW.settled - 0.01
    marks = strokes(*STROKES, (3, slice(40, 50), slice(8, 16)))
    settled = fitted(pixel_features, marks, silent(2))(pixel_features, masks)
    assert (settled[:, 1] == 0).all()
    assert (settled[0, 0] - 0.5).abs().max() > 0.1


def test_many_classes_none_of_them_likely_are_settled_all_the_same(pixel_features):
    masks = torch.full((1, 15, CELLS, CELLS), 0.062)
    settled = fitted(pixel_features, strokes(*STROKES), silent(15))(pixel_features, masks)
    assert settled.isfinite().all()
    assert (settled.sum(1) <= 1 + 1e-5).all()


def test_a_structure_without_marks_is_not_driven_out(pixel_features):
    masks = torch.zeros(1, 2, CELLS, CELLS)
    masks[:, 1] = 0.6
    settled = fitted(pixel_features, strokes(*STROKES), silent(2))(pixel_features, masks)
    assert (settled[0, 1, :, : CELLS // 2 - 3] > 0.4).all()


def test_cells_where_classes_meet_say_nothing_and_large_marks_are_thinned(pixel_features):
    marks = strokes((1, slice(0, SIDE), slice(0, 31)), (2, slice(0, SIDE), slice(31, SIDE)))
    (samples,) = gather_pixel_samples(pixel_features, silent(), marks)
    counts = [int((samples.y[:, 0] == k).sum()) for k in (0, 1)]
    assert counts == [HOW.max_marked, HOW.max_marked]
    columns = samples.x[:, -1] * CELLS + CELLS / 2
    assert not (columns.round() == 15).any()
    assert samples.x.shape[1] == pixel_features.shape[1] + 2


def test_what_the_network_is_sure_of_counts_a_little(pixel_features):
    logits = torch.where(BRIGHT, 8.0, -8.0)[None, None]
    (samples,) = gather_pixel_samples(pixel_features, logits, strokes(*STROKES))
    unmarked = samples.weight < 1
    assert unmarked.any()
    assert torch.allclose(samples.weight[unmarked], torch.tensor(HOW.sure_weight))
    columns = samples.x[unmarked, -1] * CELLS + CELLS / 2
    assert torch.equal(samples.y[unmarked, 0] == 1, columns >= CELLS // 2)


def test_the_same_marks_give_the_same_result(pixel_features):
    masks = torch.rand(1, 1, CELLS, CELLS, generator=torch.Generator().manual_seed(1))
    first, second = (
        fitted(pixel_features, strokes(*STROKES), silent())(pixel_features, masks) for _ in range(2)
    )
    assert torch.equal(first, second)


def test_an_even_slice_has_its_brightness_and_no_edges():
    found = pixel_feature_bank(torch.full((2, 1, SIDE, 96), 51.0))
    assert found.shape == (2, 11, SIDE // 2, 48)
    same = found.mean((0, 2, 3))
    assert torch.allclose(found, same[:, None, None].expand_as(found), atol=1e-5)
    assert sorted(same.round(decimals=3).tolist()) == [0.0] * 6 + [pytest.approx(0.2)] * 5
