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
        points = markup.points_ras() if markup.control_points else np.zeros((0, 3))
        voxels = marked_voxels(markup.type, points, geometry)
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
        paint(
            {values[name]: voxels for name, voxels in classes.items()},
            {value: name for name, value in values.items()},
            geometry,
            str(path),
        ),
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
            if is_background(name):
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
