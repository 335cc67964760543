"""Who may connect, what may be uploaded, what must be installed."""

from __future__ import annotations

import asyncio
import io
import zipfile

import pytest
import SimpleITK as sitk
from S2VNetSlicerLib.browser.access import check_access, is_loopback, matches
from S2VNetSlicerLib.browser.bundles import check_bundle
from S2VNetSlicerLib.browser.graphics import require_graphics
from S2VNetSlicerLib.browser.uploads import Uploads, check_file, clean_name, voxel_bytes
from S2VNetSlicerLib.errors import UserError


class Part:
    def __init__(self, filename, content):
        self.filename, self._content = filename, content

    async def read_chunk(self, size):
        block, self._content = self._content[:size], self._content[size:]
        return block


class Parts:
    def __init__(self, *parts):
        self._parts = list(parts)

    async def next(self):
        return self._parts.pop(0) if self._parts else None


@pytest.fixture
def uploads(tmp_path):
    made = Uploads(tmp_path, most_bytes=1000, most_files=3)
    yield made
    made.close()
    assert not made.folder.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost"])
def test_this_machine_needs_no_token(host):
    assert is_loopback(host)
    check_access(host, None)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org", ""])
def test_other_hosts_need_a_token(host):
    with pytest.raises(UserError, match="--token"):
        check_access(host, None)
    check_access(host, "0123456789abcdef")


@pytest.mark.parametrize("token", ["", "short", "é" * 20])
def test_weak_tokens_are_refused(token):
    with pytest.raises(UserError, match="too easy"):
        check_access("0.0.0.0", token)


def test_tokens_of_any_characters_are_compared():
    assert matches("abc", "abc")
    assert not matches("äöü", "abc")


def test_a_file_ends_in_the_folder_under_a_clean_name(uploads):
    path = asyncio.run(uploads.receive(Parts(Part("../../etc/x y.nii", b"1"))))
    assert path.parent.parent == uploads.folder
    assert path.name == "x y.nii"


def test_a_series_becomes_a_folder(uploads):
    parts = Parts(Part("a/IM1", b"1"), Part("b/IM1", b"2"), Part("c/1.2.840", b"3"))
    folder = asyncio.run(uploads.receive(parts))
    assert folder.is_dir()
    assert sorted(path.read_bytes() for path in folder.iterdir()) == [b"1", b"2", b"3"]


@pytest.mark.parametrize(
    "parts",
    [
        [Part("a.nii", b"x" * 1001)],
        [Part("a", b"x" * 600), Part("b", b"x" * 600)],
        [Part(str(n), b"x") for n in range(4)],
        [Part("run.exe", b"MZ")],
        [Part("a.nii", b"1"), Part("b.nii", b"2")],
        [Part("scene.mrb", b"PK")],
        [],
    ],
)
def test_what_is_too_much_or_no_volume_leaves_nothing(uploads, parts):
    with pytest.raises(UserError):
        asyncio.run(uploads.receive(Parts(*parts)))
    assert list(uploads.folder.iterdir()) == []


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_an_archive_is_unpacked_side_by_side(uploads):
    content = zipped(
        **{"a/IM1": b"1", "../../b/IM1": b"2", "a/DICOMDIR": b"x", "a/.DS_Store": b"x"}
    )
    folder = asyncio.run(uploads.receive(Parts(Part("series.zip", content))))
    assert folder.parent == uploads.folder
    assert sorted(path.read_bytes() for path in folder.iterdir()) == [b"1", b"2"]
    uploads.forget(folder)
    assert list(uploads.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (zipped(IM1=b"\0" * 50_000), "larger than"),
        (zipped(a=b"1", b=b"2", c=b"3", d=b"4"), "More than 3 files"),
        (zipped(**{"inner.zip": zipped(a=b"\0" * 50_000)}), "inner.zip is no volume"),
        (zipped(a=b"123")[:-30], "cannot be unpacked"),
        (b"PK no archive", "cannot be unpacked"),
    ],
    ids=["bomb", "files", "nested", "torn", "no-archive"],
)
def test_archives_that_hide_too_much_leave_nothing(uploads, content, told):
    assert len(content) < 1000
    with pytest.raises(UserError, match=told):
        asyncio.run(uploads.receive(Parts(Part("series.zip", content))))
    assert list(uploads.folder.iterdir()) == []


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".mha"])
def test_a_small_file_with_too_many_voxels_is_refused(uploads, tmp_path, suffix):
    path = tmp_path / f"bomb{suffix}"
    sitk.WriteImage(sitk.Image([40, 40, 40], sitk.sitkInt16), str(path), useCompression=True)
    assert path.stat().st_size < 1000
    assert voxel_bytes(path) == 2 * 40**3
    with pytest.raises(UserError, match="larger than"):
        asyncio.run(uploads.receive(Parts(Part(path.name, path.read_bytes()))))
    assert list(uploads.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.nrrd", b"NRRD0005\ntype: short\ndata file: /etc/passwd\n\n"),
        ("a.nrrd", b"NRRD0005\r\nDataFile: /etc/passwd\r\n\r\n"),
        ("a.dcm", b"NRRD0005\ndata file: LIST\n/etc/passwd\n"),
        ("a.mha", b"ObjectType = Image\nElementDataFile = /etc/passwd\n"),
        ("a.mha", b"ObjectType = Image\n"),
    ],
)
def test_headers_that_name_other_files_are_refused(tmp_path, name, header):
    path = tmp_path / name
    path.write_bytes(header)
    with pytest.raises(UserError, match="another file"):
        check_file(path, alone=True)


def test_plain_headers_are_taken(tmp_path):
    nrrd, mha = tmp_path / "a.nrrd", tmp_path / "a.mha"
    nrrd.write_bytes(b"NRRD0005\ntype: short\n\n\x00data file: inside the voxels")
    mha.write_bytes(b"ObjectType = Image\nElementDataFile = LOCAL\n\x00\x01")
    check_file(nrrd, alone=True)
    check_file(mha, alone=True)


def test_names_are_cleaned():
    assert clean_name("C:\\data\\knee 1.nii.gz") == "knee 1.nii.gz"
    assert clean_name("../..") == clean_name(" .. ") == "file"
    assert clean_name("Schädel (頭) 2.nii") == "Schädel (頭) 2.nii"
    assert clean_name("a\u202eiin.\x00%2f:x") == "a_iin.__2f_x"
    long = clean_name("頭" * 500 + ".nii")
    assert len(long.encode()) <= 180
    assert long.endswith("頭.nii")


@pytest.mark.parametrize(
    "scene",
    [
        '<MRML><A fileName="/etc/passwd"/></MRML>',
        '<MRML><A fileName="Data/%2e%2e/%2e%2e/x"/></MRML>',
        '<MRML><A fileListMember0="file:/etc/passwd"/></MRML>',
        '<MRML><A uri="http://example.org/x"/></MRML>',
        "<MRML><A",
        "",
    ],
)
def test_sessions_that_name_other_files_or_hold_no_scene_are_refused(tmp_path, scene):
    path = tmp_path / "a.mrb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/b.txt" if not scene else "a/a.mrml", scene)
    with pytest.raises(UserError):
        check_bundle(path, 2**20)


def test_a_session_may_name_its_own_files_and_has_a_limit(tmp_path):
    path = tmp_path / "a.mrb"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/a.mrml", '<MRML><A fileName="Data/4%3A T1.nrrd" uri=""/></MRML>')
        archive.writestr("a/Data/4%3A T1.nrrd", b"0" * 2**16)
    check_bundle(path, 2**17)
    with pytest.raises(UserError, match="larger than"):
        check_bundle(path, 2**15)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../outside", b"")
    with pytest.raises(UserError, match="outside"):
        check_bundle(path, 2**17)


def test_missing_opengl_is_said_before_anything_is_drawn():
    with pytest.raises(UserError, match="apt install libegl1"):
        require_graphics(["libnosuch.so.1"])
    require_graphics(["libnosuch.so.1", "libc.so.6"])
