"""DICOM files written by hand (explicit VR, little endian), so that no library tests itself."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

CT, ENHANCED_CT, CAPTURE, NUCLEAR = "2", "2.1", "7", "20"
MR, ENHANCED_MR, LEGACY_MR = "4", "4.1", "4.4"
RT_DOSE, RT_STRUCTURES, SEGMENTATION, PRESENTATION = "481.2", "481.3", "66.4", "11.1"
_STORAGE = "1.2.840.10008.5.1.4.1.1."
_LONG = ("OB", "OW", "SQ", "UN")

Elements = Mapping[int, tuple[str, Any]]
"""Value and VR by tag (0x00280010)."""


def encode(elements: Elements) -> bytes:
    parts = []
    for tag, (vr, value) in sorted(elements.items()):
        data = _value(vr, value)
        data += (b" " if vr not in ("UI", "OB", "OW", "UN") else b"\0") * (len(data) % 2)
        head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())
        length = struct.pack("<HI", 0, len(data)) if vr in _LONG else struct.pack("<H", len(data))
        parts.append(head + length + data)
    return b"".join(parts)


def _value(vr: str, value: Any) -> bytes:
    if vr == "SQ":
        items = [encode(item) for item in value]
        return b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(i)) + i for i in items)
    if vr in ("US", "SS") and not isinstance(value, bytes):
        return struct.pack("<H" if vr == "US" else "<h", value)
    if vr == "FD":
        return struct.pack(f"<{len(value)}d", *value)
    if isinstance(value, bytes):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "\\".join(_number(part) for part in value).encode("latin-1")
    return _number(value).encode("latin-1")


def _number(value: Any) -> str:
    """Decimal strings have 16 characters at most."""
    if not isinstance(value, float):
        return str(value)
    return next(text for n in range(16, 5, -1) if len(text := f"{value:.{n}g}") <= 16)


def write(path: Path, kind: str, elements: Elements, pixels: np.ndarray | None) -> Path:
    """A file of storage class ``kind`` with 16 bit ``pixels`` [rows, columns] or [frames, ...]."""
    unique = f"1.2.9.{abs(hash((str(path), kind))) % 10**12}"
    whole: dict[int, tuple[str, Any]] = {
        0x00080016: ("UI", _STORAGE + kind),
        0x00080018: ("UI", unique),
        0x00080060: ("CS", "CT" if kind.startswith("2") else "MR"),
        0x0020000E: ("UI", "1.2.3.4"),
    }
    if pixels is not None:
        whole |= {
            0x00280002: ("US", 1),
            0x00280004: ("CS", "MONOCHROME2"),
            0x00280010: ("US", pixels.shape[-2]),
            0x00280011: ("US", pixels.shape[-1]),
            0x00280100: ("US", 16),
            0x00280101: ("US", 16),
            0x00280102: ("US", 15),
            0x00280103: ("US", int(pixels.dtype.kind == "i")),
            0x7FE00010: ("OW", pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()),
        }
        if pixels.ndim == 3:
            whole[0x00280008] = ("IS", len(pixels))
    whole |= dict(elements)
    whole = {tag: entry for tag, entry in whole.items() if entry[1] is not None}
    meta = encode(
        {
            0x00020002: whole[0x00080016],
            0x00020003: whole[0x00080018],
            0x00020010: ("UI", "1.2.840.10008.1.2.1"),
        }
    )
    start = encode({0x00020000: ("UL", struct.pack("<I", len(meta)))})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(128) + b"DICM" + start + meta + encode(whole))
    return path


def plane(
    position: Sequence[float],
    orientation: Sequence[float] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    spacing: Sequence[float] = (0.8, 0.7),
    slope: float = 1.0,
    intercept: float = 0.0,
) -> dict[int, tuple[str, Any]]:
    """Where a single frame lies and what its values mean."""
    return {
        0x00200032: ("DS", [float(p) for p in position]),
        0x00200037: ("DS", [float(p) for p in orientation]),
        0x00280030: ("DS", [float(p) for p in spacing]),
        0x00281052: ("DS", float(intercept)),
        0x00281053: ("DS", float(slope)),
    }


def groups(
    position: Sequence[float], slope: float = 1.0, intercept: float = 0.0, **more: Any
) -> dict[int, tuple[str, Any]]:
    """The functional groups of one frame; ``echo`` ms and ``time`` point where given."""
    content = {0x00209128: ("UL", struct.pack("<I", more["time"]))} if "time" in more else {}
    found: dict[int, tuple[str, Any]] = {
        0x00209113: ("SQ", [{0x00200032: ("DS", [float(p) for p in position])}]),
        0x00209111: ("SQ", [content]),
        0x00289145: (
            "SQ",
            [{0x00281052: ("DS", float(intercept)), 0x00281053: ("DS", float(slope))}],
        ),
    }
    if "echo" in more:
        found[0x00189114] = ("SQ", [{0x00189082: ("FD", [more["echo"]])}])
    return found


def enhanced(
    frames: Sequence[Elements],
    orientation: Sequence[float] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    spacing: Sequence[float] = (0.8, 0.7),
) -> dict[int, tuple[str, Any]]:
    """The functional groups of a multi-frame file."""
    shared = {
        0x00209116: ("SQ", [{0x00200037: ("DS", [float(p) for p in orientation])}]),
        0x00289110: ("SQ", [{0x00280030: ("DS", [float(p) for p in spacing])}]),
    }
    return {0x52009229: ("SQ", [shared]), 0x52009230: ("SQ", list(frames))}
