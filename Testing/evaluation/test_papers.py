"""What the README says of WORD, BTCV and AMOS: convert, train, evaluate, on the papers' splits."""

from __future__ import annotations

import csv
import sys
from functools import partial
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import published_data as data
from S2VNetSlicerLib.evaluation.layouts import BTCV_CLASSES
from S2VNetSlicerLib.network import configuration as network
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.training import configuration as training

SMALL = {"stem": 8, "widths": (8, 8, 16, 16), "dim": 16, "mask_dim": 8, "heads": 2}
ORGANS = ("liver", "spleen", "left_kidney")
AMOS = ("spleen", "right kidney", "arota")


@pytest.mark.parametrize(
    ("kind", "modality", "classes", "learned", "measured"),
    [
        ("word", "CT", ORGANS, {"word_0002", "word_0005"}, {"word_0014"}),
        ("btcv", "CT", BTCV_CLASSES, {f"btcv_00{n}" for n in ("05", "06", "40")},
         {"btcv_0001", "btcv_0038"}),
        ("amos", "CT", AMOS, {"amos_0001", "amos_0410"}, {"amos_0008"}),
        ("amos", "MR", AMOS, {"amos_0507"}, {"amos_0554"}),
    ],
)  # fmt: skip
def test_convert_train_evaluate(
    tmp_path, monkeypatch, call, kind, modality, classes, learned, measured
):
    small = partial(network.NetworkConfiguration, **SMALL, dense_widths=(8, 8, 8, 8))
    monkeypatch.setattr(network, "NetworkConfiguration", small)
    quick = partial(training.TrainingConfiguration, pixels=2 * 192 * 192)
    monkeypatch.setattr(training, "TrainingConfiguration", quick)

    def s2vnet(*words: object) -> None:
        code, _, err = call(*words)
        assert code == 0, err

    source = getattr(data, kind)(tmp_path / "download")
    converted, run = tmp_path / "data" / "Dataset004_X", tmp_path / "run"
    which = ("--modality", modality) if kind == "amos" else ()
    s2vnet("dataset", "convert", source, "--kind", kind, *which, "--output", converted)
    common = ("--data", tmp_path / "data", "--output", run, "--workers", 0)
    s2vnet("train", *common, "--steps", 1, "--automatic", 1)
    assert {path.parent.name for path in run.glob("cache/*/*/meta.json")} == learned
    weights = run / "s2vnet.safetensors"
    assert load_model(weights)[0].configuration.classes == classes
    s2vnet(
        "evaluate", converted, "--weights", weights, "--output", tmp_path / "out", "--figures", 0
    )
    with (tmp_path / "out" / "scores.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["case"] for row in rows} == measured
    assert {row["structure"] for row in rows} == set(classes)
    assert "published" in (tmp_path / "out" / "summary.md").read_text("utf-8")
