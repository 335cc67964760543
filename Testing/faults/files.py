"""Files that are replaced: export, batch report and review, library. The old one or the new one is
there, whatever happens, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from injection import Ending, Fault, Log, Shim
from S2VNetSlicerLib.batch.report import Report, read_report
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.library import cases, store
from S2VNetSlicerLib.library.learned import Case, Example, LearnedClass, Statistics
from S2VNetSlicerLib.scene.application import writing_scene
from S2VNetSlicerLib.scene.files import read_segmentation, stage_result
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.reading import read_file
from S2VNetSlicerLib.volumes.volume import Volume

SHAPE = (4, 12, 12)


def export(suffix: str) -> tuple[Callable[[Path, int], None], Callable[[Path], int]]:
    def write(folder: Path, version: int) -> None:
        image = np.random.default_rng(0).integers(0, 100, SHAPE).astype(np.int16)
        volume = Volume(image, Geometry(SHAPE, np.eye(4)), "MR", name="v")
        labels = np.zeros(SHAPE, np.uint8)
        labels[version] = 1
        stage_result(folder / f"result{suffix}", volume, labels, ["femur"], [(1.0, 0.0, 0.0)])()

    def read(folder: Path) -> int:
        path = folder / f"result{suffix}"
        if suffix == ".seg.nrrd":  # also Slicer itself reads it
            scene = writing_scene()
            read_segmentation(path, scene)
        labels = read_file(path).array
        (there,) = np.flatnonzero(labels.any((1, 2)))
        return int(there)

    return write, read


def write_report(folder: Path, version: int) -> None:
    name = "case"
    Report(name=name, status="done", image="v.nii.gz", key=str(version)).write(folder)


def read_back(folder: Path) -> int:
    return int(read_report(folder / "case.report.json").key)


def learn(folder: Path, version: int) -> None:
    """Add the example of a further volume."""
    known = store.load("Lump", folder).examples if version > 1 else ()
    if len(known) < version:
        store.add(LearnedClass("Lump", (1.0, 0.0, 0.0), "CT", "w", (example(version),)), folder)


def examples(folder: Path) -> int:
    """How many examples there are; each has its case."""
    learned = store.load("Lump", folder)
    stored = cases.load(store.path_of("Lump", folder), "Lump")
    assert {e.key for e in learned.examples} <= set(stored), "a case is lost"
    return len(learned.examples)


def example(volume: int) -> Example:
    statistics = Statistics((1, 1, 1), 2, 1.0, 1.0, 1.0, (1, 1, 1), ((0, 1),) * 3, 1.0, 1.0)
    image, marks = np.full((1, 32, 32), volume, np.uint8), np.zeros((1, 32, 32), np.uint8)
    centres = np.zeros((1, 2, 4, 8), np.float32)
    parts = (np.full((2, 3), volume, np.float16), *(np.ones((2, 1), np.float16),) * 3)
    return Example(statistics, (0.5,), centres, *parts, Case(f"v{volume}", image, marks, centres))


WRITES: dict[str, tuple[Callable[[Path, int], None], Callable[[Path], int]]] = {
    "export .seg.nrrd": export(".seg.nrrd"),
    "export .nii.gz": export(".nii.gz"),
    "batch report": (write_report, read_back),
    "library": (learn, examples),
}
"""What is written: a version (1, 2, 3) into a folder, and which one is there."""


def work(name: str, folder: Path, fault: Fault, shim: Shim, log: Log) -> None:
    """Version 1 is there; 2 meets ``fault`` and is tried again when that is over."""
    write, read = WRITES[name]
    write(folder, 1)
    log.tell("saved", 1)
    shim.arm(folder, fault)
    log.tell("shown", 2)
    try:
        write(folder, 2)
    except UserError as error:
        log.tell("fired", shim.disarm())
        log.tell("told", str(error))
        assert read(folder) == 1, "it failed, and something was changed"
    else:
        log.tell("fired", shim.disarm())
    write(folder, 2)
    log.tell("saved", 2)


def go_on(name: str, folder: Path, log: Log) -> None:
    """What is there is read, and the next version written."""
    write, read = WRITES[name]
    log.tell("again", read(folder))
    for version in (2, 3):
        write(folder, version)
    log.tell("then", read(folder))


def check(before: Ending, after: Ending) -> str:
    """What was lost, "" when nothing was."""
    for ending in (before, after):
        if (raised := ending.last("raised")) is not None:
            return raised
    if not (before.killed or before.well) or not after.well:
        return f"ended with {before.status} and {after.status}"
    again, saved, shown = after.last("again"), before.last("saved"), before.last("shown")
    if again not in (saved, shown) or after.last("then") != 3:
        return f"saved: {saved}, again: {again}, then: {after.last('then')}"
    return ""


def values(ending: Ending) -> Any:
    return ending.last("told")
