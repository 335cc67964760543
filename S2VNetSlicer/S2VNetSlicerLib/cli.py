"""The command line: s2vnet segment, train, info."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from .commands import dataset, library
from .commands.batch import batch
from .commands.evaluate import evaluate
from .commands.options import Device, Modality, Weights, class_names, console, progress_bar
from .commands.serve import serve
from .errors import UserError
from .volumes.reading import read_seeds, read_volume
from .volumes.seeds import default_colour
from .volumes.writing import check_output

# Their imports of slicer, torch and Dask wait until they run.
app = typer.Typer(
    help="Segment CT and MR volumes from marks on one slice. Research use, not a medical device.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("batch")(batch)
app.command("evaluate")(evaluate)
app.command("serve")(serve)
app.add_typer(dataset.app, name="dataset")
app.add_typer(library.app, name="library")

UNATTENDED = ("segment", "batch")
SPIN = ("GOMP_SPINCOUNT", "3000")
"""How long threads of GNU's OpenMP wait for one another in a loop; read when torch loads it."""


@app.callback()
def beside_other_programs(context: typer.Context) -> None:
    # By default for milliseconds. Where another program takes one of the cores, all threads then
    # wait for the one that was put aside: two beside one busy core took 118 s for what one alone
    # does in 7 s. Who corrects needs the many short runs of an idle machine, which this slows down.
    if context.invoked_subcommand in UNATTENDED and "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault(*SPIN)


@app.command("segment")
def segment_command(
    image: Annotated[Path, typer.Argument(help="Volume file or a folder with one DICOM series.")],
    output: Annotated[Path, typer.Option(help="Result: .nii.gz, .nrrd, .mha, .seg.nrrd or .mrb.")],
    seeds: Annotated[
        Path | None,
        typer.Option(
            help="Marks: a label map on IMAGE's grid (0 unmarked, 1 background, 2.. structures), "
            "a Slicer .mrk.json, or a folder with one .mrk.json a class."
        ),
    ] = None,
    auto: Annotated[bool, typer.Option("--auto", help="No marks: the weights' classes.")] = False,
    classes: Annotated[str, typer.Option(help="Only these, with commas; also learned ones.")] = "",
    modality: Modality = None,
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
    from .scene.files import is_scene_file, write_result
    from .segmenting import audit, segment, segment_automatically

    if auto == (seeds is not None):
        raise UserError("Say what to segment: either --seeds with marks or --auto.")
    # Slicer's formats are written where a label map could be.
    check_output(output.with_name("result.nrrd") if is_scene_file(output) else output)
    model, card = load_model(weights)
    model.fuse()
    volume = read_volume(image, modality)
    console.print(f"{volume.name}: {volume.modality} ({volume.modality_reason})")
    if seeds is None:
        names = list(class_names(classes) or model.configuration.classes)
        colours = [default_colour(n) for n in range(len(names))]
        run: Any = partial(segment_automatically, model, volume, names, card=card)
    else:
        marks = read_seeds(seeds, volume)
        names, colours = marks.names, marks.colours
        run = partial(segment, model, volume, marks, accept=accept or (), card=card)
    began = time.monotonic()
    with progress_bar("slices") as step:
        settings = SessionSettings(device=device, recognise=by_name, cross=across)
        result = run(axis=axis, settings=settings, progress=step)
    write_result(output, volume, result.labels, names, colours, audit(result, card))
    _report(result, volume, names, time.monotonic() - began)
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
        table.add_row(name, f"{found.ml:.1f}", str(found.slices), doubt)
    console.print(table)
    if missing:
        console.print(f"Not found in {volume.name}: {', '.join(missing)}.")
    console.print(f"{seconds:.1f} s")


@app.command()
def train(
    data: Annotated[Path, typer.Option(help="Folder with nnU-Net-raw data sets (Dataset...).")],
    output: Annotated[Path, typer.Option(help="Folder of the run: checkpoint, log, weights.")],
    steps: Annotated[int, typer.Option(min=1, help="Steps, earlier ones included.")] = 100_000,
    minutes: Annotated[float, typer.Option(min=0, help="Stop after so many minutes.")] = 1e9,
    start: Annotated[Path | None, typer.Option("--from", help="Weights to begin with.")] = None,
    classes_from: Annotated[
        str,
        typer.Option(
            help="Data set whose classes are to be recognised without marks; default: the brain's "
            "from label maps, else those of the only data set."
        ),
    ] = "",
    automatic: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of the steps that teach this (0.12).")
    ] = None,
    companion: Annotated[
        str,
        typer.Option(
            help="'planes' or 'corrections': train the network for planes across the slices, or "
            "for slices that are corrected, in STEPS steps of falling rate; it learns no classes. "
            "Publish it as NAME-planes.safetensors or NAME-corrections.safetensors."
        ),
    ] = "",
    seed: int = 1,
    workers: Annotated[int, typer.Option(min=0, help="Processes that draw episodes.")] = 1,
    cache: Annotated[Path | None, typer.Option(help="Prepared data (OUTPUT/cache).")] = None,
    device: Device = "auto",
) -> None:
    """Train, or resume the run in OUTPUT. Start it with torchrun for several processes."""
    from .network.configuration import NetworkConfiguration
    from .training.brain_classes import NAMES
    from .training.configuration import TrainingConfiguration
    from .training.distributed import rank
    from .training.loop import train as run
    from .training.planes import LESSONS, NETWORK, schedule
    from .training.prepare import predefined_classes, prepare_dataset, training_datasets

    if companion not in ("", *LESSONS):
        raise UserError(f"There is no companion '{companion}': name one of {', '.join(LESSONS)}.")
    if companion and (classes_from or automatic is not None):
        raise UserError("A companion learns no classes: leave out what concerns them.")
    if companion:
        network, configuration = NETWORK, schedule(seed, steps, companion)
    else:
        classes = predefined_classes(data, classes_from)
        network = NetworkConfiguration(classes=classes, recogniser=True, symmetric=classes == NAMES)
        share = {} if automatic is None else {"automatic": automatic}
        configuration = TrainingConfiguration(seed=seed, **share)
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


@app.command()
def info(weights: Weights = None) -> None:
    """Device, versions, and the weights with their card."""
    from importlib.metadata import PackageNotFoundError, version

    import torch

    from .network.weights import COMPANIONS, companion_path, default_weights, load_model
    from .propagation.devices import choose_device

    path = weights or default_weights()
    model, card = load_model(path)
    networks = [("weights", path, model)]
    for name in COMPANIONS:
        networks.append((f"weights for {name}", companion_path(path, name), getattr(model, name)))
        setattr(model, name, None)
    table = Table(show_header=False)
    table.add_row("device (auto)", str(choose_device("auto")))
    for package in ("s2vnet-slicer", "torch", "numpy", "SimpleITK"):
        try:
            table.add_row(package, version(package))
        except PackageNotFoundError:  # inside 3D Slicer the extension is no installed package
            table.add_row(package, "not installed")
    table.add_row("python", f"{platform.python_version()} on {platform.platform()}")
    table.add_row("threads", str(torch.get_num_threads()))
    for name, place, network in networks:
        if network is not None:
            parameters = sum(p.numel() for p in network.parameters())
            table.add_row(name, f"{place} ({parameters / 1e6:.2f} M parameters)")
    plain = Console(markup=False, emoji=False)
    plain.print(table)
    plain.print_json(json.dumps(card))


def main() -> None:
    """Entry point: failures that a user can mend are one sentence, not a traceback."""
    try:
        app()
    except UserError as error:
        console.print(f"Error: {error}", style="red")
        sys.exit(2)


if __name__ == "__main__":
    main()
