"""Supervoxels follow edges, nest into each other and leave no voxel out."""

from itertools import pairwise

import numpy as np
import pytest
from S2VNetSlicerLib.training.supervoxels import (
    borders,
    ct_levels,
    denoised,
    edge_levels,
    merge,
    mr_levels,
    region_table,
    relative_strength,
)
from scipy import ndimage as ndi

SPACING = (3.0, 1.0, 1.0)


def scene() -> tuple[np.ndarray, np.ndarray]:
    """A noisy image with four objects of different grey, and their labels."""
    rng = np.random.default_rng(4)
    z, y, x = np.mgrid[:12, :64, :64]
    truth = np.zeros(z.shape, int)
    truth[np.hypot(y - 20, x - 20) < 11] = 1
    truth[np.hypot(y - 20, x - 45) < 8] = 2
    truth[((z - 6) * 2) ** 2 + (y - 45) ** 2 + (x - 30) ** 2 < 12**2] = 3
    truth[(y > 40) & (x > 48)] = 4
    grey = np.array([60, 130, 190, 100, 220])[truth]
    return np.clip(grey + rng.normal(0, 6, grey.shape), 0, 255).astype(np.uint8), truth


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * (a & b).sum() / (a.sum() + b.sum())


@pytest.fixture(scope="module")
def levels() -> list[np.ndarray]:
    image, _ = scene()
    smooth = denoised(image, SPACING)
    return edge_levels(smooth, relative_strength(smooth, SPACING), SPACING, (60, 20, 6))


def test_every_voxel_belongs_to_a_region(levels: list[np.ndarray]) -> None:
    for labels, most in zip(levels, (60, 20, 6), strict=True):
        ids = np.unique(labels)
        assert ids[0] == 1
        assert len(ids) == ids[-1] <= most


def test_coarse_regions_are_unions_of_fine_ones(levels: list[np.ndarray]) -> None:
    for fine, coarse in pairwise(levels):
        pairs = np.unique(np.stack([fine.ravel(), coarse.ravel()]), axis=1)
        assert len(np.unique(pairs[0])) == pairs.shape[1], "a fine region has one parent"


def test_objects_are_found(levels: list[np.ndarray]) -> None:
    _, truth = scene()
    for k in range(1, 5):
        best = max(dice(labels == i, truth == k) for labels in levels for i in np.unique(labels))
        assert best > 0.8, f"object {k}"


def test_regions_with_visible_borders_are_listed(levels: list[np.ndarray]) -> None:
    image, truth = scene()
    smooth = denoised(image, SPACING)
    table = region_table(np.stack(levels), relative_strength(smooth, SPACING))
    listed = [levels[row["level"]] == row["id"] for row in table]
    assert max(dice(mask, truth == 1) for mask in listed) > 0.8
    assert (table["shown"] >= 0.6).all()
    assert (table["high"][:, 0] - table["low"][:, 0] >= 3).all()


def test_regions_cut_from_plain_noise_are_not_listed() -> None:
    rng = np.random.default_rng(0)
    image = denoised(rng.normal(120, 8, (10, 48, 48)).clip(0, 255), SPACING)
    blocks = np.kron(np.arange(1, 10).reshape(1, 3, 3), np.ones((10, 16, 16), int))
    table = region_table(blocks[None].astype(np.uint16), relative_strength(image, SPACING))
    assert not len(table)


def test_borders_count_touching_faces() -> None:
    labels = np.zeros((1, 4, 4), int)
    labels[0, 1:3, 1:3] = 1
    labels[0, 3] = 2
    pairs, strength, faces = borders(labels, np.full(labels.shape, 2.0))
    found = {tuple(p): (s, f) for p, s, f in zip(pairs.tolist(), strength, faces, strict=True)}
    assert found == {(0, 1): (12.0, 6), (0, 2): (4.0, 2), (1, 2): (4.0, 2)}


def test_the_weakest_border_goes_first() -> None:
    labels = np.repeat(np.arange(4), 6).reshape(1, 1, -1) * np.ones((1, 8, 1), int)
    image = np.array([10.0, 11.0, 50.0, 90.0])[labels]
    three, two = merge(labels, image, np.zeros_like(image), (3, 2))
    assert three[0] == three[1]
    assert len(set(three.tolist())) == 3
    assert two[2] in (two[1], two[3])
    assert two[0] == two[1]


def test_ct_classes() -> None:
    z, y, x = np.mgrid[:10, :64, :64]
    away = np.hypot(y - 32, x - 32)
    image = np.full(z.shape, -1000.0)
    image[away < 29] = -90
    image[away < 22] = 60
    shaft = (np.hypot(y - 26, x - 30) < 7) & (np.hypot(y - 26, x - 30) > 3.5)
    image[np.hypot(y - 26, x - 30) < 7] = 20
    image[shaft] = 800
    gas = np.hypot(y - 42, x - 40) < 5
    image[gas] = -900
    for labels, least in zip(ct_levels(image, SPACING), (0.8, 0.0), strict=True):
        regions = [labels == i for i in range(1, int(labels.max()) + 1)]
        bone = np.hypot(y - 26, x - 30) < 7
        assert max(dice(r, bone) for r in regions) > 0.85, "a bone with its marrow"
        assert max(dice(r, gas) for r in regions) > 0.75
        # Coarsely cut, a layer thinner than 6 mm falls apart.
        assert max(dice(r, (away < 29) & (away > 22)) for r in regions) >= least, "fat"
        assert labels[0, 0, 0] == 0, "air outside is no region"


def test_mr_classes() -> None:
    image, truth = scene()
    fine, coarse = mr_levels(image, SPACING)
    for labels in (fine, coarse):
        assert labels.dtype == np.uint16
        for i in range(1, int(labels.max()) + 1):
            assert (labels == i).sum() >= 60
    best = max(dice(fine == i, truth == 2) for i in range(1, int(fine.max()) + 1))
    assert best > 0.75


@pytest.mark.parametrize("slices", [2, 3, 5])
def test_few_slices_are_enough(slices: int) -> None:
    image, _ = scene()
    smooth = denoised(image[:slices], SPACING)
    (labels,) = edge_levels(smooth, relative_strength(smooth, SPACING), SPACING, (10,))
    assert labels.shape == (slices, 64, 64)
    parts, n = ndi.label(labels == labels[0, 20, 20], np.ones((3, 3, 3)))
    assert n == 1
    assert parts[0, 20, 20] == 1
