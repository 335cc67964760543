"""Volumes are read as they are, and every bad file is refused with a sentence."""

from __future__ import annotations

import contextlib
import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.volumes.reading import read_file, read_volume


def assert_refused(path: Path, match: str, names: str = "") -> None:
    with pytest.raises(UserError, match=match) as caught:
        read_volume(path)
    message = str(caught.value)
    assert (names or path.name) in message
    assert message.endswith(".")
    assert "\n" not in message


def save(path: Path, array: np.ndarray, **options: bool) -> Path:
    sitk.WriteImage(sitk.GetImageFromArray(array, **options), str(path))
    return path


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd"])
def test_integers_keep_their_type(tmp_path: Path, array: np.ndarray, suffix: str) -> None:
    volume = read_volume(save(tmp_path / f"a{suffix}", array))
    np.testing.assert_array_equal(volume.array, array)
    assert volume.array.dtype == np.int16
    assert volume.modality == "CT"
    assert volume.modality_reason
    assert volume.name == f"a{suffix}"


def test_doubles_become_float32_and_the_user_may_state_the_modality(tmp_path: Path) -> None:
    path = save(tmp_path / "a.nrrd", np.random.default_rng(0).random((3, 4, 5)))
    volume = read_volume(path, "mr")
    assert volume.array.dtype == np.float32
    assert (volume.modality, volume.modality_reason) == ("MR", "stated by the user")
    with pytest.raises(UserError, match="state CT or MR"):
        read_volume(path, "PET")
    with pytest.raises(UserError, match="Hounsfield"):
        read_volume(path, "CT")


@pytest.mark.parametrize("suffix", [".mha", ".nrrd", ".nii.gz"])
def test_a_single_time_point_is_a_volume(tmp_path: Path, array: np.ndarray, suffix: str) -> None:
    image = sitk.JoinSeries([sitk.GetImageFromArray(array)])
    sitk.WriteImage(image, str(tmp_path / f"a{suffix}"))
    np.testing.assert_array_equal(read_volume(tmp_path / f"a{suffix}").array, array)


def test_what_is_not_a_volume(tmp_path: Path, array: np.ndarray) -> None:
    assert_refused(tmp_path / "missing.nii.gz", "does not exist")
    for name in ("text.nii", "text.nii.gz", "text.nrrd", "text.mha"):
        (tmp_path / name).write_text("no image")
        assert_refused(tmp_path / name, "damaged|is no NRRD file")
        (tmp_path / name).write_text("")
        assert_refused(tmp_path / name, "damaged")
    assert_refused(save(tmp_path / "a.tif", array), "supported format")
    assert_refused(save(tmp_path / "plane.nrrd", array[0]), "2 dimensions")
    image = sitk.GetImageFromArray(array)
    sitk.WriteImage(sitk.JoinSeries([image, image]), str(tmp_path / "time.nrrd"))
    assert_refused(tmp_path / "time.nrrd", "4 dimensions")
    assert_refused(save(tmp_path / "rgb.nrrd", np.stack([array] * 3, -1), isVector=True), "3 val")
    assert_refused(save(tmp_path / "wave.nii", array.astype(np.complex64)), "complex")
    assert_refused(save(tmp_path / "slice.nrrd", array[:1]), "only 1 slice:")
    assert_refused(save(tmp_path / "row.nrrd", array[:, :1]), "only 1 row:")
    assert_refused(save(tmp_path / "flat.nrrd", array * 0 + 7), "same value 7")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_values_that_are_not_finite(tmp_path: Path, array: np.ndarray, value: float) -> None:
    values = array.astype(np.float64)
    values[1, 2, 3] = value
    assert_refused(save(tmp_path / "a.nrrd", values), "NaN or infinite")


@pytest.mark.parametrize("part", [0.03, 0.5, 0.97])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".mha"])
@pytest.mark.parametrize("compress", [False, True])
def test_truncated_files(tmp_path: Path, suffix: str, compress: bool, part: float) -> None:
    path = tmp_path / f"a{suffix}"
    noise = np.random.default_rng(0).integers(-1000, 1000, (10, 20, 30)).astype(np.int16)
    sitk.WriteImage(sitk.GetImageFromArray(noise), str(path), useCompression=compress)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    assert_refused(path, "cut off or damaged")


def test_a_gzip_with_too_little_in_it_or_broken_bytes(tmp_path: Path, array: np.ndarray) -> None:
    content = save(tmp_path / "a.nii", array).read_bytes()
    short = tmp_path / "short.nii.gz"
    short.write_bytes(gzip.compress(content[:-2]))
    assert_refused(short, "cut off or damaged")
    packed = bytearray(gzip.compress(content))
    packed[len(packed) // 2] ^= 0xFF
    (tmp_path / "flipped.nii.gz").write_bytes(packed)
    assert_refused(tmp_path / "flipped.nii.gz", "cut off or damaged")
    parts = tmp_path / "parts.nii.gz"  # several gzip members in a row are one file
    parts.write_bytes(gzip.compress(content[:500]) + gzip.compress(content[500:]))
    np.testing.assert_array_equal(read_file(parts).array, array)


def test_a_header_without_voxels(tmp_path: Path, array: np.ndarray) -> None:
    path = save(tmp_path / "a.mha", array)
    path.write_bytes(path.read_bytes().replace(b"DimSize = 6 5 4", b"DimSize = 6 5 0"))
    assert_refused(path, "cut off or damaged")


def test_files_that_may_not_be_read(
    tmp_path: Path, array: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "a.nii.gz", array)

    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(gzip, "open", forbidden)
    assert_refused(path, "cannot be read: Permission denied")


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.integers(0, 351), st.integers(0, 255), min_size=1, max_size=4))
def test_a_corrupt_header_never_ends_in_another_error(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[int, int]
) -> None:
    path = tmp_path_factory.getbasetemp() / "corrupt.nii"
    array = np.random.default_rng(1).integers(-1000, 1000, (4, 5, 6)).astype(np.int16)
    content = bytearray(save(path, array).read_bytes())
    for offset, value in changes.items():
        content[offset] = value
    path.write_bytes(content)
    with contextlib.suppress(UserError):
        read_volume(path).check()


def nifti_with(path: Path, array: np.ndarray, offset: int, *values: float) -> Path:
    content = bytearray(save(path, array).read_bytes())
    struct.pack_into("<2h", content, 252, 0, 1)  # no qform, only the sform
    struct.pack_into(f"<{len(values)}f", content, offset, *values)
    path.write_bytes(content)
    return path


def test_bad_nifti_grids(tmp_path: Path, array: np.ndarray) -> None:
    path = tmp_path / "a.nii"
    assert_refused(nifti_with(path, array, 280, 1, 0.5, 0, 0), "not at right angles")
    assert_refused(nifti_with(path, array, 280, 0, 0, 0, 0), "no valid voxel spacing")
    assert_refused(nifti_with(path, array, 280, np.nan, 0, 0, 0), "no valid voxel spacing")
    assert_refused(nifti_with(path, array, 280, 73200, 0, 0, 0), "no valid voxel spacing")
    assert_refused(nifti_with(path, array, 80, 1, 0, 1), "spacing of zero")


@pytest.mark.parametrize(
    "directions",
    ["(1,0,0) (0,0,0) (0,0,1)", "(1,0,0) (1,0,0) (0,0,1)", "(nan,0,0) (0,1,0) (0,0,1)"],
)
def test_degenerate_nrrd_grids(tmp_path: Path, array: np.ndarray, directions: str) -> None:
    assert_refused(nrrd_with(tmp_path / "a.nrrd", array, directions), "sheared or degenerate")


def test_a_sheared_nrrd_and_its_modality_tag(tmp_path: Path, array: np.ndarray) -> None:
    sheared = nrrd_with(tmp_path / "a.nrrd", array, "(1,0,0) (0.5,1,0) (0,0,1)")
    assert_refused(sheared, "right angles")
    tagged = nrrd_with(tmp_path / "b.nrrd", array, "(1,0,0) (0,1,0) (0,0,1)", "Modality:=MR\n")
    assert read_volume(tagged).modality == "MR"


def nrrd_with(path: Path, array: np.ndarray, directions: str, more: str = "") -> Path:
    header = (
        "NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 6 5 4\n"
        f"space directions: {directions}\nkinds: domain domain domain\nendian: little\n"
        f"encoding: raw\nspace origin: (0,0,0)\n{more}\n"
    )
    path.write_bytes(header.encode() + array.tobytes())
    return path


def test_big_endian_nifti(tmp_path: Path) -> None:
    header = bytearray(352)
    struct.pack_into(">i", header, 0, 348)
    struct.pack_into(">8h", header, 40, 3, 6, 5, 4, 1, 1, 1, 1)
    struct.pack_into(">3h8f", header, 70, 4, 16, 0, 1, 0.5, 0.5, 2, 0, 0, 0, 0)
    struct.pack_into(">f", header, 108, 352)
    struct.pack_into(">2h", header, 252, 0, 1)
    struct.pack_into(">12f", header, 280, 0.5, 0, 0, 1, 0, 0.5, 0, 2, 0, 0, 2, 3)
    header[344:348] = b"n+1\0"
    path = tmp_path / "a.nii"
    path.write_bytes(header + np.arange(120, dtype=">i2").tobytes())
    volume = read_volume(path)
    np.testing.assert_array_equal(volume.array.ravel(), range(120))
    assert volume.geometry.spacing == (2, 0.5, 0.5)
    np.testing.assert_allclose(volume.geometry.ijk_to_ras[:3, 3], (1, 2, 3))
    path.write_bytes(path.read_bytes()[:-1])
    assert_refused(path, "cut off or damaged")


def test_a_dicom_series(write_series: Callable[..., Path]) -> None:
    folder = write_series([10, 12.5, 15, 17.5])
    (folder / "notes.txt").write_text("not DICOM")
    volume = read_volume(folder)
    assert volume.array[:, 1, 1].tolist() == [-300, -200, -100, 0]
    assert volume.geometry.spacing == pytest.approx((2.5, 0.8, 0.7))
    np.testing.assert_allclose(volume.geometry.ijk_to_ras[:3, 3], (-5, -6, 10))
    assert (volume.modality, volume.name) == ("CT", "series")
    assert "tag" in volume.modality_reason


def test_dicom_tags_decide_the_modality(write_series: Callable[..., Path]) -> None:
    assert read_volume(write_series([0, 1, 2, 3], **{"0008x0060": "MR"})).modality == "MR"


def test_slices_in_any_order_and_beside_a_scout(write_series: Callable[..., Path]) -> None:
    write_series([3, 1, 2])
    folder = write_series([50], uid="1.2.3.9")
    assert read_volume(folder).array[:, 1, 1].tolist() == [-200, -100, -300]


def test_descriptions_of_any_character_set(write_series: Callable[..., Path]) -> None:
    write_series([0, 1], uid="1.2.3.5", **{"0008x103e": "Schaedel"})
    folder = write_series([0, 1], uid="1.2.3.6")
    for file in folder.iterdir():
        file.write_bytes(file.read_bytes().replace(b"Schaedel", b"Sch\xe4del "))
    assert_refused(folder, r"Sch.del \(2 slices\)")
    with pytest.raises(UserError) as caught:
        read_volume(folder)
    str(caught.value).encode()


def test_a_multi_frame_file(tmp_path: Path, array: np.ndarray) -> None:
    (tmp_path / "one").mkdir()
    image = sitk.GetImageFromArray(array)
    image.SetMetaData("0008|0060", "CT")
    sitk.WriteImage(image, str(tmp_path / "one" / "a.dcm"))
    np.testing.assert_array_equal(read_volume(tmp_path / "one").array, array)


def test_folders_that_are_not_one_volume(tmp_path: Path, write_series: Callable[..., Path]) -> None:
    (tmp_path / "empty").mkdir()
    assert_refused(tmp_path / "empty", "holds no DICOM series")
    assert_refused(write_series([0], uid="1.2.3.1"), "holds no DICOM series")
    write_series([0, 1, 2], uid="1.2.3.5")
    folder = write_series([0, 1, 2, 3], uid="1.2.3.6")
    assert_refused(
        folder,
        r"2 DICOM series: .*--series.* 1: Series 1\.2\.3\.5 \(3 slices\); 2: .* \(4 slices\)",
    )


@pytest.mark.parametrize(
    ("heights", "drift", "tags", "match"),
    [
        ([0, 2, 4, 8, 10], 0, {}, r"4\.00 mm between slices 3 and 4 where 2\.00 mm"),
        ([0, 2, 4, 6.1, 8.1], 0, {}, r"2\.10 mm between slices 3 and 4"),
        ([0, 2, 2, 4], 0, {}, "one position"),
        ([0, 2, 4, 6], 0.5, {}, "tilted gantry"),
    ],
)
def test_slices_that_are_not_a_regular_grid(
    write_series: Callable[..., Path], heights: list[float], drift: float, tags: dict, match: str
) -> None:
    assert_refused(write_series(heights, drift=drift, **tags), match)


def test_rounded_positions_are_regular(write_series: Callable[..., Path]) -> None:
    assert len(read_volume(write_series([0, 0.63, 1.25, 1.88, 2.5])).array) == 5


def test_slices_without_a_position(write_series: Callable[..., Path]) -> None:
    folder = write_series([0, 1, 2])
    for file in folder.iterdir():  # rename the tag
        file.write_bytes(file.read_bytes().replace(b"\x20\0\x32\0", b"\x20\0\x33\0"))
    assert_refused(folder, "without a position")


def test_slices_of_different_orientations(write_series: Callable[..., Path]) -> None:
    write_series([0, 1, 2])
    folder = write_series([3, 4], **{"0020x0037": "1\\0\\0\\0\\0\\-1"})  # replaces the first two
    assert_refused(folder, "different orientations")


@pytest.mark.parametrize("keep", [200, -20])
def test_a_damaged_slice_is_not_left_out(write_series: Callable[..., Path], keep: int) -> None:
    folder = write_series([0, 1, 2, 3])
    last = folder / "1.2.3.4-3.dcm"
    last.write_bytes(last.read_bytes()[:keep])
    assert_refused(folder, "cut off or damaged", names=last.name)


def test_what_only_bears_the_name_of_an_image(tmp_path: Path, array: np.ndarray) -> None:
    for suffix in (".nii.gz", ".nii", ".nrrd", ".mha"):
        for content, match in (
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
            (b"\n<!DOCTYPE html><html>login</html>", "a web page"),
            (b"<HTML>404</HTML>", "a web page"),
            (b"PK\x03\x04...", "a ZIP archive"),
            (b"", "empty file"),
        ):
            path = tmp_path / f"a{suffix}"
            path.write_bytes(content)
            assert_refused(path, match)


def test_voxels_that_lie_elsewhere_or_are_packed_otherwise(
    tmp_path: Path, array: np.ndarray
) -> None:
    for suffix in (".nhdr", ".mhd"):
        save(tmp_path / f"a{suffix}", array)
        (tmp_path / "a.raw").unlink()
        assert_refused(
            tmp_path / f"a{suffix}", r"only a header: the file of its voxels, a\.raw, is"
        )
    packed = nrrd_with(tmp_path / "b.nrrd", array, "(1,0,0) (0,1,0) (0,0,1)")
    packed.write_bytes(packed.read_bytes().replace(b"encoding: raw", b"encoding: bzip2"))
    assert_refused(packed, "compressed with bzip2")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    assert_refused(
        tmp_path / "there" / "gone" / "a.nii", rf"there is no folder {tmp_path}/there/gone"
    )
    assert_refused(tmp_path / "there" / "a.nii", r"a\.nii does not exist\.")
    (tmp_path / "folder.nii.gz").mkdir()
    assert_refused(tmp_path / "folder.nii.gz", "holds no DICOM series")


def test_what_itk_warns_of_is_not_printed(
    tmp_path: Path, array: np.ndarray, capfd: pytest.CaptureFixture[str]
) -> None:
    path = nrrd_with(tmp_path / "a.nrrd", array, "(1,0,0) (0.5,1,0) (0,0,1)")
    path.write_bytes(path.read_bytes()[:-10])
    assert_refused(path, "cut off")
    assert capfd.readouterr() == ("", "")
