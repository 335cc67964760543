"""Volumes from a scene, and results into one: the review."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from gated import Gated
from S2VNetSlicerLib.batch.cases import find_cases
from S2VNetSlicerLib.batch.jobs import run_job
from S2VNetSlicerLib.batch.queue import ReviewQueue
from S2VNetSlicerLib.batch.report import read_report
from S2VNetSlicerLib.batch.run import prepare
from S2VNetSlicerLib.errors import UserError
from small_files import SHAPE, write_series, write_volume

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
from S2VNetSlicerLib.batch.scenes import cases_of_scene  # noqa: E402
from S2VNetSlicerLib.scene.application import HeadlessApplication  # noqa: E402
from S2VNetSlicerLib.scene.files import read_segmentation  # noqa: E402
from S2VNetSlicerLib.scene.marks import segment_mask  # noqa: E402
from S2VNetSlicerLib.scene.results import SegmentationWriter  # noqa: E402
from S2VNetSlicerLib.scene.volumes import (  # noqa: E402
    array_to_matrix,
    volume_from_node,
    volume_to_node,
)
from S2VNetSlicerLib.volumes.geometry import Geometry  # noqa: E402
from S2VNetSlicerLib.volumes.reading import read_labels  # noqa: E402
from S2VNetSlicerLib.volumes.volume import Volume  # noqa: E402

_APPLICATIONS: list[HeadlessApplication] = []
Logic = slicer.vtkSlicerSegmentationsModuleLogic


@pytest.fixture
def scene():
    # VTK aborts when an application goes before the last node that a failed test still holds.
    _APPLICATIONS.append(HeadlessApplication())
    return _APPLICATIONS[-1].scene


def statuses(node) -> list[int]:
    inner = node.GetSegmentation()
    return [
        Logic.GetSegmentStatus(inner.GetNthSegment(n)) for n in range(inner.GetNumberOfSegments())
    ]


# ---- from a scene --------------------------------------------------------------------------------


@pytest.fixture
def loaded(scene):
    """A CT under a transform with marks on it, an MR, one that is flat, and a label map."""
    for n, (name, modality) in enumerate((("CT of/knee", "CT"), ("MR", "MR"))):
        rng = np.random.default_rng(n)
        array = rng.integers(-500, 500, SHAPE).astype(np.int16)
        geometry = Geometry(SHAPE, np.diag([0.8, 0.9, 2.5, 1]))
        volume_to_node(Volume(array, geometry, modality, name=name), scene)
    knee = scene.GetFirstNodeByName("CT of/knee")
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    moved = np.eye(4)
    moved[:3, 3] = 100, 0, -20
    transform.SetMatrixTransformToParent(array_to_matrix(moved))
    knee.SetAndObserveTransformNodeID(transform.GetID())
    flat = volume_to_node(
        Volume(np.zeros(SHAPE, np.uint8), Geometry(SHAPE, np.eye(4)), "MR", name="flat"), scene
    )
    assert flat is not None
    scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "labels")
    marks = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "marks")
    marks.SetAttribute("S2VNet.role", "marks")
    writer = SegmentationWriter(marks, knee)
    names = ["background", "femur", "nothing", "tibia"]
    writer.ensure_segments(names, [(n / 4, 0.5, 0.25) for n in range(4)])
    drawn = np.zeros(SHAPE, np.uint8)
    drawn[2, 3:5, 3:9], drawn[2, 12:16, 14:20], drawn[2, 22:26, 25:30] = 1, 2, 4
    writer.write(drawn)
    return scene


def check_cases(cases) -> None:
    found = {case.name: case for case in cases}
    assert set(found) == {"CT_of_knee", "MR", "flat"}
    knee = found["CT_of_knee"].read()
    assert knee.modality == "CT"
    assert knee.geometry.ijk_to_ras[:3, 3] == pytest.approx([100, 0, -20])
    seeds = found["CT_of_knee"].read_seeds(knee)
    assert seeds.names == ["femur", "tibia"]
    assert seeds.colours[1] == pytest.approx((0.75, 0.5, 0.25), abs=0.01)
    assert [int((seeds.labels == n).sum()) for n in (1, 2, 3)] == [12, 24, 20]
    assert found["MR"].read().modality == "MR"
    assert found["MR"].seeds is None
    with pytest.raises(UserError, match="same value 0"):
        found["flat"].read()


def test_the_volumes_of_a_scene(loaded, output):
    cases = cases_of_scene(loaded, output)
    check_cases(cases)
    stamps = [case.stamp() for case in cases]
    assert [case.stamp() for case in cases_of_scene(loaded, output)] == stamps
    voxels = slicer.util.arrayFromVolume(loaded.GetFirstNodeByName("MR"))
    voxels[0, 0, 0] += 1
    again = {case.name: case.stamp() for case in cases_of_scene(loaded, output)}
    assert [again[case.name] == old for case, old in zip(cases, stamps, strict=True)] == [1, 0, 1]


def test_the_volumes_of_a_saved_scene(loaded, tmp_path, output, settings):
    path = tmp_path / "knees.mrb"
    assert loaded.WriteToMRB(str(path), None, None)
    plan = prepare(path, output, settings)
    assert {job.case.name for job in plan.jobs} == {"CT_of_knee", "MR", "flat"}
    jobs = {job.case.name: run_job(job) for job in plan.jobs if job.case.name != "MR"}
    assert jobs["CT_of_knee"].error == ""
    assert [s.name for s in jobs["CT_of_knee"].structures] == ["femur", "tibia"]
    assert "same value 0" in jobs["flat"].error
    again = prepare(path, output, settings)
    assert {job.case.name for job in again.jobs} == {"MR", "flat"}
    queue = ReviewQueue.load(output)
    volume, _ = queue.open(queue.rows[0], loaded)
    opened = volume_from_node(loaded.GetNodeByID(volume))
    assert opened.geometry.ijk_to_ras[:3, 3] == pytest.approx([100, 0, -20])


def test_what_is_no_scene(tmp_path, output, settings):
    (tmp_path / "bad.mrb").write_text("no scene")
    (tmp_path / "empty.mrml").write_text("<MRML></MRML>")
    here = Path.cwd()
    for name, words in (
        ("bad.mrb", "cannot be read as a scene"),
        ("empty.mrml", "bad|cannot be read|no scalar volumes"),
        ("gone.mrb", "does not exist"),
    ):
        with pytest.raises(UserError, match=words):
            prepare(tmp_path / name, output, settings)
        assert Path.cwd() == here


# ---- the review ----------------------------------------------------------------------------------


@pytest.fixture(params=[".seg.nrrd", ".nii.gz", ".dcm"])
def reviewed(request, tmp_path, output, make_job, gates) -> ReviewQueue:
    """Results of a (least confident), b and c; d failed."""
    for n, name in enumerate("abc"):
        if request.param == ".dcm":
            write_series(tmp_path / "in" / name, n)
        else:
            write_volume(tmp_path / "in" / f"{name}.nii.gz", n)
    (tmp_path / "in" / "d.nii.gz").write_bytes(b"")
    for case in find_cases(tmp_path / "in", output):
        run_job(make_job(case, Gated(gates), request.param))
    for name, lowest in (("a", 0.1), ("b", 0.9), ("c", None)):
        report = read_report(output / f"{name}.report.json")
        report.model_copy(update={"lowest": lowest}).write(output)
    return ReviewQueue.load(output)


def test_the_queue_begins_with_the_least_confident(reviewed):
    assert [row.name for row in reviewed.rows] == ["c", "a", "b"]
    assert [row.name for row in reviewed.failed] == ["d"]
    assert reviewed.next().name == "c"
    reviewed.mark(reviewed.rows[0], "completed")
    assert reviewed.next().name == "a"
    reviewed.mark(reviewed.rows[1], "flagged")
    assert reviewed.next().name == "b"
    assert [row.name for row in ReviewQueue.load(reviewed.folder).rows] == ["c", "a", "b"]


def test_open_loads_once_and_shows_the_state(reviewed, scene):
    row = reviewed.rows[1]
    volume_id, segmentation_id = reviewed.open(row, scene)
    volume, node = scene.GetNodeByID(volume_id), scene.GetNodeByID(segmentation_id)
    assert volume.GetName() == "a"
    assert volume_from_node(volume).modality == row.modality
    inner = node.GetSegmentation()
    assert inner.GetNthSegment(0).GetName() == "liver"
    assert inner.GetNthSegment(0).GetColor() == pytest.approx((1, 0, 0), abs=0.01)
    assert segment_mask(volume, node, inner.GetNthSegmentID(0)).sum() == 12
    assert statuses(node) == [Logic.NotStarted]
    assert reviewed.open(row, scene) == (volume_id, segmentation_id)
    reviewed.mark(row, "flagged", scene)
    assert statuses(node) == [Logic.Flagged]
    scene.RemoveNode(node)
    again = reviewed.open(row, scene)
    assert again[0] == volume_id
    assert statuses(scene.GetNodeByID(again[1])) == [Logic.Flagged]


def test_mark_saves_state_and_corrections_with_the_result(reviewed, scene):
    row = reviewed.rows[1]
    before = row.digest
    volume, node = (scene.GetNodeByID(n) for n in reviewed.open(row, scene))
    writer = SegmentationWriter(node, volume)
    writer.ensure_segments(["liver", "spleen"], [(1, 0, 0), (0, 1, 0)])
    corrected = np.zeros(SHAPE, np.uint8)
    corrected[1, 2:4, 2:6], corrected[3, 7:9, 7:9] = 1, 2
    writer.write(corrected)
    marked = reviewed.mark(row, "completed", scene)
    stored = read_report(reviewed.folder / "a.report.json")
    assert stored == marked == reviewed.rows[1]
    assert stored.review == "completed"
    assert stored.digest != before
    voxel = 2.5 / 1000
    assert [(s.name, s.ml) for s in stored.structures] == [
        ("liver", pytest.approx(8 * voxel)),
        ("spleen", pytest.approx(4 * voxel)),
    ]
    assert "completed" in (reviewed.folder / "summary.csv").read_text()
    for opened in (volume, node):
        scene.RemoveNode(opened)
    volume, node = (
        scene.GetNodeByID(n) for n in ReviewQueue.load(reviewed.folder).open(row, scene)
    )
    inner = node.GetSegmentation()
    for n, name in enumerate(("liver", "spleen"), 1):
        mask = segment_mask(volume, node, inner.GetSegmentIdBySegmentName(name))
        assert np.array_equal(mask, corrected == n)
    assert statuses(node) == [Logic.Completed, Logic.Completed]


def test_a_case_in_which_nothing_was_found_says_why(tmp_path, output, make_job, gates, scene):
    """A DICOM segmentation cannot be empty: there is a file only while something is in it."""
    write_series(tmp_path / "in" / "a")
    (case,) = find_cases(tmp_path / "in", output)
    report = run_job(make_job(case, Gated(gates, blank=True), ".dcm"))
    assert (report.status, report.error) == ("empty", "The volume does not show it.")
    queue, result = ReviewQueue.load(output), output / "a.dcm"
    assert not result.exists()
    volume, node = (scene.GetNodeByID(n) for n in queue.open(queue.rows[0], scene))
    assert node.GetSegmentation().GetNthSegment(0).GetName() == "liver"
    writer = SegmentationWriter(node, volume)
    writer.ensure_segments(["liver"], [(1, 0, 0)])
    for drawn, status in ((7, "done"), (0, "empty")):
        labels = np.zeros(SHAPE, np.uint8)
        labels[1, :drawn, 0] = 1
        writer.write(labels)
        marked = queue.mark(queue.rows[0], "completed", scene)
        assert (marked.status, marked.review) == (status, "completed")
        assert bool(marked.error) == (status == "empty")
        assert result.exists() == bool(marked.digest) == (status == "done")
        assert ReviewQueue.load(output).rows == [marked]
        if drawn:
            assert read_labels(result, case.read()).sum() == 7
    assert "completed" in (output / "summary.csv").read_text()


def test_mark_without_a_scene(reviewed, scene):
    row = reviewed.rows[1]
    reviewed.mark(row, "flagged")
    assert read_report(reviewed.folder / "a.report.json").review == "flagged"
    if row.result.endswith(".seg.nrrd"):
        assert statuses(read_segmentation(reviewed.folder / row.result, scene)) == [Logic.Flagged]
    reviewed.mark(row, "notstarted")
    assert reviewed.rows[1].review == "notstarted"


def test_what_goes_wrong_in_a_review(reviewed, scene, tmp_path):
    row = reviewed.rows[1]
    with pytest.raises(UserError, match="no state 'good'"):
        reviewed.mark(row, "good")
    with pytest.raises(UserError, match="not in the review queue"):
        reviewed.open(row.model_copy(update={"name": "z"}), scene)
    volume_id, _ = reviewed.open(row, scene)
    scene.RemoveNode(scene.GetNodeByID(volume_id))
    with pytest.raises(UserError, match="left the scene"):
        reviewed.mark(row, "completed", scene)
    (reviewed.folder / row.result).write_bytes(b"damaged")
    scene.Clear(False)
    count = scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode")
    with pytest.raises(UserError, match=row.result):
        reviewed.open(row, scene)
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == count
    if (tmp_path / "in" / "b").is_dir():
        shutil.rmtree(tmp_path / "in" / "b")
    else:
        (tmp_path / "in" / "b.nii.gz").unlink()
    with pytest.raises(UserError, match="does not exist"):
        reviewed.open(reviewed.rows[2], scene)
    (reviewed.folder / "c.report.json").write_text(json.dumps({"name": "c"}))
    again = ReviewQueue.load(reviewed.folder)
    assert len(again.problems) == 1
    assert "is no report that can be read: status: Field required" in again.problems[0]
    with pytest.raises(UserError, match="holds no reports"):
        ReviewQueue.load(tmp_path / "in")


def test_a_completed_review_survives_the_next_batch(tmp_path, volumes, output, settings):
    for job in prepare(volumes, output, settings).jobs[:1]:
        run_job(job)
    queue = ReviewQueue.load(output)
    queue.mark(queue.rows[0], "completed")
    image = sitk.ReadImage(str(volumes / "a.nii.gz"))
    sitk.WriteImage(image + 1, str(volumes / "a.nii.gz"))
    assert [report.name for report in prepare(volumes, output, settings).kept] == ["a"]
