"""s2vnet info: what is installed, and a report for whoever looks for a fault."""

from __future__ import annotations

import json
import platform
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from .. import logs
from ..volumes.writing import atomic_write
from .options import Weights, console

PACKAGES = (
    "torch",
    "numpy",
    "scipy",
    "SimpleITK",
    "pydantic",
    "slicer-core",
    "trame-slicer",
    "vtk",
)


def info(
    weights: Weights = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write log, versions and settings to this .zip, to report a fault."),
    ] = None,
) -> None:
    """Device, versions, and the weights with their card."""
    facts, card = _facts(weights)
    if report is not None:
        _write_report(report, facts, card)
        console.print(f"wrote {report}")
        console.print("It holds no voxels, and no names of files and patients; look into it.")
        return
    table = Table(show_header=False)
    for name, value in facts.items():
        table.add_row(name, str(value))
    plain = Console(markup=False, emoji=False)
    plain.print(table)
    plain.print_json(json.dumps(card))


def _facts(weights: Path | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Rows of the table, and the card of the weights."""
    import torch

    from ..network.weights import (
        COMPANIONS,
        body_part_paths,
        classes_by_part,
        companion_path,
        default_weights,
        load_model,
    )
    from ..propagation.devices import choose_device

    path = weights or default_weights()
    model, card = load_model(path)
    networks: list[tuple[str, Path, Any]] = [("weights", path, model)]
    for name in COMPANIONS:
        networks.append((f"weights for {name}", companion_path(path, name), getattr(model, name)))
        setattr(model, name, None)
    classes = classes_by_part(model, card)
    for name, place in body_part_paths(path).items():
        networks.append((f"weights for the {name}", place, model.semantic_heads[name]))
    model.semantic_heads.clear()
    facts: dict[str, Any] = {"device (auto)": choose_device("auto")}
    facts["s2vnet-slicer"] = logs.software_version()
    for package in PACKAGES:
        try:
            facts[package] = version(package)
        except PackageNotFoundError as error:
            facts[package] = f"not installed ({error})"
    facts["python"] = f"{platform.python_version()} on {platform.platform()}"
    facts["threads"] = torch.get_num_threads()
    facts["log"] = logs.log_file()
    for name, place, network in networks:
        if network is not None:
            parameters = sum(p.numel() for p in network.parameters())
            facts[name] = f"{place} ({parameters / 1e6:.2f} M parameters)"
    for name, known in classes.items():
        facts[f"classes of the {name or 'weights'}"] = ", ".join(known)
    return facts, card


def _write_report(path: Path, facts: dict[str, Any], card: dict[str, Any]) -> None:
    from dataclasses import asdict

    from ..propagation.records import SessionSettings

    plain = {name: logs.scrubbed(str(value)) for name, value in facts.items()}
    content = {**plain, "settings": asdict(SessionSettings()), "card": card}
    with atomic_write(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr("info.json", json.dumps(content, indent=1, default=str))
        for name, log in logs.anonymous().items():
            archive.writestr(name, log)
