"""What the header of a DICOM file says of its frames.

pydicom reads the headers and, with GDCM for the compressed transfer syntaxes, the stored values:
ITK, which read both before, takes the pixel type of the first slice for all of them, the first
frame's rescaling for a whole file, and the order of the frames for their place. highdicom's volumes
rest on pydicom as well, but accept only objects that are valid to the letter.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import cause_of
from ..texts import texts

_ = texts(__name__)

_NO_SLICES = {
    "1.2.840.10008.5.1.4.1.1.481.1": "RT image",
    "1.2.840.10008.5.1.4.1.1.481.2": "RT dose",
    "1.2.840.10008.5.1.4.1.1.481.3": "RT structure set",
    "1.2.840.10008.5.1.4.1.1.481.5": "RT plan",
    "1.2.840.10008.5.1.4.1.1.66": "raw data",
    "1.2.840.10008.5.1.4.1.1.66.1": "spatial registration",
    "1.2.840.10008.5.1.4.1.1.66.4": "DICOM segmentation",
    "1.2.840.10008.5.1.4.1.1.66.5": "surface segmentation",
    "1.2.840.10008.5.1.4.1.1.66.7": "DICOM label map segmentation",
    "1.2.840.10008.5.1.4.1.1.30": "parametric map",
    "1.2.840.10008.5.1.4.1.1.67": "real world value mapping",
    "1.2.840.10008.5.1.4.1.1.104.1": "encapsulated PDF",
}
"""Storage classes (DICOM PS3.4, annex B.5) that travel with images."""
_FAMILIES = {
    "1.2.840.10008.5.1.4.1.1.11.": "presentation state",
    "1.2.840.10008.5.1.4.1.1.88.": "structured report",
    "1.2.840.10008.5.1.4.1.1.9.": "waveform",
}
_NUCLEAR = "1.2.840.10008.5.1.4.1.1.20"
_DIRECTORY = "1.2.840.10008.1.3.10"
_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_PAGES = {"LOCALIZER": "scout", "DOSE_INFO": "dose page", "SCREEN SAVE": "screen capture"}
"""Values of ImageType (CT scanners of GE, Siemens, Philips, Canon) that name what is no slice."""
_PIXELS = (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Frame:
    """One plane of an image, all from its tags; ``None`` or empty where there is no such tag.

    ``index`` counts the frames of ``file``. ``position`` [3] and ``orientation`` [6] (along a row,
    down a column) are LPS, mm; ``spacing`` between rows and columns, mm. ``states`` are the tags
    that tell the volumes of one series apart. ``left_out`` names what is not a slice of a volume.
    """

    file: Path
    index: int
    series: str
    text: str
    modality: str
    instance: str
    shape: tuple[int, int]
    position: Numbers | None
    orientation: Numbers | None
    spacing: Numbers | None
    slope: float
    intercept: float
    inverted: bool
    states: tuple[tuple[str, Any], ...]
    left_out: str = ""


@dataclass(frozen=True)
class Header:
    """The ``frames`` of a file; none in ``other`` objects and where it is ``damaged`` (why).

    ``series`` is empty where a damaged file does not say it.
    """

    file: Path
    frames: tuple[Frame, ...] = ()
    series: str = ""
    other: str = ""
    damaged: str = ""


def read_header(file: Path) -> Header | None:
    """What ``file`` says; None for what is no DICOM file. OSError where it cannot be opened."""
    facts = file.stat()
    return _read(file, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=2**14)
def _read(file: Path, _size: int, _changed: int) -> Header | None:
    import pydicom

    with file.open("rb") as stream:
        head = stream.read(132)
        # Without the preamble a file begins with its first element, of group 2 or 8.
        named = head[128:] == b"DICM"
        if not named and not (head[:2] in (b"\x02\0", b"\x08\0") and head[3:4] == b"\0"):
            return None
        stream.seek(0)
        series = ""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = pydicom.dcmread(stream, stop_before_pixels=True, force=not named)
                series = str(found.get("SeriesInstanceUID", ""))
                return _header(file, found, stream.read(4) in _PIXELS, named)
        # What pydicom raises for damaged elements has no common class.
        except Exception as error:
            return Header(file, series=series, damaged=cause_of(error)) if named else None


def _header(file: Path, found: Any, pixels: bool, named: bool) -> Header | None:
    kind = str(found.get("SOPClassUID") or found.file_meta.get("MediaStorageSOPClassUID", ""))
    if kind == _DIRECTORY:
        return None
    series = str(found.get("SeriesInstanceUID", ""))
    other = _NO_SLICES.get(kind) or next(
        (name for start, name in _FAMILIES.items() if kind.startswith(start)), ""
    )
    if other:
        return Header(file, series=series, other=other)
    deflated = str(found.file_meta.get("TransferSyntaxUID", "")).endswith(".1.99")
    if not (pixels or deflated) or "Rows" not in found:
        if not named:
            return None
        return Header(file, series=series, damaged=_("the file ends before its pixels"))
    return Header(file, tuple(_frames(file, found, kind, series)), series)


def _frames(file: Path, found: Any, kind: str, series: str) -> Iterator[Frame]:
    count = int(found.get("NumberOfFrames") or 1)
    shared = _first(found, "SharedFunctionalGroupsSequence")
    each = found.get("PerFrameFunctionalGroupsSequence") or [None] * count
    if kind == _NUCLEAR:
        each = _reconstructed(found, count)
    if len(each) != count:
        raise ValueError(f"it states {count} frames and describes {len(each)}")
    text = str(found.get("SeriesDescription") or "").strip()
    modality = str(found.get("Modality") or "")
    for index, own in enumerate(each):
        look = _Look([own, shared, found] if count == 1 or own is not None else [None, None, found])
        # One position for several frames is not that of each.
        lone = count == 1 or own is not None
        position = look.numbers("ImagePositionPatient", 3) if lone else None
        yield Frame(
            file=file,
            index=index,
            series=series,
            text=text,
            modality=modality,
            instance=str(found.get("SOPInstanceUID", "")),
            shape=(int(found.Rows), int(found.Columns)),
            position=position,
            orientation=look.numbers("ImageOrientationPatient", 6),
            spacing=look.numbers("PixelSpacing", 2),
            slope=look.number("RescaleSlope", 1.0),
            intercept=look.number("RescaleIntercept", 0.0),
            inverted=found.get("PhotometricInterpretation") == "MONOCHROME1",
            states=_states(look),
            left_out=_left_out(found, look, kind, position),
        )


def _reconstructed(found: Any, count: int) -> list[Any]:
    """What nuclear medicine states for all frames at once, for each: the position of the first
    slice and the distance along its normal, of which the sign counts (PS3.3, C.8.4.15)."""
    from pydicom import Dataset

    detector = _first(found, "DetectorInformationSequence") or Dataset()
    slices = np.atleast_1d(found.get("SliceVector") or range(1, count + 1))
    slots = np.atleast_1d(found.get("TimeSlotVector") or [1] * count)
    if not len(slices) == len(slots) == count:
        raise ValueError(f"it states {count} frames and numbers {len(slices)}")
    position, step = detector.get("ImagePositionPatient"), found.get("SpacingBetweenSlices")
    orientation = detector.get("ImageOrientationPatient")
    frames = []
    for number, slot in zip(slices.tolist(), slots.tolist(), strict=True):
        frame = Dataset()
        frame.TemporalPositionIndex = slot
        if position and orientation and step:
            frame.ImageOrientationPatient = orientation
            normal = np.cross(np.array(orientation[:3], float), np.array(orientation[3:], float))
            place = np.array(position, float) + (number - 1) * float(step) * normal
            frame.ImagePositionPatient = [f"{value:.10g}" for value in place]
        frames.append(frame)
    return frames


def _left_out(found: Any, look: _Look, kind: str, position: Numbers | None) -> str:
    """What a plane is that is no slice of a volume; empty for a slice."""
    values = [str(value).upper().strip() for value in look.values("ImageType")]
    for value, name in _PAGES.items():
        if any(value in each for each in values):
            return name
    if kind == _NUCLEAR and not any("RECON" in each for each in values):
        return "nuclear medicine projection"
    if int(found.get("SamplesPerPixel") or 1) != 1:
        return "colour image"
    if (kind == _CAPTURE or kind.startswith(f"{_CAPTURE}.")) and position is None:
        return "screen capture without a position"
    return ""


def _states(look: _Look) -> tuple[tuple[str, Any], ...]:
    """Tags by which the volumes of a series differ, the usual ones first."""
    frame_type = look.values("FrameType") or look.values("ImageType")
    found: dict[str, Any] = {
        "echo time": look.number("EffectiveEchoTime", math.nan, look.number("EchoTime", math.nan)),
        "echo": look.number("EchoNumbers", math.nan),
        "image type": "\\".join(
            [*map(str, frame_type[2:]), *map(str, look.values("ComplexImageComponent"))]
        ),
        "time point": look.number(
            "TemporalPositionIndex", math.nan, look.number("TemporalPositionIdentifier", math.nan)
        ),
        "b-value": look.number("DiffusionBValue", math.nan),
        "gradient": look.numbers("DiffusionGradientOrientation", 3),
        "inversion time": look.number("InversionTime", math.nan),
        "flip angle": look.number("FlipAngle", math.nan),
        "trigger time": look.number(
            "NominalCardiacTriggerDelayTime", math.nan, look.number("TriggerTime", math.nan)
        ),
        "phase": look.number("NominalPercentageOfCardiacPhase", math.nan),
        "energy": look.number("KVP", math.nan),
        "acquisition": look.number(
            "FrameAcquisitionNumber", math.nan, look.number("AcquisitionNumber", math.nan)
        ),
        "acquisition time": str(look.value("AcquisitionTime") or ""),
        "content time": str(look.value("ContentTime") or ""),
    }
    return tuple(
        (name, value)
        for name, value in found.items()
        if value not in (None, "") and not (isinstance(value, float) and math.isnan(value))
    )


class _Look:
    """Tags of one frame: in its functional groups, the shared ones, then the file's own."""

    _GROUPS = (
        "PlanePositionSequence",
        "PlaneOrientationSequence",
        "PixelMeasuresSequence",
        "PixelValueTransformationSequence",
        "FrameContentSequence",
        "MREchoSequence",
        "MRImageFrameTypeSequence",
        "CTImageFrameTypeSequence",
        "PETFrameTypeSequence",
        "MRDiffusionSequence",
        "MRModifierSequence",
        "MRTimingAndRelatedParametersSequence",
        "CardiacSynchronizationSequence",
        "DiffusionGradientDirectionSequence",
    )

    def __init__(self, places: Sequence[Any]) -> None:
        self._items: list[Any] = []
        for place in places:
            if place is None:
                continue
            groups = [item for name in self._GROUPS if (item := _first(place, name)) is not None]
            below = [_first(group, "DiffusionGradientDirectionSequence") for group in groups]
            self._items += [*groups, *(item for item in below if item is not None), place]

    def value(self, name: str) -> Any:
        for item in self._items:
            if (value := item.get(name)) is not None:
                return value
        return None

    def values(self, name: str) -> list[Any]:
        value = self.value(name)
        if value is None or value == "":
            return []
        return [value] if isinstance(value, (str, int, float)) else list(value)

    def number(self, name: str, otherwise: float, also: float | None = None) -> float:
        values = self.values(name)
        if not values:
            return otherwise if also is None else also
        return _finite(float(values[0]), name)

    def numbers(self, name: str, count: int) -> Numbers | None:
        values = self.values(name)
        if not values:
            return None
        if len(values) != count:
            raise ValueError(f"{name} has {len(values)} values, not {count}")
        return tuple(_finite(float(value), name) for value in values)


def _finite(value: float, name: str) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{name} is {value}")
    return value


def _first(place: Any, name: str) -> Any:
    """The first item of a sequence, or None."""
    items = place.get(name)
    return items[0] if items else None
