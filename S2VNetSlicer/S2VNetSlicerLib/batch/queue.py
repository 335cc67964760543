"""The review queue: results of a batch, least confident first, in a scene one by one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from ..errors import UserError
from ..scene.volumes import SEGMENTATION, VOLUME, nodes_of
from .cases import Case
from .lock import locked
from .report import (
    SUFFIX,
    Report,
    Review,
    Structure,
    file_digest,
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
        there = [r.status == "done" and (folder / r.result).is_file() for r in reports]
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
        changes: dict[str, Any] = {"review": state}
        if node is not None:
            volume = _find(scene, row, VOLUME)
            if volume is None:
                raise UserError(f"The volume of {row.name} left the scene: open the case again.")
            _set_status(node, state)
            changes["structures"] = self._save(node, volume, row)
        elif row.result.endswith(".seg.nrrd"):
            self._set_status_in_file(row, state)
        changes["digest"] = file_digest(self.folder / row.result)
        marked = row.model_copy(update=changes)
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
        from ..scene.files import read_segmentation
        from ..scene.results import SegmentationWriter

        path = self.folder / row.result
        if path.name.endswith(".seg.nrrd"):
            node = read_segmentation(path, scene)
            node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
        else:
            labels = self._labels(path, row)
            node = scene.AddNewNodeByClass(SEGMENTATION, row.name)
            writer = SegmentationWriter(node, volume)
            writer.ensure_segments(
                [s.name for s in row.structures], [s.colour for s in row.structures]
            )
            writer.write(labels)
        node.SetName(f"{row.name} segmentation")
        node.SetAttribute(ATTRIBUTE, row.name)
        _set_status(node, row.review)
        return node

    @staticmethod
    def _labels(path: Path, row: Report) -> Any:
        from ..volumes.reading import read_image

        if path.suffix == ".dcm":
            raise UserError(
                f"{path} is a DICOM segmentation, which cannot be reviewed here: open it in 3D "
                "Slicer, or run the batch with --format .seg.nrrd."
            )
        labels, _, _ = read_image(path)
        if not 0 <= labels.min() <= labels.max() <= len(row.structures):
            raise UserError(f"{path} holds labels that its report does not name: run it again.")
        return labels.astype("uint8")

    def _save(self, node: Any, volume_node: Any, row: Report) -> tuple[Structure, ...]:
        """Write the segmentation over the result; its structures with their new volumes."""
        import numpy as np

        from ..scene.files import store_segmentation
        from ..scene.marks import segment_mask
        from ..scene.volumes import volume_from_node
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
                update={"colour": segment.GetColor(), "ml": round(float(mask.sum()) * voxel, 4)}
            )
        if row.result.endswith(".seg.nrrd"):
            store_segmentation(node, self.folder / row.result)
        else:
            write_label_map(self.folder / row.result, labels, volume.geometry)
        return tuple(measured[name] for name in order)

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
