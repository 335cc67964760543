"""Tiny files in the layouts in which the data sets were published."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import SimpleITK as sitk

SHAPE, SPACING = (8, 24, 28), (3.0, 1.0, 1.0)
WORD_FACTS = {
    "name": "WORD-V0.1.0",
    "description": "Whole abdomen ORgan segmentation Dataset (WORD), just for research use !!!",
    "licence": "GNU General Public License v3.0",
    "release": "v0.1.0 10/11/2021",
    "modality": {"0": "CT"},
    "labels": {"0": "background", "1": "liver", "2": "spleen", "3": "left_kidney"},
}


def write(path: Path, array: np.ndarray, spacing=SPACING, origin=(5.0, -7.0, 11.0)) -> Path:
    """``array`` [k, j, i] or [channel, k, j, i]; ``spacing`` (k, j, i) mm."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = sitk.GetImageFromArray(array, isVector=False)
    image.SetSpacing((*spacing[::-1], 1.0)[: array.ndim])
    image.SetOrigin((*origin, 0.0)[: array.ndim])
    sitk.WriteImage(image, str(path))
    return path


def read(path: Path) -> np.ndarray:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def body(seed: int = 0, structures: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """HU int16 and labels uint8 [k, j, i]: a structure beside the other."""
    labels = np.zeros(SHAPE, np.uint8)
    for k in range(structures):
        labels[1 + k % 2 : 7, 4:14, 2 + 8 * k : 8 + 8 * k] = k + 1
    noise = np.random.default_rng(seed).normal(0, 8, SHAPE)
    return (40 + 40 * labels + noise).astype(np.int16), labels


def pair(image: Path, label: Path | None, seed: int = 0) -> None:
    hu, labels = body(seed)
    write(image, hu)
    if label is not None:
        write(label, labels)


def facts(folder: Path, content: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dataset.json").write_text(json.dumps(content))


def word(root: Path) -> Path:
    folder = root / "WORD-V0.1.0"
    facts(folder, WORD_FACTS)
    for split, numbers in {"Tr": (2, 5), "Val": (1,), "Ts": (14,)}.items():
        for n in numbers:
            name = f"word_{n:04d}.nii.gz"
            pair(folder / f"images{split}" / name, folder / f"labels{split}" / name, n)
    return folder


def btcv(root: Path) -> Path:
    training = root / "Abdomen" / "RawData" / "Training"
    for n in (1, 5, 6, 38, 40):
        pair(training / f"img/img{n:04d}.nii.gz", training / f"label/label{n:04d}.nii.gz", n)
    pair(root / "Abdomen" / "RawData" / "Testing" / "img" / "img0061.nii.gz", None)
    return root / "Abdomen"


def amos(root: Path) -> Path:
    folder = root / "amos22"
    facts(
        folder,
        {
            "name": "AMOS",
            "licence": "CC-BY-SA 4.0",
            "modality": {"0": "CT"},
            "labels": {"0": "background", "1": "spleen", "2": "right kidney", "3": "arota"},
        },
    )
    for split, numbers in {"Tr": (1, 410, 507), "Va": (8, 554), "Ts": (500, 600)}.items():
        for n in numbers:
            name = f"amos_{n:04d}.nii.gz"
            label = None if split == "Ts" else folder / f"labels{split}" / name
            pair(folder / f"images{split}" / name, label, n)
    write(folder / "imagesTr" / "._amos_0001.nii.gz", body()[0])
    return folder


def msd(root: Path) -> Path:
    """Task05_Prostate: two channels in a 4D file."""
    folder = root / "Task05_Prostate"
    facts(
        folder,
        {
            "name": "PROSTATE",
            "licence": "CC-BY-SA 4.0",
            "relase": "1.0 04/05/2018",
            "modality": {"0": "T2", "1": "ADC"},
            "labels": {"0": "background", "1": "PZ", "2": "TZ"},
            "training": [
                {
                    "image": "./imagesTr/prostate_16.nii.gz",
                    "label": "./labelsTr/prostate_16.nii.gz",
                }
            ],
            "test": ["./imagesTs/prostate_08.nii.gz"],
        },
    )
    hu, labels = body(structures=2)
    write(folder / "imagesTr" / "prostate_16.nii.gz", np.stack([hu, hu + 100]))
    write(folder / "imagesTs" / "prostate_08.nii.gz", np.stack([hu, hu + 100]))
    write(folder / "labelsTr" / "prostate_16.nii.gz", labels)
    return folder
