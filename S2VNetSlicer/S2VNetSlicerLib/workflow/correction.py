"""The result of another method is taken up to be corrected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..annotation.initial import InitialSegmentation
from ..annotation.state import RESULT, AnnotationState
from ..errors import UserError
from ..inference.jobs import CONVERTING, Convert, Converted
from ..inference.messages import Phase
from ..scene.converting import layers_of
from ..texts import texts
from . import storage
from .node_commands import NodeCommands
from .runs import Runs

_ = texts(__name__)

LITTLE = 0.5
"""Whoever corrects a result of which less lies inside the volume is asked first."""


class Correction:
    """Segments of the chosen segmentation become classes and a result to correct."""

    def __init__(self, runs: Runs, nodes: NodeCommands) -> None:
        self._runs, self._workspace, self._message = runs, runs.workspace, runs.message
        self._nodes = nodes
        self._asked: tuple[Any, str, int] | None = None
        """Of which segmentation the user was asked what, and when."""
        self._converting: tuple[Any, list[str]] | None = None

    @property
    def question(self) -> str:
        """What the user is asked before a correction begins; empty: nothing."""
        _node, question, when = self._asked or (None, "", 0)
        return question if when == self._runs.state.discarded else ""

    def correct(self) -> None:
        """Take all segments of the chosen segmentation as classes and as a result to correct.

        ``state.question`` asks first where little of it lies inside the volume: see
        :meth:`answer`. A result on another grid is converted by the worker.
        """
        workspace = self._workspace
        if workspace.node is None:
            raise UserError("No segmentation is chosen: choose the result that is to be corrected.")
        storage.check_not_newer(workspace.node)
        workspace.read_volume()
        share = workspace.check_inside(workspace.node)
        if share is not None and share < LITTLE:
            name, volume = workspace.node.GetName(), workspace.volume_node.GetName()
            question = _(
                "Only {percent} % of {name} lies inside {volume}. Does it belong to this "
                "volume, and shall the rest be cut off?"
            ).format(percent=max(1, round(100 * share)), name=name, volume=volume)
            self._asked = workspace.node, question, self._runs.state.discarded
            return
        self._correct()

    def correct_file(self, path: Path | str, source: Sequence[Path] = ()) -> None:
        """Take the result in a file (.seg.nrrd, DICOM SEG, RT structure set, label map) up to be
        corrected: see :func:`~..scene.loading.load_result`."""
        workspace = self._workspace
        if workspace.volume_node is None:
            raise UserError("No volume is chosen: load the volume of this result first.")
        from ..scene.loading import load_result  # what it reads with may not be installed yet

        node = load_result(Path(path), workspace.volume_node, source=source)
        try:
            self._nodes.choose_segmentation(node.GetID())
            self.correct()
        except UserError:
            self._nodes.choose_segmentation(None)
            workspace.scene.RemoveNode(node)
            raise

    def answer(self, yes: bool) -> None:
        """Answer ``state.question``."""
        asked = self._asked[0] if self._asked and self.question else None
        self._asked = None
        if asked is None or asked is not self._workspace.node:
            raise UserError("Nothing was asked.")
        if yes:
            self._correct()
        else:
            self._message.tell(_("{name} is as it was.").format(name=asked.GetName()))

    def _correct(self) -> None:
        workspace = self._workspace
        self._runs.state.discard()
        ids = self._correctable()
        if ids is None:
            return
        numbers = {id: n for n, id in enumerate(ids, 1)}
        layers = layers_of(workspace.volume_node, workspace.node, numbers)
        shape = workspace.read_volume().geometry.shape
        if all(layer.on_lattice(shape) for layer in layers):
            self._begin(ids, *workspace.new_mirror().merged(workspace.node, ids, shape))
            return
        self._converting = (workspace.node, ids)
        phase = Phase(CONVERTING, 0, shape[0])
        self._runs.state.request(Convert(layers, shape), phase, shape[0])

    def take(self, item: Any) -> None:
        """One of the things that the inference process made."""
        if isinstance(item, Converted) and self._converting is not None:
            (node, ids), self._converting = self._converting, None
            now = list(node.GetSegmentation().GetSegmentIDs())
            if node is self._workspace.node and ids == now:
                self._begin(ids, item.labels, item.clash, converted=True)
            else:
                self._message.fail(
                    _("The segmentation changed while it was converted: correct it again.")
                )

    def _correctable(self) -> list[str] | None:
        """The IDs of the chosen segmentation's segments; None: they are corrected already.

        Raises UserError when there are none, or too many.
        """
        node, had = self._workspace.node, self._workspace.annotation
        ids = list(node.GetSegmentation().GetSegmentIDs())
        if not ids:
            raise UserError(
                "{name} has no segments: choose another segmentation.", name=node.GetName()
            )
        if had is not None and had.initial is not None and [s.id for s in had.structures] == ids:
            return None
        AnnotationState((1, 1, 1), 0).check_room(len(ids))
        return ids

    def _begin(
        self, ids: list[str], labels: np.ndarray, clash: int, *, converted: bool = False
    ) -> None:
        """All segments (``ids``) become classes, their ``labels`` [k, j, i] a result to correct;
        marks stay.

        ``clash``: the lowest label that takes voxels from another (0: none). ``converted``: the
        labels were brought onto the volume's grid, and the segments become the same.
        """
        volume, axis = self._workspace.read_volume(), self._workspace.axis
        mirror = self._workspace.new_mirror()
        mirror.check()
        annotation = AnnotationState(volume.geometry.shape, axis or 0)
        annotation.structures = [mirror.structure(id) for id in ids]
        began, first = labels, mirror.keep_original()
        if not (first and converted):  # what was corrected before is compared with as well
            began, clash = mirror.original_labels(ids, labels.shape)
        annotation.labels[...] = labels
        source = mirror.node.GetName()
        annotation.begin_with(InitialSegmentation(began, source), (RESULT, source))
        if clash:
            self._message.fail(mirror.overlap_notice(ids[clash - 1]))
        if converted:
            mirror.replace_labels(annotation)
            if first:
                mirror.keep_initial(annotation, known=True)
        if axis is None:  # where slices are thickest
            annotation.set_axis(int(np.argmax(volume.geometry.spacing)))
        try:
            told = storage.told_provenance(mirror.node, ids, annotation.axis, annotation.slices)
        except UserError as error:  # the voxels are good all the same
            told = []
            self._message.fail(str(error))
        if told:
            annotation.provenance = [o or ((RESULT, source),) for o in told]
        marks = np.moveaxis(mirror.read_marks(annotation), annotation.axis, 0)
        for z in np.flatnonzero(marks.any((1, 2))).tolist():
            annotation.mark(z, marks[z] > 0, marks[z][marks[z] > 0])
        self._workspace.attach_correction(annotation)
