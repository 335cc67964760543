"""One case, and the plan of what is missing."""

from __future__ import annotations

import csv
import json
import os
import pickle
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any, ClassVar

import numpy as np
import pytest
import SimpleITK as sitk
from S2VNetSlicerLib import segmenting
from S2VNetSlicerLib.batch import jobs as jobs_module
from S2VNetSlicerLib.batch import run as run_module
from S2VNetSlicerLib.batch.cases import Case, find_cases
from S2VNetSlicerLib.batch.jobs import finish, run_job
from S2VNetSlicerLib.batch.report import Report, lowest_first, read_report, write_summary
from S2VNetSlicerLib.batch.run import Settings, plan, prepare, run
from S2VNetSlicerLib.batch.strategies import Automatic, FromSeeds, choose
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.library import finding, store
from S2VNetSlicerLib.library.learning import learn
from S2VNetSlicerLib.network.weights import load_model, save_model
from S2VNetSlicerLib.propagation.records import SessionSettings
from S2VNetSlicerLib.propagation.session import Session
from S2VNetSlicerLib.volumes.reading import read_file, read_volume
from S2VNetSlicerLib.volumes.volume import told_ml
from small_files import SHAPE, write_seeds, write_volume


@dataclass(frozen=True)
class Raises:
    error: str
    mode: ClassVar[str] = "raises"

    def segment(self, *_: Any) -> Any:
        raise {"memory": MemoryError(), "other": ZeroDivisionError("by zero\nmore")}[self.error]


@pytest.fixture
def case(tmp_path) -> Case:
    path = write_volume(tmp_path / "in" / "a.nii.gz")
    return Case("a", path, seeds=write_seeds(tmp_path / "in" / "a.seeds.nii.gz"))


# ---- one case ------------------------------------------------------------------------------------


def test_from_marks(case, make_job, output):
    report = run_job(make_job(case, FromSeeds()))
    assert (report.status, report.error, report.mode) == ("done", "", "seeds")
    assert report == read_report(output / "a.report.json")
    image = read_file(output / report.result)
    labels, geometry = image.array, image.geometry
    assert labels.shape == SHAPE
    assert geometry.is_close(case.read().geometry)
    (structure,) = report.structures
    assert structure.ml == pytest.approx((labels == 1).sum() * 2.5 / 1000, abs=1e-3)
    assert 0 <= structure.lowest <= structure.mean <= 1
    assert report.lowest == structure.lowest
    assert (report.weights, report.weights_commit) == ("tiny", "abc")
    assert (report.modality, report.input.files) == ("MR", 2)
    assert report.seconds > 0
    assert len(report.audit["made"]) == SHAPE[report.axis]
    assert {p.name for p in output.iterdir()} == {"a.nii.gz", "a.report.json"}


def test_structures_of_small_animals_have_a_volume(case, make_job, output):
    for path in (case.image, case.seeds):
        image = sitk.ReadImage(str(path))
        image.SetSpacing((0.02, 0.02, 0.05))
        sitk.WriteImage(image, str(path))
    report = run_job(make_job(case, FromSeeds()))
    labels = read_file(output / report.result).array
    assert report.structures[0].ml == pytest.approx(labels.sum() * 2e-8, rel=1e-4)
    write_summary(output)
    (row,) = csv.DictReader((output / "summary.csv").open())
    assert float(row["structure 1 ml"]) == report.structures[0].ml
    assert float(told_ml(report.structures[0].ml)) > 0
    assert (told_ml(0), told_ml(0.2), told_ml(31.25)) == ("0.0", "0.2", "31.2")


def test_automatically(case, make_job, output):
    report = run_job(make_job(case, Automatic()))
    assert report.status == "empty"
    assert "does not show the body part" in report.error
    assert [s.name for s in report.structures] == ["liver", "spleen"]
    report = run_job(make_job(case, Automatic(("spleen",))))
    assert [s.name for s in report.structures] == ["spleen"]
    report = run_job(make_job(case, Automatic(("kidney",))))
    assert report.status == "failed"
    assert "kidney" in report.error


def test_as_segments_with_audit(case, make_job, output):
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    report = run_job(make_job(case, FromSeeds(), ".seg.nrrd"))
    assert report.error == ""
    image = sitk.ReadImage(str(output / "a.seg.nrrd"))
    assert image.GetMetaData("Segment0_Name") == "structure 1"
    assert "S2VNet.audit" in image.GetMetaData("Segment0_Tags")


def test_what_is_wrong_with_a_case_is_in_its_report(case, make_job, output, tmp_path):
    bad = tmp_path / "in" / "bad.nii.gz"
    bad.write_bytes(case.image.read_bytes()[:300])
    flat = write_volume(tmp_path / "in" / "x.nii.gz")
    flat.unlink()
    for wrong, how, words in (
        (Case("a", bad), Automatic(), "bad.nii.gz is cut off or damaged"),
        (Case("a", flat), Automatic(), "does not exist"),
        (Case("a", case.image), FromSeeds(), "has no marks"),
        (Case("a", case.image, problem="It is under a warp."), FromSeeds(), "under a warp"),
        (case, Raises("memory"), "needs more memory"),
        (case, Raises("other"), "failed unexpectedly: ZeroDivisionError: by zero more. The report"),
    ):
        report = run_job(make_job(wrong, how))
        assert report.status == "failed"
        assert words in report.error
        assert "\n" not in report.error
        assert report.error.endswith(".")
        assert report == read_report(output / "a.report.json")
        assert not (output / "a.nii.gz").exists()
    assert "ZeroDivisionError" in report.details


def test_an_interrupted_segmentation_is_no_result(case, make_job, output, monkeypatch):
    def interrupted(*_: Any, **__: Any) -> segmenting.Segmentation:
        empty = np.zeros(SHAPE, np.uint8)
        return segmenting.Segmentation(
            empty, 0, empty[:, 0, 0], np.zeros((SHAPE[0], 1), np.float32), complete=False
        )

    monkeypatch.setattr(segmenting, "segment", interrupted)
    report = run_job(make_job(case, FromSeeds()))
    assert (report.status, "was interrupted" in report.error) == ("failed", True)
    assert not (output / "a.nii.gz").exists()


def test_a_full_disk_fails_the_case(case, make_job, output, monkeypatch):
    def full(*_: Any) -> None:
        raise UserError("The disk is full: free some space.")

    monkeypatch.setattr("S2VNetSlicerLib.scene.files.write_label_map", full)
    assert run_job(make_job(case, FromSeeds())).error.startswith("The disk is full")
    monkeypatch.undo()
    monkeypatch.setattr(Report, "write", full)
    report = run_job(make_job(case, FromSeeds()))
    assert (report.status, report.error) == ("failed", "The disk is full: free some space.")


def test_other_weights_on_a_worker_are_refused(case, make_job):
    report = run_job(replace(make_job(case, FromSeeds()), digest="0" * 16))
    assert "are not those of this batch" in report.error


@pytest.mark.parametrize("name", ["planes", "corrections"])
def test_another_companion_makes_another_batch(case, make_job, make_network, name):
    job = make_job(case, FromSeeds())
    beside = job.weights.with_name(f"{job.weights.stem}-{name}.safetensors")
    save_model(beside, make_network(seed=3), {})
    assert "are not those of this batch" in run_job(job).error


# ---- the plan ------------------------------------------------------------------------------------


def todo(volumes: Any, output: Any, settings: Settings) -> list[str]:
    return [job.case.name for job in prepare(volumes, output, settings).jobs]


@pytest.fixture
def finished(volumes, output, settings) -> None:
    """Every case is done."""
    for job in prepare(volumes, output, settings).jobs:
        assert run_job(job).status == "empty"


@pytest.mark.usefixtures("finished")
def test_only_what_is_missing_or_changed_is_done_again(volumes, output, settings, weights):
    assert todo(volumes, output, settings) == []
    assert [r.name for r in prepare(volumes, output, settings).done] == list("abcd")
    (output / "a.nii.gz").unlink()
    (output / "b.report.json").unlink()
    write_volume(volumes / "c.nii.gz", seed=99)
    assert todo(volumes, output, settings) == ["a", "b", "c"]
    write_seeds(volumes / "d.seeds.nii.gz")
    assert todo(volumes, output, settings) == list("abcd")
    assert todo(volumes, output, replace(settings, auto=True)) == ["a", "b", "c"]
    assert todo(volumes, output, replace(settings, auto=True, classes=("liver",))) == list("abcd")
    assert todo(volumes, output, replace(settings, auto=True, modality="CT")) == list("abcd")
    assert todo(volumes, output, replace(settings, auto=True, workers=7)) == ["a", "b", "c"]
    card = weights.with_suffix(".json")
    weights.write_bytes(weights.read_bytes() + b"")
    card.write_text("{}")
    assert todo(volumes, output, replace(settings, auto=True)) == ["a", "b", "c"]


@pytest.mark.usefixtures("finished")
def test_a_report_that_cannot_be_read_keeps_its_case(volumes, output, settings, call, weights):
    completed = read_report(output / "a.report.json").model_copy(update={"review": "completed"})
    newer = json.loads(completed.model_dump_json()) | {"schema_version": 3, "review": "approved"}
    (output / "a.report.json").write_text(json.dumps(newer))
    (output / "b.report.json").write_text("{ damaged")
    unknown = json.loads((output / "c.report.json").read_text()) | {"review": "approved"}
    (output / "c.report.json").write_text(json.dumps(unknown))
    (output / "d.report.json").unlink()
    (output / "d.report.json").symlink_to(output / "gone")
    for path in volumes.iterdir():
        os.utime(path, (1, 1))
    planned = prepare(volumes, output, settings)
    assert planned.jobs == []
    assert list(planned.unreadable) == list("abcd")
    for name, told in zip(
        "abcd",
        ("newer version", "Expecting property name", "review: Input", "No such"),
        strict=True,
    ):
        assert told in planned.unreadable[name]
    before = {p.name: p.stat().st_mtime_ns for p in output.glob("*.nii.gz")}
    words = ("--weights", weights, "--device", "cpu", "--format", ".nii.gz")
    code, _, err = call("batch", volumes, output, *words)
    assert code == 0
    assert "kept, report unreadable" in err.replace("\n", " ")
    assert {p.name: p.stat().st_mtime_ns for p in output.glob("*.nii.gz")} == before


@pytest.mark.usefixtures("finished")
def test_another_version_or_other_settings_are_another_batch(
    volumes, output, settings, monkeypatch
):
    report = read_report(output / "a.report.json")
    assert report.software == version("s2vnet-slicer")
    assert report.settings_digest == SessionSettings().digest()
    with monkeypatch.context() as patch:
        patch.setattr(jobs_module, "software_version", lambda: "99.0")
        assert todo(volumes, output, settings) == list("abcd")
    with monkeypatch.context() as patch:
        patch.setattr(
            jobs_module, "SessionSettings", lambda: SessionSettings(refine_across_planes=False)
        )
        assert todo(volumes, output, settings) == list("abcd")
    with monkeypatch.context() as patch:
        patch.setattr(jobs_module, "SessionSettings", lambda: SessionSettings(feature_bytes=1))
        assert todo(volumes, output, settings) == []


def test_inputs_that_vanish_fail_their_case_alone(make_job, tmp_path, output):
    (tmp_path / "series").mkdir()
    job = make_job(Case("a", tmp_path / "series"), FromSeeds())
    (tmp_path / "series").rmdir()
    assert finish(job, job.report(status="failed", error="gone")).error == "gone"


@pytest.mark.usefixtures("finished")
def test_failed_cases_are_tried_again(volumes, output, settings):
    report = read_report(output / "a.report.json")
    report.model_copy(update={"status": "failed"}).write(output)
    assert todo(volumes, output, settings) == ["a"]


@pytest.mark.usefixtures("finished")
def test_the_work_of_a_person_is_never_overwritten(volumes, output, settings):
    for path in volumes.iterdir():
        os.utime(path, (1, 1))
    completed = read_report(output / "a.report.json").model_copy(update={"review": "completed"})
    completed.write(output)
    labels = sitk.ReadImage(str(output / "b.nii.gz"))
    labels[0, 0, 0] = 1 - labels[0, 0, 0]
    sitk.WriteImage(labels, str(output / "b.nii.gz"))
    planned = prepare(volumes, output, settings)
    assert [report.name for report in planned.kept] == ["a", "b"]
    assert [job.case.name for job in planned.jobs] == ["c", "d"]
    # Completed and unchanged is simply done.
    os.utime(volumes / "a.nii.gz", ns=(completed.input.changed, completed.input.changed))
    assert "a" in [report.name for report in prepare(volumes, output, settings).done]


@pytest.mark.usefixtures("finished")
def test_results_may_be_moved(volumes, output, settings, tmp_path):
    moved = tmp_path / "elsewhere"
    output.rename(moved)
    assert todo(volumes, moved, settings) == []


def test_how_a_case_is_segmented(tmp_path):
    with_marks, without = Case("a", tmp_path, seeds=tmp_path), Case("b", tmp_path)
    liver = Automatic(("liver",))
    plain = {"auto": False, "automatic": liver, "need_seeds": False}
    assert choose(with_marks, **plain) == FromSeeds()
    assert choose(without, **plain) == liver
    assert choose(with_marks, **{**plain, "auto": True}) == liver
    assert choose(without, **{**plain, "need_seeds": True}) == FromSeeds()


def test_learned_classes(volumes, output, settings, weights, tmp_path, monkeypatch):
    """They come from the user's library wherever the case runs, and anew when more is learned."""
    monkeypatch.setattr(finding, "LEAST", -1.0)  # an untrained network is sure of nothing
    monkeypatch.setenv("S2VNET_LIBRARY", str(tmp_path / "library"))

    def learn_one(name: str) -> None:
        volume = read_volume(volumes / f"{name}.nii.gz")
        model, card = load_model(weights)
        session = Session(model, volume.array, volume.geometry.spacing, volume.modality, 1)
        labels = np.zeros(SHAPE, np.uint8)
        labels[1:5, 8:20, 10:24] = 1
        session.load(labels)
        session.accept(2)
        store.add(learn(session, 1, "Lump", weights=card["name"]))

    wanted = replace(settings, classes=("Lump", "liver"))
    with pytest.raises(UserError, match="no class Lump"):
        prepare(volumes, output, wanted)
    learn_one("a")
    jobs = prepare(volumes, output, wanted).jobs
    assert len(jobs) == 4
    monkeypatch.setenv("S2VNET_LIBRARY", str(tmp_path / "another process has none"))
    report = run_job(pickle.loads(pickle.dumps(jobs[1])))
    assert report.error == ""
    assert [s.name for s in report.structures] == ["Lump", "liver"]
    monkeypatch.setenv("S2VNET_LIBRARY", str(tmp_path / "library"))
    assert len(prepare(volumes, output, wanted).jobs) == 3
    learn_one("c")
    assert len(prepare(volumes, output, wanted).jobs) == 4
    (weights.with_suffix(".json")).write_text('{"name": "others"}')
    with pytest.raises(UserError, match="learned with the weights tiny, not others"):
        prepare(volumes, output, wanted)


def test_leftovers_of_killed_processes_are_swept_after_a_day(volumes, output, settings):
    output.mkdir()
    old, new = output / ".0123456789ab.nii.gz", output / ".ba9876543210.nii.gz"
    for path in (old, new, output / ".keep"):
        path.touch()
    os.utime(old, (1, 1))
    os.utime(output / ".keep", (1, 1))
    prepare(volumes, output, settings)
    assert sorted(p.name for p in output.iterdir()) == [new.name, ".keep"]


def test_settings_that_would_fail_everywhere(volumes, output, settings, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    for changes, words in (
        ({"suffix": ".png"}, "use .seg.nrrd or .nii.gz"),
        ({"modality": "PET"}, "state CT or MR"),
        ({"device": "tpu"}, "no device 'tpu'"),
        ({"weights": tmp_path / "no.safetensors"}, "are missing"),
        ({"seeds": tmp_path / "no"}, "is no folder"),
    ):
        with pytest.raises(UserError, match=words):
            prepare(volumes, output, replace(settings, **changes))
    with pytest.raises(UserError, match="cannot be used"):
        prepare(volumes, tmp_path / "file" / "out", settings)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"not installed.*or use --format \.nii\.gz\.$"):
        run_module.check(replace(settings, suffix=".seg.nrrd"))


def test_nothing_to_do_still_writes_the_summary(volumes, output, settings):
    planned = plan([], output, settings)
    output.mkdir()
    assert list(run(planned, settings)) == []
    assert (output / "summary.csv").is_file()


# ---- reports -------------------------------------------------------------------------------------


def test_the_summary_has_a_column_for_each_structure(volumes, output, settings):
    for job in plan(find_cases(volumes, output), output, settings).jobs[:2]:
        output.mkdir(exist_ok=True)
        run_job(replace(job, how=Raises("memory")) if job.case.name == "b" else job)
    write_summary(output)
    rows = list(csv.DictReader((output / "summary.csv").open()))
    assert [(row["name"], row["status"]) for row in rows] == [("a", "empty"), ("b", "failed")]
    report = read_report(output / "a.report.json")
    for structure in report.structures:
        assert float(rows[0][f"{structure.name} ml"]) == pytest.approx(structure.ml, abs=1e-3)
        assert rows[1][f"{structure.name} ml"] == ""
    assert "memory" in rows[1]["error"]


def test_lowest_first_and_nothing_found_before_all():
    made = {
        name: Report(name=name, status="done", image="x", key="k", lowest=lowest)
        for name, lowest in (("a", 0.9), ("b", 0.0), ("c", None), ("d", 0.5))
    }
    assert [report.name for report in lowest_first(made.values())] == ["c", "b", "d", "a"]
