"""s2vnet dataset: published data sets for training and evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Commands, console

app = Commands(help="Published data sets in nnU-Net raw layout.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps "convert" a command of its own."""


@app.command()
def convert(
    source: Annotated[Path, typer.Argument(help="Folder of the unpacked download.")],
    kind: Annotated[str, typer.Option(help="word, btcv, amos or msd.")],
    output: Annotated[
        Path,
        typer.Option(
            help="New folder; named Dataset00*, as Dataset004_WORD, its imagesTr can be trained on."
        ),
    ],
    modality: Annotated[
        str | None, typer.Option(help="CT or MR, of amos, which holds both.")
    ] = None,
    copy: Annotated[bool, typer.Option("--copy", help="Copy files instead of linking.")] = False,
) -> None:
    """Convert a download to nnU-Net raw layout, official splits kept. Exit code 1 when cases had
    to be left out."""
    from ..evaluation.datasets import convert as run
    from ..evaluation.layouts import SPLITS

    done = run(source, kind, output, modality=modality, copy=copy)
    counts = ", ".join(f"{done.counts.get(s, 0)} {name}" for s, name in SPLITS.items())
    console.print(f"{done.folder}: {counts}")
    for problem in done.problems:
        console.print(f"left out: {problem}")
    if done.problems:
        raise typer.Exit(1)
