"""Segmentations as Slicer's own files: .seg.nrrd and .mrb."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from ..volumes.volume import Volume
from ..volumes.writing import atomic_write
from .application import HeadlessApplication
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
    application = HeadlessApplication()
    volume_node = volume_to_node(volume, application.scene)
    node = application.scene.AddNewNodeByClass(
        "vtkMRMLSegmentationNode", path.name.split(".")[0] or "Segmentation"
    )
    writer = SegmentationWriter(node, volume_node)
    writer.ensure_segments(names, colours)
    writer.write(labels)
    write_audit(node, writer.segments, facts)
    with atomic_write(path) as temporary:
        if path.name.lower().endswith(".mrb"):
            written = application.scene.WriteToMRB(str(temporary), None, None)
        else:
            storage = node.CreateDefaultStorageNode()
            application.scene.AddNode(storage)
            storage.SetFileName(str(temporary))
            written = storage.WriteData(node)
        if not written:
            raise UserError(f"{path} could not be written: choose another folder or free space.")


def read_segmentation(path: str | os.PathLike[str], scene: Any) -> Any:
    """Load a .seg.nrrd, or a label map as one segment a label, into ``scene``; returns its node."""
    path = Path(path)
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", path.name.split(".")[0])
    storage = node.CreateDefaultStorageNode()
    scene.AddNode(storage)
    storage.SetFileName(str(path))
    if not path.is_file() or not storage.ReadData(node):
        scene.RemoveNode(node)
        raise UserError(f"{path} is not a segmentation that Slicer can read: export it again.")
    node.CreateDefaultDisplayNodes()
    return node
