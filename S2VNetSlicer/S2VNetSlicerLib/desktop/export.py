"""Export by Slicer's own means: DICOM SEG and Segment Statistics."""

from __future__ import annotations

import importlib
from typing import Any

import slicer
from slicer.i18n import tr as _

from ..errors import UserError


def export_dicom(segmentation: Any, volume: Any, folder: str) -> None:
    """Write ``segmentation`` as DICOM SEG into ``folder``, beside the study of ``volume``.

    Raises UserError where Slicer's exporter is missing or refuses.
    """
    plugin = getattr(slicer.modules, "dicomPlugins", {}).get("DICOMSegmentationPlugin")
    if plugin is None:
        raise UserError(
            _("This Slicer cannot write DICOM SEG: install the QuantitativeReporting extension.")
        )
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item = hierarchy.GetItemByDataNode(segmentation)
    study = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(volume))
    hierarchy.SetItemParent(item, study)
    exporter = plugin()
    exportables = exporter.examineForExport(item)
    for exportable in exportables:
        exportable.directory = folder
    problem = exporter.export(exportables) if exportables else _("its images are not in a database")
    if problem:
        raise UserError(
            _(
                "{name} was not exported ({problem}): load the volume from Slicer's DICOM database."
            ).format(name=segmentation.GetName(), problem=problem.strip())
        )


def show_statistics(segmentation: Any, volume: Any) -> Any:
    """Slicer's Segment Statistics of every segment in a table beside the views; the table node."""
    logic = importlib.import_module("SegmentStatistics").SegmentStatisticsLogic()
    parameters = logic.getParameterNode()
    parameters.SetParameter("Segmentation", segmentation.GetID())
    parameters.SetParameter("ScalarVolume", volume.GetID())
    logic.computeStatistics()
    name = _("{name} statistics").format(name=segmentation.GetName())
    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
    logic.exportToTable(table)
    logic.showTable(table)
    return table
