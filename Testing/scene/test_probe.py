"""Letters of directions, places and values in words, windows of volumes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from S2VNetSlicerLib.scene.probe import letter, position_text, value_text, voxel_at
from S2VNetSlicerLib.scene.windows import automatic, preset
from scipy.spatial.transform import Rotation

OPPOSITE = dict(zip("RLAPSI", "LRPAIS", strict=True))


@pytest.mark.parametrize("axis", range(3))
def test_letters_are_those_of_the_axes_of_ras(axis):
    direction = np.eye(3)[axis]
    assert letter(direction) == "RAS"[axis]
    assert letter(-direction) == "LPI"[axis]


@given(st.tuples(*3 * [st.floats(-40, 40)]))
def test_a_turn_of_less_than_45_degrees_keeps_the_letter_and_opposite_edges_are_opposite(angles):
    turned = Rotation.from_euler("xyz", np.array(angles) / 3, degrees=True)
    for axis in range(3):
        direction = turned.apply(np.eye(3)[axis])
        assert letter(direction) == "RAS"[axis]
        assert letter(-direction) == OPPOSITE[letter(direction)]


def test_places_are_told_by_side():
    assert position_text(np.array([-12.34, 4.0, -110.5])) == "L 12.3  A 4.0  I 110.5 mm"
    assert position_text(np.array([0.0, -0.01, 0.0])) == "R 0.0  A 0.0  S 0.0 mm"


@given(
    st.tuples(*3 * [st.floats(-60, 60)]), st.integers(0, 3), st.integers(0, 4), st.integers(0, 5)
)
def test_the_voxel_at_its_own_centre_is_found_on_any_grid(angles, k, j, i):
    affine = np.eye(4)
    turned = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    affine[:3, :3] = turned * [0.7, 1.3, 3.0]
    affine[:3, 3] = 10, -20, 30
    centre = (affine @ [i, j, k, 1])[:3]
    assert voxel_at(affine, (4, 5, 6), centre) == (k, j, i)
    outside = (affine @ [6.1, j, k, 1])[:3]
    assert voxel_at(affine, (4, 5, 6), outside) is None


def test_values_are_hounsfield_units_in_a_ct_only():
    assert value_text(-1000.0, "CT") == "-1000 HU"
    assert value_text(0.25, "MR") == "intensity 0.25"
    assert value_text(231.0, "MR") == "intensity 231"


def test_the_automatic_window_leaves_out_single_extreme_values():
    array = np.tile(np.arange(1000, dtype=np.float32), 100)
    array[:20] = 1e6
    window, level = automatic(array)
    assert 990 <= window <= 1000
    assert level == pytest.approx(500, abs=5)
    assert preset("lung").level == -600
    assert preset("auto") is None
