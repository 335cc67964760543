"""A presenter that only writes down what it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
from S2VNetSlicerLib.workflow.presenter import Presenter
from S2VNetSlicerLib.workflow.state import ClassRow, State

LOOKS = ("tick", "refresh", "prefetch", "publish")


class Recorder:
    """``calls`` holds (command, arguments); ``answer`` is what every command returns."""

    def __init__(self) -> None:
        self.state, self.answer = State(), True
        self.calls: list[tuple[Any, ...]] = []
        self.observers: list[Callable[[State], None]] = []
        self.annotation = None
        client = SimpleNamespace(warm_up=lambda: None, synchronous=True)
        self.session = SimpleNamespace(client=client)
        looks = {"report_pending": lambda: None, "leave_surfaces": lambda: None}
        self.workspace = SimpleNamespace(mirror=None, **looks)
        self.targets = SimpleNamespace(set=lambda node=None: None)
        self.runs = SimpleNamespace(prefetch=self._prefetch, configure=self._configure)
        self._configure(live=True, across=True)

    def __getattr__(self, name: str) -> Any:
        if not callable(getattr(Presenter, name, None)):
            raise AttributeError(f"The presenter has no command {name}")

        def command(*arguments: Any, **named: Any) -> bool:
            self.calls.append((name, *arguments, *([named] if named else [])))
            return self.answer

        return command

    def _prefetch(self) -> None:
        self.calls.append(("prefetch",))

    def _configure(self, **options: bool) -> None:
        self.runs.__dict__.update(options)

    def observe(self, callback: Callable[[State], None]) -> Callable[[], None]:
        self.observers.append(callback)
        return lambda: self.observers.remove(callback)

    def show(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)
        for callback in self.observers:
            callback(self.state)

    def take(self) -> list[tuple[Any, ...]]:
        """The commands since the last call, without those that only look."""
        calls, self.calls = self.calls, []
        return [call for call in calls if call[0] not in LOOKS]


LIVER = ClassRow("Segment_1", "liver", (0.8, 0.2, 0.1), False, True, 12.345)
SPLEEN = ClassRow("Segment_2", "spleen", (0.1, 0.2, 0.9), True, False, 3.0, 250, 0.25)


def annotated(**changes: Any) -> dict[str, Any]:
    """Changes to a State after a propagation of ten slices."""
    return {
        "classes": (LIVER, SPLEEN),
        "selected": LIVER.id,
        "modality": "MR",
        "modality_reason": "guessed from the intensities",
        "axis": 0,
        "slices": 10,
        "slice": 4,
        "slice_status": np.array([0, 1, 1, 2, 1, 1, 3, 1, 1, 0], np.uint8),
        "confidence": np.array([np.nan, 0.5, 0.7, 0.95, 0.9, 0.8, 1, 0.6, 0.4, np.nan], np.float32),
        "worst": 8,
        **changes,
    }
