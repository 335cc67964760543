"""Scripted sessions on real volumes, with the shipped weights and settings.

    python Testing/propagation/scripted.py            # compare with what is stored, bit by bit
    python Testing/propagation/scripted.py --write    # store what the code of now makes

The digests hold for one thread of a processor with AVX2: others round differently. Labels of one
with SSE alone were the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.propagation.session import Session
from S2VNetSlicerLib.volumes.reading import read_volume
from scipy.ndimage import binary_dilation, binary_erosion

STORED = Path(__file__).parent / "golden"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
AXIAL = {"axes": (2, 1, 0), "grows": (True, True, True)}


@dataclass
class Case:
    """A volume and two structures in it: ``image`` raw and ``truth`` uint8 [k, j, i]."""

    image: np.ndarray
    truth: np.ndarray
    spacing: tuple[float, ...]
    modality: str
    axis: int

    def plane(self, z: int) -> np.ndarray:
        """The truth of a slice."""
        return np.moveaxis(self.truth, self.axis, 0)[z]

    def stroke(self, z: int, value: int) -> np.ndarray:
        """Marks in the middle of structure ``value``, or (0) on the background around both."""
        plane = self.plane(z)
        if value:
            where = binary_erosion(plane == value, iterations=2)
            where = where if where.any() else plane == value
        else:
            around = binary_dilation(plane > 0, iterations=6)
            where = around & ~binary_dilation(plane > 0, iterations=4)
        where[1::2] = False
        return (where * (value + 1)).astype(np.uint8)

    def strokes(self, z: int) -> np.ndarray:
        """Marks of all classes."""
        return np.maximum.reduce([self.stroke(z, value) for value in (0, 1, 2)])

    def session(self) -> Session:
        return Session(network()[0], self.image, self.spacing, self.modality, 2, axis=self.axis)


@cache
def network() -> tuple[Any, dict[str, Any]]:
    return load_model()


def shared(name: str, file: str, values: tuple[int, int], axis: int, box: Any) -> Case:
    """A case of ``../shared``; FileNotFoundError where it is not there."""
    folder = DATA / name
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    volume = read_volume(folder / "imagesTr" / f"{file}_0000.nii.gz")
    labels = read_volume(folder / "labelsTr" / f"{file}.nii.gz", "MR").array[box]
    truth = sum((n * (labels == value) for n, value in enumerate(values, 1)), 0 * labels)
    image = np.ascontiguousarray(volume.array[box])
    return Case(image, truth.astype(np.uint8), volume.geometry.spacing, volume.modality, axis)


def icbm(axis: int, box: Any = ...) -> Case:
    """The ICBM 152 T1 of nilearn in voxels of 2 mm; the structures are the brain's two sides."""
    from nilearn import datasets

    def template(name: str) -> np.ndarray:
        load: Callable[..., Any] = getattr(datasets, f"load_mni152_{name}template")
        return np.ascontiguousarray(load(resolution=2).get_fdata(dtype=np.float32).T)

    brain = template("gm_") + template("wm_") > 0.5
    left = np.arange(brain.shape[2]) < brain.shape[2] // 2
    truth = np.where(left, 1, 2).astype(np.uint8) * brain
    return Case(np.rint(255 * template(""))[box], truth[box], (2.0, 2.0, 2.0), "MR", axis)


def corrected(case: Case, low: int, middle: int, high: int) -> Iterator[Any]:
    """Marks, a range, more marks, corrections, an accepted slice, a lock, marks taken back."""
    session = case.session()
    session.mark(middle, case.strokes(middle))
    yield session, session.propagate(middle - 3, middle + 4)
    yield session, chain(session.propagate(), session.refine_across_planes())
    session.mark(high, case.strokes(high))
    yield session, chain(session.propagate(), session.refine_across_planes())
    session.mark(middle, case.stroke(middle, 0))
    session.mark(middle + 2, case.stroke(middle + 2, 1))
    yield session, chain(session.propagate(), session.refine_across_planes())
    session.accept(low, case.plane(low))
    session.lock(2)
    yield session, chain(session.propagate(), session.refine_across_planes())
    session.lock(2, False)
    session.unmark(high, case.plane(high) == 2)
    yield session, chain(session.propagate(), session.refine_across_planes(low, high))


def loaded(case: Case, low: int, middle: int, high: int) -> Iterator[Any]:
    """A result that is off by two voxels, corrected; the session is then restored."""
    session = case.session()
    wrong = np.roll(case.truth, 2, (case.axis + 1) % 3)
    session.load(wrong)
    session.mark(middle, case.strokes(middle))
    yield session, chain(session.propagate(), session.refine_across_planes())
    session.accept(high, case.plane(high))
    yield session, chain(session.propagate(), session.refine_across_planes())
    snapshot = session.snapshot()
    session.close()
    session = case.session()
    session.restore(snapshot)
    session.mark(low, case.strokes(low))
    yield session, chain(session.propagate(), session.refine_across_planes())


def named(case: Case, low: int, middle: int, high: int) -> Iterator[Any]:
    """One structure is known by name, the other not; then one is found without marks."""
    session = case.session()
    yield session, session.recognise(network()[1], **AXIAL)
    both = np.zeros(case.plane(middle).shape, np.uint8)
    both[case.plane(middle) > 0] = 3
    both[52:63, 37:61] = 1
    both[54:60, 40:46] = both[54:60, 51:57] = 2  # thalami
    both[1::3] = 0
    session.mark(middle, both)
    yield session, chain(session.propagate(), session.refine_across_planes())
    session.mark(low, np.where(case.stroke(low, 1) > 0, 3, 0).astype(np.uint8))
    yield session, chain(session.propagate(), session.refine_across_planes())
    thalamus = network()[0].classes.index("left_thalamus")
    yield session, session.automatic([thalamus, -1], low, high, **AXIAL)
    session.mark(high, case.stroke(high, 0))
    yield session, chain(session.propagate(), session.refine_across_planes())


SCRIPTS: dict[str, Callable[[], Iterator[Any]]] = {
    "icbm_named": lambda: named(icbm(0, np.s_[28:50]), 4, 11, 18),
    "icbm_coronal": lambda: corrected(icbm(1, np.s_[20:70, 40:60, 8:90]), 3, 10, 17),
    "torso_ct": lambda: corrected(
        shared("Dataset101_TorsoCT", "torso_ct_001", (2, 5), 0, np.s_[66:90, 15:95, 30:110]),
        5,
        12,
        18,
    ),
    "brain_t1": lambda: corrected(
        shared("Dataset110_BrainT1", "brain_t1_001", (5, 13), 1, np.s_[100:164, 100:128, 110:174]),
        5,
        12,
        20,
    ),
    "head_neck_ct": lambda: loaded(
        shared("Dataset006_HeadNeckCT", "kbp_001", (7, 1), 2, np.s_[50:95, 18:60, 18:42]), 4, 7, 12
    ),
}


def play(name: str) -> Iterator[tuple[np.ndarray, str]]:
    """The labels after each round of a script, and a digest of all that the round gave."""
    for session, results in SCRIPTS[name]():
        digest = hashlib.sha256()
        for part in told(session, results):
            digest.update(np.ascontiguousarray(part).tobytes())
        yield session.labels.copy(), digest.hexdigest()[:16]


def told(session: Session, results: Iterable[Any]) -> Iterator[np.ndarray]:
    """What a round gives: slices in their order, labels, confidence, who made them, what next."""
    for result in results:
        if result is not None:
            yield from (np.array(result.z), result.labels, result.confidence)
    suggested = session.suggest_next_slice()
    yield from (
        session.labels,
        session.state.slice_status,
        session.confidence,
        np.array(suggested or -1),
    )


def read(name: str) -> tuple[np.ndarray, list[str]]:
    """What is stored: labels after each round [rounds, k, j, i] and the digests."""
    with lzma.open(STORED / f"{name}.npy.xz") as file:
        labels = np.load(file)
    return labels, json.loads((STORED / "digests.json").read_text())[name]


def write(name: str, labels: np.ndarray, digests: list[str]) -> None:
    """Store it."""
    STORED.mkdir(exist_ok=True)
    with lzma.open(STORED / f"{name}.npy.xz", "wb", preset=9) as file:
        np.save(file, labels)
    path = STORED / "digests.json"
    known = json.loads(path.read_text()) if path.is_file() else {}
    path.write_text(json.dumps({**known, name: digests}, indent=1, sort_keys=True) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    parser.add_argument("names", nargs="*", default=list(SCRIPTS))
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    wrong = 0
    for name in chosen.names:
        found = list(play(name))
        labels, digests = np.stack([f[0] for f in found]), [f[1] for f in found]
        if chosen.write:
            write(name, labels, digests)
            continue
        before, expected = read(name)
        same = [a == b for a, b in zip(digests, expected, strict=True)]
        share = [float((a != b).mean()) for a, b in zip(labels, before, strict=True)]
        print(name, "the same" if all(same) else f"rounds {same}, voxels {share}")
        wrong += not all(same)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
