"""The module itself: what it says of itself, sample data, life cycle, and that the host is tidy."""

# ruff: noqa: N802 (names of Slicer's interface)

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest


def test_what_the_module_says_of_itself(host):
    parent = SimpleNamespace()
    host.load("S2VNetSlicer").S2VNetSlicer(parent)
    assert parent.title
    assert parent.categories == ["Segmentation"]
    assert "CVPR 2024" in parent.acknowledgementText
    assert "not a medical device" in parent.acknowledgementText
    assert "Ctrl+Shift+M" in parent.helpText


def test_the_module_is_light(host):
    """Slicer imports every module at its start."""
    heavy = {"torch", "scipy", "SimpleITK", "skimage"}
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if _of(name, heavy)}
    try:
        parent = SimpleNamespace()
        host.load("S2VNetSlicer").S2VNetSlicer(parent)
        host.load("S2VNetSegmentEditorEffect").S2VNetSegmentEditorEffect(parent)
        assert not [name for name in sys.modules if _of(name, heavy)]
    finally:
        sys.modules.update(before)


def _of(name, packages):
    return name.split(".")[0] in packages


def test_sample_data_is_registered_at_start_with_its_checksum(host, monkeypatch):
    import slicer.util

    calls = []
    data = ModuleType("SampleData")
    data.SampleDataLogic = SimpleNamespace(
        registerCustomSampleDataSource=lambda **source: calls.append(source)
    )
    monkeypatch.setitem(sys.modules, "SampleData", data)
    module = host.load("S2VNetSlicer")
    module.S2VNetSlicer(SimpleNamespace())
    assert calls == []
    host.app.startupCompleted.emit()
    assert calls[0]["checksums"] == f"SHA256:{module.SAMPLE}"
    assert calls[0]["uris"].startswith(slicer.util.TESTING_DATA_URL)
    assert calls[0]["uris"].endswith(module.SAMPLE)


def test_the_panel_opens_without_torch(host, monkeypatch):
    install = host.load("S2VNetSlicerLib.desktop.install")
    monkeypatch.setattr(install, "NEEDED", ("no_such_package",))
    widget = host.load("S2VNetSlicer").S2VNetSlicerWidget()
    widget.setup()
    widget.enter()
    assert widget.ui.installButton.enabled
    assert not widget.ui.wholeButton.enabled
    widget.ui.installButton.click()
    assert "no_such_package" in host.questions[0]
    widget.cleanup()
    widget.parent.deleteLater()


def test_a_failed_installation_is_told(module, host, monkeypatch):
    import S2VNetSlicerLib.desktop.install as install

    monkeypatch.setattr(install, "NEEDED", ("torch", "no_such_package"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name, package=None: None)
    module.ui.installButton.click()
    assert "PyTorch extension is missing" in host.errors[0]


def test_cleanup_leaves_no_observer(host):
    scene = host.scene
    widget = host.load("S2VNetSlicer").S2VNetSlicerWidget()
    widget.setup()
    assert scene.HasObserver(scene.EndImportEvent)
    widget.enter()
    widget.cleanup()
    widget.parent.deleteLater()
    assert widget.panel is None
    assert widget.Observations == []


def test_dicom_export(module, host, monkeypatch):
    import slicer
    from S2VNetSlicerLib.desktop.export import export_dicom
    from S2VNetSlicerLib.errors import UserError

    volume = host.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "head")
    node = host.scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "result")
    with pytest.raises(UserError, match="cannot write DICOM SEG"):
        export_dicom(node, volume, "/data")
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(host.scene)
    patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "patient")
    study = hierarchy.CreateStudyItem(patient, "study")
    # The application's subject hierarchy makes the items itself.
    hierarchy.CreateItem(study, volume)
    hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
    done = []
    exportable = SimpleNamespace(directory="")

    class Plugin:
        problem = ""
        found = (exportable,)

        def examineForExport(self, item):
            assert hierarchy.GetItemDataNode(item) is node
            assert hierarchy.GetItemParent(item) == study
            return self.found

        def export(self, exportables):
            done.append(exportables[0].directory)
            return self.problem

    plugins = {"DICOMSegmentationPlugin": Plugin}
    monkeypatch.setattr(slicer.modules, "dicomPlugins", plugins, raising=False)
    export_dicom(node, volume, "/data")
    assert done == ["/data"]
    Plugin.problem = "no empty segments\n"
    with pytest.raises(UserError, match="no empty segments"):
        export_dicom(node, volume, "/data")
    Plugin.found = ()
    with pytest.raises(UserError, match="result was not exported"):
        export_dicom(node, volume, "/data")


def test_segment_statistics(module, host, monkeypatch):
    from S2VNetSlicerLib.desktop.export import show_statistics

    volume = host.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "head")
    node = host.scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "result")
    parameters, calls = {}, []

    class Logic:
        def getParameterNode(self):
            return SimpleNamespace(SetParameter=parameters.__setitem__)

        def computeStatistics(self):
            calls.append("compute")

        def exportToTable(self, table):
            calls.append(table.GetName())

        def showTable(self, table):
            calls.append("show")

    statistics = ModuleType("SegmentStatistics")
    statistics.SegmentStatisticsLogic = Logic
    monkeypatch.setitem(sys.modules, "SegmentStatistics", statistics)
    table = show_statistics(node, volume)
    assert table.IsA("vtkMRMLTableNode")
    assert parameters == {"Segmentation": node.GetID(), "ScalarVolume": volume.GetID()}
    assert calls == ["compute", "result statistics", "show"]


STAND_INS = ("qt", "ctk", "slicer.i18n", "slicer.ScriptedLoadableModule", "S2VNetSlicer")


def test_the_host_was_here(host):
    host.load("S2VNetSlicerLib.desktop.widget")
    assert set(STAND_INS[:4]) <= set(sys.modules)


def test_the_host_left_nothing():
    import slicer

    assert not [n for n in sys.modules if n in STAND_INS or n.startswith("S2VNetSlicerLib.desktop")]
    assert not hasattr(slicer, "app")
    assert not hasattr(slicer, "modules")
    assert not hasattr(slicer, "qMRMLWidget")
