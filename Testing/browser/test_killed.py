"""The process that serves two patients is killed at any time: what was shown is there again."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from S2VNetSlicerLib.annotation.slice_status import SliceStatus
from S2VNetSlicerLib.browser.autosave import SHORTEST, Autosave
from S2VNetSlicerLib.browser.journal import INTERRUPTED
from S2VNetSlicerLib.scene.application import HeadlessApplication
from S2VNetSlicerLib.scene.belonging import volume_of

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))
from two_patients import drive, machine, slices

_KEPT: list[Any] = []


class Disk:
    """Takes what is to be written, and writes it when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[], None], Future[None]]] = []

    def __call__(self, work: Callable[[], None]) -> Future[None]:
        self.waiting.append((work, Future()))
        return self.waiting[-1][1]

    def write(self) -> None:
        for work, future in self.waiting:
            work()
            future.set_result(None)
        self.waiting.clear()


def killed_at_any_time(scene: Any, folder: Path) -> type[RuleBasedStateMachine]:
    """The machine of two patients on the page's journal and saved scene, below ``folder``."""
    state = folder / "state"

    class Killed(machine(scene, folder)):  # type: ignore[misc]
        def open(self) -> None:
            super().open()
            self.seconds, self.disk = 0.0, Disk()
            self.autosave = Autosave(self.presenter, state, self.disk, lambda: self.seconds)

        def teardown(self) -> None:
            self.drop()
            super().teardown()
            shutil.rmtree(state, ignore_errors=True)

        def drop(self) -> None:
            """Let go of the files."""
            self.disk.waiting.clear()
            self.autosave.journal.file.close()
            self.autosave.lock.release()

        @invariant()
        def tick(self) -> None:
            """What the page does every 30 ms."""
            self.presenter.tick()
            self.autosave.poll()
            if not self.autosave.path.exists():
                self.disk.write()  # the volumes are nowhere else

        @property
        def there(self) -> bool:
            """Whether a scene was saved."""
            return bool(self.autosave.path.exists())

        def kill(self) -> None:
            """The process is gone: the files hold what they hold, and nothing is closed."""
            left = folder / "left"
            shutil.copytree(state, left)  # closing writes into the journal
            self.drop()
            shutil.rmtree(state)
            left.rename(state)
            self.resume()

        def end(self) -> None:
            """The server ends in order."""
            self.presenter.cancel()
            self.presenter.wait()
            self.disk.write()
            self.autosave.close()

        def resume(self) -> None:
            """Another process goes on."""
            self.presenter.close()
            scene.Clear(0)
            self.open()
            self.autosave.resume(scene)
            shown = self.presenter.state
            assert shown.volume == self.node(self.shown).GetID(), "what was shown"
            assert volume_of(scene.GetNodeByID(shown.segmentation)) is self.node(self.shown)
            for patient in self.patients:
                patient.forget_steps()

        @property
        def still_to_do(self) -> str:
            """A part of what is told at the next start; "": nothing is."""
            annotation = self.presenter.annotation
            marked = annotation.slice_status == SliceStatus.MARKED
            waits = any(marked[z] for z in annotation.pending)
            return "still to be carried through the volume" if waits else ""

        def is_told(self, sentence: str) -> None:
            told = self.presenter.state.message
            assert sentence in told
            assert bool(sentence) == bool(told), told

        # ---- what happens ------------------------------------------------------------------

        @precondition(lambda self: self.disk.waiting)
        @rule()
        def write(self) -> None:
            """The scene that was taken some time ago is on disk."""
            self.disk.write()

        @rule()
        def pass_time(self) -> None:
            self.seconds += SHORTEST

        @precondition(lambda self: self.there)
        @rule(saved=st.booleans())
        def kill_at_rest(self, saved: bool) -> None:
            """``saved``: before the journal hears that the scene is on disk."""
            if saved:
                self.disk.write()
            told = self.still_to_do
            self.kill()
            self.is_told(told)

        @precondition(lambda self: self.there)
        @rule()
        def close_and_resume(self) -> None:
            self.end()
            told = self.still_to_do
            self.resume()
            self.is_told(told)

        @precondition(lambda self: self.there and self.patient.begun and self.patient.anchors)
        @rule(done=slices, killed=st.booleans())
        def end_in_a_run(self, done: int, killed: bool) -> None:
            """Slices that were shown are there again, and Whole makes the others."""
            self.chosen()
            presenter, patient = self.presenter, self.patient
            assert presenter.propagate(), presenter.state.message
            self.autosave.poll()
            while presenter.state.done < done:
                self.tick()
            assert presenter.runs.state.running is not None
            if killed:
                shown = presenter.annotation.copy()
                self.kill()
                told = INTERRUPTED
            else:
                self.end()
                shown, told = presenter.annotation.copy(), self.still_to_do
                self.resume()
            self.is_told(told)
            patient.labels, self._made = shown.labels, shown.slice_status
            assert np.array_equal(self.presenter.annotation.labels, shown.labels)
            self.propagate()

    return Killed


@pytest.fixture(scope="module")
def scene() -> Any:
    # VTK aborts when an application goes before the last node that a failed test still holds.
    _KEPT.append(HeadlessApplication())
    return _KEPT[-1].scene


def test_what_two_patients_show_outlives_every_kill(scene, tmp_path):
    drive(killed_at_any_time(scene, tmp_path))


def test_what_was_begun_after_the_last_save_is_there_once_after_two_kills(scene, tmp_path):
    """The second process gives it another ID and dies before it knows that its scene is saved."""
    state = killed_at_any_time(scene, tmp_path)()
    steps = (
        state.begin,
        state.propagate,
        partial(state.mark, z=0, r=0, c=0, k=0, erase=True),
        partial(state.switch, n=1),
        partial(state.kill_at_rest, saved=False),
        partial(state.kill_at_rest, saved=True),
    )
    try:
        for step in steps:
            step()
            state.every_voxel_is_where_it_belongs()
            state.tick()
    finally:
        state.teardown()
