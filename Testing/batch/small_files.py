"""Small volumes and marks on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

SHAPE = (6, 32, 40)


def write_volume(path: Path, seed: int = 1) -> Path:
    image = np.random.default_rng(seed).normal(200, 40, SHAPE).astype(np.int16)
    return write(path, image)


def write_series(folder: Path, seed: int = 1) -> Path:
    """The same as DICOM, one file a slice."""
    folder.mkdir(parents=True)
    image = sitk.GetImageFromArray(np.random.default_rng(seed).normal(200, 40, SHAPE))
    image = sitk.Cast(image, sitk.sitkInt16)
    image.SetSpacing((1.0, 1.0, 2.5))
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for n in range(SHAPE[0]):
        plane = image[:, :, n : n + 1]
        for key, value in {
            "0008|0060": "MR",
            "0008|0018": f"1.2.{seed + 1}.{n + 1}",
            "0020|000d": "1.2.3",
            "0020|000e": f"1.2.{seed + 1}",
            "0020|0052": f"1.2.{seed + 1}.9",
            "0020|0032": f"0\\0\\{2.5 * n}",
            "0020|0037": "1\\0\\0\\0\\1\\0",
        }.items():
            plane.SetMetaData(key, value)
        writer.SetFileName(str(folder / f"{n}.dcm"))
        writer.Execute(plane)
    return folder


def write(path: Path, array: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = sitk.GetImageFromArray(array)
    image.SetSpacing((1.0, 1.0, 2.5))
    sitk.WriteImage(image, str(path))
    return path


def write_seeds(path: Path) -> Path:
    seeds = np.zeros(SHAPE, np.uint8)
    seeds[2, 3:6, 3:9] = 1
    seeds[2, 12:20, 14:24] = 2
    return write(path, seeds)
