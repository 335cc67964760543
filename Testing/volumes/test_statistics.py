"""Volume, intensities and largest diameter of classes, against plain NumPy and SciPy."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.statistics import as_csv, class_statistics, diameter
from scipy.spatial.distance import pdist
from scipy.spatial.transform import Rotation

SHAPE = (5, 6, 7)


def grid(angles=(0.0, 0.0, 0.0)):
    affine = np.eye(4)
    affine[:3, :3] = Rotation.from_euler("xyz", angles, degrees=True).as_matrix() * [0.7, 1.1, 3]
    return Geometry(SHAPE, affine)


@given(
    st.sets(st.tuples(*(st.integers(0, n - 1) for n in SHAPE)), min_size=1, max_size=30),
    st.tuples(*3 * [st.floats(-80, 80)]),
)
def test_the_diameter_is_the_largest_distance_of_any_two_voxels(voxels, angles):
    mask = np.zeros(SHAPE, bool)
    mask[tuple(np.array(sorted(voxels)).T)] = True
    geometry = grid(angles)
    points = geometry.ijk_to_ras_points(np.argwhere(mask)[:, ::-1])
    expected = pdist(points).max() if len(points) > 1 else 0.0
    assert diameter(mask, geometry) == pytest.approx(expected, abs=1e-6)


def test_flat_and_straight_structures_have_a_diameter():
    for box, ends in (
        (np.s_[2, 1:5, 1:6], (0, 3, 4)),
        (np.s_[2, 3, 1:7], (0, 0, 5)),
        (np.s_[0:5, 1, 1], (4, 0, 0)),
    ):
        mask = np.zeros(SHAPE, bool)
        mask[box] = True
        k, j, i = ends
        expected = np.linalg.norm([0.7 * i, 1.1 * j, 3 * k])
        assert diameter(mask, grid()) == pytest.approx(expected)


def test_a_table_holds_each_class_with_its_values():
    array = np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE)
    labels = np.zeros(SHAPE, np.uint8)
    labels[1:3, 2:4, 2:5] = 1
    rows = class_statistics(labels, array, grid(), ["organ, left", "nothing"])
    inside = array[labels == 1]
    assert (rows[0].voxels, rows[0].mean, rows[0].sd) == (12, inside.mean(), inside.std())
    assert rows[0].ml == pytest.approx(12 * 0.7 * 1.1 * 3 / 1000)
    assert (rows[0].least, rows[0].most) == (inside.min(), inside.max())
    first, second = csv.DictReader(io.StringIO(as_csv(rows, "CT")))
    assert first["class"] == "organ, left"
    assert float(first["SD (HU)"]) == pytest.approx(inside.std(), abs=1e-3)
    assert (second["voxels"], second["mean (HU)"]) == ("0", "")
    assert "mean" in as_csv(rows, "MR").splitlines()[0].split(",")
