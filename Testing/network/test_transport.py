"""Masks carried from slice to slice by what pixels look like."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from S2VNetSlicerLib.network.looks import looks_of
from S2VNetSlicerLib.network.settings import PatchMatchingSettings
from S2VNetSlicerLib.network.transport import transported

HOW = PatchMatchingSettings()
CELLS = 48


def disc(row: float, column: float, radius: float, side: int = CELLS) -> torch.Tensor:
    """[1, 1, side, side], 0 or 1."""
    place = torch.arange(side) + 0.5
    far = ((place[:, None] - row) ** 2 + (place - column) ** 2).sqrt()
    return (far < radius).float()[None, None]


def looks(mask: torch.Tensor) -> torch.Tensor:
    """Of a slice that is bright in ``mask``, on texture that stays where it is."""
    texture = torch.randn(1, 1, 2 * CELLS, 2 * CELLS, generator=torch.Generator().manual_seed(4))
    return looks_of(80 + 100 * mask.repeat_interleave(2, 2).repeat_interleave(2, 3) + 4 * texture)


def dice(mask: torch.Tensor, truth: torch.Tensor) -> float:
    found = (mask > 0.5).float()
    return float(2 * (found * truth).sum() / (found.sum() + truth.sum()))


@pytest.mark.parametrize(("down", "across"), [(2, 0), (0, -2), (3, 1), (-2, 2)])
def test_a_mask_follows_what_moved(down, across):
    before, here = disc(24, 24, 9), disc(24 + down, 24 + across, 9)
    carried = transported(before, looks(before), looks(here))
    assert dice(carried, here) > 0.97 > dice(before, here)


def test_a_mask_grows_and_shrinks_with_what_it_shows():
    for radius in (7.0, 11.0):
        before, here = disc(24, 24, 9), disc(24, 24, radius)
        carried = transported(before, looks(before), looks(here))
        assert dice(carried, here) > max(0.95, dice(before, here))


def test_where_nothing_changed_masks_stay():
    before = torch.cat([disc(20, 20, 8), disc(34, 33, 7)], 1)
    seen = looks(before.sum(1, keepdim=True).clamp(max=1))
    carried = transported(before, seen, seen)
    assert torch.equal(carried > 0.5, before > 0.5)


def test_a_slice_without_any_difference_carries_the_mask_as_it_is():
    before, flat = disc(24, 24, 9), torch.zeros(1, 11, CELLS, CELLS)
    assert dice(transported(before, flat, flat), before) > 0.97


def test_nothing_is_carried_from_nothing():
    before = torch.full((2, 1, CELLS, CELLS), HOW.min_mask)
    seen = looks(disc(24, 24, 9)).repeat(2, 1, 1, 1)
    assert torch.equal(transported(before, seen, seen), before)


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
    carried = transported(masks, before, here)
    assert carried.min() >= 0
    assert carried.sum(1).max() <= 1 + 1e-5
    # No mask comes from farther than the reach.
    near = torch.nn.functional.max_pool2d(inside, 2 * HOW.reach + 1, 1, HOW.reach)
    assert not carried[(near == 0).expand_as(carried)].any()
    assert carried.dtype == masks.dtype
    assert carried.data_ptr() != masks.data_ptr()
