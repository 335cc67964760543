"""Volumes that a browser sends: bounded, into a folder of their own, gone in the end."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from ..errors import UserError

SUFFIXES = (".nii", ".nii.gz", ".nrrd", ".mha", ".dcm", "")
"""Not .nhdr and .mhd: their voxels lie in another file that they name."""
MOST_BYTES = 2 * 2**30
MOST_FILES = 5000
_HEADER = 2**16
_NRRD_ELSEWHERE = re.compile(rb"^data ?file:", re.IGNORECASE | re.MULTILINE)
_MHA_DATA = re.compile(rb"^ElementDataFile\s*=\s*(.*?)\s*$", re.IGNORECASE | re.MULTILINE)


class Uploads:
    """Files from a browser; :meth:`close` deletes them all."""

    def __init__(self, most_bytes: int = MOST_BYTES, most_files: int = MOST_FILES) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="s2vnet-"))
        self._most_bytes, self._most_files = most_bytes, most_files

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    async def receive(self, parts: Any) -> Path:
        """Store the files of a multipart request; the volume file, or the folder of several.

        Raises UserError for what is too large or not a volume; nothing is left of it then.
        """
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            await self._store(parts, folder)
            found = sorted(folder.iterdir())
            if not found:
                raise UserError("No file arrived: choose a volume file or the files of a series.")
            for path in found:
                check_file(path, alone=len(found) == 1)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return found[0] if len(found) == 1 and found[0].suffix != ".dcm" else folder

    async def _store(self, parts: Any, folder: Path) -> None:
        left, files = self._most_bytes, 0
        while (part := await parts.next()) is not None:
            if not getattr(part, "filename", None):
                continue
            files += 1
            if files > self._most_files:
                raise UserError(f"More than {self._most_files} files arrived: send one series.")
            path = folder / clean_name(part.filename)
            if path.exists():  # series in several folders repeat their names
                path = folder / f"{files}-{path.name}"
            with path.open("xb") as file:
                while block := await part.read_chunk(2**18):
                    left -= len(block)
                    if left < 0:
                        raise UserError(
                            f"{path.name} is larger than {self._most_bytes / 2**20:.0f} MB in "
                            "all: start the server with that volume instead."
                        )
                    file.write(block)


def clean_name(name: str) -> str:
    """A file name without folders and odd characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return re.sub(r"[^\w.-]", "_", last, flags=re.ASCII).lstrip(".")[-100:] or "file"


def check_file(path: Path, *, alone: bool) -> None:
    """Raise UserError for a file that is no volume, or that points to other files."""
    name = path.name.lower()
    suffix = ".nii.gz" if name.endswith(".nii.gz") else path.suffix.lower()
    known = suffix in SUFFIXES or suffix[1:].isdigit()  # DICOM names often end in numbers
    if not known:
        raise UserError(f"{path.name} is no volume: send .nii.gz, .nrrd, .mha or DICOM files.")
    if not alone and suffix in SUFFIXES[:4]:
        raise UserError(f"{path.name} is one of several files: send one volume at a time.")
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if header.startswith(b"NRRD"):
        header = header.split(b"\n\n")[0].replace(b"\r", b"")
        elsewhere = _NRRD_ELSEWHERE.search(header) is not None
    else:
        data = _MHA_DATA.search(header) if suffix == ".mha" else None
        elsewhere = suffix == ".mha" and (data is None or data[1].upper() != b"LOCAL")
    if elsewhere:
        raise UserError(f"{path.name} names another file for its voxels: send a single file.")
