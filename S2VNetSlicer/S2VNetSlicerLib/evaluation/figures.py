"""Figures as in the method's supplement: one row a case; image, reference, ours, others beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..errors import UserError
from ..volumes.geometry import Geometry
from ..volumes.intensities import normalise
from ..volumes.seeds import default_colour
from ..volumes.writing import atomic_write
from .annotator import slice_axis
from .cases import Labelled

MARGIN = 35.0
"""Shown around a single structure, mm."""
_HEIGHT, _LEGEND = 2.4, 1.5
"""Of a panel, and width of an entry of the legend; inches."""


@dataclass(frozen=True)
class Strip:
    """One row: ``image`` uint8 [rows, columns], one label map of that shape a column after it,
    ``spacing`` mm of rows and columns, and what stands beside."""

    title: str
    image: np.ndarray
    labels: tuple[np.ndarray, ...]
    spacing: tuple[float, float]


def strip(
    case: Labelled,
    results: Sequence[np.ndarray],
    title: str,
    structure: int | None = None,
) -> Strip:
    """The most telling slice of a case with the reference and ``results``, label maps [k, j, i].

    With ``structure``, a label number: the slice in which the first result is most wrong about it,
    cut out around it; otherwise the whole slice that shows most structures. Slices lie as
    radiologists read them (anterior or superior up, the patient's left on the right).
    """
    volume = case.volume()
    reference, geometry = case.reference(volume)
    grey = normalise(volume.array, volume.modality)
    oriented = [_oriented(a, geometry) for a in (grey, reference, *results)]
    image, truth, *found = (sitk.GetArrayFromImage(a) for a in oriented)
    spacing = oriented[0].GetSpacing()[::-1]
    axis = slice_axis(spacing)
    arrays = [np.moveaxis(a, axis, 0) for a in (image, truth, *found)]
    if axis:  # superior up
        arrays = [a[:, ::-1] for a in arrays]
    image, truth, *found = arrays
    across = tuple(s for n, s in enumerate(spacing) if n != axis)
    if structure is None:
        counts = [len(np.unique(plane)) + (plane > 0).mean() for plane in truth]
        z, box = int(np.argmax(counts)), (slice(None), slice(None))
    else:
        z, box = _worst_slice(truth == structure, found[0] == structure, (across[0], across[1]))
    labels = tuple(a[z][box] for a in (truth, *found))
    return Strip(title, image[z][box], labels, (across[0], across[1]))


def _worst_slice(
    truth: np.ndarray, found: np.ndarray, spacing: tuple[float, float]
) -> tuple[int, tuple[slice, slice]]:
    """Where ``found`` is most wrong (the reference's largest slice if nowhere), and a box there."""
    here = truth.any((1, 2))
    wrong = (truth != found).sum((1, 2)) * here
    z = int((wrong if wrong.any() else truth.sum((1, 2))).argmax())
    rows, columns = np.nonzero(truth[z])
    first, second = (
        slice(max(0, int(at.min() - MARGIN / s)), int(at.max() + MARGIN / s) + 1)
        for at, s in zip((rows, columns), spacing, strict=True)
    )
    return z, (first, second)


def _oriented(array: np.ndarray, geometry: Geometry) -> sitk.Image:
    """``array`` with axes towards superior, posterior, left."""
    return sitk.DICOMOrient(geometry.to_sitk(np.ascontiguousarray(array)), "LPS")


def draw(
    path: Path, columns: Sequence[str], strips: Sequence[Strip], classes: Mapping[int, str]
) -> None:
    """Write the figure; ``columns`` name the label maps of the strips (reference, ours, ...)."""
    try:
        from matplotlib.figure import Figure
        from matplotlib.patches import Patch
    except ImportError as error:
        raise UserError(
            "Figures cannot be drawn", error, "Run pip install 's2vnet-slicer[evaluation]'."
        ) from error
    heads = ["image", *columns]
    figure = Figure(figsize=(_HEIGHT * len(heads), _HEIGHT * len(strips)))
    panels = figure.subplots(len(strips), len(heads), squeeze=False)
    figure.subplots_adjust(0, 0.01, 1, 1, 0.03, 0.03)
    for line, row in zip(panels, strips, strict=True):
        for panel, overlay in zip(line, (None, *row.labels), strict=True):
            panel.imshow(painted(row.image, overlay), aspect=row.spacing[0] / row.spacing[1])
            panel.set_xticks([])
            panel.set_yticks([])
        line[0].set_ylabel(row.title, fontsize=7)
    for panel, head in zip(panels[0], heads, strict=True):
        panel.set_title(head, fontsize=9)
    shown = np.unique(np.concatenate([np.unique(a) for s in strips for a in s.labels]))
    patches = [
        Patch(color=default_colour(number - 1), label=name)
        for number, name in classes.items()
        if number in shown
    ]
    wide = max(1, int(figure.get_figwidth() / _LEGEND))
    figure.legend(
        handles=patches,
        loc="upper center",
        bbox_to_anchor=(0.5, 0),
        ncols=wide,
        fontsize=6,
        frameon=False,
    )
    with atomic_write(path) as temporary:
        # Legend and titles lie outside of the panels, as large as they need be.
        figure.savefig(temporary, dpi=150, bbox_inches="tight")


def painted(grey: np.ndarray, labels: np.ndarray | None, alpha: float = 0.5) -> np.ndarray:
    """``grey`` uint8 [rows, columns] as RGB uint8 with the colours of ``labels`` over it."""
    colour = np.repeat(grey[..., None].astype(np.float32), 3, 2)
    if labels is not None:
        for number in np.unique(labels[labels > 0]).tolist():
            paint = 255 * np.array(default_colour(number - 1), np.float32)
            colour[labels == number] = (1 - alpha) * colour[labels == number] + alpha * paint
    return np.rint(colour).astype(np.uint8)
