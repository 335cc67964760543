"""Labelled cases of an nnU-Net raw data set, and results that belong to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from ..errors import UserError
from ..volumes.geometry import Geometry
from ..volumes.reading import VOLUME_SUFFIXES, read_image, read_volume
from ..volumes.volume import Volume
from .layouts import SPLITS

RESULT_SUFFIXES = (".seg.nrrd", *VOLUME_SUFFIXES)
_SEGMENTATION = ".seg.nrrd"


@dataclass(frozen=True)
class Labelled:
    """A case with a reference; ``modality`` "CT" or "MR", None where dataset.json does not tell."""

    name: str
    image: Path
    label: Path
    modality: str | None = None

    def volume(self) -> Volume:
        """The image, checked."""
        return read_volume(self.image, self.modality)

    def reference(self) -> tuple[np.ndarray, Geometry]:
        """Reference label map [k, j, i] and its grid."""
        labels, geometry, _ = read_image(self.label)
        return labels, geometry


@dataclass(frozen=True)
class Dataset:
    """An nnU-Net raw data set. Raises UserError where its files do not tell what is asked."""

    folder: Path

    @cached_property
    def facts(self) -> dict[str, Any]:
        """dataset.json."""
        path = self.folder / "dataset.json"
        try:
            facts = json.loads(path.read_text("utf-8"))
            dict(facts["labels"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"{path} cannot be read: give a folder in nnU-Net raw layout."
            ) from error
        return facts

    @property
    def classes(self) -> dict[int, str]:
        """Name of each class by its number in the label maps, without the background."""
        return {
            number: name
            for name, number in self.facts["labels"].items()
            if isinstance(number, int) and number > 0
        }

    @property
    def modality(self) -> str | None:
        """ "CT" or "MR" as the first channel is called; None for other names."""
        channels = self.facts.get("channel_names") or self.facts.get("modality") or {}
        first = str(channels.get("0", "")).upper()
        return "CT" if first.startswith("CT") else "MR" if first.startswith("MR") else None

    def default_split(self) -> str:
        """The split that the papers measure on: test where labelled, else validation, else Tr."""
        for split in ("Ts", "Val"):
            if (self.folder / f"labels{split}").is_dir():
                return split
        return "Tr"

    def cases(self, split: str, only: str = "") -> list[Labelled]:
        """The labelled cases of a split ("Tr", "Val" or "Ts") with ``only`` in their name."""
        if split not in SPLITS:
            raise UserError(f"The split {split} is unknown: use {', '.join(SPLITS)}.")
        ending = self.facts.get("file_ending", ".nii.gz")
        found = []
        for label in sorted((self.folder / f"labels{split}").glob(f"[!.]*{ending}")):
            name = label.name.removesuffix(ending)
            image = self.folder / f"images{split}" / f"{name}_0000{ending}"
            if only not in name:
                continue
            if not image.is_file():
                raise UserError(f"{image} is missing: {label.name} needs its image.")
            found.append(Labelled(name, image, label, self.modality))
        if not found:
            raise UserError(
                f"{self.folder / f'labels{split}'} holds no labels to compare with: choose "
                "another split."
            )
        return found


def find_result(folder: Path, name: str) -> Path | None:
    """The result of the case ``name`` in ``folder``: a label map or a Slicer segmentation."""
    paths = (folder / f"{name}{suffix}" for suffix in RESULT_SUFFIXES)
    return next((path for path in paths if path.is_file()), None)


def read_result(path: Path, classes: Mapping[int, str], reference: Path) -> np.ndarray:
    """Labels [k, j, i] of a result on the grid of ``reference``, numbered as ``classes``.

    Structures of a Slicer segmentation (.seg.nrrd), or of a result of s2vnet batch with its
    NAME.report.json, are recognised by name; other label maps must have the data set's numbers.
    Raises UserError when the grids differ or a name is unknown.
    """
    labels, geometry, metadata = read_image(path)
    names = dict(_segments(metadata)) or _reported(path)
    _, wanted, _ = read_image(reference)
    if path.name.endswith(_SEGMENTATION) and not geometry.is_close(wanted):
        labels, geometry = _on_grid(path, reference)  # Slicer crops segmentations.
    if not geometry.is_close(wanted):
        raise UserError(f"{path} does not lie on the grid of {reference}: resample it to that.")
    return labels if not names else renumber(labels, names, classes, str(path))


def renumber(
    labels: np.ndarray, names: Mapping[int, str], classes: Mapping[int, str], source: str
) -> np.ndarray:
    """``labels``, whose structures are called ``names``, with the numbers of ``classes``.

    Raises UserError when none of the names is a class; names beyond the classes become background.
    """
    numbers = {plain(name): number for number, name in classes.items()}
    if not {plain(name) for name in names.values()} & set(numbers):
        raise UserError(
            f"{source} has none of the data set's classes ({', '.join(classes.values())}): rename "
            "its structures."
        )
    table = np.zeros(max(int(labels.max(initial=0)), *names) + 1, np.int32)
    for old, name in names.items():
        table[old] = numbers.get(plain(name), 0)
    return table[labels.astype(np.int64)]


def plain(name: str) -> str:
    """A class's name as it is compared: "Left_Kidney" is "left kidney"."""
    return " ".join(re.split(r"[\s_]+", name.strip().lower()))


def _segments(metadata: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Label value and name of each segment of a .seg.nrrd with one layer."""
    for key, name in metadata.items():
        if found := re.fullmatch(r"Segment(\d+)_Name", key):
            yield int(metadata[f"Segment{found[1]}_LabelValue"]), name


def _reported(path: Path) -> dict[int, str]:
    """Names from the report that s2vnet batch wrote beside its result; else empty."""
    name = next(path.name.removesuffix(s) for s in RESULT_SUFFIXES if path.name.endswith(s))
    report = path.with_name(f"{name}.report.json")
    if not report.is_file():
        return {}
    try:
        structures = json.loads(report.read_text("utf-8"))["structures"]
        return {number: s["name"] for number, s in enumerate(structures, 1)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{report} cannot be read: remove it or make it again.") from error


def _on_grid(path: Path, reference: Path) -> tuple[np.ndarray, Geometry]:
    """A segmentation put on the grid of ``reference``, nearest neighbour."""
    grid = sitk.ReadImage(str(reference))
    image = sitk.ReadImage(str(path))
    moved = sitk.Resample(image, grid, sitk.Transform(), sitk.sitkNearestNeighbor)
    return sitk.GetArrayFromImage(moved), Geometry.from_sitk(moved)
