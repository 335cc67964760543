"""Training data sets (nnU-Net raw layout) prepared once: plain arrays that open as memory maps.

One folder per case, ``CACHE/DATASET/CASE``: ``labels.npy`` uint8 [z, y, x]; with an image also
``image.npy`` uint8 of that shape (intensities as the network reads them), ``supervoxels.npy``
uint16 [L, z, y, x] and ``regions.npy`` (their table, see ``supervoxels.TABLE``; level 255 stands
for the labels); ``meta.json`` with spacing, ``zoom`` (network pixels per stored pixel), modality,
``classes`` (number of each by name), ``known`` (numbers of those that were looked for in this case,
where ``dataset.json`` tells; other ones may be there, unlabelled), ``anatomy`` (arguments of
``propagation.automatic.AnatomicalOrientation``) and ``body`` (first and last + 1 index
along each axis of what is no air). Slices lie across the axis of coarsest spacing. A data set
without images is one of label maps: oriented to LPS, cropped,
``labels.npy`` holds indices into ``meta["ids"]`` and ``meta["boxes"]``.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from scipy import ndimage as ndi

from ..errors import UserError
from ..propagation.inference_grid import foreground_box
from ..propagation.settings import GridSettings
from ..volumes.geometry import Geometry
from ..volumes.intensities import hu_offset, normalise
from ..volumes.nifti import read_grid
from ..volumes.reading import read_file, read_labels
from ..volumes.seeds import whole_numbers
from . import brain_classes
from .body_parts import BODY_PARTS
from .cases import LABELS
from .supervoxels import (
    EDGE_COUNTS,
    ct_levels,
    denoised,
    edge_levels,
    mr_levels,
    region_table,
    relative_strength,
)

VERSION = 4
LONG_SIDE = 256
MOST_ZOOM = 3.0


def training_datasets(root: Path) -> list[Path]:
    """The data sets under ``root`` that training may read: ``Dataset00*``."""
    return sorted(p for p in Path(root).glob("Dataset00*") if (p / "dataset.json").is_file())


def predefined_classes(root: Path, name: str = "") -> tuple[str, ...]:
    """What training on the data sets of ``root`` teaches the automatic mode, in order.

    The classes of the data set or of the part of the body (``body_parts``) ``name``; without a
    name the brain's, which label maps teach, or those of the only data set. Raises UserError where
    that does not tell.
    """
    if name in BODY_PARTS:
        return BODY_PARTS[name].names
    datasets = training_datasets(root)
    names = ", ".join(p.name for p in datasets) or "none"
    if name:
        datasets = [p for p in datasets if p.name == name.strip("/")]
        if not datasets:
            raise UserError(f"{root} has no data set {name} to train on, only: {names}.")
    if any(_of_heads(p) for p in datasets):
        return brain_classes.NAMES
    if len(datasets) != 1:
        raise UserError(
            f"{root} does not tell whose classes shall be recognised without marks: name one of "
            f"{names} with --classes-from."
        )
    classes = class_numbers(dataset_facts(datasets[0]))
    if not classes:
        raise UserError(f"{datasets[0] / 'dataset.json'} names no class: add its labels.")
    return tuple(classes)


def _of_heads(dataset: Path) -> bool:
    """Whether a data set has label maps alone, with FreeSurfer's numbers instead of names."""
    return not (dataset / "imagesTr").is_dir() and not class_numbers(dataset_facts(dataset))


def dataset_facts(dataset: Path) -> dict[str, Any]:
    """dataset.json of a data set."""
    try:
        return json.loads((dataset / "dataset.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"{dataset / 'dataset.json'} is not that of a data set in nnU-Net raw layout", error
        ) from error


def class_numbers(facts: dict[str, Any]) -> dict[str, int]:
    """Number of each class by name, lowest first."""
    numbers = {n: k for n, k in facts.get("labels", {}).items() if isinstance(k, int) and k > 0}
    return dict(sorted(numbers.items(), key=lambda item: item[1]))


def known_numbers(facts: dict[str, Any], case: str) -> list[int] | None:
    """Numbers of the classes that were looked for in ``case``; None: all of them, in all cases.

    ``known`` in dataset.json lists their names for each case; what it does not list may be there,
    unlabelled. Raises UserError for a case or a name that it does not tell.
    """
    listed = facts.get("known")
    if listed is None:
        return None
    numbers = class_numbers(facts)
    if case not in listed:
        raise UserError(f"'known' in dataset.json does not tell what was drawn in {case}.")
    for name in listed[case]:
        if name not in numbers:
            raise UserError(
                f"'known' in dataset.json lists '{name}' for {case}, not one of labels."
            )
    return sorted(numbers[name] for name in listed[case])


def modality_of(facts: dict[str, Any]) -> str:
    """ "CT" or "MR" as the first channel is called."""
    channel = str(facts.get("channel_names", {}).get("0", "MR"))
    return "CT" if "CT" in channel.upper() else "MR"


def network_zoom(rows: int, columns: int) -> float:
    """Network pixels per pixel of a plane: its long side goes towards 256, at most 3 times finer;
    factors between 0.8 and 1.25 are taken as 1."""
    zoom = min(LONG_SIDE / max(rows, columns), MOST_ZOOM)
    return 1.0 if 0.8 <= zoom <= 1.25 else zoom


def slices_first(array: np.ndarray, spacing: Sequence[float]) -> tuple[np.ndarray, list[float]]:
    """Move the axis of clearly coarsest spacing (1.3 times the next) to the front."""
    order = _order(spacing)
    return np.ascontiguousarray(array.transpose(order)), [float(spacing[i]) for i in order]


def _order(spacing: Sequence[float]) -> list[int]:
    coarse = max(spacing) > 1.3 * sorted(spacing)[1]
    axis = int(np.argmax(spacing)) if coarse else 0
    return [axis, *(i for i in range(3) if i != axis)]


def prepare_dataset(dataset_dir: Path, cache_dir: Path, workers: int = 1) -> list[Path]:
    """Prepare every case of ``dataset_dir``; cases already there and unchanged are kept.

    Returns the case folders. Raises UserError for a data set reserved for measuring
    (``Dataset1*``), one without ``dataset.json`` or labels, and cases that do not fit together.
    """
    dataset = Path(dataset_dir)
    if dataset.resolve().name.startswith("Dataset1"):
        raise UserError(
            f"{dataset.name} is for measuring only: train on a data set named Dataset00*."
        )
    meta = dataset_facts(dataset)
    ending = meta.get("file_ending", ".nii.gz")
    labels = sorted((dataset / "labelsTr").glob(f"*{ending}"))
    if not labels:
        raise UserError(f"{dataset / 'labelsTr'} holds no {ending} files: put label maps there.")
    work = partial(_prepare_case, dataset, meta, ending, Path(cache_dir) / dataset.resolve().name)
    if workers <= 1:
        return [work(path) for path in labels]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(work, labels))


def _prepare_case(
    dataset: Path, meta: dict[str, Any], ending: str, cache: Path, label_path: Path
) -> Path:
    """Prepare one case unless its stamp says that it is there already."""
    case = label_path.name.removesuffix(ending)
    image_path = dataset / "imagesTr" / f"{case}_0000{ending}"
    with_image = (dataset / "imagesTr").is_dir()
    if with_image and not image_path.is_file():
        raise UserError(f"{image_path} is missing: {label_path.name} needs its image.")
    sources = [label_path, *([image_path] if with_image else [])]
    turned = with_image and not _one_grid(image_path, label_path)
    classes = class_numbers(meta)
    known = known_numbers(meta, case)
    stamp = [
        VERSION,
        [list(item) for item in classes.items()],  # as JSON gives it back
        *([] if known is None else [known]),
        *(["turned"] if turned else []),  # which earlier versions did not see
        # Not when they were written: data sets are copied from machine to machine.
        *([p.name, hashlib.sha256(p.read_bytes()).hexdigest()] for p in sources),
    ]
    folder = cache / case
    facts = folder / "meta.json"
    if facts.is_file() and json.loads(facts.read_text())["stamp"] == stamp:
        return folder
    if with_image:
        arrays, found = _volume(image_path, label_path, modality_of(meta))
    else:
        arrays, found = _label_map(label_path)
    fresh = cache / f".{case}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, array in arrays.items():
        np.save(fresh / f"{name}.npy", array)
    found |= {"classes": classes, "known": known, "dataset": dataset.name, "case": case}
    found["stamp"] = stamp
    (fresh / "meta.json").write_text(json.dumps(found))
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    return folder


def _one_grid(image: Path, label: Path) -> bool:
    """Whether the headers of two files state the same grid; others than NIfTI are not looked at."""
    if not image.name.lower().endswith((".nii", ".nii.gz")):
        return True
    one, other = (read_grid(path)[0] for path in (image, label))
    return one.is_close(other)


def _volume(
    image_path: Path, label_path: Path, modality: str
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and facts of a labelled volume."""
    image = read_file(image_path)
    truth = whole_numbers(read_labels(label_path, image), str(label_path))
    raw, spacing = slices_first(image.array, image.geometry.spacing)
    anatomy = _anatomy(image.geometry)
    labels, _ = slices_first(truth, image.geometry.spacing)
    if raw.shape[0] < 2 or not np.isfinite(raw).all() or np.ptp(raw) == 0:
        raise UserError(f"{image_path} is empty, flat or not finite: remove the case.")
    raw, labels, spacing = _regrid(raw.astype(np.float32), labels, spacing)
    pixels = normalise(raw, modality)
    smooth = denoised(pixels, spacing)
    strength = relative_strength(smooth, spacing)
    levels = edge_levels(smooth, strength, spacing, EDGE_COUNTS)
    levels += (
        ct_levels(raw - hu_offset(raw), spacing) if modality == "CT" else mr_levels(pixels, spacing)
    )
    stack = np.stack(levels)
    drawn = region_table(labels[None], None)
    drawn["level"] = LABELS
    table = np.concatenate([region_table(stack, strength), drawn])
    arrays = {"image": pixels, "labels": labels, "supervoxels": stack, "regions": table}
    return arrays, {
        "spacing": spacing,
        "zoom": max(network_zoom(*pixels.shape[1:]), 1.0),
        "modality": modality,
        "anatomy": anatomy,
        "body": [_extent(pixels, axis) for axis in range(3)],
    }


def _anatomy(geometry: Geometry) -> dict[str, Any]:
    """How the axes of the prepared array lie in the patient, with their spacing before it was
    made coarser: the automatic mode decides by that how a volume is read."""
    # Where i, j and k go, nearest of left/right, back/front, down/up.
    empty = geometry.to_sitk(np.broadcast_to(np.uint8(0), geometry.shape))
    ends = sitk.DICOMOrientImageFilter.GetOrientationFromDirectionCosines(empty.GetDirection())
    spacing = geometry.spacing
    order = _order(spacing)
    towards = [ends[::-1][axis] for axis in order]
    return {
        "axes": ["LRPAIS".index(t) // 2 for t in towards],
        "grows": [t in "RAS" for t in towards],
        "spacing": [float(spacing[axis]) for axis in order],
    }


def _extent(pixels: np.ndarray, axis: int) -> list[int]:
    """Where along ``axis`` the body lies."""
    box = foreground_box(np.moveaxis(pixels, axis, 1), (0.0, 255.0), GridSettings(min_saved=0.0))
    return [box[0].start, box[0].stop] if box else [0, pixels.shape[axis]]


def _regrid(
    raw: np.ndarray, labels: np.ndarray, spacing: list[float]
) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Square pixels, and large planes down to the network's grid; small planes are left as they
    are because sampling enlarges them anyway."""
    pixel = min(spacing[1:]) / min(1.0, network_zoom(*raw.shape[1:]))
    zoom = [1.0, spacing[1] / pixel, spacing[2] / pixel]
    if all(abs(z - 1) < 0.02 for z in zoom):
        return raw, labels, spacing
    # A coarser grid sees the mean of the pixels it replaces.
    smooth = ndi.gaussian_filter(raw, [0.0, *(0.5 * max(0.0, 1 / z - 1) for z in zoom[1:])])
    finer = ndi.zoom(smooth, zoom, order=1, grid_mode=True, mode="nearest")
    coarse = ndi.zoom(labels, zoom, order=0, grid_mode=True, mode="nearest")
    return finer, coarse, [spacing[0], pixel, pixel]


def _label_map(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and facts of a label map: [S, P, L] order, cropped to its content."""
    read = read_file(path)
    read.geometry.check(str(path))
    image = sitk.DICOMOrient(read.geometry.to_sitk(read.array), "LPS")
    labels = sitk.GetArrayFromImage(image)
    box = ndi.find_objects((labels > 0).astype(np.uint8))
    if not box:
        raise UserError(f"{path} holds no label: remove the case.")
    ids, index = np.unique(labels[box[0]], return_inverse=True)
    if ids[0] != 0:
        ids, index = np.insert(ids, 0, 0), index + 1
    if len(ids) > 255:
        raise UserError(f"{path} holds more than 255 labels: merge some.")
    dense = index.reshape(labels[box[0]].shape).astype(np.uint8)
    boxes = [tuple(slice(0, n) for n in dense.shape), *ndi.find_objects(dense)]
    return {"labels": dense}, {
        "spacing": list(image.GetSpacing()[::-1]),
        "ids": [int(i) for i in ids],
        "boxes": [[[s.start, s.stop] for s in box] for box in boxes],
        "modality": "none",
    }
