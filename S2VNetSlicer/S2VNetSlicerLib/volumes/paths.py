"""Whether a path leads to a file, and if not, why."""

from __future__ import annotations

from pathlib import Path

from ..errors import UserError


def check_is_file(path: Path) -> None:
    """Raise UserError for what is not there, and say which folder of its path is missing."""
    if path.is_file():
        return
    if path.exists():
        raise UserError("{path} is neither a file nor a folder.", path=path)
    missing = next((p for p in reversed(path.absolute().parents) if not p.is_dir()), None)
    if missing is None:
        raise UserError("{path} does not exist.", path=path)
    raise UserError(
        "{path} does not exist: there is no folder {missing}.", path=path, missing=missing
    )
