"""Labelled cases of an nnU-Net raw data set, and results that belong to them."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from ..volumes.geometry import Geometry
from ..volumes.reading import VOLUME_SUFFIXES, read_file, read_labels, read_segments, read_volume
from ..volumes.segments import number
from ..volumes.volume import Volume
from .layouts import SPLITS

_log = logging.getLogger(__name__)
RESULT_SUFFIXES = (".seg.nrrd", *VOLUME_SUFFIXES, ".dcm")
_IGNORED = "ignore"
"""nnU-Net's name of the label that counts neither way."""


@dataclass(frozen=True)
class Labelled:
    """A case with a reference; ``modality`` "CT" or "MR", None where dataset.json does not tell.

    ``known``: the numbers that the reference may hold; None: any. ``ignored``: the one that counts
    neither way.
    """

    name: str
    image: Path
    label: Path
    modality: str | None = None
    known: frozenset[int] | None = None
    ignored: int | None = None

    def volume(self) -> Volume:
        """The image, checked."""
        return read_volume(self.image, self.modality)

    def reference(self, volume: Volume | None = None) -> tuple[np.ndarray, Geometry]:
        """Reference label map [k, j, i] on the grid of the image, and that grid; UserError where
        the label map has another lattice or unknown numbers. ``volume``: the image, if it is read
        already."""
        grid = volume or read_file(self.image)
        labels = read_labels(self.label, grid)
        check_known(labels, self.known, self.label)
        return labels, grid.geometry


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
                f"{path} is not that of a data set in nnU-Net raw layout", error
            ) from error
        return facts

    @cached_property
    def _labels(self) -> dict[str, tuple[int, ...]]:
        """The numbers of each class and region by name; nnU-Net v1 wrote {"1": name}."""
        found = {}
        for name, value in self.facts["labels"].items():
            if isinstance(value, str):
                name, value = value, name
            try:
                numbers = value if isinstance(value, list) else [value]
                found[str(name)] = tuple(int(number) for number in numbers)
            except (TypeError, ValueError) as error:
                raise UserError(
                    f"{self.folder / 'dataset.json'} gives the class {name} no number", error
                ) from error
        return found

    @property
    def classes(self) -> dict[int, str]:
        """Name of each class by its number in the label maps, without background, regions and what
        is to be ignored."""
        found = {
            numbers[0]: name
            for name, numbers in self._labels.items()
            if len(numbers) == 1 and numbers[0] > 0 and name != _IGNORED
        }
        if not found and not self.regions:
            raise UserError(f"{self.folder / 'dataset.json'} names no class beside the background.")
        return found

    @property
    def regions(self) -> dict[str, tuple[int, ...]]:
        """Classes that are several labels together (nnU-Net's region-based labels)."""
        return {name: numbers for name, numbers in self._labels.items() if len(numbers) > 1}

    @property
    def known(self) -> set[int]:
        """Every number that a label map may hold."""
        return {0}.union(*self._labels.values())

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
        ignored = self._labels.get(_IGNORED, (None,))[0]
        found = []
        for label in sorted((self.folder / f"labels{split}").glob(f"[!.]*{ending}")):
            name = label.name.removesuffix(ending)
            image = self.folder / f"images{split}" / f"{name}_0000{ending}"
            if only not in name:
                continue
            if not image.is_file():
                raise UserError(f"{image} is missing: {label.name} needs its image.")
            about = (self.modality, frozenset(self.known), ignored)
            found.append(Labelled(name, image, label, *about))
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


def read_result(
    path: Path,
    classes: Mapping[int, str],
    reference: Path | Volume,
    known: Collection[int] | None = None,
    tell: Callable[[str], object] = _log.warning,
) -> np.ndarray:
    """Labels [k, j, i] of a result on the grid of ``reference`` (a volume or the file of one),
    numbered as ``classes``.

    Structures of a Slicer segmentation (.seg.nrrd), or of a result of s2vnet batch with its
    NAME.report.json, are recognised by name; other label maps must have the data set's numbers:
    ``known``, by default those of the classes. Raises UserError for another lattice than the
    reference's, unknown numbers, names of which none is a class, and voxels of two classes.
    ``tell`` gets a sentence about names that are none.
    """
    grid = reference if isinstance(reference, Volume) else read_file(reference)
    segments, placed = read_segments(path, grid)
    if segments:
        known_as = {value: segment.name for value, segment in enumerate(segments, 1)}
        return renumber(number(segments, placed, str(path)), known_as, classes, str(path), tell)
    if placed.ndim > 3:
        raise UserError(f"{path} holds several values in each voxel: export one label map.")
    if names := _reported(path):
        check_known(placed, names, path, "its report does not name")
        return renumber(placed, names, classes, str(path), tell)
    told = ", ".join(f"{number} {name}" for number, name in classes.items())
    check_known(
        placed, classes if known is None else known, path, f"the data set does not have ({told})"
    )
    return placed


def check_known(
    labels: np.ndarray,
    known: Collection[int] | None,
    path: Path,
    lacking: str = "dataset.json does not name",
) -> None:
    """Raise UserError where a label map holds another number than 0 and ``known`` (None: any)."""
    if known is None:
        return
    if unknown := sorted(set(np.unique(labels).tolist()) - {0, *known}):
        raise UserError(f"{path} holds the label {unknown[0]:g}, which {lacking}.")


def renumber(
    labels: np.ndarray,
    names: Mapping[int, str],
    classes: Mapping[int, str],
    source: str,
    tell: Callable[[str], object] = _log.warning,
) -> np.ndarray:
    """``labels``, whose structures are called ``names``, with the numbers of ``classes``.

    Raises UserError when none of the names is a class; names beyond the classes become background,
    which ``tell`` is told.
    """
    numbers = {plain(name): number for number, name in classes.items()}
    if not {plain(name) for name in names.values()} & set(numbers):
        raise UserError(
            f"{source} has none of the data set's classes ({', '.join(classes.values())}): rename "
            "its structures."
        )
    if beyond := [name for name in names.values() if plain(name) not in numbers]:
        tell(f"{source}: no class of the data set, so background here: {', '.join(beyond)}.")
    table = np.zeros(max(int(labels.max(initial=0)), *names) + 1, np.int32)
    for old, name in names.items():
        table[old] = numbers.get(plain(name), 0)
    return table[labels.astype(np.int64)]


def plain(name: str) -> str:
    """A class's name as it is compared: "Left_Kidney" is "left kidney"."""
    return " ".join(re.split(r"[\s_]+", name.strip().lower()))


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
        raise UserError(f"{report} cannot be read", error) from error
