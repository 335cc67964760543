"""Segmentations as Slicer's own files: .seg.nrrd and .mrb."""

from __future__ import annotations

import gzip
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import chdir
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from ..errors import UserError
from ..texts import texts
from ..volumes.dicom_segments import SUFFIX as DICOM
from ..volumes.dicom_segments import write_segmentation as write_segmentation_object
from ..volumes.reading import Image, read_labels
from ..volumes.volume import Volume
from ..volumes.writing import (
    LABEL_MAP_SUFFIXES,
    atomic_write,
    cannot_write,
    check_output,
    write_label_map,
)
from .application import require_slicer, storage_errors, vtk_errors, writing_scene
from .audit import write_audit
from .results import SegmentationWriter
from .volumes import SEGMENTATION, VOLUME, nodes_of, volume_to_node

_ = texts(__name__)

SUFFIXES = (".seg.nrrd", ".mrb")
STAGED = ".s2vnet-staged-"
"""How the folders begin in which files are put together."""
Finish = Callable[[], None]
"""The rest of the writing, for any thread: without VTK's, which hold Python's lock throughout."""


def check_result(path: Path, inputs: Sequence[Path | None] = ()) -> None:
    """Raise UserError when :func:`write_result` could not write ``path``; ask before computing.

    ``inputs`` must not be replaced.
    """
    check_output(path, inputs, (*LABEL_MAP_SUFFIXES, *SUFFIXES, DICOM))
    if path.name.lower().endswith(DICOM) and not any(i and i.is_dir() for i in inputs[:1]):
        raise UserError(
            "{path} would be a DICOM segmentation, which refers to DICOM images: give "
            "their folder as the volume, or another format.",
            path=path,
        )
    if is_scene_file(path):
        require_slicer()


def is_scene_file(path: str | os.PathLike[str]) -> bool:
    """Whether the name of ``path`` is that of one of Slicer's own formats."""
    return str(path).lower().endswith(SUFFIXES)


def stage_segmentation(
    path: str | os.PathLike[str],
    volume: Volume,
    labels: np.ndarray,
    names: Sequence[str],
    colours: Sequence[tuple[float, float, float]],
    facts: Mapping[str, Any] | None = None,
    meanings: Sequence[str] = (),
) -> Finish:
    """Take ``labels`` uint8 [k, j, i] as segments with names, colours and audit tags.

    ``meanings`` are the structures' terminology as Slicer writes it; empty: its default.

    What is returned writes them to ``path``; ``.mrb`` holds the volume as well and opens as a
    scene. UserError now or then when it cannot be written; a file of that name stays as it was
    until the new one is complete.
    """
    path = Path(path).absolute()  # Slicer's writers refuse relative ones
    if not is_scene_file(path):
        raise UserError(
            "{path} is not a Slicer file: end its name in {listed}.",
            path=path,
            listed=" or ".join(SUFFIXES),
        )
    scene = writing_scene()
    volume_node = volume_to_node(volume, scene)
    node = scene.AddNewNodeByClass(SEGMENTATION, path.name.split(".")[0])
    writer = SegmentationWriter(node, volume_node)
    writer.ensure_segments(names, colours)
    for segment, meaning in zip(writer.segments, meanings, strict=False):
        if meaning:
            node.GetSegmentation().GetSegment(segment).SetTerminology(meaning)
    writer.write(labels)
    if facts is not None:
        write_audit(node, writer.segments, facts)
    if path.name.lower().endswith(".mrb"):
        return stage_bundle(scene, path)
    folder = _folder(path)
    raw = Path(folder.name) / f"segmentation{SUFFIXES[0]}"
    _store(node, raw, path, compress=False)
    return partial(_finish_segmentation, folder, raw, path)


def write_segmentation(*arguments: Any, **options: Any) -> None:
    """:func:`stage_segmentation` and write at once."""
    stage_segmentation(*arguments, **options)()


def read_scene(scene: Any, path: Path) -> bool:
    """Load an .mrb or .mrml into ``scene``; False where it gave neither a scene nor a volume."""
    # Slicer leaves the process in a deleted folder when an archive is damaged.
    with vtk_errors(), chdir(Path.cwd()):
        if path.suffix.lower() == ".mrb":
            read = scene.ReadFromMRB(str(path), True, None)
        else:
            scene.SetURL(str(path))
            read = scene.Connect()
    return bool(read) or bool(nodes_of(scene, VOLUME))


def stage_result(
    path: str | os.PathLike[str],
    volume: Volume,
    labels: np.ndarray,
    names: Sequence[str],
    colours: Sequence[tuple[float, float, float]],
    facts: Mapping[str, Any] | None = None,
    meanings: Sequence[str] = (),
) -> Finish:
    """:func:`stage_segmentation` for Slicer's own formats, DICOM SEG for .dcm, a plain label map
    for others."""
    if is_scene_file(path):
        return stage_segmentation(path, volume, labels, names, colours, facts, meanings)
    if str(path).lower().endswith(DICOM):
        asked = (labels.copy(), volume.geometry, tuple(names), tuple(colours), facts)
        return partial(write_dicom_seg, Path(path), volume.source, *asked)
    return partial(write_label_map, path, labels.copy(), volume.geometry, volume.forms)


def write_dicom_seg(path: Path, source: Sequence[Path], labels: np.ndarray, *about: Any) -> None:
    """Write a DICOM SEG, see :func:`.dicom_segments.write_segmentation`, and read it back."""
    with atomic_write(path) as temporary:
        write_segmentation_object(temporary, source, labels, *about)
        there = np.unique(labels[labels > 0])
        expected = np.zeros(256, np.uint8)
        expected[there] = np.arange(1, len(there) + 1)
        try:
            found = read_labels(temporary, Image(path, labels, about[0]))
        except UserError as error:
            raise cannot_write(path, error) from error
        if not np.array_equal(found, expected[labels]):
            raise cannot_write(path, "the file reads back with other segments")


def write_result(*arguments: Any, **options: Any) -> None:
    """:func:`stage_result` and write at once."""
    stage_result(*arguments, **options)()


def stage_bundle(scene: Any, path: str | os.PathLike[str]) -> Finish:
    """Take a scene as it is now; what is returned writes it to ``path`` (.mrb).

    An older file stays until the new one is complete. UserError now or then.
    """
    path = Path(path).absolute()  # Slicer's writers refuse relative ones
    folder = _folder(path)
    inside = Path(folder.name) / path.stem
    inside.mkdir()
    storages = []
    for node in nodes_of(scene, "vtkMRMLStorableNode"):
        if node.GetSaveWithScene():
            if node.GetStorageNode() is None:
                node.AddDefaultStorageNode()
            storages += [node.GetStorageNode()] if node.GetStorageNode() else []
    compressed = [storage.GetUseCompression() for storage in storages]
    try:
        for storage in storages:  # the archive compresses
            storage.SetUseCompression(0)
        with vtk_errors() as said:
            written = scene.SaveSceneToSlicerDataBundleDirectory(str(inside), None, None)
    finally:
        for storage, was in zip(storages, compressed, strict=True):
            storage.SetUseCompression(was)
    if not written:
        raise cannot_write(path, "; ".join(said) or "Slicer's writer gave no reason")
    return partial(_finish_bundle, folder, inside, path)


def store_segmentation(node: Any, path: str | os.PathLike[str]) -> None:
    """Write a segmentation node to ``path`` (.seg.nrrd), as :func:`stage_bundle` does."""
    with atomic_write(Path(path).absolute()) as temporary:
        _store(node, temporary, Path(path))


def _folder(path: Path) -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(dir=path.parent, prefix=STAGED)
    except OSError as error:
        raise cannot_write(path, error) from error


def _finish_segmentation(folder: tempfile.TemporaryDirectory[str], raw: Path, path: Path) -> None:
    """Compress the voxels of a .seg.nrrd."""
    with folder, atomic_write(path) as temporary:
        header, _, voxels = raw.read_bytes().partition(b"\n\n")
        header = header.replace(b"encoding: raw", b"encoding: gzip")
        temporary.write_bytes(header + b"\n\n" + gzip.compress(voxels, 4))
        _check_written(temporary, path)


def _finish_bundle(folder: tempfile.TemporaryDirectory[str], inside: Path, path: Path) -> None:
    """Pack a folder into an .mrb."""
    with folder, atomic_write(path) as temporary:
        for file in inside.rglob("*.nrrd"):
            _check_written(file, path)
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for file in sorted(inside.rglob("*")):
                archive.write(file, file.relative_to(inside.parent))


def _store(node: Any, temporary: Path, path: Path, compress: bool = True) -> None:
    """Write ``node`` to ``temporary``; UserError about ``path`` when that fails."""
    storage = node.CreateDefaultStorageNode()
    node.GetScene().AddNode(storage)
    storage.SetUseCompression(compress)
    storage.SetFileName(str(temporary))
    with vtk_errors() as said:
        written = storage.WriteData(node)
    if not written:
        said = storage_errors(storage) or said
        raise cannot_write(path, "; ".join(said) or "Slicer's writer gave no reason")
    _check_written(temporary, path)


def _check_written(file: Path, path: Path) -> None:
    """Raise UserError about ``path`` unless ITK can read ``file``, what was written for it."""
    try:
        sitk.ReadImage(str(file))
    except RuntimeError as error:
        raise cannot_write(path, error) from error


def read_segmentation(path: str | os.PathLike[str], scene: Any) -> Any:
    """Load a .seg.nrrd, or a label map as one segment a label, into ``scene``; returns its node.

    Raises UserError when Slicer cannot read it.
    """
    path = Path(path)
    what = _("{path} cannot be read as a segmentation")
    try:
        # Slicer's own reader ends the process on a damaged file.
        sitk.ReadImage(str(path))
    except RuntimeError as error:
        raise UserError(what, error, path=path) from error
    node = scene.AddNewNodeByClass(SEGMENTATION, path.name.split(".")[0])
    storage = node.CreateDefaultStorageNode()
    scene.AddNode(storage)
    storage.SetFileName(str(path))
    with vtk_errors() as said:
        loaded = storage.ReadData(node)
    if not loaded:
        said = storage_errors(storage) or said
        scene.RemoveNode(node)
        raise UserError(what, "; ".join(said) or _("Slicer's reader gave no reason"), path=path)
    node.CreateDefaultDisplayNodes()
    return node
