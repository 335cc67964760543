"""What a round costs: seconds beside "Grow from seeds", encoding, first slice, peak memory.

Writes cost.json and cost.md. The volume is the ICBM 152 T1 inside nilearn, cropped to 181x217x181
(1 mm), its structures are nilearn's own grey and white matter; marks come from the shared
benchmark's annotator. Peak memory is that of a process of its own with a synthetic CT.
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import method
import numpy as np
from facts import (
    SHARED,
    facts,
    in_own_process,
    options,
    peak_memory,
    shared_benchmark,
    use_weights,
)
from nilearn.datasets import (
    load_mni152_gm_template,
    load_mni152_template,
    load_mni152_wm_template,
)
from report import markdown, report
from S2VNetSlicerLib.network.model import S2VNet
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.propagation.records import SessionSettings
from S2VNetSlicerLib.propagation.session import Session

SHAPE = (181, 217, 181)
LARGE = (400, 512, 512)
CLASSES, ROUNDS = 4, 5


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.memory:
        print(large_volume(load_model(chosen.weights)[0].fuse()))
        return
    benchmark, baselines = shared_benchmark(chosen.shared)
    importlib.import_module("slicer")  # Two seconds that no round of the baseline should pay.
    stated = facts(use_weights(chosen.weights))
    image, truth = brain()
    model, _ = load_model(chosen.weights)
    marks_alone, settled = (
        partial(
            method.Method, settings=SessionSettings(recognise=False, refine_across_planes=cross)
        )
        for cross in (False, True)
    )
    factories = [method.factory, baselines.growcut, marks_alone, settled]
    ours, theirs, alone, crossed = compare(benchmark, factories, image, truth)
    figures = {
        "round of ours, median s": ours,
        "round of Grow from seeds, median s": theirs,
        "ours / Grow from seeds": ours / theirs,
        "structures not known by name, whole volume shown, median s": alone,
        "and settled by planes, median s": crossed,
        "settled by planes / Grow from seeds": crossed / theirs,
        **first_slices(model, image, truth),
        "encoding a slice of 256x256, median ms": encoding(model, image),
        f"peak memory, {CLASSES} classes in 512x512x400, GiB": float(
            in_own_process(__file__, chosen.weights, "--memory")
        ),
    }
    rounded = {name: round(value, 3) for name, value in figures.items()}
    lines = [(name, f"{value:.2f}") for name, value in rounded.items()]
    text = markdown(["181x217x181 T1, two structures", ""], lines)
    report(chosen.output, "cost", text, {"figures": rounded}, stated)


def brain() -> tuple[np.ndarray, np.ndarray]:
    """T1 float32 and truth uint8 (1 grey matter, 2 white matter), both of ``SHAPE`` [k, j, i]."""
    loaders = (load_mni152_template, load_mni152_gm_template, load_mni152_wm_template)
    image, grey, white = (centred(np.asarray(f(resolution=1).dataobj).T) for f in loaders)
    truth = np.where(white > 0.5, 2, np.where(grey > 0.5, 1, 0)).astype(np.uint8)
    return np.rint(255 * image).astype(np.float32), truth


def centred(array: np.ndarray) -> np.ndarray:
    """The middle of ``array``, as large as ``SHAPE``; it is larger in all directions."""
    starts = [(have - want) // 2 for have, want in zip(array.shape, SHAPE, strict=True)]
    box = tuple(slice(at, at + want) for at, want in zip(starts, SHAPE, strict=True))
    return np.ascontiguousarray(array[box])


def compare(
    benchmark: ModuleType,
    factories: list[Callable[[], Any]],
    image: np.ndarray,
    truth: np.ndarray,
) -> list[float]:
    """Median seconds a round of each method; the methods take turns."""
    runs = [annotate(benchmark, factory(), image, truth) for factory in factories]
    rounds = [[next(run) for run in runs] for _ in range(ROUNDS)]
    return [float(np.median(seconds)) for seconds in zip(*rounds, strict=True)]


def annotate(
    benchmark: ModuleType, chosen: Any, image: np.ndarray, truth: np.ndarray
) -> Iterator[float]:
    """Seconds of each round with the shared benchmark's annotator."""
    rng = np.random.default_rng(1)
    chosen.start(image, (1.0, 1.0, 1.0), "MR", 2)
    z, seeds = len(truth) // 2, np.zeros(truth.shape, np.uint8)
    marks = benchmark.first_marks(rng, truth, z, 2)
    while True:
        seeds[z][marks > 0] = marks[marks > 0]
        began = time.perf_counter()
        labels = np.asarray(chosen.segment(seeds.copy()))
        yield time.perf_counter() - began
        z, marks = benchmark.correction(rng, truth, labels, seeds, 2)


def first_slices(model: S2VNet, image: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Seconds from the marks to the first finished slice, with and without encoding before."""
    middle = len(image) // 2
    marks = np.zeros(SHAPE[1:], np.uint8)
    marks[::4] = truth[middle][::4] + 1
    found = {}
    for encoded in (True, False):
        session = Session(model, image, (1.0, 1.0, 1.0), "MR", 2)
        if encoded:
            for _ in session.encode():
                pass
        began = time.perf_counter()
        session.mark(middle, marks)
        next(session.propagate())
        name = "volume encoded before" if encoded else "nothing encoded before"
        found[f"first slice, {name}, s"] = time.perf_counter() - began
        session.close()
    return found


def encoding(model: S2VNet, image: np.ndarray, slices: int = 48) -> float:
    """Milliseconds to encode one slice of 256x256."""
    square = np.zeros((slices, 256, 256), np.float32)
    start = (len(image) - slices) // 2
    square[:, : SHAPE[1], : SHAPE[2]] = image[start : start + slices]
    seconds = []
    for _ in range(ROUNDS):
        session = Session(model, square, (1.0, 1.0, 1.0), "MR", 1)
        began = time.perf_counter()
        for _ in session.encode():
            pass
        seconds.append(time.perf_counter() - began)
        session.close()
    return 1000 * float(np.median(seconds)) / slices


def large_volume(model: S2VNet) -> float:
    """Largest resident memory, GiB, of this process once a large CT is segmented."""
    rows, columns = np.ogrid[: LARGE[1], : LARGE[2]]
    rng = np.random.default_rng(1)
    image = np.empty(LARGE, np.int16)
    marks = np.zeros(LARGE[1:], np.uint8)
    middle = LARGE[0] // 2
    for z in range(LARGE[0]):
        image[z] = rng.normal(-100, 20, LARGE[1:])
        for k in range(CLASSES):
            row, column = 150 + 200 * (k // 2), 150 + 200 * (k % 2)
            from_centre = ((rows - row) / 70) ** 2 + ((columns - column) / 60) ** 2
            inside = from_centre + ((z - middle) / (0.4 * LARGE[0])) ** 2 < 1
            image[z][inside] += 60 + 50 * k
            if z == middle:
                marks[from_centre < 0.2] = k + 2
    marks[240:260] = 1
    session = Session(model, image, (1.5, 0.8, 0.8), "CT", CLASSES)
    session.mark(middle, marks)
    for _ in (*session.propagate(), *session.refine_across_planes()):
        pass
    peak = peak_memory()
    session.close()
    return peak


if __name__ == "__main__":
    main()
