"""Colours of new classes."""

from __future__ import annotations

COLOURS = (
    (0.92, 0.48, 0.25),
    (0.18, 0.70, 1.00),
    (0.62, 1.00, 0.70),
    (0.70, 0.25, 0.40),
    (0.92, 0.85, 0.10),
    (0.32, 0.25, 1.00),
    (0.48, 1.00, 1.00),
    (0.77, 0.10, 0.10),
    (0.10, 0.70, 0.62),
    (0.10, 0.55, 0.62),
    (0.49, 0.11, 0.43),
    (0.56, 0.11, 0.18),
    (0.81, 0.43, 0.43),
    (1.00, 0.62, 0.75),
    (0.30, 0.49, 1.00),
    (0.05, 0.30, 0.68),
    (0.18, 0.87, 1.00),
    (0.68, 0.75, 0.56),
    (0.24, 0.37, 0.30),
    (0.24, 0.43, 0.62),
    (0.05, 0.87, 0.81),
    (0.18, 0.49, 0.24),
    (0.56, 0.43, 0.49),
    (0.81, 0.43, 0.75),
)
"""Chosen one after the other, each as far as possible (CIEDE2000) from those before, also as people
without green or red cones see them (Machado et al. 2009); the first ten then sorted. Of ten two are
15 apart at least, of all 24 still 8.9."""


def colour_of(number: int) -> tuple[float, float, float]:
    """A colour for the class with this number."""
    return COLOURS[number % len(COLOURS)]
