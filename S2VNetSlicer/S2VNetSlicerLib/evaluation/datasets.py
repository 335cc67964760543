"""Published data sets in nnU-Net raw layout, for training and evaluation.

Beside nnU-Net's imagesTr, labelsTr, imagesTs and dataset.json there are labelsTs where test labels
were published, and imagesVal and labelsVal for an official validation split, which neither nnU-Net
nor our training reads. Layout: nnU-Net, documentation/dataset_format.md.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from ..volumes.nifti import read_grid
from ..volumes.reading import Image, read_file
from ..volumes.seeds import whole_numbers
from ..volumes.writing import atomic_write, write_label_map
from .cases import check_known
from .layouts import ENDING, SPLITS, Layout, Published, read_layout

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Converted:
    """``counts`` of cases by split; ``problems``: a sentence for each case that was left out."""

    folder: Path
    counts: dict[str, int]
    problems: list[str]


def convert(
    source: Path, kind: str, output: Path, *, modality: str | None = None, copy: bool = False
) -> Converted:
    """Convert the unpacked download ``source`` of ``kind`` (word, btcv, amos, msd) to ``output``.

    Images and labels are linked, or copied; channels of 4D images and label maps whose axes have
    another order or direction than the image's are written anew. A case whose label map lies on
    another lattice or holds unknown numbers, or that cannot be read, is left out and named.
    Raises UserError when ``source`` is not such a download or ``output`` is there already.
    """
    source, output = Path(source).absolute(), Path(output).absolute()
    layout = read_layout(source, kind, modality)
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UserError(f"{output} is there already: give the name of a new folder.")
    fresh = output.with_name(f".{output.name}.new")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        done, problems = _cases(layout, fresh, copy)
        facts = describe(layout, kind, done, problems)
        with atomic_write(fresh / "dataset.json") as temporary:
            temporary.write_text(json.dumps(facts, indent=1, ensure_ascii=False), "utf-8")
        if output.exists():
            output.rmdir()
        fresh.rename(output)
    except OSError as error:
        raise UserError(f"{output} cannot be written", error) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Converted(output, dict(Counter(case.split for case in done)), problems)


def describe(
    layout: Layout, kind: str, cases: list[Published], problems: list[str]
) -> dict[str, Any]:
    """dataset.json: nnU-Net's fields, the facts of the download, and the official splits."""
    splits = {
        name: [case.name for case in cases if case.split == split] for split, name in SPLITS.items()
    }
    return {
        **layout.facts,
        "source": kind,
        "channel_names": {str(n): name for n, name in enumerate(layout.channels)},
        "labels": layout.labels,
        "numTraining": len(splits["training"]),
        "file_ending": ENDING,
        "splits": splits,
        "left_out": problems,
    }


def _cases(layout: Layout, folder: Path, copy: bool) -> tuple[list[Published], list[str]]:
    done, problems = [], []
    for case in layout.cases:
        try:
            label = check(case, len(layout.channels), set(layout.labels.values()))
        except UserError as error:
            problems.append(str(error))
            continue
        images, labels = (folder / f"{what}{case.split}" for what in ("images", "labels"))
        images.mkdir(exist_ok=True)
        if len(layout.channels) == 1:
            _take(case.image, images / f"{case.name}_0000{ENDING}", copy)
        else:
            _split(case.image, images, case.name)
        if case.label is not None and label is not None:
            labels.mkdir(exist_ok=True)
            target = labels / f"{case.name}{ENDING}"
            if label.path == case.label:
                _take(case.label, target, copy)
            else:  # nnU-Net wants the axes of the image
                numbers = whole_numbers(label.array, str(case.label))
                write_label_map(target, numbers, label.geometry, label.forms)
        done.append(case)
    if not done:
        raise UserError(f"None of the cases can be used; the first: {problems[0]}")
    return done, problems


def check(case: Published, channels: int = 1, known: Collection[int] | None = None) -> Image | None:
    """The label map of ``case`` on its own grid; None without one.

    Raises UserError unless the image has so many ``channels``, and the label map lies on its
    lattice and holds no other numbers than ``known``. Of the image only the header is read.
    """
    geometry, forms, count = read_grid(case.image)
    if count != channels:
        raise UserError(f"{case.image} has {count} channels, not {channels}: unpack it again.")
    if case.label is None:
        return None
    label = read_file(case.label)
    image = Image(case.image, np.zeros((0, 0, 0), np.uint8), geometry, forms=forms)
    placed = label.on_grid_of(image)
    check_known(placed, known, case.label)
    same = label.geometry.is_close(geometry)
    return label if same else replace(image, array=placed)


def _take(source: Path, target: Path, copy: bool) -> None:
    """Link or copy a file; copy where the file system knows no links."""
    if not copy:
        try:
            os.symlink(source.resolve(), target)
            return
        except OSError as error:
            _log.info("%s is copied, not linked: %s", source, error)
            target.unlink(missing_ok=True)
    shutil.copyfile(source, target)


def _split(source: Path, folder: Path, name: str) -> None:
    """Write the channels of a 4D image as NAME_0000, NAME_0001, ..., placed as it is."""
    import nibabel

    image: Any = nibabel.load(source)
    for channel in range(image.shape[3]):
        path = folder / f"{name}_{channel:04d}{ENDING}"
        nibabel.save(image.slicer[..., channel], path)
