"""A small network and endless toy batches, for tests of the training run itself.

Run as a script (by torchrun or alone): toy_training.py FOLDER STEPS [FOLDER STEPS ...]
STEPS "clock": until time is over, which each process sees three seconds later than the one before.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from S2VNetSlicerLib.network.configuration import NetworkConfiguration
from S2VNetSlicerLib.training import distributed, loop
from S2VNetSlicerLib.training.configuration import TrainingConfiguration
from S2VNetSlicerLib.training.rounds import Batch

NETWORK = NetworkConfiguration(
    stem=8,
    widths=(8, 8, 16, 16),
    dim=16,
    mask_dim=8,
    dense_widths=(8, 8, 8, 8),
    heads=2,
    centres_per_class=4,
    classes=("ball",),
)
TRAINING = TrainingConfiguration(
    rounds=2, warm_up=1, checkpoint_seconds=1e-6, learning_rate=3e-3, taught_steps=40
)


def toy_batch(rng: np.random.Generator, structures: int = 1, side: int = 32) -> Batch:
    """Two episodes of four slices: bright balls on dark ground."""
    z, y, x = np.mgrid[:4, :side, :side]
    labels = np.zeros((2, 4, side, side), np.uint8)
    for item, k in itertools.product(range(2), range(structures)):
        cy, cx = rng.uniform(0.3, 0.7, 2) * side
        ball = (y - cy) ** 2 + (x - cx) ** 2 + (3 * (z - rng.uniform(1, 2))) ** 2 < (side / 5) ** 2
        labels[item][ball] = k + 1
    images = rng.normal(60, 10, labels.shape) + 60.0 * labels
    return Batch(torch.from_numpy(images).float(), torch.from_numpy(labels), structures)


def toy_batches(
    cache: Path, configuration: Any, first: int, rank: int, *rest: object
) -> Iterator[Batch]:
    """In the place of ``training.batches.batches``."""
    for step in itertools.count(first):
        yield toy_batch(np.random.default_rng((configuration.seed, step, rank)), 1 + step % 2)


def run(folder: Path, steps: int, **options: Any) -> loop.Run:
    """Train the toy."""
    loop.batches = toy_batches
    return loop.train(folder, Path(), NETWORK, TRAINING, steps=steps, **options)


if __name__ == "__main__":
    torch.set_num_threads(1)
    leave, loop.leave = loop.leave, lambda: None  # a group cannot be joined twice
    for folder, steps in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        if steps == "clock":
            run(Path(folder), sys.maxsize, minutes=0.05 * (1 + distributed.rank()))
        else:
            run(Path(folder), int(steps))
    leave()
