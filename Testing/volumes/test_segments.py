"""Segmentations that 3D Slicer saved are marks by the names of their segments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.reading import read_seeds
from S2VNetSlicerLib.volumes.volume import Volume

SHAPE = (4, 5, 6)
GEOMETRY = Geometry(
    SHAPE, np.array([[-1.0, 0, 0, 50], [0, -1, 0, 60], [0, 0, 3, 10], [0, 0, 0, 1]])
)
VOLUME = Volume(np.zeros(SHAPE), GEOMETRY, "MR", name="scan")
INSIDE, OUTSIDE = (1, 2, 3), (1, 4, 0)


def write(
    path: Path, array: np.ndarray, segments: list[tuple[str, int, int]], origin: str = "-50,-60,10"
) -> Path:
    """A .seg.nrrd by hand; ``array`` [k, j, i(, layer)]; segments: name, value, layer."""
    layers = array.ndim == 4
    k, j, i = array.shape[:3]
    head = (
        f"NRRD0004\ntype: unsigned char\ndimension: {3 + layers}\nspace: left-posterior-superior\n"
        f"sizes: {f'{array.shape[3]} ' if layers else ''}{i} {j} {k}\n"
        f"space directions: {'none ' if layers else ''}(1,0,0) (0,1,0) (0,0,3)\n"
        f"kinds: {'list ' if layers else ''}domain domain domain\nencoding: raw\n"
        f"space origin: ({origin})\n"
    )
    for n, (name, value, layer) in enumerate(segments):
        head += f"Segment{n}_ID:=Segment_{n}\nSegment{n}_Name:={name}\n"
        head += f"Segment{n}_LabelValue:={value}\nSegment{n}_Layer:={layer}\n"
        head += f"Segment{n}_Color:=0.5 0.25 {n / 10}\n"
    path.write_bytes((head + "\n").encode() + array.astype(np.uint8).tobytes())
    return path


def labels(**values: tuple[int, int, int]) -> np.ndarray:
    array = np.zeros(SHAPE, np.uint8)
    for value, voxel in values.items():
        array[voxel] = int(value[1:])
    return array


@pytest.mark.parametrize("organ_first", [True, False])
def test_names_decide_whatever_the_order_and_the_values(tmp_path: Path, organ_first: bool) -> None:
    listed = [("Organ", 7, 0), ("Background", 3, 0)]
    path = write(
        tmp_path / "a.seg.nrrd",
        labels(v7=INSIDE, v3=OUTSIDE),
        listed if organ_first else listed[::-1],
    )
    seeds = read_seeds(path, VOLUME)
    assert (seeds.names, seeds.notes) == (["Organ"], [])
    assert seeds.colours == [(0.5, 0.25, 0 if organ_first else 0.1)]
    np.testing.assert_array_equal(seeds.labels, labels(v2=INSIDE, v1=OUTSIDE))


def test_one_structure_alone_and_several_backgrounds(tmp_path: Path) -> None:
    alone = read_seeds(write(tmp_path / "a.seg.nrrd", labels(v1=INSIDE), [("Organ", 1, 0)]), VOLUME)
    assert (alone.labels[INSIDE], alone.names) == (2, ["Organ"])
    assert "no background" in alone.notes[0]
    array = labels(v1=OUTSIDE, v2=(0, 0, 0), v3=INSIDE)
    listed = [("bg", 1, 0), (" background", 2, 0), ("", 3, 0)]
    several = read_seeds(write(tmp_path / "b.seg.nrrd", array, listed), VOLUME)
    assert several.names == ["structure 1"]
    np.testing.assert_array_equal(
        several.labels, labels(v1=OUTSIDE, v2=INSIDE) + labels(v1=(0, 0, 0))
    )


def test_layers_and_extents(tmp_path: Path) -> None:
    array = np.zeros((2, 3, 4, 2), np.uint8)
    array[0, 1, 2, 0] = array[1, 2, 3, 1] = 1  # at (1, 3, 2) and (2, 4, 3) of the volume
    origin = "-50,-58,13"
    path = write(tmp_path / "a.seg.nrrd", array, [("a", 1, 0), ("b", 1, 1)], origin)
    seeds = read_seeds(path, VOLUME)
    np.testing.assert_array_equal(seeds.labels, labels(v2=(1, 3, 2), v3=(2, 4, 3)))
    array[1, 2, 3, 0] = 1
    write(path, array, [("a", 1, 0), ("b", 1, 1)], origin)
    with pytest.raises(UserError, match="marks 1 voxels both as a and as b"):
        read_seeds(path, VOLUME)
    with pytest.raises(UserError, match="does not lie on the grid of scan"):
        read_seeds(write(path, array, [("a", 1, 0)], "-50.4,-58,13"), VOLUME)


@pytest.mark.parametrize(
    ("segments", "match"),
    [
        ([("Organ", 1, 0), ("Lesion", 9, 0)], "marks Lesion nowhere"),
        ([("Organ", 1, 4)], "marks Organ nowhere"),
        ([("background", 1, 0)], "only background"),
    ],
)
def test_segments_that_say_nothing(tmp_path: Path, segments: Any, match: str) -> None:
    with pytest.raises(UserError, match=match):
        read_seeds(write(tmp_path / "a.seg.nrrd", labels(v1=INSIDE), segments), VOLUME)


def test_a_damaged_value(tmp_path: Path) -> None:
    path = write(tmp_path / "a.seg.nrrd", labels(v1=INSIDE), [("Organ", 1, 0)])
    path.write_bytes(path.read_bytes().replace(b"LabelValue:=1", b"LabelValue:=x"))
    with pytest.raises(UserError, match=r"a\.seg\.nrrd has a damaged description of segment 0"):
        read_seeds(path, VOLUME)


@pytest.mark.parametrize("crop", [False, True])
def test_what_slicer_itself_saves(tmp_path: Path, crop: bool) -> None:
    pytest.importorskip("slicer", reason="writes with Slicer's own writer")
    from S2VNetSlicerLib.scene.application import writing_scene
    from S2VNetSlicerLib.scene.results import SegmentationWriter
    from S2VNetSlicerLib.scene.volumes import volume_to_node

    scene = writing_scene()
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "marks")
    volume = Volume(np.arange(120, dtype=np.int16).reshape(SHAPE), GEOMETRY, "MR", name="scan")
    writer = SegmentationWriter(node, volume_to_node(volume, scene))
    writer.ensure_segments(["organ", "background"], [(1, 0, 0), (0, 1, 0)])
    writer.write(labels(v1=INSIDE, v2=OUTSIDE))
    storage = node.CreateDefaultStorageNode()
    scene.AddNode(storage)
    storage.SetFileName(str(tmp_path / "a.seg.nrrd"))
    storage.SetCropToMinimumExtent(crop)
    assert storage.WriteData(node)
    seeds = read_seeds(tmp_path / "a.seg.nrrd", VOLUME)
    assert seeds.names == ["organ"]
    np.testing.assert_array_equal(seeds.labels, labels(v2=INSIDE, v1=OUTSIDE))
