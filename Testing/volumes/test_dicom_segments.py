"""DICOM segmentations and structure sets are read as structures; results go back as DICOM SEG."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest
from dicom_bytes import CT, ENHANCED_MR, RT_DOSE, RT_STRUCTURES, enhanced, groups, plane, write
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.scene.files import check_result, write_result
from S2VNetSlicerLib.volumes.dicom_segments import _completed
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.reading import read_labels, read_seeds, read_segments, read_volume
from S2VNetSlicerLib.volumes.volume import Volume

ARRAY = np.random.default_rng(3).integers(0, 3000, (6, 5, 7)).astype(np.int16)
STUDY: dict[int, tuple[str, Any]] = {
    0x00080020: ("DA", "20200101"),
    0x00080050: ("SH", "A1"),
    0x00100010: ("PN", "Test^Person"),
    0x00100020: ("LO", "ID1"),
    0x0020000D: ("UI", "1.2.3"),
    0x00200052: ("UI", "1.2.3.4.5"),
}
NAMES, COLOURS = ["Left kidney", "lesion"], [(1.0, 0.0, 0.0), (0.0, 0.5, 1.0)]
FACTS = {"made": [1, 2], "model": "tiny", "model_commit": "abc"}
OBLIQUE = (0.8, 0.6, 0.0, 0.0, 0.0, -1.0)
NORMAL = np.cross(OBLIQUE[:3], OBLIQUE[3:])


def labels() -> np.ndarray:
    found = np.zeros(ARRAY.shape, np.uint8)
    found[1:4, 1:3, 2:5] = 1
    found[4, 3, 1] = found[0, 0, 0] = 2
    return found


@pytest.fixture(params=["single frames", "one file", "two files"])
def volume(request: pytest.FixtureRequest, tmp_path: Path) -> Volume:
    folder = tmp_path / "in"
    places = [tuple(np.array((5, 6, 7)) + 2.5 * n * NORMAL) for n in range(6)]
    if request.param == "single frames":
        for n in (3, 0, 5, 1, 4, 2):
            write(folder / f"{9 - n}.dcm", CT, plane(places[n], OBLIQUE) | STUDY, ARRAY[n])
    else:
        parts = [(2, 0, 4, 1, 5, 3)] if request.param == "one file" else [(4, 0, 1), (2, 5, 3)]
        for number, part in enumerate(parts):
            tags = enhanced([groups(places[n]) for n in part], OBLIQUE) | STUDY
            write(folder / f"{number}.dcm", ENHANCED_MR, tags, ARRAY[list(part)])
    return read_volume(folder, "CT")


def test_a_result_as_dicom_is_read_back_in_its_place(volume: Volume, tmp_path: Path) -> None:
    path = tmp_path / "result.DCM"
    check_result(path, (tmp_path / "in", None))
    write_result(path, volume, labels(), NAMES, COLOURS, FACTS)
    seeds = read_seeds(path, volume)
    assert seeds.names == NAMES
    assert np.allclose(seeds.colours, COLOURS, atol=0.02)
    np.testing.assert_array_equal(seeds.labels, np.where(labels(), labels() + 1, 0))
    np.testing.assert_array_equal(read_labels(path, volume), labels())
    # Without highdicom: the bits, the place of each frame, and what the object says of itself.
    found = pydicom.dcmread(path)
    bits = np.unpackbits(np.frombuffer(found.PixelData, np.uint8), bitorder="little")
    assert bits.sum() == np.count_nonzero(labels())
    places = [
        item.PlanePositionSequence[0].ImagePositionPatient
        for item in found.PerFrameFunctionalGroupsSequence
    ]
    along = sorted({round(float((np.array(p, float) - (5, 6, 7)) @ NORMAL), 3) for p in places})
    assert along == [0, 2.5, 5, 7.5, 10]
    (kidney, lesion) = found.SegmentSequence
    assert kidney.SegmentedPropertyTypeCodeSequence[0].CodeValue == "64033007"
    assert lesion.SegmentAlgorithmType == "SEMIAUTOMATIC"
    (algorithm,) = lesion.SegmentationAlgorithmIdentificationSequence
    assert (algorithm.AlgorithmName, algorithm.AlgorithmVersion) == ("S2VNet, weights tiny", "abc")
    assert found.FrameOfReferenceUID == "1.2.3.4.5"
    assert found.PatientName == "Test^Person"
    assert found.ReferencedSeriesSequence[0].SeriesInstanceUID == "1.2.3.4"


@pytest.mark.parametrize("frame", ["1.2.3.4.99", None])
def test_structures_of_another_patient_on_the_same_grid(
    volume: Volume, tmp_path: Path, frame: str | None
) -> None:
    path = tmp_path / "result.dcm"
    write_result(path, volume, labels(), NAMES, COLOURS, FACTS)
    found = pydicom.dcmread(path)
    found.PatientID = "somebody else"
    found.save_as(path)
    assert read_seeds(path, volume).names == NAMES, "numbers differ after one was anonymised"
    found.FrameOfReferenceUID = frame
    found.save_as(path)
    first = pydicom.dcmread(volume.source[0])
    first.PatientID = "a patient"
    first.save_as(volume.source[0])
    with pytest.raises(UserError, match="another scan" if frame else "another patient"):
        read_seeds(path, volume)


@pytest.mark.skipif(not shutil.which("dciodvfy"), reason="dicom3tools is not installed")
def test_the_object_is_valid(volume: Volume, tmp_path: Path) -> None:
    write_result(tmp_path / "a.dcm", volume, labels(), NAMES, COLOURS, FACTS)
    run = subprocess.run(
        ["dciodvfy", str(tmp_path / "a.dcm")], capture_output=True, text=True, check=False
    )
    told = run.stdout + run.stderr
    assert "Segmentation" in told
    assert [line for line in told.splitlines() if line.startswith("Error")] == []


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL"])
def test_segments_of_other_programs_may_overlap_and_be_fractions(
    volume: Volume, tmp_path: Path, kind: str
) -> None:
    masks = [labels() > 0, labels() == 2]
    (tissue, algorithm) = highdicom.sr.CodedConcept("85756007", "SCT", "Tissue"), "MANUAL"
    described = [
        highdicom.seg.SegmentDescription(n, name, tissue, tissue, algorithm)
        for n, name in enumerate(("all", "lesion"), 1)
    ]
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ volume.geometry.ijk_to_ras
    pixels = highdicom.Volume(
        np.stack(masks, -1) * (0.7 if kind == "FRACTIONAL" else True),
        lps[:, [2, 1, 0, 3]],
        coordinate_system="PATIENT",
        channels={"SegmentNumber": [1, 2]},
    )
    images = [_completed(file, volume.geometry) for file in volume.source]
    highdicom.seg.Segmentation(
        images[:1] if "NumberOfFrames" in images[0] else images, pixels, kind, described,
        highdicom.UID(), 1, highdicom.UID(), 1, "m", "m", "1", "0",
    ).save_as(tmp_path / "a.dcm")  # fmt: skip
    segments, placed = read_segments(tmp_path / "a.dcm", volume)
    assert [segment.name for segment in segments] == ["all", "lesion"]
    for segment, mask in zip(segments, masks, strict=True):
        np.testing.assert_array_equal(segment.mask(placed), mask)
    with pytest.raises(UserError, match=r"both as all and as lesion"):
        read_seeds(tmp_path / "a.dcm", volume)


def test_what_cannot_be_a_dicom_segmentation(tmp_path: Path, volume: Volume) -> None:
    with pytest.raises(UserError, match="refers to DICOM images: give their folder"):
        check_result(tmp_path / "a.dcm", (tmp_path / "scan.nii.gz",))
    empty = np.zeros(ARRAY.shape, np.uint8)
    with pytest.raises(UserError, match="cannot be empty"):
        write_result(tmp_path / "a.dcm", volume, empty, NAMES, COLOURS, FACTS)
    other = Volume(volume.array, volume.geometry, "CT")
    with pytest.raises(UserError, match="the volume is not DICOM"):
        write_result(tmp_path / "a.dcm", other, labels(), NAMES, COLOURS, FACTS)
    assert not (tmp_path / "a.dcm").exists()


def contour(points: np.ndarray, kind: str = "CLOSED_PLANAR") -> dict[int, tuple[str, Any]]:
    return {
        0x30060042: ("CS", kind),
        0x30060046: ("IS", len(points)),
        0x30060050: ("DS", [float(value) for value in points.ravel()]),
    }


def square(volume: Volume, k: float, low: float, high: float) -> np.ndarray:
    """LPS points around the voxels ``low`` to ``high`` of rows and columns of slice ``k``."""
    a, b = low - 0.5, high + 0.5
    ijk = np.array([(a, a, k), (b, a, k), (b, b, k), (a, b, k)])
    return volume.geometry.ijk_to_ras_points(ijk) * (-1, -1, 1)


def structure_set(path: Path, **contours: list[dict[int, tuple[str, Any]]]) -> Path:
    names = list(contours)
    listed = [{0x30060022: ("IS", n), 0x30060026: ("LO", name)} for n, name in enumerate(names)]
    drawn = [
        {
            0x3006002A: ("IS", [255, 0, 0]),
            0x30060040: ("SQ", contours[name]),
            0x30060084: ("IS", n),
        }
        for n, name in enumerate(names)
    ]
    return write(path, RT_STRUCTURES, {0x30060020: ("SQ", listed), 0x30060039: ("SQ", drawn)}, None)


def test_a_structure_set_is_drawn_onto_the_slices(tmp_path: Path, volume: Volume) -> None:
    first = square(volume, 0, 0, 0)[:1]
    ring = [contour(square(volume, 2, 0, 4)), contour(square(volume, 2, 2, 3))]
    path = structure_set(
        tmp_path / "rs.dcm",
        PTV=[*ring, contour(square(volume, 3.2, 1, 1)), contour(square(volume, 9, 1, 1))],
        Background=[
            contour(square(volume, 5, 0, 0)),
            contour(first, "POINT"),
        ],
    )
    seeds = read_seeds(path, volume)
    assert (seeds.names, seeds.colours) == (["PTV"], [(1, 0, 0)])
    expected = np.zeros(ARRAY.shape, np.uint8)
    expected[2, :5, :5] = 2
    expected[2, 2:4, 2:4] = 0
    expected[3, 1, 1] = 2
    expected[5, 0, 0] = 1
    np.testing.assert_array_equal(seeds.labels, expected)


def test_structure_sets_and_objects_that_say_nothing(tmp_path: Path, volume: Volume) -> None:
    slanted = square(volume, 2, 0, 4)
    slanted[0] += 3 * NORMAL
    for path, match in (
        (structure_set(tmp_path / "a.dcm", x=[contour(slanted)]), "across the slices"),
        (structure_set(tmp_path / "b.dcm", x=[contour(square(volume, 40, 0, 1))]), "no contour"),
        (structure_set(tmp_path / "c.dcm"), "no contour within the volume"),
        (write(tmp_path / "d.dcm", RT_DOSE, {}, ARRAY), "neither a DICOM segmentation nor an RT"),
        (write(tmp_path / "e.dcm", "66.4", {}, ARRAY), "cannot be read as a DICOM segmentation"),
    ):
        with pytest.raises(UserError, match=match) as caught:
            read_seeds(path, volume)
        assert path.name in str(caught.value)
    (tmp_path / "text.dcm").write_text("no DICOM")
    with pytest.raises(UserError, match="not of a supported format"):
        read_seeds(tmp_path / "text.dcm", volume)


@pytest.mark.parametrize("name", ["UP.SEG.NRRD", "x.Seg.Nrrd", "A.MRB", "ü 頭.seg.nrrd"])
def test_slicers_formats_in_any_case_and_through_links(tmp_path: Path, name: str) -> None:
    pytest.importorskip("slicer", reason="writes with Slicer's own writer")
    volume = Volume(ARRAY, Geometry(ARRAY.shape, np.diag([-1.0, -1, 3, 1])), "CT", name="scan")
    (tmp_path / "store").mkdir()
    link = tmp_path / name
    link.symlink_to(Path("store") / name)
    check_result(link, (None, None))
    write_result(link, volume, labels(), NAMES, COLOURS, {"axis": 0, **FACTS})
    assert link.is_symlink()
    assert [path.name for path in (tmp_path / "store").iterdir()] == [name]
    if not name.endswith("MRB"):
        np.testing.assert_array_equal(read_labels(link, volume), labels())
