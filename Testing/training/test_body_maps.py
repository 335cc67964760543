"""Predefined classes of torso and neck: which labels they are, and whole slices painted of maps."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from S2VNetSlicerLib.training import body_maps, loop
from S2VNetSlicerLib.training.body_parts import BODY_PARTS, body_part
from S2VNetSlicerLib.training.brain_classes import NAMES
from S2VNetSlicerLib.training.cases import ANYTHING, UNKNOWN
from S2VNetSlicerLib.training.episodes import EpisodeSampler
from S2VNetSlicerLib.training.prepare import predefined_classes, prepare_dataset
from S2VNetSlicerLib.training.publish import publish
from S2VNetSlicerLib.training.tissues import CORTEX, WALL
from scipy import ndimage as ndi

sys.path.insert(0, str(Path(__file__).parent))
import tiny_data
from toy_training import NETWORK, TRAINING

CLASSES = ("spinal_cord", "lung_left", "lung_right")
"""Of the invented torso, not in the order of the numbers."""


def unpainted(index: np.ndarray, _rng, _tissues, thick: int, _usual) -> np.ndarray:
    """In the place of ``painted``: the numbers that would be painted."""
    return index[thick // 2 :: thick].astype(np.float32)


@pytest.fixture(scope="module")
def sampler(tmp_path_factory: pytest.TempPathFactory) -> EpisodeSampler:
    root = tmp_path_factory.mktemp("torso")
    prepare_dataset(tiny_data.torsos(root), root / "cache")
    return EpisodeSampler(root / "cache", classes=CLASSES)


@pytest.mark.parametrize(
    ("part", "labels", "expected"),
    [
        ("torso", ["kidney_left", "kidney_cyst_left"], "left_kidney"),
        ("torso", ["lung_upper_lobe_right", "lung_lower_lobe_right", "lung_right"], "right_lung"),
        ("torso", ["vertebrae_L1", "vertebrae_C7", "vertebrae_T12", "vertebrae"], "vertebrae"),
        ("torso", ["sacrum", "vertebrae_S1"], "sacrum"),
        ("torso", ["rib_left_1", "rib_left_12"], "left_ribs"),
        ("torso", ["gluteus_maximus_right", "gluteus_minimus_right"], "right_gluteus"),
        ("torso", ["body_other", "subclavian_artery_left", "prostate", "humerus_left"], None),
        ("head-neck", ["Parotid-Lt", "LeftParotid"], "left_parotid"),
        ("head-neck", ["SpinalCord", "Spinal-Cord"], "spinal_cord"),
        ("head-neck", ["Spinal-Canal"], "spinal_canal"),
        ("head-neck", ["Optic-Nerve-Rt"], "right_optic_nerve"),
        ("brain", ["left_thalamus"], "left_thalamus"),
    ],
)
def test_every_label_is_of_the_class_that_it_is_part_of(part, labels, expected) -> None:
    numbers = BODY_PARTS[part].numbers({name: n for n, name in enumerate(labels)})
    found = {name: own for name, own in zip(BODY_PARTS[part].names, numbers, strict=True) if own}
    assert found == ({expected: list(range(len(labels)))} if expected else {})


def test_the_classes_of_a_part_are_chosen_by_its_name(tmp_path: Path) -> None:
    for name, part in BODY_PARTS.items():
        assert predefined_classes(tmp_path, name) == part.names
        assert body_part(part.names) is part
    assert BODY_PARTS["brain"].names == NAMES
    assert not BODY_PARTS["torso"].symmetric, "a liver is on the right"
    assert len(BODY_PARTS["head-neck"].names) == 21


@pytest.mark.parametrize("coronal", [0.0, 1.0])
def test_painted_slices_show_each_class_where_it_is(sampler, coronal) -> None:
    rng = np.random.default_rng(0)
    (source,) = sampler.whole
    seen = set()
    for _ in range(60):
        image, labels = source.sample_automatic(rng, 1, 96, coronal) or (None, None)
        if labels is None:
            continue
        assert image.shape == labels.shape == (1, 96, 96)
        assert image.dtype == np.float32
        assert 0 <= image.min() <= image.max() <= 255
        seen |= set(np.unique(labels).tolist())
        # Columns run to the left.
        if (labels == 2).sum() > 100 and (labels == 3).sum() > 100:
            left, right = (np.argwhere(labels == k)[:, 2].mean() for k in (2, 3))
            assert left > right
    assert seen == {0, 1, 2, 3}


def test_a_lesion_belongs_to_its_organ(sampler, monkeypatch) -> None:
    monkeypatch.setattr(body_maps, "LESIONS", 1.0)
    monkeypatch.setattr(body_maps, "augment", lambda image, _: image)
    (source,), rng, spread = sampler.whole, np.random.default_rng(3), []
    for _ in range(30):
        found = source.sample_automatic(rng, 1, 96, 0.0)
        if found is not None and (inside := found[1] == 2).sum() > 400:
            spread.append(float(found[0][inside].std()))
    assert max(spread) > 25, "part of an organ looks otherwise"


def test_around_organs_alone_a_body_is_made_up_and_air_beyond(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(body_maps, "augment", lambda image, _: image)
    monkeypatch.setattr(body_maps, "painted", unpainted)
    monkeypatch.setattr(body_maps, "CLUTTER", 0.0)
    monkeypatch.setattr(body_maps, "LEAST_VIEW", 200.0)
    monkeypatch.setattr(body_maps, "AROUND", (15.0, 25.0))
    root = tmp_path / "Dataset005_Necks"
    tiny_data.describe(root, "none", {"Cord": 1})
    organ = np.zeros((12, 40, 40), np.uint8)
    organ[:, 14:26, 14:26] = 1
    tiny_data.write(root / "labelsTr" / "neck_01.nii.gz", organ, (3.0, 1.0, 1.0))
    prepare_dataset(root, tmp_path / "cache")
    sampler = EpisodeSampler(tmp_path / "cache", classes=("Cord",))
    for seed in range(5):
        episode = sampler.sample_automatic(np.random.default_rng(seed), 1, 128)
        air = episode.image == 0
        assert 0.6 < air.mean() < 0.99
        assert not (episode.labels[air] > 0).any()
        # What is around the organ is no air.
        rows, columns = np.argwhere(episode.labels[0] == 1).mean(0).astype(int)
        assert not air[0, rows - 3 : rows + 4, columns - 3 : columns + 4].any()


def test_a_body_goes_on_beyond_the_hull_of_its_organs(sampler, monkeypatch) -> None:
    monkeypatch.setattr(body_maps, "augment", lambda image, _: image)
    monkeypatch.setattr(body_maps, "painted", unpainted)
    monkeypatch.setattr(body_maps, "BEYOND", (10.0, 10.0))
    monkeypatch.setattr(body_maps, "CLUTTER", 0.0)
    (source,), shares = sampler.whole, []
    for grown in (0.0, 1.0):
        monkeypatch.setattr(body_maps, "GROWN", grown)
        rng, share = np.random.default_rng(5), []
        for _ in range(30):
            if (found := source.sample_automatic(rng, 1, 96, 0.0)) is not None:
                # Organs in millimetres are the same, whatever the view shows.
                share.append((found[0] > 0).sum() / (found[1] > 0).sum())
        shares.append(np.median(share))
    assert shares[1] > 1.2 * shares[0]


def test_only_the_edge_of_a_bone_is_its_cortex(tmp_path, monkeypatch) -> None:
    told = []
    monkeypatch.setattr(body_maps, "augment", lambda image, _: image)
    monkeypatch.setattr(
        body_maps, "painted", lambda *said: told.append(said[2]) or unpainted(*said).astype(int)
    )
    for share in ("CORTICAL", "WALLED", "MIXED"):
        monkeypatch.setattr(body_maps, share, 1.0)
    monkeypatch.setattr(body_maps, "LESIONS", 0.0)
    root = tmp_path / "Dataset004_Bones"
    tiny_data.describe(root, "none", {"hip_left": 1, "colon": 2, "body_other": 3})
    labels = np.full((12, 48, 48), 3, np.uint8)
    labels[:, 8:22, 8:40], labels[:, 28:42, 8:40] = 1, 2
    tiny_data.write(root / "labelsTr" / "bones_01.nii.gz", labels, (2.0, 2.0, 2.0))
    prepare_dataset(root, tmp_path / "cache")
    (source,) = EpisodeSampler(tmp_path / "cache", classes=("hip_left", "colon")).whole
    contents = []
    for seed in range(6):
        image, truth = source.sample_automatic(np.random.default_rng(seed), 1, 96, 0.0)
        group = told[-1].group[image]
        for number, edge in ((1, CORTEX), (2, WALL)):
            inside = truth == number
            deep = ndi.binary_erosion(inside, np.ones((1, 3, 3)), border_value=1)
            assert inside[group == edge].all()
            assert (group[inside & ~deep] == edge).mean() > 0.5
            assert not (group[deep] == edge).any()
        contents.append(len(np.unique(image[deep])))
    assert max(contents) == 2, "what is in the colon is mixed"


def test_real_volumes_teach_the_classes_that_were_drawn(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("S2VNetSlicerLib.training.labelled.augment", lambda image, _: image)
    labels = {"Brainstem": 1, "SpinalCord": 2, "LeftParotid": 3, "RightParotid": 4, "Mandible": 5}
    root = tiny_data.necks(tmp_path)
    listed = {f"neck_{n}": ["SpinalCord", "Brainstem"] for n in range(3)}
    tiny_data.describe(root, "CT", labels, known=listed)
    prepare_dataset(root, tmp_path / "cache")
    part = BODY_PARTS["head-neck"]
    sampler = EpisodeSampler(tmp_path / "cache", classes=part.names)
    rng, seen = np.random.default_rng(0), set()
    for _ in range(20):
        seen |= set(np.unique(sampler.sample_automatic(rng, 1, 96).labels).tolist())
    numbers = {part.names.index(name) + 1 for name in ("spinal_cord", "brain_stem")}
    assert seen <= numbers | {0, UNKNOWN, ANYTHING}
    assert seen >= numbers | {UNKNOWN}
    assert not EpisodeSampler(tmp_path / "cache", classes=BODY_PARTS["torso"].names).whole
    run = loop.start(tmp_path / "run", replace(NETWORK, classes=part.names), TRAINING)
    (tmp_path / "run").mkdir()
    run.save(tmp_path / "run", TRAINING)
    publish(tmp_path / "run", tmp_path, tmp_path / "net-head-neck.safetensors", None, ())
    card = json.loads((tmp_path / "net-head-neck.json").read_text())
    assert [data["folder"] for data in card["data"]] == ["Dataset006_Necks"]
