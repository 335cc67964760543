"""A CT or MR volume with the place and the meaning of its voxels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..texts import texts
from .geometry import Geometry
from .intensities import MODALITIES, window
from .nifti import Forms

_ = texts(__name__)

_LEAST_CONTRAST = 10  # HU within the CT window; a CT with less shows the network a flat image


def told_ml(ml: float) -> str:
    """A volume in words: to a tenth of a millilitre, of small animals to two digits."""
    return f"{ml:.1f}" if ml >= 0.05 or ml == 0 else f"{ml:.2g}"


@dataclass
class Volume:
    """``array`` [k, j, i] of integers or float32 on ``geometry``; ``modality`` "CT" or "MR".

    ``modality_reason`` says why that modality was taken; ``name`` names the volume in messages.
    ``forms``: both transforms of the NIfTI file it is from, which results in that format carry on.
    ``notes``: sentences for the user about how the file was read. ``source``: the DICOM files that
    it was read from, to which a DICOM segmentation refers.
    """

    array: np.ndarray
    geometry: Geometry
    modality: str
    modality_reason: str = ""
    name: str = "The volume"
    forms: Forms | None = None
    notes: tuple[str, ...] = ()
    source: tuple[Path, ...] = ()

    @property
    def geometries(self) -> list[Geometry]:
        """``geometry``, then what the forms of its file say of the same voxels."""
        also = self.forms.geometries(self.geometry.shape) if self.forms else []
        return [self.geometry, *also]

    def check(self) -> None:
        """Raise UserError unless the network can work on this volume."""
        name, shape = self.name, self.array.shape
        if self.modality not in MODALITIES:
            raise UserError(
                "{name} is given as {modality}: state CT or MR.", name=name, modality=self.modality
            )
        if len(shape) != 3:
            raise UserError(
                "{name} has {count} dimensions: give one 3D volume.", name=name, count=len(shape)
            )
        for count, what in zip(shape, (_("slice"), _("row"), _("column")), strict=True):
            if count < 2:
                raise UserError(
                    "{name} has only {count} {thing}: give a volume with at least 2 slices, "
                    "rows and columns.",
                    name=name,
                    count=count,
                    thing=what,
                )
        if shape != self.geometry.shape:
            raise UserError(
                "{name} has a grid of another size than its voxels: load it again.", name=name
            )
        self.geometry.check(name)
        lowest, highest = float(self.array.min()), float(self.array.max())
        if not np.isfinite(lowest + highest):
            raise UserError(
                "{name} holds NaN or infinite values: replace them by numbers.", name=name
            )
        if lowest == highest:
            raise UserError(
                "{name} has the same value {lowest:g} everywhere: give a volume that shows "
                "something.",
                name=name,
                lowest=lowest,
            )
        if self.modality == "CT":
            low, high = window(self.array, "CT")
            if min(highest, high) - max(lowest, low) < _LEAST_CONTRAST:
                raise UserError(
                    "{name} has values from {lowest:g} to {highest:g}, not the Hounsfield "
                    "units of a CT: give the original CT, or state MR as its modality.",
                    name=name,
                    lowest=lowest,
                    highest=highest,
                )
