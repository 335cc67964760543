"""Markups and painted segments -> marks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.scene.marks import (
    label_maps,
    oriented_image,
    seeds_from_segments,
    segment_mask,
)
from S2VNetSlicerLib.scene.results import SegmentationWriter
from S2VNetSlicerLib.scene.volumes import array_to_matrix, local_geometry, volume_from_node
from S2VNetSlicerLib.volumes.geometry import Geometry
from scipy.spatial.transform import Rotation


@pytest.mark.parametrize("which", ["node", "moved"])
def test_painted_segments_mark_their_voxels(which, request, segmentation, labels):
    node = request.getfixturevalue(which)
    writer = SegmentationWriter(segmentation, node)
    first, second = writer.ensure_segments(["a", "b"], [(1, 0, 0), (0, 1, 0)])
    writer.write(labels)
    seeds = seeds_from_segments(node, segmentation, {2: first, 3: second})
    assert np.array_equal(seeds, np.where(labels > 0, labels + 1, 0))


def test_segments_under_another_transform_are_placed(moved, segmentation, labels):
    from slicer import vtkSlicerSegmentationsModuleLogic as Logic

    # Painted in the world, where the volume is after its transform.
    world = volume_from_node(moved).geometry
    segment = segmentation.GetSegmentation().AddEmptySegment("", "a", (1, 0, 0))
    image = oriented_image((labels == 1).astype(np.uint8), world, (0, 0, 0))
    Logic.SetBinaryLabelmapToSegment(image, segmentation, segment, Logic.MODE_REPLACE)
    seeds = seeds_from_segments(moved, segmentation, {2: segment})
    assert np.array_equal(seeds == 2, labels == 1)


def test_segments_that_cannot_be_marks(node, segmentation, labels):
    from slicer import vtkSlicerSegmentationsModuleLogic as Logic

    with pytest.raises(UserError, match="has no segment nobody"):
        seeds_from_segments(node, segmentation, {2: "nobody"})
    grid = local_geometry(node)
    segment = segmentation.GetSegmentation().AddEmptySegment("", "far", (1, 0, 0))
    image = oriented_image(np.ones((2, 2, 2), np.uint8), grid, (90, 90, 90))
    Logic.SetBinaryLabelmapToSegment(image, segmentation, segment, Logic.MODE_REPLACE)
    with pytest.raises(UserError, match="far is painted only outside knee"):
        seeds_from_segments(node, segmentation, {2: segment})
    empty = segmentation.GetSegmentation().AddEmptySegment("", "empty", (1, 0, 0))
    assert not seeds_from_segments(node, segmentation, {2: empty}).any()


def rigid(rng: np.random.Generator) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.random(random_state=int(rng.integers(2**31))).as_matrix()
    matrix[:3, 3] = rng.uniform(-50, 50, 3)
    return matrix


def put(segmentation, block, grid, corner=(0, 0, 0)) -> str:
    """A new segment of its own layer on any grid."""
    inner = segmentation.GetSegmentation()
    segment = inner.AddEmptySegment("", f"s{inner.GetNumberOfSegments()}", (1, 0, 0))
    inner.GetSegment(segment).SetLabelValue(1)
    image = oriented_image(block.astype(np.uint8), grid, corner)
    inner.GetSegment(segment).AddRepresentation("Binary labelmap", image)
    return segment


anywhere = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@anywhere
@given(st.integers(0, 2**32))
def test_any_part_of_the_same_grid_is_exact(node, segmentation, seed):
    rng = np.random.default_rng(seed)
    grid = local_geometry(node)
    corner = rng.integers(-4, np.array(grid.shape))
    block = rng.random(rng.integers(2, 9, 3)) < 0.5
    whole = np.zeros(np.array(grid.shape) + 16, bool)
    low = corner + 4
    whole[tuple(map(slice, low, low + block.shape))] = block
    expected = whole[4:-12, 4:-12, 4:-12]
    for moved_origin in (False, True):
        start, at = np.eye(4), tuple(corner.tolist())
        if moved_origin:  # the same voxels, counted from another origin
            start[:3, 3], at = corner[::-1], (0, 0, 0)
        segment = put(segmentation, block, Geometry(block.shape, grid.ijk_to_ras @ start), at)
        assert np.array_equal(segment_mask(node, segmentation, segment), expected)


@anywhere
@given(st.integers(0, 2**32))
def test_another_grid_under_other_transforms_gives_the_nearest_voxel(
    node, segmentation, scene, seed
):
    rng = np.random.default_rng(seed)
    world = []
    for item in (node, segmentation):
        transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
        world.append(rigid(rng))
        transform.SetMatrixTransformToParent(array_to_matrix(world[-1]))
        item.SetAndObserveTransformNodeID(transform.GetID())
    grid = local_geometry(node)
    # A grid of other axes and spacing around the volume's centre.
    own = rigid(rng) @ np.diag([*rng.uniform(0.8, 2, 3), 1])
    block = rng.random((12, 13, 14)) < 0.5
    centre = world[0] @ grid.ijk_to_ras @ [5, 4, 3, 1]
    own[:3, 3] += (np.linalg.inv(world[1]) @ centre - own @ [6.5, 6, 5.5, 1])[:3]
    segment = put(segmentation, block, Geometry(block.shape, own))
    k, j, i = np.indices(grid.shape).reshape(3, -1)
    onto = np.linalg.inv(world[1] @ own) @ world[0] @ grid.ijk_to_ras
    at = (onto @ [i, j, k, np.ones_like(i)])[2::-1]
    near = np.rint(at).astype(int)
    inside = ((near >= 0) & (near < np.array(block.shape)[:, None])).all(0)
    expected = np.zeros(len(k), bool)
    expected[inside] = block[tuple(near[:, inside])]
    sure = (np.abs(at - np.floor(at) - 0.5) > 1e-3).all(0)  # not halfway between two voxels
    mask = segment_mask(node, segmentation, segment).ravel()
    assert np.array_equal(mask[sure], expected[sure])
    assert expected.any()


def test_shared_layers_give_each_segment_its_own_voxels(node, segmentation, labels):
    ids = [put(segmentation, labels == n, local_geometry(node)) for n in (1, 2)]
    segmentation.GetSegmentation().CollapseBinaryLabelmaps(True)
    assert segmentation.GetSegmentation().GetNumberOfLayers() == 1
    for n, segment in enumerate(ids, 1):
        assert np.array_equal(segment_mask(node, segmentation, segment), labels == n)


@pytest.mark.parametrize("moved_grid", [False, True])
def test_a_layer_is_read_at_once(node, segmentation, labels, moved_grid):
    """The same as segment by segment, whatever shares a layer, lies elsewhere, or is not there."""
    grid = local_geometry(node)
    if moved_grid:
        start = np.eye(4)
        start[:3, 3] = 0.3, 1, -0.2
        grid = Geometry(grid.shape, grid.ijk_to_ras @ start)
    ids = [put(segmentation, labels == n, grid) for n in (1, 2)]
    segmentation.GetSegmentation().CollapseBinaryLabelmaps(True)
    ids.append(put(segmentation, np.ones((3, 4, 5)), grid, (1, 2, 3)))  # over both of them
    ids.append(segmentation.GetSegmentation().AddEmptySegment("", "empty", (1, 0, 0)))
    numbers = dict(zip([*ids, "gone"], (7, 3, 200, 9, 5), strict=True))
    found = list(label_maps(node, segmentation, numbers))
    assert sorted(sorted(here) for here, _ in found) == [[3, 7, 9], [5], [200]]
    for here, shown in found:
        assert shown.dtype == np.uint8
        assert set(np.unique(shown)) <= {0, *here}
        for id in (id for id in ids if numbers[id] in here):
            assert np.array_equal(shown == numbers[id], segment_mask(node, segmentation, id))


def test_labels_of_any_size_and_kind(node, segmentation, labels):
    """As other programs write them: beyond 255, and as floats."""
    from vtkmodules.util.numpy_support import numpy_to_vtk

    for kind in (np.int16, np.float32):
        ids = [put(segmentation, labels > 0, local_geometry(node)) for _ in range(2)]
        inner = segmentation.GetSegmentation()
        image = inner.GetSegment(ids[0]).GetRepresentation("Binary labelmap")
        values = np.where(labels == 1, 300, np.where(labels == 2, 4, 0)).astype(kind)
        image.GetPointData().SetScalars(numpy_to_vtk(values.ravel(), deep=1))
        for id, value in zip(ids, (300, 4), strict=True):
            inner.GetSegment(id).AddRepresentation("Binary labelmap", image)
            inner.GetSegment(id).SetLabelValue(value)
        ((here, shown),) = label_maps(node, segmentation, {ids[0]: 1, ids[1]: 2})
        assert here == [1, 2]
        assert np.array_equal(shown, labels)


def test_a_volume_without_voxels_is_named(scene, segmentation):
    empty = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "nothing")
    with pytest.raises(UserError, match="nothing has no voxels"):
        seeds_from_segments(empty, segmentation, {})
    with pytest.raises(UserError, match="volume is no longer in the scene"):
        seeds_from_segments(None, segmentation, {})
