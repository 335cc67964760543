"""A strategy that other processes can import: it says where it runs and waits to be let through."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from S2VNetSlicerLib.batch.strategies import Found
from S2VNetSlicerLib.segmenting import Segmentation

OPEN = "open"


@dataclass(frozen=True)
class Gated:
    """Marks one structure. ``folder`` gets a file CASE.PID for each attempt; the cases named in
    ``hold`` wait until it has a file "open", those in ``deadly`` end their process; ``blank``
    finds nothing."""

    folder: Path
    hold: tuple[str, ...] = ()
    deadly: tuple[str, ...] = ()
    blank: bool = False
    mode: ClassVar[str] = "gated"

    def segment(self, model: Any, volume: Any, case: Any, settings: Any) -> Found:
        (self.folder / f"{case.name}.{os.getpid()}").touch()
        if case.name in self.deadly:
            os._exit(9)
        while case.name in self.hold and not (self.folder / OPEN).exists():
            time.sleep(0.02)
        labels = np.zeros(volume.array.shape, np.uint8)
        labels[1, 2:5, 2:6] = not self.blank
        confidence = np.full((len(labels), 1), np.nan, np.float32)
        confidence[1] = 0.5
        return Found(
            Segmentation(
                labels,
                0,
                np.ones(len(labels), np.uint8),
                confidence,
                notes=["The volume does not show it."] if self.blank else [],
            ),
            ["liver"],
            [(1.0, 0.0, 0.0)],
        )


def attempts(folder: Path, case: str) -> list[int]:
    """The processes that began ``case``."""
    return [int(path.suffix[1:]) for path in folder.glob(f"{case}.*")]


def wait_for(what: Any) -> Any:
    """What ``what`` gives once it is true; the limit only ends a test that has failed."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError("nothing happened")
