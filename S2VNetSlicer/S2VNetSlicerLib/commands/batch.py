"""s2vnet batch: many volumes, one table."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from .. import logs
from ..batch.report import SUMMARY, lowest_first
from ..errors import UserError
from ..volumes.volume import told_ml
from .options import Device, Modality, Weights, class_names, refuse

if TYPE_CHECKING:
    from ..batch.report import Report
    from ..batch.run import Plan, Settings

console = Console(stderr=True, markup=False, emoji=False, highlight=False)
_LINES = 20
"""Finished cases shown while others run."""


def batch(
    context: typer.Context,
    source: Annotated[
        Path,
        typer.Argument(
            help="A folder of volumes, an nnU-Net raw data set, a DICOM tree, a volume, or a scene "
            "(.mrb, .mrml)."
        ),
    ],
    output: Annotated[Path, typer.Argument(help="Folder of the results; run again to resume.")],
    auto: Annotated[bool, typer.Option("--auto", help="Automatic mode even with marks.")] = False,
    classes: Annotated[
        str, typer.Option(help="Classes found without marks, with commas; also learned ones.")
    ] = "",
    seeds: Annotated[
        Path | None,
        typer.Option(help="Folder with NAME.seeds.nii.gz or NAME.mrk.json; default: beside."),
    ] = None,
    modality: Modality = None,
    device: Device = "auto",
    workers: Annotated[int, typer.Option(min=0, help="Processes here; 0: as suits.")] = 0,
    scheduler: Annotated[
        str, typer.Option(help="Address of a Dask scheduler whose workers do it.")
    ] = "",
    suffix: Annotated[
        str, typer.Option("--format", help=".seg.nrrd, .nii.gz or, of DICOM, .dcm (DICOM SEG).")
    ] = ".seg.nrrd",
    weights: Weights = None,
) -> None:
    """Segment many volumes; only what is missing or changed. Exit code 1 when a case failed."""
    from ..batch.lock import locked
    from ..batch.run import Settings, check

    if auto and seeds is not None:
        raise UserError("--auto uses no marks: leave out --auto or --seeds.")
    if scheduler:
        refuse(context, "with --scheduler", "workers")
    names = class_names(classes)
    settings = Settings(auto, names, seeds, modality, device, workers, scheduler, suffix, weights)
    check(settings)
    with locked(output.absolute()):
        board = _run(source, output, settings)
    if board.failed:
        raise typer.Exit(1)


def _run(source: Path, output: Path, settings: Settings) -> Board:
    from ..batch.run import prepare, run

    plan = prepare(source, output, settings)
    board = Board(plan)
    console.print(board.begin(), soft_wrap=True)
    events = run(plan, settings)
    try:
        with Live(
            console=console, get_renderable=board.table, refresh_per_second=2, transient=True
        ):
            for job, report in events:
                board.update(job.case.name, report)
                if report is not None:
                    _log(report, settings.device)
                if report is not None and not console.is_terminal:
                    console.print(f"{report.name}: {report.error or report.status}", soft_wrap=True)
    except KeyboardInterrupt:
        console.print("Interrupted: finished cases are kept, run the same command to go on.")
        raise typer.Exit(130) from None
    finally:
        events.close()
        console.print(board.final())
        console.print(board.end(), soft_wrap=True)
    return board


def _log(report: Report, device: str) -> None:
    """One line about a case, without its name; an unexpected error with where it came from."""
    logs.run(
        f"batch case {report.status}",
        weights=report.weights,
        device=device,
        modality=report.modality,
        mode=report.mode,
        structures=len(report.structures),
        seconds=round(report.seconds, 2),
    )
    if report.details:
        logging.getLogger(__name__).error("A case failed unexpectedly:\n%s", report.details)


class Board:
    """What the user sees of a batch."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.running: dict[str, None] = {}
        self.finished: list[Report] = []

    @property
    def failed(self) -> list[Report]:
        return [report for report in self.finished if report.status == "failed"]

    def update(self, name: str, report: Report | None) -> None:
        if report is None:
            self.running[name] = None
        else:
            self.running.pop(name, None)
            self.finished.append(report)

    def begin(self) -> str:
        text = f"{len(self.plan.jobs)} cases to do, {len(self.plan.done)} done before"
        if self.plan.kept:
            names = ", ".join(report.name for report in self.plan.kept)
            text += (
                f"; kept as a person left them although inputs or settings changed: {names} "
                "(another OUTPUT does them again)"
            )
        for problem in self.plan.unreadable.values():
            text += f"; kept, report unreadable: {problem.rstrip('.')}"
        return text

    def end(self) -> str:
        empty = sum(report.status == "empty" for report in self.finished)
        done = len(self.finished) - len(self.failed)
        found_none = f" ({empty} of them empty)" if empty else ""
        return (
            f"{done} done{found_none}, {len(self.failed)} failed, "
            f"{len(self.plan.jobs) - len(self.finished)} left: {self.plan.output}"
        )

    def table(self) -> Table:
        """The latest finished cases and those that run."""
        table = self._rows(self.finished[-_LINES:])
        table.title = f"{len(self.finished)} of {len(self.plan.jobs)} cases"
        for name in list(self.running):  # drawn from another thread
            table.add_row(name, "running", "", "", "", "")
        return table

    def final(self) -> Table:
        """Every failed case and the least confident of the others."""
        done = lowest_first(r for r in self.finished if r.status != "failed")
        table = self._rows([*self.failed, *done[:_LINES]])
        if len(done) > _LINES:
            table.caption = f"the {_LINES} least confident; all: {self.plan.output / SUMMARY}"
        return table

    @staticmethod
    def _rows(reports: list[Report]) -> Table:
        table = Table("case", "status", "s", "ml", "confidence")
        table.add_column("error", overflow="fold")
        for report in reports:
            ml = sum(structure.ml for structure in report.structures)
            sure = "" if report.lowest is None else f"{report.lowest:.2f}"
            volume = told_ml(ml) if report.status != "failed" else ""
            row = (report.name, report.status, f"{report.seconds:.1f}", volume, sure, report.error)
            table.add_row(*row)
        return table
