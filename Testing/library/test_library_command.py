"""s2vnet library, and learned classes in s2vnet segment --auto."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
import typer
from S2VNetSlicerLib.library import finding, material, store, tuning

SHAPE = (8, 32, 40)


@pytest.fixture
def files(tmp_path, save_network, monkeypatch, write, small_slices):
    """An image, a finished result with value 3, and weights; the library is empty."""
    small_slices(40)
    monkeypatch.setattr(finding, "LEAST", -1.0)  # an untrained network is sure of nothing
    monkeypatch.setenv("S2VNET_LIBRARY", str(tmp_path / "library"))
    image = np.random.default_rng(1).normal(200, 40, SHAPE).astype(np.int16)
    labels = np.zeros(SHAPE, np.uint8)
    labels[2:7, 10:20, 12:25] = 3
    card = {"name": "tiny", "commit": "abc"}
    weights = save_network(tmp_path / "tiny.safetensors", card, classes=("liver",))
    return {
        "image": write(tmp_path / "image.nii.gz", image),
        "labels": write(tmp_path / "labels.nii.gz", labels),
        "weights": weights,
        "output": tmp_path / "out.nii.gz",
    }


@pytest.fixture
def run(call):
    """Runs s2vnet; exit code and everything it printed."""

    def joined(*words):
        code, out, err = call(*words)
        return code, " ".join((out + err).split())

    return joined


def add(run, files, *words):
    weights = ("--weights", files["weights"], "--modality", "MR")
    return run("library", "add", "Femur", files["image"], files["labels"], *weights, *words)


def test_a_class_is_added_listed_found_and_removed(run, files):
    assert "1 example." in add(run, files, "--value", 3)[1]
    assert "2 examples." in add(run, files, "--value", 3, "--slices", "3,4,5")[1]
    assert len(store.load("femur").examples[-1].centres) == 3
    code, said = run("library", "list")
    assert code == 0
    assert all(word in said for word in ("Femur", "MR", "tiny"))
    weights = ("--weights", files["weights"], "--modality", "MR")
    segment = ("segment", files["image"], "--auto", "--output", files["output"], *weights)
    code, said = run(*segment, "--classes", "liver,Femur")
    assert code == 0, said
    assert "Femur" in said
    found = sitk.GetArrayFromImage(sitk.ReadImage(str(files["output"])))
    assert found.shape == SHAPE
    assert run("library", "remove", "Femur")[0] == 0
    code, said = run(*segment, "--classes", "Femur")
    assert (code, "There is no class Femur" in said) == (2, True)


def test_wrong_words_are_one_sentence(run, files):
    for words, sentence in (
        (("--value", 7), "no voxel of value 7"),
        (("--value", 3, "--slices", "a"), "takes numbers"),
        (("--value", 3, "--slices", "0"), "accept a slice"),
        (("--value", 3, "--slices", "99"), "There is no slice 99"),
    ):
        code, said = add(run, files, *words)
        assert code == 2, said
        assert sentence in said
    assert store.listed() == ()
    assert run("library", "remove", "nobody")[0] == 2


@pytest.fixture
def twice(run, files, monkeypatch, write):
    """Femur is learned from two volumes; what asks is answered with ``answers``, in turn."""
    for module in (material, tuning):
        monkeypatch.setattr(module, "STEPS", 1)
    add(run, files, "--value", 3)
    other = np.random.default_rng(2).normal(200, 40, SHAPE).astype(np.int16)
    add(run, {**files, "image": write(files["image"].with_name("b.nii.gz"), other)}, "--value", 3)
    asked, answers = [], []

    def confirm(question, default=False, **_):
        asked.append((question, default))
        return answers.pop(0)

    monkeypatch.setattr(typer, "confirm", confirm)
    return asked, answers


def centres():
    return [example.centres.tobytes() for example in store.load("Femur").examples]


def test_a_class_is_tuned_only_after_asking_and_kept_only_after_asking_again(run, files, twice):
    asked, answers = twice
    tune = ("library", "tune", "Femur", "--weights", files["weights"], "--device", "cpu")
    before = centres()
    answers[:] = [False]
    code, said = run(*tune)
    assert (code, "Dice" in said, centres()) == (0, False, before)
    assert "accepted slices of 2 volumes" in asked[0][0]
    answers[:] = [True, False]
    code, said = run(*tune)
    assert (code, centres()) == (0, before), said
    assert "Dice as learned" in said
    assert "Femur is as it was." in said
    question, default = asked[-1]
    assert "Dice" in question
    assert default == ("not help" not in question)
    answers[:] = [True, True]
    assert "Femur is fine-tuned." in run(*tune)[1]
    assert centres() != before


@pytest.mark.parametrize("better", [True, False])
def test_yes_keeps_only_what_is_better(run, files, twice, monkeypatch, better):
    monkeypatch.setattr(tuning.Tuned, "better", property(lambda self: better))
    before = centres()
    code, said = run("library", "tune", "Femur", "--yes", "--weights", files["weights"])
    assert code == 0, said
    assert twice[0] == []
    assert "each held out in turn" in said
    assert ("It did not help" in said) != better
    assert (centres() != before) == better


def test_tuning_needs_two_volumes_and_the_weights_of_the_class(
    run, files, twice, tmp_path, save_network
):
    other = save_network(tmp_path / "other.safetensors", {"name": "other"}, classes=("liver",))
    code, said = run("library", "tune", "Femur", "--yes", "--weights", other)
    assert (code, "with the weights tiny, not other" in said) == (2, True)
    run("library", "remove", "Femur")
    add(run, files, "--value", 3)
    code, said = run("library", "tune", "Femur")
    assert (code, "accept it in another volume first" in said) == (2, True)
    assert twice[0] == [], "there is nothing to ask"
