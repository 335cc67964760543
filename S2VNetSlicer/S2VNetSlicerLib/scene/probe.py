"""What lies at a place of a volume, and where in the body the place and a view's edges are."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..texts import texts
from .volumes import matrix_to_array

_ = texts(__name__)
NEGATIVE, POSITIVE = "LPI", "RAS"
"""Letters of the directions towards negative and positive world coordinates. A view's coordinates
are RAS, so that x grows to the patient's right."""


def letter(direction: np.ndarray) -> str:
    """The letter (R, L, A, P, S, I) that is nearest to ``direction`` [3] in RAS."""
    axis = int(np.abs(direction).argmax())
    return (POSITIVE if direction[axis] > 0 else NEGATIVE)[axis]


def edge_letters(slice_node: Any) -> dict[str, str]:
    """The letters at the edges of a slice view: left, right, top, bottom."""
    axes = matrix_to_array(slice_node.GetSliceToRAS())[:3, :2]
    right, top = axes[:, 0], axes[:, 1]
    return {
        "left": letter(-right),
        "right": letter(right),
        "top": letter(top),
        "bottom": letter(-top),
    }


def scale(width: float) -> dict[str, Any]:
    """The bar of a view that is ``width`` mm wide: its ``share`` of that width, below a third, and
    the round length (1, 2 or 5 times a power of ten) as ``text``."""
    power = 10.0 ** np.floor(np.log10(width / 3))
    length = power * max(n for n in (1, 2, 5) if n * power <= width / 3)
    text = f"{length / 10:g} cm" if length >= 10 else f"{length:g} mm"
    return {"share": float(length / width), "text": text}


def position_text(point: np.ndarray) -> str:
    """World RAS [3], mm, in letters: ``L 12.3  A 4.0  S 110.5 mm``."""
    parts = []
    for axis, value in enumerate(np.round(np.asarray(point, float), 1)):
        side = POSITIVE[axis] if value >= 0 else NEGATIVE[axis]
        parts.append(f"{side} {abs(value):.1f}")
    return f"{'  '.join(parts)} mm"


def voxel_at(ijk_to_ras: np.ndarray, shape: tuple[int, int, int], point: np.ndarray) -> Any:
    """The voxel (k, j, i) that holds ``point`` (world RAS, mm); None outside the grid."""
    ijk = np.linalg.solve(ijk_to_ras, [*point, 1.0])[:3]
    k, j, i = (int(n) for n in np.floor(ijk[::-1] + 0.5))
    inside = all(0 <= n < count for n, count in zip((k, j, i), shape, strict=True))
    return (k, j, i) if inside else None


def value_text(value: float, modality: str) -> str:
    """A value of a volume: in HU, or as a plain intensity."""
    number = f"{value:.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.3g}"
    return f"{number} HU" if modality == "CT" else _("intensity {number}").format(number=number)
