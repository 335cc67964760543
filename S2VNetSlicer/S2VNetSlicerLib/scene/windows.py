"""Which intensities a volume is shown with: window (width) and level (centre) of its display."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

PERCENTILES = 0.1, 99.9
"""What the automatic window spans, as trame-slicer's and 3D Slicer's."""
MOST = 2_000_000
"""Voxels from which percentiles are taken."""


@dataclass(frozen=True)
class Preset:
    """``window`` and ``level`` in HU."""

    name: str
    text: str
    window: float
    level: float


PRESETS = (
    Preset("soft", "Soft tissue", 400, 40),
    Preset("lung", "Lung", 1500, -600),
    Preset("liver", "Liver", 150, 90),
    Preset("bone", "Bone", 2500, 480),
    Preset("brain", "Brain", 80, 40),
)
"""Of CT, in the order of their keys 1 to 5. Source: OHIF, its default window level presets."""
AUTO, FILE = "auto", "file"
"""What else a window can be called: that of the values, and that of the volume's file."""
STATED = "S2VNet.window"
"""The attribute of a volume node with the window and level that its file states."""


def window_level(node: Any) -> tuple[float, float]:
    """Window and level that a volume node is shown with."""
    display = _display(node)
    return float(display.GetWindow()), float(display.GetLevel())


def set_window_level(node: Any, window: float, level: float) -> None:
    """Show a volume node with ``window`` and ``level`` in every view."""
    display = _display(node)
    display.SetAutoWindowLevel(0)
    display.SetWindowLevel(max(float(window), 1e-6), float(level))


def state_window(node: Any, window: float, level: float) -> None:
    """Keep with a volume node, also in a saved scene, what its file states."""
    node.SetAttribute(STATED, f"{window} {level}")


def stated_window(node: Any) -> tuple[float, float] | None:
    """Window and level that the file of a volume node states; None: it states none."""
    said = node.GetAttribute(STATED)
    if not said:
        return None
    window, level = map(float, said.split())
    return window, level


def automatic(array: np.ndarray) -> tuple[float, float]:
    """Window and level from nearly the lowest to nearly the highest value of ``array``."""
    flat = array.reshape(-1)
    low, high = np.percentile(flat[:: max(1, flat.size // MOST)], PERCENTILES)
    return float(high - low), float(high + low) / 2


def preset(name: str) -> Preset | None:
    """The preset of that name."""
    return next((each for each in PRESETS if each.name == name), None)


def _display(node: Any) -> Any:
    if node.GetDisplayNode() is None:
        node.CreateDefaultDisplayNodes()
    return node.GetDisplayNode()
