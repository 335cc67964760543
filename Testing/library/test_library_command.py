"""s2vnet library, and learned classes in s2vnet segment --auto."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import SimpleITK as sitk
from S2VNetSlicerLib import cli
from S2VNetSlicerLib.library import finding, store
from S2VNetSlicerLib.network.weights import save_model
from S2VNetSlicerLib.propagation import workgrid

SHAPE, SPACING = (8, 32, 40), (2.5, 1.0, 1.0)


def write(path, array):
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(SPACING[::-1])
    sitk.WriteImage(image, str(path))
    return path


@pytest.fixture
def files(tmp_path, make_network, monkeypatch):
    """An image, a finished result with value 3, and weights; the library is empty."""
    monkeypatch.setattr(workgrid, "SIDE", 40)
    monkeypatch.setattr(finding, "LEAST", -1.0)  # an untrained network is sure of nothing
    monkeypatch.setenv("S2VNET_LIBRARY", str(tmp_path / "library"))
    image = np.random.default_rng(1).normal(200, 40, SHAPE).astype(np.int16)
    labels = np.zeros(SHAPE, np.uint8)
    labels[2:7, 10:20, 12:25] = 3
    weights = tmp_path / "tiny.safetensors"
    network = make_network(seed=8, classes=("liver",))
    save_model(weights, network, {"name": "tiny", "commit": "abc"})
    return {
        "image": write(tmp_path / "image.nii.gz", image),
        "labels": write(tmp_path / "labels.nii.gz", labels),
        "weights": weights,
        "output": tmp_path / "out.nii.gz",
    }


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs s2vnet; exit code and everything it printed."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["s2vnet", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        printed = capsys.readouterr()
        return code, " ".join((printed.out + printed.err).split())

    return call


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
