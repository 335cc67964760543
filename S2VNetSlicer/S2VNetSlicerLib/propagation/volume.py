"""A volume as the network sees it: its slices, their grid, their features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from ..errors import UserError
from ..network.model import S2VNet
from ..network.semantic_head import BodyPart
from ..volumes.intensities import normalise_slice, window
from .automatic import AnatomicalOrientation, AutomaticRun, check_classes
from .devices import choose_device, working_precision
from .feature_cache import FeatureCache
from .inference_grid import Box, InferenceGrid, foreground_box
from .settings import SessionSettings
from .slice_propagator import SlicePropagator


class InferenceVolume:
    """``image`` [k, j, i] with raw intensities (CT in HU), ``spacing`` mm in the same order,
    ``modality`` "CT" or "MR"; slices run along ``axis``.

    Here ``image`` is [slices, rows, columns] and ``spacing`` has that order. UserError for anything
    but a volume.
    """

    def __init__(
        self,
        model: S2VNet,
        image: np.ndarray,
        spacing: Sequence[float],
        modality: str,
        axis: int,
        settings: SessionSettings,
    ) -> None:
        if image.ndim != 3 or axis not in (0, 1, 2):
            raise UserError(
                "A session needs a 3D volume and axis 0, 1 or 2, not {shape}.", shape=image.shape
            )
        self.settings, self.modality, self.axis = settings, modality, axis
        self.image = np.moveaxis(image, axis, 0)
        self.slices = len(self.image)
        self.in_plane = [float(s) for n, s in enumerate(spacing) if n != axis]
        self.thickness = float(spacing[axis])
        # Settings in mm are meant for patients. What is smaller, as micro-CT is, is treated as
        # if its voxels were as large as the smallest of theirs.
        least = settings.least_slice / self.thickness, settings.least_pixel / min(self.in_plane)
        self.magnified = max(1.0, *least)
        self.window = window(image, modality)
        self.device = choose_device(settings.device)
        self.model = model.ready(self.device, working_precision(self.device))
        few = self.image[:: max(1, self.slices // 64)]
        self._show(foreground_box(few, self.window, settings.grid))

    @property
    def spacing(self) -> list[float]:
        """In mm, of slices, rows and columns."""
        return [self.thickness, *self.in_plane]

    def _show(self, box: Box | None) -> None:
        """Work on the ``box`` of the slices (None: all of them); nothing is encoded yet."""
        (rows, columns), (down, across) = self.image.shape[1:], self.in_plane
        self.grid = InferenceGrid.fit((rows, columns), (down, across), box, self.settings.grid)
        kept = self.settings.feature_bytes, self.device, working_precision(self.device)
        self.features = FeatureCache(self.model, self.inference_slices, self.slices, *kept)

    def show_all(self) -> None:
        """Work on whole slices from now on; all features are encoded anew."""
        self.features.close()
        self._show(None)

    def inference_slices(self, z: list[int]) -> Tensor:
        """Slices ``z`` on the work grid, [N, H, W] in 0..255."""
        block = normalise_slice(self.image[z], self.window)
        return self.grid.to_grid(torch.from_numpy(np.ascontiguousarray(block, np.float32)))

    def pixel_features(self, rows: Tensor, z: Tensor) -> Tensor:
        """What pixels of slices ``z`` look like; ``rows``: the only volume."""
        return self.features.pixel_features(z)

    def encode(self, centre: int | None = None) -> Iterator[int]:
        """Encode all slices, nearest to ``centre`` first; yields how many are done. It begins anew
        where the features became others meanwhile."""
        centre = self.slices // 2 if centre is None else centre
        store = None
        while store is not self.features:
            store = self.features
            for done in store.encode_from(centre):
                yield done
                if store is not self.features:
                    break

    def outside(self, marks: np.ndarray) -> bool:
        """Whether ``marks`` [rows, columns] have a structure where only air was expected."""
        beyond = marks > 1
        beyond[self.grid.box] = False
        return bool(beyond.any())

    def anatomy(self, axes: Sequence[int], grows: Sequence[bool]) -> AnatomicalOrientation:
        """How the slices lie; ``axes`` and ``grows`` are those of the image as it was given."""
        ratio = self.settings.automatic.thick_ratio
        return AnatomicalOrientation.of_slices(self.axis, axes, grows, self.spacing, ratio)

    def automatic(
        self,
        classes: Sequence[int],
        within: tuple[int, int],
        axes: Sequence[int],
        grows: Sequence[bool],
        parts: Sequence[BodyPart] | None = None,
    ) -> AutomaticRun:
        """What looks for predefined ``classes`` in the slices ``within``; see :meth:`anatomy`.
        ``parts`` of the body that are looked for; None: all that have these classes."""
        check_classes(classes, self.model)
        asked = {known + 1 for known in classes}
        known = self.model.body_parts if parts is None else parts
        looked = [part for part in known if asked & set(part.numbers)]
        how = self.anatomy(axes, grows), within, self.settings.automatic, self.settings.grid
        return AutomaticRun(classes, looked, self.image, self.window, *how)

    def propagator(self, structures: int, first: int) -> SlicePropagator:
        """One for so many classes; ``first``: any slice."""
        settings, thickness = self.settings, self.thickness * self.magnified
        cell, growth = 2 * self.in_plane[0] / self.grid.scale[0], settings.growth
        reach = None if growth is None else max(1, round(growth * self.thickness / cell))
        return SlicePropagator(
            self.model,
            structures,
            self.slices,
            lambda rows, z: self.features.take(z),
            dtype=torch.float16,
            absent_below=settings.absent_below,
            max_empty_slices=settings.max_empty_slices,
            reach=reach,
            # Thin slices differ little: a mark should not pay for each of them.
            slice_stride=max(
                1, min(int(settings.slice_stride_mm / thickness), settings.max_slice_stride)
            ),
            first=first,
            pixel_features=self.pixel_features,
            thickness=thickness,
            settings=settings,
        )
