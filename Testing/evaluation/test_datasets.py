"""Published layouts become nnU-Net raw data sets, splits and facts kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.evaluation.cases import Dataset
from S2VNetSlicerLib.evaluation.datasets import convert
from S2VNetSlicerLib.evaluation.layouts import BTCV_TEST, read_layout
from S2VNetSlicerLib.training.prepare import prepare_dataset

sys.path.insert(0, str(Path(__file__).parent))
import published_data as data


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def facts(folder: Path) -> dict:
    return json.loads((folder / "dataset.json").read_text("utf-8"))


def test_word_keeps_its_three_splits(tmp_path):
    source, output = data.word(tmp_path), tmp_path / "Dataset004_WORD"
    done = convert(source, "word", output)
    assert done.counts == {"Tr": 2, "Val": 1, "Ts": 1}
    assert done.problems == []
    assert names(output / "imagesTr") == ["word_0002_0000.nii.gz", "word_0005_0000.nii.gz"]
    assert names(output / "labelsVal") == ["word_0001.nii.gz"]
    assert names(output / "labelsTs") == ["word_0014.nii.gz"]
    found = facts(output)
    assert found["channel_names"] == {"0": "CT"}
    assert found["labels"] == {"background": 0, "liver": 1, "spleen": 2, "left_kidney": 3}
    assert found["licence"] == "GNU General Public License v3.0"
    assert found["splits"]["validation"] == ["word_0001"]
    assert found["numTraining"] == 2
    assert found["source"] == "word"
    linked = output / "imagesTr" / "word_0002_0000.nii.gz"
    assert linked.is_symlink()
    assert np.array_equal(data.read(linked), data.body(2)[0])
    assert names(tmp_path) == ["Dataset004_WORD", "WORD-V0.1.0"]


def test_copies_need_the_source_no_more(tmp_path):
    source, output = data.word(tmp_path), tmp_path / "Dataset004_WORD"
    convert(source, "word", output, copy=True)
    source.rename(tmp_path / "gone")
    assert np.array_equal(data.read(output / "labelsTs" / "word_0014.nii.gz"), data.body(14)[1])


@pytest.mark.parametrize("within", ["", "RawData", "RawData/Training"])
def test_btcv_is_split_as_by_transunet(tmp_path, within):
    source, output = data.btcv(tmp_path) / within, tmp_path / "Dataset005_BTCV"
    assert convert(source, "btcv", output).counts == {"Tr": 3, "Ts": 2}
    assert facts(output)["splits"]["test"] == ["btcv_0001", "btcv_0038"]
    assert names(output / "labelsTs") == ["btcv_0001.nii.gz", "btcv_0038.nii.gz"]
    assert facts(output)["labels"]["left adrenal gland"] == 13
    assert len(facts(output)["labels"]) == 14


def test_btcv_has_18_training_and_12_test_cases():
    labelled = {*range(1, 11), *range(21, 41)}
    assert len(labelled) == 30
    assert len(set(BTCV_TEST)) == 12
    assert set(BTCV_TEST) <= labelled


@pytest.mark.parametrize(
    ("modality", "expected"),
    [
        ("CT", {"Tr": ["amos_0001", "amos_0410"], "Val": ["amos_0008"], "Ts": ["amos_0500"]}),
        ("mr", {"Tr": ["amos_0507"], "Val": ["amos_0554"], "Ts": ["amos_0600"]}),
    ],
)
def test_amos_becomes_one_data_set_a_modality(tmp_path, modality, expected):
    output = tmp_path / "Dataset006_AMOS"
    convert(data.amos(tmp_path), "amos", output, modality=modality)
    for split, cases in expected.items():
        assert names(output / f"images{split}") == [f"{case}_0000.nii.gz" for case in cases]
    assert facts(output)["channel_names"] == {"0": modality.upper()}
    assert facts(output)["labels"]["arota"] == 3
    assert not (output / "labelsTs").exists()
    assert Dataset(output).default_split() == "Val"
    assert Dataset(output).modality == modality.upper()


def test_channels_of_a_decathlon_task_become_files(tmp_path):
    output = tmp_path / "Dataset007_Prostate"
    convert(data.msd(tmp_path), "msd", output)
    assert names(output / "imagesTr") == ["prostate_16_0000.nii.gz", "prostate_16_0001.nii.gz"]
    first, second = (data.read(output / "imagesTr" / f"prostate_16_000{n}.nii.gz") for n in (0, 1))
    assert np.array_equal(second, first + 100)
    assert facts(output)["channel_names"] == {"0": "MR T2", "1": "MR ADC"}
    assert facts(output)["release"] == "1.0 04/05/2018"
    assert Dataset(output).cases("Tr")[0].volume().modality == "MR"


def test_a_converted_data_set_can_be_trained_on_and_validation_is_not(tmp_path):
    output = tmp_path / "Dataset004_WORD"
    convert(data.word(tmp_path), "word", output)
    prepared = prepare_dataset(output, tmp_path / "cache")
    assert [folder.name for folder in prepared] == ["word_0002", "word_0005"]


def test_labels_on_another_grid_are_left_out_and_named(tmp_path):
    source = data.word(tmp_path)
    moved = source / "labelsTr" / "word_0005.nii.gz"
    data.write(moved, data.body(5)[1], origin=(6.0, -7.0, 11.0))
    done = convert(source, "word", tmp_path / "Dataset004_WORD")
    assert done.counts["Tr"] == 1
    assert len(done.problems) == 1
    assert str(moved) in done.problems[0]
    assert facts(done.folder)["left_out"] == done.problems
    assert names(done.folder / "imagesTr") == ["word_0002_0000.nii.gz"]


def test_labels_with_turned_axes_are_written_on_the_images_grid(tmp_path):
    """As 3D Slicer exports them; nnU-Net wants equal axes."""
    source = data.word(tmp_path)
    path = source / "labelsTr" / "word_0005.nii.gz"
    image = sitk.ReadImage(str(path))
    sitk.WriteImage(sitk.DICOMOrient(image, "SRA"), str(path))
    turned = data.read(path)
    done = convert(source, "word", tmp_path / "Dataset004_WORD")
    assert done.problems == []
    written = done.folder / "labelsTr" / "word_0005.nii.gz"
    assert not written.is_symlink()
    assert (data.read(path) == turned).all(), "the download stays as it is"
    assert np.array_equal(data.read(written), data.body(5)[1])
    one, other = (
        sitk.ReadImage(str(p)) for p in (written, done.folder / "imagesTr/word_0005_0000.nii.gz")
    )
    assert one.GetDirection() == other.GetDirection()
    assert one.GetOrigin() == other.GetOrigin()


def test_numbers_that_the_data_set_does_not_name_are_left_out_and_named(tmp_path):
    source = data.word(tmp_path)
    path = source / "labelsTs" / "word_0014.nii.gz"
    data.write(path, data.body(14)[1] * 3)
    done = convert(source, "word", tmp_path / "Dataset004_WORD")
    assert done.problems == [f"{path} holds the label 6, which dataset.json does not name."]
    assert not (done.folder / "imagesTs").exists()


def test_a_damaged_image_is_left_out(tmp_path):
    source = data.word(tmp_path)
    (source / "imagesTr" / "word_0005.nii.gz").write_bytes(b"no image")
    done = convert(source, "word", tmp_path / "Dataset004_WORD")
    assert "word_0005" in done.problems[0]


def test_what_is_no_such_download_is_refused_in_a_sentence(tmp_path):
    word = data.word(tmp_path / "a")
    output = tmp_path / "Dataset004_X"

    def refused(source: Path, kind: str, word: str, **options: str) -> None:
        with pytest.raises(UserError, match=word):
            convert(source, kind, output, **options)
        assert not output.exists()
        assert not list(tmp_path.glob(".*"))

    refused(tmp_path / "none", "word", "no folder")
    refused(word, "btcv", "RawData/Training")
    refused(word, "kits", "unknown")
    refused(word, "word", "CT only", modality="MR")
    refused(data.amos(tmp_path / "b"), "amos", "--modality CT")
    refused(tmp_path / "b", "word", "no case to train on")
    (word / "labelsTr" / "word_0002.nii.gz").unlink()
    refused(word, "word", "has no label")
    (word / "dataset.json").write_text("{")
    refused(word, "word", "cannot be read")
    (word / "dataset.json").write_text('{"labels": ["liver"], "modality": {}, "training": []}')
    refused(word, "msd", "dataset.json as msd")


def test_an_existing_data_set_is_not_touched(tmp_path):
    source, output = data.word(tmp_path), tmp_path / "Dataset004_WORD"
    data.write(output / "imagesTr" / "mine_0000.nii.gz", data.body()[0])
    with pytest.raises(UserError, match="already"):
        convert(source, "word", output)
    assert names(output / "imagesTr") == ["mine_0000.nii.gz"]


def test_an_interrupted_conversion_leaves_nothing(tmp_path, monkeypatch):
    source = data.word(tmp_path)

    def fail(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("S2VNetSlicerLib.evaluation.datasets._take", fail)
    with pytest.raises(KeyboardInterrupt):
        convert(source, "word", tmp_path / "Dataset004_WORD")
    assert names(tmp_path) == ["WORD-V0.1.0"]


def test_published_names_and_numbers_are_kept_without_dataset_json(tmp_path):
    source = data.word(tmp_path)
    (source / "dataset.json").unlink()
    layout = read_layout(source, "word")
    assert layout.labels["Head_of_femur_R"] == 16
    assert layout.facts["licence"] == "GNU General Public License v3.0"
