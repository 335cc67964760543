"""A batch: what is to be done, what is done already, and who does it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import UserError
from .cases import SCENE_SUFFIXES, Case, find_cases
from .events import Event
from .jobs import FORMATS, Job
from .lock import locked
from .report import SUFFIX, Report, read_report, weights_digest, write_summary
from .strategies import FromSeeds, automatic, choose

_LEFTOVER = re.compile(r"\.[0-9a-f]{12}(\.|$)")
_DAY = 24 * 3600


@dataclass(frozen=True)
class Settings:
    """How to segment and where.

    ``auto``: the automatic mode also where there are marks. ``classes`` of the automatic mode,
    predefined or learned, empty for all predefined ones. ``seeds``: the folder of the marks;
    without, they lie beside the volumes and cases without marks take the automatic mode.
    ``workers`` 0: as many as suit this machine.
    ``scheduler``: address of a Dask scheduler, empty for this machine.
    """

    auto: bool = False
    classes: tuple[str, ...] = ()
    seeds: Path | None = None
    modality: str | None = None
    device: str = "auto"
    workers: int = 0
    scheduler: str = ""
    suffix: str = ".seg.nrrd"
    weights: Path | None = None


@dataclass
class Plan:
    """``jobs`` to do; reports of the cases ``done`` already, and of those ``kept`` because a
    person completed or changed them although inputs or settings are others now. ``unreadable``:
    by case, why the report that is there cannot be read; the case is kept as it is, too."""

    output: Path
    jobs: list[Job] = field(default_factory=list)
    done: list[Report] = field(default_factory=list)
    kept: list[Report] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)


def prepare(source: Path, output: Path, settings: Settings) -> Plan:
    """Find the cases of ``source`` and what of them is missing in ``output``, which is made.

    Raises UserError when there is nothing to do it with.
    """
    output = Path(output).absolute()
    check(settings)
    try:
        output.mkdir(parents=True, exist_ok=True)
        _sweep(output)
    except OSError as error:
        raise UserError(f"{output} cannot be used", error) from error
    if Path(source).suffix.lower() in SCENE_SUFFIXES:
        from .scenes import cases_of_scene_file

        return plan(cases_of_scene_file(source, output), output, settings)
    return plan(find_cases(source, output, settings.seeds), output, settings)


def check(settings: Settings) -> None:
    """Raise UserError for settings that would fail in every case."""
    from ..network.weights import default_weights, read_header
    from ..propagation.devices import choose_device
    from ..volumes.intensities import MODALITIES

    if settings.suffix not in FORMATS:
        raise UserError(f"The format {settings.suffix} is unknown: use {' or '.join(FORMATS)}.")
    if settings.suffix == ".seg.nrrd":
        from ..scene.application import require_slicer

        try:
            require_slicer()
        except UserError as error:
            raise UserError(f"{str(error).rstrip('.')}, or use --format .nii.gz.") from error
    if settings.modality and settings.modality.upper() not in MODALITIES:
        raise UserError(f"The modality {settings.modality} is unknown: state CT or MR.")
    if not settings.scheduler:
        choose_device(settings.device)
    read_header(settings.weights or default_weights())


def plan(cases: Sequence[Case], output: Path, settings: Settings) -> Plan:
    """Which of ``cases`` are to be done; see :class:`Plan`."""
    from ..network.weights import default_weights

    weights = Path(settings.weights or default_weights()).absolute()
    digest = weights_digest(weights)
    unmarked = automatic(settings.classes, weights)
    result = Plan(Path(output).absolute())
    for case in cases:
        how = choose(
            case,
            auto=settings.auto,
            automatic=unmarked,
            need_seeds=settings.seeds is not None,
        )
        if not isinstance(how, FromSeeds):  # marks that are not used make no difference
            case = replace(case, seeds=None, structures=())
        modality = settings.modality and settings.modality.upper()
        job = Job(
            case, how, result.output, settings.suffix, weights, digest, modality, settings.device
        )
        try:
            before = _before(job)
        except UserError as error:  # a person's work may hang on it
            result.unreadable[case.name] = str(error)
            continue
        if before is None:
            result.jobs.append(job)
        elif before.key == job.report(status="failed").key:
            result.done.append(before)
        elif before.review == "completed" or before.digest != before.digest_in(job.output):
            result.kept.append(before)
        else:
            result.jobs.append(job)
    return result


def _before(job: Job) -> Report | None:
    """The report of an earlier run whose result is still there; UserError if it is unreadable."""
    path = job.output / f"{job.case.name}{SUFFIX}"
    if not os.path.lexists(path):
        return None
    report = read_report(path)
    return report if report.has_result(job.output) else None


def _sweep(output: Path) -> None:
    """Remove what killed processes left half-written, once no process can be writing it."""
    for path in output.iterdir():
        if _LEFTOVER.match(path.name) and path.stat().st_mtime < time.time() - _DAY:
            path.unlink(missing_ok=True)


def run(plan: Plan, settings: Settings) -> Generator[Event, None, None]:
    """Do the jobs of ``plan``; yields as they begin and end. Results and reports are in OUTPUT.

    However it ends, finished cases stay, summary.csv tells of them, and the next ``prepare`` plans
    the rest. Raises UserError when the scheduler cannot be reached any more, or somebody else
    writes into OUTPUT: see ``lock``.
    """
    with locked(plan.output):
        try:
            if not plan.jobs:
                return
            if settings.scheduler:
                from .cluster import run_on

                yield from run_on(settings.scheduler, plan.jobs)
            else:
                from .workers import run_here

                yield from run_here(plan.jobs, settings.workers, settings.device)
        finally:
            write_summary(plan.output)
