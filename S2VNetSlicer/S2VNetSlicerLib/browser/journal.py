"""What was shown since the scene was last saved, so that a process that is killed loses nothing.

A scene takes seconds to write, a slice a millisecond: finished slices are appended to a file as
they appear. Entries hold whole slices, so that repeating one twice does no harm.
"""

from __future__ import annotations

import base64
import json
import logging
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np

from ..workflow.annotation import Annotation, Structure
from ..workflow.presenter import Presenter


class Journal:
    """Files FOLDER/journal-N: one since the last scene on disk, a newer one while it is written.

    Call :meth:`note` after every change, :meth:`turn` when the scene is taken for saving and
    :meth:`forget` with its result when it is on disk.
    """

    def __init__(self, presenter: Presenter, folder: Path) -> None:
        self._presenter, self._folder = presenter, folder
        self._number = max(map(_number, self._files()), default=0)
        self._file: IO[str] | None = None
        self._head: Any = None

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("journal-*"), key=_number)

    def note(self) -> bool:
        """Append what was written into the scene since the last call; whether there was any."""
        canvas, annotation = self._presenter.canvas, self._presenter.annotation
        if canvas is None or annotation is None or not canvas.here:
            return False
        head = self._heading(canvas.node.GetID(), annotation)
        slices, known = sorted(canvas.written), self._head
        if known is None and not annotation.structures:
            return False
        if head == known and not slices:
            return False
        canvas.written.clear()
        if known is not None and known["axis"] != head["axis"]:  # numbers mean other slices
            slices = list(range(annotation.slices))
        entry = {
            **head,
            "labels": {z: _packed(annotation.slice(z)) for z in slices},
            "marks": {z: _packed(annotation.marks.get(z)) for z in slices},
        }
        self._append(json.dumps(entry, separators=(",", ":")))
        self._head = head
        return True

    def _heading(self, node: str, annotation: Annotation) -> dict[str, Any]:
        known = np.nan_to_num(annotation.confidence, nan=-0.01)
        return {
            "segmentation": node,
            "modality": self._presenter.volume.modality if self._presenter.volume else None,
            "axis": annotation.axis,
            "fixed": self._presenter.axis is not None,
            "structures": [asdict(structure) for structure in annotation.structures],
            "locked": sorted(annotation.locked),
            "pending": sorted(annotation.pending),
            "made": annotation.made.tolist(),
            "confidence": np.rint(100 * known).astype(int).tolist(),
        }

    def _append(self, line: str) -> None:
        try:
            if self._file is None:
                path = self._folder / f"journal-{self._number}"
                self._file = path.open("a", encoding="ascii")
                path.chmod(0o600)
            self._file.write(line + "\n")
            self._file.flush()
        except OSError as error:  # the scene is saved beside it; a full disk is told there
            logging.getLogger(__name__).warning("The journal cannot be written: %s", error)
            self._close()

    def turn(self) -> int:
        """The scene is taken now; returns what :meth:`forget` takes when it is on disk."""
        self.note()
        self._close()
        self._number += 1
        return self._number

    def forget(self, turn: int) -> None:
        """The scene of :meth:`turn` is on disk: what is older is no longer needed."""
        for path in self._files():
            if _number(path) < turn:
                path.unlink(missing_ok=True)

    def close(self, *, complete: bool) -> None:
        """``complete``: everything is in the saved scene."""
        self._close()
        if complete:
            self.forget(self._number + 1)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    # ---- resuming ------------------------------------------------------------------------------

    def repeat(self) -> None:
        """Bring the presenter's annotation to where the journal ends."""
        presenter = self._presenter
        canvas, annotation = presenter.canvas, presenter.annotation
        if canvas is None or annotation is None:
            return
        node = canvas.node.GetID()
        entries = [entry for entry in self._entries() if entry["segmentation"] == node]
        modality = entries[-1]["modality"] if entries else None
        if modality is not None and modality != presenter.state.modality:
            presenter.set_modality(modality)
        before, changed = {s.id for s in annotation.structures}, set[int]()
        annotation.changing = lambda z: None
        for entry in entries:
            if entry["axis"] != annotation.axis:
                annotation.set_axis(entry["axis"])
            presenter.axis = entry["axis"] if entry["fixed"] else None
            shape = annotation.slice(0).shape
            annotation.structures = [
                Structure(**{**fields, "colour": tuple(fields["colour"])})
                for fields in entry["structures"]
            ]
            for z, packed in entry["labels"].items():
                marks = _unpacked(entry["marks"][z], shape)
                annotation.put(int(z), _unpacked(packed, shape), marks)
                changed.add(int(z))
            annotation.locked, annotation.pending = set(entry["locked"]), set(entry["pending"])
            annotation.made = np.array(entry["made"], np.uint8)
            sure = np.array(entry["confidence"], np.float32) / 100
            annotation.confidence = np.where(sure < 0, np.nan, sure).astype(np.float32)
        annotation.recount()
        ids = {s.id for s in annotation.structures}
        canvas.match(annotation.structures, before - ids)
        for structure in annotation.structures:
            canvas.rename(structure.id, structure.name, structure.colour)
            if structure.terminology:
                canvas.segment(structure.id).SetTerminology(structure.terminology)
        canvas.write_labels(annotation, changed)
        if annotation.marks or canvas.marks_node is not None:
            canvas.write_marks(annotation, changed)
        presenter.take_up(canvas, annotation)  # steps of the history were on other labels
        presenter.select_first(annotation)
        presenter.settle()
        presenter.publish()

    def _entries(self) -> Iterator[dict[str, Any]]:
        for path in self._files():
            for line in path.read_text("ascii", errors="replace").splitlines():
                try:
                    yield json.loads(line)
                except ValueError:  # the process ended in the middle of it
                    break


def _number(path: Path) -> int:
    digits = path.name.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0


def _packed(array: np.ndarray | None) -> str:
    if array is None or not array.any():
        return ""
    return base64.b64encode(zlib.compress(array.tobytes(), 1)).decode()


def _unpacked(text: str, shape: tuple[int, ...]) -> np.ndarray | None:
    if not text:
        return None
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8).reshape(shape).copy()
