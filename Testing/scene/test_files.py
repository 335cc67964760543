"""Slicer's own files, written and read back."""

from __future__ import annotations

import gc
import logging
import subprocess
import sys
import threading

import numpy as np
import pytest
import SimpleITK as sitk
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.scene import application as application_module
from S2VNetSlicerLib.scene import files
from S2VNetSlicerLib.scene.application import require_slicer
from S2VNetSlicerLib.scene.audit import TAG, read_audit
from S2VNetSlicerLib.scene.files import read_segmentation, write_segmentation
from S2VNetSlicerLib.scene.marks import segment_mask
from S2VNetSlicerLib.scene.volumes import volume_from_node, volume_to_node
from S2VNetSlicerLib.volumes.reading import read_file

NAMES, COLOURS = ["liver", "portal vein"], [(1.0, 0.0, 0.0), (0.0, 0.5, 1.0)]
FACTS = {"axis": 0, "made": [0, 1, 1, 2, 1, 3, 0], "model": "s2vnet test"}


def check(node, volume_node, labels):
    inner = node.GetSegmentation()
    ids = [inner.GetNthSegmentID(n) for n in range(inner.GetNumberOfSegments())]
    assert [inner.GetSegment(s).GetName() for s in ids] == NAMES
    for number, (segment, colour) in enumerate(zip(ids, COLOURS, strict=True)):
        assert inner.GetSegment(segment).GetColor() == pytest.approx(colour, abs=0.01)
        assert np.array_equal(segment_mask(volume_node, node, segment), labels == number + 1)
        assert read_audit(node, segment) == FACTS


def test_seg_nrrd(tmp_path, volume, labels, scene):
    path = tmp_path / "knee.seg.nrrd"
    write_segmentation(path, volume, labels, NAMES, COLOURS, FACTS)
    check(read_segmentation(path, scene), volume_to_node(volume, scene), labels)
    assert [p.name for p in tmp_path.iterdir()] == ["knee.seg.nrrd"]


def test_mrb_is_a_scene_with_the_volume(tmp_path, volume, labels, scene):
    path = tmp_path / "knee.mrb"
    write_segmentation(path, volume, labels, NAMES, COLOURS, FACTS)
    assert scene.ReadFromMRB(str(path), True, None)
    node = scene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
    volume_node = scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")
    assert np.array_equal(volume_from_node(volume_node).array, volume.array)
    check(node, volume_node, labels)


@pytest.mark.parametrize("suffix", files.SUFFIXES)
def test_a_relative_path_lies_in_the_current_folder(tmp_path, volume, labels, suffix, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_segmentation(f"knee{suffix}", volume, labels, NAMES, COLOURS)
    assert [p.name for p in tmp_path.iterdir()] == [f"knee{suffix}"]


def test_a_refusal_of_the_bundle_writer_is_told_in_its_own_words(tmp_path, scene, caplog):
    caplog.set_level(logging.INFO)

    class Refusing:
        def __getattr__(self, name):
            return getattr(scene, name)

        def SaveSceneToSlicerDataBundleDirectory(self, folder, *_):  # noqa: N802
            return scene.SaveSceneToSlicerDataBundleDirectory("relative", None, None)

    with pytest.raises(UserError, match=r"a\.mrb cannot be written: .*not a full path: relative"):
        files.stage_bundle(Refusing(), tmp_path / "a.mrb")()
    assert "not a full path" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_survives_a_failure(tmp_path, volume, labels, monkeypatch):
    path = tmp_path / "knee.seg.nrrd"
    path.write_text("precious")

    def fail(*_):
        raise RuntimeError("ITK ERROR: NrrdImageIO(0x1): the disk is dying")

    monkeypatch.setattr(files.sitk, "ReadImage", fail)
    with pytest.raises(UserError, match=r"knee\.seg\.nrrd cannot be written: the disk is dying"):
        write_segmentation(path, volume, labels, NAMES, COLOURS, FACTS)
    assert path.read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(UserError, match="cannot be written"):
        write_segmentation(tmp_path / "no" / "a.mrb", volume, labels, NAMES, COLOURS, FACTS)


@pytest.mark.parametrize("suffix", files.SUFFIXES)
def test_a_full_disk_leaves_the_older_file(tmp_path, suffix):
    path = tmp_path / f"knee{suffix}"
    path.write_text("precious")
    program = f"""
import resource
import numpy as np
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.scene.files import write_segmentation
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.volume import Volume
noise = np.random.default_rng(0).integers(0, 3, (20, 40, 40)).astype(np.uint8)
volume = Volume(noise.astype(np.int16), Geometry(noise.shape, np.eye(4)), "MR")
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    write_segmentation({str(path)!r}, volume, noise, ["a", "b"], [(1, 0, 0)] * 2)
except UserError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{path} cannot be written: File too large.\n"
    assert "vtk" not in done.stderr
    assert path.read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("suffix", files.SUFFIXES)
def test_writing_prints_nothing_and_needs_no_application(
    tmp_path, volume, labels, suffix, capfd, monkeypatch
):
    monkeypatch.setitem(sys.modules, "trame_slicer", None)  # as inside Slicer
    write_segmentation(tmp_path / f"knee{suffix}", volume, labels, NAMES, COLOURS)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("empty", [False, True])
def test_the_file_lies_on_the_grid_of_the_volume(tmp_path, volume, labels, empty):
    path = tmp_path / "knee.seg.nrrd"
    labels = labels * np.uint8(not empty)
    write_segmentation(path, volume, labels, NAMES, COLOURS)
    image = read_file(path)
    array, geometry = image.array, image.geometry
    assert geometry.is_close(volume.geometry, 1e-6)
    assert np.array_equal(array, labels)


def test_names_and_audits_of_any_characters(tmp_path, volume, labels, scene):
    names = ['Pförtner | "a:b"', "肝"]
    facts = {**FACTS, "model": "one|two: 'ü'\n{}\\"}
    write_segmentation(tmp_path / "knee.seg.nrrd", volume, labels, names, COLOURS, facts)
    node = read_segmentation(tmp_path / "knee.seg.nrrd", scene)
    inner = node.GetSegmentation()
    ids = inner.GetSegmentIDs()
    assert [inner.GetSegment(s).GetName() for s in ids] == names
    assert [read_audit(node, s) for s in ids] == [facts, facts]
    inner.GetSegment(ids[0]).SetTag(TAG, '{"made": 3')
    with pytest.raises(UserError, match=r"Pförtner.*cannot be read: "):
        read_audit(node, ids[0])
    inner.GetSegment(ids[1]).RemoveTag(TAG)
    assert read_audit(node, ids[1]) is None
    assert read_audit(node, "nobody") is None


def test_another_suffix_is_refused(tmp_path, volume, labels):
    with pytest.raises(UserError, match=r"end its name in \.seg\.nrrd or \.mrb"):
        write_segmentation(tmp_path / "knee.nrrd", volume, labels, NAMES, COLOURS)


def test_unreadable_results(tmp_path, scene):
    broken = tmp_path / "broken.seg.nrrd"
    broken.write_text("NRRD0004\n")
    for path, cause in ((broken, "end of header"), (tmp_path / "no.seg.nrrd", "does not exist")):
        with pytest.raises(UserError, match=f"cannot be read as a segmentation: .*{cause}"):
            read_segmentation(path, scene)


def test_without_slicer_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(application_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="pip install"):
        require_slicer()


@pytest.mark.parametrize("suffix", [".seg.nrrd", ".mrb", ".nii.gz"])
def test_what_is_staged_is_what_was_there_then(tmp_path, volume, labels, suffix):
    path = tmp_path / f"knee{suffix}"
    before = labels.copy()
    finish = files.stage_result(path, volume, labels, NAMES, COLOURS, FACTS)
    assert not path.exists()
    labels[...] = 0
    thread = threading.Thread(target=finish)
    thread.start()
    thread.join()
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
    if suffix == ".mrb":
        return
    array = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    assert np.count_nonzero(array) == np.count_nonzero(before)
    if suffix == ".seg.nrrd":
        assert b"encoding: gzip" in path.read_bytes()[:5000]


def test_a_stage_that_is_dropped_leaves_nothing(tmp_path, volume, labels):
    finish = files.stage_result(tmp_path / "knee.mrb", volume, labels, NAMES, COLOURS, FACTS)
    assert len(list(tmp_path.iterdir())) == 1
    del finish
    gc.collect()
    assert list(tmp_path.iterdir()) == []
