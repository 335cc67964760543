"""Results of any format, to be corrected: on the volume's grid where it is the same lattice."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset, FileMetaDataset
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.scene.loading import load_result
from S2VNetSlicerLib.scene.marks import segment_mask
from S2VNetSlicerLib.scene.volumes import (
    FORMS,
    forms_of,
    local_geometry,
    volume_from_node,
    volume_to_node,
    world_geometry,
)
from S2VNetSlicerLib.volumes.reading import read_volume
from S2VNetSlicerLib.volumes.writing import write_label_map

RTSTRUCT = "1.2.840.10008.5.1.4.1.1.481.3"


def masks(node, volume_node) -> dict[str, np.ndarray]:
    inner = node.GetSegmentation()
    return {
        inner.GetSegment(id).GetName(): segment_mask(volume_node, node, id)
        for id in inner.GetSegmentIDs()
    }


def nifti(path: Path, labels: np.ndarray, affine: np.ndarray) -> Path:
    nibabel.save(nibabel.Nifti1Image(labels.transpose(2, 1, 0), affine), path)
    return path


def contour(geometry, k: int, low: int, high: int) -> Dataset:
    """Around the voxels ``low`` to ``high`` of rows and columns."""
    a, b = low - 0.5, high + 0.5
    points = geometry.ijk_to_ras_points(np.array([(a, a, k), (b, a, k), (b, b, k), (a, b, k)]))
    found = Dataset()
    found.ContourGeometricType = "CLOSED_PLANAR"
    found.ContourData = [f"{value:.10g}" for value in (points * (-1, -1, 1)).ravel()]
    return found


def structure_set(path: Path, contours: dict[str, Dataset]) -> Path:
    whole = Dataset()
    whole.file_meta = FileMetaDataset()
    whole.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    whole.file_meta.MediaStorageSOPClassUID = whole.SOPClassUID = RTSTRUCT
    whole.file_meta.MediaStorageSOPInstanceUID = whole.SOPInstanceUID = "1.2.3"
    whole.StructureSetROISequence, whole.ROIContourSequence = [], []
    for number, (name, drawn) in enumerate(contours.items(), 1):
        roi, outline = Dataset(), Dataset()
        roi.ROINumber = outline.ReferencedROINumber = number
        roi.ROIName, outline.ContourSequence = name, [drawn]
        whole.StructureSetROISequence.append(roi)
        whole.ROIContourSequence.append(outline)
    whole.save_as(path, enforce_file_format=True)
    return path


def test_a_label_map_of_a_turned_lattice_lies_on_the_volumes_grid(tmp_path, moved, labels):
    affine = world_geometry(moved).ijk_to_ras
    turned = affine.copy()
    turned[:3, 3] += affine[:3, 2] * (labels.shape[0] - 1)
    turned[:3, 2] *= -1
    path = nifti(tmp_path / "found.nii.gz", labels[::-1] * 3, turned)
    node = load_result(path, moved)
    assert node.GetParentTransformNode() is moved.GetParentTransformNode()
    found = masks(node, moved)
    assert list(found) == [f"structure {n}" for n in (3, 6)]
    for n, mask in enumerate(found.values(), 1):
        np.testing.assert_array_equal(mask, labels == n)
    image = node.GetSegmentation().GetNthSegment(0).GetRepresentation("Binary labelmap")
    assert image.GetExtent()[5] < labels.shape[0] - 1, "only as large as what it holds"
    named = load_result(path.with_name("found.nii.gz"), moved, [(c, (1, 0, 0)) for c in "abcdef"])
    assert list(masks(named, moved)) == list("abcdef")
    with pytest.raises(UserError, match="label 3, which has no name"):
        load_result(path, moved, [("a", (1, 0, 0))])


def test_contours_may_overlap(tmp_path, node):
    grid = world_geometry(node)
    drawn = {"PTV": contour(grid, 2, 1, 6), "organ": contour(grid, 2, 4, 8)}
    found = masks(load_result(structure_set(tmp_path / "rs.dcm", drawn), node), node)
    assert {name: int(mask.sum()) for name, mask in found.items()} == {"PTV": 36, "organ": 25}
    assert (found["PTV"] & found["organ"])[2, 4:7, 4:7].all()
    far = {"PTV": contour(grid, 40, 1, 6)}
    with pytest.raises(UserError, match="no contour within the volume"):
        load_result(structure_set(tmp_path / "far.dcm", far), node)


def test_another_lattice_keeps_its_own_grid(tmp_path, node, labels):
    affine = local_geometry(node).ijk_to_ras @ np.diag([0.5, 0.5, 0.5, 1])
    fine = labels.repeat(2, 0).repeat(2, 1).repeat(2, 2)
    affine[:3, 3] -= affine[:3, :3] @ np.full(3, 0.5)
    found = masks(load_result(nifti(tmp_path / "fine.nii", fine, affine), node), node)
    for n, mask in enumerate(found.values(), 1):
        np.testing.assert_array_equal(mask, labels == n)
    halves = nifti(tmp_path / "halves.nii", (labels / 2).astype(np.float32), affine)
    with pytest.raises(UserError, match="is no label map"):
        load_result(halves, node)


def test_both_transforms_of_a_nifti_file_travel_with_the_node(tmp_path, scene, labels):
    """Results that were opened, corrected and written again lie where both place the image."""
    straight = np.diag([-1.0, 1, 3, 1])
    image = nibabel.Nifti1Image(
        np.arange(labels.size, dtype=np.int16).reshape(labels.T.shape), None
    )
    aligned = np.eye(4)
    aligned[:3, 3] = 4, -6, 3
    image.set_qform(straight, 1)
    image.set_sform(aligned @ straight, 2)
    nibabel.save(image, tmp_path / "scan.nii")
    node = volume_to_node(read_volume(tmp_path / "scan.nii", "MR"), scene)
    volume = volume_from_node(node, "MR")
    write_label_map(tmp_path / "out.nii.gz", labels, volume.geometry, forms_of(node))
    header = nibabel.load(tmp_path / "out.nii.gz").header
    np.testing.assert_allclose(header.get_qform(), straight, atol=1e-5)
    np.testing.assert_allclose(header.get_sform(), aligned @ straight, atol=1e-5)
    assert (header["qform_code"], header["sform_code"]) == (1, 2)
    # A label map that another program placed by the sform is of this lattice, too.
    found = masks(load_result(nifti(tmp_path / "a.nii", labels, aligned @ straight), node), node)
    np.testing.assert_array_equal(found["structure 1"], labels == 1)
    # A volume that Slicer loaded knows its file.
    node.RemoveAttribute(FORMS)
    assert forms_of(node) is None
    storage = node.CreateDefaultStorageNode()
    scene.AddNode(storage)
    storage.SetFileName(str(tmp_path / "scan.nii"))
    node.SetAndObserveStorageNodeID(storage.GetID())
    assert forms_of(node).sform_code == 2
    sitk.WriteImage(sitk.Image(4, 4, 4, sitk.sitkInt16), str(tmp_path / "scan.nii"))
    assert forms_of(node) is None, "another volume by now"
    node.SetAttribute(FORMS, json.dumps({}))
    assert forms_of(node) is None
