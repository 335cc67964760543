"""Data sets as nnU-Net 1 and 2 describe them, and results that know other labels or other grids."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.evaluation.cases import Dataset
from S2VNetSlicerLib.evaluation.scoring import score_results

AFFINE = np.diag([-1.0, -1.0, 3.0, 1.0])
LABELS = np.zeros((7, 6, 5), np.uint8)  # i, j, k
LABELS[1:4, 1:4, 1:3] = 1
LABELS[4:6, 2:5, 2:5] = 2


def dataset(folder: Path, labels: Any, **facts: Any) -> Dataset:
    for name in ("imagesTr", "labelsTr"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    image = np.random.default_rng(0).integers(0, 500, LABELS.shape).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(image, AFFINE), folder / "imagesTr" / "a_0000.nii.gz")
    save(folder / "labelsTr", LABELS)
    (folder / "dataset.json").write_text(json.dumps({"labels": labels, **facts}))
    return Dataset(folder)


def save(folder: Path, labels: np.ndarray, affine: np.ndarray = AFFINE) -> Path:
    folder.mkdir(exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(labels, affine), folder / "a.nii.gz")
    return folder


def scores(data: Dataset, results: Path) -> dict[str, float]:
    rows = score_results(
        data.cases("Tr"), results, data.classes, regions=data.regions, known=data.known
    )
    return {row.structure: row.score.dice for row in rows}


def test_the_description_of_nnunet_1(tmp_path: Path) -> None:
    labels = {"0": "background", "1": "organ", "2": "spine"}
    data = dataset(tmp_path, labels, modality={"0": "CT"})
    assert data.classes == {1: "organ", 2: "spine"}
    assert data.modality == "CT"
    assert scores(data, tmp_path / "labelsTr") == {"organ": 1, "spine": 1}


def test_regions_are_several_labels_together(tmp_path: Path) -> None:
    labels = {"background": 0, "whole": [1, 2], "spine": 2, "ignore": 3}
    data = dataset(tmp_path, labels, channel_names={"0": "CT"})
    assert (data.classes, data.regions) == ({2: "spine"}, {"whole": (1, 2)})
    found = np.where(LABELS == 2, 1, LABELS)
    assert scores(data, save(tmp_path / "found", found)) == {"spine": 0, "whole": 1}
    assert scores(data, save(tmp_path / "found", np.where(LABELS == 0, 3, LABELS))) == {
        "spine": 1,
        "whole": 1,
    }


def test_labels_that_the_data_set_does_not_have_are_refused(tmp_path: Path) -> None:
    data = dataset(tmp_path, {"background": 0, "organ": 1, "spine": 2})
    for number in (9, -1, 1.5):
        results = save(tmp_path / "found", np.where(LABELS == 2, number, LABELS.astype(float)))
        with pytest.raises(UserError, match=rf"holds the label {number}, .*\(1 organ, 2 spine\)"):
            scores(data, results)


def test_references_with_unknown_numbers_are_refused(tmp_path: Path) -> None:
    data = dataset(tmp_path, {"background": 0, "organ": 1})
    (case,) = data.cases("Tr")
    for measure in (case.reference, lambda: scores(data, save(tmp_path / "found", LABELS % 2))):
        with pytest.raises(UserError, match=r"a\.nii\.gz holds the label 2, which dataset\.json"):
            measure()


def test_what_is_to_be_ignored_counts_neither_way(tmp_path: Path) -> None:
    data = dataset(tmp_path, {"background": 0, "organ": 1, "ignore": 2})
    found = save(tmp_path / "found", (LABELS > 0).astype(np.uint8))
    assert scores(data, found) == {"organ": 1}


def test_structures_that_are_no_classes_are_told(tmp_path: Path) -> None:
    data = dataset(tmp_path, {"background": 0, "Organ": 1, "other": 2})
    found = save(tmp_path / "found", LABELS)
    report = {"structures": [{"name": "organ"}, {"name": "spine"}]}
    (found / "a.report.json").write_text(json.dumps(report))
    told: list[str] = []
    rows = score_results(data.cases("Tr"), found, data.classes, tell=told.append)
    assert {row.structure: row.score.dice for row in rows} == {"Organ": 1, "other": 0}
    assert len(told) == 1
    assert told[0].endswith("a.nii.gz: no class of the data set, so background here: spine.")
    report["structures"].pop()
    (found / "a.report.json").write_text(json.dumps(report))
    with pytest.raises(UserError, match="holds the label 2, which its report does not name"):
        scores(data, found)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_results_and_references_on_a_turned_lattice(tmp_path: Path, axis: int) -> None:
    data = dataset(tmp_path, {"background": 0, "organ": 1, "spine": 2})
    turned = AFFINE.copy()
    turned[:3, 3] += AFFINE[:3, axis] * (LABELS.shape[axis] - 1)
    turned[:, axis] *= -1
    results = save(tmp_path / "found", np.flip(LABELS, axis), turned)
    assert scores(data, results) == {"organ": 1, "spine": 1}
    save(tmp_path / "labelsTr", np.flip(LABELS, axis), turned)
    assert scores(data, results) == {"organ": 1, "spine": 1}
    turned[0, 3] += 0.5
    with pytest.raises(UserError, match=r"0\.5 mm away"):
        scores(data, save(tmp_path / "found", np.flip(LABELS, axis), turned))


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        ({"background": 0}, "names no class"),
        ({"organ": None}, "gives the class organ no number"),
        ({"organ": ["one", 2]}, "gives the class organ no number"),
        (["organ"], "is not that of a data set in nnU-Net raw layout"),
    ],
)
def test_descriptions_that_name_no_classes(tmp_path: Path, labels: Any, match: str) -> None:
    data = dataset(tmp_path, labels)
    with pytest.raises(UserError, match=match):
        scores(data, tmp_path / "labelsTr")
