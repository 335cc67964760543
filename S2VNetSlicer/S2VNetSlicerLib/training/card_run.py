"""A short training on a graphics card that is lent for minutes.

    python -m S2VNetSlicerLib.training.card_run PACK OUT --from WEIGHTS --minutes 9

PACK comes from ``python -m S2VNetSlicerLib.training.pack``. Weights are saved every minute, so that
whatever ends the run costs at most that; they begin the next run with ``--from``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from ..network.configuration import NetworkConfiguration
from ..network.weights import load_model, save_model
from .card import CardSource
from .configuration import TrainingConfiguration
from .loop import LOG, LOG_EVERY, WEIGHTS, Run, averaged_model, one_step, start, write_log
from .rounds import Played

SAVED = 60.0
"""Seconds between two copies of the weights."""


def main(arguments: Sequence[str] | None = None) -> Run:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--from", dest="weights", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=9.0)
    parser.add_argument("--steps", type=int, default=10**9, help="at most")
    parser.add_argument("--pixels", type=int, default=384 * 128 * 128, help="of a step")
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--decay", type=float, default=0.5, help="share of the time it falls in")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="auto")
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    network = load_model(chosen.weights)[0].configuration
    configuration = TrainingConfiguration(
        seed=chosen.seed,
        learning_rate=chosen.rate,
        warm_up=50,
        pixels=chosen.pixels,
        automatic=0,
        taught_steps=1,
        average=0.995,
    )
    chosen.out.mkdir(parents=True, exist_ok=True)
    return _run(chosen, network, configuration, began)


def _run(
    chosen: argparse.Namespace,
    network: NetworkConfiguration,
    configuration: TrainingConfiguration,
    began: float,
) -> Run:
    # A folder without checkpoint: what is lent holds none.
    run = start(chosen.out, network, configuration, chosen.weights, chosen.device)
    device = run.model.generic_queries.device
    source = CardSource(chosen.pack, device)
    end, saved = began + 60 * chosen.minutes, time.monotonic()
    recent: list[Played] = []
    waited = 0.0
    while run.step < chosen.steps and (now := time.monotonic()) < end:
        rng = np.random.default_rng((configuration.seed, run.step, 7))
        batch = source.batch(rng, configuration)
        if device.type == "cuda":
            torch.cuda.synchronize()
        waited += time.monotonic() - now
        left = (end - now) / (60 * chosen.minutes * chosen.decay)
        slower = {"learning_rate": configuration.learning_rate * min(1.0, max(0.0, left))}
        recent.append(one_step(run, batch, configuration.model_copy(update=slower), 0))
        run.seconds += time.monotonic() - now
        if len(recent) == LOG_EVERY or run.step == chosen.steps:
            write_log(chosen.out / LOG, run, recent, waited / len(recent), configuration)
            recent, waited = [], 0.0
        if time.monotonic() - saved > SAVED:
            _save(run, chosen.out, configuration)
            saved = time.monotonic()
    _save(run, chosen.out, configuration)
    return run


def _save(run: Run, out: Path, configuration: TrainingConfiguration) -> None:
    save_model(out / WEIGHTS, averaged_model(run), run.progress(configuration))


if __name__ == "__main__":
    main()
