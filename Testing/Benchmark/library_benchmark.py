"""How well a class learned from one volume is found in another one, without marks.

    python Testing/Benchmark/library_benchmark.py DATA [--only sarcoma,kbp] [--icbm FOLDER]

DATA holds the nnU-Net raw data sets. Of the first volume five true slices are accepted and carried
through; the class learned from that is then looked for in the second. The Dice of each case is
printed. Settings of the search were chosen while looking at these same pairs, but for those of
Dataset111.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from S2VNetSlicerLib.library.finding import find_all
from S2VNetSlicerLib.library.learned import LearnedClass, Orientation
from S2VNetSlicerLib.library.learning import learn
from S2VNetSlicerLib.network.model import S2VNet
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.propagation.session import Session
from S2VNetSlicerLib.volumes.reading import read_file, read_volume
from S2VNetSlicerLib.volumes.volume import Volume

ACCEPTED = 5
Card = dict[str, Any]


@dataclass
class Case:
    """A structure in a volume, and what else is labelled there already."""

    volume: Volume
    truth: np.ndarray
    other: np.ndarray | None = None


def dice(a: np.ndarray, b: np.ndarray) -> float:
    """Twice the overlap over the sum."""
    return float(2 * (a & b).sum() / max(a.sum() + b.sum(), 1))


def teach(model: S2VNet, card: Card, case: Case, axis: int) -> tuple[LearnedClass, float]:
    """The class after five accepted slices, and the Dice of the volume they make."""
    v = case.volume
    session = Session(model, v.array, v.geometry.spacing, v.modality, 1, axis=axis)
    truth = np.moveaxis(case.truth, axis, 0)
    there = np.flatnonzero(truth.any((1, 2)))
    inner = there[np.linspace(0, len(there) - 1, ACCEPTED + 2).round().astype(int)][1:-1]
    for z in np.unique(inner).tolist():
        session.accept(z, truth[z].astype(np.uint8))
    place = Orientation.of(v.geometry.ijk_to_ras)
    for _ in (*session.propagate(), *session.recognise(card, place.axes, place.grows)):
        pass
    learned = learn(session, 1, "class", weights=card["name"], orientation=place)
    score = dice(session.labels == 1, case.truth)
    session.close()
    return learned, score


def apply(model: S2VNet, card: Card, learned: LearnedClass, case: Case, axis: int) -> float:
    """Dice of the class in another volume."""
    v = case.volume
    session = Session(model, v.array, v.geometry.spacing, v.modality, 2, axis=axis)
    if case.other is not None:
        session.load(case.other.astype(np.uint8) * 2)
    place = Orientation.of(v.geometry.ijk_to_ras)
    for _ in find_all(session, {1: learned}, card=card, orientation=place):
        pass
    found = session.labels == 1
    session.close()
    return dice(found, case.truth)


def pairs(data: Path, icbm: Path | None) -> dict[str, tuple[Case, Case, int]]:
    """What is learned, where it is looked for, and the axis of the slices, by name."""

    @lru_cache
    def read(folder: str, name: str, modality: str) -> tuple[Volume, np.ndarray]:
        at = next(data.glob(f"{folder}_*"))
        volume = read_volume(at / "imagesTr" / f"{name}_0000.nii.gz", modality)
        return volume, read_file(at / "labelsTr" / f"{name}.nii.gz").array

    def case(folder: str, name: str, labels: tuple[int, ...], modality: str) -> Case:
        volume, found = read(folder, name, modality)
        return Case(volume, np.isin(found, labels))

    made: dict[str, tuple[Case, Case, int]] = {}
    for folder, modality in (("Dataset103", "CT"), ("Dataset104", "MR")):
        at = next(data.glob(f"{folder}_*")) / "labelsTr"
        names = sorted(p.name.removesuffix(".nii.gz") for p in at.glob("*.nii.gz"))
        for a, b in pairwise(names):
            one, two = (case(folder, n, (1,), modality) for n in (a, b))
            made[f"sarcoma {modality} {a} to {b}"] = (one, two, 0)

    at = next(data.glob("Dataset111_*"))
    facts = json.loads((at / "dataset.json").read_text())
    for a, b in pairwise(sorted(facts["known"])):
        for what in sorted(set(facts["known"][a]) & set(facts["known"][b])):
            label = (facts["labels"][what],)
            one, two = (case("Dataset111", n, label, "CT") for n in (a, b))
            if one.truth.any() and two.truth.any():
                made[f"{what} {a} to {b}"] = (one, two, 0)

    def same(name: str, folder: str, file: str, a: int, b: int, modality: str) -> None:
        one, two = (case(folder, file, (n,), modality) for n in (a, b))
        axis = int(np.argmax(np.round(one.volume.geometry.spacing, 3)))
        two.other = one.truth
        made[name] = (one, two, axis)

    same("vertebra 22 to 23", "Dataset108", "vertebrae_ct_001", 22, 23, "CT")
    same("vertebra 23 to 22", "Dataset108", "vertebrae_ct_001", 23, 22, "CT")
    same("kidney right to left", "Dataset102", "abdomen_mr_001", 2, 3, "MR")
    same("kidney left to right", "Dataset102", "abdomen_mr_001", 3, 2, "MR")
    if icbm is not None:
        brain = case("Dataset110", "brain_t1_001", (1, 2), "MR")
        whole = read_volume(icbm / "mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz", "MR")
        white = read_file(icbm / "mni_icbm152_wm_tal_nlin_sym_09a_converted.nii.gz").array
        template = Case(whole, white > white.max() / 2)
        up = 2
        first = list(Orientation.of(brain.volume.geometry.ijk_to_ras).axes).index(up)
        brain = _turned(brain, first)
        made["white matter brain_t1_001 to ICBM152"] = (brain, template, 0)
        made["white matter ICBM152 to brain_t1_001"] = (template, brain, 0)
    return made


def _turned(case: Case, axis: int) -> Case:
    """The case with ``axis`` first."""
    import SimpleITK as sitk

    order = [2 - axis, *(a for a in range(3) if a != 2 - axis)][::-1]
    grid = case.volume.geometry
    image = sitk.PermuteAxes(grid.to_sitk(case.volume.array), order)
    truth = sitk.PermuteAxes(grid.to_sitk(case.truth.astype(np.uint8)), order)
    array = sitk.GetArrayFromImage(image)
    volume = Volume(array, type(grid).from_sitk(image), case.volume.modality, name="turned")
    return Case(volume, sitk.GetArrayFromImage(truth) > 0)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--icbm", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    model, card = load_model()
    scores = []
    print("| case | known as | Dice where learned | where found | s |\n|---|---|---|---|---|")
    for name, (one, two, axis) in pairs(options.data, options.icbm).items():
        if not any(word in name for word in options.only.split(",")):
            continue
        began = time.monotonic()
        learned, own = teach(model, card, one, axis)
        score = apply(model, card, learned, two, axis)
        scores.append(score)
        seconds = time.monotonic() - began
        known = learned.known_as or "-"
        print(f"| {name} | {known} | {own:.2f} | {score:.2f} | {seconds:.0f} |", flush=True)
    if scores:
        print(f"\nmean {np.mean(scores):.2f} of {len(scores)} cases")


if __name__ == "__main__":
    main()
