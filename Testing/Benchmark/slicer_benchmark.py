"""What a round costs inside 3D Slicer, beside the same requests without an application.

A T1 of 1 mm (two structures), a torso CT (two) and a synthetic CT of 512x512x400 (four); the steps
are those of ``Testing/desktop/measured.py``, with real events in the application's own views.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from cost_benchmark import LARGE, brain
from facts import SHARED, facts, options, use_weights
from report import markdown, report
from scene_benchmark import BALLS, balls

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import in_slicer

TORSO = "Dataset101_TorsoCT", "torso_ct_001"
LIVER, SPLEEN = 5, 1
FOURTH = 120, 400, 40.0
"""A ball beside those of ``scene_benchmark``."""


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--slicer", type=Path, default=os.environ.get("SLICER"), required=True)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--only", default="", help="t1, torso or large")
    chosen = parser.parse_args()
    stated = facts(use_weights(chosen.weights))
    output = chosen.output.absolute() / "in-slicer"
    with tempfile.TemporaryDirectory() as folder:
        makers = {"t1": t1, "torso": lambda f: torso(f, chosen.shared), "large": large}
        for name, make in makers.items():
            if chosen.only in name:
                make(Path(folder) / name)
        if in_slicer.run(chosen.slicer.absolute(), output, 3600, Path(folder)):
            raise SystemExit(f"A step failed: see {output}")
    found = json.loads((output / "timings.json").read_text())["measured"]
    text = markdown(["", "measured"], [(name, f"{value:g}") for name, value in found.items()])
    report(chosen.output, "slicer", text, {"figures": found}, stated)


def save(path: Path, array: np.ndarray, affine: np.ndarray) -> None:
    nibabel.save(nibabel.Nifti1Image(array.T, affine), path)


def both(stem: Path, image: np.ndarray, labels: np.ndarray, affine: np.ndarray) -> None:
    save(stem.with_name(f"{stem.name}.nii.gz"), image, affine)
    save(stem.with_name(f"{stem.name}-labels.nii.gz"), labels, affine)


def t1(stem: Path) -> None:
    both(stem, *brain(), np.eye(4))


def torso(stem: Path, shared: Path) -> None:
    folder, name = shared / "data" / TORSO[0], TORSO[1]
    image: Any = nibabel.load(folder / "imagesTr" / f"{name}_0000.nii.gz")
    truth: Any = nibabel.load(folder / "labelsTr" / f"{name}.nii.gz")
    drawn = np.asarray(truth.dataobj).T
    labels = np.where(drawn == LIVER, 1, np.where(drawn == SPLEEN, 2, 0)).astype(np.uint8)
    both(stem, np.asarray(image.dataobj).T, labels, image.affine)


def large(stem: Path) -> None:
    both(stem, *balls(LARGE, [*BALLS, FOURTH]), np.diag([0.8, 0.8, 1.0, 1.0]))


if __name__ == "__main__":
    main()
