"""DICOM SEG and RT structure sets, which hospitals keep: structures in, results out.

highdicom reads and writes the segmentation objects; structure sets are contours in the patient and
are drawn onto the grid of a volume here.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from .geometry import Geometry
from .seeds import Colour
from .segments import Segment

_log = logging.getLogger(__name__)
SUFFIX = ".dcm"
_SEGMENTATIONS = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
_STRUCTURES = "1.2.840.10008.5.1.4.1.1.481.3"
_COPIED = (
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyID", "StudyDate",
    "StudyTime", "AccessionNumber", "ReferringPhysicianName",
)  # fmt: skip
"""Attributes of patient and study that a SEG repeats; they may be empty."""
_MARKED = (2, 3)
"""Values of an audit's slices that a person marked or accepted."""


def is_dicom(path: Path) -> bool:
    """Whether a file begins as DICOM files do."""
    with path.open("rb") as stream:
        return stream.read(132)[128:] == b"DICM"


def read_segments(
    path: Path, grid: Geometry, source: Sequence[Path] = ()
) -> tuple[list[Segment], np.ndarray, Geometry]:
    """The structures of a DICOM SEG or RT structure set: segments, an array [k, j, i] of their
    values, or [k, j, i, segment] where they overlap, and its grid, which is ``grid`` for contours.

    ``source``: the DICOM files of the volume they are meant for, if it has any. Raises UserError
    for other objects, for what cannot be read, and for structures of another scan.
    """
    import pydicom

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = pydicom.dcmread(path)
            kind = str(found.get("SOPClassUID", ""))
            if source and kind in (*_SEGMENTATIONS, _STRUCTURES):
                _check_scan(path, found, pydicom.dcmread(source[0], stop_before_pixels=True))
            if kind in _SEGMENTATIONS:
                return _segmentation(found)
            if kind == _STRUCTURES:
                return (*_structures(path, found, grid), grid)
    except (UserError, OSError, MemoryError):
        raise
    # pydicom and highdicom answer damaged objects with many kinds of error.
    except Exception as error:
        raise UserError(
            "{path} cannot be read as a DICOM segmentation", error, path=path
        ) from error
    raise UserError(
        "{path} is neither a DICOM segmentation nor an RT structure set. A volume "
        "is read from the folder of its files.",
        path=path,
    )


def _check_scan(path: Path, found: Any, image: Any) -> None:
    """Scans of two patients may lie on the same grid: UserError unless ``found`` can belong to
    ``image``. Where a frame of reference is missing, the patient's number decides."""
    ours, theirs = _frames(image), _frames(found)
    if ours and theirs:
        if not ours & theirs:
            raise UserError(
                "{path} was drawn on another scan: its frame of reference is {theirs}, the "
                "volume's is {ours}.",
                path=path,
                theirs=", ".join(sorted(theirs)),
                ours=", ".join(sorted(ours)),
            )
        return
    patients = {str(item.get("PatientID") or "") for item in (image, found)} - {""}
    if len(patients) > 1:
        raise UserError("{path} belongs to another patient than the volume.", path=path)


def _frames(found: Any) -> set[str]:
    """The frames of reference that an object names; structure sets may have several."""
    parts = [found, *found.get("ReferencedFrameOfReferenceSequence", ())]
    return {str(part.get("FrameOfReferenceUID") or "") for part in parts} - {""}


def _segmentation(found: Any) -> tuple[list[Segment], np.ndarray, Geometry]:
    import highdicom

    image = highdicom.seg.Segmentation.from_dataset(found)
    numbers = list(image.segment_numbers)
    whole = image.segmentation_type != highdicom.seg.SegmentationTypeValues.FRACTIONAL
    try:  # a layer for each of a hundred structures would take gigabytes
        volume = image.get_volume(segment_numbers=numbers, combine_segments=whole)
    except RuntimeError as error:
        _log.info("The segments are read one by one: %s", error)
        whole, image = False, highdicom.seg.Segmentation.from_dataset(found)  # a new index
        volume = image.get_volume(segment_numbers=numbers)
    array = volume.array
    if not whole:
        array = (array >= 0.5).astype(np.uint8)
    k, j, i = array.shape[:3]
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ volume.affine[:, [2, 1, 0, 3]]  # of (k, j, i)
    segments = []
    for layer, n in enumerate(numbers):
        name = str(image.get_segment_description(n).segment_label)
        place = (n, 0) if whole else (1, layer)
        segments.append(Segment(name, *place, _colour(image, n)))
    return segments, array, Geometry((k, j, i), affine)


def _colour(image: Any, number: int) -> Colour | None:
    from highdicom.color import CIELabColor

    stored = image.get_segment_description(number).get("RecommendedDisplayCIELabValue")
    if stored is None:
        return None
    red, green, blue = CIELabColor.from_dicom_value(stored).to_rgb()
    return red / 255, green / 255, blue / 255


def _structures(path: Path, found: Any, grid: Geometry) -> tuple[list[Segment], np.ndarray]:
    names = {
        int(item.ROINumber): str(item.get("ROIName") or "")
        for item in found.get("StructureSetROISequence") or ()
    }
    segments: list[Segment] = []
    masks: list[np.ndarray] = []
    for item in found.get("ROIContourSequence") or ():
        mask = np.zeros(grid.shape, bool)
        for contour in item.get("ContourSequence") or ():
            if str(contour.get("ContourGeometricType")) == "CLOSED_PLANAR":
                points = np.array(contour.ContourData, float).reshape(-1, 3)
                _fill(mask, grid.ras_to_ijk(points * (-1, -1, 1)), path)
        name = names.get(int(item.ReferencedROINumber), "")
        stated = [float(part) / 255 for part in item.get("ROIDisplayColor") or ()]
        colour = (stated[0], stated[1], stated[2]) if len(stated) == 3 else None
        if mask.any():
            segments.append(Segment(name, 1, len(masks), colour))
            masks.append(mask)
    if not masks:
        raise UserError("{path} has no contour within the volume.", path=path)
    return segments, np.stack(masks, axis=-1).astype(np.uint8)


def _fill(mask: np.ndarray, points: np.ndarray, path: Path) -> None:
    """Turn what lies within a contour over: contours within contours are holes.

    ``points`` [N, 3] are voxel indices (i, j, k). The contour must lie in one slice of some axis.
    """
    spread = np.ptp(points, axis=0)
    axis = int(spread.argmin())
    level = float(np.median(points[:, axis]))
    if spread[axis] > 0.5:
        raise UserError(
            "{path} has a contour across the slices of the volume: it was drawn on another one.",
            path=path,
        )
    plane = mask.swapaxes(0, 2)  # [i, j, k]
    if not -0.5 <= level < plane.shape[axis] - 0.5:
        return
    rows, columns = (n for n in range(3) if n != axis)
    place = np.moveaxis(plane, axis, 0)[round(level)]
    a, b = points[:, rows], points[:, columns]
    inside = np.zeros(place.shape, bool)
    u = np.arange(place.shape[0])[:, None]
    v = np.arange(place.shape[1])[None, :]
    for a0, b0, a1, b1 in zip(a, b, np.roll(a, -1), np.roll(b, -1), strict=True):
        if b0 != b1:  # the even-odd rule along lines of constant b
            crosses = (b0 > v) != (b1 > v)
            inside ^= crosses & (u < (a1 - a0) * (v - b0) / (b1 - b0) + a0)
    place ^= inside


def write_segmentation(
    path: Path,
    source: Sequence[Path],
    labels: np.ndarray,
    geometry: Geometry,
    names: Sequence[str],
    colours: Sequence[Colour],
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write ``labels`` uint8 [k, j, i] on ``geometry`` as a DICOM SEG of the study of ``source``.

    ``source``: the files that the volume was read from. ``facts``: an audit, which says by which
    weights and whether marks were given. Raises UserError when that fails.
    """
    import highdicom
    from highdicom.color import CIELabColor
    from pydicom.sr.codedict import codes

    if not source:
        raise UserError(
            "{path} would be a DICOM segmentation, but the volume is not DICOM.", path=path.name
        )
    facts = facts or {}
    marked = any(value in _MARKED for value in facts.get("made", ()))
    kind = "SEMIAUTOMATIC" if marked or not facts else "AUTOMATIC"
    algorithm = highdicom.AlgorithmIdentificationSequence(
        name=f"S2VNet, weights {facts.get('model', 'unknown')}"[:64],
        family=codes.DCM.ArtificialIntelligence,
        version=str(facts.get("model_commit", "unknown"))[:64],
        source="S2VNetSlicer",
    )
    present = [n for n in range(1, len(names) + 1) if (labels == n).any()]
    if not present:
        raise UserError(
            "{path} cannot be written: a DICOM segmentation cannot be empty.", path=path
        )
    described = [
        highdicom.seg.SegmentDescription(
            segment_number=number,
            segment_label=names[n - 1][:64] or f"structure {n}",
            segmented_property_category=codes.SCT.AnatomicalStructure,
            segmented_property_type=_code(names[n - 1]),
            algorithm_type=kind,
            algorithm_identification=algorithm,
            display_color=CIELabColor.from_rgb(*(round(255 * part) for part in colours[n - 1])),
        )
        for number, n in enumerate(present, 1)
    ]
    layers = np.stack([labels == n for n in present], axis=-1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            images = [_completed(file, geometry) for file in source]
            lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ geometry.ijk_to_ras
            volume = highdicom.Volume(
                layers,
                lps[:, [2, 1, 0, 3]],
                coordinate_system="PATIENT",
                frame_of_reference_uid=images[0].get("FrameOfReferenceUID"),
                channels={"SegmentNumber": list(range(1, len(present) + 1))},
            )
            several = "NumberOfFrames" in images[0] and len(images) > 1
            result = highdicom.seg.Segmentation(
                source_images=images[:1] if several else images,
                further_source_images=images[1:] if several else None,
                pixel_array=volume,
                segmentation_type="BINARY",
                segment_descriptions=described,
                series_instance_uid=highdicom.UID(),
                series_number=int(images[0].get("SeriesNumber") or 0) + 1000,
                sop_instance_uid=highdicom.UID(),
                instance_number=1,
                manufacturer="S2VNetSlicer",
                manufacturer_model_name="S2VNetSlicer",
                software_versions=str(facts.get("software", "0.1.0")),
                device_serial_number="0",
                content_label="SEGMENTATION",
                series_description="S2VNetSlicer segmentation",
            )
            result.save_as(path)
    except (OSError, MemoryError):
        raise
    # highdicom answers attributes that the images lack with many kinds of error.
    except Exception as error:
        raise UserError(
            "{path} cannot be written as a DICOM segmentation", error, path=path.name
        ) from error


def _completed(file: Path, geometry: Geometry) -> Any:
    """The header of an image with what highdicom asks for and images may lack."""
    import pydicom

    found = pydicom.dcmread(file, stop_before_pixels=True)
    for name in _COPIED:
        if name not in found:
            setattr(found, name, "")
    groups = [
        *found.get("SharedFunctionalGroupsSequence", ()),
        *found.get("PerFrameFunctionalGroupsSequence", ()),
    ]
    measures = [item for group in groups for item in group.get("PixelMeasuresSequence", ())]
    for item in measures if groups else [found]:
        if not item.get("SliceThickness"):
            item.SliceThickness = f"{geometry.spacing[0]:.8g}"
    return found


def _code(name: str) -> Any:
    """The SNOMED code of a structure that DICOM's own tables know by this name, else a tissue's."""
    from pydicom.sr.codedict import codes

    words = [word for word in re.split(r"[\W_]+", name.lower()) if word not in ("left", "right")]
    found = getattr(codes.SCT, "".join(word.capitalize() for word in words), None)
    return codes.SCT.Tissue if found is None else found
