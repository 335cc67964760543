"""The preview of the Segment Editor effect: a segmentation of its own, beside the edited one."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..scene.marks import oriented_image, segment_mask
from ..scene.volumes import SEGMENTATION, local_geometry, nodes_of, to_world
from ..volumes.geometry import Geometry


class Preview:
    """Marks on ``volume`` and what follows from them for one segment, not yet applied.

    The preview is a node of its own, which is not saved; ``presenter`` works on it. The voxels of
    the segment are where it begins: with ``correct`` they are a result that marks correct,
    otherwise they are marks themselves. Raises UserError where the volume cannot be segmented.
    """

    def __init__(
        self,
        presenter: Any,
        volume: Any,
        segmentation: Any,
        segment: str,
        *,
        correct: bool = False,
    ) -> None:
        self.presenter, self.volume = presenter, volume
        self.segmentation, self.segment = segmentation, segment
        scene = volume.GetScene()
        self._before = {node.GetID() for node in _segmentations(scene)}
        edited = segmentation.GetSegmentation().GetSegment(segment)
        painted = segment_mask(volume, segmentation, segment)
        self.node = scene.AddNewNodeByClass(SEGMENTATION, f"{segmentation.GetName()} preview")
        self.node.SetSaveWithScene(False)
        self.node.SetHideFromEditors(True)
        self.node.CreateDefaultDisplayNodes()
        presenter.choose_volume(volume.GetID())
        presenter.choose_segmentation(self.node.GetID())
        self.id = presenter.add_class(edited.GetName(), edited.GetColor())
        if painted.any():
            presenter.set_axis(_painted_axis(painted))
            self._put(painted)
            if correct:
                presenter.correct()

    def _put(self, mask: np.ndarray) -> None:
        from slicer import vtkSlicerSegmentationsModuleLogic as Logic

        image = oriented_image(mask.astype(np.uint8), local_geometry(self.volume))
        Logic.SetBinaryLabelmapToSegment(image, self.node, self.id, Logic.MODE_REPLACE)

    @property
    def alive(self) -> bool:
        """Whether all its nodes are still in the scene."""
        nodes = (self.node, self.volume, self.segmentation)
        return (
            all(node.GetScene() is not None for node in nodes)
            and self.node.GetSegmentation().GetSegment(self.id) is not None
            and self.segmentation.GetSegmentation().GetSegment(self.segment) is not None
        )

    def fill(self, labelmap: Any) -> None:
        """Write the preview into ``labelmap``, a vtkOrientedImageData of the edited segmentation.

        Its grid may be another one than the volume's (nearest voxel), and the nodes may be under
        different linear transforms.
        """
        from slicer import vtkOrientedImageDataResample

        mask = segment_mask(self.volume, self.node, self.id)
        grid = local_geometry(self.volume)
        move = np.linalg.solve(to_world(self.segmentation), to_world(self.volume))
        image = oriented_image(mask.astype(np.uint8), Geometry(grid.shape, move @ grid.ijk_to_ras))
        vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(
            image, labelmap, labelmap
        )

    def close(self) -> None:
        """Remove the preview and the marks that were made for it."""
        self.presenter.close()
        for node in _segmentations(self.segmentation.GetScene() or self.node.GetScene()):
            if node.GetID() not in self._before:
                node.GetScene().RemoveNode(node)


def _painted_axis(mask: np.ndarray) -> int:
    """The axis of [k, j, i] along which the fewest slices of ``mask`` are painted."""
    others = [tuple(a for a in range(3) if a != axis) for axis in range(3)]
    return int(np.argmin([mask.any(axis=other).sum() for other in others]))


def _segmentations(scene: Any) -> list[Any]:
    return [] if scene is None else nodes_of(scene, SEGMENTATION)
