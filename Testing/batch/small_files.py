"""Small volumes and marks on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

SHAPE = (6, 32, 40)


def write_volume(path: Path, seed: int = 1) -> Path:
    image = np.random.default_rng(seed).normal(200, 40, SHAPE).astype(np.int16)
    return write(path, image)


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
