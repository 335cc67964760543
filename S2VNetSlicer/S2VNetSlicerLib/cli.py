"""The command line: s2vnet segment, train, info."""

from __future__ import annotations

import logging
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from . import logs
from .commands import dataset, library
from .commands.batch import batch
from .commands.evaluate import evaluate
from .commands.info import info
from .commands.options import (
    Commands,
    Device,
    Modality,
    Series,
    Weights,
    class_names,
    console,
    progress_bar,
    refuse,
)
from .commands.serve import serve
from .errors import UserError, cause_of
from .propagation.threads import wait_briefly
from .volumes.reading import read_seeds, read_volume
from .volumes.seeds import default_colour
from .volumes.volume import told_ml

# Their imports of slicer, torch and Dask wait until they run.
app = Commands(
    help="Segment CT and MR volumes from marks on one slice. Research use, not a medical device.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("batch")(batch)
app.command("evaluate")(evaluate)
app.command("info")(info)
app.command("serve")(serve)
app.add_typer(dataset.app, name="dataset")
app.add_typer(library.app, name="library")

_log = logging.getLogger(__name__)

UNATTENDED = ("segment", "batch", "library")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"s2vnet {logs.software_version()}")
        raise typer.Exit


@app.callback()
def beside_other_programs(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and end.")
    ] = False,
) -> None:
    if context.invoked_subcommand in UNATTENDED:
        wait_briefly(os.environ)


@app.command("segment")
def segment_command(
    context: typer.Context,
    image: Annotated[Path, typer.Argument(help="Volume file or a folder of DICOM files.")],
    output: Annotated[
        Path, typer.Option(help="Result: .nii.gz, .nrrd, .mha, .seg.nrrd, .mrb or .dcm.")
    ],
    seeds: Annotated[
        Path | None,
        typer.Option(
            help="Marks: a label map on IMAGE's grid (0 unmarked, 1 background, 2.. structures), "
            "a Slicer .seg.nrrd or .mrk.json, or a folder with one .mrk.json a class."
        ),
    ] = None,
    auto: Annotated[bool, typer.Option("--auto", help="No marks: the weights' classes.")] = False,
    classes: Annotated[str, typer.Option(help="Only these, with commas; also learned ones.")] = "",
    modality: Modality = None,
    series: Series = None,
    axis: Annotated[
        int | None,
        typer.Option(min=0, max=2, help=r"Slice axis of \[k, j, i]; default: that of the marks."),
    ] = None,
    device: Device = "auto",
    accept: Annotated[
        list[int] | None,
        typer.Option(help="Slice whose seeds are a finished result; kept voxel for voxel."),
    ] = None,
    by_name: Annotated[
        bool,
        typer.Option(
            "--names/--no-names",
            help="Let marks in a structure that the weights know by name find all of it.",
        ),
    ] = True,
    across: Annotated[
        bool,
        typer.Option(
            "--across/--no-across",
            help="Settle masks by planes across the slices as well; takes longer.",
        ),
    ] = True,
    weights: Weights = None,
) -> None:
    """Carry marks through a whole volume, or segment the weights' classes without marks."""
    from .network.weights import load_model
    from .propagation.records import SessionSettings
    from .scene.files import check_result, write_result
    from .segmenting import audit, segment, segment_automatically

    if auto == (seeds is not None):
        raise UserError("Say what to segment: either --seeds with marks or --auto.")
    if auto:
        refuse(context, "with --auto", "accept", "by_name", "across")
    else:
        refuse(context, "with --seeds, whose names are those of the classes", "classes")
    check_result(output, (image, seeds))
    model, card = load_model(weights)
    model.fuse()
    volume = read_volume(image, modality, series)
    console.print(f"{volume.name}: {volume.modality} ({volume.modality_reason})")
    for note in volume.notes:
        console.print(note)
    if seeds is None:
        asked = class_names(classes) or None
        run: Any = partial(segment_automatically, model, volume, asked, card=card)
    else:
        marks = read_seeds(seeds, volume)
        for note in marks.notes:
            console.print(note)
        run = partial(segment, model, volume, marks, accept=accept or (), card=card)
    began = time.monotonic()
    with progress_bar("slices") as step:
        settings = SessionSettings(device=device, recognise=by_name, refine_across_planes=across)
        result = run(axis=axis, settings=settings, progress=step)
    names = result.names
    colours = [default_colour(n) for n in range(len(names))] if seeds is None else marks.colours
    write_result(output, volume, result.labels, names, colours, audit(result, card))
    seconds = time.monotonic() - began
    logs.run(
        "segment --auto" if auto else "segment",
        weights=card.get("name"),
        device=device,
        shape=volume.array.shape,
        spacing=[round(mm, 4) for mm in volume.geometry.spacing],
        modality=volume.modality,
        structures=len(names),
        axis=result.axis,
        seconds=round(seconds, 2),
        complete=result.complete,
    )
    _report(result, volume, names, seconds)
    for note in result.notes:
        console.print(note)
    console.print(f"wrote {output}")
    if not result.complete:
        console.print("Interrupted: the slices finished until then are in the result.")
        raise typer.Exit(130)


def _report(result: Any, volume: Any, names: list[str], seconds: float) -> None:
    """Volume and confidence of each structure."""
    from .segmenting import measure

    table = Table("structure", "ml", "slices", "lowest confidence at slice")
    missing = []
    for name, found in zip(names, measure(result, volume.geometry.spacing), strict=True):
        if not found.slices:
            missing.append(name)
        doubt = "" if found.worst is None else f"{found.lowest:.2f} at {found.worst}"
        table.add_row(name, told_ml(found.ml), str(found.slices), doubt)
    console.print(table)
    if missing:
        console.print(f"Not found in {volume.name}: {', '.join(missing)}.")
    console.print(f"{seconds:.1f} s")


@app.command()
def train(
    context: typer.Context,
    data: Annotated[Path, typer.Option(help="Folder with nnU-Net-raw data sets (Dataset...).")],
    output: Annotated[Path, typer.Option(help="Folder of the run: checkpoint, log, weights.")],
    steps: Annotated[int, typer.Option(min=1, help="Steps, earlier ones included.")] = 100_000,
    minutes: Annotated[float, typer.Option(min=0, help="Stop after so many minutes.")] = 1e9,
    start: Annotated[Path | None, typer.Option("--from", help="Weights to begin with.")] = None,
    classes_from: Annotated[
        str,
        typer.Option(
            help="Part of the body (brain, torso, head-neck) or data set whose classes are to be "
            "recognised without marks; default: the brain's from label maps, else those of the "
            "only data set."
        ),
    ] = "",
    automatic: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of the steps that teach this (0.12).")
    ] = None,
    companion: Annotated[
        str,
        typer.Option(
            help="'planes' or 'corrections': train the network for planes across the slices, or "
            "for slices that are corrected; it learns no classes. "
            "Publish it as NAME-planes.safetensors or NAME-corrections.safetensors."
        ),
    ] = "",
    rate: Annotated[
        float | None,
        typer.Option(
            min=1e-7,
            help="Learning rate (0.0008, of companions 0.0012; less where good weights go on).",
        ),
    ] = None,
    decay: Annotated[
        int,
        typer.Option(
            min=0, help="In so many of the last STEPS the rate falls to zero (companions: all)."
        ),
    ] = 0,
    seed: int = 1,
    workers: Annotated[int, typer.Option(min=0, help="Processes that draw episodes.")] = 1,
    cache: Annotated[Path | None, typer.Option(help="Prepared data (OUTPUT/cache).")] = None,
    device: Device = "auto",
) -> None:
    """Train, or resume the run in OUTPUT. Start it with torchrun for several processes."""
    from .network.configuration import NetworkConfiguration
    from .propagation.devices import choose_device
    from .training.body_parts import body_part
    from .training.configuration import TrainingConfiguration
    from .training.distributed import rank
    from .training.loop import train as run
    from .training.planes import COMPANION_RATE, LESSONS, NETWORK, schedule
    from .training.prepare import predefined_classes, prepare_dataset, training_datasets

    if companion not in ("", *LESSONS):
        raise UserError(f"There is no companion '{companion}': name one of {', '.join(LESSONS)}.")
    if companion:
        refuse(context, "with --companion, which learns no classes", "classes_from", "automatic")
        place = choose_device(device)
        network = NETWORK
        configuration = schedule(seed, steps, companion, place, rate or COMPANION_RATE, decay)
    else:
        classes = predefined_classes(data, classes_from)
        symmetric = body_part(classes).symmetric
        network = NetworkConfiguration(classes=classes, symmetric=symmetric)
        given = {"automatic": automatic, "learning_rate": rate}
        chosen = {name: value for name, value in given.items() if value is not None}
        # What good weights hand on is worth learning from at once.
        chosen |= {"taught_steps": 1} if start else {}
        chosen |= {"decay_from": max(0, steps - decay), "decay_steps": decay} if decay else {}
        configuration = TrainingConfiguration(seed=seed, **chosen)
    prepared = cache or output / "cache"
    if rank() == 0:
        for dataset in training_datasets(data):
            prepare_dataset(dataset, prepared)
    done = run(
        output,
        prepared,
        network,
        configuration,
        steps=steps,
        minutes=minutes,
        weights=start,
        workers=workers,
        device=device,
    )
    logs.run("train", device=device, steps=done.step, seconds=round(done.seconds))
    console.print(f"{done.step} steps, {done.seconds / 3600:.2f} h: {output}")


@app.command()
def publish(
    run: Annotated[Path, typer.Argument(help="Folder of a training run.")],
    data: Annotated[Path, typer.Option(help="The data sets it was trained on.")],
    target: Annotated[Path, typer.Option(help="Weights to write (.safetensors).")],
    scores: Annotated[Path | None, typer.Option(help="Benchmark results (.json).")] = None,
    note: Annotated[list[str] | None, typer.Option(help="A known failure.")] = None,
    least: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Confidence below which a volume does not show the classes."
        ),
    ] = 0,
) -> None:
    """Write the averaged weights of a run with their model card."""
    from .training.publish import publish as write

    write(run, data, target, scores, note or (), least)
    console.print(f"wrote {target}", highlight=False)


def main() -> None:
    """Entry point: failures that a user can mend are one sentence, others point to the log."""
    try:
        app()
    except UserError as error:
        logs.told(error)
        console.print(f"Error: {error}", style="red")
        sys.exit(2)
    except Exception as error:
        _log.exception("The command failed")
        if _log.isEnabledFor(logging.DEBUG):
            raise
        console.print(f"Error: s2vnet failed: {cause_of(error)}.", style="red")
        console.print(f"This is a fault of the program. What led to it is in {logs.log_file()};")
        console.print("s2vnet info --report FILE.zip puts it together for a report.")
        sys.exit(1)


if __name__ == "__main__":
    main()
