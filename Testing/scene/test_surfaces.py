"""Surfaces: where the voxels are, and beside the event loop."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.annotation.boxed import Boxed
from S2VNetSlicerLib.scene.surfaces import MakeSurfaces
from S2VNetSlicerLib.volumes.geometry import Geometry
from vtkmodules.vtkFiltersCore import vtkMassProperties

SHAPE = (20, 40, 48)


def mirrored() -> Geometry:
    affine = np.diag([-0.8, 1.2, 2.5, 1.0])
    affine[:3, 3] = 100, -30, 7
    return Geometry(SHAPE, affine)


def turned() -> Geometry:
    affine = np.eye(4)
    cos, sin = np.cos(0.4), np.sin(0.4)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    affine[:3, :3] = turn @ np.diag([0.8, 1.2, 2.5])
    return Geometry(SHAPE, affine)


def surfaces(labels, grid, known):
    job = MakeSurfaces(Boxed.of(labels), grid, ["a", "b"], known)
    return {made.id: made for made in job.run(lambda: False)}


@pytest.mark.parametrize("grid", [mirrored(), turned()], ids=["mirrored", "turned"])
def test_a_surface_encloses_its_voxels_with_normals_outward(grid):
    labels = np.zeros(SHAPE, np.uint8)
    labels[6:16, 8:30, 10:40] = 2
    made = surfaces(labels, grid, {})
    assert len(made["a"].mesh.points) == 0
    box = made["b"].mesh.poly_data()
    corners = grid.ijk_to_ras_points(np.array([[9.5, 7.5, 5.5], [39.5, 29.5, 15.5]]))
    points = np.array([box.GetPoint(n) for n in range(box.GetNumberOfPoints())])
    inside = grid.ras_to_ijk(points)
    assert np.allclose([inside.min(0), inside.max(0)], grid.ras_to_ijk(corners), atol=0.6)
    mass = vtkMassProperties()
    mass.SetInputData(box)
    voxels = 10 * 22 * 30 * np.prod(grid.spacing)
    assert mass.GetVolume() == pytest.approx(voxels, rel=0.1)  # corners are rounded
    normals = box.GetPointData().GetNormals()
    out = np.array([normals.GetTuple(n) for n in range(len(points))])
    middle = points.mean(0)
    assert (np.einsum("ij,ij->i", out, points - middle) > 0).mean() > 0.99


def test_only_what_changed_is_made_again():
    labels = np.zeros(SHAPE, np.uint8)
    labels[2:5, 5:9, 5:9], labels[8:12, 5:9, 5:9] = 1, 2
    made = surfaces(labels, mirrored(), {})
    known = {id: surface.check for id, surface in made.items()}
    labels[2:5, 10, 10] = 1
    again = surfaces(labels, mirrored(), known)
    assert again["a"].mesh is not None
    assert (again["b"].check, again["b"].mesh) == (known["b"], None)
    labels[labels == 1] = 0
    assert len(surfaces(labels, mirrored(), known)["a"].mesh.points) == 0
