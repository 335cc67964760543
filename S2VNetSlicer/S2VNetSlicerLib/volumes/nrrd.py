"""What the header of a NRRD file says of its place; its voxels are ITK's to read.

ITK reads every space that it does not know as LPS, 3D Slicer reads it as RAS. Marks come from
Slicer, so its reading counts. Format: teem.sourceforge.net/nrrd/format.html.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import UserError
from .geometry import Geometry

KNOWN_SPACES = {
    "right-anterior-superior", "ras", "left-anterior-superior", "las",
    "left-posterior-superior", "lps", "right-anterior-superior-time", "rast",
    "left-anterior-superior-time", "last", "left-posterior-superior-time", "lpst",
}  # fmt: skip
"""The spaces that ITK converts."""
_LONGEST = 2**20


def read_header(path: Path) -> dict[str, str]:
    """The fields of a NRRD header, names in lower case, without the key/value pairs.

    Raises UserError for what is no NRRD file and for voxels that ITK cannot read.
    """
    with path.open("rb") as stream:
        head = stream.read(_LONGEST)
    if not head.startswith(b"NRRD"):
        raise UserError("{path} is no NRRD file: it does not begin with NRRD.", path=path)
    fields = {}
    for line in head.decode("utf-8", "replace").splitlines()[1:]:
        if not line.strip():
            break
        name, colon, value = line.partition(":")
        if colon and not line.startswith("#") and not value.startswith("="):
            fields[name.strip().lower()] = value.strip()
    if fields.get("encoding", "").lower() in ("bzip2", "bz2"):
        raise UserError(
            "{path} is compressed with bzip2, which ITK and 3D Slicer cannot read: "
            "save it with the encoding gzip.",
            path=path,
        )
    data = fields.get("data file", fields.get("datafile", ""))
    if data and "%" not in data and not data.startswith("LIST"):
        check_detached(path, data)
    return fields


def check_detached(path: Path, name: str) -> None:
    """Raise UserError where the file of the voxels of a header is missing."""
    if not (path.parent / name).is_file():
        raise UserError(
            "{path} is only a header: the file of its voxels, {name}, is missing.",
            path=path,
            name=name,
        )


def place(path: Path, fields: dict[str, str], read: Geometry) -> Geometry:
    """The grid as 3D Slicer has it; ``read`` is ITK's.

    A space that is none of the patient's is RAS, and without an origin the centre of the volume
    is at 0.
    """
    affine = read.ijk_to_ras.copy()
    if fields.get("space", "").lower() not in KNOWN_SPACES:
        affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    if "space origin" not in fields:
        affine[:3, 3] = -affine[:3, :3] @ (np.array(read.shape[::-1]) - 1) / 2
    return Geometry(read.shape, affine)


def doubts(path: Path, fields: dict[str, str]) -> list[str]:
    """What the user should know of the place: that the file does not state it."""
    space = fields.get("space", "")
    if space.lower() in KNOWN_SPACES and "space origin" in fields:
        return []
    missing = "no space" if not space else f"the space {space}"
    if space.lower() in KNOWN_SPACES:
        missing = "no space origin"
    return [f"{path.name} states {missing}: it is placed as 3D Slicer places it."]
