"""Seeds from 3D Slicer's markups files (.mrk.json, markups schema 1.0; .fcsv of older versions)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, field_validator
from pydantic.alias_generators import to_camel

from ..errors import UserError
from .geometry import Geometry
from .paths import check_is_file
from .points import Voxel, marked_voxels, paint
from .seeds import (
    BACKGROUND,
    FIRST_STRUCTURE,
    LARGEST_LABEL,
    Colour,
    Seeds,
    default_colour,
    is_background,
)

SUFFIX = ".mrk.json"
OLD_SUFFIX = ".fcsv"
_KINDS = ("Fiducial", "Line", "Curve", "ClosedCurve")
_MM = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001, "nm": 1e-6}
"""Length units by their UCUM codes, which "coordinateUnits" holds."""


class _Schema(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _ControlPoint(_Schema):
    position: tuple[FiniteFloat, FiniteFloat, FiniteFloat]
    label: str = ""


class _Display(_Schema):
    selected_color: Colour | None = None


class _Markup(_Schema):
    type: Literal["Fiducial", "Line", "Curve", "ClosedCurve", "ROI", "Plane", "Angle"]
    name: str = ""
    coordinate_system: Literal["LPS", "RAS", 0, 1, "0", "1"] = "LPS"
    coordinate_units: Literal["mm", "cm", "m", "um", "nm"] = "mm"
    control_points: list[_ControlPoint] = []
    display: _Display = _Display()

    @field_validator("coordinate_units", mode="before")
    @classmethod
    def _one_unit(cls, units: Any) -> Any:
        """Slicer writes one unit for all axes, or the same for each."""
        same = isinstance(units, list) and units and all(unit == units[0] for unit in units)
        return units[0] if same else units

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
        points = points * _MM[self.coordinate_units]
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

    ROIs, planes and angles beside them mark nothing and are noted. Raises UserError for what is not
    a markups file, where there is nothing else, for lists without points or wholly outside the
    grid, and for voxels marked for two classes.
    """
    classes: dict[str, list[Voxel]] = {}
    colours: dict[str, Colour] = {}
    lists = list(_named_lists(path))
    passed = [markup.type for _, markup in lists if markup.type not in _KINDS]
    if len(passed) == len(lists):
        raise UserError(
            "{path} holds no points, lines or curves but {listed}: place points in the structure.",
            path=path,
            listed=", ".join(sorted(set(passed))),
        )
    for name, markup in lists:
        if markup.type not in _KINDS:
            continue
        points = markup.points_ras() if markup.control_points else np.zeros((0, 3))
        voxels = marked_voxels(markup.type, points, geometry)
        if not voxels:
            where = "only outside the volume" if markup.control_points else "nowhere"
            raise UserError(
                "{path} marks {name} {where}: place its points or delete the list.",
                path=path,
                name=name,
                where=where,
            )
        classes.setdefault(name, []).extend(voxels)
        colour = markup.display.selected_color
        if colour and colour not in colours.values():  # Slicer gives every list the same one
            colours.setdefault(name, colour)
    names = [name for name in classes if name != "background"]
    if len(names) > LARGEST_LABEL - BACKGROUND:
        raise UserError(
            "{path} marks {count} structures: mark {largest_label} at most.",
            path=path,
            count=len(names),
            largest_label=LARGEST_LABEL - BACKGROUND,
        )
    values = {name: n for n, name in enumerate(names, FIRST_STRUCTURE)} | {"background": BACKGROUND}
    seeds = Seeds(
        paint(
            {values[name]: voxels for name, voxels in classes.items()},
            {value: name for name, value in values.items()},
            geometry,
            str(path),
        ),
        names,
        [colours.get(name, default_colour(n)) for n, name in enumerate(names)],
        [f"{path.name}: {kind} marks nothing and is passed over." for kind in sorted(set(passed))],
    )
    seeds.check(str(path))
    return seeds


def _named_lists(path: Path) -> Iterator[tuple[str, _Markup]]:
    files = [path]
    if os.path.isdir(path):
        files = sorted(
            file for file in path.iterdir() if file.name.lower().endswith((SUFFIX, OLD_SUFFIX))
        )
    if not files:
        raise UserError(
            "{path} holds no {suffix} or {old_suffix} files: save the marks there from 3D Slicer.",
            path=path,
            suffix=SUFFIX,
            old_suffix=OLD_SUFFIX,
        )
    number = 0
    for file in files:
        lists = _load(file).markups
        called = [
            re.sub(r"-?\d+$", "", markup.control_points[0].label) if markup.control_points else ""
            for markup in lists
        ]
        if len(lists) == 1:
            called = [re.sub(r"(\.mrk)?\.(json|fcsv)$", "", file.name, flags=re.IGNORECASE)]
        for markup, fallback in zip(lists, called, strict=True):
            name = (markup.name or (fallback if called.count(fallback) == 1 else "")).strip()
            if is_background(name):
                name = "background"
            elif markup.type in _KINDS:
                number += 1
            yield name or f"structure {number}", markup


def _load(file: Path) -> _MarkupsFile:
    check_is_file(file)
    try:
        content = file.read_bytes().removeprefix(b"\xef\xbb\xbf")  # Windows' editors add it
        if file.name.lower().endswith(OLD_SUFFIX):
            return _MarkupsFile(markups=[_old_list(content.decode("utf-8", "replace"))])
        return _MarkupsFile.model_validate_json(content)
    except OSError as error:
        raise UserError("{file} cannot be read", error, file=file) from error
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"]))
        raise UserError(
            "{file} is not a file of points, lines or curves from 3D Slicer",
            f"{place}: {problem['msg']}" if place else problem["msg"],
            "Save the marks again as {suffix}.",
            file=file,
            suffix=SUFFIX,
        ) from error


def _old_list(text: str) -> _Markup:
    """The points of an .fcsv: id, x, y, z, ..., label in the twelfth column."""
    system = re.search(r"^# *CoordinateSystem *= *(\w+)", text, re.MULTILINE)
    rows = [line.split(",") for line in text.splitlines() if line.strip() and line[0] != "#"]
    return _Markup.model_validate(
        {
            "type": "Fiducial",
            "coordinateSystem": system[1] if system else "RAS",
            "controlPoints": [_old_point(row) for row in rows],
        }
    )


def _old_point(row: Sequence[str]) -> dict[str, Any]:
    return {"position": row[1:4], "label": row[11] if len(row) > 11 else ""}
