"""Batches of episodes from worker processes, the same for a seed and step however often resumed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from .configuration import TrainingConfiguration
from .episodes import Episode, EpisodeSampler
from .planes import LESSONS, Planes, draw_planes
from .rounds import Batch

AUTOMATIC_SIDE = 192
"""Pixels of a side of an automatic episode, which shows whole slices."""


class _Batches(IterableDataset[Batch | Planes]):
    """Batch number s comes from the generator (seed, s, rank), whichever worker makes it."""

    def __init__(
        self,
        cache: Path,
        configuration: TrainingConfiguration,
        first: int,
        rank: int,
        classes: Sequence[str],
    ) -> None:
        self.cache, self.configuration, self.first = cache, configuration, first
        self.rank, self.classes = rank, classes

    def __iter__(self) -> Iterator[Batch | Planes]:
        torch.set_num_threads(1)
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        lesson = LESSONS.get(self.configuration.companion)
        settings = lesson.episodes if lesson else None
        sampler = EpisodeSampler(self.cache, settings, self.classes)
        for step in itertools.count(self.first + worker, workers):
            rng = np.random.default_rng((self.configuration.seed, step, self.rank, 0))
            make = draw_planes if lesson else draw
            yield make(sampler, self.configuration, rng)


def draw(
    sampler: EpisodeSampler, configuration: TrainingConfiguration, rng: np.random.Generator
) -> Batch:
    """One batch: all its episodes have one size and one number of structures."""
    c = configuration
    automatic = bool(sampler.classes) and rng.random() < c.automatic
    structures = min(_few(rng), c.most_structures)
    # What is recognised without its neighbours is learned from slices that are not neighbours.
    slices, side = (1, AUTOMATIC_SIDE) if automatic else _shape(rng, c)
    count = max(1, round(c.pixels / (slices * side * side)))
    if automatic:
        count = max(1, count // 2)  # there are no rounds of marks that would share what is encoded
        episodes = [sampler.sample_automatic(rng, slices, side) for _ in range(count)]
    else:
        episodes = [sampler.sample(rng, slices, side, structures) for _ in range(count)]
    return Batch(
        torch.from_numpy(np.stack([e.image for e in episodes])),
        torch.from_numpy(np.stack([e.labels for e in episodes])),
        episodes[0].structures,
        automatic,
        torch.from_numpy(np.stack([_drawn(e) for e in episodes])) if automatic else None,
    )


def _drawn(episode: Episode) -> np.ndarray:
    """Which classes ``UNKNOWN`` places of an automatic episode cannot be, bool [K]."""
    return np.ones(episode.structures, bool) if episode.drawn is None else episode.drawn


def _shape(rng: np.random.Generator, c: TrainingConfiguration) -> tuple[int, int]:
    """Slices and side of an interactive episode."""
    side = int(rng.choice(c.sizes))
    return int(rng.choice(c.slices)), side


def _few(rng: np.random.Generator) -> int:
    """Mostly one structure, sometimes several."""
    return int(rng.choice([1, 2, 3, 4], p=[0.5, 0.28, 0.14, 0.08]))


def batches(
    cache: Path,
    configuration: TrainingConfiguration,
    first: int,
    rank: int,
    workers: int,
    classes: Sequence[str],
) -> Iterator[Batch | Planes]:
    """Batches from number ``first`` on, a share of them with all of the predefined ``classes``;
    ``workers`` 0 makes them in this process."""
    dataset = _Batches(cache, configuration, first, rank, classes)
    ahead = 4 if workers else None
    return iter(DataLoader(dataset, None, num_workers=workers, prefetch_factor=ahead))
