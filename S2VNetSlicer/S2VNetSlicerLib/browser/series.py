"""What a volume is called and what its corners say, and the series of a study to choose from."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..scene.windows import state_window
from ..volumes.dicom import Folder
from ..volumes.volume import Volume

_logger = logging.getLogger(__name__)
ABOUT = "S2VNet.about"
"""The attribute of a volume node with the lines of its corners."""
_TAGS = (
    *("PatientName", "PatientID", "StudyDate", "StudyDescription"),
    *("WindowCenter", "WindowWidth"),
    *("SeriesDescription", "SeriesNumber", "Modality", "SpecificCharacterSet"),
)


@dataclass(frozen=True)
class Facts:
    """``name`` of a volume; ``lines`` about it: who, when and what; ``window`` and level that it
    states first."""

    name: str
    lines: tuple[str, ...]
    window: tuple[float, float] | None = None


def facts_of(volume: Volume) -> Facts:
    """What the files of ``volume`` say; of other formats than DICOM its name."""
    return dicom_facts(volume.source) if volume.source else Facts(volume.name, (volume.name,))


def dicom_facts(files: Sequence[Path]) -> Facts:
    """Of the first file of a series; the name as 3D Slicer gives it: ``4: T1 axial``."""
    import pydicom

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values that are not valid to the letter
        found = pydicom.dcmread(files[0], force=True, specific_tags=list(_TAGS))
        said = {tag: str(found.get(tag) or "").strip() for tag in _TAGS}
    text = said["SeriesDescription"] or said["Modality"] or "series"
    name = f"{said['SeriesNumber']}: {text}" if said["SeriesNumber"] else text
    patient = ", ".join(part.strip() for part in said["PatientName"].split("^") if part.strip())
    who = "  ".join(part for part in (patient, said["PatientID"]) if part)
    date = said["StudyDate"]
    when = f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 and date.isdecimal() else date
    study = "  ".join(part for part in (when, said["StudyDescription"]) if part)
    window = _first(found.get("WindowWidth")), _first(found.get("WindowCenter"))
    lines = tuple(line for line in (who, study, name) if line)
    return Facts(name, lines, window if window[0] > 0 and np.isfinite(window).all() else None)


def _first(value: Any) -> float:
    """The number, or the first of several, of a DICOM element; NaN where there is none."""
    try:
        return float(np.atleast_1d(value)[0])
    except (TypeError, ValueError, IndexError) as error:
        _logger.debug("No number: %s", error)
        return float("nan")


def remember(node: Any, facts: Facts) -> None:
    """Keep what is known of a volume with its node, also in a saved scene."""
    node.SetAttribute(ABOUT, json.dumps(facts.lines))
    if facts.window is not None:
        state_window(node, *facts.window)


def about(node: Any) -> list[str]:
    """The lines of a volume's corners; its name where nothing else is known."""
    said = node.GetAttribute(ABOUT)
    return [str(line) for line in json.loads(said)] if said else [node.GetName()]


@dataclass(frozen=True)
class Study:
    """A folder with several volumes to choose from."""

    folder: Folder

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What the page lists: key, name, slices, why it cannot be read."""
        return [
            {
                "key": each.key,
                "title": self._name(each.key, each.text),
                "modality": each.modality,
                "slices": each.slices,
                "problem": each.problem,
            }
            for each in self.folder.listed()
        ]

    def _name(self, key: str, text: str) -> str:
        found = self.folder.find(key)
        name = dicom_facts(found.files).name if found else text
        number = name.partition(": ")[0] if ": " in name else ""
        return f"{number}: {text}" if number else text
