"""Results against references through the command: tables, published numbers, figures, failures."""

from __future__ import annotations

import csv
import json
import sys
from functools import partial
from math import nan
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import typer
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent))
import published_data as data
from S2VNetSlicerLib.commands import dataset as dataset_command
from S2VNetSlicerLib.commands import evaluate as evaluate_command
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.evaluation import figures
from S2VNetSlicerLib.evaluation.cases import Dataset, read_result, renumber
from S2VNetSlicerLib.evaluation.datasets import convert
from S2VNetSlicerLib.evaluation.failures import indistinct_boundaries, small_objects, spread
from S2VNetSlicerLib.evaluation.layouts import WORD_CLASSES
from S2VNetSlicerLib.evaluation.metrics import Score
from S2VNetSlicerLib.evaluation.published import PUBLISHED
from S2VNetSlicerLib.evaluation.scoring import Row
from S2VNetSlicerLib.evaluation.tables import class_means, overall, summary
from S2VNetSlicerLib.propagation import records, session

CLASSES = {1: "liver", 2: "spleen", 3: "left_kidney"}
app = typer.Typer()
app.command("evaluate")(evaluate_command.evaluate)
app.add_typer(dataset_command.app, name="dataset")


@pytest.fixture
def word(tmp_path) -> Path:
    return convert(data.word(tmp_path), "word", tmp_path / "Dataset004_WORD").folder


def call(*arguments: object) -> None:
    found = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.output


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def result(folder: Path, shift: int = 0, name: str = "word_0014.nii.gz") -> Path:
    """The reference of case 14, moved by ``shift`` columns."""
    data.write(folder / name, np.roll(data.body(14)[1], shift, 2))
    return folder


# ---- the command ---------------------------------------------------------------------------------


def test_results_become_tables_and_figures_beside_published_numbers(word, tmp_path):
    ours, rival = result(tmp_path / "ours"), result(tmp_path / "rival", 2)
    output = tmp_path / "out"
    call("evaluate", word, "--output", output, "--results", ours, "--rival", f"other={rival}")
    rows = table(output / "scores.csv")
    assert len(rows) == 6
    assert {row["dice"] for row in rows if row["method"] == "S2VNet"} == {"1.00000"}
    liver = next(r for r in rows if (r["method"], r["structure"]) == ("other", "liver"))
    assert float(liver["dice"]) == pytest.approx(4 / 6, abs=1e-4)
    assert float(liver["hd95_mm"]) == pytest.approx(2)
    assert float(liver["reference_ml"]) == pytest.approx(360 * 3 / 1000)
    text = (output / "summary.md").read_text("utf-8")
    assert (
        "| S2VNet | 100.00 | 0.00 | 0.00 | 100.00 | 0 of 3 | Dataset004_WORD, Ts, 1 case |" in text
    )
    assert "| nnU-Net (3D), published | 87.44 |  | 10.33 |" in text
    assert "tables 4 and 5" in text
    assert "| liver | 100.00 | 66.67 | 95.38 |" in text
    for name in ("cases.png", "small_objects.png", "indistinct_boundaries.png"):
        assert sitk.ReadImage(str(output / name)).GetWidth() > 500


def test_the_automatic_mode_is_run_and_scored_on_what_the_weights_know(
    word, tmp_path, save_network, monkeypatch, small_slices
):
    small_slices(40)
    truth = data.body(14)[1]

    def automatic(self: session.Session, classes, **options):
        assert classes == [2, 0]  # as the weights number Liver and left kidney
        self.labels[...] = np.where(truth == 1, 1, np.where(truth == 3, 2, 0))
        yield records.SliceResult(0, self.labels[0], np.ones(2))

    monkeypatch.setattr(session.Session, "automatic", automatic)
    weights, output = tmp_path / "w.safetensors", tmp_path / "out"
    save_network(weights, {"name": "tiny"}, seed=1, classes=("left kidney", "heart", "Liver"))
    options = ("--weights", weights, "--figures", 0, "--published", "none")
    call("evaluate", word, "--output", output, *options)
    found = data.read(output / "results" / "word_0014.nii.gz")
    assert np.array_equal(found, np.where(truth == 2, 0, truth))
    rows = table(output / "scores.csv")
    assert [(r["structure"], r["dice"]) for r in rows] == [
        ("liver", "1.00000"),
        ("left_kidney", "1.00000"),
    ]
    assert "published" not in (output / "summary.md").read_text("utf-8").split("\n\n")[1]
    assert not (output / "cases.png").exists()


def test_weights_that_know_no_class_say_so(word, tmp_path, save_network):
    weights = tmp_path / "w.safetensors"
    save_network(weights, {"name": "tiny"}, seed=1, classes=("heart",))
    with pytest.raises(UserError, match="train on it first"):
        call("evaluate", word, "--output", tmp_path / "out", "--weights", weights)


def test_rounds_of_marks_become_tables(word, tmp_path, save_network, monkeypatch, small_slices):
    small_slices(40)
    for module in (records, session):
        anywhere = partial(records.SessionSettings, growth=None)
        monkeypatch.setattr(module, "SessionSettings", anywhere)
    weights, output = tmp_path / "w.safetensors", tmp_path / "out"
    save_network(weights, {"name": "tiny"})
    call("evaluate", word, "--output", output, "--rounds", 2, "--most", 2, "--weights", weights)
    rows = table(output / "rounds.csv")
    assert {row["structures"] for row in rows} == {"liver", "left_kidney"}
    assert {row["marks_obeyed"] for row in rows} == {"True"}
    assert "2 tasks" in (output / "rounds.md").read_text("utf-8")


def test_what_cannot_be_evaluated_is_refused(word, tmp_path):
    ours = result(tmp_path / "ours")
    for words, options in {
        "no result for word_0001": ("--split", "Val", "--results", ours),
        "unknown": ("--split", "Va", "--results", ours),
        "NAME=FOLDER": ("--results", ours, "--rival", "nnunet"),
        "no folder": ("--results", ours, "--rival", f"x={tmp_path / 'none'}"),
        "no published results": ("--results", ours, "--published", "kits"),
        "--results does nothing with --rounds": ("--rounds", "1", "--results", ours),
        "no labels": ("--results", ours, "--only", "zzz"),
    }.items():
        with pytest.raises(UserError, match=words):
            call("evaluate", word, "--output", tmp_path / "out", *options)
    with pytest.raises(UserError, match="nnU-Net raw layout"):
        call("evaluate", tmp_path, "--output", tmp_path / "out", "--results", ours)


def test_dataset_convert_reports_and_names_what_it_leaves_out(tmp_path):
    source = data.word(tmp_path)
    call("dataset", "convert", source, "--kind", "word", "--output", tmp_path / "Dataset004_A")
    assert Dataset(tmp_path / "Dataset004_A").default_split() == "Ts"
    data.write(source / "labelsTr" / "word_0005.nii.gz", data.body(5)[1], spacing=(3, 1, 2))
    arguments = ["dataset", "convert", str(source), "--kind", "word", "--output"]
    found = CliRunner().invoke(app, [*arguments, str(tmp_path / "Dataset004_B")])
    assert found.exit_code == 1
    assert "left out" in found.output
    assert "word_0005" in found.output


# ---- results of several kinds --------------------------------------------------------------------


def test_structures_of_a_segmentation_are_found_by_name(word, tmp_path):
    """As Slicer writes it: cropped, values and order its own, names in the header."""
    truth = data.body(14)[1]
    reference = word / "labelsTs" / "word_0014.nii.gz"
    swapped = np.choose(truth, [0, 3, 0, 7]).astype(np.uint8)
    image = sitk.GetImageFromArray(swapped)
    image.CopyInformation(sitk.ReadImage(str(reference)))
    image = image[2:, 3:20, 1:]
    for n, (value, name) in enumerate({7: "Left Kidney", 3: "liver", 9: "heart"}.items()):
        image.SetMetaData(f"Segment{n}_Name", name)
        image.SetMetaData(f"Segment{n}_LabelValue", str(value))
    path = tmp_path / "word_0014.seg.nrrd"
    sitk.WriteImage(image, str(path))
    found = read_result(path, CLASSES, reference)
    assert np.array_equal(found, np.where(truth == 2, 0, truth))


def test_results_of_a_batch_are_read_with_their_report(word, tmp_path):
    path = data.write(tmp_path / "word_0014.nii.gz", np.minimum(data.body(14)[1], 2))
    structures = [{"name": "spleen"}, {"name": "liver"}]
    (tmp_path / "word_0014.report.json").write_text(json.dumps({"structures": structures}))
    found = read_result(path, CLASSES, word / "labelsTs" / "word_0014.nii.gz")
    assert np.array_equal(found, np.choose(np.minimum(data.body(14)[1], 2), [0, 2, 1]))


def test_a_result_on_another_grid_is_refused(word, tmp_path):
    path = data.write(tmp_path / "word_0014.nii.gz", data.body()[1], origin=(0, 0, 0))
    with pytest.raises(UserError, match="does not lie on the grid"):
        read_result(path, CLASSES, word / "labelsTs" / "word_0014.nii.gz")
    with pytest.raises(UserError, match="none of the data set's classes"):
        renumber(np.ones((2, 2, 2), np.uint8), {1: "heart"}, CLASSES, "x")


# ---- means, published numbers --------------------------------------------------------------------


def row(case: str, name: str, dice: float, hd95=1.0, counts=(10, 10), ml=1.0, contrast=1.0) -> Row:
    return Row(case, name, Score(dice, hd95, hd95, dice, *counts), ml, contrast)


def test_missed_and_absent_structures_in_the_means():
    rows = [
        row("a", "liver", 0.8, 4),
        row("b", "liver", 0.0, nan, (10, 0)),
        row("c", "liver", nan, nan, (0, 0)),
        row("a", "spleen", 1.0, 0),
    ]
    means = class_means(rows)
    assert (means["liver"].count, means["liver"].missed) == (2, 1)
    assert means["liver"].dice == pytest.approx(0.4)
    assert means["liver"].hd95 == 4
    assert class_means(rows, missing=50)["liver"].hd95 == 27
    assert overall(means).dice == pytest.approx(0.7)
    text = summary("t", {"S2VNet": rows}, tolerance=2, missing=50)
    assert "50 mm" in text
    assert "1 of 3" in text
    assert "| liver | 40.00 ± 40.00 |" in text


def test_published_means_are_those_of_their_classes():
    """A slip in copying a table would show."""
    for reported in PUBLISHED["word"]:
        assert list(reported.by_class) == list(WORD_CLASSES)
        mean = np.mean(list(reported.by_class.values()))
        assert mean == pytest.approx(reported.dice, abs=6e-4), reported.method
    for reported in (r for several in PUBLISHED.values() for r in several):
        assert 0.5 < reported.dice < 1
        assert reported.source
        assert reported.protocol


# ---- what is shown -------------------------------------------------------------------------------


def test_cases_are_spread_over_the_scores():
    rows = [row(f"c{n}", "liver", n / 10) for n in range(10)]
    assert spread(rows, 3) == ["c9", "c5", "c0"]
    assert spread(rows, 99) == [f"c{n}" for n in reversed(range(10))]
    assert spread([], 3) == []


def test_failures_are_the_worst_of_the_smallest_and_of_the_least_distinct():
    rows = [row(f"c{n}", "x", dice=1 - n / 20, ml=n, contrast=20 - n) for n in range(20)]
    rows.append(row("none", "x", 0.0, counts=(0, 9), ml=0, contrast=nan))
    assert [r.ml for r in small_objects(rows, 2)] == [4, 3]  # of the 5 smallest
    assert [r.ml for r in indistinct_boundaries(rows, 2)] == [19, 18]
    assert len(small_objects(rows, 8)) == 8


def test_a_strip_shows_slices_as_they_are_read(word):
    """Whatever the axes of the file: anterior up, the patient's left on the right."""
    case = Dataset(word).cases("Ts")[0]
    hu, truth = data.body(14)
    whole = figures.strip(case, [truth], "title")
    assert whole.spacing == (1, 1)
    assert np.array_equal(whole.labels[0], truth[3])
    for path, array in ((case.image, hu), (case.label, truth)):
        image = sitk.DICOMOrient(sitk.ReadImage(str(path)), "RAI")
        path.unlink()
        sitk.WriteImage(image, str(path))
        assert not np.array_equal(sitk.GetArrayFromImage(image), array)
    turned = sitk.GetArrayFromImage(sitk.ReadImage(str(case.label)))
    again = figures.strip(case, [turned], "title")
    assert np.array_equal(again.image, whole.image)
    assert np.array_equal(again.labels[1], whole.labels[1])


def test_a_failure_is_shown_where_it_is_worst(word):
    case = Dataset(word).cases("Ts")[0]
    truth = data.body(14)[1]
    found = truth.copy()
    found[5][truth[5] == 2] = 0
    shown = figures.strip(case, [found], "title", structure=2)
    assert (shown.labels[0] == 2).any()
    assert not (shown.labels[1] == 2).any()


def test_colours_lie_over_the_image():
    grey = np.full((4, 4), 100, np.uint8)
    labels = np.zeros((4, 4), np.uint8)
    labels[0] = 2
    shown = figures.painted(grey, labels)
    assert (shown[1:] == 100).all()
    assert len(set(shown[0, 0].tolist())) > 1
    assert (figures.painted(grey, None) == 100).all()
