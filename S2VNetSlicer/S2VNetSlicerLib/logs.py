"""The log: one rotating file for whatever is said below the package's logger.

Nothing is written before :func:`configure`; a program that only imports the package decides
itself. Lines of :func:`run` hold no file names and no names of patients.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from .errors import UserError

ROOT = __package__
LEVELS = ("debug", "info", "warning", "error")
TOLD = f"{ROOT}.told"
"""The logger of what the user was told: its texts name files."""
_BYTES, _FILES = 2**20, 5
_FORMAT = "%(asctime)s %(levelname)s [%(process)d] %(name)s: %(message)s"
_RECORD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \w+ \[\d+\] (\S+): ")
_FILE_NAME = re.compile(r"\S*[/\\]\S*|\S+\.(?:nii|nii\.gz|nrrd|mh[ad]|dcm|mrb|mrml|json|zip)\b\S*")
_FRAME = re.compile(r'File "[^"]*?((?:(?:S2VNetSlicerLib|site-packages)[/\\][^"]*)?)", ')


@cache
def software_version() -> str:
    """The installed version; inside 3D Slicer the extension is no installed package."""
    try:
        return version("s2vnet-slicer")
    except PackageNotFoundError:
        return "extension"


def state_folder() -> Path:
    """Where the user's state lies that is no result: log, saved sessions (XDG base directories)."""
    state = os.environ.get("XDG_STATE_HOME")
    return Path(state or Path.home() / ".local" / "state") / "s2vnet"


def log_file() -> Path:
    """The file that is written now, else the usual one."""
    for handler in logging.getLogger(ROOT).handlers:
        if isinstance(handler, logging.FileHandler):
            return Path(handler.baseFilename)
    return state_folder() / "log" / "s2vnet.log"


def configure(level: str | None = None, file: str | os.PathLike[str] | None = None) -> None:
    """Write the log to ``file`` (default: the usual one) from ``level`` ("info") upwards.

    Further calls change what they name. Raises UserError where ``file`` cannot be written or the
    level is unknown; without the usual file work goes on, and standard error says so.
    """
    if level is not None and level.lower() not in LEVELS:
        raise UserError(f"There is no log level {level}: choose {', '.join(LEVELS)}.")
    root = logging.getLogger(ROOT)
    if level is not None or root.level == logging.NOTSET:
        root.setLevel((level or "info").upper())
    present = [h for h in root.handlers if isinstance(h, logging.FileHandler)]
    if present and file is None:
        return
    path = Path(file) if file is not None else log_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8")
    except OSError as error:
        failure = UserError(f"The log {path} cannot be written", error)
        if file is not None:
            raise failure from error
        root.warning("%s", failure)
        return
    handler.setFormatter(logging.Formatter(_FORMAT))
    root.addHandler(handler)
    for old in present:
        root.removeHandler(old)
        old.close()


def run(what: str, **facts: Any) -> None:
    """One line about a finished piece of work: what it was given, what it took.

    ``facts`` are JSON-able and name no file and no patient.
    """
    logging.getLogger(f"{ROOT}.run").info(
        "%s %s", what, json.dumps({"version": software_version(), **facts}, default=str)
    )


def told(error: UserError) -> None:
    """Note a failure that the user was told, with what led to it."""
    logging.getLogger(TOLD).info("%s", error, exc_info=error)


def tail(lines: int = 200) -> str:
    """The end of the log; empty when there is none."""
    path = log_file()
    if not path.is_file():
        return ""
    return "\n".join(path.read_text("utf-8", "replace").splitlines()[-lines:])


def anonymous() -> Mapping[str, str]:
    """The log files by name, without texts that could name a file or a patient.

    What users were told is left out, and so is every word with a path or the suffix of a file.
    """
    path = log_file()
    found = sorted(path.parent.glob(f"{path.name}*")) if path.parent.is_dir() else []
    return {file.name: _anonymous(file.read_text("utf-8", "replace")) for file in found}


def _anonymous(text: str) -> str:
    lines, private = [], False
    for line in text.splitlines():
        if record := _RECORD.match(line):
            private = record[1] == TOLD
            head, line = record[0], line[record.end() :]
            lines.append(head + ("(what the user was told)" if private else scrubbed(line)))
        elif _FRAME.search(line):
            lines.append(_FRAME.sub(r'File "\1", ', line))
        elif not private or not re.match(r"\S*(Error|Exception)\b", line):
            lines.append(scrubbed(line))
    return "\n".join(lines) + "\n"


def scrubbed(line: str) -> str:
    """``line`` without words that name a file."""
    return _FILE_NAME.sub("<file>", line)
