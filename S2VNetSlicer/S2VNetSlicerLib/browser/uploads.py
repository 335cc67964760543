"""Volumes that a browser sends: bounded, into a folder of their own, gone in the end."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import shutil
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import SimpleITK as sitk

from ..errors import UserError
from ..scene.files import STAGED
from ..texts import texts
from .bundles import check_bundle

_ = texts(__name__)

SUFFIXES = (".nii", ".nii.gz", ".nrrd", ".mha", ".dcm", "")
"""Not .nhdr and .mhd: their voxels lie in another file that they name."""
ARCHIVE = ".zip"
MOST_BYTES = 2 * 2**30
"""As they are sent, after unpacking, and as voxels."""
MOST_FILES = 5000
_BLOCK = 2**18
_HEADER = 2**16
_FORBIDDEN = '<>:"|?*/\\%'
_LONGEST = 180
"""Bytes of a name; file systems take 255, and something is put before it."""
_NRRD_ELSEWHERE = re.compile(rb"^data ?file:", re.IGNORECASE | re.MULTILINE)
_MHA_DATA = re.compile(rb"^ElementDataFile\s*=\s*(.*?)\s*$", re.IGNORECASE | re.MULTILINE)


class Uploads:
    """Files from a browser, in a folder of their own inside ``parent``.

    :meth:`close` deletes them all; after a kill the next server in ``parent`` does (`Autosave`).
    """

    def __init__(
        self, parent: Path, most_bytes: int = MOST_BYTES, most_files: int = MOST_FILES
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=STAGED, dir=parent))
        self._most_bytes, self._most_files = most_bytes, most_files

    def close(self) -> None:
        """Delete everything; OSError for the first thing that stays, after all others went."""
        failed: list[OSError] = []

        def keep(_: Any, path: str, found: Any) -> None:
            if not isinstance(found[1], FileNotFoundError):
                failed.append(found[1])

        shutil.rmtree(self.folder, onerror=keep)
        if failed:
            raise failed[0]

    @contextmanager
    def folder_for_one(self) -> Iterator[Path]:
        """A folder of its own for one file, which goes with it."""
        self._make()
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            yield Path(folder)

    def _make(self) -> None:
        """Have the folder, though somebody may have removed it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def check_size(self, announced: int | None) -> None:
        """Refuse at once what is announced as too large (bytes)."""
        if announced is not None and announced > self._most_bytes + _BLOCK:
            raise self._too_large("What was chosen")

    async def receive(self, parts: Any, scene: bool = False) -> Path:
        """Store the files of a multipart request; the volume file, or the folder of several.

        An archive is unpacked; with ``scene`` the one file is to be an .mrb, which stays as it is.
        Raises UserError for what is too large or not a volume; nothing is left of it then.
        :meth:`forget` what is no longer needed.
        """
        self._make()
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            await self._store(parts, folder)
            found = await asyncio.to_thread(self._check, folder, scene)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return found[0] if len(found) == 1 and found[0].suffix != ".dcm" else folder

    def forget(self, path: Path) -> None:
        """Delete what :meth:`receive` returned, and what came with it."""
        inside = path.relative_to(self.folder).parts[0]
        shutil.rmtree(self.folder / inside, ignore_errors=True)

    def shortened(self, sentence: str) -> str:
        """A sentence with the names of files as the user knows them, without their folder here."""
        return re.sub(rf"{re.escape(str(self.folder))}(/tmp\w+)?/?", "", sentence)

    def _check(self, folder: Path, scene: bool) -> list[Path]:
        found = sorted(folder.iterdir())
        if scene and found:
            check_bundle(found[0], self._most_bytes)
            return found[:1]
        if len(found) == 1 and found[0].suffix.lower() == ARCHIVE:
            self._unpack(found[0], folder)
            found[0].unlink()
            found = sorted(folder.iterdir())
        if not found:
            raise UserError("No file arrived: choose a volume file or the files of a series.")
        for path in found:
            check_file(path, alone=len(found) == 1)
        voxels = sum(map(voxel_bytes, found))
        if voxels > self._most_bytes:
            raise self._too_large(found[0].name)
        return found

    def _unpack(self, archive: Path, folder: Path) -> None:
        """Every file of an archive, side by side; sizes are counted, not believed."""
        left = self._most_bytes
        with _readable(archive), zipfile.ZipFile(archive) as opened:
            inside = [entry for entry in opened.infolist() if not entry.is_dir()]
            inside = [entry for entry in inside if not _is_extra(entry.filename)]
            if len(inside) > self._most_files:
                raise self._too_many()
            for number, entry in enumerate(inside):
                path = _free(folder, entry.filename, number)
                with opened.open(entry) as packed, path.open("xb") as file:
                    while block := packed.read(_BLOCK):
                        left -= len(block)
                        if left < 0:
                            raise self._too_large(archive.name)
                        file.write(block)

    def _too_large(self, name: str) -> UserError:
        return UserError(
            "{name} is larger than {most:.0f} MB in all: start the server with "
            "that volume instead.",
            name=name,
            most=self._most_bytes / 2**20,
        )

    def _too_many(self) -> UserError:
        return UserError("More than {most} files arrived: send one series.", most=self._most_files)

    async def _store(self, parts: Any, folder: Path) -> None:
        left, files = self._most_bytes, 0
        while (part := await parts.next()) is not None:
            if not getattr(part, "filename", None) or _is_extra(part.filename):
                continue
            files += 1
            if files > self._most_files:
                raise self._too_many()
            path = _free(folder, part.filename, files)
            with path.open("xb") as file:
                while block := await part.read_chunk(_BLOCK):
                    left -= len(block)
                    if left < 0:
                        raise self._too_large(path.name)
                    file.write(block)


def _is_extra(name: str) -> bool:
    """Whether a file only lies beside the images: an index, or what a file manager left."""
    parts = name.replace("\\", "/").split("/")
    return parts[-1].startswith(".") or parts[-1] == "DICOMDIR" or "__MACOSX" in parts[:-1]


def _free(folder: Path, name: str, number: int) -> Path:
    """Where a file goes: series in several folders repeat their names."""
    path = folder / clean_name(name)
    return folder / f"{number}-{path.name}" if path.exists() else path


@contextmanager
def _readable(archive: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise UserError(
            "{archive} cannot be unpacked ({reason}): send it again, without a password.",
            archive=archive.name,
            reason=str(error) or _("damaged"),
        ) from error


def voxel_bytes(path: Path) -> int:
    """The bytes that the voxels of a file take in memory, as its header says.

    0 if it has none: it is no image then, and whoever reads it says so.
    """
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
        component = sitk.Image([1, 1], reader.GetPixelID()).GetSizeOfPixelComponent()
    except RuntimeError as error:
        logging.getLogger(__name__).info("%s has no header: %s", path.name, error)
        return 0
    return math.prod(reader.GetSize()) * reader.GetNumberOfComponents() * component


def clean_name(name: str) -> str:
    """A file name without folders and without what file systems or terminals take for commands;
    letters of all languages stay."""
    last = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    kept = (c if c not in _FORBIDDEN and unicodedata.category(c)[0] != "C" else "_" for c in last)
    plain = "".join(kept).strip().lstrip(".")
    return plain.encode()[-_LONGEST:].decode(errors="ignore") or "file"


def check_file(path: Path, *, alone: bool) -> None:
    """Raise UserError for a file that is no volume, or that points to other files."""
    name = path.name.lower()
    suffix = ".nii.gz" if name.endswith(".nii.gz") else path.suffix.lower()
    known = suffix in SUFFIXES or suffix[1:].isdigit()  # DICOM names often end in numbers
    if not known:
        raise UserError(
            "{path} is no volume: send .nii.gz, .nrrd, .mha, DICOM files or a .zip of them.",
            path=path.name,
        )
    if not alone and suffix in SUFFIXES[:4]:
        raise UserError(
            "{path} is one of several files: send one volume at a time.", path=path.name
        )
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if header.startswith(b"NRRD"):
        header = header.split(b"\n\n")[0].replace(b"\r", b"")
        elsewhere = _NRRD_ELSEWHERE.search(header) is not None
    else:
        data = _MHA_DATA.search(header) if suffix == ".mha" else None
        elsewhere = suffix == ".mha" and (data is None or data[1].upper() != b"LOCAL")
    if elsewhere:
        raise UserError(
            "{path} names another file for its voxels: send a single file.", path=path.name
        )
