"""The volume is edited while a propagation runs on it."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.scene.volumes import array_to_matrix


def in_place(node, volume, scene):
    import slicer.util

    slicer.util.arrayFromVolume(node)[...] = 400 - volume.array
    slicer.util.arrayFromVolumeModified(node)


def other_voxels(node, volume, scene):
    import slicer.util

    slicer.util.updateVolumeFromArray(node, 400 - volume.array)


def smaller(node, volume, scene):
    import slicer.util

    slicer.util.updateVolumeFromArray(node, volume.array[:8])


def moved(node, volume, scene):
    node.SetOrigin(1.0, 2.0, 3.0)


def transformed(node, volume, scene):
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = np.eye(4)
    matrix[:3, 3] = 5, 0, 0
    transform.SetMatrixTransformToParent(array_to_matrix(matrix))
    node.SetAndObserveTransformNodeID(transform.GetID())


def emptied(node, volume, scene):
    node.SetAndObserveImageData(None)


@pytest.mark.parametrize("edit", [in_place, other_voxels], ids=lambda f: f.__name__)
def test_other_voxels_in_mid_run(running, node, volume, scene, check, edit):
    edit(node, volume, scene)
    running.wait()
    assert running.state.message == ""
    assert (running.state.slice_status > 0).all()
    check(running)
    running.propagate()  # on what the volume is now
    running.wait()
    assert running.state.message == ""
    check(running)


@pytest.mark.parametrize("edit", [smaller, moved, transformed, emptied], ids=lambda f: f.__name__)
def test_another_grid_in_mid_run(running, node, volume, scene, edit):
    """The run may end, in one sentence; the segmentation keeps what was written."""
    segmentation = running.workspace.node
    kept = list(segmentation.GetSegmentation().GetSegmentIDs())
    edit(node, volume, scene)
    running.wait()
    assert running.state.busy == ""
    assert segmentation.GetScene() is scene
    assert list(segmentation.GetSegmentation().GetSegmentIDs()) == kept
    done = running.propagate()
    running.wait()
    message = running.state.message
    assert done or (message.endswith(".") and ":" in message), message
    assert "failed" not in message
