"""The volume is read while nobody waits for it, so that the first mark need not."""

from __future__ import annotations

import logging

import numpy as np

from ..errors import UserError
from ..inference.messages import Load, Phase, Task
from .environment import torch_missing
from .strokes import nearest_axis
from .workspace import Workspace


class Prefetching(Workspace):
    """A :class:`Workspace` that reads ahead; anything may interrupt it."""

    @property
    def session_slices(self) -> int:
        """How many slices the session has that is there or being made; 0 without one."""
        return self._source.image.shape[self._source.axis] if self._source is not None else 0

    def prefetch(self) -> None:
        """Load the network and encode the volume while nobody waits for it; anything may interrupt.

        Without a first mark the axis is guessed: across the thickest slices, else the body's.
        """
        if not self.idle or self.volume_node is None or torch_missing():
            return
        try:
            volume, grid = self.read_volume(), self.grid()
        except UserError as error:  # whatever needs the volume says so
            logging.getLogger(__name__).debug("The volume is not read ahead: %s", error)
            return
        if self.annotation is not None and self.axis is not None:
            axis, first = self.axis, self.slice
        else:
            thick = max(grid.spacing) > 1.5 * min(grid.spacing)
            up = np.array([0.0, 0.0, 1.0])
            axis = int(np.argmax(grid.spacing)) if thick else nearest_axis(grid, up)
            first = grid.shape[axis] // 2
        task = Task(self._source_for(volume, axis), None, first=first, encode=True)
        self.inference.start(task)
        self.phase = Phase("Encoding")

    def _ended(self) -> None:
        """What a mark interrupted goes on after its run."""
        ran = self._running is not None
        super()._ended()
        if ran and not self.inference.read:
            self.prefetch()

    def pause_prefetch(self) -> bool:
        """Somebody begins to draw: the worker is to be free then. Whether it was reading ahead."""
        if reading := self.inference.busy and self._running is None:
            self.inference.stop()
        return reading

    def prefetch_model(self) -> None:
        """Load the network while nobody waits for it, before there is a volume."""
        if self.idle and self.volume_node is None and not torch_missing():
            self.inference.start(Load(self.weights))
            self.phase = Phase("Loading")
