"""Commands that choose what is worked on."""

from __future__ import annotations

from typing import Any

from ..errors import UserError
from ..scene.belonging import share_inside, volume_of
from ..scene.volumes import SEGMENTATION, VOLUME
from ..texts import texts
from . import storage
from .library_commands import LibraryCommands
from .runs import Runs

_ = texts(__name__)


class NodeCommands:
    """Choosing volume, segmentation, modality and axis; ``application_logic`` is Slicer's, if
    there is one."""

    def __init__(self, runs: Runs, library: LibraryCommands, application_logic: Any) -> None:
        self._runs, self._workspace, self._library = runs, runs.workspace, library
        self._application_logic = application_logic

    def choose_volume(self, node_id: str | None) -> None:
        """Work on another volume and on its own segmentation, if it has one; None: on none."""
        workspace = self._workspace
        node = self._node(node_id, VOLUME, _("volume"))
        if node is workspace.volume_node and workspace.volume is not None:
            return
        chosen = workspace.node
        workspace.detach()
        self._library.refresh()
        if node is not workspace.volume_node:
            workspace.forget_volume()
        workspace.choose(node, None)
        if node is None:
            return
        owner = None if chosen is None else volume_of(chosen)
        if chosen is None or owner not in (None, node) or share_inside(node, chosen) == 0:
            chosen = self._own(node)
        workspace.choose(node, chosen)
        self._work_on(node)

    def choose_segmentation(self, node_id: str | None) -> None:
        """Write into another segmentation, or go on with what it holds; None: into a new one.

        A segmentation belongs to its volume, which is shown with it. One that belongs to none must
        not lie outside the chosen volume.
        """
        workspace = self._workspace
        node = self._node(node_id, SEGMENTATION, _("segmentation"))
        if node is not None and node is workspace.node and workspace.annotation is not None:
            return
        if node is None:
            workspace.detach()
            workspace.choose(workspace.volume_node, None)
            return
        volume = volume_of(node)
        if volume is None and workspace.volume_node is not None:
            workspace.check_inside(node)
        workspace.detach()
        if volume is not None and volume is not workspace.volume_node:
            workspace.forget_volume()
        workspace.choose(volume or workspace.volume_node, node)
        if workspace.volume_node is not None:
            self._work_on(workspace.volume_node)

    def _work_on(self, volume_node: Any) -> None:
        """Show the volume in all views; go on with the chosen segmentation, if there is one."""
        workspace = self._workspace
        if self._application_logic is not None:
            selection = self._application_logic.GetSelectionNode()
            if selection.GetActiveVolumeID() != volume_node.GetID():
                selection.SetActiveVolumeID(volume_node.GetID())
                self._application_logic.PropagateVolumeSelection()
        if workspace.node is not None and workspace.node.GetAttribute(storage.ATTRIBUTE):
            workspace.state_modality(storage.modality_of(workspace.node))
        workspace.show_own()
        workspace.read_volume()
        if workspace.node is not None:
            workspace.open()

    def _own(self, volume_node: Any) -> Any:
        """The segmentation of a volume that was worked on last, or None."""
        annotated = storage.annotated(self._workspace.scene)
        mine = [node for node in annotated if volume_of(node) is volume_node]
        last = self._workspace.cache.last_of(volume_node)
        return last if last in mine else mine[-1] if mine else None

    def _node(self, node_id: str | None, kind: str, what: str) -> Any:
        node = None if node_id is None else self._workspace.scene.GetNodeByID(node_id)
        if node_id is not None and (node is None or not node.IsA(kind)):
            raise UserError(
                "The {thing} {node_id} is not in the scene: choose another one.",
                thing=what,
                node_id=node_id,
            )
        return node

    def resume(self) -> None:
        """Go on with the annotation that a loaded scene holds, with the one that was shown when it
        was saved."""
        found = storage.annotated(self._workspace.scene)
        if not found:
            raise UserError("The scene holds no annotation: choose a volume and mark a structure.")
        shown = [node for node in found if node.GetAttribute(storage.SHOWN)]
        node = self._workspace.node if self._workspace.node in found else (shown or found)[-1]
        if volume_of(node) is None:
            raise UserError(
                "The volume of {name} is not in the scene: load it again.", name=node.GetName()
            )
        self.choose_segmentation(node.GetID())
        self._workspace.report_pending()

    def set_modality(self, modality: str | None) -> None:
        """Say what the volume is, "CT" or "MR"; None: let it be guessed."""
        if modality not in (None, "CT", "MR"):
            raise UserError("There is no modality {modality}: choose CT or MR.", modality=modality)
        self._runs.state.discard()
        self._workspace.state_modality(modality)
        if self._workspace.volume_node is not None:
            self._workspace.read_volume()
            self._workspace.finish()

    def set_axis(self, axis: int | None) -> None:
        """Let slices run along ``axis`` of [k, j, i]; None: the first stroke decides."""
        if axis not in (None, 0, 1, 2):
            raise UserError("There is no axis {axis}: choose 0, 1 or 2.", axis=axis)
        if axis == self._workspace.axis:
            return
        annotation = self._workspace.annotation
        if axis is None:
            if annotation is not None and (annotation.anchors or annotation.slice_status.any()):
                raise UserError("Slices are marked already: choose one of the three directions.")
            self._workspace.free_axis()
            return
        self._runs.state.discard()
        self._workspace.fix_axis(axis)
        self._runs.session.invalidate()
        self._runs.run(None)
