"""Masks carried from slice to slice by what pixels look like."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from S2VNetSlicerLib.network.patch_matching import match_patches
from S2VNetSlicerLib.network.pixel_features import pixel_feature_bank
from S2VNetSlicerLib.network.settings import PatchMatchingSettings

HOW = PatchMatchingSettings()
CELLS = 48


def disc(row: float, column: float, radius: float, side: int = CELLS) -> torch.Tensor:
    """[1, 1, side, side], 0 or 1."""
    place = torch.arange(side) + 0.5
    far = ((place[:, None] - row) ** 2 + (place - column) ** 2).sqrt()
    return (far < radius).float()[None, None]


def pixel_features(mask: torch.Tensor) -> torch.Tensor:
    """Of a slice that is bright in ``mask``, on texture that stays where it is."""
    texture = torch.randn(1, 1, 2 * CELLS, 2 * CELLS, generator=torch.Generator().manual_seed(4))
    return pixel_feature_bank(
        80 + 100 * mask.repeat_interleave(2, 2).repeat_interleave(2, 3) + 4 * texture
    )


def dice(mask: torch.Tensor, truth: torch.Tensor) -> float:
    found = (mask > 0.5).float()
    return float(2 * (found * truth).sum() / (found.sum() + truth.sum()))


@pytest.mark.parametrize(("down", "across"), [(2, 0), (0, -2), (3, 1), (-2, 2)])
def test_a_mask_follows_what_moved(down, across):
    before, here = disc(24, 24, 9), disc(24 + down, 24 + across, 9)
    recurrent = match_patches(before, pixel_features(before), pixel_features(here))
    assert dice(recurrent, here) > 0.97 > dice(before, here)


def test_a_mask_grows_and_shrinks_with_what_it_shows():
    for radius in (7.0, 11.0):
        before, here = disc(24, 24, 9), disc(24, 24, radius)
        recurrent = match_patches(before, pixel_features(before), pixel_features(here))
        assert dice(recurrent, here) > max(0.95, dice(before, here))


def test_where_nothing_changed_masks_stay():
    before = torch.cat([disc(20, 20, 8), disc(34, 33, 7)], 1)
    seen = pixel_features(before.sum(1, keepdim=True).clamp(max=1))
    recurrent = match_patches(before, seen, seen)
    assert torch.equal(recurrent > 0.5, before > 0.5)


def test_a_slice_without_any_difference_carries_the_mask_as_it_is():
    before, flat = disc(24, 24, 9), torch.zeros(1, 11, CELLS, CELLS)
    assert dice(match_patches(before, flat, flat), before) > 0.97


def test_nothing_is_carried_from_nothing():
    before = torch.full((2, 1, CELLS, CELLS), HOW.min_mask)
    seen = pixel_features(disc(24, 24, 9)).repeat(2, 1, 1, 1)
    assert torch.equal(match_patches(before, seen, seen), before)


@given(
    row=st.floats(0, CELLS),
    column=st.floats(0, CELLS),
    radius=st.floats(1, 60),
    seed=st.integers(0, 99),
)
def test_masks_stay_shares_wherever_they_are(row, column, radius, seed):
    chance = torch.Generator().manual_seed(seed)
    inside = disc(row, column, radius)
    share = torch.rand(1, 2, CELLS, CELLS, generator=chance) * inside
    masks = share / share.sum(1, keepdim=True).clamp(min=1)
    before, here = torch.rand(2, 1, 11, CELLS, CELLS, generator=chance)
    recurrent = match_patches(masks, before, here)
    assert recurrent.min() >= 0
    assert recurrent.sum(1).max() <= 1 + 1e-5
    # No mask comes from farther than the reach.
    near = torch.nn.functional.max_pool2d(inside, 2 * HOW.reach + 1, 1, HOW.reach)
    assert not recurrent[(near == 0).expand_as(recurrent)].any()
    assert recurrent.dtype == masks.dtype
    assert recurrent.data_ptr() != masks.data_ptr()
