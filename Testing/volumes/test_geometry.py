"""Grids survive ITK, files and the way to RAS and back."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.reading import read_file
from S2VNetSlicerLib.volumes.writing import write_label_map
from scipy.spatial.transform import Rotation

modest = settings(max_examples=40, deadline=None)


@st.composite
def geometries(draw: st.DrawFn) -> Geometry:
    """Any rotation, axis order, flip (left-handed too), spacing and origin."""
    angles = [draw(st.floats(-180, 180)) for _ in range(3)]
    axes = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    axes = axes[:, draw(st.permutations(range(3)))]
    signs = [draw(st.sampled_from((-1, 1))) for _ in range(3)]
    spacing = [draw(st.floats(0.05, 20)) for _ in range(3)]
    affine = np.eye(4)
    affine[:3, :3] = axes * signs * spacing
    affine[:3, 3] = [draw(st.floats(-1000, 1000)) for _ in range(3)]
    return Geometry(draw(st.tuples(*[st.integers(2, 6)] * 3)), affine)


@modest
@given(geometries())
def test_itk_round_trip_is_exact(geometry: Geometry) -> None:
    array = np.arange(np.prod(geometry.shape)).reshape(geometry.shape).astype(np.int16)
    image = geometry.to_sitk(array)
    again = Geometry.from_sitk(image)
    assert again.shape == geometry.shape
    np.testing.assert_allclose(again.ijk_to_ras, geometry.ijk_to_ras, rtol=0, atol=1e-9)
    lps = np.array(image.TransformIndexToPhysicalPoint((1, 0, 1)))
    ras = geometry.ijk_to_ras_points(np.array([[1, 0, 1]]))[0]
    np.testing.assert_allclose(lps * (-1, -1, 1), ras, atol=1e-9)
    assert image[1, 0, 1] == array[1, 0, 1]


@modest
@given(geometries(), st.lists(st.tuples(*[st.floats(-500, 500)] * 3), min_size=1, max_size=5))
def test_ras_to_ijk_inverts(geometry: Geometry, points: list[tuple[float, ...]]) -> None:
    there = geometry.ijk_to_ras_points(geometry.ras_to_ijk(np.array(points)))
    np.testing.assert_allclose(there, points, atol=1e-8)


@modest
@given(geometries())
def test_spacing_is_the_distance_of_neighbours(geometry: Geometry) -> None:
    origin, i, j, k = geometry.ijk_to_ras_points(np.vstack([np.zeros(3), np.eye(3)]))
    expected = [np.linalg.norm(point - origin) for point in (k, j, i)]
    np.testing.assert_allclose(geometry.spacing, expected)


@settings(max_examples=15, deadline=None)
@given(geometries(), st.sampled_from([".nrrd", ".seg.nrrd", ".mha", ".nii.gz", ".nii"]))
def test_a_written_file_has_the_same_geometry(geometry: Geometry, suffix: str) -> None:
    labels = np.random.default_rng(0).integers(0, 9, geometry.shape).astype(np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"labels{suffix}"
        write_label_map(path, labels, geometry)
        again = read_file(path)
    np.testing.assert_array_equal(again.array, labels)
    assert again.array.dtype == np.uint8
    assert geometry.is_close(again.geometry)
    if "nii" not in suffix:  # NIfTI stores float32
        np.testing.assert_allclose(again.geometry.ijk_to_ras, geometry.ijk_to_ras, atol=1e-9)


@modest
@given(geometries(), st.integers(0, 2), st.floats(0.1, 10))
def test_a_moved_grid_is_not_close(geometry: Geometry, axis: int, by: float) -> None:
    moved = geometry.ijk_to_ras.copy()
    moved[axis, 3] += by * min(geometry.spacing)
    assert geometry.is_close(Geometry(geometry.shape, geometry.ijk_to_ras + 1e-7))
    assert not geometry.is_close(Geometry(geometry.shape, moved))
    k, j, i = geometry.shape
    assert not geometry.is_close(Geometry((k + 1, j, i), geometry.ijk_to_ras))


@modest
@given(geometries())
def test_every_orthogonal_grid_passes_the_check(geometry: Geometry) -> None:
    geometry.check("grid")


@pytest.mark.parametrize("change", ["nan", "zero", "shear", "parallel"])
def test_bad_grids_are_refused(change: str) -> None:
    affine = np.diag([0.8, 0.8, 2.0, 1.0])
    if change == "nan":
        affine[0, 3] = np.nan
    if change == "zero":
        affine[1, 1] = 0
    if change == "shear":
        affine[0, 2] = 0.1
    if change == "parallel":
        affine[:3, 1] = affine[:3, 0]
    with pytest.raises(UserError, match=r"^knee\.nrrd has "):
        Geometry((3, 4, 5), affine).check("knee.nrrd")


def test_an_array_of_another_shape_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="grid of shape"):
        Geometry((3, 4, 5), np.eye(4)).to_sitk(np.zeros((5, 4, 3)))
