from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.propagation.components import (
    FACES,
    IN_PLANE,
    largest_components,
    remove_unprompted_components,
    with_seeds,
)
from scipy import ndimage as ndi

AROUND = np.ones((3, 3))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.2, 0.8), st.integers(1, 40), st.integers(1, 40))
def test_pieces_with_a_seed_stay(seed: int, share: float, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random((2, 2, height, width)) < share
    seeds = rng.random(mask.shape) < 0.02
    found = with_seeds(torch.from_numpy(mask), torch.from_numpy(seeds), IN_PLANE).numpy()
    for plane, marked, got in zip(
        *(a.reshape(4, height, width) for a in (mask, seeds, found)), strict=True
    ):
        numbers, _ = ndi.label(plane, AROUND)
        assert np.array_equal(got, plane & np.isin(numbers, numbers[marked & plane]))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.2, 0.8), st.tuples(*[st.integers(1, 14)] * 3))
def test_pieces_of_a_volume_with_a_seed_stay(seed, share, shape) -> None:
    rng = np.random.default_rng(seed)
    volume = rng.random(shape) < share
    seeds = rng.random(shape) < 0.02
    found = with_seeds(torch.from_numpy(volume), torch.from_numpy(seeds), FACES).numpy()
    numbers, _ = ndi.label(volume)
    assert np.array_equal(found, volume & np.isin(numbers, numbers[seeds & volume]))


def test_the_largest_pieces_come_first() -> None:
    mask = torch.zeros(6, 8, dtype=torch.bool)
    mask[0:3, 0:3] = True
    mask[4, 4] = mask[5, 5] = True  # diagonal neighbours
    mask[0, 7] = True
    assert [int(piece.sum()) for piece in largest_components(mask)] == [9, 2, 1]
    assert [int(piece.sum()) for piece in largest_components(mask, 1)] == [9]
    assert largest_components(torch.zeros(4, 4, dtype=torch.bool)) == []


def _anchor(*marks: tuple[int, int, int]) -> torch.Tensor:
    """Three squares, at columns 1, 5 and 9, of structure 1 after ``marks`` (class, row, column)."""
    mask = torch.zeros(1, 1, 5, 12)
    for column in (1, 5, 9):
        mask[..., 1:4, column : column + 2] = 0.9
    said = torch.zeros(1, 2, 5, 12)
    for number, row, column in marks:
        said[0, number, row, column] = 1
    previous = torch.zeros_like(mask)
    previous[..., 1:4, 5:7] = 1
    kept = remove_unprompted_components(mask, said, previous)
    return kept[0, 0, 2, [1, 5, 9]] > 0.5


@pytest.mark.parametrize(
    ("marks", "kept"),
    [
        ([(1, 2, 1)], [True, True, False]),  # what is marked, and what was there before
        ([(0, 2, 5)], [False, True, False]),  # a stroke of excess does not throw out the rest
        ([(1, 2, 1), (0, 2, 5)], [True, True, False]),
        ([(1, 1, 5), (0, 3, 6)], [False, True, False]),  # its own mark outweighs the other
        ([], [False, True, False]),
    ],
)
def test_anchors_keep_only_pieces_that_are_known(marks, kept) -> None:
    assert _anchor(*marks).tolist() == kept
