"""Training data are prepared once, as memory maps; measuring data never."""

import json
import os
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.training.cases import LABELS
from S2VNetSlicerLib.training.prepare import (
    network_zoom,
    prepare_dataset,
    slices_first,
    training_datasets,
)

sys.path.insert(0, str(Path(__file__).parent))
import tiny_data

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is absent")


def load(folder: Path, name: str) -> np.ndarray:
    return np.load(folder / f"{name}.npy", mmap_mode="r")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[Path]]:
    root = tmp_path_factory.mktemp("prepare")
    dataset = tiny_data.volumes(root, cases=1)
    return dataset, root / "cache", prepare_dataset(dataset, root / "cache")


def test_a_volume_becomes_memory_maps(prepared) -> None:
    _, cache, (folder,) = prepared
    assert folder == cache / "Dataset001_Limb" / "limb_0"
    image, labels = load(folder, "image"), load(folder, "labels")
    assert isinstance(image, np.memmap)
    assert image.dtype == labels.dtype == np.uint8
    assert image.shape == labels.shape == (14, 70, 80)
    assert image[:, 0].max() <= 1, "air is black"
    assert image[7, 27, 45] == 255, "bone is white"
    supervoxels = load(folder, "supervoxels")
    assert supervoxels.shape[1:] == image.shape
    meta = json.loads((folder / "meta.json").read_text())
    assert meta["modality"] == "CT"
    assert meta["spacing"] == [3.0, 1.0, 1.0]
    assert meta["zoom"] == pytest.approx(3.0)


def test_the_table_lists_drawn_labels_and_regions(prepared) -> None:
    *_, (folder,) = prepared
    table, labels = load(folder, "regions"), load(folder, "labels")
    (drawn,) = table[table["level"] == LABELS]
    assert drawn["voxels"] == (labels == 1).sum()
    assert drawn["area"] == (labels == 1).sum((1, 2)).max()
    assert (table["level"] != LABELS).sum() >= 3
    supervoxels = load(folder, "supervoxels")
    for row in table[table["level"] != LABELS]:
        at = np.argwhere(supervoxels[row["level"]] == row["id"])
        assert len(at) == row["voxels"]
        np.testing.assert_array_equal(at.min(0), row["low"])
        np.testing.assert_array_equal(at.max(0) + 1, row["high"])


def test_what_is_there_is_not_made_again(prepared) -> None:
    dataset, cache, (folder,) = prepared
    before = (folder / "image.npy").stat().st_mtime_ns
    for source in dataset.rglob("*.nii.gz"):
        os.utime(source, (0, 0))  # as a copy of the data set may have it
    assert prepare_dataset(dataset, cache) == [folder]
    assert (folder / "image.npy").stat().st_mtime_ns == before


def test_named_classes_and_lists_of_what_was_drawn_are_kept_as_well(tmp_path: Path) -> None:
    dataset, cache = tiny_data.necks(tmp_path), tmp_path / "cache"
    before = [(f / "meta.json").stat().st_mtime_ns for f in prepare_dataset(dataset, cache)]
    after = [(f / "meta.json").stat().st_mtime_ns for f in prepare_dataset(dataset, cache)]
    assert before == after
    listed = {f"neck_{n}": ["Cord"] for n in range(3)}
    tiny_data.describe(dataset, "CT", tiny_data.NECK, known=listed)
    changed = [json.loads((f / "meta.json").read_text()) for f in prepare_dataset(dataset, cache)]
    assert [facts["known"] for facts in changed] == [[1]] * 3


def test_a_changed_source_is_prepared_again(tmp_path: Path) -> None:
    dataset = tiny_data.heads(tmp_path)
    (folder,) = prepare_dataset(dataset, tmp_path / "cache")
    assert load(folder, "labels").max() > 2
    block = np.zeros((20, 20, 20), np.uint16)
    block[5:15, 5:15, 5:15] = 7
    tiny_data.write(dataset / "labelsTr" / "head_01.nii.gz", block)
    prepare_dataset(dataset, tmp_path / "cache")
    assert load(folder, "labels").shape == (10, 10, 10)
    assert [p.name for p in folder.parent.iterdir()] == ["head_01"], "nothing is left behind"


def test_two_workers_prepare_what_one_does(tmp_path: Path, prepared) -> None:
    *_, (folder,) = prepared
    dataset = tiny_data.volumes(tmp_path, cases=2)
    found = prepare_dataset(dataset, tmp_path / "cache", workers=2)
    assert [p.name for p in found] == ["limb_0", "limb_1"]
    for name in ("image", "supervoxels", "regions"):
        np.testing.assert_array_equal(load(found[0], name), load(folder, name))


def test_label_maps_are_oriented_cropped_and_dense(tmp_path: Path) -> None:
    import SimpleITK as sitk

    dataset = tiny_data.heads(tmp_path)
    path = dataset / "labelsTr" / "head_01.nii.gz"
    (folder,) = prepare_dataset(dataset, tmp_path / "one")
    labels = np.array(load(folder, "labels"))
    meta = json.loads((folder / "meta.json").read_text())
    original = sitk.ReadImage(str(path))
    assert meta["ids"] == [0, *sorted(tiny_data.HEAD_IDS)]
    for axis in range(3):
        assert labels.any(axis=tuple({0, 1, 2} - {axis}))[[0, -1]].all(), "cropped to its content"
    for i, box in enumerate(meta["boxes"][1:], 1):
        at = np.argwhere(labels == i)
        np.testing.assert_array_equal(np.stack([at.min(0), at.max(0) + 1], 1), box)
    sitk.WriteImage(sitk.DICOMOrient(original, "RIA"), str(path))
    (again,) = prepare_dataset(dataset, tmp_path / "two")
    np.testing.assert_array_equal(load(again, "labels"), labels)


def test_an_mr_with_coarse_third_axis_and_flat_pixels(tmp_path: Path) -> None:
    """Slices come first, pixels become square, large planes shrink towards 256."""
    rng = np.random.default_rng(0)
    image = np.zeros((40, 400, 6), np.float32)
    image[10:30, 100:300] = 500
    labels = (image > 0).astype(np.uint8)
    dataset = tmp_path / "Dataset007_Odd"
    tiny_data.describe(dataset, "MR T2")
    spacing = (2.0, 0.5, 6.0)
    noisy = image + rng.normal(0, 20, image.shape)
    tiny_data.write(dataset / "imagesTr" / "a_0000.nii.gz", noisy.astype(np.float32), spacing)
    tiny_data.write(dataset / "labelsTr" / "a.nii.gz", labels, spacing)
    (folder,) = prepare_dataset(dataset, tmp_path / "cache")
    meta = json.loads((folder / "meta.json").read_text())
    assert meta["modality"] == "MR"
    assert meta["spacing"] == pytest.approx([6.0, 0.5 / 0.64, 0.5 / 0.64])
    assert load(folder, "image").shape == load(folder, "labels").shape == (6, 102, 256)
    share = load(folder, "labels").mean()
    assert share == pytest.approx(labels.mean(), rel=0.05)


@pytest.mark.parametrize(
    ("rows", "columns", "zoom"),
    [(250, 200, 1), (310, 100, 1), (205, 205, 1), (128, 100, 2), (512, 512, 0.5), (40, 30, 3)],
)
def test_planes_go_towards_256_pixels(rows: int, columns: int, zoom: float) -> None:
    assert network_zoom(rows, columns) == pytest.approx(zoom)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_coarsest_axis_comes_first(axis: int) -> None:
    spacing = [1.0, 1.0, 1.0]
    spacing[axis] = 3.0
    array = np.arange(24).reshape(2, 3, 4)
    found, order = slices_first(array, spacing)
    assert order == [3.0, 1.0, 1.0]
    np.testing.assert_array_equal(found, np.moveaxis(array, axis, 0))
    assert slices_first(array, (1.0, 1.2, 1.0))[0].shape == array.shape, "nearly isotropic: as is"


def test_measuring_data_are_refused(tmp_path: Path) -> None:
    secret = tiny_data.volumes(tmp_path, "Dataset101_Secret", cases=1)
    with pytest.raises(UserError, match="Dataset101_Secret is for measuring only"):
        prepare_dataset(secret, tmp_path / "cache")
    alias = tmp_path / "Dataset005_Alias"
    alias.symlink_to(secret, target_is_directory=True)
    with pytest.raises(UserError, match="measuring only"):
        prepare_dataset(alias, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_training_datasets_are_those_named_so(tmp_path: Path) -> None:
    for name in ("Dataset101_B", "Dataset002_B", "Dataset001_A", "Other"):
        tiny_data.describe(tmp_path / name, "CT")
    (tmp_path / "Dataset004_Empty").mkdir()
    names = [p.name for p in training_datasets(tmp_path)]
    assert names == ["Dataset001_A", "Dataset002_B"]


def test_failures_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"dataset\.json is not that of .*: No such file"):
        prepare_dataset(tmp_path / "nowhere", tmp_path / "cache")
    tiny_data.describe(tmp_path / "Dataset001_Empty", "CT")
    with pytest.raises(UserError, match="labelsTr holds no"):
        prepare_dataset(tmp_path / "Dataset001_Empty", tmp_path / "cache")
    dataset = tiny_data.volumes(tmp_path, "Dataset002_Holes", cases=1)
    image = dataset / "imagesTr" / "limb_0_0000.nii.gz"
    image.unlink()
    with pytest.raises(UserError, match=r"limb_0_0000.nii.gz is missing"):
        prepare_dataset(dataset, tmp_path / "cache")
    tiny_data.write(image, np.zeros((5, 6, 7), np.int16))
    with pytest.raises(UserError, match=r"does not lie on the grid of .*limb_0_0000"):
        prepare_dataset(dataset, tmp_path / "cache")
    tiny_data.write(image, np.zeros((14, 70, 80), np.int16), (3.0, 1, 1))
    with pytest.raises(UserError, match="flat"):
        prepare_dataset(dataset, tmp_path / "cache")
    image.write_bytes(b"not an image")
    with pytest.raises(UserError, match="cannot be read as a NIfTI image"):
        prepare_dataset(dataset, tmp_path / "cache")
    assert not list((tmp_path / "cache").rglob("*.npy"))


def test_a_broken_preparation_leaves_no_case(tmp_path: Path, monkeypatch) -> None:
    dataset = tiny_data.heads(tmp_path)

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="no space"):
        prepare_dataset(dataset, tmp_path / "cache")
    assert not (tmp_path / "cache" / dataset.name / "head_01").exists()
    monkeypatch.undo()
    (folder,) = prepare_dataset(dataset, tmp_path / "cache")
    assert load(folder, "labels").any()


@needs_shared
def test_shared_data_sets() -> None:
    assert [p.name[:10] for p in training_datasets(SHARED)] == [
        f"Dataset00{i}" for i in range(1, 7)
    ]
    for dataset in SHARED.glob("Dataset1*"):
        with pytest.raises(UserError, match="measuring only"):
            prepare_dataset(dataset, SHARED / "never")
    assert not (SHARED / "never").exists()


def test_labels_lie_on_their_image_whichever_way_their_axes_run(tmp_path: Path) -> None:
    """Of the same size, but from the other end: 3D Slicer writes such label maps."""
    dataset = tiny_data.volumes(tmp_path, "Dataset002_Turned", cases=1)
    path = dataset / "labelsTr" / "limb_0.nii.gz"
    (folder,) = prepare_dataset(dataset, tmp_path / "cache")
    before = np.load(folder / "labels.npy")
    label = nibabel.load(path)
    turned = label.affine.copy()
    turned[:3, 3] += turned[:3, 2] * (label.shape[2] - 1)
    turned[:, 2] *= -1
    nibabel.save(nibabel.Nifti1Image(np.asarray(label.dataobj)[..., ::-1], turned), path)
    prepare_dataset(dataset, tmp_path / "cache")
    assert json.loads((folder / "meta.json").read_text())["stamp"][-3] == "turned"
    np.testing.assert_array_equal(np.load(folder / "labels.npy"), before)
    odd = np.asarray(label.dataobj) * 0.5
    nibabel.save(nibabel.Nifti1Image(odd, label.affine), path)
    with pytest.raises(UserError, match=r"limb_0\.nii\.gz holds fractions"):
        prepare_dataset(dataset, tmp_path / "cache")
