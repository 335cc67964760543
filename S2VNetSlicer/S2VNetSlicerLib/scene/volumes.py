"""Volume nodes and volumes."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError, cause_of
from ..volumes.geometry import Geometry
from ..volumes.intensities import MODALITIES, STATED, guess_modality
from ..volumes.nifti import Forms, read_forms
from ..volumes.volume import Volume

_log = logging.getLogger(__name__)
VOLUME, SEGMENTATION = "vtkMRMLScalarVolumeNode", "vtkMRMLSegmentationNode"
FORMS = "S2VNet.forms"
"""The attribute of a volume node with both transforms of its NIfTI file."""


def matrix_to_array(matrix: Any) -> np.ndarray:
    """A vtkMatrix4x4 as float64 [4, 4]."""
    return np.array([[matrix.GetElement(r, c) for c in range(4)] for r in range(4)])


def array_to_matrix(array: np.ndarray) -> Any:
    """[4, 4] as a vtkMatrix4x4."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    matrix.DeepCopy(np.asarray(array, float).ravel().tolist())
    return matrix


def check_in_scene(node: Any, what: str) -> None:
    """Raise UserError when ``node`` is None or was removed from its scene."""
    if node is None or node.GetScene() is None:
        raise UserError(
            "The {thing} is no longer in the scene: choose another one and start again.", thing=what
        )


def to_world(node: Any) -> np.ndarray:
    """[4, 4] from the node's coordinates to world RAS (mm); UserError under a warp."""
    from slicer import vtkMRMLTransformNode
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    parent = node.GetParentTransformNode()
    if parent is not None and not parent.IsTransformToWorldLinear():
        raise UserError(
            "{name} is under a non-linear transform: harden the transform first.",
            name=node.GetName(),
        )
    matrix = vtkMatrix4x4()
    vtkMRMLTransformNode.GetMatrixTransformBetweenNodes(parent, None, matrix)
    return matrix_to_array(matrix)


def nodes_of(scene: Any, kind: str) -> list[Any]:
    """The nodes of a scene that are of the class ``kind`` or derived from it."""
    return [scene.GetNthNodeByClass(n, kind) for n in range(scene.GetNumberOfNodesByClass(kind))]


def world_geometry(node: Any) -> Geometry:
    """The grid of a volume node in the world: parent transforms are part of it.

    Raises UserError for a node without voxels or under a warp.
    """
    local = local_geometry(node)
    return Geometry(local.shape, to_world(node) @ local.ijk_to_ras)


def local_geometry(node: Any) -> Geometry:
    """The grid of a volume node in the node's own RAS, without parent transforms.

    Raises UserError for a node without voxels.
    """
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    image = node.GetImageData()
    if image is None or image.GetPointData().GetScalars() is None:
        raise UserError("{name} has no voxels: load the volume again.", name=node.GetName())
    columns, rows, slices = image.GetDimensions()
    return Geometry((slices, rows, columns), matrix_to_array(matrix))


def volume_from_node(node: Any, modality: str | None = None) -> Volume:
    """The voxels [k, j, i] of a scalar volume node and their grid in the world.

    They are a view of the node's, except that float64 becomes float32. Parent transforms are part
    of the grid. :func:`forms_of` tells what only files need; it has to be asked for, since to load
    what reads it takes a second. Raises UserError for a node without voxels, with several
    components, under a warp, or whatever :meth:`Volume.check` refuses.
    """
    import slicer.util

    check_in_scene(node, "volume")
    name = node.GetName()
    geometry = world_geometry(node)
    if node.GetImageData().GetNumberOfScalarComponents() != 1:
        raise UserError(
            "{name} is a colour or vector volume: choose a scalar CT or MR volume.", name=name
        )
    array = slicer.util.arrayFromVolume(node)
    if array.dtype.kind == "f":
        array = array.astype(np.float32, copy=False)
    if modality is None:
        modality, reason = _modality(node, array)
    else:
        reason = STATED
    volume = Volume(array, geometry, modality, reason, name)
    volume.check()
    return volume


def forms_of(node: Any) -> Forms | None:
    """Both transforms of the NIfTI file that a volume node is from; None where it is from none, or
    the file says something else by now."""
    stored, storage = node.GetAttribute(FORMS), node.GetStorageNode()
    file = Path((storage and storage.GetFileName()) or "")
    if not stored and not file.name.lower().endswith((".nii", ".nii.gz")):
        return None
    try:
        forms = Forms.restored(stored) if stored else read_forms(file)
    except Exception as error:  # nibabel's errors have no common class
        _log.info("The transforms of %s are not known: %s", node.GetName(), cause_of(error))
        return None
    return forms if forms.place(world_geometry(node)) else None


def _modality(node: Any, array: np.ndarray) -> tuple[str, str]:
    """From the DICOM tag that Slicer keeps in the subject hierarchy, else from the voxels."""
    from slicer import vtkMRMLSubjectHierarchyNode

    hierarchy = vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    stated = node.GetAttribute("DICOM.Modality")
    if hierarchy is not None and not stated:
        item = hierarchy.GetItemByDataNode(node)
        stated = hierarchy.GetItemAttribute(item, "DICOM.Modality") if item else None
    if stated and stated.upper() in MODALITIES:
        return stated.upper(), "DICOM tag Modality"
    return guess_modality(array)


def volume_to_node(volume: Volume, scene: Any) -> Any:
    """A new scalar volume node with the voxels of ``volume``."""
    import slicer.util

    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", volume.name)
    node.SetIJKToRASMatrix(array_to_matrix(volume.geometry.ijk_to_ras))
    node.SetAttribute("DICOM.Modality", volume.modality)
    if volume.forms is not None:
        node.SetAttribute(FORMS, volume.forms.stored())
    slicer.util.updateVolumeFromArray(node, volume.array)
    node.CreateDefaultDisplayNodes()
    return node
