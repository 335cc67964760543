"""Beside a run of the network, a mask that pixels alone carry has a say in what is shown."""

from __future__ import annotations

import pytest
import torch
from S2VNetSlicerLib.network.pixel_features import pixel_feature_bank
from S2VNetSlicerLib.network.settings import PatchMatchingSettings
from S2VNetSlicerLib.propagation.mask_warping import PatchPropagation
from S2VNetSlicerLib.propagation.slice_propagator import DOWN, FAR, UP, SlicePropagator

SLICES, SIDE, STEP = 5, 64, 2
"""A bright square moves by ``STEP`` pixels from slice to slice."""


def square(z: int) -> torch.Tensor:
    """[SIDE, SIDE], 1 in the square of slice ``z``."""
    plane = torch.zeros(SIDE, SIDE)
    plane[20:40, 8 + STEP * z : 28 + STEP * z] = 1
    return plane


IMAGES = torch.stack([60 + 120 * square(z) for z in range(SLICES)])
LOOKS = pixel_feature_bank(IMAGES[:, None])
MASKS = torch.stack([square(z)[::2, ::2] for z in range(SLICES)])[:, None]


@pytest.fixture
def follow(make_network):
    """The masks [slices, h, w] upward of slice 0, whose mask the anchor is given, in a propagator
    with these options, and their distance."""

    def play(**options) -> tuple[torch.Tensor, torch.Tensor]:
        model = make_network(seed=8)
        with torch.no_grad():
            features = model.encode(IMAGES)
            propagator = SlicePropagator(
                model,
                1,
                SLICES,
                lambda batch_index, z: features.map(lambda t: t[z]),
                pixel_features=lambda batch_index, z: LOOKS[z],
                **options,
            )
            batch_index = z = torch.tensor([0])
            marks = torch.where(square(0) > 0, 2, 1)[None].to(torch.uint8)
            store = propagator.init_store()
            start = store.remember(propagator.segment_prompted(store, batch_index, z, marks))
            for _ in propagator.propagate(store, batch_index, z, start):
                pass
        return store.masks[UP, 0, :, 0], store.distance[:, 0, :, 0]

    return play


def dice(mask: torch.Tensor, truth: torch.Tensor) -> float:
    found = (mask > 0.5).float()
    return float(2 * (found * truth).sum() / (found.sum() + truth.sum()))


def test_a_run_that_is_sure_of_nothing_shows_what_pixels_carry(follow):
    """Every class counts as absent, so the network shows nothing."""
    masks, distance = follow(absent_below=1.1)
    assert min(dice(m, t[0]) for m, t in zip(masks, MASKS, strict=True)) > 0.9
    assert distance[UP].tolist() == [0, 1, 2, 3, 4]
    assert (distance[DOWN, 1:] == FAR).all()


def test_slices_that_are_passed_over_lie_between(follow):
    masks, _ = follow(absent_below=1.1, slice_stride=2)
    assert dice(masks[4], MASKS[4, 0]) > 0.9
    assert dice(masks[3], MASKS[3, 0]) > 0.7


def test_what_is_carried_counts_less_far_from_the_anchor():
    transport = PatchPropagation(lambda batch_index, z: LOOKS[z], thickness=5.0)
    unsure = torch.full((2, 1, 4, 4), 0.4)
    far_off = int(PatchMatchingSettings().decay_mm)
    travelled = torch.tensor([1, far_off])
    near, far = transport.add(unsure, torch.ones_like(unsure), travelled)
    assert near.min() > 0.9 > far.max() > 0.4
    # The network's own doubt is all that is left where nothing was carried.
    assert (transport.add(unsure, torch.zeros_like(unsure), torch.tensor([1, 1])) < 0.1).all()


def test_several_classes_stay_shares():
    transport = PatchPropagation(lambda batch_index, z: LOOKS[z], thickness=1.0)
    masks = torch.full((1, 3, 4, 4), 1 / 3)
    both = transport.add(masks, torch.full_like(masks, 0.9), torch.tensor([1]))
    assert both.sum(1).max() <= 1 + 1e-6
