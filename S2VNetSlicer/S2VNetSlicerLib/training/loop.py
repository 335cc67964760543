"""The training run: resume, step, log, checkpoint."""

from __future__ import annotations

import csv
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from ..errors import UserError
from ..network.configuration import NetworkConfiguration
from ..network.model import S2VNet
from ..network.weights import load_model, save_model
from ..propagation.devices import choose_device
from .batches import batches
from .checkpoint import load_checkpoint, restore_moments, save_checkpoint
from .configuration import TrainingConfiguration
from .distributed import average_processes, decided, join, leave
from .planes import Planes, play_planes
from .rounds import Batch, Played, play

_log = logging.getLogger(__name__)

CHECKPOINT, LOG, WEIGHTS = "checkpoint.safetensors", "log.csv", "s2vnet.safetensors"
LOG_EVERY = 20


@dataclass
class Run:
    """Everything that a checkpoint holds."""

    model: S2VNet
    average: dict[str, Tensor]
    optimiser: torch.optim.AdamW
    step: int = 0
    seconds: float = 0.0

    def progress(self, configuration: TrainingConfiguration) -> dict[str, Any]:
        """What goes into the header of a checkpoint."""
        return {
            "step": self.step,
            "seconds": round(self.seconds, 1),
            "training": configuration.model_dump(mode="json"),
        }

    def save(self, folder: Path, configuration: TrainingConfiguration) -> None:
        """Write the checkpoint in ``folder``."""
        progress = self.progress(configuration)
        save_checkpoint(folder / CHECKPOINT, self.model, self.average, self.optimiser, progress)


def _optimiser(model: S2VNet, configuration: TrainingConfiguration) -> torch.optim.AdamW:
    """Weight decay only where it regularises: on matrices and kernels."""
    kernels = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [
        {"params": kernels, "weight_decay": configuration.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=configuration.learning_rate)


def start(
    folder: Path,
    network: NetworkConfiguration,
    configuration: TrainingConfiguration,
    weights: Path | None = None,
    device: str = "cpu",
) -> Run:
    """Resume the checkpoint in ``folder``; else begin from ``weights`` alone; else from chance.

    Weights for other classes serve as well: only what concerns their own is left behind. Raises
    UserError for a checkpoint of other classes or of the other network, and for wider weights.
    """
    place = choose_device(device)
    torch.manual_seed(configuration.seed)
    checkpoint = folder / CHECKPOINT
    if checkpoint.is_file():
        model, average, state, progress = load_checkpoint(checkpoint)
        kind = progress["training"].get("companion", "")
        if kind != configuration.companion:
            raise UserError(
                f"{checkpoint} is of a run {f'with --companion {kind}' if kind else 'without'} "
                "companion: go on as it began, or in another folder."
            )
        if model.configuration.classes != network.classes:
            raise UserError(
                f"{checkpoint} learns other classes than {', '.join(network.classes) or 'none'}: "
                "train on the data that it began with, or in another folder."
            )
        model, average = model.to(place), {k: v.to(place) for k, v in average.items()}
        optimiser = _optimiser(model, configuration)
        restore_moments(optimiser, model, state)
        return Run(model, average, optimiser, progress["step"], progress["seconds"])
    model = S2VNet(network)
    if weights is not None:
        begun, _ = load_model(weights)
        begun.planes = begun.corrections = None
        begun.semantic_heads.clear()
        begin = grown if configuration.companion else _for_classes
        try:
            model = begin(begun, network)
        except RuntimeError as error:
            raise UserError(f"{weights} are weights of another or wider network", error) from error
    model = model.to(place)
    average = {k: v.clone() for k, v in model.state_dict().items()}
    return Run(model, average, _optimiser(model, configuration))


def _for_classes(model: S2VNet, network: NetworkConfiguration) -> S2VNet:
    """``model``, or one with its weights for other classes, whose centres begin from chance."""
    if model.configuration.classes == network.classes:
        return model
    known = model.configuration
    other = S2VNet(replace(known, classes=network.classes, symmetric=network.symmetric))
    state, old = other.state_dict(), model.state_dict()
    fitting = {name: old[name] for name, t in state.items() if old[name].shape == t.shape}
    other.load_state_dict(state | fitting)
    return other


def grown(model: S2VNet, network: NetworkConfiguration) -> S2VNet:
    """A ``network`` with the weights of a ``model`` of fewer blocks or a narrower dense decoder,
    which makes the same of an image at first: what is new begins from chance, but unheard.

    Raises RuntimeError for a model that is wider somewhere.
    """
    whole = S2VNet(network)
    state = whole.state_dict()
    for name, small in model.state_dict().items():
        # Inputs of the judge stand one after the other: wider parts would shift them.
        movable = not name.startswith("quality_head.")
        if name in state and (movable or state[name].shape == small.shape):
            if small.ndim > 1:
                state[name][: len(small), small.shape[1] :] = 0
            state[name][tuple(slice(n) for n in small.shape)] = small
    return whole


def learning_rate(step: int, configuration: TrainingConfiguration) -> float:
    """Linear warm-up, constant, cosine decay to zero from ``decay_from`` on."""
    rate = configuration.learning_rate * min(1.0, (step + 1) / max(1, configuration.warm_up))
    late = (step - configuration.decay_from) / configuration.decay_steps
    return rate * 0.5 * (1 + math.cos(math.pi * min(max(late, 0.0), 1.0)))


def one_step(
    run: Run, batch: Batch | Planes, configuration: TrainingConfiguration, rank: int
) -> Played:
    """Play a batch, update the weights and their average."""
    model, optimiser = run.model, run.optimiser
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    rng = np.random.default_rng((configuration.seed, run.step, rank, 1))
    for group in optimiser.param_groups:
        group["lr"] = learning_rate(run.step, configuration)
    optimiser.zero_grad(set_to_none=True)
    model.train()
    if isinstance(batch, Planes):
        played = play_planes(model, batch.to(model.generic_queries.device), rng, configuration)
    else:
        rounds = int(rng.integers(1, configuration.rounds + 1))
        taught = max(configuration.taught_least, 1 - run.step / configuration.taught_steps)
        played = play(model, batch.to(model.generic_queries.device), rounds, rng, taught)
    average_processes(model)
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), configuration.clip)
    if torch.isfinite(norm):
        optimiser.step()
    else:
        _log.warning("Step %d changes nothing: its gradient is not finite", run.step)
    run.step += 1
    # A young average follows quickly.
    keep = min(configuration.average, run.step / (run.step + 10))
    with torch.no_grad():
        for name, value in model.state_dict().items():
            mean = run.average[name]
            if value.is_floating_point():
                mean.lerp_(value, 1 - keep)
            else:
                mean.copy_(value)
    return played


def averaged_model(run: Run) -> S2VNet:
    """A copy of the network with the averaged weights."""
    model = S2VNet(run.model.configuration)
    model.load_state_dict(run.average)
    return model.eval()


def train(
    folder: Path,
    cache: Path,
    network: NetworkConfiguration,
    configuration: TrainingConfiguration,
    *,
    steps: int,
    minutes: float = math.inf,
    weights: Path | None = None,
    workers: int = 1,
    card: dict[str, Any] | None = None,
    device: str = "auto",
) -> Run:
    """Train until ``steps`` are done in all or ``minutes`` are over; resumes by itself.

    ``folder`` receives the checkpoint (at most ``checkpoint_seconds`` old at any moment), one CSV
    log, and at the end the averaged weights with their card; ``cache`` holds prepared data sets.
    Episodes and marks follow from the seed and the step, so a resumed run sees what an
    uninterrupted one would have seen.
    """
    rank, world = join()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        run = start(folder, network, configuration, weights, device)
        feed = batches(cache, configuration, run.step, rank, workers, network.classes)
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            disable=rank > 0,
        ) as bar:
            task = bar.add_task("training", total=steps, completed=run.step)
            for played in _steps(run, feed, configuration, folder, rank, steps, minutes):
                recent = " ".join(f"{d:.2f}" for d in played.dice)
                text = f"loss {played.loss:.3f}  Dice by round {recent}"
                bar.update(task, completed=run.step, description=text)
        if rank == 0:
            run.save(folder, configuration)
            facts = {"processes": world, **run.progress(configuration), **(card or {})}
            save_model(folder / WEIGHTS, averaged_model(run), facts)
        return run
    finally:
        leave()


def _steps(
    run: Run,
    feed: Iterator[Batch | Planes],
    configuration: TrainingConfiguration,
    folder: Path,
    rank: int,
    steps: int,
    minutes: float,
) -> Iterator[Played]:
    """Steps with log and checkpoints; yields what was played."""
    began = saved = tick = time.monotonic()
    recent: list[Played] = []
    waited = 0.0
    while decided(run.step < steps and time.monotonic() - began < minutes * 60):
        asked = time.monotonic()
        batch = next(feed)
        waited += time.monotonic() - asked
        played = one_step(run, batch, configuration, rank)
        recent.append(played)
        now = time.monotonic()
        run.seconds, tick = run.seconds + now - tick, now
        if rank == 0 and len(recent) == LOG_EVERY:
            write_log(folder / LOG, run, recent, waited / LOG_EVERY, configuration)
            recent, waited = [], 0.0
        if rank == 0 and now - saved > configuration.checkpoint_seconds:
            run.save(folder, configuration)
            saved = now
        yield played


def write_log(
    path: Path, run: Run, recent: list[Played], wait: float, configuration: TrainingConfiguration
) -> None:
    """One line of the CSV log: means over the last steps."""

    def dice(number: int) -> str:
        found = [p.dice[number] for p in recent if len(p.dice) > number]
        return f"{np.nanmean(found):.4f}" if np.isfinite(found).any() else ""

    row = {
        "step": run.step,
        "seconds": round(run.seconds),
        "loss": round(float(np.mean([p.loss for p in recent])), 4),
        **{f"dice_{i + 1}": dice(i) for i in range(configuration.rounds)},
        "slices": sum(p.slices for p in recent),
        "wait_seconds": round(wait, 3),
        "learning_rate": f"{learning_rate(run.step, configuration):.2e}",
    }
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        if new:
            writer.writeheader()
        writer.writerow(row)
