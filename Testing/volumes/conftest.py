"""What the tests of the volumes layer share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def array() -> np.ndarray:
    """A small CT [4, 5, 6] in HU, int16."""
    return np.random.default_rng(1).integers(-1000, 1000, (4, 5, 6)).astype(np.int16)


@pytest.fixture
def write_series(tmp_path: Path) -> Callable[..., Path]:
    """Writes axial DICOM slices at heights ``z`` (mm) into a folder and returns the folder."""

    def write(z: Sequence[float], uid: str = "1.2.3.4", drift: float = 0, **tags: str) -> Path:
        folder = tmp_path / "series"
        folder.mkdir(exist_ok=True)
        writer = sitk.ImageFileWriter()
        writer.KeepOriginalImageUIDOn()
        for n, height in enumerate(z):
            pixels = np.full((1, 5, 6), n * 100 - 300, np.int16)
            pixels[0, 0, 0] = 1000
            image = sitk.GetImageFromArray(pixels)
            image.SetSpacing((0.7, 0.8, 3.0))
            values = {
                "0008|0018": f"{uid}.{n}",
                "0008|0060": "CT",
                "0008|103e": f"Series {uid}",
                "0020|000d": "1.2.3",
                "0020|000e": uid,
                "0020|0032": f"5\\{6 + drift * n}\\{height}",
                "0020|0037": "1\\0\\0\\0\\1\\0",
            }
            values |= {key.replace("x", "|"): value for key, value in tags.items()}
            for key, value in values.items():
                image.SetMetaData(key, value)
            writer.SetFileName(str(folder / f"{uid}-{n}.dcm"))
            writer.Execute(image)
        return folder

    return write
