"""Seeds from 3D Slicer's markups files (.mrk.json, markups schema 1.0)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, field_validator
from pydantic.alias_generators import to_camel

from ..errors import UserError
from .geometry import Geometry
from .seeds import BACKGROUND, FIRST_STRUCTURE, LARGEST_LABEL, Colour, Seeds, default_colour

SUFFIX = ".mrk.json"
_BACKGROUND_NAMES = ("background", "bg")
_IN_PLANE = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0))

Voxel = tuple[int, int, int]  # i, j, k


class _Schema(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _ControlPoint(_Schema):
    position: tuple[FiniteFloat, FiniteFloat, FiniteFloat]
    label: str = ""


class _Display(_Schema):
    selected_color: Colour | None = None


class _Markup(_Schema):
    type: Literal["Fiducial", "Line", "Curve", "ClosedCurve"]
    name: str = ""
    coordinate_system: Literal["LPS", "RAS", 0, 1, "0", "1"] = "LPS"
    control_points: list[_ControlPoint] = []
    display: _Display = _Display()

    @field_validator("control_points", mode="before")
    @classmethod
    def _only_placed(cls, points: Any) -> Any:
        """Without the points that were never placed: their position is an empty text."""
        if not isinstance(points, list):
            return points
        placed = "defined"
        return [
            p
            for p in points
            if not isinstance(p, dict) or p.get("positionStatus", placed) == placed
        ]

    def points_ras(self) -> np.ndarray:
        points = np.array([point.position for point in self.control_points])
        is_ras = self.coordinate_system in ("RAS", 0, "0")  # 0, 1: numbers of older files
        return points if is_ras else points * (-1, -1, 1)


class _MarkupsFile(_Schema):
    markups: list[_Markup] = Field(min_length=1)


def read_markups(path: Path, geometry: Geometry) -> Seeds:
    """The marks of a markups file, or of all ``*.mrk.json`` files of a folder, on ``geometry``.

    Each list is one class, called after its "name", else (a file with one list) after the file,
    else after its points ("liver-1") if no other list's are called so. "background" or "bg" is the
    background, the others are structures in order, and lists of one name are one class. Points mark
    their voxel; lines and curves mark the voxels on the straight lines between their control
    points. Each marked voxel also marks its four neighbours in the slice, except where another
    class claims them.

    Raises UserError for what is not a markups file, other types of markups, lists without points
    or wholly outside the grid, and voxels marked for two classes.
    """
    classes: dict[str, list[Voxel]] = {}
    colours: dict[str, Colour] = {}
    for name, markup in _named_lists(path):
        voxels = _marked_voxels(markup, geometry)
        if not voxels:
            where = "only outside the volume" if markup.control_points else "nowhere"
            raise UserError(f"{path} marks {name} {where}: place its points or delete the list.")
        classes.setdefault(name, []).extend(voxels)
        colour = markup.display.selected_color
        if colour and colour not in colours.values():  # Slicer gives every list the same one
            colours.setdefault(name, colour)
    names = [name for name in classes if name != "background"]
    if len(names) > LARGEST_LABEL - BACKGROUND:
        raise UserError(
            f"{path} marks {len(names)} structures: mark {LARGEST_LABEL - BACKGROUND} at most."
        )
    values = {name: n for n, name in enumerate(names, FIRST_STRUCTURE)} | {"background": BACKGROUND}
    seeds = Seeds(
        _paint({values[name]: voxels for name, voxels in classes.items()}, names, geometry, path),
        names,
        [colours.get(name, default_colour(n)) for n, name in enumerate(names)],
    )
    seeds.check(str(path))
    return seeds


def _named_lists(path: Path) -> Iterator[tuple[str, _Markup]]:
    files = sorted(path.glob(f"*{SUFFIX}")) if os.path.isdir(path) else [path]
    if not files:
        raise UserError(f"{path} holds no {SUFFIX} files: save the marks there from 3D Slicer.")
    number = 0
    for file in files:
        lists = _load(file).markups
        called = [
            re.sub(r"-?\d+$", "", markup.control_points[0].label) if markup.control_points else ""
            for markup in lists
        ]
        if len(lists) == 1:
            called = [file.name.removesuffix(".json").removesuffix(".mrk")]
        for markup, fallback in zip(lists, called, strict=True):
            name = (markup.name or (fallback if called.count(fallback) == 1 else "")).strip()
            if name.lower() in _BACKGROUND_NAMES:
                name = "background"
            else:
                number += 1
            yield name or f"structure {number}", markup


def _load(file: Path) -> _MarkupsFile:
    try:
        return _MarkupsFile.model_validate_json(file.read_bytes())
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror}): check the path.") from error
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"]))
        raise UserError(
            f"{file} is not a file of points, lines or curves from 3D Slicer "
            f"({place + ': ' if place else ''}{problem['msg']}): save the marks again as {SUFFIX}."
        ) from error


def _marked_voxels(markup: _Markup, geometry: Geometry) -> list[Voxel]:
    """The voxels (i, j, k) inside the grid that a list marks, without their neighbours."""
    if not markup.control_points:
        return []
    ijk = np.clip(geometry.ras_to_ijk(markup.points_ras()), -1e5, 1e5)  # bounds the steps below
    if markup.type != "Fiducial":
        ends = np.roll(ijk, -1, axis=0) if markup.type == "ClosedCurve" else ijk[1:]
        steps = [
            np.linspace(start, end, 2 * int(np.ceil(np.abs(end - start).max())) + 1)
            for start, end in zip(ijk, ends, strict=False)
        ]
        ijk = np.concatenate([ijk, *steps])
    voxels = np.unique(np.rint(ijk).astype(int), axis=0)
    inside = ((voxels >= 0) & (voxels < geometry.shape[::-1])).all(axis=1)
    return [(i, j, k) for i, j, k in voxels[inside].tolist()]


def _paint(
    classes: dict[int, list[Voxel]], names: list[str], geometry: Geometry, path: Path
) -> np.ndarray:
    """The label map uint8 [k, j, i] of the classes' voxels and their neighbours in the slice."""
    marked: dict[Voxel, int] = {}
    for value, voxels in classes.items():
        for voxel in voxels:
            other = marked.setdefault(voxel, value)
            if other != value:
                first, second = (["background", *names][v - BACKGROUND] for v in (other, value))
                raise UserError(
                    f"{path} marks voxel {voxel} (i, j, k) both as {first} and as {second}: "
                    "delete one of the two marks."
                )
    rim: dict[Voxel, int] = {}
    for (i, j, k), value in marked.items():
        for di, dj, dk in _IN_PLANE:
            voxel = (i + di, j + dj, k + dk)
            if voxel not in marked:
                rim[voxel] = value if rim.get(voxel, value) == value else 0
    labels = np.zeros(geometry.shape, np.uint8)
    for (i, j, k), value in (rim | marked).items():
        if 0 <= i < labels.shape[2] and 0 <= j < labels.shape[1]:
            labels[k, j, i] = value
    return labels
