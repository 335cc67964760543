"""The volumes of a scene as cases: written to files, with the marks that the scene holds."""

from __future__ import annotations

import filecmp
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from ..errors import UserError
from ..scene.application import HeadlessApplication
from ..scene.files import read_scene
from ..scene.marks import MARKS, ROLE, seeds_from_segments
from ..scene.volumes import SEGMENTATION, VOLUME, nodes_of, volume_from_node
from ..volumes.geometry import Geometry
from ..volumes.seeds import BACKGROUND, FIRST_STRUCTURE, Colour, is_background
from ..volumes.writing import atomic_write
from .cases import Case, _clean, unique_names

FOLDER = "volumes"


def cases_of_scene_file(path: Path, output: Path) -> list[Case]:
    """The cases of an .mrb or .mrml; see ``cases_of_scene``."""
    path = Path(path).absolute()
    if not path.is_file():
        raise UserError(f"{path} does not exist: check the path.")
    application = HeadlessApplication()
    scene = application.scene
    if not read_scene(scene, path):
        raise UserError(f"{path} cannot be read as a scene: save it again from 3D Slicer.")
    cases = cases_of_scene(scene, output)
    if not cases:
        raise UserError(f"{path} holds no scalar volumes: save a scene with CT or MR volumes.")
    scene.Clear(True)
    return cases


def cases_of_scene(scene: Any, output: Path) -> list[Case]:
    """One case for each scalar volume of a MRML scene, for instance ``slicer.mrmlScene``.

    Volumes and marks (segmentation nodes with the attribute S2VNet.role "marks" drawn on the
    volume) are written to OUTPUT/volumes on the volume's grid in the world; files that would not
    change stay as they are. A volume that cannot be segmented becomes a case that says why.
    """
    folder = Path(output).absolute() / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    nodes = [n for n in nodes_of(scene, VOLUME) if _is_plain(n)]
    names = [Case(_clean(node.GetName()), Path(node.GetID())) for node in nodes]
    return [
        _export(node, case.name, folder)
        for node, case in zip(nodes, unique_names(names, Path()), strict=True)
    ]


def _is_plain(node: Any) -> bool:
    """Neither a label map nor a vector volume, which are scalar volumes to MRML."""
    return bool(node.GetClassName() == VOLUME)


def _export(node: Any, name: str, folder: Path) -> Case:
    case = Case(name, folder / f"{name}.nrrd")
    try:
        volume = volume_from_node(node)
        _write(case.image, volume.array, volume.geometry, volume.modality)
        for marks in nodes_of(node.GetScene(), SEGMENTATION):
            role = marks.GetReferenceImageGeometryReferenceRole()
            if marks.GetAttribute(ROLE) == MARKS and marks.GetNodeReference(role) is node:
                return _with_marks(case, node, marks, volume.geometry)
    except UserError as error:
        return replace(case, problem=str(error))
    return case


def _with_marks(case: Case, node: Any, marks: Any, geometry: Geometry) -> Case:
    segmentation = marks.GetSegmentation()
    values: dict[int, str] = {}
    structures: list[tuple[str, Colour]] = []
    for n in range(segmentation.GetNumberOfSegments()):
        identity = segmentation.GetNthSegmentID(n)
        segment = segmentation.GetSegment(identity)
        if not seeds_from_segments(node, marks, {BACKGROUND: identity}).any():
            continue
        if is_background(segment.GetName()):
            values[BACKGROUND] = identity
        else:
            values[FIRST_STRUCTURE + len(structures)] = identity
            red, green, blue = segment.GetColor()
            structures.append((segment.GetName(), (red, green, blue)))
    if not structures:
        return case
    path = case.image.with_name(f"{case.name}.seeds.nrrd")
    _write(path, seeds_from_segments(node, marks, values), geometry)
    return replace(case, seeds=path, structures=tuple(structures))


def _write(path: Path, array: np.ndarray, geometry: Geometry, modality: str = "") -> None:
    """Write a volume unless the file is there and the same: its time of change stays then."""
    image = geometry.to_sitk(array)
    if modality:
        image.SetMetaData("Modality", modality)
    fresh = path.with_name(f"{path.stem}.new.nrrd")
    with atomic_write(fresh) as temporary:
        try:
            sitk.WriteImage(image, str(temporary))
        except RuntimeError as error:
            raise UserError(f"{path} cannot be written", error) from error
    if path.is_file() and filecmp.cmp(fresh, path, shallow=False):
        fresh.unlink()
    else:
        fresh.replace(path)
