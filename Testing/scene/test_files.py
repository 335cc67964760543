"""Slicer's own files, written and read back."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.scene import application as application_module
from S2VNetSlicerLib.scene import files
from S2VNetSlicerLib.scene.application import require_slicer
from S2VNetSlicerLib.scene.audit import read_audit
from S2VNetSlicerLib.scene.files import read_segmentation, write_segmentation
from S2VNetSlicerLib.scene.marks import segment_mask
from S2VNetSlicerLib.scene.volumes import volume_from_node, volume_to_node

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


def test_an_older_file_survives_a_failure(tmp_path, volume, labels, monkeypatch):
    path = tmp_path / "knee.seg.nrrd"
    path.write_text("precious")
    monkeypatch.setattr(files, "_store", lambda node, path: False)
    with pytest.raises(UserError, match=r"knee\.seg\.nrrd could not be written"):
        write_segmentation(path, volume, labels, NAMES, COLOURS, FACTS)
    assert path.read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(UserError, match="cannot be written"):
        write_segmentation(tmp_path / "no" / "a.mrb", volume, labels, NAMES, COLOURS, FACTS)


def test_unreadable_results(tmp_path, scene):
    broken = tmp_path / "broken.seg.nrrd"
    broken.write_text("NRRD0004\n")
    for path in (broken, tmp_path / "missing.seg.nrrd"):
        with pytest.raises(UserError, match="not a segmentation"):
            read_segmentation(path, scene)


def test_without_slicer_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(application_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="pip install"):
        require_slicer()
