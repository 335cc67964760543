"""What corrections make of a loaded result.

    python correction_benchmark.py                    # as it is
    python correction_benchmark.py --variant no_trimmed_prompts

Results are the torso's classes as they are found without marks, those that are found neither well
nor hardly at all; and single structures of four sets as they were drawn, but everywhere too large.
Each is corrected by itself, three times where it is most wrong: a stroke in what is missing, one in
what is too much. Dice before and after each correction.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import islice
from types import ModuleType

import numpy as np
from automatic_benchmark import references
from S2VNetSlicerLib.evaluation.cases import Dataset, Labelled
from S2VNetSlicerLib.library.learned import Orientation
from S2VNetSlicerLib.propagation.session import Session
from S2VNetSlicerLib.segmenting import segment_automatically
from S2VNetSlicerLib.training.body_parts import BODY_PARTS
from S2VNetSlicerLib.volumes.volume import Volume
from scipy import ndimage as ndi
from variants import SESSION, one_variant

FOUND = ("Dataset101_TorsoCT", "Dataset102_AbdomenMR")
GROWN = (*FOUND, "Dataset104_SarcomaT1Test", "Dataset109_VertebraeT2")
MOST = 8
"""Structures of a set that grow, at most."""
BETWEEN = (0.35, 0.8)
"""Dice of found classes that are worth a correction."""
ROUNDS, LARGER, SHIFT = 3, 3, 2
"""Corrections; pixels by which a result is too large, and by which it is away at most."""


def main() -> None:
    chosen, benchmark, model = one_variant(__doc__)
    settings = SESSION[chosen.variant].session()

    def found(data: Dataset, case: Labelled) -> Iterator[list[float]]:
        volume = case.volume()
        truth, _ = case.reference(volume)
        labels = {name: number for number, name in data.classes.items()}
        wanted = references(BODY_PARTS["torso"], labels, truth, None)
        wanted = {name: mask for name, mask in wanted.items() if mask.any()}
        result = segment_automatically(model, volume, list(wanted)).labels
        for number, (name, mask) in enumerate(wanted.items(), 1):
            if BETWEEN[0] < benchmark.dice(result == number, mask) < BETWEEN[1]:
                print(f"| {case.name} | {name}, found", end=" ")
                yield corrected(volume, result, mask, number)

    def grown(data: Dataset, case: Labelled) -> Iterator[list[float]]:
        volume = case.volume()
        truth, _ = case.reference(volume)
        axis, plane = slices_of(volume), np.zeros((3, 3, 3), bool)
        plane[1] = ndi.generate_binary_structure(2, 1)
        for (number,) in benchmark.tasks(np.moveaxis(truth, axis, 0), 1, MOST):
            mask = truth == number
            rng = np.random.default_rng(zlib.crc32(f"{case.name}{number}".encode()))
            away = np.insert(rng.integers(-SHIFT, SHIFT + 1, 2), axis, 0)
            larger = ndi.binary_dilation(
                ndi.shift(mask.astype(np.uint8), away, order=0), np.moveaxis(plane, 0, axis), LARGER
            )
            print(f"| {case.name} | {data.classes[number]}, grown", end=" ")
            yield corrected(volume, (larger | mask).astype(np.uint8), mask, 1)

    def corrected(volume: Volume, result: np.ndarray, mask: np.ndarray, number: int) -> list[float]:
        about = volume.array, volume.geometry.spacing, volume.modality, int(result.max())
        session = Session(model, *about, axis=slices_of(volume), settings=settings)
        session.load(result.copy())
        dice = corrections(benchmark, session, mask, number)
        session.close()
        print("|", *(f"{d:.3f} |" for d in dice), flush=True)
        return dice

    for name, sets, make, most in (("found", FOUND, found, None), ("grown", GROWN, grown, MOST)):
        rows: list[list[float]] = []
        for folder in sets:
            data = Dataset(chosen.shared / "data" / folder)
            rows += islice((row for case in data.cases("Tr") for row in make(data, case)), most)
        dice, error = np.mean(rows, 0), np.std(rows, 0, ddof=1) / len(rows) ** 0.5
        print(chosen.variant, name, len(rows), end=": ")
        print(*(f"{d:.3f} ± {e:.3f}" for d, e in zip(dice, error, strict=True)), flush=True)


def slices_of(volume: Volume) -> int:
    """The axis of slices: thick ones, else axial ones."""
    spacing = volume.geometry.spacing
    if max(spacing) > 1.3 * sorted(spacing)[1]:
        return int(np.argmax(spacing))
    return Orientation.of(volume.geometry.ijk_to_ras).axes.index(2)


def corrections(
    benchmark: ModuleType, session: Session, mask: np.ndarray, number: int
) -> list[float]:
    """Dice of structure ``number`` with ``mask``, before and after each correction."""
    right, now = (np.moveaxis(a, session.axis, 0) for a in (mask, session.labels))
    rng = np.random.default_rng(int(mask.sum()))
    marks, dice = np.zeros(right.shape, np.uint8), [benchmark.dice(now == number, right)]
    for _ in range(ROUNDS):
        z, drawn = benchmark.correction(rng, right.astype(np.uint8), now == number, marks, 1)
        marks[z][drawn > 0] = drawn[drawn > 0]
        session.mark(z, np.where(drawn == 2, number + 1, drawn).astype(np.uint8))
        for _ in (*session.propagate(), *session.refine_across_planes()):
            pass
        dice.append(benchmark.dice(now == number, right))
    return dice


if __name__ == "__main__":
    main()
