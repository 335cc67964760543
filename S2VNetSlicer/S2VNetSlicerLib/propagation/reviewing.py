"""The part of a session that says how sure it is, and where to look next: see ``review``."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from torch import Tensor

from ..annotation.next_slice import beyond_ends, expected_errors, next_slice, voxels
from .loaded import Loaded
from .propagator import FAR, Propagator
from .recognising import Recognising
from .records import Made
from .review import expected_dice


class Reviewing(Recognising):
    """A session's expected Dice and errors."""

    _propagator: Propagator | None
    _before: Loaded | None

    @abstractmethod
    def _masks(self, z: list[int]) -> list[tuple[Tensor, Tensor]]:
        """The masks of slices ``z``, [K, height/2, width/2] each, as runs left them and settled."""

    @property
    def confidence(self) -> np.ndarray:
        """Expected Dice of every slice and class, [slices, K]; NaN where nothing was computed."""
        return np.stack([self._confidence(z) for z in range(self.slices)])

    def _confidence(self, z: int, masks: Tensor | None = None) -> np.ndarray:
        """Of slice ``z``, [K]; ``masks`` [K, height/2, width/2] if they are at hand."""
        found = np.full(self.structures, np.nan, np.float32)
        if self.made[z] == Made.ACCEPTED:
            found[:] = 1
        elif self.made[z] != Made.UNTOUCHED and self._propagator is not None:
            distance = self._propagator.distance[:, 0, z].cpu()
            near = (distance < FAR).any(0).numpy()
            judged = self._propagator.fused_quality(z)
            masks = self._masks([z])[0][0] if masks is None else masks
            away = distance.amin(0).to(judged) * self.thickness * self.magnified
            away[[k - 1 for k in self._propagator.named]] = 0  # A name is known without anchors.
            expected = expected_dice(masks, judged, away, self.settings.confidence)
            if self._propagator.known is not None and not near.all():
                found = self._propagator.known.confidence(z)
            found[near] = expected.cpu().numpy()[near]
            if (before := self._loaded or self._before) is not None:
                kept = near & ~before.changed(distance).numpy()
                found[kept] = before.confidence[z][kept]
        elif self.made[z] != Made.UNTOUCHED and self._loaded is not None:
            found[:] = self._loaded.confidence[z]
        return found

    def expected_errors(self) -> np.ndarray:
        """Voxels of each slice that are probably wrong, [slices]; 0 where nothing was computed."""
        return expected_errors(self._labels, self.confidence, settings=self.settings.confidence)

    def suggest_next_slice(self, confidence: np.ndarray | None = None) -> int | None:
        """The slice to annotate next, see :func:`.next_slice.next_slice`; ``confidence`` is the
        session's, if at hand. It may show nothing, to have it confirmed that a structure ends."""
        known = self.confidence if confidence is None else confidence
        shown = voxels(self._labels, self.structures + 1)
        errors = expected_errors(self._labels, known, shown, self.settings.confidence)
        if self._propagator is not None and self._loaded is None:
            # Where a named structure ends the whole volume told, where a loaded one its method.
            named = self._propagator.named
            traced = [k for k in range(1, self.structures + 1) if k not in named]
            how = self.settings.confidence
            thickness = self.thickness * self.magnified
            errors += beyond_ends(shown, self.made, thickness, traced, how)
        return next_slice(errors, self.made, self.settings.confidence)
