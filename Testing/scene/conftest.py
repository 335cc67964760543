"""A real MRML scene for each test; skipped where Slicer's libraries are missing."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.volume import Volume
from scipy.spatial.transform import Rotation

pytest.importorskip("slicer", reason="slicer-core is not installed")
from S2VNetSlicerLib.scene.application import HeadlessApplication
from S2VNetSlicerLib.scene.volumes import array_to_matrix, volume_to_node

SHAPE = (7, 9, 11)
_APPLICATIONS: list[HeadlessApplication] = []


@pytest.fixture
def scene():
    # VTK aborts when an application goes before the last node that a failed test still holds.
    _APPLICATIONS.append(HeadlessApplication())
    return _APPLICATIONS[-1].scene


@pytest.fixture
def volume() -> Volume:
    """Oblique, anisotropic, int16."""
    affine = np.eye(4)
    rotation = Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix()
    affine[:3, :3] = rotation @ np.diag([0.7, 0.9, 2.5])
    affine[:3, 3] = 12.5, -40.25, 7
    array = np.random.default_rng(0).integers(0, 500, SHAPE).astype(np.int16)
    return Volume(array, Geometry(SHAPE, affine), "MR", name="knee")


@pytest.fixture
def node(volume, scene):
    return volume_to_node(volume, scene)


@pytest.fixture
def moved(node, scene):
    """The volume under a linear parent transform."""
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("z", 30, degrees=True).as_matrix()
    matrix[:3, 3] = 100, 0, -20
    transform.SetMatrixTransformToParent(array_to_matrix(matrix))
    node.SetAndObserveTransformNodeID(transform.GetID())
    return node


@pytest.fixture
def segmentation(scene):
    found = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "seg")
    found.CreateDefaultDisplayNodes()
    return found


@pytest.fixture
def labels() -> np.ndarray:
    """Two structures, one of them in two parts."""
    made = np.zeros(SHAPE, np.uint8)
    made[2:5, 3:6, 4:9] = 1
    made[1:3, 6:8, 1:3] = 2
    made[5, 7, 9] = 2
    return made
