"""Results of any format become a segmentation of a volume, to be corrected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from ..volumes.geometry import Geometry
from ..volumes.reading import SEGMENTATION as SLICERS
from ..volumes.reading import Image, read_result
from ..volumes.seeds import LARGEST_LABEL, Colour, default_colour
from ..volumes.segments import Segment
from .files import read_segmentation
from .marks import BINARY_LABELMAP, oriented_image
from .volumes import SEGMENTATION, check_in_scene, forms_of, local_geometry, world_geometry


def load_result(
    path: Path,
    volume_node: Any,
    structures: Sequence[tuple[str, Colour]] | None = None,
    source: Sequence[Path] = (),
) -> Any:
    """A new segmentation node with a result for the volume of ``volume_node``: .seg.nrrd, DICOM
    SEG, RT structure set (.dcm) or label map.

    It has the volume's grid where the file has its lattice, whichever way that is turned; else its
    own, and correcting it converts it. ``structures``: name and colour of labels 1, 2, ... of a
    label map. ``source``: the DICOM files of the volume, if they are known. Raises UserError for
    what cannot be read, for contours outside the volume, and for DICOM objects of another scan.
    """
    check_in_scene(volume_node, "volume")
    scene, name = volume_node.GetScene(), volume_node.GetName()
    if path.name.lower().endswith(SLICERS):  # Slicer's reader also takes terminology and audit
        return read_segmentation(path, scene)
    world = world_geometry(volume_node)
    nothing = np.zeros((0, 0, 0), np.uint8)
    forms = forms_of(volume_node)
    volume = Image(Path(name), nothing, world, forms=forms, source=list(source))
    segments, array, geometry = read_result(path, volume)
    if structures is not None:
        segments = _called(segments, structures, path)
    if len(segments) > LARGEST_LABEL:
        raise UserError(
            "{path} has {count} structures: {largest_label} are possible.",
            path=path,
            count=len(segments),
            largest_label=LARGEST_LABEL,
        )
    node = scene.AddNewNodeByClass(SEGMENTATION, path.name.split(".")[0])
    if geometry is world:
        geometry = local_geometry(volume_node)
        node.SetAndObserveTransformNodeID(volume_node.GetTransformNodeID())
    for layer in range(array.shape[3] if array.ndim == 4 else 1):
        here = [segment for segment in segments if segment.layer == layer]
        _add_layer(node, here, array[..., layer] if array.ndim == 4 else array, geometry)
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)
    node.CreateDefaultDisplayNodes()
    return node


def _called(
    segments: Sequence[Segment], structures: Sequence[tuple[str, Colour]], path: Path
) -> list[Segment]:
    """A segment for each of ``structures``; UserError where the file has further ones."""
    if unknown := [s.value for s in segments if s.value > len(structures)]:
        raise UserError(
            "{path} holds the label {unknown}, which has no name.", path=path, unknown=unknown[0]
        )
    return [Segment(name, n, 0, colour) for n, (name, colour) in enumerate(structures, 1)]


def _add_layer(
    node: Any, segments: Sequence[Segment], array: np.ndarray, geometry: Geometry
) -> None:
    """Segments that share a binary label map, cropped to what it holds."""
    labels = np.zeros(array.shape, np.uint8)
    for value, segment in enumerate(segments, 1):
        labels[array == segment.value] = value
    there = [np.flatnonzero(labels.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))]
    k, j, i = ((int(n[0]), int(n[-1]) + 1) if len(n) else (0, 1) for n in there)
    part = labels[slice(*k), slice(*j), slice(*i)]
    image = oriented_image(part, geometry, (k[0], j[0], i[0]))
    segmentation = node.GetSegmentation()
    for value, segment in enumerate(segments, 1):
        number = segmentation.GetNumberOfSegments()
        colour = segment.colour or default_colour(number)
        name = segment.name or f"structure {number + 1}"
        added = segmentation.GetSegment(segmentation.AddEmptySegment("", name, colour))
        added.SetLabelValue(value)
        added.AddRepresentation(BINARY_LABELMAP, image)
