"""The volumes of a DICOM folder, and one of them from its slices."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from ..texts import texts
from .dicom_headers import Frame, Header, read_header
from .dicom_stack import describe, split, stack
from .geometry import Geometry

_ = texts(__name__)

_COPY = "second copy of a slice"


@dataclass(frozen=True)
class Series:
    """One volume: its ``frames`` and a ``text`` for people. ``key`` names it in its folder: the
    series' UID, with #2 and so on for the further time points, echoes or orientations of one."""

    key: str
    frames: tuple[Frame, ...]
    text: str

    @property
    def slices(self) -> int:
        return len(self.frames)

    @property
    def files(self) -> list[Path]:
        return sorted({frame.file for frame in self.frames})


@dataclass(frozen=True)
class Listed:
    """A volume of a folder as a list shows it. ``number`` (from 1) and ``key`` choose it;
    ``problem`` is a sentence about why it cannot be read, empty where its headers allow it."""

    number: int
    key: str
    text: str
    modality: str
    slices: int
    problem: str

    def __str__(self) -> str:
        unusable = ", not usable" if self.problem else ""
        return f"{self.number}: {self.text} ({self.slices} slices{unusable})"


@dataclass(frozen=True)
class Folder:
    """What lies directly in a folder: volumes of two or more slices; how many of each kind of
    other object (``left_out``); files that are ``damaged``."""

    path: Path
    volumes: tuple[Series, ...]
    left_out: Counter[str] = field(default_factory=Counter)
    damaged: tuple[Header, ...] = ()

    def find(self, key: str) -> Series | None:
        return next((each for each in self.volumes if each.key == key), None)

    def files(self, key: str) -> list[Path]:
        """The files of a volume, damaged ones included."""
        found = self.find(key)
        damaged = [header.file for header in self.damaged_in(key.partition("#")[0])]
        return [*(found.files if found else ()), *damaged]

    def damaged_in(self, series: str) -> list[Header]:
        """The damaged files of a series, those included that do not say of which they are."""
        return [each for each in self.damaged if each.series in ("", series)]

    def listed(self) -> list[Listed]:
        """Its volumes for the user to choose from; pixels are compared only at one position."""
        found = []
        for number, each in enumerate(self.volumes, 1):
            about = (each.text, each.frames[0].modality, each.slices)
            found.append(Listed(number, each.key, *about, self._problem(each)))
        return found

    def _problem(self, series: Series) -> str:
        try:
            self.stack(series)
        except UserError as error:
            return str(error)
        return ""

    def stack(self, series: Series) -> tuple[list[Frame], Geometry, int]:
        """The slices of a volume in order, their grid, and how many copies were left out.

        Raises UserError when a file is damaged and when the slices are no regular grid.
        """
        for header in self.damaged_in(series.key.partition("#")[0]):
            raise UserError("{file} is cut off or damaged", header.damaged, file=header.file)
        return stack(self.path, series.frames, _same_pixels)

    def notes(self) -> list[str]:
        """What was left out, for the user."""
        if not self.left_out:
            return []
        counted = (f"{name} ({count})" for name, count in sorted(self.left_out.items()))
        return [f"Left out of {self.path.name}, as no slices of a volume: {', '.join(counted)}."]


def look_into(folder: Path) -> Folder:
    """Find the DICOM volumes directly in ``folder``; only headers are read."""
    series: dict[str, list[Frame]] = {}
    left_out: Counter[str] = Counter()
    damaged = []
    for header in _headers(folder):
        if header.damaged:
            damaged.append(header)
        elif header.other:
            left_out[header.other] += 1
        for frame in header.frames:
            if frame.left_out:
                left_out[frame.left_out] += 1
            else:
                series.setdefault(frame.series, []).append(frame)
    volumes = []
    for uid, frames in sorted(series.items()):
        parts = split(frames)
        if copies := len(frames) - sum(map(len, parts)):
            left_out[_COPY] += copies
        groups = [group for group in parts if len(group) > 1]
        for number, group in enumerate(groups, 1):
            key = uid if number == 1 else f"{uid}#{number}"
            volumes.append(Series(key, tuple(group), describe(group, groups)))
        if single := len(parts) - len(groups):
            left_out["single image"] += single
    return Folder(folder, tuple(volumes), left_out, tuple(damaged))


def _headers(folder: Path) -> Iterator[Header]:
    seen = set()
    for file in sorted(folder.iterdir()):
        real = os.path.realpath(file)
        if real in seen or not file.is_file():
            continue
        seen.add(real)
        if (header := read_header(file)) is not None:
            yield header


def read_series(
    folder: Path, series: str | None = None
) -> tuple[np.ndarray, Geometry, dict[str, str], list[str], list[Path]]:
    """Array [k, j, i], grid, metadata, notes for the user and files of one volume in ``folder``.

    ``series`` is the key of a :class:`Series` or its number in the list, from 1; it may be left out
    where there is one volume. The rescaled values (HU in a CT) are integers where all rescaling
    is, else float32. Raises UserError when there is no such volume, when a file is damaged, and
    when the slices are no regular grid.
    """
    found = look_into(folder)
    chosen = _choose(found, series)
    frames, geometry, copies = found.stack(chosen)
    array = _values(frames)
    if copies:
        found.left_out[_COPY] += copies
    notes = found.notes()
    if any(frame.inverted for frame in frames):
        notes.append(
            f"{folder.name} is MONOCHROME1, to be shown with low values bright: its values are "
            "taken as stored."
        )
    files = _files(frames)
    return array, geometry, {"0008|0060": frames[0].modality}, notes, files


def source_files(folder: Path, series: str | None = None) -> list[Path]:
    """The files of one volume in the order of its slices; UserError as :func:`read_series`."""
    found = look_into(folder)
    return _files(found.stack(_choose(found, series))[0])


def _files(frames: Sequence[Frame]) -> list[Path]:
    return list(dict.fromkeys(frame.file for frame in frames))


def _choose(found: Folder, series: str | None) -> Series:
    volumes, folder = found.volumes, found.path
    if not volumes:
        for header in found.damaged:
            raise UserError("{file} is cut off or damaged", header.damaged, file=header.file)
        besides = ", ".join(f"{name} ({count})" for name, count in sorted(found.left_out.items()))
        raise UserError(
            "{folder} holds no DICOM series of two or more slices but {besides}: give the "
            "folder that directly holds the files of one series."
            if besides
            else "{folder} holds no DICOM series of two or more slices: give the folder that "
            "directly holds the files of one series.",
            folder=folder,
            besides=besides,
        )
    if series is None and len(volumes) == 1:
        return volumes[0]
    if series is not None:
        if (named := found.find(series)) is not None:
            return named
        if series.isdecimal() and 0 < int(series) <= len(volumes):
            return volumes[int(series) - 1]
    listed = "; ".join(map(str, found.listed()))
    if series is None:
        raise UserError(
            "{folder} holds {count} DICOM series: choose one by its number with "
            "--series, or put it into a folder of its own. {listed}.",
            folder=folder,
            count=len(volumes),
            listed=listed,
        )
    raise UserError(
        "{folder} holds no series {series}: choose one of these. {listed}.",
        folder=folder,
        series=series,
        listed=listed,
    )


def _values(frames: Sequence[Frame]) -> np.ndarray:
    """Rescaled values [k, j, i]; every frame with its own slope and intercept."""
    planes = list(_stored(frames))
    scales = [(frame.slope, frame.intercept) for frame in frames]
    for frame in frames:
        if frame.slope == 0:
            raise UserError(
                "{file} states a RescaleSlope of 0: its values are lost.", file=frame.file
            )
    if set(scales) == {(1.0, 0.0)}:
        return np.stack([plane.astype(_type(planes), copy=False) for plane in planes])
    if not all(part.is_integer() and abs(part) < 2**30 for scale in scales for part in scale):
        return np.stack(
            [
                (plane * slope + offset).astype(np.float32)
                for plane, (slope, offset) in zip(planes, scales, strict=True)
            ]
        )
    scaled = [
        plane.astype(np.int64) * int(slope) + int(offset)
        for plane, (slope, offset) in zip(planes, scales, strict=True)
    ]
    kind = _type(scaled)
    return np.stack([plane.astype(kind) for plane in scaled])


def _type(planes: Sequence[np.ndarray]) -> Any:
    """The smallest of the usual integer types that holds all planes."""
    low = min(int(plane.min()) for plane in planes)
    high = max(int(plane.max()) for plane in planes)
    kinds = (np.int16, np.uint16, np.int32, np.uint32)
    for kind in kinds:
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return kind
    return np.float32


def _stored(frames: Sequence[Frame]) -> Iterator[np.ndarray]:
    """The stored values [j, i] of each frame, in order; a file of many frames is read once."""
    files: dict[Path, list[int]] = {}
    for number, frame in enumerate(frames):
        files.setdefault(frame.file, []).append(number)
    planes: dict[int, np.ndarray] = {}
    for number, frame in enumerate(frames):
        if number not in planes:
            numbers = files[frame.file]
            planes |= zip(
                numbers, _decode(frame.file, [frames[n].index for n in numbers]), strict=True
            )
        plane = planes.pop(number)
        if plane.shape != frame.shape:
            raise UserError("{file} holds pixels of another size than it states.", file=frame.file)
        yield plane


def _decode(file: Path, indices: Sequence[int]) -> list[np.ndarray]:
    """Stored values [j, i] of some frames of a file."""
    import pydicom
    from pydicom.pixels import pixel_array
    from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

    what, syntax = _("{file} is cut off or damaged"), None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = pydicom.dcmread(file, force=True)
            syntax = found.file_meta.get("TransferSyntaxUID")
            if syntax is None:  # of files without the preamble
                syntax = (
                    ImplicitVRLittleEndian
                    if found.original_encoding[0]
                    else (ExplicitVRLittleEndian)
                )
                found.file_meta.TransferSyntaxUID = syntax
            if syntax and syntax.is_compressed:
                what = _("{file} has pixels ({syntax}) that cannot be decoded")
            if "ModalityLUTSequence" in found:
                raise UserError(
                    "{file} states its values by a lookup table (Modality LUT), which is not "
                    "supported: export the series with RescaleSlope and RescaleIntercept.",
                    file=file,
                )
            if int(found.get("NumberOfFrames") or 1) == 1:
                return [pixel_array(found, raw=True)]
            return [pixel_array(found, index=index, raw=True) for index in indices]
    except (UserError, OSError, MemoryError):
        raise
    # pydicom and its codecs answer a damaged stream with many kinds of error.
    except Exception as error:
        raise UserError(what, error, file=file, syntax=getattr(syntax, "name", "")) from error


def _same_pixels(one: Frame, other: Frame) -> bool:
    """Whether two frames hold the same values."""
    if (one.slope, one.intercept, one.shape) != (other.slope, other.intercept, other.shape):
        return False
    first, second = (_decode(frame.file, [frame.index])[0] for frame in (one, other))
    return bool(np.array_equal(first, second))
