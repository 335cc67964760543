"""Segmentations as Slicer's own files: .seg.nrrd and .mrb."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from ..errors import UserError
from ..volumes.volume import Volume
from ..volumes.writing import atomic_write, write_label_map
from .application import quiet, writing_scene
from .audit import write_audit
from .results import SegmentationWriter
from .volumes import SEGMENTATION, VOLUME, nodes_of, volume_to_node

SUFFIXES = (".seg.nrrd", ".mrb")


def is_scene_file(path: str | os.PathLike[str]) -> bool:
    """Whether the name of ``path`` is that of one of Slicer's own formats."""
    return str(path).lower().endswith(SUFFIXES)


def write_segmentation(
    path: str | os.PathLike[str],
    volume: Volume,
    labels: np.ndarray,
    names: Sequence[str],
    colours: Sequence[tuple[float, float, float]],
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write ``labels`` uint8 [k, j, i] as segments with names, colours and audit tags.

    ``.mrb`` holds the volume as well and opens as a scene. Raises UserError when it cannot be
    written; a file of that name stays as it was until the new one is complete.
    """
    path = Path(path)
    if not is_scene_file(path):
        raise UserError(f"{path} is not a Slicer file: end its name in {' or '.join(SUFFIXES)}.")
    scene = writing_scene()
    volume_node = volume_to_node(volume, scene)
    node = scene.AddNewNodeByClass(SEGMENTATION, path.name.split(".")[0])
    writer = SegmentationWriter(node, volume_node)
    writer.ensure_segments(names, colours)
    writer.write(labels)
    if facts is not None:
        write_audit(node, writer.segments, facts)
    with atomic_write(path) as temporary:
        bundle = path.name.lower().endswith(".mrb")
        if not (_bundle(scene, path, temporary) if bundle else _store(node, temporary)):
            raise OSError(errno.EIO, "the file came out incomplete")


def read_scene(scene: Any, path: Path) -> bool:
    """Load an .mrb or .mrml into ``scene``; False where it gave neither a scene nor a volume."""
    # Slicer leaves the process in a deleted folder when an archive is damaged.
    with quiet(), chdir(Path.cwd()):
        if path.suffix.lower() == ".mrb":
            read = scene.ReadFromMRB(str(path), True, None)
        else:
            scene.SetURL(str(path))
            read = scene.Connect()
    return bool(read) or bool(nodes_of(scene, VOLUME))


def write_result(
    path: str | os.PathLike[str],
    volume: Volume,
    labels: np.ndarray,
    names: Sequence[str],
    colours: Sequence[tuple[float, float, float]],
    facts: Mapping[str, Any] | None = None,
) -> None:
    """:func:`write_segmentation` for Slicer's own formats, a plain label map for others."""
    if is_scene_file(path):
        write_segmentation(path, volume, labels, names, colours, facts)
    else:
        write_label_map(path, labels, volume.geometry)


def write_bundle(scene: Any, path: str | os.PathLike[str]) -> None:
    """Write a scene to ``path`` (.mrb), an older file stays until it is complete; UserError."""
    path = Path(path)
    with atomic_write(path) as temporary:
        if not _bundle(scene, path, temporary):
            raise OSError(errno.EIO, "the file came out incomplete")


def store_segmentation(node: Any, path: str | os.PathLike[str]) -> None:
    """Write a segmentation node to ``path`` (.seg.nrrd), as :func:`write_bundle` does."""
    with atomic_write(path) as temporary:
        if not _store(node, temporary):
            raise OSError(errno.EIO, "the file came out incomplete")


def _store(node: Any, path: Path) -> bool:
    storage = node.CreateDefaultStorageNode()
    node.GetScene().AddNode(storage)
    storage.SetFileName(str(path))
    with quiet():
        return bool(storage.WriteData(node)) and _is_image(path)


def _bundle(scene: Any, path: Path, temporary: Path) -> bool:
    """Write a scene to an .mrb; the folder inside it is called as the file that is written."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder, quiet():
        named = Path(folder) / path.name
        written = scene.WriteToMRB(str(named), None, None)
        if written:
            named.replace(temporary)
    return bool(written)


def _is_image(path: Path) -> bool:
    """Whether ITK can read the file; Slicer's own reader ends the process on a damaged one."""
    try:
        sitk.ReadImage(str(path))
    except RuntimeError:
        return False
    return True


def read_segmentation(path: str | os.PathLike[str], scene: Any) -> Any:
    """Load a .seg.nrrd, or a label map as one segment a label, into ``scene``; returns its node.

    Raises UserError when Slicer cannot read it.
    """
    path = Path(path)
    unreadable = UserError(f"{path} is not a segmentation that Slicer can read: export it again.")
    if not _is_image(path):
        raise unreadable
    node = scene.AddNewNodeByClass(SEGMENTATION, path.name.split(".")[0])
    storage = node.CreateDefaultStorageNode()
    scene.AddNode(storage)
    storage.SetFileName(str(path))
    with quiet():
        loaded = storage.ReadData(node)
    if not loaded:
        scene.RemoveNode(node)
        raise unreadable
    node.CreateDefaultDisplayNodes()
    return node
