"""One switch of the network at a time, in variants trained at equal steps.

    python ablation.py --list
    python ablation.py --cache CACHE --variants base,no_spread --steps 400   # trains, then scores

``leave_one_out.py`` switches off parts of the session, with the shipped weights.

CACHE holds prepared training data (``s2vnet train`` makes it in OUTPUT/cache). It can be stopped at
any time and goes on where it was; whatever is finished in the output folder is in the table.
Scores are those of the shared benchmark on a fixed part of its tasks (every third structure of a
case). Differences are means over tasks with their standard errors: a difference within two of them,
or within that between two seeds, says nothing. Writes ablation.csv and ablation.md.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
import report
from facts import benchmark_hash, facts, shared_benchmark
from method import Method
from report import SHOWN, latency, mean, task
from S2VNetSlicerLib.network.model import S2VNet
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.training import batches
from S2VNetSlicerLib.training.episodes import EpisodeSampler
from S2VNetSlicerLib.training.loop import WEIGHTS, train
from S2VNetSlicerLib.volumes.writing import atomic_write
from variants import BASE, TRAINED, Variant
from watched import ROUNDS, Watch, options, play

EVERY = 3
SCORES = "scores.json"
Found = dict[str, dict[str, Any]]
"""By variant: ``about``, ``parameters``, ``facts`` and ``rows`` of the benchmark."""


def main() -> None:
    chosen = arguments()
    if chosen.list:
        print("\n".join(f"{name:20s} {variant.about}" for name, variant in TRAINED.items()))
        return
    names = variant_names(chosen.variants, TRAINED)
    benchmark, _ = shared_benchmark(chosen.shared)
    kind = f"steps-{chosen.steps}-seed-{chosen.seed}"
    folder = chosen.output / "ablation" / kind
    for name in names:
        place = folder / name
        key = [benchmark_hash(chosen.shared), chosen.limit, chosen.every, chosen.only, ""]
        if read_scores(place / SCORES, key) is None:
            print(f"== {name}: {TRAINED[name].about}", flush=True)
            model = made(TRAINED[name], place, chosen, name)
            stated = facts(kind)
            rows = score(benchmark, chosen, model)
            content = {
                "key": key,
                "about": TRAINED[name].about,
                "parameters": sum(p.numel() for p in model.parameters()),
                "facts": stated,
                "rows": rows,
            }
            place.mkdir(parents=True, exist_ok=True)
            with atomic_write(place / SCORES) as temporary:
                temporary.write_text(json.dumps(content, indent=1))
        finished = (read_scores(folder / n / SCORES, key) for n in TRAINED)
        found = {n: f for n, f in zip(TRAINED, finished, strict=True) if f is not None}
        write(chosen.output, found)
    print((chosen.output / "ablation.md").read_text())


def arguments() -> argparse.Namespace:
    parser = options(__doc__)
    parser.set_defaults(every=EVERY)
    parser.add_argument("--variants", default="", help="names with commas; default: all")
    parser.add_argument("--list", action="store_true", help="names of the variants")
    parser.add_argument("--cache", type=Path, help="prepared training data")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0, help="processes that draw episodes")
    chosen = parser.parse_args()
    if not (chosen.list or chosen.cache):
        parser.error("training needs --cache")
    return chosen


def variant_names(text: str, table: Mapping[str, Variant]) -> list[str]:
    """The names in ``text``, with commas between, or all of the ``table``."""
    names = [name.strip() for name in text.split(",")] if text else list(table)
    if unknown := [name for name in names if name not in table]:
        raise SystemExit(f"There is no variant {', '.join(unknown)}: see variants.py.")
    return names


def read_scores(path: Path, key: list[Any]) -> dict[str, Any] | None:
    """Finished scores, or None; those with another key are measured again."""
    if not path.is_file():
        return None
    found = json.loads(path.read_text())
    return found if found["key"] == key else None


def made(variant: Variant, place: Path, chosen: argparse.Namespace, name: str) -> S2VNet:
    """The weights of a variant: trained (further) in ``place``, or those that are there."""
    seed = chosen.seed + (name == "another_seed")
    sampler = partial(EpisodeSampler, settings=variant.sources())
    with patch.object(batches, "EpisodeSampler", sampler):
        run = train(
            place,
            chosen.cache,
            variant.configuration(),
            variant.schedule(chosen.steps, seed),
            steps=chosen.steps,
            workers=chosen.workers,
        )
    print(f"{run.step} steps in {run.seconds / 60:.0f} min", flush=True)
    return load_model(place / WEIGHTS)[0]


def score(benchmark: ModuleType, chosen: argparse.Namespace, model: S2VNet) -> list[dict[str, Any]]:
    """The rows of the chosen tasks."""
    watch = Watch(partial(Method, model))
    return [played.row for played in play("", benchmark, chosen, watch)]


def write(folder: Path, found: Found) -> None:
    """The table as CSV and Markdown."""
    lines = summary(found)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ablation.csv").write_text(text.getvalue())
    (folder / "ablation.md").write_text(markdown(lines))


def summary(found: Found) -> list[dict[str, Any]]:
    """A line a variant; ``change``: mean over tasks of Dice minus that of the base, averaged over
    all rounds and after the last one."""
    base = by_task(found[BASE]["rows"]) if BASE in found else {}
    lines = []
    for name, content in found.items():
        rows, stated = content["rows"], content["facts"]
        own = by_task(rows)
        differences = np.array([own[key] - base[key] for key in own if key in base])
        line = {"variant": name, "about": content["about"], "tasks": len(rows)}
        line |= {f"Dice, round {n}": f"{mean(rows, 'dice', n):.3f}" for n in SHOWN}
        line["surface Dice 2 mm"] = f"{mean(rows, 'surface_dice_2mm', ROUNDS):.3f}"
        line["change, all rounds"] = with_error(differences.mean(1)) if len(differences) else ""
        last = differences[:, -1] if len(differences) else differences
        line[f"change, round {ROUNDS}"] = with_error(last)
        line["round, median s"] = f"{latency(rows):.2f}"
        line["million parameters"] = f"{content['parameters'] / 1e6:.2f}"
        line |= {key: stated[key] for key in ("weights", "commit", "machine", "threads", "torch")}
        lines.append(line)
    return lines


def by_task(rows: list[dict[str, Any]]) -> dict[tuple[str, ...], np.ndarray]:
    """Dice after each round, by task."""
    return {
        task(row): np.array([mean([row], "dice", n) for n in range(1, ROUNDS + 1)]) for row in rows
    }


def with_error(differences: np.ndarray) -> str:
    """Mean and standard error."""
    if len(differences) < 2 or not differences.any():
        return ""
    error = differences.std(ddof=1) / len(differences) ** 0.5
    return f"{differences.mean():+.3f} ± {error:.3f}"


def markdown(lines: list[dict[str, Any]]) -> str:
    """The table; what is the same in all lines stands below it."""
    same = [key for key in lines[0] if len({line[key] for line in lines}) == 1]
    below = [key for key in same if key in ("tasks", "weights", "commit", "machine", "threads")]
    below += ["torch"] if "torch" in same else []
    heads = [key for key in lines[0] if key not in below]
    text = report.markdown(heads, [[line[key] for key in heads] for line in lines])
    return f"{text}\n{report.stated({key: lines[0][key] for key in below})}"


if __name__ == "__main__":
    main()
