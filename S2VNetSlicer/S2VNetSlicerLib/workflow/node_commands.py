"""The presenter's commands that choose what is worked on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..annotation.slice_status import SliceStatus
from ..annotation.state import AnnotationState
from ..errors import UserError
from ..inference.jobs import CONVERTING, Convert, Converted
from ..inference.messages import Phase
from ..scene.belonging import share_inside, shown_volumes, volume_of
from ..scene.converting import layers_of
from ..scene.volumes import SEGMENTATION, VOLUME
from ..texts import texts
from . import storage
from .commands import command
from .library_commands import LibraryCommands
from .segmentation_mirror import SegmentationMirror

_ = texts(__name__)

LITTLE = 0.5
"""Whoever corrects a result of which less lies inside the volume is asked first."""


@dataclass(frozen=True, eq=False)
class StrokeTarget:
    """What was there when the button went down: a stroke is meant for this and nothing else."""

    volume: Any
    annotation: AnnotationState | None
    selected: str
    shown: tuple[str, ...] | None
    """IDs of the volumes that the view showed; None: not known."""


class NodeCommands(LibraryCommands):
    """Choosing volume and segmentation, correcting a result, aiming strokes."""

    _stroke_target: StrokeTarget | None = None

    # ---- choosing ------------------------------------------------------------------------------

    @command
    def choose_volume(self, node_id: str | None) -> None:
        """Work on another volume and on its own segmentation, if it has one; None: on none."""
        node = self._node(node_id, VOLUME, _("volume"))
        if node is self.volume_node and self.volume is not None:
            return
        chosen = self.node
        self.detach()
        self.refresh_library()
        if node is not self.volume_node:
            self.forget_volume()
        self.volume_node, self.node = node, None
        if node is None:
            return
        owner = None if chosen is None else volume_of(chosen)
        if chosen is not None and owner in (None, node) and share_inside(node, chosen) != 0:
            self.node = chosen
        else:
            self.node = self._own(node)
        self._work_on(node)

    @command
    def choose_segmentation(self, node_id: str | None) -> None:
        """Write into another segmentation, or go on with what it holds; None: into a new one.

        A segmentation belongs to its volume, which is shown with it. One that belongs to none must
        not lie outside the chosen volume.
        """
        node = self._node(node_id, SEGMENTATION, _("segmentation"))
        if node is not None and node is self.node and self.annotation is not None:
            return
        if node is None:
            self.detach()
            self.node = None
            return
        volume = volume_of(node)
        if volume is None and self.volume_node is not None:
            self.check_inside(node)
        self.detach()
        if volume is not None and volume is not self.volume_node:
            self.forget_volume()
            self.volume_node = volume
        self.node = node
        if self.volume_node is not None:
            self._work_on(self.volume_node)

    def _work_on(self, volume_node: Any) -> None:
        """Show the volume in all views; go on with the chosen segmentation, if there is one."""
        if self._application_logic is not None:
            selection = self._application_logic.GetSelectionNode()
            if selection.GetActiveVolumeID() != volume_node.GetID():
                selection.SetActiveVolumeID(volume_node.GetID())
                self._application_logic.PropagateVolumeSelection()
        if self.node is not None and self.node.GetAttribute(storage.ATTRIBUTE):
            self.modality = storage.modality_of(self.node)
        self.show_own()
        self.read_volume()
        if self.node is not None:
            self.open()

    def _own(self, volume_node: Any) -> Any:
        """The segmentation of a volume that was worked on last, or None."""
        mine = [node for node in storage.annotated(self.scene) if volume_of(node) is volume_node]
        last = self.cache.last_of(volume_node)
        return last if last in mine else mine[-1] if mine else None

    def check_inside(self, node: Any) -> float | None:
        """The share of a segmentation that lies inside the volume (None: it is empty).

        Raises UserError when none of it does.
        """
        share = share_inside(self.volume_node, node)
        if share is not None and share == 0:
            raise UserError(
                "{name} lies outside {volume}: it belongs to another volume.",
                name=node.GetName(),
                volume=self.volume_node.GetName(),
            )
        return share

    @command
    def resume(self) -> None:
        """Go on with the annotation that a loaded scene holds, with the one that was shown when it
        was saved."""
        self.follow_scene()
        found = storage.annotated(self.scene)
        if not found:
            raise UserError("The scene holds no annotation: choose a volume and mark a structure.")
        shown = [node for node in found if node.GetAttribute(storage.SHOWN)]
        node = self.node if self.node in found else (shown or found)[-1]
        if volume_of(node) is None:
            raise UserError(
                "The volume of {name} is not in the scene: load it again.", name=node.GetName()
            )
        self.choose_segmentation(node.GetID())
        self.report_pending()

    def report_pending(self) -> None:
        """Say which marks no finished run has carried on."""
        annotation = self.annotation
        if annotation is None:
            return
        waiting = [
            z for z in annotation.pending if annotation.slice_status[z] == SliceStatus.MARKED
        ]
        if waiting and not self.message:
            one, many = (
                _("1 marked slice is still to be carried through the volume: propagate to go on."),
                _("{count} marked slices are still to be carried through the volume: propagate."),
            )
            self.message = many.format(count=len(waiting)) if len(waiting) > 1 else one

    def _node(self, node_id: str | None, kind: str, what: str) -> Any:
        node = None if node_id is None else self.scene.GetNodeByID(node_id)
        if node_id is not None and (node is None or not node.IsA(kind)):
            raise UserError(
                "The {thing} {node_id} is not in the scene: choose another one.",
                thing=what,
                node_id=node_id,
            )
        return node

    # ---- strokes -------------------------------------------------------------------------------

    def set_stroke_target(self, slice_node: Any = None) -> None:
        """The button went down in a view: the next stroke is meant for what is there now."""
        shown = None if slice_node is None else shown_volumes(slice_node)
        self._stroke_target = StrokeTarget(self.volume_node, self.annotation, self.selected, shown)
        self.inference.drawing(True)

    def take_stroke_target(self) -> str:
        """The class that the stroke is meant for; UserError when it is meant for something else."""
        aim, self._stroke_target = self._stroke_target, None
        self.inference.drawing(False)
        if aim is None or self.volume_node is None:
            return self.selected
        if aim.volume is not self.volume_node or (
            aim.annotation is not None and aim.annotation is not self.annotation
        ):
            raise UserError(
                "Another volume or segmentation was chosen while the stroke was drawn: draw it "
                "again."
            )
        if aim.shown is not None and self.volume_node.GetID() not in aim.shown:
            there = [self.scene.GetNodeByID(id) for id in aim.shown]
            names = ", ".join(node.GetName() for node in there if node is not None)
            raise UserError(
                "The view shows {names}, but {volume} is marked: show it there, or choose "
                "the other volume.",
                names=names or _("no volume"),
                volume=self.volume_node.GetName(),
            )
        known = self.annotation is not None and any(
            s.id == aim.selected for s in self.annotation.structures
        )
        return aim.selected if known or not aim.selected else self.selected

    # ---- correcting ----------------------------------------------------------------------------

    @command
    def correct(self) -> None:
        """Take all segments of the chosen segmentation as classes and as a result to correct.

        ``state.question`` asks first where little of it lies inside the volume: see
        :meth:`answer`. A result on another grid is converted by the worker.
        """
        if self.node is None:
            raise UserError("No segmentation is chosen: choose the result that is to be corrected.")
        storage.check_not_newer(self.node)
        self.read_volume()
        share = self.check_inside(self.node)
        if share is not None and share < LITTLE:
            name, volume = self.node.GetName(), self.volume_node.GetName()
            self.question = _(
                "Only {percent} % of {name} lies inside {volume}. Does it belong to this "
                "volume, and shall the rest be cut off?"
            ).format(percent=max(1, round(100 * share)), name=name, volume=volume)
            self._asked = self.node
            return
        self._correct()

    @command
    def correct_file(self, path: Path | str, source: Sequence[Path] = ()) -> None:
        """Take the result in a file (.seg.nrrd, DICOM SEG, RT structure set, label map) up to be
        corrected: see :func:`~..scene.loading.load_result`."""
        if self.volume_node is None:
            raise UserError("No volume is chosen: load the volume of this result first.")
        from ..scene.loading import load_result  # what it reads with may not be installed yet

        node = load_result(Path(path), self.volume_node, source=source)
        try:
            self.choose_segmentation(node.GetID())
            self.correct()
        except UserError:
            self.choose_segmentation(None)
            self.scene.RemoveNode(node)
            raise

    @command
    def answer(self, yes: bool) -> None:
        """Answer ``state.question``."""
        asked, self._asked, self.question = self._asked, None, ""
        if asked is None or asked is not self.node:
            raise UserError("Nothing was asked.")
        if yes:
            self._correct()
        else:
            self.message = _("{name} is as it was.").format(name=self.node.GetName())

    def _correct(self) -> None:
        self.abandon()
        ids = self.correctable()
        if ids is None:
            return
        numbers = {id: n for n, id in enumerate(ids, 1)}
        layers = layers_of(self.volume_node, self.node, numbers)
        shape = self.read_volume().geometry.shape
        if all(layer.on_lattice(shape) for layer in layers):
            mirror = SegmentationMirror(self.volume_node, self.node, self._on_nodes)
            self.begin_correction(ids, *mirror.merged(self.node, ids, shape))
            return
        self._converting = (self.node, ids)
        self._occupy(Convert(layers, shape), Phase(CONVERTING, 0, shape[0]), shape[0])

    def _take(self, item: Any) -> None:
        super()._take(item)
        if isinstance(item, Converted) and self._converting is not None:
            (node, ids), self._converting = self._converting, None
            if node is self.node and ids == list(node.GetSegmentation().GetSegmentIDs()):
                self.begin_correction(ids, item.labels, item.clash, converted=True)
            else:
                self.message = self.failure = _(
                    "The segmentation changed while it was converted: correct it again."
                )
