"""Volume nodes <-> volumes."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.scene.volumes import to_world, volume_from_node, volume_to_node


def test_a_volume_comes_back_as_it_went(volume, node):
    back = volume_from_node(node)
    assert back.array.dtype == np.int16
    assert np.array_equal(back.array, volume.array)
    np.testing.assert_allclose(back.geometry.ijk_to_ras, volume.geometry.ijk_to_ras, atol=1e-12)
    assert (back.modality, back.modality_reason) == ("MR", "DICOM tag Modality")


def test_parent_transforms_are_part_of_the_grid(volume, moved):
    expected = to_world(moved) @ volume.geometry.ijk_to_ras
    np.testing.assert_allclose(volume_from_node(moved).geometry.ijk_to_ras, expected, atol=1e-12)
    assert not np.allclose(expected, volume.geometry.ijk_to_ras)


def test_without_a_tag_the_modality_is_guessed_and_can_be_stated(node):
    node.RemoveAttribute("DICOM.Modality")
    assert volume_from_node(node).modality_reason != "DICOM tag Modality"
    assert volume_from_node(node, "MR").modality_reason == "stated by the user"


def test_the_subject_hierarchy_knows_the_modality(node, scene):
    from slicer import vtkMRMLSubjectHierarchyNode

    node.RemoveAttribute("DICOM.Modality")
    hierarchy = vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    item = hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
    hierarchy.SetItemAttribute(item, "DICOM.Modality", "MR")
    assert volume_from_node(node).modality_reason == "DICOM tag Modality"


def test_volumes_that_cannot_be_segmented(volume, scene):
    import slicer.util

    empty = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    with pytest.raises(UserError, match="empty has no voxels"):
        volume_from_node(empty)
    colour = scene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "photo")
    slicer.util.updateVolumeFromArray(colour, np.zeros((3, 4, 5, 3), np.uint8))
    with pytest.raises(UserError, match="photo is a colour"):
        volume_from_node(colour)
    with pytest.raises(UserError, match="no longer in the scene"):
        volume_from_node(None)
    volume.array[:] = 3
    with pytest.raises(UserError, match="knee has the same value"):
        volume_from_node(volume_to_node(volume, scene))


def test_the_network_gets_no_float64(volume, scene):
    volume.array = volume.array.astype(np.float64)
    assert volume_from_node(volume_to_node(volume, scene)).array.dtype == np.float32


def test_a_warped_volume_must_be_hardened(node, scene):
    from vtkmodules.vtkCommonTransforms import vtkThinPlateSplineTransform

    transform = scene.AddNewNodeByClass("vtkMRMLTransformNode")
    transform.SetAndObserveTransformToParent(vtkThinPlateSplineTransform())
    node.SetAndObserveTransformNodeID(transform.GetID())
    with pytest.raises(UserError, match="harden"):
        volume_from_node(node)
