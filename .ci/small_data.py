"""Small data that the documentation's commands are run on; see documented.py."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

DEMO = ("icbm152.nii.gz", "marks.nii.gz", "marks.mrk.json", "icbm152.seg.nrrd", "icbm152.mrb")
MAKERS: dict[str, Callable[[Path, Path], None]] = {}


def make(words: list[str], folder: Path, root: Path) -> None:
    """``words`` are the kind and, if it is not the usual one, the name below ``folder``.

    Runs in the environment of the clone at ``root``, whose packages it needs.
    """
    python = root / ".venv" / "bin" / "python"
    subprocess.run([python, __file__, *words], cwd=folder, check=True)


def maker(function: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
    MAKERS[function.__name__] = function
    return function


def _testing(root: Path, folder: str, module: str) -> Any:
    """A module of the tests that makes data."""
    sys.path.insert(0, str(root / "Testing" / folder))
    return __import__(module)


@maker
def demo(target: Path, root: Path) -> None:
    """What make demo leaves, beside the commands."""
    for name in DEMO:
        shutil.copyfile(root / "demo-output" / name, target / name)


@maker
def ct(target: Path, root: Path) -> None:
    """A limb with a tumour: NAME.nii.gz, NAME.seeds.nii.gz with marks on one slice."""
    tiny = _testing(root, "training", "tiny_data")
    image, labels = tiny.body()
    write_case(tiny, target.parent, target.name, image, labels)


@maker
def folder(target: Path, root: Path) -> None:
    """Three volumes with marks beside them."""
    tiny = _testing(root, "training", "tiny_data")
    for n in range(3):
        write_case(tiny, target, f"limb_{n}", *tiny.body(seed=n))


def write_case(tiny: Any, folder: Path, name: str, image: Any, labels: Any) -> None:
    """A volume and its marks NAME.seeds.nii.gz on slice 6."""
    import numpy as np
    from scipy import ndimage as ndi

    seeds = np.zeros_like(labels)
    seeds[6] = ndi.binary_erosion(labels[6], iterations=3) * np.uint8(2)
    seeds[6, 20:24, 30:44] = 1
    spacing = (3.0, 1.0, 1.0)
    tiny.write(folder / f"{name}.nii.gz", image, spacing)
    tiny.write(folder / f"{name}.seeds.nii.gz", seeds, spacing)


@maker
def nnunet(target: Path, root: Path) -> None:
    """Data sets in nnU-Net raw layout: one to train on, label maps of heads, one to measure."""
    tiny = _testing(root, "training", "tiny_data")
    tiny.volumes(target, "Dataset001_Limb", "CT")
    tiny.heads(target, "Dataset003_Heads")
    described = tiny.volumes(target, "Dataset101_LimbTest", "CT", cases=1) / "dataset.json"
    facts = json.loads(described.read_text())
    described.write_text(json.dumps({**facts, "labels": {"background": 0, "tumour": 1}}))


@maker
def word(target: Path, root: Path) -> None:
    """WORD as it is published, tiny; BTCV and AMOS likewise."""
    _published(target, root, "word")


@maker
def btcv(target: Path, root: Path) -> None:
    _published(target, root, "btcv")


@maker
def amos(target: Path, root: Path) -> None:
    _published(target, root, "amos")


def _published(target: Path, root: Path, kind: str) -> None:
    made = getattr(_testing(root, "evaluation", "published_data"), kind)(target.parent)
    if made != target:
        made.rename(target)


@maker
def dicom(target: Path, root: Path) -> None:
    """One CT series of 14 slices."""
    import SimpleITK as sitk

    tiny = _testing(root, "training", "tiny_data")
    image, _ = tiny.body()
    target.mkdir(parents=True)
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for k, pixels in enumerate(image):
        one = sitk.GetImageFromArray(pixels)
        tags = {
            "0008|0060": "CT",
            "0008|103e": "limb",
            "0020|000d": "1.2.826.0.1.3680043.2.1125.1",
            "0020|000e": "1.2.826.0.1.3680043.2.1125.2",
            "0008|0018": f"1.2.826.0.1.3680043.2.1125.3.{k + 1}",
            "0020|0013": str(k + 1),
            "0020|0032": f"0\\0\\{3 * k}",
            "0020|0037": "1\\0\\0\\0\\1\\0",
            "0018|0050": "3",
        }
        for tag, value in tags.items():
            one.SetMetaData(tag, value)
        writer.SetFileName(str(target / f"{k:03d}.dcm"))
        writer.Execute(one)


@maker
def run(target: Path, root: Path) -> None:
    """A finished training run of a few steps, with the data it learned from in DATASETS."""
    if not (target.parent / "DATASETS").exists():
        nnunet(target.parent / "DATASETS", root)
    command = [str(root / ".venv" / "bin" / "s2vnet"), "train", "--data", "DATASETS"]
    options = ["--output", target.name, "--steps", "2", "--workers", "0"]
    subprocess.run([*command, *options], cwd=target.parent, check=True)


USUAL = {
    "demo": ".", "ct": "ct", "folder": "volumes", "nnunet": "DATASETS", "word": "WORD-V0.1.0",
    "btcv": "Abdomen", "amos": "amos22", "dicom": "series", "run": "RUN",
}  # fmt: skip


if __name__ == "__main__":
    kind, *named = sys.argv[1:]
    MAKERS[kind](Path.cwd() / (named[0] if named else USUAL[kind]), Path(__file__).parents[1])
