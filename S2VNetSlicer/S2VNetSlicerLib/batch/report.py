"""What became of each case: NAME.report.json beside its result, and summary.csv for all."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import UserError
from ..volumes.seeds import Colour
from ..volumes.writing import write_text

SUFFIX = ".report.json"
SUMMARY = "summary.csv"
SCHEMA = 2
"""1: also reports without a number; 2: the status "empty"."""
NOTHING = "None of its structures was found."
Review = Literal["notstarted", "completed", "flagged"]
"""As in the tags of Slicer's segments."""


class Structure(BaseModel):
    """A structure of a result: millilitres, expected Dice (lowest and mean over the slices that
    show it) and the slice where that is lowest."""

    model_config = ConfigDict(frozen=True)

    name: str
    colour: Colour
    ml: float
    lowest: float | None = None
    mean: float | None = None
    worst_slice: int | None = None


class Input(BaseModel):
    """The files that a result was made from: how many, their bytes, the latest change (ns)."""

    model_config = ConfigDict(frozen=True)

    files: int = 0
    bytes: int = 0
    changed: int = 0


class Report(BaseModel):
    """One case. ``key`` identifies inputs and settings, ``digest`` the result file as written.

    ``status`` "empty": done, but nothing was found; ``error`` says why, and a format that cannot
    hold nothing has no file. ``lowest`` and ``mean`` are the confidence (expected Dice) over all
    structures, None when nothing was found. ``image`` and ``seeds`` are absolute, or relative to
    the report's folder.
    """

    model_config = ConfigDict(frozen=True)

    schema_version: int = SCHEMA
    name: str
    status: Literal["done", "empty", "failed"]
    review: Review = "notstarted"
    error: str = ""
    details: str = ""
    """Where an unexpected error came from."""
    seconds: float = 0
    image: str
    series: str = ""
    seeds: str | None = None
    input: Input = Input()
    key: str
    result: str = ""
    digest: str = ""
    mode: str = ""
    modality: str = ""
    modality_reason: str = ""
    axis: int = 0
    structures: tuple[Structure, ...] = ()
    lowest: float | None = None
    mean: float | None = None
    weights: str = ""
    weights_commit: str = ""
    weights_digest: str = ""
    software: str = ""
    """The version of this software."""
    settings_digest: str = ""
    audit: dict[str, Any] = {}

    def digest_in(self, folder: Path) -> str:
        """The digest of its result file as it is now; empty where there is none."""
        path = folder / self.result
        return file_digest(path) if path.is_file() else ""

    def has_result(self, folder: Path) -> bool:
        """Whether its result is still there."""
        empty = self.status == "empty" and not self.digest
        return self.status != "failed" and (empty or (folder / self.result).is_file())

    def write(self, folder: Path) -> None:
        """Write NAME.report.json; raises UserError when that fails."""
        write_text(folder / f"{self.name}{SUFFIX}", self.model_dump_json(indent=1) + "\n")


def read_report(path: Path) -> Report:
    """Raises UserError for a file that is missing, no report, or one of a newer version."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read", error) from error
    try:
        facts = json.loads(text)
        version = facts.get("schema_version", 1)
        if isinstance(version, int) and version > SCHEMA:
            raise UserError(
                f"{path} was written by a newer version of this software (format {version}): "
                "update it to read the report."
            )
        return Report.model_validate(facts, strict=False)
    except ValidationError as error:
        found = error.errors()[0]
        where = ".".join(map(str, found["loc"]))
        raise UserError(
            f"{path} is no report that can be read", f"{where}: {found['msg']}"
        ) from error
    except (ValueError, AttributeError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{path} is no report that can be read", error) from error


def read_reports(folder: Path) -> tuple[list[Report], list[str]]:
    """The reports of a folder by name, and a sentence for each that cannot be read."""
    reports, problems = [], []
    for path in sorted(Path(folder).glob(f"*{SUFFIX}")):
        try:
            reports.append(read_report(path))
        except UserError as error:
            problems.append(str(error))
    return reports, problems


def write_summary(folder: Path) -> None:
    """Write summary.csv from the reports of ``folder``: one row a case, structures in columns."""
    reports, _ = read_reports(folder)
    columns = ["name", "status", "review", "seconds", "mode", "modality", "lowest", "mean"]
    columns += ["weights", "weights_commit", "image", "result", "error"]
    volumes = list(dict.fromkeys(f"{s.name} ml" for r in reports for s in r.structures))
    text = io.StringIO()
    table = csv.DictWriter(text, columns + volumes, lineterminator="\n")
    table.writeheader()
    for report in reports:
        table.writerow(
            report.model_dump(include=set(columns))
            | {f"{s.name} ml": s.ml for s in report.structures}
        )
    write_text(Path(folder) / SUMMARY, text.getvalue())


def weights_digest(weights: Path) -> str:
    """Of all networks that ``weights`` stand for; companions may be missing."""
    from ..network.weights import COMPANIONS, companion_path

    companions = (companion_path(weights, name) for name in COMPANIONS)
    return "".join(map(file_digest, [weights, *filter(Path.is_file, companions)]))


def five_digits(ml: float) -> float:
    """A volume as it is stored; of small animals a structure has less than a microlitre."""
    return float(f"{ml:.5g}")


def file_digest(path: Path) -> str:
    """The beginning of a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def lowest_first(reports: Iterable[Report]) -> list[Report]:
    """Least confident first; those in which nothing was found before all others."""
    return sorted(reports, key=lambda r: (-1.0 if r.lowest is None else r.lowest, r.name))
