"""What counts as a case, under which name, and with which marks."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from S2VNetSlicerLib.batch.cases import Case, find_cases
from S2VNetSlicerLib.errors import UserError
from small_files import write_seeds, write_volume


def names(source: Path, output: Path, **more: Path) -> list[str]:
    return [case.name for case in find_cases(source, output, **more)]


def write_series(
    folder: Path, uid: str, text: str, slices: int = 4, cut: int | None = None
) -> None:
    """Axial CT slices; the file of slice ``cut`` is cut off."""
    folder.mkdir(parents=True, exist_ok=True)
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for n in range(slices):
        pixels = np.full((1, 5, 6), n * 100 - 300, np.int16)
        pixels[0, 0, 0] = 1000
        image = sitk.GetImageFromArray(pixels)
        image.SetSpacing((0.7, 0.8, 3.0))
        for key, value in {
            "0008|0018": f"{uid}.{n}",
            "0008|0060": "CT",
            "0008|103e": text,
            "0020|000d": "1.2.3",
            "0020|000e": uid,
            "0020|0032": f"5\\6\\{3 * n}",
            "0020|0037": "1\\0\\0\\0\\1\\0",
        }.items():
            image.SetMetaData(key, value)
        path = folder / f"{uid}-{n}.dcm"
        writer.SetFileName(str(path))
        writer.Execute(image)
        if n == cut:
            path.write_bytes(path.read_bytes()[:-30])


def test_a_folder_of_volumes_with_marks_beside(tmp_path):
    source = tmp_path / "in"
    write_volume(source / "a.nii.gz")
    write_volume(source / "b.nrrd")
    write_volume(source / "deep" / "er" / "c.mha")
    write_volume(source / ".hidden" / "h.nii.gz")
    write_volume(source / "results" / "old.nii.gz")
    write_seeds(source / "a.seeds.nii.gz")
    write_volume(source / "a.seg.nrrd")
    (source / "b.mrk.json").write_text("{}")
    (source / "readme.txt").write_text("text")
    cases = {case.name: case for case in find_cases(source, source / "results")}
    assert list(cases) == ["a", "b", "deep_er_c"]
    assert cases["a"].seeds == source / "a.seeds.nii.gz"
    assert cases["b"].seeds == source / "b.mrk.json"
    assert cases["deep_er_c"].seeds is None
    assert names(source / "a.nii.gz", tmp_path / "out") == ["a"]


def test_marks_from_a_folder_of_their_own(tmp_path):
    write_volume(tmp_path / "in" / "a.nii.gz")
    write_seeds(tmp_path / "marks" / "a.seeds.nrrd")
    (case,) = find_cases(tmp_path / "in", tmp_path / "out", tmp_path / "marks")
    assert case.seeds == tmp_path / "marks" / "a.seeds.nrrd"
    volume = case.read()
    assert case.read_seeds(volume).names == ["structure 1"]


def test_names_are_unique_and_stay_when_others_come(tmp_path):
    source = tmp_path / "in"
    for name in ("a.nii.gz", "A.nrrd", "b.nii.gz", "sub/b c.nii.gz", "sub_b_c.nii.gz"):
        write_volume(source / name)
    found = names(source, tmp_path / "out")
    assert len({name.casefold() for name in found}) == 5
    assert "b" in found
    write_volume(source / "new.nii.gz")
    assert set(names(source, tmp_path / "out")) == {*found, "new"}


def test_a_dangling_link_is_a_case_that_fails(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    (source / "gone.nii.gz").symlink_to(tmp_path / "nowhere.nii.gz")
    (case,) = find_cases(source, tmp_path / "out")
    assert case.stamp() == []
    with pytest.raises(UserError, match="does not exist"):
        case.read()


def test_links_between_folders_end(tmp_path):
    write_volume(tmp_path / "real" / "a.nii.gz")
    source = tmp_path / "in"
    source.mkdir()
    (source / "linked").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "back").symlink_to(source)
    assert names(source, tmp_path / "out") == ["linked_a"]


@pytest.mark.parametrize(
    ("facts", "modality"),
    [
        ({"channel_names": {"0": "CT"}}, "CT"),
        ({"modality": {"0": "MRI"}}, "MR"),
        ({"channel_names": {"0": "T1"}}, None),
        (None, None),
    ],
)
def test_nnunet_raw(tmp_path, facts, modality):
    source = tmp_path / "Dataset007_Knees"
    for name in ("imagesTr/k1_0000", "imagesTr/k1_0001", "imagesTs/k2_0000", "labelsTr/k1"):
        write_volume(source / f"{name}.nii.gz")
    write_seeds(source / "imagesTr" / "k1.seeds.nii.gz")
    if facts:
        (source / "dataset.json").write_text(json.dumps(facts))
    cases = find_cases(source, tmp_path / "out")
    assert [case.name for case in cases] == ["k1", "k2"]
    assert {case.modality for case in cases} == {modality}
    assert cases[0].seeds is not None
    assert names(source / "imagesTs", tmp_path / "out") == ["k2"]


def test_a_dicom_tree_has_one_case_a_series(tmp_path):
    source = tmp_path / "dicom"
    write_series(source / "p1" / "ct", "1.2.1", "thin")
    write_series(source / "p2", "1.2.2", "arterial")
    write_series(source / "p2", "1.2.3", "venous", slices=5)
    write_series(source / "p2", "1.2.4", "scout", slices=1)
    (source / "p2" / "notes").write_text("none")
    cases = find_cases(source, tmp_path / "out")
    assert [case.name for case in cases] == ["p1_ct", "p2_arterial", "p2_venous"]
    assert [case.read().array.shape[0] for case in cases] == [4, 4, 5]
    assert {case.read().modality for case in cases} == {"CT"}
    stamps = [case.stamp() for case in cases]
    assert [len(stamp) for stamp in stamps] == [4, 4, 5]
    # One series changed: the other's stamp stays.
    os.utime(source / "p2" / "1.2.3-0.dcm", (1, 1))
    assert [case.stamp() == old for case, old in zip(cases, stamps, strict=True)] == [1, 1, 0]


def test_series_of_equal_description_differ_in_name(tmp_path):
    for uid in ("1.2.5", "1.2.6"):
        write_series(tmp_path / "dicom", uid, "T1")
    found = names(tmp_path / "dicom", tmp_path / "out")
    assert len(set(found)) == 2
    assert all(name.startswith("dicom_T1-") for name in found)


def test_a_cut_off_slice_fails_its_series_alone(tmp_path):
    source = tmp_path / "dicom"
    write_series(source, "1.2.7", "good")
    write_series(source, "1.2.8", "cut", cut=3)
    cases = {case.name: case for case in find_cases(source, tmp_path / "out")}
    assert cases["dicom_good"].read().array.shape[0] == 4
    with pytest.raises(UserError, match=r"1\.2\.8-3\.dcm is cut off or damaged") as caught:
        cases["dicom_cut"].read()
    assert str(source) in str(caught.value)
    with pytest.raises(UserError, match="holds no series 2"):
        Case("x", source, "2.25.987654321987").read()  # not by chance in a file's own numbers


def test_a_folder_of_nothing_but_damaged_slices_is_a_case(tmp_path):
    source = tmp_path / "dicom"
    write_series(source / "p", "1.2.9", "x", slices=2, cut=0)
    path = source / "p" / "1.2.9-1.dcm"
    path.write_bytes(path.read_bytes()[:-30])
    (case,) = find_cases(source, tmp_path / "out")
    with pytest.raises(UserError, match="cut off or damaged"):
        case.read()


def test_what_holds_no_case(tmp_path):
    (tmp_path / "empty").mkdir()
    for source, output, match in (
        (tmp_path / "no", tmp_path / "out", "does not exist"),
        (tmp_path / "empty", tmp_path / "out", "holds no volumes"),
        (tmp_path / "empty", tmp_path / "empty", "give another folder for the results"),
    ):
        with pytest.raises(UserError, match=match):
            find_cases(source, output)
    with pytest.raises(UserError, match="is no folder"):
        find_cases(tmp_path / "empty", tmp_path / "out", tmp_path / "no")
    case = Case("a", write_volume(tmp_path / "a.nii.gz"))
    with pytest.raises(UserError, match=r"has no marks: put a\.seeds\.nii\.gz"):
        case.read_seeds(case.read())


def test_the_stamp_of_a_header_covers_its_voxels(tmp_path):
    path = write_volume(tmp_path / "a.mhd")
    case = Case("a", path)
    before = case.stamp()
    os.utime(tmp_path / "a.raw", (1, 1))
    assert [name for name, *_ in before] == ["a.mhd", "a.raw"]
    assert case.stamp() != before
