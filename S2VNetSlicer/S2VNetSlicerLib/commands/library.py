"""s2vnet library: the classes that a user defined by examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from ..errors import UserError
from .options import Commands, Device, Modality, Weights, class_names, console, progress_bar

if TYPE_CHECKING:
    from ..library.tuning import Tuned

app = Commands(
    help="Classes learned from accepted slices, to be found in other volumes.",
    no_args_is_help=True,
)
Folder = Annotated[
    Path | None,
    typer.Option(help="The library's folder; default: S2VNET_LIBRARY, else the user's."),
]


@app.command("list")
def show(folder: Folder = None) -> None:
    """Name, modality and number of examples of every learned class."""
    from ..library.store import default_folder, look

    table = Table("class", "modality", "examples", "weights")
    rows, problems = look(folder)
    for row in rows:
        table.add_row(row.name, row.modality, str(row.examples), row.weights)
    Console(markup=False, emoji=False).print(table)
    for problem in problems:
        console.print(problem, soft_wrap=True)
    console.print(str(folder or default_folder()))


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The class; one more example if it is known.")],
    image: Annotated[Path, typer.Argument(help="Volume file or a folder with one DICOM series.")],
    labels: Annotated[Path, typer.Argument(help="Label map on IMAGE's grid: the finished result.")],
    value: Annotated[int, typer.Option(min=1, help="The structure's number in LABELS.")] = 1,
    slices: Annotated[
        str, typer.Option(help="Slices that are right, with commas; default: eight of them.")
    ] = "",
    axis: Annotated[int | None, typer.Option(min=0, max=2, help="Slice axis of [k, j, i].")] = None,
    modality: Modality = None,
    device: Device = "auto",
    weights: Weights = None,
    folder: Folder = None,
) -> None:
    """Learn a class from a finished segmentation."""
    from ..library import store
    from ..library.learned import Orientation
    from ..library.learning import MOST_SLICES, learn
    from ..network.weights import load_model
    from ..propagation.records import SessionSettings
    from ..propagation.session import Session
    from ..volumes.reading import read_labels, read_volume

    store.path_of(name, folder)
    volume = read_volume(image, modality)
    found = read_labels(labels, volume)
    spacing = volume.geometry.spacing
    chosen = int(np.argmax(np.round(spacing, 3))) if axis is None else axis
    mask = np.moveaxis((found == value).astype(np.uint8), chosen, 0)
    there = np.flatnonzero(mask.any((1, 2)))
    if not len(there):
        raise UserError(f"{labels} has no voxel of value {value}: choose another --value.")
    model, card = load_model(weights)
    session = Session(
        model,
        volume.array,
        spacing,
        volume.modality,
        1,
        axis=chosen,
        settings=SessionSettings(device=device),
    )
    session.load((found == value).astype(np.uint8))
    wanted = _numbers(slices) or np.unique(
        there[np.linspace(0, len(there) - 1, MOST_SLICES + 2).round().astype(int)[1:-1]]
    )
    for z in wanted:
        session.accept(int(z))
    orientation = Orientation.of(volume.geometry.ijk_to_ras)
    for _ in session.recognise(card, orientation.axes, orientation.grows):
        pass
    learned = learn(
        session,
        1,
        name.strip(),
        weights=str(card.get("name", "unknown")),
        orientation=orientation,
    )
    session.close()
    console.print(store.add(learned, folder).told())


@app.command("tune")
def tune(
    name: Annotated[str, typer.Argument(help="The learned class, from two volumes at least.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing; keep what came out only when it is better.")
    ] = False,
    device: Device = "auto",
    weights: Weights = None,
    folder: Folder = None,
) -> None:
    """Fine-tune a learned class on the slices that it was learned from."""
    from ..library import tuning
    from ..library.material import estimate

    question = estimate(name, folder).question()
    if not yes and not typer.confirm(question, err=True):
        return
    tuned = _tuned(name, folder, device, weights)
    table = Table("held-out volume", "slices", "Dice as learned", "Dice fine-tuned")
    for held in tuned.held_out:
        row = (held.volume, held.slices, f"{held.before:.3f}", f"{held.after:.3f}")
        table.add_row(*map(str, row))
    Console(markup=False, emoji=False).print(table)
    if yes:
        console.print(tuned.told())
    if tuned.better if yes else typer.confirm(tuned.question(), default=tuned.better, err=True):
        tuning.keep(tuned, folder)
        console.print(f"{tuned.name} is fine-tuned.")
    else:
        console.print(f"{tuned.name} is as it was.")


def _tuned(name: str, folder: Path | None, device: str, weights: Path | None) -> Tuned:
    from ..library.tuning import Progress, tune
    from ..network.weights import load_model
    from ..propagation.devices import choose_device

    model, card = load_model(weights)
    known = str(card.get("name", "unknown"))
    with progress_bar("slices") as move:
        for step in tune(model, name, folder, weights=known, device=choose_device(device)):
            if not isinstance(step, Progress):
                break
            move(step.done, step.total)
    assert not isinstance(step, Progress)
    return step


@app.command("remove")
def remove(
    names: Annotated[str, typer.Argument(help="Learned classes, with commas.")],
    folder: Folder = None,
) -> None:
    """Forget learned classes."""
    from ..library.store import remove as forget

    for name in class_names(names):
        forget(name, folder)
        console.print(f"removed {name}")


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in class_names(text)]
    except ValueError as error:
        raise UserError("--slices takes numbers with commas", error) from error
