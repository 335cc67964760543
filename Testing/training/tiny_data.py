"""Tiny data sets in nnU-Net raw layout, written in a moment."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from scipy import ndimage as ndi

HEAD_IDS = (2, 41, 3, 42, 4, 43, 16, 14, 24, 502, 507)


def write(path: Path, array: np.ndarray, spacing=(1.0, 1.0, 1.0)) -> None:
    """``array`` [k, j, i] with ``spacing`` in the same order, axes along LPS."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing[::-1])
    sitk.WriteImage(image, str(path))


def describe(
    folder: Path, channel: str, labels: dict[str, int] | None = None, **more: object
) -> None:
    """A minimal dataset.json, ``more`` facts in it."""
    folder.mkdir(parents=True, exist_ok=True)
    meta = {"channel_names": {"0": channel}, "file_ending": ".nii.gz", **more}
    meta["labels"] = {"background": 0, **(labels or {})}
    (folder / "dataset.json").write_text(json.dumps(meta))


def body(shape=(14, 70, 80), seed=0) -> tuple[np.ndarray, np.ndarray]:
    """A limb in HU with muscle, fat and a bone, and a tumour's labels."""
    rng = np.random.default_rng(seed)
    z, y, x = np.mgrid[: shape[0], : shape[1], : shape[2]].astype(float)
    y, x = y - shape[1] / 2, x - shape[2] / 2
    image = np.full(shape, -1000.0)
    image[np.hypot(y, x) < 31] = -90
    image[np.hypot(y, x - 3) < 24] = 60
    image[np.hypot(y + 8, x - 5) < 6] = 900
    tumour = (((z - 6) * 3) ** 2 + (y - 9) ** 2 + (x + 5) ** 2) < 9**2
    image[tumour] = 110
    return (image + rng.normal(0, 8, shape)).astype(np.int16), tumour.astype(np.uint8)


def volumes(root: Path, name="Dataset001_Limb", channel="CT", cases=2, spacing=(3.0, 1, 1)) -> Path:
    """A data set of limbs, slices first."""
    describe(root / name, channel)
    for case in range(cases):
        image, labels = body(seed=case)
        write(root / name / "imagesTr" / f"limb_{case}_0000.nii.gz", image, spacing)
        write(root / name / "labelsTr" / f"limb_{case}.nii.gz", labels, spacing)
    return root / name


def heads(root: Path, name="Dataset003_Heads") -> Path:
    """A data set of one invented head [S, P, L]; left structures lie on the left, at high L."""
    describe(root / name, "none")
    shape = (60, 70, 64)
    z, y, x = (g - n / 2 for g, n in zip(np.mgrid[:60, :70, :64], shape, strict=True))
    away = np.sqrt((z / 26) ** 2 + (y / 30) ** 2 + (x / 26) ** 2)
    side = x >= 0
    labels = np.zeros(shape, np.uint16)
    for radius, left, right in ((1.0, 502, 507), (0.85, 24, 24), (0.75, 3, 42), (0.6, 2, 41)):
        labels[away < radius] = np.where(side, left, right)[away < radius]
    for centre, left, right in (((4, 0, 8), 4, 43), ((-8, 4, 0), 16, 16), ((0, -3, 0), 14, 14)):
        for sign, number in ((1, left), (-1, right)):
            near = (z - centre[0]) ** 2 + (y - centre[1]) ** 2 + (x - sign * centre[2]) ** 2
            labels[near < 20] = number
    write(root / name / "labelsTr" / "head_01.nii.gz", ndi.median_filter(labels, 3))
    return root / name


TORSO = {"lung_left": 3, "lung_right": 4, "spinal_cord": 9, "body_other": 118}


def torsos(root: Path, name="Dataset004_Torsos", spacing=(3.0, 1.0, 1.0)) -> Path:
    """A data set of one invented torso with named labels; its cord is four pixels wide."""
    ring = {"ring_outside_body": 119}
    describe(root / name, "none", TORSO | ring)
    z, y, x = (g - n / 2 for g, n in zip(np.mgrid[:24, :60, :72], (24, 60, 72), strict=True))
    labels = np.zeros(z.shape, np.uint8)
    labels[np.hypot(y * 1.2, x) < 33] = 119
    labels[np.hypot(y * 1.2, x) < 29] = 118
    for sign, number in ((1, 3), (-1, 4)):
        labels[((z + 3) / 7) ** 2 + (y / 14) ** 2 + ((x - sign * 13) / 9) ** 2 < 1] = number
    labels[np.hypot(y - 17, x - z / 3) < 2.3] = 9
    write(root / name / "labelsTr" / "torso_01.nii.gz", labels, spacing)
    return root / name


NECK = {"Cord": 1, "Left": 2, "Right": 3, "Larynx": 4}


def necks(root: Path, name="Dataset006_Necks") -> Path:
    """Three CTs: in the first all four structures were drawn, in the second the larynx
    was not, and in the third its label is there although nobody lists it. The cord is drawn in some
    slices only; it goes on beyond."""
    listed = {"neck_0": list(NECK), "neck_1": ["Cord", "Left"], "neck_2": ["Cord", "Left"]}
    describe(root / name, "CT", NECK, known=listed)
    shape = (20, 44, 48)
    z, y, x = (g - n / 2 for g, n in zip(np.mgrid[:20, :44, :48], shape, strict=True))
    places = {1: (0, 8, 0, 2.1), 2: (0, 0, 13, 5), 3: (0, 0, -13, 5), 4: (0, -10, 0, 4)}
    for seed, case in enumerate(listed):
        rng = np.random.default_rng(seed)
        image = np.where(np.hypot(y, x) < 20, 40.0, -1000.0)
        labels = np.zeros(shape, np.uint8)
        for number, (_, row, column, radius) in places.items():
            inside = np.hypot(y - row, x - column) < radius
            ball = np.sqrt((z / 1.5) ** 2 + (y - row) ** 2 + (x - column) ** 2) < radius
            image[inside if number == 1 else ball] = 40 + 30 * number
            drawn = inside & (abs(z) < 5) if number == 1 else ball
            if case == "neck_0" or number < 3 or (case == "neck_2" and number == 4):
                labels[drawn] = number
        noisy = (image + rng.normal(0, 5, shape)).astype(np.int16)
        write(root / name / "imagesTr" / f"{case}_0000.nii.gz", noisy, (8.0, 4.0, 4.0))
        write(root / name / "labelsTr" / f"{case}.nii.gz", labels, (8.0, 4.0, 4.0))
    return root / name
