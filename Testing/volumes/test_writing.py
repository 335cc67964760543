"""A file is complete or not there, whatever happens while it is written."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.reading import read_file
from S2VNetSlicerLib.volumes.writing import atomic_write, check_output, write_label_map

GEOMETRY = Geometry((4, 5, 6), np.diag([-0.7, -0.7, 3, 1]))
LABELS = np.arange(120).reshape(4, 5, 6).astype(np.uint8)


def full_disk(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("name", ["a.nii.gz", "a.v1.2.seg.nrrd", "a.json", "a"])
def test_the_suffix_is_kept_and_the_file_replaced(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("old")
    with atomic_write(path) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.endswith("".join(path.suffixes[-2:]))
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_an_interruption_leaves_the_old_file(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    path = tmp_path / "a.nii.gz"
    path.write_text("old")

    def write() -> None:
        with atomic_write(path) as temporary:
            temporary.write_text("half")
            raise interruption

    with pytest.raises(interruption):
        write()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.nii.gz"]


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "a.nii.gz"
    path.write_text("old")
    if step != "write":
        monkeypatch.setattr(os, step, full_disk)

    def write() -> None:
        with atomic_write(path) as temporary:
            temporary.write_text("half")
            if step == "write":
                full_disk()

    with pytest.raises(UserError, match=r"a\.nii\.gz cannot be written: No space.*Free some disk"):
        write()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.nii.gz"]


def test_impossible_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.nrrd").mkdir()
    for path in (tmp_path / "none" / "a.nrrd", tmp_path / "file" / "a.nrrd"):
        for write in (check_output, lambda path: write_label_map(path, LABELS, GEOMETRY)):
            with pytest.raises(UserError, match=r"a\.nrrd cannot be written: .*existing folder"):
                write(path)
        with pytest.raises(UserError, match="existing folder"), atomic_write(path):
            pass
    with pytest.raises(UserError, match="is a folder"):
        check_output(tmp_path / "folder.nrrd")
    with (
        pytest.raises(UserError, match="cannot be written"),
        atomic_write(tmp_path / "folder.nrrd"),
    ):
        pass
    with pytest.raises(UserError, match=r"a\.png is not of a supported format: end its name in"):
        check_output(tmp_path / "a.png")
    check_output(tmp_path / "a.seg.nrrd")
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.nrrd"]

    def forbidden(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(tempfile, "TemporaryFile", forbidden)
    with pytest.raises(UserError, match=r"Permission denied.*permissions"):
        check_output(tmp_path / "a.nrrd")


@pytest.mark.parametrize("suffix", [".nii.gz", ".seg.nrrd", ".mha"])
def test_label_maps_are_compressed(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    geometry = Geometry((40, 50, 60), GEOMETRY.ijk_to_ras)
    write_label_map(path, np.zeros(geometry.shape, np.uint8), geometry)
    assert path.stat().st_size < 5000
    assert sitk.ReadImage(str(path)).GetPixelID() == sitk.sitkUInt8
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot limit the size of a file")
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".mha"])
def test_a_really_full_disk(tmp_path: Path, suffix: str) -> None:
    """NIfTI is the hard case: ITK writes half a file and says nothing."""
    path = tmp_path / f"a{suffix}"
    write_label_map(path, LABELS, GEOMETRY)
    before = path.read_bytes()
    script = f"""
import resource, signal
import numpy as np
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.writing import write_label_map
labels = np.random.default_rng(0).integers(0, 9, (20, 30, 40)).astype(np.uint8)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
try:
    write_label_map({str(path)!r}, labels, Geometry(labels.shape, np.eye(4)))
except UserError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert f"a{suffix} cannot be written" in run.stdout
    assert "cannot be written: File too large." in run.stdout
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("suffix", [".MHA", ".Mha", ".NRRD", ".NII", ".NII.GZ", ".Seg.Nrrd"])
def test_suffixes_in_any_case(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"UP{suffix}"
    write_label_map(path, LABELS, GEOMETRY)
    np.testing.assert_array_equal(read_labels_of(path), LABELS)
    np.testing.assert_array_equal(read_file(path).array, LABELS)
    assert os.listdir(tmp_path) == [path.name]


def read_labels_of(path: Path) -> np.ndarray:
    """By another library than the writer's check, which chooses by the suffix in lower case."""
    low = path.with_name(path.name.lower() if path.name != path.name.lower() else f"x{path.name}")
    low.write_bytes(path.read_bytes())
    array = sitk.GetArrayFromImage(sitk.ReadImage(str(low)))
    low.unlink()
    return array


def test_a_writer_that_writes_something_else_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = sitk.WriteImage
    monkeypatch.setattr(sitk, "WriteImage", lambda image, *a, **k: write(image * 0, *a, **k))
    with pytest.raises(UserError, match="cannot be written: the file reads back with other labels"):
        write_label_map(tmp_path / "a.mha", LABELS, GEOMETRY)
    monkeypatch.setattr(sitk, "WriteImage", lambda *a, **k: None)
    with pytest.raises(UserError, match="cannot be written: the new file is cut off or damaged"):
        write_label_map(tmp_path / "a.mha", LABELS, GEOMETRY)
    assert os.listdir(tmp_path) == []


def test_inputs_are_not_replaced(tmp_path: Path) -> None:
    image = tmp_path / "scan.nii.gz"
    image.write_text("image")
    (tmp_path / "series").mkdir()
    (tmp_path / "series" / "a.nrrd").write_text("slice")
    (tmp_path / "other.nii.gz").symlink_to("scan.nii.gz")
    os.link(image, tmp_path / "hard.nii.gz")
    for name in ("scan.nii.gz", "other.nii.gz", "hard.nii.gz", "series/../scan.nii.gz"):
        with pytest.raises(UserError, match="is an input"):
            check_output(tmp_path / name, (image, None))
    with pytest.raises(UserError, match="is a file of the input"):
        check_output(tmp_path / "series" / "a.nrrd", (tmp_path / "series",))
    check_output(tmp_path / "series" / "b.nrrd", (tmp_path / "series", image, tmp_path / "gone"))
    assert image.read_text() == "image"


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    link = tmp_path / "link.nrrd"
    link.symlink_to(Path("store") / "target.nrrd")
    check_output(link)
    write_label_map(link, LABELS, GEOMETRY)
    assert link.is_symlink()
    assert os.listdir(tmp_path / "store") == ["target.nrrd"]
    np.testing.assert_array_equal(sitk.GetArrayFromImage(sitk.ReadImage(str(link))), LABELS)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other limits and devices")
def test_names_and_places_that_no_file_can_have(tmp_path: Path) -> None:
    for path, match in (
        (tmp_path / f"{'x' * 300}.nii.gz", "cannot be written: File name too long"),
        (tmp_path / "none" / "a.nrrd", "cannot be written: No such file"),
    ):
        with pytest.raises(UserError, match=match) as caught:
            check_output(path)
        assert "\n" not in str(caught.value)
    (tmp_path / "null.nrrd").symlink_to("/dev/null")
    with pytest.raises(UserError, match="is no ordinary file"):
        check_output(tmp_path / "null.nrrd")
    check_output(tmp_path / f"{'x' * 245}.nii.gz")
    assert os.listdir(tmp_path) == ["null.nrrd"]


def test_a_long_name_that_a_file_can_have_is_written(tmp_path: Path) -> None:
    path = tmp_path / f"{'x' * 245}.nii.gz"
    write_label_map(path, LABELS, GEOMETRY)
    assert path.is_file()
