"""The surfaces of what is annotated follow, and nobody waits for them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ..annotation.boxed import Boxed
from ..inference.client import Client, Worker, connect
from ..inference.messages import Failed
from ..inference.process import Process
from ..scene.surfaces import CLOSED_SURFACE, EMPTY, MakeSurfaces, Surface
from .presenter import Presenter

_worker = Worker(Process)
"""A process of its own: it imports VTK, and a network may be at work in the other one."""
_NOTHING = None, None
"""A known state that no segmentation has: what surfaces there are is not known."""


class Surfaces:
    """Keeps the surfaces of a presenter's segmentation up to date; call :meth:`poll` often.

    ``shown`` is called when surfaces have appeared, changed or gone, with whether there are any.
    ``wanted``: whether there are to be any; None: only where the segmentation has some.
    """

    def __init__(self, presenter: Presenter, shown: Callable[[bool], object]) -> None:
        presenter.workspace.leave_surfaces()
        self.wanted: bool | None = True
        self._presenter, self._announce = presenter, shown
        synchronous = presenter.session.client.synchronous
        self._client = connect(True) if synchronous else Client(_worker)
        self._known: Any = None
        """The state that the surfaces show."""
        self._checks: dict[str, int] = {}
        self._mirror: Any = None
        """Whose surfaces are made."""
        self._made: list[Surface] = []

    @property
    def busy(self) -> bool:
        """Whether surfaces are being made."""
        return self._client.busy

    def poll(self) -> None:
        """Take finished surfaces, begin new ones, remove unwanted ones."""
        if self._client.busy:
            for item in self._client.drain():
                if isinstance(item, Failed):
                    logging.getLogger(__name__).error("No surfaces were made: %s", item.error)
                else:
                    self._made.append(item)
            if self._client.busy:
                return
            self._take()
        state, mirror = self._presenter.state, self._presenter.workspace.mirror
        if mirror is None or not mirror.here or not state.idle:
            return
        segmentation = mirror.node.GetSegmentation()
        there = segmentation.ContainsRepresentation(CLOSED_SURFACE)
        if self.wanted is None and there and self._known is None:
            self._known = state.fingerprint  # somebody else has just made them
        elif self.wanted or (self.wanted is None and there):
            self._begin(mirror)
        else:
            self._known = None
            if there and self.wanted is False:
                segmentation.RemoveRepresentation(CLOSED_SURFACE)
                self._announce(False)

    def close(self) -> None:
        """Nobody wants any."""
        self._client.discard()

    def _begin(self, mirror: Any) -> None:
        state, annotation = self._presenter.state, self._presenter.annotation
        now = state.fingerprint
        if self._known is None or self._known[1] != now[1]:  # another segmentation
            self._checks = {}
        something = self._checks or (state.slice_status is not None and state.slice_status.any())
        if annotation is None or now == self._known or not something:
            return
        self._known, self._mirror, self._made = now, mirror, []
        ids = [s.id for s in annotation.structures]
        labels = Boxed.of(annotation.labels)
        self._client.start(MakeSurfaces(labels, mirror.grid, ids, dict(self._checks)))

    def _take(self) -> None:
        mirror, self._mirror = self._mirror, None
        current = mirror.here and mirror is self._presenter.workspace.mirror
        if not current or self.wanted is False:
            self._known = _NOTHING
            return
        from slicer import vtkSegmentation

        segmentation = mirror.node.GetSegmentation()
        for made in self._made:
            segment = segmentation.GetSegment(made.id)
            if segment is None:
                continue
            self._checks[made.id] = made.check
            if made.mesh is not None or not segment.GetRepresentation(CLOSED_SURFACE):
                segment.AddRepresentation(CLOSED_SURFACE, (made.mesh or EMPTY).poly_data())
        for id in segmentation.GetSegmentIDs():  # all segments have the same representations
            if segmentation.GetSegment(id).GetRepresentation(CLOSED_SURFACE) is None:
                segmentation.GetSegment(id).AddRepresentation(CLOSED_SURFACE, EMPTY.poly_data())
        for made in self._made:
            segmentation.InvokeEvent(vtkSegmentation.RepresentationModified, made.id)
        segmentation.InvokeEvent(vtkSegmentation.ContainedRepresentationNamesModified)
        self._made = []
        self._announce(True)
