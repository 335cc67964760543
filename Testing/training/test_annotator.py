"""The simulated annotator always tells the truth, and tells it in many ways."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.training.annotator import correction, draw_inside, first_marks, pick_slice
from scipy import ndimage as ndi

GRAINS = st.sampled_from([1.0, 1.7, 3.2])
"""Pixels of the network's grid that a pixel of the volume covers."""


def random_labels(seed: int, structures: int, shape=(6, 64, 64)) -> np.ndarray:
    """Smooth structures of all sizes, some of them absent from some slices."""
    rng = np.random.default_rng(seed)
    labels = np.zeros(shape, np.uint8)
    for k in range(1, structures + 1):
        field = ndi.gaussian_filter(rng.standard_normal(shape), (1.5, *2 * [rng.uniform(1.5, 9)]))
        labels[field > rng.uniform(1.0, 2.5) * field.std()] = k
    return labels


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), structures=st.integers(1, 4), grain=GRAINS)
def test_first_marks_agree_with_the_truth(seed: int, structures: int, grain: float) -> None:
    truth = random_labels(seed, structures)[3]
    marks = first_marks(np.random.default_rng(seed), truth, structures, grain)
    assert marks.dtype == np.uint8
    assert marks.shape == truth.shape
    assert ((marks == 0) | (marks == truth + 1)).all()
    for k in np.unique(truth[truth > 0]):
        assert (marks == k + 1).any(), "every structure that shows gets a mark"


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), structures=st.integers(1, 3), grain=GRAINS)
def test_corrections_agree_and_never_paint_over(seed: int, structures: int, grain: float) -> None:
    rng = np.random.default_rng(seed)
    truth = random_labels(seed, structures)
    predicted = np.roll(truth, rng.integers(-9, 10, 3), (0, 1, 2))
    marks = np.where(rng.random(truth.shape) < 0.2, truth + 1, 0).astype(np.uint8)
    z, drawn = correction(rng, truth, predicted, marks, structures, grain)
    assert 0 <= z < len(truth)
    assert ((drawn == 0) | (drawn == truth[z] + 1)).all()
    assert not (drawn[marks[z] > 0]).any()
    wrong = truth[z] != predicted[z]
    assert wrong[drawn > 0].all(), "only wrong pixels are corrected"


def test_nothing_wrong_needs_no_mark() -> None:
    truth = random_labels(1, 2)
    _, drawn = correction(np.random.default_rng(0), truth, truth, np.zeros_like(truth), 2)
    assert not drawn.any()


def test_something_wrong_gets_a_mark() -> None:
    truth = np.zeros((5, 40, 40), np.uint8)
    truth[3, 10, 10] = 1
    predicted = np.zeros_like(truth)
    z, drawn = correction(np.random.default_rng(0), truth, predicted, np.zeros_like(truth), 1)
    assert z == 3
    assert drawn[10, 10] == 2
    assert (drawn > 0).sum() == 1


def test_missed_and_excess_regions_are_both_marked() -> None:
    truth = np.zeros((1, 60, 60), np.uint8)
    truth[0, 10:30, 10:30] = 1
    predicted = np.zeros_like(truth)
    predicted[0, 10:30, 20:45] = 1
    _, drawn = correction(np.random.default_rng(3), truth, predicted, np.zeros_like(truth), 1)
    assert (drawn[10:30, 10:20] == 2).any()
    assert (drawn[10:30, 30:45] == 1).any()


def test_the_most_wrong_slice_is_preferred() -> None:
    rng = np.random.default_rng(0)
    picks = [pick_slice(rng, np.array([5, 100, 60, 3])) for _ in range(200)]
    assert set(picks) == {1, 2}, "other slices only if they are bad as well"
    assert picks.count(1) > 140


def test_where_pixels_are_large_marks_are_made_of_them() -> None:
    truth = np.zeros((66, 66), np.uint8)
    truth[30:42, 30:42] = 1
    for seed in range(20):
        marks = first_marks(np.random.default_rng(seed), truth, 1, grain=3.0)
        pixels = marks.reshape(22, 3, 22, 3)
        assert (pixels == pixels[:, :1, :, :1]).all()


def test_marks_vary() -> None:
    """Clicks and long strokes, thin and thick, with and without background."""
    truth = np.zeros((96, 96), np.uint8)
    truth[20:80, 30:70] = 1
    drawn = [first_marks(np.random.default_rng(s), truth, 1) for s in range(80)]
    sizes = [(m == 2).sum() for m in drawn]
    assert min(sizes) < 25
    assert max(sizes) > 120
    without = [not (m == 1).any() for m in drawn]
    assert 25 <= sum(without) <= 50
    clicked = [n <= 9 and alone for n, alone in zip(sizes, without, strict=True)]
    assert 6 <= sum(clicked) <= 30, "a click and nothing else"


def test_marks_repeat_with_the_seed() -> None:
    truth = random_labels(5, 3)[2]
    one, two = (first_marks(np.random.default_rng(9), truth, 3) for _ in range(2))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (2, 2), (40, 3)])
def test_tiny_regions_can_be_marked(shape: tuple[int, int]) -> None:
    mask = np.zeros((48, 48), bool)
    mask[: shape[0], : shape[1]] = True
    for seed in range(30):
        mark = draw_inside(np.random.default_rng(seed), mask)
        assert mark.any()
        assert not mark[~mask].any()


def test_full_and_empty_slices() -> None:
    rng = np.random.default_rng(0)
    full = np.ones((32, 32), np.uint8)
    empty = np.zeros((32, 32), np.uint8)
    for _ in range(20):
        assert set(np.unique(first_marks(rng, full, 1))) <= {0, 2}
        assert set(np.unique(first_marks(rng, empty, 1))) <= {0, 1}
