"""The demo's picture: the marked slice, slices around it and two cuts across them."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from S2VNetSlicerLib.volumes.seeds import BACKGROUND, Colour, Seeds
from S2VNetSlicerLib.volumes.volume import Volume

STEP = 16
"""Slices between neighbouring panels."""
MARGIN = 6
CUT = 8
"""The sagittal cut lies so many voxels beside the middle, where the structures are."""


def draw(path: Path, volume: Volume, seeds: Seeds, labels: np.ndarray) -> None:
    """Write a picture of marks and ``labels`` uint8 [k, j, i]; isotropic voxels."""
    marked = int(seeds.labels.any((1, 2)).argmax())
    box = tuple(
        slice(max(0, where.min() - MARGIN), where.max() + MARGIN + 1)
        for where in np.nonzero(volume.array > 0)
    )
    rows, columns = box[1], box[2]
    coronal = int(np.nonzero(labels == len(seeds.names))[1].mean())
    sagittal = labels.shape[2] // 2 - CUT

    mpl.use("Agg")
    figure = Figure(figsize=(14, 8.6), facecolor="black")
    panels = figure.subplots(2, 4)
    figure.subplots_adjust(0.005, 0.06, 0.995, 0.96, 0.02, 0.09)

    def place(z: int) -> str:
        return f"z = {z + volume.geometry.ijk_to_ras[2, 3]:+.0f} mm"

    grey, where = volume.array, (rows, columns)
    show(panels[0, 0], grey[marked][where], np.zeros_like(labels[marked][where]), seeds)
    strokes(panels[0, 0], seeds.labels[marked][where], seeds)
    panels[0, 0].set_title(f"marks on one slice, {place(marked)}", color="white", fontsize=12)
    for panel, z in zip(
        [*panels[0, 1:], panels[1, 0], panels[1, 1]],
        [marked, marked + STEP, marked + 2 * STEP, marked - STEP, marked - 2 * STEP],
        strict=True,
    ):
        show(panel, grey[z][where], labels[z][where], seeds)
        panel.set_title(place(z), color="white", fontsize=12)
    cuts = (
        (panels[1, 2], (box[0], coronal, columns), "coronal"),
        (panels[1, 3], (box[0], rows, sagittal), "sagittal"),
    )
    for panel, cut, name in cuts:
        show(panel, grey[cut], labels[cut], seeds)
        panel.axhline(marked - box[0].start, color="white", linewidth=0.8, linestyle=(0, (4, 4)))
        panel.set_title(f"{name}, the marked slice dashed", color="white", fontsize=12)
    patches = [
        Patch(color=colour, label=name)
        for name, colour in zip(seeds.names, seeds.colours, strict=True)
    ]
    patches.append(Patch(color="white", label="background (marks only)"))
    legend = figure.legend(
        handles=patches, loc="lower center", ncols=len(patches), frameon=False, fontsize=12
    )
    for text in legend.get_texts():
        text.set_color("white")
    figure.savefig(path, dpi=110)


def show(panel: Axes, grey: np.ndarray, labels: np.ndarray, seeds: Seeds) -> None:
    """A slice, origin below left, with coloured masks and their outlines."""
    panel.set_axis_off()
    panel.imshow(grey, cmap="gray", origin="lower", vmin=0, vmax=255, interpolation="bilinear")
    for number, colour in enumerate(seeds.colours, 1):
        mask = labels == number
        if mask.any():
            paint(panel, mask, colour, 0.38)
            panel.contour(mask, levels=[0.5], colors=[colour], linewidths=1.1)


def strokes(panel: Axes, marks: np.ndarray, seeds: Seeds) -> None:
    """Marks [rows, columns] as solid paint."""
    paint(panel, marks == BACKGROUND, (1, 1, 1), 1)
    for number, colour in enumerate(seeds.colours, BACKGROUND + 1):
        paint(panel, marks == number, colour, 1)


def paint(panel: Axes, mask: np.ndarray, colour: Colour, alpha: float) -> None:
    """Colour the voxels of a mask."""
    solid = np.ma.masked_equal(mask, False)
    panel.imshow(
        solid, cmap=ListedColormap([colour]), origin="lower", alpha=alpha, interpolation="nearest"
    )
