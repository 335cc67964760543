"""The voxels of a segmentation node as layers that any process can bring onto a volume's grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..volumes.layers import Layer
from .marks import BINARY_LABELMAP, _voxels, check_paintable
from .volumes import check_in_scene, local_geometry, to_world


def layers_of(volume_node: Any, segmentation_node: Any, segments: Mapping[str, int]) -> list[Layer]:
    """The voxels of ``segments`` (IDs and their labels, 1 to 255), to be taken on the main thread.

    Raises UserError when a node is gone, under a warp, or made of surfaces.
    """
    check_in_scene(volume_node, "volume")
    check_paintable(segmentation_node)
    grid = local_geometry(volume_node)
    move = np.linalg.solve(to_world(segmentation_node), to_world(volume_node))
    shared: dict[Any, dict[int, int]] = {}
    for id, label in segments.items():
        segment = segmentation_node.GetSegmentation().GetSegment(id)
        image = None if segment is None else segment.GetRepresentation(BINARY_LABELMAP)
        if image is not None and not image.IsEmpty():
            shared.setdefault(image, {})[segment.GetLabelValue()] = label
    found = []
    for image, labels in shared.items():
        values, painted = _voxels(image)
        table = np.zeros(max(int(values.max()), *labels) + 1, np.uint8)
        table[list(labels)] = list(labels.values())
        to_source = np.linalg.solve(painted.ijk_to_ras, move @ grid.ijk_to_ras)
        found.append(Layer(values.copy(), table, to_source))
    return found
