"""Where things lie in the body that a session shows."""

from __future__ import annotations

import numpy as np

from ..propagation.session import Session
from .learned import Orientation, Range

SPECKS = 0.01


class Frame:
    """The body's box in the volume of ``session``; sessions' axes are (slices, rows, columns)."""

    def __init__(self, session: Session, orientation: Orientation) -> None:
        order = [session.axis, *(a for a in range(3) if a != session.axis)]
        self.axes = [orientation.axes[a] for a in order]
        """The anatomical axis of each of the session's axes."""
        self.grows = [orientation.grows[a] for a in order]
        self.spacing = (session.volume.thickness, *session.volume.in_plane)
        low, high = session.volume.window
        steps = [max(1, n // 96) for n in session.volume.image.shape]
        coarse = session.volume.image[:: steps[0], :: steps[1], :: steps[2]]
        solid = coarse > low + session.settings.grid.air / 255 * (high - low)
        self.box: list[tuple[float, float]] = []
        for axis, n in enumerate(session.volume.image.shape):
            share = solid.mean(tuple(a for a in range(3) if a != axis))
            found = np.flatnonzero(share > SPECKS)
            ends = (found[0] * steps[axis], (found[-1] + 1) * steps[axis]) if len(found) else (0, n)
            self.box.append((float(ends[0]), float(min(n, ends[1]))))

    def relative(self, axis: int, index: np.ndarray) -> np.ndarray:
        """Voxel indices along a session axis as a share (0..1 inside) of the body's extent."""
        low, high = self.box[axis]
        share = (np.asarray(index, float) + 0.5 - low) / max(high - low, 1.0)
        return share if self.grows[axis] else 1 - share

    def place(self, axis: int, first: int, last: int) -> Range:
        """The range that voxels ``first``..``last`` take up."""
        ends = self.relative(axis, np.array([first - 0.5, last + 0.5]))
        return float(ends.min()), float(ends.max())
