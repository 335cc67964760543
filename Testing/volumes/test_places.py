"""NIfTI and NRRD lie where their headers and 3D Slicer say; any turn of a lattice is the same."""

from __future__ import annotations

import gzip
import itertools
import struct
import tempfile
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.lattice import onto
from S2VNetSlicerLib.volumes.reading import read_file, read_labels, read_seeds, read_volume
from S2VNetSlicerLib.volumes.writing import write_label_map
from scipy.spatial.transform import Rotation

ARRAY = np.random.default_rng(1).integers(-1000, 1000, (4, 5, 6)).astype(np.int16)
STRAIGHT = np.array([[-1.0, 0, 0, 50], [0, 1, 0, -60], [0, 0, 3, 10], [0, 0, 0, 1]])
ALIGNED = np.eye(4)
ALIGNED[:3, :3] = Rotation.from_euler("xyz", (8, -5, 10), degrees=True).as_matrix()
ALIGNED[:3, 3] = 4, -6, 3
ALIGNED = ALIGNED @ STRAIGHT


def nifti_bytes(
    array: np.ndarray,
    quaternion: tuple[float, ...] = (0, 0, 0),
    offset: tuple[float, ...] = (0, 0, 0),
    pixdim: tuple[float, ...] = (1, 1, 1, 1),
    sform: np.ndarray | None = None,
    codes: tuple[int, int] = (0, 0),
    scale: tuple[float, float] = (1, 0),
    order: str = "<",
    units: int = 2,
) -> bytes:
    """A NIfTI-1 file by hand; ``array`` [k, j, i] int16."""
    head = bytearray(352)
    struct.pack_into(f"{order}i", head, 0, 348)
    struct.pack_into(f"{order}8h", head, 40, 3, *array.shape[::-1], 1, 1, 1, 1)
    struct.pack_into(f"{order}2h", head, 70, 4, 16)
    struct.pack_into(f"{order}4f", head, 76, *pixdim)
    struct.pack_into(f"{order}3f", head, 108, 352, *scale)
    head[123] = units
    struct.pack_into(f"{order}2h", head, 252, *codes)
    struct.pack_into(f"{order}6f", head, 256, *quaternion, *offset)
    rows = np.eye(4)[:3] if sform is None else sform[:3]
    struct.pack_into(f"{order}12f", head, 280, *np.ravel(rows))
    head[344:348] = b"n+1\0"
    return bytes(head) + array.astype(f"{order}i2").tobytes()


def both_forms(path: Path, qform: np.ndarray, qcode: int, sform: np.ndarray, scode: int) -> Path:
    image = nibabel.Nifti1Image(ARRAY.T, None)
    image.set_qform(qform, qcode)
    image.set_sform(sform, scode)
    nibabel.save(image, path)
    return path


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_nifti_lies_where_its_header_says(data: st.DataObject) -> None:
    """The qform by its quaternion as the standard has it, written by hand."""
    turn = Rotation.from_euler("xyz", [data.draw(st.floats(-180, 180)) for _ in range(3)], True)
    x, y, z, w = turn.as_quat()
    sign = -1.0 if w < 0 else 1.0
    handed = data.draw(st.sampled_from((-1, 1)))
    spacing = [data.draw(st.floats(0.05, 8)) for _ in range(3)]
    offset = [data.draw(st.floats(-300, 300)) for _ in range(3)]
    affine = np.eye(4)
    affine[:3, :3] = turn.as_matrix() * spacing * (1, 1, handed)
    affine[:3, 3] = offset
    form = data.draw(st.sampled_from(("q", "s", "both")))
    content = nifti_bytes(
        ARRAY,
        (sign * x, sign * y, sign * z),
        tuple(offset),
        (handed, *spacing),
        affine,
        (int(form != "s"), int(form != "q")),
        order=data.draw(st.sampled_from("<>")),
    )
    packed = data.draw(st.booleans())  # the name need not say it
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / data.draw(st.sampled_from(("a.nii", "a.nii.gz")))
        path.write_bytes(gzip.compress(content) if packed else content)
        image = read_file(path)
    np.testing.assert_array_equal(image.array, ARRAY)
    assert image.geometry.apart(Geometry(ARRAY.shape, affine)) < 0.01 * min(spacing)


@settings(max_examples=25)
@given(st.floats(-7, 0), st.permutations((0.0, 0.0, 1.0)), st.tuples(*[st.floats(-2, 1)] * 3))
def test_a_turn_by_nearly_half_a_circle_is_the_one_that_itk_makes(
    away: float, axis: list[float], sizes: tuple[float, ...]
) -> None:
    """float32 can hardly hold it, and readers do not agree on the rest."""
    turn = Rotation.from_rotvec(np.radians(180 - 10**away) * np.array(axis))
    spacing = tuple(float(10**size) for size in sizes)
    sform = np.eye(4)
    sform[:3, :3] = turn.as_matrix() * spacing
    x, y, z, _ = turn.as_quat(canonical=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.nii"
        for codes in ((1, 0), (1, 2)):
            path.write_bytes(nifti_bytes(ARRAY, (x, y, z), (0, 0, 0), (1, *spacing), sform, codes))
            itk = Geometry.from_sitk(sitk.ReadImage(str(path)))
            assert read_file(path).geometry.apart(itk) <= 0.01 * min(spacing)


@pytest.mark.parametrize("codes", list(itertools.product(range(5), repeat=2)))
def test_of_two_forms_slicers_choice_counts_and_results_carry_both(
    tmp_path: Path, codes: tuple[int, int]
) -> None:
    path = both_forms(tmp_path / "a.nii", STRAIGHT, codes[0], ALIGNED, codes[1])
    volume = read_volume(path)
    chosen = Geometry.from_sitk(sitk.ReadImage(str(path)))
    assert volume.geometry.is_close(chosen, 1e-3)
    assert bool(volume.notes) == (codes == (0, 0))
    labels = (ARRAY > 0).astype(np.uint8)
    for suffix in (".nii", ".nii.gz"):
        write_label_map(tmp_path / f"r{suffix}", labels, volume.geometry, volume.forms)
        result, source = (nibabel.load(p).header for p in (tmp_path / f"r{suffix}", path))
        if any(codes):
            for form in ("get_qform", "get_sform"):
                found, code = getattr(result, form)(coded=True)
                wanted, expected = getattr(source, form)(coded=True)
                assert code == expected
                assert code == 0 or np.allclose(found, wanted, atol=1e-4)
        np.testing.assert_array_equal(read_labels(tmp_path / f"r{suffix}", volume), labels)


@pytest.mark.parametrize("code", [1, 2, 4])
def test_marks_with_one_of_the_two_forms_belong_to_the_volume(tmp_path: Path, code: int) -> None:
    volume = read_volume(both_forms(tmp_path / "a.nii", STRAIGHT, 1, ALIGNED, code))
    marks = np.zeros(ARRAY.shape, np.uint8)
    marks[1, 2, 3] = 2
    for form in (STRAIGHT, ALIGNED):
        nibabel.save(nibabel.Nifti1Image(marks.T, form), tmp_path / "marks.nii")
        np.testing.assert_array_equal(read_seeds(tmp_path / "marks.nii", volume).labels, marks)


@pytest.mark.parametrize("codes", [(0, 1), (1, 1), (1, 2), (2, 1)])
def test_a_sheared_sform_is_refused_whatever_the_qform_says(
    tmp_path: Path, codes: tuple[int, int]
) -> None:
    tilted = STRAIGHT.copy()
    tilted[1, 2] = 3 * np.tan(np.deg2rad(15))
    path = both_forms(tmp_path / "a.nii", STRAIGHT, codes[0], tilted, codes[1])
    with pytest.raises(UserError, match=r"a\.nii has an sform whose axes are not at right angles"):
        read_file(path)


@pytest.mark.parametrize("qcode", [0, 1])
@pytest.mark.parametrize("decimals", [3, 4, 5])
def test_a_rounded_sform_is_set_at_right_angles(tmp_path: Path, decimals: int, qcode: int) -> None:
    exact = np.eye(4)
    turn = Rotation.from_euler("xyz", (12, -7, 20), degrees=True).as_matrix()
    exact[:3, :3] = turn * (-0.8, 0.8, 3)
    rounded = exact.round(decimals)
    image = read_file(both_forms(tmp_path / "a.nii", rounded, qcode, rounded, 1))
    image.geometry.check("a.nii")
    shape = ARRAY.shape
    assert image.geometry.apart(Geometry(shape, exact)) < 3 * 10.0**-decimals * max(shape)
    if decimals == 3:
        assert "moves no voxel by more than 0.00" in image.notes[0]
    labels = (ARRAY > 0).astype(np.uint8)
    write_label_map(tmp_path / "r.nii", labels, image.geometry, image.forms)
    assert np.allclose(nibabel.load(tmp_path / "r.nii").affine, rounded, atol=1e-6)


def test_scales_units_and_nifti_2(tmp_path: Path) -> None:
    path = tmp_path / "a.nii"
    for slope, intercept, expected in ((0, 7, ARRAY), (2, -5, ARRAY * 2.0 - 5)):
        path.write_bytes(nifti_bytes(ARRAY, codes=(1, 0), scale=(slope, intercept)))
        np.testing.assert_array_equal(read_file(path).array, expected)
    path.write_bytes(nifti_bytes(ARRAY, codes=(1, 0), pixdim=(1, 20, 20, 50), units=3))
    assert read_file(path).geometry.spacing == pytest.approx((0.05, 0.02, 0.02))
    nibabel.save(nibabel.Nifti2Image(ARRAY.T, ALIGNED), path)
    image = read_file(path)
    np.testing.assert_array_equal(image.array, ARRAY)
    assert image.geometry.apart(Geometry(ARRAY.shape, ALIGNED)) < 1e-3


# ---- NRRD ----------------------------------------------------------------------------------------

DIRECTIONS = "space directions: (0,0.5,0) (0.7,0,0) (0,0,3)\n"
ORIGIN = "space origin: (-40,-36,-20)\n"
SPACES = (
    "right-anterior-superior", "RAS", "left-anterior-superior", "LAS", "left-posterior-superior",
    "LPS", "scanner-xyz", "3D-right-handed", "3D-left-handed",
)  # fmt: skip
PLACES = {
    **{space: f"space: {space}\n{DIRECTIONS}{ORIGIN}" for space in SPACES},
    "dimension": f"space dimension: 3\n{DIRECTIONS}{ORIGIN}",
    "no origin": f"space: LPS\n{DIRECTIONS}",
    "spacings": "spacings: 1 2 3\n",
    "mins": "spacings: 1 2 3\naxis mins: 10 20 30\n",
    "cells": "axis mins: 10 20 30\naxis maxs: 20 30 40\ncenters: cell cell cell\n",
    "nothing": "",
}


def nrrd(path: Path, place: str) -> Path:
    head = (
        "NRRD0005\ntype: short\ndimension: 3\nsizes: 6 5 4\nendian: little\nencoding: raw\n"
        f"{place}\n"
    )
    path.write_bytes(head.encode() + ARRAY.astype("<i2").tobytes())
    return path


@pytest.mark.parametrize("name", PLACES)
def test_a_nrrd_lies_where_slicer_puts_it(tmp_path: Path, name: str) -> None:
    slicer = pytest.importorskip("slicer", reason="compares with Slicer's own reader")
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    path = nrrd(tmp_path / "a.nrrd", PLACES[name])
    scene = slicer.vtkMRMLScene()
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "a")
    storage = slicer.vtkMRMLNRRDStorageNode()
    scene.AddNode(storage)
    storage.SetFileName(str(path))
    assert storage.ReadData(node)
    matrix = vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    theirs = [[matrix.GetElement(row, column) for column in range(4)] for row in range(4)]
    image = read_file(path)
    np.testing.assert_allclose(image.geometry.ijk_to_ras, theirs, atol=1e-9)
    np.testing.assert_array_equal(image.array, ARRAY)
    stated = name in SPACES[:6]
    assert bool(image.notes) != stated


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_nrrd_lies_where_its_header_says(data: st.DataObject) -> None:
    turn = Rotation.from_euler("xyz", [data.draw(st.floats(-180, 180)) for _ in range(3)], True)
    spacing = [data.draw(st.floats(0.01, 8)) for _ in range(3)]
    origin = [data.draw(st.floats(-300, 300)) for _ in range(3)]
    space = data.draw(st.sampled_from(SPACES))
    flips = {"l": (-1, 1, 1), "lps": (-1, -1, 1)}
    start = space.lower()
    lps = start in ("lps", "left-posterior-superior")
    las = start in ("las", "left-anterior-superior")
    to_ras = np.array(flips["lps"] if lps else flips["l"] if las else (1, 1, 1))
    affine = np.eye(4)
    affine[:3, :3] = turn.as_matrix() * spacing
    affine[:3, 3] = origin
    columns = " ".join(
        f"({','.join(repr(float(v)) for v in column)})" for column in affine[:3, :3].T
    )
    point = ",".join(repr(v) for v in origin)
    place = f"space: {space}\nspace directions: {columns}\nspace origin: ({point})\n"
    with tempfile.TemporaryDirectory() as folder:
        image = read_file(nrrd(Path(folder) / "a.nrrd", place))
    affine[:3] *= to_ras[:, None]
    assert image.geometry.apart(Geometry(ARRAY.shape, affine)) < 0.01 * min(spacing)


# ---- the same lattice ----------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(3)), st.tuples(*[st.booleans()] * 3), st.floats(-180, 180))
def test_every_turn_of_a_lattice_is_brought_back(
    order: list[int], flips: tuple[bool, ...], angle: float
) -> None:
    affine = np.eye(4)
    turn = Rotation.from_euler("xyz", (angle, angle / 3, 20), degrees=True).as_matrix()
    affine[:3, :3] = turn * (0.7, 0.9, 2)
    affine[:3, 3] = 5, -7, 11
    wanted = Geometry(ARRAY.shape, affine)
    turned = np.flip(ARRAY.transpose(order), [axis for axis in range(3) if flips[axis]])
    grid = wanted.turned(order, flips)
    # Every voxel has its value at its place.
    for index in ((0, 0, 0), (1, 2, 0), tuple(n - 1 for n in grid.shape)):
        place = grid.ijk_to_ras_points(np.array([index[::-1]]))
        i, j, k = np.rint(wanted.ras_to_ijk(place)[0]).astype(int)
        assert turned[index] == ARRAY[k, j, i]
    np.testing.assert_array_equal(onto(turned, [grid], [wanted], "a", "b"), ARRAY)


def test_another_lattice_is_refused_with_both_grids_and_the_distance() -> None:
    grid = Geometry(ARRAY.shape, STRAIGHT)
    moved = STRAIGHT.copy()
    moved[0, 3] += 1.5
    with pytest.raises(UserError) as caught:
        onto(ARRAY, [Geometry(ARRAY.shape, moved)], [grid], "marks.nii", "scan.nii")
    told = str(caught.value)
    assert "marks.nii does not lie on the grid of scan.nii" in told
    assert "6 x 5 x 4 voxels of 1 x 1 x 3 mm from (51.5, -60, 10) RAS towards LAS" in told
    assert "1.5 mm away" in told
    with pytest.raises(UserError, match="6 x 5 x 3 voxels"):
        onto(ARRAY[:3], [Geometry((3, 5, 6), STRAIGHT)], [grid], "a", "b")


def test_a_part_is_placed_where_it_lies() -> None:
    grid = Geometry(ARRAY.shape, STRAIGHT)
    part = STRAIGHT.copy()
    part[:3, 3] = STRAIGHT[:3, :3] @ (2, -1, 1) + STRAIGHT[:3, 3]
    cropped = np.arange(1, 1 + 2 * 3 * 7).reshape(2, 3, 7)
    placed = onto(cropped, [Geometry((2, 3, 7), part)], [grid], "a", "b", part=True)
    expected = np.zeros(ARRAY.shape, int)
    expected[1:3, 0:2, 2:6] = cropped[:, 1:3, :4]
    np.testing.assert_array_equal(placed, expected)
    part[0, 3] += 0.4
    with pytest.raises(UserError, match="does not lie on the grid"):
        onto(cropped, [Geometry((2, 3, 7), part)], [grid], "a", "b", part=True)
