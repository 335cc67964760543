"""How well the classes of each part of the body are found without marks, in the public volumes.

    python Testing/Benchmark/automatic_benchmark.py [--only Dataset101] [--weights FILE]

Every class is compared with the labels of a data set that make it up (``training.body_parts``),
where these were drawn; of a class that a volume does not show the drawn ml are told. Parts of the
body are looked for that the volume is recognised to show (``body_part_benchmark``).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from facts import SHARED, options
from library_benchmark import dice
from S2VNetSlicerLib.evaluation.cases import Dataset
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.segmenting import segment_automatically
from S2VNetSlicerLib.training.body_parts import BODY_PARTS, TaughtClasses, body_part
from S2VNetSlicerLib.training.prepare import known_numbers

LARGE = (
    *("liver", "spleen", "left_kidney", "right_kidney", "stomach", "aorta", "vertebrae"),
    *(f"{side}_{name}" for name in ("hip", "iliopsoas", "autochthon", "gluteus")
      for side in ("left", "right")),
)  # fmt: skip


def references(
    part: TaughtClasses, labels: dict[str, int], truth: np.ndarray, drawn: list[int] | None
) -> dict[str, np.ndarray]:
    """The mask of each class of ``part`` of which all is drawn, by its name."""
    return {
        name: np.isin(truth, numbers)
        for name, numbers in zip(part.names, part.numbers(labels), strict=True)
        if numbers and (drawn is None or set(numbers) <= set(drawn))
    }


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--data", type=Path, default=SHARED / "data")
    parser.add_argument("--only", default="Dataset101,Dataset102,Dataset110,Dataset111")
    chosen = parser.parse_args()
    model, card = load_model(chosen.weights)
    model.fuse()
    parts = {"": body_part(model.configuration.classes), **BODY_PARTS}
    chosen.output.mkdir(parents=True, exist_ok=True)
    with (chosen.output / "automatic.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("dataset", "case", "part", "class", "dice", "ml", "found_ml"))
        for folder in sorted(chosen.data.glob("Dataset1*")):
            if not any(name in folder.name for name in chosen.only.split(",")):
                continue
            data = Dataset(folder)
            labels = {name: number for number, name in data.classes.items()}
            found = defaultdict[str, list[float]](list)
            for case in data.cases("Tr"):
                volume = case.volume()
                truth, _ = case.reference(volume)
                drawn = known_numbers(data.facts, case.name)
                ml = float(np.prod(volume.geometry.spacing)) / 1000
                for known in model.body_parts:
                    wanted = references(parts[known.name], labels, truth, drawn)
                    if not wanted:
                        continue
                    result = segment_automatically(model, volume, list(wanted), card=card).labels
                    for n, (name, mask) in enumerate(wanted.items(), 1):
                        mine = result == n
                        sizes = f"{mask.sum() * ml:.2f}", f"{mine.sum() * ml:.2f}"
                        score = dice(mine, mask) if mask.any() else float("nan")
                        where = folder.name, case.name, known.name
                        table.writerow((*where, name, f"{score:.4f}", *sizes))
                        if mask.any():
                            found[name].append(score)
                file.flush()
            report(folder.name, found)


def report(dataset: str, found: dict[str, list[float]]) -> None:
    """Print the mean Dice of each class, and of those that are large."""
    if not found:
        return
    means = {name: float(np.mean(scores)) for name, scores in found.items()}
    large = [means[name] for name in LARGE if name in means]
    print(f"| {dataset} | classes {len(means)} | mean {np.mean(list(means.values())):.3f} |")
    if large:
        print(f"| {dataset} | large ones {len(large)} | mean {np.mean(large):.3f} |")
    for name, mean in sorted(means.items(), key=lambda item: -item[1]):
        print(f"| {dataset} | {name} | {mean:.3f} |", flush=True)


if __name__ == "__main__":
    main()
