"""Segmentations as Slicer's own files: .seg.nrrd and .mrb."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from ..errors import UserError
from ..volumes.volume import Volume
from ..volumes.writing import atomic_write
from .application import writing_scene
from .audit import write_audit
from .results import SegmentationWriter
from .volumes import volume_to_node

SUFFIXES = (".seg.nrrd", ".mrb")


def write_segmentation(
    path: str | os.PathLike[str],
    volume: Volume,
    labels: np.ndarray,
    names: Sequence[str],
    colours: Sequence[tuple[float, float, float]],
    facts: Mapping[str, Any],
) -> None:
    """Write ``labels`` uint8 [k, j, i] as segments with names, colours and audit tags.

    ``.mrb`` holds the volume as well and opens as a scene. Raises UserError when it cannot be
    written; a file of that name stays as it was until the new one is complete.
    """
    path = Path(path)
    scene = writing_scene()
    before = scene.GetNumberOfNodes()
    try:
        volume_node = volume_to_node(volume, scene)
        node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", path.name.split(".")[0])
        writer = SegmentationWriter(node, volume_node)
        writer.ensure_segments(names, colours)
        writer.write(labels)
        write_audit(node, writer.segments, facts)
        with atomic_write(path) as temporary:
            bundle = path.name.lower().endswith(".mrb")
            if not (_bundle(scene, path, temporary) if bundle else _store(node, temporary)):
                raise UserError(
                    f"{path} could not be written: choose another folder or free space."
                )
    finally:
        while scene.GetNumberOfNodes() > before:
            scene.RemoveNode(scene.GetNthNode(scene.GetNumberOfNodes() - 1))


def _store(node: Any, path: Path) -> bool:
    """Write a segmentation node to a .seg.nrrd."""
    storage = node.CreateDefaultStorageNode()
    node.GetScene().AddNode(storage)
    storage.SetFileName(str(path))
    return bool(storage.WriteData(node))


def _bundle(scene: Any, path: Path, temporary: Path) -> bool:
    """Write a scene to an .mrb; the folder inside it is called as the file that is written."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        named = Path(folder) / path.name
        written = scene.WriteToMRB(str(named), None, None)
        if written:
            named.replace(temporary)
    return bool(written)


def read_segmentation(path: str | os.PathLike[str], scene: Any) -> Any:
    """Load a .seg.nrrd, or a label map as one segment a label, into ``scene``; returns its node."""
    path = Path(path)
    unreadable = UserError(f"{path} is not a segmentation that Slicer can read: export it again.")
    try:
        # Slicer's own reader ends the process on a damaged file.
        sitk.ReadImage(str(path))
    except RuntimeError as error:
        raise unreadable from error
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", path.name.split(".")[0])
    storage = node.CreateDefaultStorageNode()
    scene.AddNode(storage)
    storage.SetFileName(str(path))
    if not storage.ReadData(node):
        scene.RemoveNode(node)
        raise unreadable
    node.CreateDefaultDisplayNodes()
    return node
