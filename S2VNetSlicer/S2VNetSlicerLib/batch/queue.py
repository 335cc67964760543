"""The review queue: results of a batch, least confident first, in a scene one by one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from ..errors import UserError
from ..scene.volumes import SEGMENTATION, VOLUME, nodes_of
from ..volumes import dicom
from ..volumes.dicom_segments import SUFFIX as DICOM
from ..volumes.reading import SEGMENTATION as SLICERS
from .cases import Case
from .lock import locked
from .report import (
    NOTHING,
    SCHEMA,
    SUFFIX,
    Report,
    Review,
    Structure,
    five_digits,
    lowest_first,
    read_report,
    read_reports,
    write_summary,
)

ATTRIBUTE = "S2VNet.case"
"""Names the case on its nodes."""


class ReviewQueue:
    """The cases of a batch's output folder.

    ``rows`` holds the reports of those with a result, least confident first, those in which nothing
    was found before all others; ``failed`` the reports of the rest; ``problems`` a sentence for
    each report that cannot be read. An order once shown stays: only ``load`` sorts.
    """

    def __init__(self, folder: Path, reports: list[Report], problems: list[str]) -> None:
        self.folder = folder
        there = [report.has_result(folder) for report in reports]
        pairs = list(zip(reports, there, strict=True))
        self.rows = lowest_first(report for report, found in pairs if found)
        self.failed = [report for report, found in pairs if not found]
        self.problems = problems

    @classmethod
    def load(cls, folder: Path) -> ReviewQueue:
        """Raises UserError for a folder without any report."""
        folder = Path(folder).absolute()
        reports, problems = read_reports(folder)
        if not reports and not problems:
            raise UserError(f"{folder} holds no reports of a batch: give its output folder.")
        return cls(folder, reports, problems)

    def next(self) -> Report | None:
        """The least confident row that nobody reviewed."""
        return next((row for row in self.rows if row.review == "notstarted"), None)

    def open(self, row: Report, scene: Any) -> tuple[str, str]:
        """Load volume and segmentation into ``scene`` unless they are there; their node IDs.

        Segments carry the row's state as Slicer's status. Raises UserError when a file is gone.
        """
        row = self._current(row)
        volume = _find(scene, row, VOLUME)
        segmentation = _find(scene, row, SEGMENTATION)
        if volume is None:
            volume = self._load_volume(row, scene)
        if segmentation is None:
            try:
                segmentation = self._load_segmentation(row, scene, volume)
            except UserError:
                scene.RemoveNode(volume)
                raise
        return volume.GetID(), segmentation.GetID()

    def mark(self, row: Report, state: Review, scene: Any = None) -> Report:
        """Set the state "completed", "flagged" or "notstarted" in the report; the new row.

        Where ``scene`` holds the opened case, its segments get the state as Slicer's status, and
        the segmentation as it is now, corrections included, becomes the result. Otherwise a result
        in .seg.nrrd gets the status. Raises UserError when a file cannot be written, or a batch is
        writing into the folder.
        """
        if state not in get_args(Review):
            raise UserError(
                f"There is no state {state!r}: use one of {', '.join(get_args(Review))}."
            )
        with locked(self.folder):
            return self._mark(self._unchanged(row), state, scene)

    def _unchanged(self, row: Report) -> Report:
        """The row, whose report is still what was read; UserError when it is another one."""
        row = self._current(row)
        if read_report(self.folder / f"{row.name}{SUFFIX}") != row:
            raise UserError(
                f"The report of {row.name} was changed by somebody else: load the queue again."
            )
        return row

    def _mark(self, row: Report, state: Review, scene: Any) -> Report:
        node = _find(scene, row, SEGMENTATION) if scene is not None else None
        changes: dict[str, Any] = {"review": state, "schema_version": SCHEMA}
        if node is not None:
            volume = _find(scene, row, VOLUME)
            if volume is None:
                raise UserError(f"The volume of {row.name} left the scene: open the case again.")
            _set_status(node, state)
            changes["structures"], there = self._save(node, volume, row)
            changes["status"] = "done" if there else "empty"
            changes["error"] = "" if there else row.error or NOTHING
        elif row.result.endswith(SLICERS):
            self._set_status_in_file(row, state)
        marked = row.model_copy(update=changes)
        marked = marked.model_copy(update={"digest": marked.digest_in(self.folder)})
        marked.write(self.folder)
        self.rows[self.rows.index(row)] = marked
        write_summary(self.folder)
        return marked

    def _current(self, row: Report) -> Report:
        """The row of that name as it is now."""
        for now in self.rows:
            if now.name == row.name:
                return now
        raise UserError(f"{row.name} is not in the review queue of {self.folder}: load it again.")

    def _load_volume(self, row: Report, scene: Any) -> Any:
        from ..scene.volumes import volume_to_node

        case = Case(row.name, self.folder / row.image, row.series)
        node = volume_to_node(replace(case.read(row.modality), name=row.name), scene)
        node.SetAttribute(ATTRIBUTE, row.name)
        return node

    def _load_segmentation(self, row: Report, scene: Any, volume: Any) -> Any:
        from ..scene.loading import load_result

        path = self.folder / row.result
        structures = [(s.name, s.colour) for s in row.structures]
        if row.status == "empty" and not row.digest:
            node = scene.AddNewNodeByClass(SEGMENTATION, row.name)
        else:
            named = path.name.endswith((SLICERS, DICOM))
            node = load_result(path, volume, None if named else structures)
        segmentation = node.GetSegmentation()
        for name, colour in structures:
            if not segmentation.GetSegmentIdBySegmentName(name):
                segmentation.AddEmptySegment("", name, colour)
        node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
        node.SetName(f"{row.name} segmentation")
        node.SetAttribute(ATTRIBUTE, row.name)
        _set_status(node, row.review)
        return node

    def _save(self, node: Any, volume_node: Any, row: Report) -> tuple[tuple[Structure, ...], bool]:
        """Write the segmentation over the result; its structures with their new volumes, and
        whether there is anything."""
        import numpy as np

        from ..scene.files import store_segmentation, write_dicom_seg
        from ..scene.marks import segment_mask
        from ..scene.volumes import forms_of, volume_from_node
        from ..volumes.writing import write_label_map

        volume = volume_from_node(volume_node, row.modality)
        voxel = float(np.prod(volume.geometry.spacing)) / 1000
        labels = np.zeros(volume.array.shape, np.uint8)
        known = {structure.name: structure for structure in row.structures}
        names = [segment.GetName() for segment in _segments(node)]
        order = [*known, *(name for name in dict.fromkeys(names) if name not in known)]
        measured = {name: known[name].model_copy(update={"ml": 0.0}) for name in known}
        segmentation = node.GetSegmentation()
        for n, segment in enumerate(_segments(node)):
            mask = segment_mask(volume_node, node, segmentation.GetNthSegmentID(n))
            labels[mask] = order.index(segment.GetName()) + 1
            measured[segment.GetName()] = known.get(
                segment.GetName(), Structure(name=segment.GetName(), colour=(0, 0, 0), ml=0)
            ).model_copy(
                update={"colour": segment.GetColor(), "ml": five_digits(float(mask.sum()) * voxel)}
            )
        found = tuple(measured[name] for name in order)
        path = self.folder / row.result
        if row.result.endswith(SLICERS):
            store_segmentation(node, path)
        elif not row.result.endswith(DICOM):
            write_label_map(path, labels, volume.geometry, forms_of(volume_node))
        elif labels.any():
            source = dicom.source_files(self.folder / row.image, row.series or None)
            names, colours = [s.name for s in found], [s.colour for s in found]
            write_dicom_seg(
                path, source, labels, volume.geometry, names, colours, self._audit(node, row)
            )
        else:  # a DICOM segmentation cannot be empty
            path.unlink(missing_ok=True)
        return found, bool(labels.any())

    @staticmethod
    def _audit(node: Any, row: Report) -> dict[str, Any]:
        """Who made the slices: as the corrected segments say, else as the batch did."""
        from ..scene.audit import read_audit

        ids = node.GetSegmentation().GetSegmentIDs()
        return next((facts for id in ids if (facts := read_audit(node, id))), row.audit)

    def _set_status_in_file(self, row: Report, state: Review) -> None:
        from ..scene.application import writing_scene
        from ..scene.files import read_segmentation, store_segmentation

        scene = writing_scene()
        node = read_segmentation(self.folder / row.result, scene)
        _set_status(node, state)
        store_segmentation(node, self.folder / row.result)


def _find(scene: Any, row: Report, kind: str) -> Any:
    """The node of the case in the scene, or None."""
    nodes = nodes_of(scene, kind)
    return next((node for node in nodes if node.GetAttribute(ATTRIBUTE) == row.name), None)


def _segments(node: Any) -> list[Any]:
    segmentation = node.GetSegmentation()
    return [segmentation.GetNthSegment(n) for n in range(segmentation.GetNumberOfSegments())]


def _set_status(node: Any, state: Review) -> None:
    """Slicer's status of every segment, as its Segment Editor shows it."""
    from slicer import vtkSlicerSegmentationsModuleLogic as Logic

    status = Logic.GetSegmentStatusFromMachineReadableString(state)
    for segment in _segments(node):
        Logic.SetSegmentStatus(segment, status)
