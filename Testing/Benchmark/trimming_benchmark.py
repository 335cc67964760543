"""What a stroke of background along the rim of a structure leaves of it.

    python trimming_benchmark.py                    # as it is
    python trimming_benchmark.py --variant no_trimming

The tasks of the shared benchmark correct what is wrong most, seldom by a trim. Here each structure
of three volumes is marked once; four slices on, half of the rim of what is shown is then struck
out. Dice is that of the slice with what is shown without the struck part.
"""

from __future__ import annotations

import argparse
import zlib
from pathlib import Path
from types import ModuleType

import numpy as np
from S2VNetSlicerLib.network.model import S2VNet
from S2VNetSlicerLib.propagation.session import Session
from scipy.ndimage import distance_transform_edt
from variants import SESSION, one_variant

SETS = {"Dataset101": "CT", "Dataset102": "MR", "Dataset109": "MR"}
AWAY = (4, -4, 3, -3, 2, -2)
"""Slices from the marked one, the first of which that shows enough is trimmed."""
LEAST, RIM, WIPED = 60, 0.3, 0.2
"""Pixels that are enough; share of the depth that is the rim; share of pixels that is next to
nothing."""


def main() -> None:
    chosen, benchmark, model = one_variant(__doc__)
    found: list[tuple[float, float]] = []
    for name, modality in SETS.items():
        for image in sorted((chosen.shared / "data").glob(f"{name}_*/imagesTr/*_0000.nii.gz")):
            found += trims(benchmark, image, modality, model, chosen)
    dice, left = np.array(found).T
    error = dice.std(ddof=1) / len(dice) ** 0.5
    wiped = f"{(left < WIPED).sum()} of {len(left)} all but gone"
    print(f"{chosen.variant}: Dice {dice.mean():.3f} ± {error:.3f}, {wiped}")


def trims(
    benchmark: ModuleType, image: Path, modality: str, model: S2VNet, chosen: argparse.Namespace
) -> list[tuple[float, float]]:
    """Dice and the share of pixels that are left, of each structure of a volume."""
    case, found = image.name.removesuffix("_0000.nii.gz"), []
    labels = image.parents[1] / "labelsTr" / f"{case}.nii.gz"
    array, spacing = benchmark.slices_first(*benchmark.load(image))
    every, _ = benchmark.slices_first(*benchmark.load(labels))
    settings = SESSION[chosen.variant].session()
    for (number,) in benchmark.tasks(every, 1, 2 * chosen.limit):
        truth = (every == number).astype(np.uint8)
        rng = np.random.default_rng(zlib.crc32(f"{case}{number}".encode()))
        session = Session(model, array.astype(np.float32), spacing, modality, 1, settings=settings)
        z = int(truth.sum((1, 2)).argmax())
        session.mark(z, benchmark.first_marks(rng, truth, z, 1))
        for _ in (*session.propagate(), *session.refine_across_planes()):
            pass
        there = [z + n for n in AWAY if 0 <= z + n < len(truth)]
        there = [n for n in there if (session.labels[n] > 0).sum() > LEAST]
        if there:
            found.append(trim(benchmark, session, there[0], rng))
        session.close()
    return found


def trim(
    benchmark: ModuleType, session: Session, z: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Strike out half of the rim of slice ``z``."""
    shown = session.labels[z] > 0
    depth = distance_transform_edt(shown)
    half = np.arange(shown.shape[1]) > np.argwhere(shown)[:, 1].mean()
    struck = shown & (depth <= RIM * depth.max()) & half
    session.mark(z, benchmark.stroke(rng, struck).astype(np.uint8))
    for _ in session.propagate():
        pass
    left, wanted = session.labels[z] > 0, shown & ~struck
    return benchmark.dice(left, wanted), float(left.sum() / shown.sum())


if __name__ == "__main__":
    main()
