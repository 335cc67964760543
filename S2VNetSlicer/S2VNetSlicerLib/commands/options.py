"""What several commands share: options, the console, a progress bar, the log."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .. import logs
from ..errors import UserError


class _Console(Console):
    """A console whose reader may go away: what is computed is still written."""

    def on_broken_pipe(self) -> None:
        """Say no more; rich would end the process."""
        self.quiet = True
        with open(os.devnull, "w") as nothing:
            os.dup2(nothing.fileno(), sys.stderr.fileno())


# Names of files and structures are no markup.
console = _Console(stderr=True, markup=False, emoji=False, highlight=False, soft_wrap=True)

Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Modality = Annotated[str | None, typer.Option(help="CT or MR; default: guessed.")]
Series = Annotated[
    str | None,
    typer.Option(help="Which volume of a DICOM folder: its number in the list, or its UID."),
]
Weights = Annotated[Path | None, typer.Option(help="Weights (.safetensors); default: shipped.")]
LogLevel = Annotated[
    str, typer.Option(help="From debug, info, warning or error upwards.", rich_help_panel="Log")
]
LogFile = Annotated[
    Path | None, typer.Option(help="Default: in the user's state folder.", rich_help_panel="Log")
]
F = TypeVar("F", bound=Callable[..., Any])


class Commands(typer.Typer):
    """A group whose commands all take --log-level and --log-file."""

    def command(self, *names: Any, **options: Any) -> Callable[[F], F]:
        register = super().command(*names, **options)

        def add(function: F) -> F:
            register(_logging(function))
            return function

        return add


def _logging(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*values: Any, log_level: str, log_file: Path | None, **named: Any) -> Any:
        logs.configure(log_level, log_file)
        return function(*values, **named)

    signature = inspect.signature(function, eval_str=True)
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
        for name, default, hint in (("log_level", "info", LogLevel), ("log_file", None, LogFile))
    ]
    every = [*signature.parameters.values(), *added]
    run.__signature__ = signature.replace(parameters=every)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in every}
    return run


def refuse(context: typer.Context, where: str, *names: str) -> None:
    """UserError for those of the parameters ``names`` that the user gave: they do nothing
    ``where`` ("with --auto")."""
    for name in names:
        source = context.get_parameter_source(name)
        if source is not None and source.name != "DEFAULT":
            raise UserError(f"{_flags(context, name)} does nothing {where}: leave it out.")


def _flags(context: typer.Context, name: str) -> str:
    (option,) = (p for p in context.command.params if p.name == name)
    return "/".join([*option.opts, *option.secondary_opts])


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
