"""s2vnet evaluate: results, the automatic mode or marks by round, against references."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import logs
from ..errors import UserError
from .options import Device, Weights, console, progress_bar, refuse

if TYPE_CHECKING:
    from ..evaluation.cases import Dataset, Labelled

RESULTS = "results"


def evaluate(
    context: typer.Context,
    dataset: Annotated[Path, typer.Argument(help="Data set in nnU-Net raw layout.")],
    output: Annotated[Path, typer.Option(help="Folder of tables, figures and results.")],
    results: Annotated[
        Path | None,
        typer.Option(
            help="Folder with a result CASE.nii.gz, CASE.seg.nrrd ... for each case; default: the "
            "automatic mode makes them."
        ),
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=0, help="Instead: so many rounds of simulated marks on each task.")
    ] = 0,
    split: Annotated[
        str | None, typer.Option(help="Tr, Val or Ts; default: Ts where labelled, else Val, Tr.")
    ] = None,
    rival: Annotated[
        list[str] | None, typer.Option(help="NAME=FOLDER with another method's results.")
    ] = None,
    published: Annotated[
        str | None, typer.Option(help="word, btcv, amos or none; default: as dataset.json says.")
    ] = None,
    tolerance: Annotated[float, typer.Option(min=0, help="Of the surface Dice, mm.")] = 2.0,
    missing: Annotated[
        float | None,
        typer.Option(
            "--missing-hd95",
            min=0,
            help="HD95 (mm) where one mask is empty; default: left out. WORD's own script has 50.",
        ),
    ] = None,
    figures: Annotated[int, typer.Option(min=0, help="Rows of each figure; 0: none.")] = 4,
    together: Annotated[int, typer.Option(min=1, help="Structures of a task of marks.")] = 1,
    most: Annotated[int, typer.Option(min=1, help="Structures of a case, marks only.")] = 12,
    only: Annotated[str, typer.Option(help="Cases with this in their name.")] = "",
    device: Device = "auto",
    weights: Weights = None,
) -> None:
    """Dice, HD95 and surface Dice against a data set's references, beside published results."""
    from ..evaluation.cases import Dataset

    if rounds:
        refuse(context, "with --rounds", "results", "rival", "published", "missing", "figures")
    else:
        refuse(context, "without --rounds", "together", "most")
    if results is not None:
        refuse(context, "with --results", "device", "weights")
    data = Dataset(dataset)
    if not data.classes:
        raise UserError(f"{dataset / 'dataset.json'} names no structure: nothing can be measured.")
    chosen = split or data.default_split()
    cases = data.cases(chosen, only)
    title = f"{dataset.resolve().name}, {chosen}"
    output.mkdir(parents=True, exist_ok=True)
    console.print(f"{title}: {len(cases)} cases")
    if rounds:
        text = _marks(
            data, cases, title, output, rounds, together, most, tolerance, device, weights
        )
    else:
        others = dict(_rival(value) for value in rival or ())
        text = _whole(
            data, cases, title, output, results, others, published, tolerance, missing, figures,
            device, weights,
        )  # fmt: skip
    logs.run("evaluate", device=device, cases=len(cases), rounds=rounds)
    console.print(text)
    console.print(f"wrote {output}")


def _whole(
    data: Dataset,
    cases: Sequence[Labelled],
    title: str,
    output: Path,
    results: Path | None,
    rivals: dict[str, Path],
    published: str | None,
    tolerance: float,
    missing: float | None,
    figures: int,
    device: str,
    weights: Path | None,
) -> str:
    """Whole results, given or made; returns the summary."""
    from ..evaluation.report import published_for, write_figures, write_report
    from ..evaluation.scoring import score_results
    from ..evaluation.tables import OURS

    reported = published_for(data, published)
    classes, regions = data.classes, data.regions
    for name, folder in rivals.items():
        if not folder.is_dir():
            raise UserError(f"{folder} is no folder: give {name}'s results.")
    if results is None:
        from ..evaluation.automatic import known_classes, run_automatic
        from ..network.weights import load_model
        from ..propagation.records import SessionSettings

        model, card = load_model(weights)
        settings = SessionSettings(device=device)
        _pass_over(regions)
        regions = {}
        classes = {number: classes[number] for number in known_classes(model, classes)}
        results = output / RESULTS
        with progress_bar("automatic") as step:
            rows = run_automatic(
                model, cases, classes, results, card=card, settings=settings,
                tolerance=tolerance, progress=step,
            )  # fmt: skip
        methods = {OURS: rows}
    else:
        methods = {}
    folders = {OURS: results, **rivals}
    for name, folder in folders.items():
        if name not in methods:
            with progress_bar(name) as step:
                methods[name] = score_results(
                    cases, folder, classes, regions=regions, known=data.known,
                    tolerance=tolerance, progress=step, tell=console.print,
                )  # fmt: skip
    text = write_report(output, title, methods, reported, tolerance=tolerance, missing=missing)
    if figures:
        write_figures(output, cases, classes, methods[OURS], folders, figures, data.known)
    return text


def _marks(
    data: Dataset,
    cases: Sequence[Labelled],
    title: str,
    output: Path,
    rounds: int,
    together: int,
    most: int,
    tolerance: float,
    device: str,
    weights: Path | None,
) -> str:
    """Marks by round; tables are written after each task, so that a stop loses nothing."""
    from ..evaluation.protocol import run_case
    from ..evaluation.tables import rounds_summary, write_rounds
    from ..network.weights import load_model
    from ..propagation.records import SessionSettings
    from ..volumes.writing import write_text

    model, card = load_model(weights)
    _pass_over(data.regions)
    tasks, text = [], ""
    for case in cases:
        found = run_case(
            model, case, data.classes, rounds=rounds, together=together, most=most,
            tolerance=tolerance, settings=SessionSettings(device=device), card=card,
        )  # fmt: skip
        for task in found:
            tasks.append(task)
            dice = " ".join(f"{done.dice:.3f}" for done in task.rounds)
            console.print(f"{task.case} {'+'.join(task.structures)}: {dice}")
            write_rounds(output / "rounds.csv", tasks)
            text = rounds_summary(title, tasks, rounds, tolerance)
            write_text(output / "rounds.md", text)
    if not tasks:
        raise UserError(f"{title} has no structure large enough to be marked: choose other cases.")
    return text


def _pass_over(regions: Collection[str]) -> None:
    """Say which classes are not made: one label map cannot hold them."""
    if regions:
        console.print(f"Left out, because they are several labels: {', '.join(regions)}.")


def _rival(value: str) -> tuple[str, Path]:
    name, _, folder = value.partition("=")
    if not name or not folder:
        raise UserError(f"--rival {value} is not NAME=FOLDER: name the method and its results.")
    return name, Path(folder)
