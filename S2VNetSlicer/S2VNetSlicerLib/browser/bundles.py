"""Scene files (.mrb) that a browser sends: looked at before anything of them is opened."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from urllib.parse import unquote
from xml.etree import ElementTree

from ..errors import UserError

SUFFIX = ".mrb"
_FILES = ("fileName", "fileListMember", "uri", "URI", "directory")
"""Attributes of a scene's nodes that name files, by how they begin."""
_LARGEST_SCENE = 64 * 2**20


def check_bundle(path: Path, most_bytes: int) -> None:
    """Raise UserError unless ``path`` is an undamaged .mrb of at most ``most_bytes`` when unpacked
    whose scene names no file outside it."""
    if path.suffix.lower() != SUFFIX:
        raise UserError(f"{path.name} is no saved session: choose an {SUFFIX} file.")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > most_bytes:
                raise UserError(
                    f"{path.name} is larger than {most_bytes / 2**20:.0f} MB when it is unpacked."
                )
            for entry in entries:
                if not _inside(entry.filename):
                    raise UserError(f"{path.name} names files outside itself.")
            damaged = archive.testzip()
            scenes = [e for e in entries if e.filename.lower().endswith(".mrml")]
            if damaged or len(scenes) != 1 or scenes[0].file_size > _LARGEST_SCENE:
                raise UserError(f"{path.name} is damaged or holds no scene.")
            root = ElementTree.fromstring(archive.read(scenes[0]))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise UserError(f"{path.name} cannot be opened", error) from error
    except ElementTree.ParseError as error:
        raise UserError(f"The scene in {path.name} cannot be read", error) from error
    for node in root.iter():
        for name, value in node.attrib.items():
            if name.startswith(_FILES) and not _inside(value):
                raise UserError(f"The scene in {path.name} names files outside it.")


def _inside(name: str) -> bool:
    """Whether a path leads nowhere but into its own folder."""
    plain = unquote(name).replace("\\", "/")
    elsewhere = plain.startswith("/") or re.match(r"[\w+.-]+:/", plain) is not None
    return not elsewhere and ".." not in PurePosixPath(plain).parts
