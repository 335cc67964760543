"""What makes a training step fast: slices a second as it is and without each measure.

    python Testing/Benchmark/training_benchmark.py CACHE [--steps 3] [--repeats 5]

CACHE holds prepared training data (``s2vnet train`` makes it in OUTPUT/cache). Every variant plays
the same batches of three rounds, in turn; a slice counts once however many rounds it is played. A
second of the processor is meant, of one thread, and of the repeats the fastest: other programs
disturb that least. What drawing costs is told by the source of episodes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import islice
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.training.batches import batches
from S2VNetSlicerLib.training.configuration import TrainingConfiguration
from S2VNetSlicerLib.training.episodes import EpisodeSampler, EpisodeSettings
from S2VNetSlicerLib.training.rounds import Batch, play

ROUNDS = 3
SOURCES = ("drawn", "supervoxels", "heads", "maps", "shapes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--weights", type=Path, help="default: the shipped ones")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    model = load_model(chosen.weights)[0].train()
    every = batches(chosen.cache, TrainingConfiguration(automatic=0), 0, 0, 0, ())
    kept = list(islice((b for b in every if isinstance(b, Batch)), chosen.steps))

    def step(batch: Batch, rounds: int = ROUNDS) -> None:
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        model.zero_grad(set_to_none=True)
        play(model, batch, rounds, np.random.default_rng(1))

    def alone(batch: Batch) -> None:
        for _ in range(ROUNDS):
            step(batch, 1)

    def few_at_a_time(batch: Batch, many: int) -> None:
        for n in range(0, len(batch.images), many):
            some = slice(n, n + many)
            step(replace(batch, images=batch.images[some], labels=batch.labels[some]))

    def halves(batch: Batch) -> None:
        few_at_a_time(batch, max(1, len(batch.images) // 2))

    contiguous = patch.object(torch, "channels_last", torch.contiguous_format)
    variants: dict[str, tuple[Callable[[Batch], None], AbstractContextManager[object]]] = {
        "as it is": (step, nullcontext()),
        "each round encodes anew": (alone, nullcontext()),
        "half as many episodes at a time": (halves, nullcontext()),
        "one episode at a time": (lambda batch: few_at_a_time(batch, 1), nullcontext()),
        "not channels last": (step, contiguous),
    }
    seconds = dict.fromkeys(variants, 0.0)
    step(kept[0], 1)
    for batch in kept:
        best = dict.fromkeys(variants, np.inf)
        for _ in range(chosen.repeats):
            for name, (run, changed) in variants.items():
                with changed:
                    began = time.process_time()
                    run(batch)
                    best[name] = min(best[name], time.process_time() - began)
        seconds = {name: seconds[name] + best[name] for name in variants}
    slices = sum(batch.images.shape[0] * batch.images.shape[1] for batch in kept)
    print(f"{chosen.steps} batches, {slices} slices, best of {chosen.repeats}, one thread\n")
    print("| variant | slices a second |\n|---|---|")
    for name, spent in seconds.items():
        print(f"| {name} | {slices / spent:.1f} |")
    for name, took in drawing(chosen.cache, chosen.repeats).items():
        print(f"| drawing alone, {name} | {1 / took:.0f} |")


def drawing(cache: Path, repeats: int) -> dict[str, float]:
    """Seconds of the processor to draw a slice of 128 x 128 of each source that the cache has."""
    none = replace(EpisodeSettings(), **dict.fromkeys(SOURCES, 0.0))
    found: dict[str, float] = {}
    for name in SOURCES:
        sampler = EpisodeSampler(cache, replace(none, **{name: 1.0}))
        if name not in sampler.shares():
            continue
        best = np.inf
        for _ in range(repeats):
            rng = np.random.default_rng(0)
            began = time.process_time()
            for _ in range(10):
                sampler.sample(rng, 8, 128, 1)
            best = min(best, (time.process_time() - began) / 80)
        found[name] = best
    return found


if __name__ == "__main__":
    main()
