"""The queue of a batch's results: listed, opened, corrected, judged and saved, on real files."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.batch.report import Report, Structure, file_digest, read_report
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.volume import Volume
from S2VNetSlicerLib.volumes.writing import write_label_map
from session_steps import MIDDLE, ORIGIN, SHAPE, SPACING, ball, state

CASES = {"anna": (0.9, 8), "bert": (0.31, 4), "carl": (None, None)}
"""Lowest expected Dice and the slice where it is."""


@pytest.fixture
def results(tmp_path):
    """Three results, of which one found nothing, and a failed case."""
    affine = np.diag([*SPACING, 1.0])
    affine[:3, 3] = ORIGIN
    geometry = Geometry(SHAPE, affine)
    from S2VNetSlicerLib.scene.files import write_segmentation

    folder = tmp_path / "results"
    folder.mkdir()
    for n, (name, (lowest, worst)) in enumerate(CASES.items()):
        array, inside = ball(seed=n)
        write_label_map(tmp_path / f"{name}.nii.gz", array, geometry)
        labels = (inside & (lowest is not None)).astype(np.uint8)
        result = folder / f"{name}.seg.nrrd"
        volume = Volume(array, geometry, "MR", name=name)
        write_segmentation(result, volume, labels, ["ball"], [(1.0, 0.5, 0.0)])
        row = Structure(
            name="ball", colour=(1, 0.5, 0), ml=1, lowest=lowest, mean=lowest, worst_slice=worst
        )
        Report(
            name=name,
            status="done",
            image=str(tmp_path / f"{name}.nii.gz"),
            key=name,
            result=result.name,
            digest=file_digest(result),
            modality="MR",
            axis=0,
            structures=(row,),
            lowest=lowest,
        ).write(folder)
    Report(name="dora", status="failed", error="dora is flat.", image="d", key="d").write(folder)
    return folder


@pytest.fixture
def panel(host, ticked, results):
    """The module with the results open."""
    host.dialogs.answers["getExistingDirectory"] = str(results)
    ticked.ui.queueFolderButton.click()
    return ticked


def listed(widget):
    table = widget.ui.queueTable
    return [[table.item(n, c).text() for c in range(3)] for n in range(table.rowCount)]


def bold(widget):
    table = widget.ui.queueTable
    return [
        table.item(n, 0).text() for n in range(table.rowCount) if table.item(n, 0).font().bold()
    ]


def volumes(host):
    nodes = host.scene.GetNodesByClass("vtkMRMLScalarVolumeNode")
    return [nodes.GetItemAsObject(n).GetName() for n in range(nodes.GetNumberOfItems())]


def correct(widget, host):
    """Background on the ball, in the slice that is shown."""
    height = ORIGIN[2] + SPACING[2] * state(widget).slice
    host.slice_widget().node.JumpSliceByCentering(0, 0, height)
    widget.ui.markButton.checked = True
    host.slice_widget().click(*MIDDLE, ctrl=True)
    widget.panel.presenter.wait()
    assert state(widget).message == ""


def test_the_least_sure_case_comes_first(panel):
    assert listed(panel) == [
        ["carl", "nothing found", "Not started"],
        ["bert", "0.31", "Not started"],
        ["anna", "0.90", "Not started"],
        ["dora", "", "Failed"],
    ]
    assert panel.ui.queueTable.item(3, 0).toolTip() == "dora is flat."
    assert panel.ui.queueLabel.text == "0 of 3 cases judged, 1 failed"
    assert panel.ui.queueNextButton.enabled
    assert not panel.ui.queueCompleteButton.enabled


def test_a_case_is_opened_for_correction_where_it_is_least_sure(panel, host):
    panel.ui.queueTable.cellDoubleClicked.emit(1, 0)
    now = state(panel)
    assert (host.errors, now.message) == ([], "")
    assert volumes(host) == ["bert"]
    assert [row.name for row in now.classes] == ["ball"]
    assert now.classes[0].ml > 0
    assert (now.slice_status == 1).all(), "an automatic result"
    assert (now.axis, now.slice) == (0, CASES["bert"][1])
    assert bold(panel) == ["bert"]
    assert panel.ui.queueCompleteButton.enabled


@pytest.mark.parametrize(
    ("button", "status", "words"),
    [("queueCompleteButton", "completed", "Completed"), ("queueFlagButton", "flagged", "Flagged")],
)
def test_a_corrected_case_is_judged_and_saved(panel, host, results, button, status, words):
    from S2VNetSlicerLib.scene.files import read_segmentation
    from S2VNetSlicerLib.scene.marks import segment_mask
    from slicer import vtkSlicerSegmentationsModuleLogic as Logic

    panel.ui.queueTable.cellDoubleClicked.emit(1, 0)
    before = (results / "bert.seg.nrrd").read_bytes()
    correct(panel, host)
    now = state(panel)
    assert now.classes[0].changed_voxels > 0
    node = host.scene.GetNodeByID(now.segmentation)
    volume = host.scene.GetNodeByID(now.volume)
    found = segment_mask(volume, node, now.classes[0].id)
    assert (results / "bert.seg.nrrd").read_bytes() == before, "not before it is judged"
    getattr(panel.ui, button).click()
    assert host.errors == []
    assert listed(panel)[1] == ["bert", "0.31", words]
    assert panel.ui.queueLabel.text.startswith("1 of 3")
    report = read_report(results / "bert.report.json")
    assert report.review == status
    saved = read_segmentation(results / "bert.seg.nrrd", host.scene)
    np.testing.assert_array_equal(
        segment_mask(volume, saved, saved.GetSegmentation().GetNthSegmentID(0)), found
    )
    segment = saved.GetSegmentation().GetNthSegment(0)
    assert Logic.GetSegmentStatusAsMachineReadableString(Logic.GetSegmentStatus(segment)) == status
    assert Logic.GetSegmentStatus(node.GetSegmentation().GetNthSegment(0)) > 0


def test_the_next_case_takes_the_place_of_the_last_one(panel, host):
    ui = panel.ui
    ui.queueNextButton.click()
    assert bold(panel) == ["carl"]
    ui.queueCompleteButton.click()
    ui.queueNextButton.click()
    assert bold(panel) == ["bert"]
    correct(panel, host)
    ui.queueFlagButton.click()
    ui.queueNextButton.click()
    assert host.questions == [], "everything was saved"
    assert (bold(panel), volumes(host)) == (["anna"], ["anna"])
    segmentations = host.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    assert segmentations == 2, "the result and the hidden copy of it"
    ui.queueCompleteButton.click()
    assert not ui.queueNextButton.enabled, "everything is judged"


def test_unsaved_corrections_are_asked_about(panel, host):
    panel.ui.queueTable.cellDoubleClicked.emit(1, 0)
    correct(panel, host)
    host.confirms = False
    panel.ui.queueTable.cellDoubleClicked.emit(2, 0)
    assert "bert was changed" in host.questions[0]
    assert (bold(panel), volumes(host)) == (["bert"], ["bert"])
    host.confirms = True
    panel.ui.queueTable.cellDoubleClicked.emit(2, 0)
    assert bold(panel) == ["anna"]


def test_failed_cases_and_closed_scenes(panel, host):
    panel.ui.queueTable.cellDoubleClicked.emit(3, 0)
    assert bold(panel) == []
    panel.ui.queueTable.cellDoubleClicked.emit(1, 0)
    host.scene.Clear(0)
    panel.panel._tick()
    assert not panel.ui.queueCompleteButton.enabled
    panel.ui.queueTable.cellDoubleClicked.emit(2, 0)
    assert (volumes(host), host.questions) == (["anna"], [])


def test_what_cannot_be_opened_is_told(panel, host, tmp_path, results):
    (tmp_path / "bert.nii.gz").unlink()
    panel.ui.queueTable.cellDoubleClicked.emit(1, 0)
    assert "bert.nii.gz" in host.errors[0]
    assert not panel.ui.queueCompleteButton.enabled
    host.dialogs.answers["getExistingDirectory"] = str(tmp_path)
    panel.ui.queueFolderButton.click()
    assert "holds no reports" in host.errors[1]
    (results / "anna.report.json").write_text("{")
    host.dialogs.answers["getExistingDirectory"] = str(results)
    panel.ui.queueFolderButton.click()
    assert "anna.report.json is no report that can be read" in host.errors[2]
    assert [row[0] for row in listed(panel)] == ["carl", "bert", "dora"]


def test_without_pydantic_it_is_named(panel, host, monkeypatch, results):
    import sys

    monkeypatch.setitem(sys.modules, "pydantic", None)
    for name in [n for n in sys.modules if n.startswith("S2VNetSlicerLib.batch.")]:
        monkeypatch.delitem(sys.modules, name)
    panel.ui.queueFolderButton.click()
    assert "pydantic is missing" in host.errors[0]


def test_nothing_is_opened_while_something_runs(panel, host):
    panel.ui.queueTable.cellDoubleClicked.emit(1, 0)
    panel.ui.markButton.checked = True
    host.slice_widget().click(*MIDDLE, ctrl=True)
    assert not state(panel).idle
    panel.ui.queueTable.cellDoubleClicked.emit(2, 0)
    assert bold(panel) == ["bert"]
    for name in ("queueFolderButton", "queueNextButton", "queueCompleteButton", "queueFlagButton"):
        assert not getattr(panel.ui, name).enabled, name
