"""Marks come from label maps and from Slicer's markups; unusable ones are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.reading import read_seeds
from S2VNetSlicerLib.volumes.seeds import Seeds, default_colour
from S2VNetSlicerLib.volumes.volume import Volume

GEOMETRY = Geometry(
    (6, 10, 12),
    np.array([[-0.7, 0, 0, 40], [0, -0.8, 0, 30], [0, 0, 2.5, -9], [0, 0, 0, 1]]),
)


@pytest.fixture
def volume() -> Volume:
    array = np.random.default_rng(0).integers(0, 900, GEOMETRY.shape).astype(np.int16)
    return Volume(array, GEOMETRY, "MR", name="knee.nrrd")


def markup(*voxels: tuple[float, ...], kind: str = "Fiducial", **more: Any) -> dict[str, Any]:
    """One list as Slicer writes it, with points at the voxels (i, j, k)."""
    lps = GEOMETRY.ijk_to_ras_points(np.array(voxels).reshape(-1, 3)) * (-1, -1, 1)
    points = [{"label": "F-1", "position": p, "positionStatus": "defined"} for p in lps.tolist()]
    return {"type": kind, "coordinateSystem": "LPS", "controlPoints": points} | more


def save(path: Path, *lists: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"@schema": "markups-schema-v1.0.3", "markups": lists}))
    return path


def marked(seeds: Seeds, label: int) -> set[tuple[int, ...]]:
    """Voxels (i, j, k) with ``label``."""
    return {tuple(v[::-1]) for v in np.argwhere(seeds.labels == label).tolist()}


def cross(i: int, j: int, k: int) -> set[tuple[int, ...]]:
    return {(i, j, k), (i + 1, j, k), (i - 1, j, k), (i, j + 1, k), (i, j - 1, k)}


# Label maps


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.uint16, np.float32])
def test_a_label_map(tmp_path: Path, volume: Volume, dtype: type) -> None:
    labels = np.zeros(GEOMETRY.shape, dtype)
    labels[2, 3, 4:7] = 1, 2, 3
    sitk.WriteImage(GEOMETRY.to_sitk(labels), str(tmp_path / "marks.nii.gz"))
    seeds = read_seeds(tmp_path / "marks.nii.gz", volume)
    assert seeds.labels.dtype == np.uint8
    np.testing.assert_array_equal(seeds.labels, labels)
    assert seeds.names == ["structure 1", "structure 2"]
    assert seeds.colours == [default_colour(0), default_colour(1)]


def test_colours_differ() -> None:
    colours = np.array([default_colour(n) for n in range(13)])
    assert ((colours >= 0) & (colours <= 1)).all()
    apart = np.linalg.norm(colours[:, None] - colours, axis=-1) + np.eye(13)
    assert apart.min() > 0.15


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ([0, 0, 0], "holds no marks"),
        ([0, 1, 1], "only background"),
        ([0, 2, 255], "from 0 to 255"),
        ([-1, 1, 2], "from -1 to 2"),
        ([1, 2, 4], "no mark with label 3"),
        ([1, 2, 2.5], "fractions"),
        ([1, 2, np.nan], "holds labels"),
    ],
)
def test_unusable_labels(values: list[float], match: str) -> None:
    labels = np.resize(values, (3, 3, 3))
    with pytest.raises(UserError, match=rf"^marks\.nrrd .*{match}.*: .+\.$"):
        Seeds.from_label_map(labels, "marks.nrrd")


def test_another_grid(tmp_path: Path, volume: Volume) -> None:
    labels = np.full(GEOMETRY.shape, 2, np.uint8)
    moved = GEOMETRY.ijk_to_ras.copy()
    moved[0, 3] += 1
    cropped = Geometry((5, 10, 12), GEOMETRY.ijk_to_ras)
    for geometry, marks in ((Geometry(GEOMETRY.shape, moved), labels), (cropped, labels[1:])):
        sitk.WriteImage(geometry.to_sitk(marks), str(tmp_path / "marks.nrrd"))
        with pytest.raises(UserError, match=r"marks\.nrrd does not lie on the grid of knee\.nrrd"):
            read_seeds(tmp_path / "marks.nrrd", volume)


def test_names_must_fit() -> None:
    with pytest.raises(UserError, match="one name and one colour"):
        Seeds(np.full((2, 2, 2), 2, np.uint8), ["a", "b"]).check("marks")


# Markups


def test_points_mark_their_voxel_and_its_neighbours_in_the_slice(
    tmp_path: Path, volume: Volume
) -> None:
    path = save(
        tmp_path / "marks.mrk.json",
        markup((3, 4, 2), name="liver"),
        markup((8, 4.3, 1.6), name="BackGround"),
        markup((0, 9, 5), name="spleen"),
    )
    seeds = read_seeds(path, volume)
    assert seeds.names == ["liver", "spleen"]
    assert marked(seeds, 2) == cross(3, 4, 2)
    assert marked(seeds, 1) == cross(8, 4, 2)
    assert marked(seeds, 3) == {(0, 9, 5), (1, 9, 5), (0, 8, 5)}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 10), st.integers(1, 8), st.integers(0, 5)), min_size=1, max_size=6
    )
)
def test_any_points_give_their_crosses(tmp_path_factory: Any, voxels: list) -> None:
    path = save(tmp_path_factory.mktemp("m") / "a.mrk.json", markup(*voxels))
    volume = Volume(np.zeros(GEOMETRY.shape), GEOMETRY, "MR")
    assert marked(read_seeds(path, volume), 2) == set().union(*(cross(*v) for v in voxels))


@pytest.mark.parametrize("system", ["LPS", "RAS", 0, 1, "0", "1", None])
def test_coordinate_systems(tmp_path: Path, volume: Volume, system: Any) -> None:
    entry = markup((3, 4, 2), coordinateSystem=system)
    if system is None:
        del entry["coordinateSystem"]
    if system in ("RAS", 0, "0"):
        point = entry["controlPoints"][0]
        point["position"] = [-point["position"][0], -point["position"][1], point["position"][2]]
    seeds = read_seeds(save(tmp_path / "marks.mrk.json", entry), volume)
    assert marked(seeds, 2) == cross(3, 4, 2)


def test_a_folder_as_slicer_saves_it(tmp_path: Path, volume: Volume) -> None:
    """Slicer writes one list to a file, no name key, and one default colour for all."""
    pink = {"selectedColor": [1.0, 0.5, 0.5]}
    save(tmp_path / "bg.mrk.json", markup((8, 4, 2)))
    save(tmp_path / "kidney.mrk.json", markup((3, 4, 2), display=pink))
    save(tmp_path / "liver.mrk.json", markup((3, 4, 4), display=pink))
    seeds = read_seeds(tmp_path, volume)
    assert seeds.names == ["kidney", "liver"]
    assert seeds.colours == [(1, 0.5, 0.5), default_colour(1)]
    assert marked(seeds, 1) == cross(8, 4, 2)
    assert marked(seeds, 3) == cross(3, 4, 4)


def test_unnamed_lists_in_one_file(tmp_path: Path, volume: Volume) -> None:
    lists = [markup((3, 4, 2)), markup((8, 4, 2)), markup((8, 4, 4))]
    path = save(tmp_path / "marks.mrk.json", *lists)
    assert read_seeds(path, volume).names == ["structure 1", "structure 2", "structure 3"]
    for entry, label in zip(lists, ("background-1", "liver-1", "L4-12"), strict=True):
        entry["controlPoints"][0]["label"] = label
    seeds = read_seeds(save(path, *lists), volume)
    assert seeds.names == ["liver", "L4"]
    assert marked(seeds, 1) == cross(3, 4, 2)


def test_lists_of_one_name_are_one_class(tmp_path: Path, volume: Volume) -> None:
    lists = [markup((3, 4, 2), name="liver"), markup((8, 4, 2), name="liver")]
    seeds = read_seeds(save(tmp_path / "marks.mrk.json", *lists), volume)
    assert seeds.names == ["liver"]
    assert marked(seeds, 2) == cross(3, 4, 2) | cross(8, 4, 2)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("Line", [(2, 4), (3, 4), (4, 4), (5, 4), (6, 4)]),
        ("Curve", [(2, 4), (3, 4), (4, 4), (5, 4), (6, 4), (6, 5), (6, 6)]),
        ("ClosedCurve", [*((n, 4) for n in range(2, 7)), (6, 5), (6, 6), (3, 4), (5, 6), (4, 5)]),
    ],
)
def test_lines_and_curves(tmp_path: Path, volume: Volume, kind: str, line: list) -> None:
    corners = [(2, 4, 2), (6, 4, 2), (6, 6, 2)][: 2 if kind == "Line" else 3]
    seeds = read_seeds(save(tmp_path / "m.mrk.json", markup(*corners, kind=kind)), volume)
    assert marked(seeds, 2) >= set().union(*(cross(i, j, 2) for i, j in line[:5]))
    assert {(i, j, 2) for i, j in line} <= marked(seeds, 2)
    assert {k for _, _, k in marked(seeds, 2)} == {2}


def test_unplaced_points_and_points_outside_are_skipped(tmp_path: Path, volume: Volume) -> None:
    entry = markup((3, 4, 2), (300, 4, 2))
    entry["controlPoints"].append({"position": "", "positionStatus": "undefined"})
    entry["controlPoints"].append({"positionStatus": "preview"})
    assert marked(read_seeds(save(tmp_path / "m.mrk.json", entry), volume), 2) == cross(3, 4, 2)


def test_neighbours_yield_to_marks_and_to_nobody_when_contested(
    tmp_path: Path, volume: Volume
) -> None:
    lists = [markup((3, 4, 2), name="a"), markup((5, 4, 2), name="b"), markup((3, 5, 2), name="c")]
    seeds = read_seeds(save(tmp_path / "m.mrk.json", *lists), volume)
    assert seeds.labels[2, 4, 3:6].tolist() == [2, 0, 3]
    assert seeds.labels[2, 5, 3] == 4


def test_refused_markups(tmp_path: Path, volume: Volume) -> None:
    path = tmp_path / "marks.mrk.json"
    far = markup((300, 4, 2), name="liver")
    huge = markup((3, 4, 2), name="liver", kind="Line")
    huge["controlPoints"] = [{"position": [1e300, 0, 0]}, {"position": [1e301, 0, 0]}]
    unplaced = markup(name="liver")
    clash = [markup((3, 4, 2), name="liver"), markup((3, 4, 2), name="background")]
    for lists, match in (
        ([far], "marks liver only outside the volume"),
        ([huge], "marks liver only outside the volume"),
        ([unplaced], "marks liver nowhere"),
        (clash, r"voxel \(3, 4, 2\) \(i, j, k\) both as background and as liver|both as liver and"),
        ([markup((3, 4, 2), kind="ROI")], "no points, lines or curves but ROI"),
        ([markup((3, 4, 2), kind="Blob")], r"markups\.0\.type"),
        ([markup((3, 4, 2), coordinateSystem="IJK")], "coordinateSystem"),
        ([markup((3, 4, 2), controlPoints=[{"position": [1, 2]}])], "position"),
        ([markup((3, 4, 2), controlPoints=["F-1"])], "controlPoints"),
        ([markup((3, 4, 2), controlPoints="none")], "controlPoints"),
        ([markup((3, 4, 2), controlPoints=[{"position": [1, 2, float("nan")]}])], "position"),
        ([], "markups"),
        ([markup((3, 4, 2), name="background")], "only background"),
        ([markup((3, 4, 2), name=f"s{n}") for n in range(254)], "254 structures"),
    ):
        with pytest.raises(UserError, match=match) as caught:
            read_seeds(save(path, *lists), volume)
        assert str(path) in str(caught.value)
        assert str(caught.value).endswith(".")


@pytest.mark.parametrize("content", ["", "not JSON", "[]", '{"markups": 3}', '"text"'])
def test_files_that_are_no_markups(tmp_path: Path, volume: Volume, content: str) -> None:
    path = tmp_path / "marks.mrk.json"
    path.write_text(content)
    with pytest.raises(UserError, match=r"marks\.mrk\.json is not a file of points"):
        read_seeds(path, volume)


def test_missing_files(tmp_path: Path, volume: Volume) -> None:
    with pytest.raises(UserError, match=r"none\.mrk\.json does not exist"):
        read_seeds(tmp_path / "none.mrk.json", volume)
    with pytest.raises(UserError, match=r"none\.nrrd does not exist"):
        read_seeds(tmp_path / "none.nrrd", volume)
    with pytest.raises(UserError, match=r"holds no \.mrk\.json or \.fcsv files"):
        read_seeds(tmp_path, volume)


def test_what_lies_beside_the_points(tmp_path: Path, volume: Volume) -> None:
    """A ROI in the folder, points of an older Slicer, and a byte order mark."""
    save(tmp_path / "box.mrk.json", markup((3, 4, 2), kind="ROI"))
    save(tmp_path / "bg.mrk.json", markup((8, 4, 2)))
    path = tmp_path / "bg.mrk.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    points = GEOMETRY.ijk_to_ras_points(np.array([[3, 4, 2], [6, 2, 4]]))
    lines = [f"vtk_{n},{x!r},{y!r},{z!r},0,0,0,1,1,1,0,F-{n},," for n, (x, y, z) in
             enumerate(points.tolist())]  # fmt: skip
    head = "# Markups fiducial file version = 4.11\n# CoordinateSystem = 0\n# columns = id,x,y,z\n"
    (tmp_path / "liver.fcsv").write_text(head + "\n".join(lines) + "\n")
    seeds = read_seeds(tmp_path, volume)
    assert seeds.names == ["liver"]
    assert marked(seeds, 2) == cross(3, 4, 2) | cross(6, 2, 4)
    assert marked(seeds, 1) == cross(8, 4, 2)
    assert "ROI marks nothing" in seeds.notes[0]
    lps = head.replace("= 0", "= LPS") + "\n".join(lines).replace("vtk_", "")
    (tmp_path / "liver.fcsv").write_text(lps)
    with pytest.raises(UserError, match="marks liver only outside the volume"):
        read_seeds(tmp_path / "liver.fcsv", volume)
    (tmp_path / "liver.fcsv").write_text(head + "1,2\n")
    with pytest.raises(UserError, match=r"liver\.fcsv is not a file of points"):
        read_seeds(tmp_path / "liver.fcsv", volume)


@pytest.mark.parametrize(
    ("units", "factor"), [("mm", 1), (["mm"] * 3, 1), ("um", 1000), ("cm", 0.1), ("m", 0.001)]
)
def test_units_of_points(tmp_path: Path, volume: Volume, units: Any, factor: float) -> None:
    entry = markup((3, 4, 2), coordinateUnits=units)
    for point in entry["controlPoints"]:
        point["position"] = [value * factor for value in point["position"]]
    assert marked(read_seeds(save(tmp_path / "m.mrk.json", entry), volume), 2) == cross(3, 4, 2)
    entry["coordinateUnits"] = "furlong"
    with pytest.raises(UserError, match="coordinateUnits"):
        read_seeds(save(tmp_path / "m.mrk.json", entry), volume)
