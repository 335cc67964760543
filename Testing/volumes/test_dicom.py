"""DICOM: every frame has its own place, scale and meaning, and nothing else is a slice."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from dicom_bytes import (
    CAPTURE,
    CT,
    ENHANCED_CT,
    ENHANCED_MR,
    LEGACY_MR,
    MR,
    NUCLEAR,
    PRESENTATION,
    RT_DOSE,
    RT_STRUCTURES,
    SEGMENTATION,
    enhanced,
    groups,
    plane,
    write,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.batch.cases import find_cases
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.volumes.dicom import look_into
from S2VNetSlicerLib.volumes.reading import read_file, read_volume
from scipy.spatial.transform import Rotation

ARRAY = np.random.default_rng(3).integers(0, 3000, (6, 5, 7)).astype(np.int16)


def series(folder: Path, array: np.ndarray = ARRAY, kind: str = CT, step: float = 2.5) -> Path:
    """Single frames, written in a shuffled order."""
    for n in np.random.default_rng(0).permutation(len(array)):
        write(folder / f"{n:03}.dcm", kind, plane((5, 6, step * n)), array[n])
    return folder


def refused(folder: Path, match: str) -> None:
    with pytest.raises(UserError, match=match) as caught:
        read_file(folder)
    assert folder.name in str(caught.value)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_stack_lies_where_its_tags_say(data: st.DataObject) -> None:
    """Rotation, spacing, order, scales and the sharing out among files are arbitrary."""
    angles = [data.draw(st.floats(-180, 180)) for _ in range(3)]
    axes = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    rows, columns, step = (data.draw(st.floats(0.05, 8)) for _ in range(3))
    origin = np.array([data.draw(st.floats(-500, 500)) for _ in range(3)])
    scales = [
        (data.draw(st.sampled_from((1.0, 0.5, 2.0, 0.013))), data.draw(st.sampled_from((0, -1024))))
        for _ in ARRAY
    ]
    order = data.draw(st.permutations(range(len(ARRAY))))
    parts = data.draw(st.sampled_from((1, 2, 6)))
    orientation = (*axes[:, 0], *axes[:, 1])
    places = [origin + n * step * axes[:, 2] for n in range(len(ARRAY))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if data.draw(st.booleans()):
            for n in order:
                tags = plane(places[n], orientation, (rows, columns), *scales[n])
                write(
                    folder / f"{n}.dcm", data.draw(st.sampled_from((CT, LEGACY_MR))), tags, ARRAY[n]
                )
        else:
            for number, chosen in enumerate(np.array_split(order, parts)):
                frames = [groups(places[n], *scales[n]) for n in chosen]
                tags = enhanced(frames, orientation, (rows, columns))
                write(folder / f"{number}.dcm", ENHANCED_CT, tags, ARRAY[chosen])
        image = read_file(folder)
    expected = [p * s + b for p, (s, b) in zip(ARRAY.astype(float), scales, strict=True)]
    np.testing.assert_allclose(image.array, expected, rtol=1e-6)
    for n, place in enumerate(places):
        found = image.geometry.ijk_to_ras_points(np.array([[0, 0, n], [6, 4, n]])) * (-1, -1, 1)
        far = place + 6 * columns * axes[:, 0] + 4 * rows * axes[:, 1]
        apart = np.linalg.norm(found - [place, far], axis=1)
        assert apart.max() < 0.01 * min(rows, columns, step) + 1e-6


@pytest.mark.parametrize("kind", [sitk.sitkInt16, sitk.sitkUInt16, sitk.sitkUInt8])
@pytest.mark.parametrize("codec", [None, "JPEG2000", "JPEG"])
def test_what_itk_writes_and_compresses(tmp_path: Path, kind: int, codec: str | None) -> None:
    high = 250 if kind == sitk.sitkUInt8 else 4000
    array = np.random.default_rng(1).integers(0, high, (4, 16, 18))
    image = sitk.Cast(sitk.GetImageFromArray(array), kind)
    image.SetSpacing((0.5, 0.6, 2))
    image.SetOrigin((3, 4, 5))
    image.SetDirection((1, 0, 0, 0, 0, -1, 0, 1, 0))
    image.SetMetaData("0008|0060", "CT")
    writer = sitk.ImageFileWriter()
    if codec:
        writer.SetUseCompression(True)
        writer.SetCompressor(codec)
    writer.SetFileName(str(tmp_path / "a.dcm"))
    writer.Execute(image)
    found = read_file(tmp_path)
    np.testing.assert_array_equal(found.array, array)
    lps = found.geometry.to_sitk(found.array)
    assert lps.GetOrigin() == pytest.approx((3, 4, 5))
    assert lps.GetDirection() == pytest.approx(image.GetDirection())
    assert lps.GetSpacing() == pytest.approx((0.5, 0.6, 2))


def test_scales_that_differ_neither_wrap_nor_truncate(tmp_path: Path) -> None:
    for n, (slope, intercept) in enumerate([(1, 0), (1.5, 0), (30.0, 5), (1, -1024)]):
        write(
            tmp_path / f"{n}.dcm", MR, plane((0, 0, n), slope=slope, intercept=intercept), ARRAY[n]
        )
    values = read_file(tmp_path).array
    np.testing.assert_allclose(values[2], ARRAY[2] * 30.0 + 5)
    np.testing.assert_allclose(values[1], ARRAY[1] * 1.5)
    np.testing.assert_array_equal(values[3], ARRAY[3] - 1024.0)
    write(tmp_path / "1.dcm", MR, plane((0, 0, 1)), ARRAY[1])
    assert read_file(tmp_path).array.dtype == np.int32


def test_frames_that_are_no_regular_stack_in_one_file(tmp_path: Path) -> None:
    heights = {"gap": [0, 1, 2, 4, 5, 6], "same": [0, 1, 2, 2, 3, 4]}
    for name, z in heights.items():
        frames = [groups((0, 0, h)) for h in z]
        write(tmp_path / name / "a.dcm", ENHANCED_MR, enhanced(frames), ARRAY)
    tilted = [groups((0, 0.5 * n, 2 * n)) for n in range(6)]
    write(tmp_path / "tilt" / "a.dcm", ENHANCED_CT, enhanced(tilted), ARRAY)
    refused(tmp_path / "gap", r"2\.00 mm between slices 3 and 4 where 1\.00 mm")
    refused(tmp_path / "same", "several slices at one position")
    refused(tmp_path / "tilt", "tilted gantry")


def test_time_points_and_echoes_are_volumes_of_their_own(tmp_path: Path) -> None:
    frames, planes = [], []
    for echo in (10.0, 20.0):
        for time in (1, 2):
            for z in (2, 0, 1):
                frames.append(groups((0, 0, z), echo=echo, time=time))
                planes.append(np.full((5, 7), 100 * time + echo + z, np.int16))
    write(tmp_path / "a.dcm", ENHANCED_MR, enhanced(frames), np.array(planes))
    refused(tmp_path, r"holds 4 DICOM series.*1: 1\.2\.3\.4, echo time 10, time point 1 \(3 sl")
    for number, (echo, time) in enumerate([(10, 1), (10, 2), (20, 1), (20, 2)], 1):
        image = read_file(tmp_path, str(number))
        assert image.array[:, 0, 0].tolist() == [100 * time + echo + z for z in range(3)]
        assert image.geometry.spacing[0] == pytest.approx(1)
    cases = find_cases(tmp_path, tmp_path / "out")
    assert len({case.name for case in cases}) == 4
    assert cases[2].read().array[0, 0, 0] == 120
    refused_one = pytest.raises(UserError, match="holds no series 5: choose one of these")
    with refused_one:
        read_file(tmp_path, "5")
    with pytest.raises(UserError, match="is no folder"):
        read_file(tmp_path / "a.dcm", "1")


def test_a_list_says_what_can_be_chosen_and_why_not(tmp_path: Path) -> None:
    for number, (name, heights) in enumerate({"whole": (0, 2, 4), "gap": (0, 2, 6, 8)}.items()):
        for height in heights:
            more = {0x0008103E: ("LO", name), 0x0020000E: ("UI", f"1.2.{number}")}
            write(tmp_path / f"{name}{height}.dcm", MR, plane((0, 0, height)) | more, ARRAY[0])
    whole, gap = look_into(tmp_path).listed()
    assert (whole.number, whole.text, whole.modality, whole.slices) == (1, "whole", "MR", 3)
    assert not whole.problem
    assert "missing slices" in gap.problem
    refused(tmp_path, r"1: whole \(3 slices\); 2: gap \(4 slices, not usable\)")
    assert read_file(tmp_path, whole.key).array.shape[0] == 3


def test_single_frames_of_two_time_points(tmp_path: Path) -> None:
    for time in (1, 2):
        for n in range(4):
            tags = plane((0, 0, n)) | {0x00200100: ("IS", time)}
            write(tmp_path / f"{time}-{n}.dcm", MR, tags, ARRAY[n] + time)
    np.testing.assert_array_equal(read_file(tmp_path, "2").array, ARRAY[:4] + 2)


def test_other_objects_are_left_out_and_named(tmp_path: Path) -> None:
    series(tmp_path)
    for kind, name in ((RT_STRUCTURES, "rs"), (PRESENTATION, "pr")):
        write(tmp_path / f"{name}.dcm", kind, {}, None)
    for kind, name in ((RT_DOSE, "rd"), (SEGMENTATION, "seg")):
        write(tmp_path / f"{name}.dcm", kind, plane((0, 0, 99)), ARRAY[:3])
    scout = {0x00080008: ("CS", ["ORIGINAL", "PRIMARY", "LOCALIZER"])}
    write(tmp_path / "scout.dcm", CT, plane((0, 0, 3), (1, 0, 0, 0, 0, -1)) | scout, ARRAY[0])
    write(tmp_path / "dose.dcm", CAPTURE, {}, ARRAY[0])
    volume = read_volume(tmp_path)
    np.testing.assert_array_equal(volume.array, ARRAY)
    for word in ("RT dose (1)", "RT structure set (1)", "DICOM segmentation (1)", "scout (1)",
                 "presentation state (1)", "screen capture without a position (1)"):  # fmt: skip
        assert word in volume.notes[0]
    assert [case.name for case in find_cases(tmp_path, tmp_path / "out")] == [tmp_path.name]


def test_only_other_objects_are_no_case(tmp_path: Path) -> None:
    write(tmp_path / "in" / "rd.dcm", RT_DOSE, plane((0, 0, 0)), ARRAY)
    refused(tmp_path / "in", r"no DICOM series of two or more slices but RT dose \(1\)")
    with pytest.raises(UserError, match="holds no volumes"):
        find_cases(tmp_path / "in", tmp_path / "out")


def test_copies_are_taken_once(tmp_path: Path) -> None:
    series(tmp_path)
    shutil.copy(tmp_path / "002.dcm", tmp_path / "002 (copy).dcm")
    write(
        tmp_path / "again.dcm", CT, plane((5, 6, 7.5)), ARRAY[3]
    )  # another object of equal pixels
    volume = read_volume(tmp_path)
    np.testing.assert_array_equal(volume.array, ARRAY)
    assert "second copy of a slice (2)" in volume.notes[0]


@pytest.mark.parametrize("step", [4.0, -4.0])
def test_nuclear_medicine_states_the_place_of_its_first_slice(tmp_path: Path, step: float) -> None:
    """The sign of SpacingBetweenSlices says to which side the slices lie; they may be gated."""
    detector = {
        0x00200032: ("DS", [10.0, 20.0, 30.0]),
        0x00200037: ("DS", [1.0, 0.0, 0.0, 0.0, 0.0, -1.0]),  # the normal points to +y
    }
    tags = {
        0x00080008: ("CS", ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]),
        0x00080060: ("CS", "NM"),
        0x00180088: ("DS", step),
        0x00280030: ("DS", [4.0, 4.0]),
        0x00540022: ("SQ", [detector]),
        0x00540080: ("US", np.array([3, 1, 2, 6, 5, 4], "<u2").tobytes()),
    }
    write(tmp_path / "recon" / "a.dcm", NUCLEAR, tags, ARRAY)
    image = read_file(tmp_path / "recon")
    k, j, i = 5, 2, 3  # the last slice, which is the fourth frame
    side = 1 if step > 0 else -1
    place = np.array((10 + 4 * i, 20 + 4 * k * side, 30 - 4 * j)) * (-1, -1, 1)
    at = tuple(np.rint(image.geometry.ras_to_ijk(place[None])[0]).astype(int)[::-1])
    assert image.array[at] == ARRAY[3, j, i]
    np.testing.assert_allclose(image.geometry.ijk_to_ras_points(np.array([at[::-1]])), [place])
    gated = tags | {
        0x00540070: ("US", np.array([1, 1, 1, 2, 2, 2], "<u2").tobytes()),
        0x00540080: ("US", np.array([1, 2, 3] * 2, "<u2").tobytes()),
    }
    write(tmp_path / "gated" / "a.dcm", NUCLEAR, gated, ARRAY)
    assert [each.slices for each in look_into(tmp_path / "gated").volumes] == [3, 3]
    for name, change, match in (
        ("planar", {0x00080008: ("CS", ["ORIGINAL", "PRIMARY", "TOMO"])}, r"projection \(6\)"),
        ("nowhere", {0x00180088: ("DS", None)}, "without a position in the patient"),
        ("short", {0x00540080: ("US", 1)}, "it states 6 frames and numbers 1"),
    ):
        write(tmp_path / name / "a.dcm", NUCLEAR, tags | change, ARRAY)
        refused(tmp_path / name, match)


def test_a_capture_of_many_frames_has_no_place(tmp_path: Path) -> None:
    """One position for all of them is none; those of each frame are."""
    write(tmp_path / "a" / "a.dcm", "7.2", plane((1, 2, 3)), ARRAY)
    refused(tmp_path / "a", r"screen capture without a position \(6\)")
    frames = [groups((1, 2, 3 + 2 * n)) for n in range(6)]
    write(tmp_path / "b" / "a.dcm", "7.2", enhanced(frames), ARRAY)
    np.testing.assert_array_equal(read_file(tmp_path / "b").array, ARRAY)


def test_tags_that_are_missing_or_wrong(tmp_path: Path) -> None:
    for name, tags, match in (
        ("nospacing", {0x00280030: ("DS", None)}, "no PixelSpacing"),
        ("zero", {0x00280030: ("DS", [0.0, 1.0])}, "PixelSpacing of 0 mm"),
        ("noplace", {0x00200032: ("DS", None)}, "without a position"),
        ("text", {0x00200032: ("DS", "a\\b\\c")}, "cut off or damaged"),
        ("few", {0x00200032: ("DS", [1.0, 2.0])}, "ImagePositionPatient has 2 values"),
        ("slope", {0x00281053: ("DS", 0.0)}, "RescaleSlope of 0"),
        ("table", {0x00283000: ("SQ", [{}])}, "lookup table"),
    ):
        for n in range(3):
            write(tmp_path / name / f"{n}.dcm", CT, plane((0, 0, n)) | tags, ARRAY[n])
        refused(tmp_path / name, match)


def test_what_does_not_matter_is_no_obstacle(tmp_path: Path) -> None:
    for n in range(4):
        more = {0x00180088: ("DS", 0.0), 0x00280004: ("CS", "MONOCHROME1")}
        write(tmp_path / f"{n}.dcm", CT, plane((0, 0, 2 * n)) | more, ARRAY[n])
    volume = read_volume(tmp_path)
    np.testing.assert_array_equal(volume.array, ARRAY[:4])
    assert volume.geometry.spacing[0] == 2
    assert "MONOCHROME1" in volume.notes[0]


def test_a_damaged_codec_stream_is_named(tmp_path: Path) -> None:
    image = sitk.GetImageFromArray(np.random.default_rng(0).integers(0, 900, (3, 40, 40)))
    writer = sitk.ImageFileWriter()
    writer.SetUseCompression(True)
    writer.SetCompressor("JPEG2000")
    writer.SetFileName(str(tmp_path / "a.dcm"))
    writer.Execute(sitk.Cast(image, sitk.sitkUInt16))
    content = bytearray((tmp_path / "a.dcm").read_bytes())
    start = content.rfind(b"\xff\x4f\xff\x51")
    content[start : start + 40] = bytes(40)
    (tmp_path / "a.dcm").write_bytes(content)
    refused(tmp_path, r"a\.dcm has pixels \(JPEG 2000.*cannot be decoded")


def test_files_without_a_preamble(tmp_path: Path) -> None:
    for path in series(tmp_path).iterdir():
        content = path.read_bytes()
        path.write_bytes(content[content.index(b"\x08\0\x16\0UI") :])
    np.testing.assert_array_equal(read_file(tmp_path).array, ARRAY)


def test_looking_reads_only_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    series(tmp_path)
    monkeypatch.setattr("pydicom.pixels.pixel_array", lambda *a, **k: pytest.fail("decoded"))
    found = look_into(tmp_path)
    assert [volume.slices for volume in found.volumes] == [6]
