"""What several commands share: options, the console, a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

# Names of files and structures are no markup.
console = Console(stderr=True, markup=False, emoji=False, highlight=False, soft_wrap=True)

Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Modality = Annotated[str | None, typer.Option(help="CT or MR; default: guessed.")]
Weights = Annotated[Path | None, typer.Option(help="Weights (.safetensors); default: shipped.")]


def class_names(classes: str) -> tuple[str, ...]:
    """The names in "a, b"."""
    return tuple(name.strip() for name in classes.split(",") if name.strip())


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[..., None]]:
    """Show a bar; gives what moves it: a function of how much is done, of all, and anything."""
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total, *_: bar.update(task, completed=done, total=total)
