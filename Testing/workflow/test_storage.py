"""A saved scene goes on where it stopped."""

from __future__ import annotations

import json

import nibabel
import numpy as np
import pytest
from S2VNetSlicerLib.annotation.codec import VERSION
from S2VNetSlicerLib.annotation.slice_status import SliceStatus
from S2VNetSlicerLib.scene.volumes import FORMS, SEGMENTATION, nodes_of
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.nifti import Forms
from S2VNetSlicerLib.volumes.reading import read_file
from S2VNetSlicerLib.volumes.writing import write_label_map
from S2VNetSlicerLib.workflow.storage import ATTRIBUTE

LATER = ((5, 5), (40, 55))


@pytest.fixture
def saved(presenter, begin, draw, tmp_path):
    """A presenter with work on it, and the scene's file."""
    begin(presenter)
    presenter.propagate()
    presenter.wait()
    presenter.accept(2)
    small, large = sorted(presenter.state.classes, key=lambda row: row.ml)
    presenter.lock_class(small.id, True)
    presenter.select_class(large.id)
    draw(presenter, 9, (5, 5), (40, 55), radius=3)
    presenter.wait()
    path = tmp_path / "work.mrb"
    assert presenter.save_scene(path), presenter.state.message
    return presenter, path


def same(presenter, was):
    now = presenter.annotation
    assert np.array_equal(now.labels, was["labels"])
    assert np.array_equal(now.marks_volume(), was["marks"])
    assert np.array_equal(now.slice_status, was["made"])
    assert now.pending == was["pending"]
    assert now.locked == was["locked"]
    assert (now.axis, [s.name for s in now.structures]) == (was["axis"], was["names"])
    assert np.array_equal(np.isnan(now.confidence), np.isnan(was["confidence"]))
    assert np.nan_to_num(now.confidence) == pytest.approx(
        np.nan_to_num(was["confidence"]), abs=0.0051
    )


def facts(presenter):
    annotation = presenter.annotation
    return {
        "labels": annotation.labels.copy(),
        "marks": annotation.marks_volume(),
        "made": annotation.slice_status.copy(),
        "pending": set(annotation.pending),
        "locked": set(annotation.locked),
        "axis": annotation.axis,
        "names": [s.name for s in annotation.structures],
        "confidence": annotation.confidence.copy(),
    }


@pytest.mark.parametrize("fresh", [True, False])
def test_reopened_work_is_the_same_and_goes_on(saved, scene, make_presenter, draw, check, fresh):
    presenter, path = saved
    was = facts(presenter)
    presenter.set_device("auto")
    presenter.session.invalidate()  # as after reopening: every mark is computed anew
    draw(presenter, 10, *LATER, radius=3)
    assert 10 in presenter.annotation.marks
    presenter.propagate()
    presenter.wait()
    expected = presenter.annotation.labels.copy()
    selected = presenter.state.selected
    scene.Clear(0)
    assert scene.ReadFromMRB(str(path), True, None)
    reopened = make_presenter() if fresh else presenter
    reopened.runs.configure(live=False)
    assert reopened.resume(), reopened.state.message
    same(reopened, was)
    assert reopened.state.volume is not None
    assert not reopened.state.can_undo
    check(reopened)
    reopened.select_class(selected)
    draw(reopened, 10, *LATER, radius=3)
    reopened.propagate()
    reopened.wait()
    assert reopened.state.message == ""
    assert np.array_equal(reopened.annotation.labels, expected)
    check(reopened)


def test_a_correction_goes_on(presenter, begin, draw, scene, make_presenter, tmp_path):
    begin(presenter)
    presenter.propagate()
    presenter.wait()
    assert presenter.choose_segmentation(presenter.state.segmentation)
    assert presenter.correct()
    draw(presenter, 9, (20, 20), (40, 26), radius=4)
    presenter.wait()
    changed = [row.changed_voxels for row in presenter.state.classes]
    assert any(changed)
    was = facts(presenter)
    assert presenter.save_scene(tmp_path / "c.mrb")
    scene.Clear(0)
    assert scene.ReadFromMRB(str(tmp_path / "c.mrb"), True, None)
    reopened = make_presenter()
    assert reopened.resume()
    same(reopened, was)
    assert [row.changed_voxels for row in reopened.state.classes] == changed


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"version": 1}', '{"classes": 5}', "null"], ids=range(5)
)
def test_a_damaged_annotation_is_one_sentence(saved, make_presenter, text):
    presenter, _ = saved
    node = presenter.workspace.node
    presenter.choose_volume(None)
    node.SetAttribute(ATTRIBUTE, text)
    other = make_presenter()
    assert not other.resume()
    assert "cannot be read" in other.state.message
    assert node.GetAttribute(ATTRIBUTE) == text


def test_an_annotation_of_another_volume(saved, make_presenter, scene):
    presenter, _ = saved
    node = presenter.workspace.node
    stored = json.loads(node.GetAttribute(ATTRIBUTE))
    presenter.choose_volume(None)
    node.SetAttribute(
        ATTRIBUTE, json.dumps({**stored, "annotation": {**stored["annotation"], "made": [1, 1]}})
    )
    assert not make_presenter().resume()
    node.SetAttribute(ATTRIBUTE, json.dumps(stored))
    scene.RemoveNode(node.GetNodeReference("S2VNet.volume"))
    other = make_presenter()
    assert not other.resume()
    assert "load it again" in other.state.message


def test_the_stored_text_says_what_the_contract_says(saved):
    presenter, _ = saved
    stored = json.loads(presenter.workspace.node.GetAttribute(ATTRIBUTE))
    assert stored["modality"] == "MR"
    assert stored["model"] == "small network"
    annotation = stored["annotation"]
    assert annotation["axis"] == 0
    assert annotation["made"][2] == SliceStatus.ACCEPTED
    assert [s["id"] for s in annotation["structures"]] == [r.id for r in presenter.state.classes]
    assert max(annotation["confidence"]) <= 100
    assert not annotation["labels"], "the segments hold the voxels"


def test_the_format_of_earlier_versions_is_read(saved, make_presenter):
    presenter, _ = saved
    node, was = presenter.workspace.node, facts(presenter)
    annotation = presenter.annotation
    known = np.nan_to_num(annotation.confidence, nan=-0.01)
    first = {
        "version": 1,
        "axis": annotation.axis,
        "fixed": True,
        "modality": "MR",
        "stated": False,
        "classes": [s.id for s in annotation.structures],
        "locked": sorted(annotation.locked),
        "made": annotation.slice_status.tolist(),
        "accepted": [2],
        "confidence": np.rint(100 * known).astype(int).tolist(),
        "pending": sorted(annotation.pending),
        "corrects": False,
        "model": "an old network",
    }
    presenter.choose_volume(None)
    node.SetAttribute(ATTRIBUTE, json.dumps(first))
    other = make_presenter()
    assert other.resume(), other.state.message
    same(other, was)
    assert other.annotation.provenance[5] == (("model", "an old network"),)


def test_what_a_newer_version_stored_is_left_alone(saved, make_presenter):
    presenter, _ = saved
    node = presenter.workspace.node
    presenter.choose_volume(None)
    text = json.dumps({"annotation": {"version": VERSION + 1}})
    node.SetAttribute(ATTRIBUTE, text)
    other = make_presenter()
    assert not other.resume()
    assert "newer version" in other.state.message
    assert not other.correct()
    assert "newer version" in other.state.message
    assert not other.add_class("more")
    other.close()
    assert node.GetAttribute(ATTRIBUTE) == text


@pytest.mark.parametrize("name", ["a.nii.gz", "a.seg.nrrd", "a.mrb", "a.nrrd"])
def test_export(saved, tmp_path, name):
    presenter, _ = saved
    path = tmp_path / name
    assert presenter.export(path), presenter.state.message
    if name != "a.mrb":
        image = read_file(path)
        array, geometry = image.array, image.geometry
        assert np.array_equal(array, presenter.annotation.labels)
        assert geometry.is_close(presenter.workspace.grid(), 1e-3)
    assert path.stat().st_size > 500


def test_an_export_carries_both_transforms_of_the_volumes_file_on(saved, tmp_path):
    presenter, _path = saved
    qform = presenter.workspace.grid().ijk_to_ras
    sform = qform.copy()
    sform[:3, 3] += 4, -6, 3
    presenter.workspace.volume_node.SetAttribute(FORMS, Forms(qform, 1, sform, 2).stored())
    assert presenter.export(tmp_path / "out.nii.gz"), presenter.state.message
    header = nibabel.load(tmp_path / "out.nii.gz").header
    assert (header["qform_code"], header["sform_code"]) == (1, 2)
    np.testing.assert_allclose(header.get_qform(), qform, atol=1e-4)
    np.testing.assert_allclose(header.get_sform(), sform, atol=1e-4)


def test_what_cannot_be_written(saved, tmp_path):
    presenter, path = saved
    before = path.read_bytes()
    assert not presenter.save_scene(tmp_path / "no" / "a.mrb")
    assert "cannot be written" in presenter.state.message
    assert not presenter.save_scene(tmp_path / "a.zip")
    assert not presenter.export(tmp_path / "no" / "a.nii.gz")
    assert path.read_bytes() == before


def test_a_result_in_a_file_is_taken_up_to_be_corrected(presenter, node, volume, tmp_path):
    assert presenter.choose_volume(None)
    assert not presenter.correct_file(tmp_path / "a.nrrd")
    assert "No volume is chosen" in presenter.state.message
    assert presenter.choose_volume(node.GetID())
    labels = np.zeros(volume.array.shape, np.uint8)
    labels[4:8, 20:30, 10:20] = 7
    write_label_map(tmp_path / "a.nrrd", labels, volume.geometry)
    assert presenter.correct_file(tmp_path / "a.nrrd")
    assert [row.name for row in presenter.state.classes] == ["structure 7"]
    np.testing.assert_array_equal(presenter.annotation.labels, labels // 7)
    count = len(nodes_of(presenter.workspace.scene, SEGMENTATION))
    assert not presenter.correct_file(tmp_path / "gone.dcm")
    assert "gone.dcm does not exist" in presenter.state.message
    affine = volume.geometry.ijk_to_ras.copy()
    affine[:3, 3] += 1000
    write_label_map(tmp_path / "b.nrrd", labels, Geometry(labels.shape, affine))
    assert not presenter.correct_file(tmp_path / "b.nrrd")
    assert "lies outside knee" in presenter.state.message
    assert len(nodes_of(presenter.workspace.scene, SEGMENTATION)) == count
