"""Closing volumes and segmentations; asks where work would go that nobody has taken away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..scene.belonging import volume_of
from ..scene.marks import ROLE
from ..scene.volumes import SEGMENTATION, VOLUME, nodes_of
from ..texts import texts
from ..workflow.presenter import Presenter
from ..workflow.segmentation_mirror import AUTOMATIC, MARKS_NODE

_ = texts(__name__)

Ask = Callable[[str, Callable[[], object]], object]


class Closing:
    """Takes nodes out of the presenter's scene.

    ``ask(question, agreed)`` calls ``agreed`` when the user says yes; ``closed(volume ID or None)``
    is told what has gone.
    """

    def __init__(self, presenter: Presenter, ask: Ask, closed: Callable[[str | None], object]):
        self._presenter, self._ask, self._closed = presenter, ask, closed
        self._taken: dict[str, Any] = {}
        """By segmentation: what was downloaded of it last."""

    def taken_away(self) -> None:
        """What is shown now was downloaded."""
        state = self._presenter.state
        if state.segmentation is not None:
            self._taken[state.segmentation] = state.fingerprint

    def close_volume(self) -> None:
        """Close the chosen volume with its segmentations."""
        volume = self._presenter.workspace.volume_node
        if volume is None:
            return
        own = [n for n in self._segmentations() if volume_of(n) is volume]
        self._presenter.refresh()  # of what was read ahead nothing is lost
        lost = [n.GetName() for n in own if self._would_go(n)]
        close = partial(self._close_volume, volume)
        if lost:
            question = _(
                "Close {volume}? {lost} would go with it and was not downloaded as it is now."
            ).format(volume=volume.GetName(), lost=", ".join(lost))
            self._ask(question, close)
        else:
            close()

    def close_segmentation(self) -> None:
        """Close the chosen segmentation."""
        node = self._presenter.workspace.node
        if node is None:
            return
        close = partial(self._close_segmentation, node)
        if self._would_go(node):
            self._ask(
                _("Close {name}? It was not downloaded as it is now.").format(name=node.GetName()),
                close,
            )
        else:
            close()

    def _segmentations(self) -> list[Any]:
        nodes = nodes_of(self._presenter.workspace.scene, SEGMENTATION)
        return [node for node in nodes if not node.GetAttribute(ROLE)]

    def _would_go(self, node: Any) -> bool:
        if not node.GetSegmentation().GetNumberOfSegments():
            return False
        state, taken = self._presenter.state, self._taken.get(node.GetID())
        current = state.segmentation == node.GetID()
        return taken is None or (current and taken != state.fingerprint)

    def _close_segmentation(self, node: Any) -> None:
        if node.GetScene() is None:
            return
        if self._presenter.workspace.node is node:
            self._presenter.choose_segmentation(None)
        self._remove(node)
        self._presenter.refresh()
        self._closed(None)

    def _close_volume(self, volume: Any) -> None:
        if volume.GetScene() is None:
            return
        presenter, scene, id = self._presenter, self._presenter.workspace.scene, volume.GetID()
        own = [n for n in self._segmentations() if volume_of(n) is volume]
        if presenter.workspace.volume_node is volume:
            presenter.choose_segmentation(None)
            presenter.choose_volume(None)
        for node in own:
            self._remove(node)
        scene.RemoveNode(volume)
        rest = [n for n in nodes_of(scene, VOLUME) if n.GetClassName() == VOLUME]
        if rest and presenter.workspace.volume_node is None:
            presenter.choose_volume(rest[-1].GetID())
        presenter.refresh()
        self._closed(id)

    def _remove(self, node: Any) -> None:
        scene = self._presenter.workspace.scene
        for role in (MARKS_NODE, AUTOMATIC):
            belongs = node.GetNodeReference(role)
            if belongs is not None and belongs.GetScene() is not None:
                scene.RemoveNode(belongs)
        self._taken.pop(node.GetID(), None)
        scene.RemoveNode(node)
