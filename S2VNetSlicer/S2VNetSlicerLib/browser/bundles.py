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
        raise UserError(
            "{path} is no saved session: choose an {suffix} file.", path=path.name, suffix=SUFFIX
        )
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > most_bytes:
                raise UserError(
                    "{path} is larger than {most:.0f} MB when it is unpacked.",
                    path=path.name,
                    most=most_bytes / 2**20,
                )
            for entry in entries:
                if not _inside(entry.filename):
                    raise UserError("{path} names files outside itself.", path=path.name)
            damaged = archive.testzip()
            scenes = [e for e in entries if e.filename.lower().endswith(".mrml")]
            if damaged or len(scenes) != 1 or scenes[0].file_size > _LARGEST_SCENE:
                raise UserError("{path} is damaged or holds no scene.", path=path.name)
            root = ElementTree.fromstring(archive.read(scenes[0]))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise UserError("{path} cannot be opened", error, path=path.name) from error
    except ElementTree.ParseError as error:
        raise UserError("The scene in {path} cannot be read", error, path=path.name) from error
    for node in root.iter():
        for name, value in node.attrib.items():
            if name.startswith(_FILES) and not _inside(value):
                raise UserError("The scene in {path} names files outside it.", path=path.name)


def _inside(name: str) -> bool:
    """Whether a path leads nowhere but into its own folder."""
    plain = unquote(name).replace("\\", "/")
    elsewhere = plain.startswith("/") or re.match(r"[\w+.-]+:/", plain) is not None
    return not elsewhere and ".." not in PurePosixPath(plain).parts
