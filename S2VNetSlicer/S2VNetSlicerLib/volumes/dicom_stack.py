"""Frames of a DICOM series into volumes, and a volume's frames into a regular grid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from .dicom_headers import Frame
from .geometry import Geometry, nearest_axes

_TURN = 1e-3
"""Direction cosines that differ less are rounded ones."""
_SAME_PLACE = 1e-3
"""mm along the normal."""


def split(frames: Sequence[Frame]) -> list[list[Frame]]:
    """The frames of one series as volumes: by size and orientation, then by what tells time points,
    echoes and the like apart, where several frames lie at one place.

    A group that no tag parts stays whole, and :func:`stack` refuses it.
    """
    alike: list[list[Frame]] = []
    for frame in frames:
        for group in alike:
            if _alike(frame, group[0]):
                group.append(frame)
                break
        else:
            alike.append([frame])
    # A few planes that are turned within a stack are no scout: the whole of it is refused.
    if any(len(group) == 1 for group in alike) and len(alike) < len(frames):
        alike = [list(frames)] if len({frame.shape for frame in frames}) == 1 else alike
    return [volume for group in alike for volume in _by_state(group)]


def _alike(one: Frame, other: Frame) -> bool:
    if one.shape != other.shape:
        return False
    if one.orientation is None or other.orientation is None:
        return one.orientation is other.orientation
    apart = np.subtract(one.orientation, other.orientation)
    return float(np.abs(apart).max()) <= _TURN


def _by_state(frames: list[Frame]) -> list[list[Frame]]:
    """Parts of ``frames`` that have every place once."""
    if any(frame.position is None or frame.orientation is None for frame in frames):
        return [frames]
    frames = _once(frames)
    places = _places(frames)
    if max(Counter(places).values()) == 1:
        return [frames]
    everywhere = set(places)
    for name in dict.fromkeys(name for frame in frames for name, _ in frame.states):
        groups: dict[object, list[int]] = {}
        for number, frame in enumerate(frames):
            groups.setdefault(dict(frame.states).get(name), []).append(number)
        if len(groups) > 1 and all(
            {places[n] for n in numbers} == everywhere for numbers in groups.values()
        ):
            parts = [[frames[n] for n in numbers] for numbers in groups.values()]
            return [volume for part in parts for volume in _by_state(part)]
    return [frames]


def _once(frames: list[Frame]) -> list[Frame]:
    """Without second copies of one and the same object."""
    seen: dict[object, Frame] = {}
    for frame in frames:
        seen.setdefault((frame.instance, frame.index) if frame.instance else id(frame), frame)
    return list(seen.values())


def _places(frames: Sequence[Frame]) -> list[int]:
    """A number for each frame's place along the normal; equal for equal places."""
    along = _along(frames)
    order = np.argsort(along, kind="stable")
    steps = np.diff(along[order]) > _SAME_PLACE
    numbers = np.empty(len(frames), int)
    numbers[order] = np.concatenate([[0], np.cumsum(steps)])
    return [int(number) for number in numbers]


def _along(frames: Sequence[Frame]) -> np.ndarray:
    """Distance of each frame along the normal of the first, mm."""
    first = np.array(frames[0].orientation)
    normal = np.cross(first[:3], first[3:])
    return np.array([frame.position for frame in frames]) @ normal


def describe(frames: Sequence[Frame], groups: Sequence[Sequence[Frame]]) -> str:
    """The series' description, with what sets ``frames`` apart from its other volumes."""
    text = frames[0].text or frames[0].series
    if len(groups) == 1:
        return text
    number = next(n for n, group in enumerate(groups) if group is frames)
    common: list[set[Any]] = [set(group[0].states) for group in groups]
    for group, states in zip(groups, common, strict=True):
        states.intersection_update(*(frame.states for frame in group))
    differ = common[number].difference(set(common[0]).intersection(*common))
    own = [state for state in frames[0].states if state in differ]
    told = [f"{name} {_plain(value)}" for name, value in own] or [f"part {number + 1}"]
    return f"{text}, {', '.join(told[:3])}"


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def stack(
    folder: Path, frames: Sequence[Frame], same: Callable[[Frame, Frame], bool]
) -> tuple[list[Frame], Geometry, int]:
    """The frames in order along their normal, their grid (RAS), and how many copies were dropped.

    ``same`` tells whether two frames at one place have the same pixels. Raises UserError unless all
    frames lie on one regular grid.
    """
    _check_tags(folder, frames)
    whole = len(frames)
    frames = _once(list(frames))
    order = np.argsort(_along(frames), kind="stable")
    along = _along(frames)
    kept: list[int] = []
    for number in order.tolist():
        copy = kept and along[number] - along[kept[-1]] < _SAME_PLACE
        if not (copy and same(frames[kept[-1]], frames[number])):
            kept.append(number)
    frames = [frames[number] for number in kept]
    return frames, _grid(folder, frames), whole - len(frames)


def _check_tags(folder: Path, frames: Sequence[Frame]) -> None:
    """Raise UserError where frames lack what places them, or differ in what must be one."""
    for frame in frames:
        if frame.position is None or frame.orientation is None:
            raise UserError(
                "{file} holds slices without a position in the patient: give the original series.",
                file=frame.file,
            )
        if frame.spacing is None:
            raise UserError(
                "{file} states no PixelSpacing, so the size of its pixels is unknown: give "
                "the original series.",
                file=frame.file,
            )
        if min(frame.spacing) <= 0:
            raise UserError(
                "{file} states a PixelSpacing of {smallest:g} mm.",
                file=frame.file,
                smallest=min(frame.spacing),
            )
    if len({frame.shape for frame in frames}) > 1:
        raise UserError(
            "{folder} holds slices of different numbers of rows or columns.", folder=folder
        )
    spacings = np.array([frame.spacing for frame in frames])
    if np.ptp(spacings, axis=0).max() > 1e-3 * spacings.min():
        raise UserError("{folder} holds slices of different pixel spacings.", folder=folder)
    orientations = np.array([frame.orientation for frame in frames])
    if np.ptp(orientations, axis=0).max() > _TURN:
        raise UserError(
            "{folder} holds slices of different orientations: put the slices of one "
            "orientation into a folder of their own.",
            folder=folder,
        )


def _grid(folder: Path, frames: Sequence[Frame]) -> Geometry:
    """The grid of frames in order along their normal; UserError unless it is regular."""
    positions = np.array([frame.position for frame in frames])
    orientation = np.array([frame.orientation for frame in frames]).mean(axis=0)
    rows, columns = np.array([frame.spacing for frame in frames]).mean(axis=0)
    along = _along(frames)
    steps = np.diff(along)
    if not len(steps):
        raise UserError(
            "{folder} holds only one slice: give a series of two or more.", folder=folder
        )
    usual = float(np.median(steps))
    if steps.min() < _SAME_PLACE:
        raise UserError(
            "{folder} holds several slices at one position, {at}, and no tag tells "
            "their time points or echoes apart: put those of one volume into a folder "
            "of their own.",
            folder=folder,
            at=_at(frames, int(steps.argmin())),
        )
    odd = np.flatnonzero(np.abs(steps - usual) > max(0.01 * usual, min(0.02, 0.1 * usual)))
    if odd.size:
        raise UserError(
            "{folder} has {step:.2f} mm between slices {first} and {second} where "
            "{usual:.2f} mm is usual: copy the missing slices, or resample the series "
            "to even distances.",
            folder=folder,
            step=steps[odd[0]],
            first=odd[0] + 1,
            second=odd[0] + 2,
            usual=usual,
        )
    axes = nearest_axes(np.column_stack([orientation[:3], orientation[3:]]))
    step = (along[-1] - along[0]) / len(steps)
    drift = positions - positions[0] - (along - along[0])[:, None] * axes[:, 2]
    if np.linalg.norm(drift, axis=1).max() > min(rows, columns) / 2:
        raise UserError(
            "{folder} was acquired with a tilted gantry: resample it to a rectangular "
            "grid, as 3D Slicer's DICOM import does.",
            folder=folder,
        )
    affine = np.eye(4)
    affine[:3, :3] = axes * (columns, rows, step)
    # The mean of what the positions say of the first one, so that no drift is one-sided.
    affine[:3, 3] = positions[0] + drift.mean(axis=0)
    shape = (len(frames), *frames[0].shape)
    return Geometry(shape, np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine)


def _at(frames: Sequence[Frame], number: int) -> str:
    place = ", ".join(f"{value:g}" for value in frames[number].position or ())
    return f"({place}) mm"
