"""The preview of the Segment Editor effect: a segmentation of its own, beside the edited one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import UserError
from ..scene.belonging import assign
from ..scene.marks import oriented_image, segment_mask
from ..scene.volumes import SEGMENTATION, local_geometry, nodes_of, to_world
from ..volumes.geometry import Geometry


class Preview:
    """Marks on ``volume`` and what follows from them for ``segments`` (IDs), not yet applied.

    The preview is a node of its own, which is not saved; ``presenter`` works on it. The voxels of
    the segments are where it begins: with ``correct`` they are a result that marks correct,
    otherwise they are marks themselves. Raises UserError where the volume cannot be segmented.
    """

    def __init__(
        self,
        presenter: Any,
        volume: Any,
        segmentation: Any,
        segments: Sequence[str],
        *,
        correct: bool = False,
    ) -> None:
        self.presenter, self.volume, self.segmentation = presenter, volume, segmentation
        scene = volume.GetScene()
        self._before = {node.GetID() for node in _segmentations(scene)}
        painted = {id: segment_mask(volume, segmentation, id) for id in segments}
        self.node = scene.AddNewNodeByClass(SEGMENTATION, f"{segmentation.GetName()} preview")
        self.node.SetSaveWithScene(False)
        self.node.SetHideFromEditors(True)
        self.node.CreateDefaultDisplayNodes()
        assign(self.node, volume)
        if not presenter.choose_segmentation(self.node.GetID()):
            sentence = presenter.state.message
            self.close()
            raise UserError(sentence)
        self.ids: dict[str, str] = {}
        """The class of each segment."""
        for id in segments:
            edited = segmentation.GetSegmentation().GetSegment(id)
            self.ids[id] = presenter.add_class(edited.GetName(), edited.GetColor())
        together = np.logical_or.reduce(list(painted.values()))
        if together.any():
            presenter.set_axis(_painted_axis(together))
            for id, mask in painted.items():
                self._put(mask, self.ids[id])
            if correct:
                presenter.correct()

    def _put(self, mask: np.ndarray, id: str) -> None:
        from slicer import vtkSlicerSegmentationsModuleLogic as Logic

        image = oriented_image(mask.astype(np.uint8), local_geometry(self.volume))
        Logic.SetBinaryLabelmapToSegment(image, self.node, id, Logic.MODE_REPLACE)

    @property
    def alive(self) -> bool:
        """Whether all its nodes and segments are still in the scene."""
        nodes = (self.node, self.volume, self.segmentation)
        pairs = ((self.node, self.ids.values()), (self.segmentation, self.ids))
        return all(node.GetScene() is not None for node in nodes) and all(
            node.GetSegmentation().GetSegment(id) is not None for node, ids in pairs for id in ids
        )

    def select(self, segment: str) -> None:
        """Marks are those of this segment from now on."""
        if self.presenter.state.selected != self.ids[segment]:
            self.presenter.select_class(self.ids[segment])

    def masks(self) -> dict[str, np.ndarray]:
        """What became of each segment, bool [k, j, i]."""
        return {id: segment_mask(self.volume, self.node, own) for id, own in self.ids.items()}

    def close(self) -> None:
        """Remove the preview and the marks that were made for it."""
        self.presenter.close()
        for node in _segmentations(self.segmentation.GetScene() or self.node.GetScene()):
            if node.GetID() not in self._before:
                node.GetScene().RemoveNode(node)


def fill(labelmap: Any, mask: np.ndarray, volume: Any, segmentation: Any) -> None:
    """Write ``mask`` of ``volume`` into ``labelmap``, a vtkOrientedImageData of ``segmentation``.

    Its grid may be another one than the volume's (nearest voxel), and the nodes may be under
    different linear transforms.
    """
    from slicer import vtkOrientedImageDataResample

    grid = local_geometry(volume)
    move = np.linalg.solve(to_world(segmentation), to_world(volume))
    image = oriented_image(mask.astype(np.uint8), Geometry(grid.shape, move @ grid.ijk_to_ras))
    vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(
        image, labelmap, labelmap
    )


def _painted_axis(mask: np.ndarray) -> int:
    """The axis of [k, j, i] along which the fewest slices of ``mask`` are painted."""
    others = [tuple(a for a in range(3) if a != axis) for axis in range(3)]
    return int(np.argmin([mask.any(axis=other).sum() for other in others]))


def _segmentations(scene: Any) -> list[Any]:
    return [] if scene is None else nodes_of(scene, SEGMENTATION)
