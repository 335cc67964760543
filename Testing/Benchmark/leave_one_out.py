"""Every mechanism of the method switched off alone, on the tasks of all data sets with images.

    python leave_one_out.py --output FOLDER                 # goes on where it was, for days
    python leave_one_out.py --output FOLDER --seconds 1800  # begins no task after half an hour
    python leave_one_out.py --output FOLDER --share 0/2     # one of two processes beside each other
    python leave_one_out.py --output FOLDER --multi 4       # groups of structures at once
    python leave_one_out.py --output FOLDER --table         # what is known by now

One task after the other, from each data set in turn, is played with all variants
(``variants.LEAVE_ONE_OUT``; ``--variants`` names others of ``variants.SESSION``), so that any
stop leaves whole comparisons. FOLDER/leave_one_out.csv receives a line a round when a variant has
played a task; what stands there for the same weights, benchmark and values of all settings is not
played again. Differences are those of the same tasks, with standard errors over tasks; corrections
are drawn by the same rules on what each variant shows. Data sets ``Dataset1*`` are public tasks,
``Dataset00*`` training sets.
"""

from __future__ import annotations

import argparse
import csv
import fcntl
import hashlib
import json
import os
import time
from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from unittest.mock import patch
from zlib import crc32

import numpy as np
from ablation import variant_names, with_error
from facts import benchmark_hash, commit, shared_benchmark, task_options, use_weights
from method import Method
from report import SHOWN, Row, after, markdown
from run_benchmark import ROUNDS
from S2VNetSlicerLib.network.model import S2VNet
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.propagation.devices import choose_device, working_precision
from S2VNetSlicerLib.propagation.feature_cache import FeatureCache
from S2VNetSlicerLib.propagation.recognition import Recognition
from variants import BASE, LEAVE_ONE_OUT, SESSION, Variant

COLUMNS = (
    *("variant", "dataset", "case", "structure", "round", "dice", "surface_dice_2mm"),
    *("latency_s", "cpu_s", "key", "commit"),
)
GROUPS = {
    "all": ("Dataset", False),
    "public": ("Dataset1", False),
    "training": ("Dataset00", False),
    "several structures at once": ("Dataset", True),
}
"""Data sets, by the beginning of their names, and whether tasks have several structures."""
TOGETHER = "+"
"""Between the labels of structures that are one task."""
Case = tuple[str, str]


class Task(NamedTuple):
    """Structures of a case by their labels: 3, or 3+7 where both are marked at once."""

    dataset: str
    case: str
    structures: str


def main() -> None:
    chosen = arguments()
    benchmark, _ = shared_benchmark(chosen.shared)
    use_weights(chosen.weights)
    models = Models(chosen.weights)
    names = variant_names(chosen.variants, SESSION) if chosen.variants else list(LEAVE_ONE_OUT)
    keys = {name: models.key(SESSION[name], benchmark_hash(chosen.shared)) for name in SESSION}
    store = Store(chosen.output / "leave_one_out.csv", keys)
    if not chosen.table:
        part, parts = map(int, chosen.share.split("/"))
        tasks = all_tasks(benchmark, chosen)[part::parts]
        start, stated = time.monotonic(), commit()
        with patch.object(benchmark, "load", lru_cache(maxsize=2)(benchmark.load)):
            for task, name in ((task, name) for task in tasks for name in names):
                if time.monotonic() - start > chosen.seconds:
                    break
                if not store.has(name, task):
                    row, cpu = play(benchmark, chosen.shared / "data", task, models, SESSION[name])
                    store.add(name, task, row, cpu, stated)
    (chosen.output / "leave_one_out.md").write_text(text := table(store.rows()))
    print(text)


def arguments() -> argparse.Namespace:
    parser = task_options(__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", default="", help="names with commas; default: all")
    parser.add_argument("--tasks", type=int, default=24, help="of a data set at most")
    parser.add_argument("--multi", type=int, default=1, help="structures of a task at most")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="then no more begins")
    parser.add_argument("--share", default="0/1", help="PART/PARTS of the tasks")
    parser.add_argument("--table", action="store_true", help="play nothing")
    return parser.parse_args()


# ---- playing -------------------------------------------------------------------------------------


def all_tasks(benchmark: ModuleType, chosen: argparse.Namespace) -> list[Task]:
    """Some structures of each data set, drawn once and for all, from each data set in turn."""
    queues = []
    for folder in sorted((chosen.shared / "data").glob("Dataset*/imagesTr")):
        dataset = folder.parent
        found = [
            Task(dataset.name, case, group)
            for case in sorted(
                image.name.removesuffix("_0000.nii.gz") for image in folder.iterdir()
            )
            if chosen.only in dataset.name or chosen.only in case
            for group in groups(benchmark, dataset / "labelsTr" / f"{case}.nii.gz", chosen)
        ]
        order = np.random.default_rng(crc32(dataset.name.encode())).permutation(len(found))
        queues.append([found[n] for n in order[: chosen.tasks]])
    most = max(map(len, queues), default=0)
    return [queue[n] for n in range(most) for queue in queues if n < len(queue)]


def groups(benchmark: ModuleType, labels: Path, chosen: argparse.Namespace) -> list[str]:
    """The structures of a case that are tasks, or the groups of several of them."""
    truth, _ = benchmark.slices_first(*benchmark.load(labels))
    found = benchmark.tasks(truth, chosen.multi, chosen.limit)
    return [TOGETHER.join(map(str, g)) for g in found if chosen.multi == 1 or len(g) > 1]


def play(
    benchmark: ModuleType, data: Path, task: Task, models: Models, variant: Variant
) -> tuple[Row, float]:
    """A task by a variant, as the benchmark tells it, and the CPU seconds of all rounds."""
    method = Sharing(models, variant, task)
    labels = [int(label) for label in task.structures.split(TOGETHER)]
    with patch.object(benchmark, "tasks", lambda *_: [labels]):
        rows = benchmark.run(data / task.dataset, lambda: method, ROUNDS, len(labels), 1, task.case)
        return next(row for row in rows if row["case"] == task.case), method.cpu


class Models:
    """The networks of all variants, made once, and what was last encoded by them."""

    def __init__(self, weights: Path | None) -> None:
        self.plain, self.card = load_model(weights)
        self.device = choose_device("auto")
        self._ready: dict[str, S2VNet] = {}
        self.encoded: dict[str, tuple[Case, FeatureCache, Recognition | None]] = {}

    def of(self, variant: Variant) -> S2VNet:
        """The network that a variant uses."""
        name = repr((variant.network, variant.companions))
        if name not in self._ready:
            switched = variant.switched(self.plain)
            self._ready[name] = switched.ready(self.device, working_precision(self.device))
        return self._ready[name]

    def key(self, variant: Variant, benchmark: str) -> str:
        """Says whether figures were taken with the same weights, values and benchmark. Names of
        settings do not count."""
        configuration = variant.switched(self.plain).configuration
        about = self.card["digests"], benchmark, variant.companions
        used = [values(configuration.to_dict()), values(variant.session().to_dict()), *about]
        return hashlib.sha256(json.dumps(used, sort_keys=True).encode()).hexdigest()[:12]


def values(tree: Any) -> Any:
    """A tree of settings without their names."""
    return [values(value) for value in tree.values()] if isinstance(tree, dict) else tree


class Sharing(Method):
    """The method, but what does not depend on marks is done once for all variants of a case."""

    def __init__(self, models: Models, variant: Variant, task: Task) -> None:
        super().__init__(models.of(variant), variant.session())
        self.models, self.variant, self.case, self.cpu = models, variant, task[:2], 0.0

    def segment(self, seeds: np.ndarray) -> np.ndarray:
        start = time.process_time()
        labels = super().segment(seeds)
        self.cpu += time.process_time() - start
        return labels

    def prepare(self, card: dict[str, Any]) -> None:
        session, settings = self.session, self.session.settings
        kind = repr((self.variant.network, settings.grid))
        case, features, found = self.models.encoded.get(kind, (None, None, None))
        if case != self.case or features is None or not features.there.all():
            if features is not None:
                features.close()
            super().prepare(card)
            features, found = session.volume.features, session.runner.recogniser.found
            if settings.recognise:  # else nobody looked
                self.models.encoded[kind] = self.case, features, found
        session.volume.features = features
        session.runner.recogniser.found = found if settings.recognise else None


# ---- what was measured ---------------------------------------------------------------------------


class Store:
    """The lines of a CSV file; several processes may write to it. ``keys`` of the variants say
    which lines count."""

    def __init__(self, path: Path, keys: dict[str, str]) -> None:
        self.path, self.keys = path, keys
        path.parent.mkdir(parents=True, exist_ok=True)
        self._done = set(self.rows())

    def has(self, name: str, task: Task) -> bool:
        return (name, *task) in self._done

    def add(self, name: str, task: Task, row: Row, cpu: float, stated: str) -> None:
        """Append the rounds of a task at once."""
        with self.path.open("a+", newline="") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            begun = file.read()
            writer = csv.writer(file, lineterminator="\n")
            if begun and not begun.endswith("\n"):  # killed in the middle of a line
                file.write("\n")
            if not begun:
                writer.writerow(COLUMNS)
            for number in range(1, ROUNDS + 1):
                found = after(row, number)
                scores = [round(float(np.mean(found[n])), 4) for n in ("dice", "surface_dice_2mm")]
                about = found["latency_s"], round(cpu, 2), self.keys[name], stated
                writer.writerow([name, *task, number, *scores, *about])
            file.flush()
            os.fsync(file.fileno())
        self._done.add((name, *task))
        print(f"{name:20s} {task.dataset} {task.case} {task.structures}: ", end="")
        print(*(f"{np.mean(after(row, n)['dice']):.3f}" for n in range(1, ROUNDS + 1)), end="")
        print(f"  {cpu:.1f} CPU s", flush=True)

    def rows(self) -> dict[tuple[str, ...], list[dict[str, str]]]:
        """The rounds of whole tasks, by variant, data set, case and structure."""
        found: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
        if self.path.is_file():
            with self.path.open(newline="") as file:
                for line in csv.DictReader(file):
                    if line["commit"] and line["key"] == self.keys.get(line["variant"]):
                        task = line["variant"], line["dataset"], line["case"], line["structure"]
                        found[task].append(line)
        return {task: lines[-ROUNDS:] for task, lines in found.items() if len(lines) >= ROUNDS}


def table(rows: dict[tuple[str, ...], list[dict[str, str]]]) -> str:
    """For each of ``GROUPS`` what Dice becomes without each mechanism, on the tasks that it and the
    base played: the worse it becomes the more the mechanism brings."""
    dice = {task: [float(line["dice"]) for line in lines] for task, lines in rows.items()}
    text = ""
    for group, (prefix, several) in GROUPS.items():
        there = {t for t in dice if t[1].startswith(prefix) and (TOGETHER in t[3]) == several}
        lines = []
        for name, variant in SESSION.items():
            both = [t[1:] for t in dice if t in there and t[0] == name and (BASE, *t[1:]) in there]
            if not both:
                continue
            own = np.array([dice[name, *t] for t in both])
            change = own - np.array([dice[BASE, *t] for t in both])
            cpu = np.mean([float(rows[name, *t][0]["cpu_s"]) for t in both])
            shown = [f"{own[:, n - 1].mean():.3f}" for n in SHOWN]
            errors = [with_error(change.mean(1)), *(with_error(change[:, n - 1]) for n in SHOWN)]
            lines.append([name, variant.about, len(both), *shown, *errors, f"{cpu:.1f}"])
        heads = ["variant", "is", "tasks", *(f"Dice {n}" for n in SHOWN), "change, all rounds"]
        heads += [*(f"change {n}" for n in SHOWN), "CPU s a task"]
        text += f"## {group}\n\n{markdown(heads, lines)}\n" if lines else ""
    return text


if __name__ == "__main__":
    main()
