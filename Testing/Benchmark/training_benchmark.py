"""What makes a training step fast: slices a second as it is and without each measure.

    python Testing/Benchmark/training_benchmark.py CACHE [--steps 8]

CACHE holds prepared training data (``s2vnet train`` makes it in OUTPUT/cache). Every variant plays
the same batches of three rounds, in turn within one run; a slice counts once however many rounds
it is played.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.training.batches import batches
from S2VNetSlicerLib.training.configuration import TrainingConfiguration
from S2VNetSlicerLib.training.rounds import Batch, play

ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--weights", type=Path, help="default: the shipped ones")
    chosen = parser.parse_args()
    model = load_model(chosen.weights)[0].train()
    configuration = TrainingConfiguration(automatic=0)
    threads = torch.get_num_threads()

    def drawn() -> Iterator[Batch]:
        every = batches(chosen.cache, configuration, 0, 0, 0, ())
        return (batch for batch in every if isinstance(batch, Batch))

    kept = list(islice(drawn(), chosen.steps))
    torch.set_num_threads(threads)

    def step(batch: Batch, rounds: int = ROUNDS) -> None:
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        model.zero_grad(set_to_none=True)
        play(model, batch, rounds, np.random.default_rng(1))

    def alone(batch: Batch) -> None:
        for _ in range(ROUNDS):
            step(batch, 1)

    def one_by_one(batch: Batch) -> None:
        for n in range(len(batch.images)):
            step(Batch(batch.images[n : n + 1], batch.labels[n : n + 1], batch.classes[n : n + 1]))

    def while_drawing(batch: Batch) -> None:
        next(fresh)
        torch.set_num_threads(threads)
        step(batch)

    fresh = drawn()
    contiguous = patch.object(torch, "channels_last", torch.contiguous_format)
    variants: dict[str, tuple[Callable[[Batch], None], AbstractContextManager[object]]] = {
        "as it is": (step, nullcontext()),
        "each round encodes anew": (alone, nullcontext()),
        "one episode at a time": (one_by_one, nullcontext()),
        "episodes drawn between steps": (while_drawing, nullcontext()),
        "not channels last": (step, contiguous),
    }
    seconds = dict.fromkeys(variants, 0.0)
    for batch in kept:
        for name, (run, changed) in variants.items():
            with changed:
                began = time.perf_counter()
                run(batch)
                seconds[name] += time.perf_counter() - began
    slices = sum(batch.images.shape[0] * batch.images.shape[1] for batch in kept)
    print(f"{chosen.steps} batches, {slices} slices, {threads} threads\n")
    print("| variant | slices a second |\n|---|---|")
    for name, spent in seconds.items():
        print(f"| {name} | {slices / spent:.1f} |")


if __name__ == "__main__":
    main()
