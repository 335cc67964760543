"""What it costs to write a propagation into the scene, beside the propagation itself.

A synthetic CT of 512x512x200 with three structures, all slices encoded before. "Writing" is the
processor time that the main thread spends in the presenter's ticks: taking slices over, keeping
them for undo, writing the segments, storing provenance and drawing the state. It is compared with
the processor time of the worker in the same run, PyTorch on one thread, so that the machine's load
does not count.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from S2VNetSlicerLib.scene.application import HeadlessApplication
from S2VNetSlicerLib.scene.volumes import volume_to_node
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.volume import Volume
from S2VNetSlicerLib.workflow.pacing import TICK
from S2VNetSlicerLib.workflow.presenter import Presenter

SHAPE = (200, 512, 512)
SPACING = (2.0, 0.8, 0.8)
BALLS = ((180, 200, 110.0), (360, 180, 60.0), (320, 380, 75.0))
"""Row, column and radius (pixels) of each structure, as tall as the volume."""
LIMIT = 0.10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, help="default: the shipped ones")
    parser.add_argument("--runs", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    application = HeadlessApplication()
    node = volume_to_node(synthetic(), application.scene)
    presenter = Presenter(application.scene, weights=options.weights)
    presenter.runs.configure(live=False)
    presenter.choose_volume(node.GetID())
    presenter.set_axis(0)
    presenter.wait(600)
    middle = SHAPE[0] // 2
    for row, column, _ in BALLS:
        presenter.add_class()
        stroke(presenter, [(row - 20, column), (row + 20, column)], middle)
    stroke(presenter, [(40, 40), (40, 470), (470, 470), (470, 60)], middle, negative=True)
    presenter.wait(600)
    worst = 0.0
    for run in range(options.runs):
        if run:  # a correction: everything is carried anew
            stroke(presenter, [(150, 150), (210, 250)], middle, negative=run % 2 == 0)
            presenter.wait(600)
        writing, propagation = timed(presenter)
        share = writing / propagation
        worst = max(worst, share)
        print(
            f"run {run + 1}: propagation {propagation:.2f} s, writing {writing:.2f} s: {share:.1%}"
        )
    volumes = ", ".join(f"{c.name} {c.ml:.0f} ml" for c in presenter.state.classes)
    print(f"{SHAPE[2]}x{SHAPE[1]}x{SHAPE[0]}: {volumes}; {presenter.state.environment}")
    print(f"writing costs {worst:.1%} of a propagation at most (limit {LIMIT:.0%})")
    presenter.close()
    if worst > LIMIT:
        raise SystemExit(1)


def synthetic() -> Volume:
    """Three balls in noise, CT."""
    array, _ = balls(SHAPE, BALLS)
    affine = np.diag([*SPACING[::-1], 1.0])
    return Volume(array, Geometry(SHAPE, affine), "CT", name="synthetic CT")


def balls(
    shape: tuple[int, int, int], places: Sequence[tuple[int, int, float]]
) -> tuple[np.ndarray, np.ndarray]:
    """A CT int16 of ``shape`` with a ball at each of ``places`` (as BALLS), and their labels
    uint8 (from 1)."""
    random = np.random.default_rng(1)
    rows, columns = np.ogrid[: shape[1], : shape[2]]
    image, labels = np.empty(shape, np.int16), np.zeros(shape, np.uint8)
    for z in range(shape[0]):
        image[z] = random.normal(-60, 15, shape[1:])
        narrower = np.sqrt(max(0.0, 1 - (2 * z / shape[0] - 1) ** 2))
        for n, (row, column, radius) in enumerate(places, 1):
            inside = (rows - row) ** 2 + (columns - column) ** 2 < (radius * narrower) ** 2
            image[z][inside] += 50 + 40 * n
            labels[z][inside] = n
    return image, labels


def stroke(
    presenter: Presenter, points: list[tuple[int, int]], z: int, negative: bool = False
) -> None:
    """Mark along (row, column) points in slice ``z``."""
    world = [(column * SPACING[2], row * SPACING[1], z * SPACING[0]) for row, column in points]
    if not presenter.stroke(np.array(world), 4.0, negative=negative):
        raise SystemExit(presenter.state.message)


def timed(presenter: Presenter) -> tuple[float, float]:
    """Processor seconds of the main thread, writing, and of the worker, propagating."""
    process, main_thread, writing = time.process_time(), time.thread_time(), 0.0
    presenter.propagate()
    while not presenter.idle:
        before = time.thread_time()
        presenter.tick()
        writing += time.thread_time() - before
        time.sleep(TICK)
    if presenter.state.message:
        raise SystemExit(presenter.state.message)
    main_thread = time.thread_time() - main_thread
    return writing, time.process_time() - process - main_thread


if __name__ == "__main__":
    main()
