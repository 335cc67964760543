"""Every number of the network's own steps that changes a mask and is no size of a layer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GeodesicSettings:
    """Nearness through even tissue (``geodesic_maps``); the dense decoder was trained with
    these."""

    sweeps: int = 3
    """Passes along both axes (Toivanen 1996); more change hardly anything."""
    bins: int = 24
    """Of the brightness histogram of a class."""
    flat_cost: float = 0.02
    """Of a way through one cell of even tissue."""
    edge_cost: float = 0.1
    """Added to it, times the square of the edge there (1: as strong as the mean of the slice)."""
    unreached: float = 12.0
    """Cost where nothing starts; nearness is exp(-cost)."""


@dataclass(frozen=True)
class PixelClassifierSettings:
    """The classifier on what pixels look like, at stride 2 (``pixel_classifier``), after ilastik;
    numbers chosen on Dataset001 and 002."""

    hidden: int = 128
    """Random features between looks and classes."""
    bend: float = 1.5
    """How strongly these bend (standard deviation of their weights)."""
    place: float = 2.0
    """How much more places bend them than looks do."""
    ridge: float = 10.0
    newton_steps: int = 5
    max_logit: float = 4.0
    max_marked: int = 256
    """Marked cells of a class that a slice contributes."""
    max_sure: int = 250
    """Unmarked cells near the structure that a slice contributes, if the network is sure."""
    sure: float = 0.97
    """From this probability on it is."""
    sure_weight: float = 0.2
    """What such a cell counts beside a marked one."""
    near: int = 15
    """Cells around a structure in which the background is of interest."""
    weight: float = 0.7
    """What the classifier's logit counts beside that of the mask."""
    settled: float = 0.9
    """Cells whose class is likelier than this stay; classes excluded as surely stay excluded."""
    beyond: int = 2
    """Cells around what a mask shows in which the classifier may add to it."""
