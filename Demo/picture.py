"""The demo's picture: the marked slice, slices around it and two cuts across them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from S2VNetSlicerLib.volumes.seeds import BACKGROUND, Colour, Seeds
from S2VNetSlicerLib.volumes.volume import Volume

STEP = 12
"""Slices between neighbouring panels."""
MARGIN = 6


def draw(
    path: Path, volume: Volume, seeds: Seeds, labels: np.ndarray, cuts: tuple[float, float]
) -> None:
    """Write a picture of marks and ``labels`` uint8 [k, j, i]; isotropic voxels on RAS axes.

    ``cuts``: y of the coronal and x of the sagittal cut, mm.
    """
    marked = int(seeds.labels.any((1, 2)).argmax())
    box = tuple(
        slice(max(0, where.min() - MARGIN), where.max() + MARGIN + 1)
        for where in np.nonzero(volume.array > 0)
    )
    rows, columns = box[1], box[2]
    origin = volume.geometry.ijk_to_ras[:3, 3]
    coronal, sagittal = (round(mm - at) for mm, at in zip(cuts, origin[1::-1], strict=True))

    figure = Figure(figsize=(14, 8.6), facecolor="black")
    panels = figure.subplots(2, 4)
    figure.subplots_adjust(0.005, 0.06, 0.995, 0.96, 0.02, 0.09)

    def place(z: int) -> str:
        return f"z = {z + origin[2]:+.0f} mm"

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
    across = (
        (panels[1, 2], (box[0], coronal, columns), f"coronal, y = {cuts[0]:+.0f} mm"),
        (panels[1, 3], (box[0], rows, sagittal), f"sagittal, x = {cuts[1]:+.0f} mm"),
    )
    for panel, cut, name in across:
        show(panel, grey[cut], labels[cut], seeds)
        panel.axhline(marked - box[0].start, color="white", linewidth=0.8, linestyle=(0, (4, 4)))
        panel.set_title(name, color="white", fontsize=12)
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
    panel.set_anchor("N")
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
