"""Predefined classes of real volumes: slices as the automatic mode reads them, in class order."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.network.model import S2VNet
from S2VNetSlicerLib.network.weights import read_card, save_model
from S2VNetSlicerLib.propagation import automatic
from S2VNetSlicerLib.segmenting import segment_automatically
from S2VNetSlicerLib.training import batches, labelled, loop
from S2VNetSlicerLib.training.brain_classes import NAMES
from S2VNetSlicerLib.training.configuration import TrainingConfiguration
from S2VNetSlicerLib.training.episodes import EpisodeSampler, EpisodeSettings
from S2VNetSlicerLib.training.prepare import predefined_classes, prepare_dataset
from S2VNetSlicerLib.training.publish import publish
from S2VNetSlicerLib.volumes.reading import read_volume

sys.path.insert(0, str(Path(__file__).parent))
import tiny_data
from toy_training import NETWORK, TRAINING

LABELS = {"background": 0, "liver": 1, "spleen": 2, "left kidney": 3}
CLASSES = ("left kidney", "liver", "spleen")
"""Not in the order of the numbers."""
SPACING = (3.0, 1.0, 1.0)


def abdomen(seed: int, shape=(12, 64, 72)) -> tuple[np.ndarray, np.ndarray]:
    """HU and labels [S, P, L]: a trunk, liver right, spleen left, kidney at the back."""
    rng = np.random.default_rng(seed)
    z, y, x = (g.astype(float) for g in np.mgrid[: shape[0], : shape[1], : shape[2]])
    y, x = y - shape[1] / 2 - rng.uniform(-2, 2), x - shape[2] / 2 - rng.uniform(-2, 2)
    image = np.where((y / 27) ** 2 + (x / 33) ** 2 < 1, -90.0, -1000.0)
    labels = np.zeros(shape, np.uint8)
    for number, (cy, cx, radius, hu) in enumerate(
        ((-6, -15, 11, 60), (-4, 17, 8, 60), (14, 10, 6, 170)), 1
    ):
        inside = (y - cy) ** 2 + (x - cx) ** 2 < radius**2
        inside &= (z > number - 1) & (z < shape[0] - number)
        labels[inside], image[inside] = number, hu
    return (image + rng.normal(0, 10, shape)).astype(np.int16), labels


def dataset(root: Path, name="Dataset004_Abdomen", cases=3, ends="LPS", labels=LABELS) -> Path:
    """Abdomens whose axes i, j, k run towards ``ends``."""
    tiny_data.describe(root / name, "CT")
    facts = json.loads((root / name / "dataset.json").read_text()) | {"labels": labels}
    (root / name / "dataset.json").write_text(json.dumps(facts))
    for case in range(cases):
        paths = (f"imagesTr/a_{case}_0000.nii.gz", f"labelsTr/a_{case}.nii.gz")
        for array, part in zip(abdomen(case), paths, strict=True):
            path = root / name / part
            tiny_data.write(path, array, SPACING)
            sitk.WriteImage(sitk.DICOMOrient(sitk.ReadImage(str(path)), ends), str(path))
    return root / name


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("labelled")
    prepare_dataset(dataset(root), root / "cache")
    return root / "cache"


def drawn(cache: Path, count: int, coronal: float = 0.0):
    sampler = EpisodeSampler(cache, EpisodeSettings(coronal=coronal), CLASSES)
    rng = np.random.default_rng(0)
    return [sampler.sample_automatic(rng, 1, 64) for _ in range(count)]


@pytest.mark.parametrize("ends", ["LPS", "RAI", "ASL", "PIR"])
def test_slices_lie_as_the_automatic_mode_reads_them(tmp_path, ends, monkeypatch):
    """Axial, rows to the back, columns to the left, however the file is stored."""
    monkeypatch.setattr(labelled, "CROPPED", 0.0)
    prepare_dataset(dataset(tmp_path, ends=ends, cases=1), tmp_path / "cache")
    kidney, liver, spleen = (n + 1 for n in range(3))
    seen = 0
    for episode in drawn(tmp_path / "cache", 40):
        assert episode.image.shape == episode.labels.shape == (1, 64, 64)
        assert episode.structures == 3
        places = [np.argwhere(episode.labels[0] == k) for k in (kidney, liver, spleen)]
        if min(map(len, places)) < 30:
            continue
        seen += 1
        back, right, left = (place.mean(0) for place in places)
        assert right[1] + 10 < left[1]
        assert back[0] > max(right[0], left[0]) + 5
        assert len(places[1]) > len(places[2]) > 0.8 * len(places[0])
    assert seen >= 15


@pytest.mark.parametrize("ends", ["LPS", "RIA", "SAL"])
@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (1.0, 3.0, 1.0)], ids=["axial", "coronal"])
def test_training_reads_volumes_as_the_automatic_mode_does(tmp_path, monkeypatch, ends, spacing):
    """The same anatomy from a prepared case and from a session of its file."""
    made = dataset(tmp_path, cases=1)
    for path in made.glob("*Tr/*.nii.gz"):
        image = sitk.ReadImage(str(path))
        image.SetSpacing(spacing[::-1])
        sitk.WriteImage(sitk.DICOMOrient(image, ends), str(path))
    (case,) = prepare_dataset(made, tmp_path / "cache")
    read = []
    turn = automatic.AnatomicalOrientation.turn

    def seen(anatomy: automatic.AnatomicalOrientation, array: np.ndarray) -> np.ndarray:
        read.append((anatomy, turn(anatomy, array)))
        return read[-1][1]

    monkeypatch.setattr(automatic.AnatomicalOrientation, "turn", seen)
    volume = read_volume(made / "imagesTr" / "a_0_0000.nii.gz", "CT")
    segment_automatically(S2VNet(NETWORK), volume, NETWORK.classes)
    anatomy, hu = next((a, t) for a, t in read if t.min() < -900)
    meta = json.loads((case / "meta.json").read_text())
    ours = automatic.AnatomicalOrientation(**meta["anatomy"])
    labels = turn(ours, np.load(case / "labels.npy"))
    share = [np.argwhere(mask).mean(0) / mask.shape for mask in (hu > 130, labels == 3)]
    np.testing.assert_allclose(*share, atol=0.02)
    assert np.allclose(ours.spacing, anatomy.spacing)


def test_parts_of_slices_are_seen_enlarged(cache, monkeypatch):
    """What a class covers of the body, as whole slices and as parts of them show it."""
    area = []
    for share in (0.0, 1.0):
        monkeypatch.setattr(labelled, "CROPPED", share)
        liver = [int((e.labels == 2).sum()) for e in drawn(cache, 40)]
        area.append(float(np.median([n for n in liver if n])))
    assert area[1] > 1.5 * area[0]


def test_places_without_classes_are_seen_too(cache):
    shown = [set(np.unique(e.labels).tolist()) - {0} for e in drawn(cache, 60)]
    assert {1, 2, 3} in shown
    assert any(len(s) < 3 for s in shown)


def test_thin_slices_are_read_coronally_as_well(tmp_path):
    made = dataset(tmp_path, cases=1)
    for path in made.glob("*Tr/*.nii.gz"):
        image = sitk.ReadImage(str(path))
        image.SetSpacing((1.0, 1.0, 1.0))
        sitk.WriteImage(image, str(path))
    prepare_dataset(made, tmp_path / "cache")
    axial, coronal = (
        np.mean([e.labels.any((0, 2)).sum() for e in drawn(tmp_path / "cache", 30, share)])
        for share in (0.0, 1.0)
    )
    assert coronal < 0.6 * axial, "a trunk of 12 slices is a band from left to right"


def test_only_data_sets_that_label_every_class_teach_them(tmp_path):
    prepare_dataset(dataset(tmp_path, cases=1), tmp_path / "cache")
    fewer = dataset(tmp_path, "Dataset005_Liver", 1, labels={"background": 0, "liver": 1})
    prepare_dataset(fewer, tmp_path / "cache")
    sampler = EpisodeSampler(tmp_path / "cache", classes=CLASSES)
    (source,) = sampler.whole
    assert [c.meta["dataset"] for c in source.cases] == ["Dataset004_Abdomen"]
    with pytest.raises(UserError, match="labels all 2 classes"):
        EpisodeSampler(tmp_path / "cache", classes=("liver", "colon")).sample_automatic(
            np.random.default_rng(0)
        )


def test_renamed_classes_are_prepared_again(tmp_path):
    made = dataset(tmp_path, cases=1)
    (folder,) = prepare_dataset(made, tmp_path / "cache")
    facts = json.loads((made / "dataset.json").read_text())
    facts["labels"] = {"background": 0, "lien": 2, "hepar": 1, "ren": 3}
    (made / "dataset.json").write_text(json.dumps(facts))
    prepare_dataset(made, tmp_path / "cache")
    classes = json.loads((folder / "meta.json").read_text())["classes"]
    assert list(classes.items()) == [("hepar", 1), ("lien", 2), ("ren", 3)]


def test_whose_classes_are_learned(tmp_path):
    data = tmp_path / "data"
    dataset(data, cases=1)
    assert predefined_classes(data) == ("liver", "spleen", "left kidney")
    dataset(data, "Dataset005_Liver", 1, labels={"background": 0, "liver": 1})
    told = "one of Dataset004_Abdomen, Dataset005_Liver with --classes-from"
    with pytest.raises(UserError, match=told):
        predefined_classes(data)
    assert predefined_classes(data, "Dataset005_Liver") == ("liver",)
    with pytest.raises(UserError, match="no data set Dataset006"):
        predefined_classes(data, "Dataset006")
    tiny_data.heads(data)
    assert predefined_classes(data) == NAMES
    assert predefined_classes(data, "Dataset003_Heads") == NAMES
    assert predefined_classes(data, "Dataset004_Abdomen")[2] == "left kidney"
    tiny_data.describe(tmp_path / "none" / "Dataset001_X", "CT")
    (tmp_path / "none" / "Dataset001_X" / "imagesTr").mkdir()
    with pytest.raises(UserError, match="names no class"):
        predefined_classes(tmp_path / "none")


def test_weights_for_other_classes_begin_a_run(tmp_path):
    old = S2VNet(replace(NETWORK, symmetric=True))
    save_model(tmp_path / "old.safetensors", old, {})
    network = replace(NETWORK, classes=CLASSES)
    begun = loop.start(tmp_path, network, TRAINING, tmp_path / "old.safetensors")
    assert begun.model.configuration.classes == CLASSES
    assert not begun.model.configuration.symmetric, "that was about the others"
    assert len(begun.model.semantic_head.classes) == 3
    kept, new = old.encoder.state_dict(), begun.model.encoder.state_dict()
    assert all(torch.equal(t.half().float(), new[name].float()) for name, t in kept.items())
    begun.save(tmp_path, TRAINING)
    with pytest.raises(UserError, match="learns other classes than ball"):
        loop.start(tmp_path, NETWORK, TRAINING)


def test_the_card_tells_in_which_modality_classes_were_learned(tmp_path):
    made = dataset(tmp_path / "data", cases=1)
    begun = loop.start(tmp_path, replace(NETWORK, classes=CLASSES), TRAINING)
    begun.save(tmp_path, TRAINING)
    publish(tmp_path, made.parent, tmp_path / "w.safetensors", None, (), 0.5)
    assert read_card(tmp_path / "w.safetensors")["recogniser"] == {
        "least_confidence": 0.5,
        "modality": "CT",
    }
    tiny_data.describe(made, "MR")
    facts = json.loads((made / "dataset.json").read_text()) | {"labels": LABELS}
    dataset(made.parent, "Dataset005_CT", 1)
    (made / "dataset.json").write_text(json.dumps(facts))
    publish(tmp_path, made.parent, tmp_path / "w.safetensors", None, ())
    assert read_card(tmp_path / "w.safetensors")["recogniser"] == {"least_confidence": 0}


def dice(model: S2VNet, volume, truth: np.ndarray) -> list[float]:
    found = segment_automatically(model, volume, list(LABELS)[1:]).labels
    return [
        2 * ((found == k) & (truth == k)).sum() / ((found == k).sum() + (truth == k).sum())
        for k in (1, 2, 3)
    ]


def test_a_data_sets_own_classes_are_learned(tmp_path, cache, monkeypatch, small_slices):
    """Of two look-alikes one is left, the other right: mixed up classes would fail."""
    monkeypatch.setattr(batches, "AUTOMATIC_SIDE", 64)
    small_slices(64)
    torch.set_num_threads(1)
    network = replace(NETWORK, classes=CLASSES, widths=(16, 16, 24, 24), dim=24, mask_dim=16)
    training = TrainingConfiguration(
        seed=2, automatic=1.0, pixels=8 * 64 * 64, learning_rate=6e-3, warm_up=5, average=0.9
    )
    hu, truth = abdomen(9)
    tiny_data.write(tmp_path / "new.nii.gz", hu, SPACING)
    volume = read_volume(tmp_path / "new.nii.gz", "CT")
    torch.manual_seed(0)
    before = dice(S2VNet(network), volume, truth)
    run = loop.train(tmp_path, cache, network, training, steps=80, workers=0, device="cpu")
    after = dice(loop.averaged_model(run), volume, truth)
    assert min(after) > 0.5 > max(before)
