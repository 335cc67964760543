"""The one object that every front end drives: commands in, a :class:`State` out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..annotation.state import AnnotationState
from ..errors import Faults, UserError
from ..inference.client import Client, connect
from ..scene.volumes import forms_of
from . import storage
from .class_commands import ClassCommands
from .commands import command
from .correction import Correction
from .edit_commands import EditCommands
from .environment import torch_missing
from .inference_session import InferenceSession
from .library_commands import LibraryCommands
from .marking import Marking
from .navigation import Navigation
from .node_commands import NodeCommands
from .run_state import RunState
from .runs import Runs
from .scene_sync import SceneSync
from .state import State
from .stroke_target import StrokeTargets
from .user_message import UserMessage
from .view_state import build_view_state
from .workspace import Workspace


def at_once(work: Callable[[], None]) -> None:
    """Do it now."""
    work()


class Presenter:
    """Everything that a panel offers, without a widget; used on the main thread only.

    Commands never raise for a user's failure: they return False (``add_class`` an empty string) and
    ``state.message`` says why. ``synchronous``: no process, every tick makes one slice.
    ``inference``: a client that others use before and after this, never at the same time. ``say``:
    how the front end tells a text, in its language.

    What does the work, each knowing those before it: ``message``, ``session``, ``workspace``,
    ``runs``, and the objects whose methods are commands here.
    """

    def __init__(
        self,
        scene: Any,
        *,
        application_logic: Any = None,
        device: str = "auto",
        weights: Path | None = None,
        synchronous: bool = False,
        inference: Client | None = None,
        say: Callable[[str], str] = str,
    ) -> None:
        self.commanded = False
        """Whether a command is being done."""
        self._shares = inference is not None
        """Whether the client goes on when this is closed."""
        self._callbacks: list[Callable[[State], None]] = []
        self._faults = Faults(logging.getLogger(__name__))
        self.message = UserMessage()
        self.session = InferenceSession(inference or connect(synchronous), device, weights)
        run_state = RunState(self.session)
        self.workspace = Workspace(scene, self.session, run_state, self.message)
        self.runs = Runs(self.workspace)
        self.navigation = Navigation(self.workspace)
        self.classes = ClassCommands(self.runs, application_logic, say)
        self.library = LibraryCommands(self.runs, self.classes)
        self.nodes = NodeCommands(self.runs, self.library, application_logic)
        self.correction = Correction(self.runs, self.nodes)
        self.targets = StrokeTargets(self.workspace, self.classes)
        self.marking = Marking(self.runs, self.targets, self.navigation)
        self.edits = EditCommands(self.runs, self.targets)
        self._sync = SceneSync(self.runs, self.classes, self.marking)

        self.library.refresh()
        self.state = self._build_state()

    # ---- commands ------------------------------------------------------------------------------

    choose_volume = command(NodeCommands.choose_volume, "nodes")
    choose_segmentation = command(NodeCommands.choose_segmentation, "nodes")
    resume = command(NodeCommands.resume, "nodes")
    set_modality = command(NodeCommands.set_modality, "nodes")
    set_axis = command(NodeCommands.set_axis, "nodes")
    correct = command(Correction.correct, "correction")
    correct_file = command(Correction.correct_file, "correction")
    answer = command(Correction.answer, "correction")
    add_class = command(ClassCommands.add_class, "classes")
    rename_class = command(ClassCommands.rename_class, "classes")
    recolour_class = command(ClassCommands.recolour_class, "classes")
    remove_class = command(ClassCommands.remove_class, "classes")
    select_class = command(ClassCommands.select_class, "classes")
    select_next = command(ClassCommands.select_next, "classes")
    lock_class = command(ClassCommands.lock_class, "classes")
    lock_others = command(ClassCommands.lock_others, "classes")
    show_class = command(ClassCommands.show_class, "classes")
    show_only = command(ClassCommands.show_only, "classes")
    find_classes = command(LibraryCommands.find_classes, "library")
    learn_class = command(LibraryCommands.learn_class, "library")
    forget_learned = command(LibraryCommands.forget_learned, "library")
    estimate_tuning = command(LibraryCommands.estimate_tuning, "library")
    tune_class = command(LibraryCommands.tune_class, "library")
    keep_tuning = command(LibraryCommands.keep_tuning, "library")
    stroke = command(Marking.stroke, "marking")
    outline = command(Marking.outline, "marking")
    accept = command(Marking.accept, "marking")
    paint = command(EditCommands.paint, "edits")
    tidy = command(EditCommands.tidy, "edits")
    undo = command(Workspace.undo, "workspace")
    redo = command(Workspace.redo, "workspace")
    go_to = command(Navigation.go_to, "navigation")
    go_to_worst = command(Navigation.go_to_worst, "navigation")
    propagate = command(Runs.propagate, "runs")
    cancel = command(Runs.cancel, "runs")
    set_device = command(Runs.set_device, "runs")

    @command
    def refresh(self) -> None:
        """Look again at what is installed and what the library holds."""
        torch_missing.cache_clear()
        self.library.refresh()

    @command
    def dismiss(self) -> None:
        """The message was read and goes, as before every command."""

    @command
    def export(self, path: Path | str, later: Callable[[storage.Finish], object] = at_once) -> None:
        """Write the segmentation to ``path``; its ending says how (.mrb: with the volume).

        ``later`` takes what compresses and writes the file: it may run in any thread.
        """
        workspace, session = self.workspace, self.session
        annotation, target = workspace.require_annotation(), storage.check_format(path)
        self.classes.refresh()
        volume, forms = workspace.read_volume(), forms_of(workspace.volume_node)
        volume = replace(volume, geometry=workspace.grid(), forms=forms)
        later(storage.export(target, volume, annotation, session.card, session.settings))

    @command
    def save_scene(
        self, path: Path | str, later: Callable[[storage.Finish], object] = at_once
    ) -> None:
        """Write the whole scene to an .mrb; ``resume`` goes on with it. See :meth:`export`."""
        self.workspace.compact()
        later(storage.save_scene(self.workspace.scene, path))

    def sync_scene(self) -> None:
        """Before a command: what the user did to the scene came first."""
        try:
            self._sync.follow()
            self.navigation.follow_views()
        except UserError as error:
            self.message.fail(str(error))

    # ---- state ---------------------------------------------------------------------------------

    @property
    def annotation(self) -> AnnotationState | None:
        """What is worked on."""
        return self.workspace.annotation

    @property
    def idle(self) -> bool:
        """Nothing runs, nothing is about to run."""
        return self.runs.state.idle

    def observe(self, callback: Callable[[State], None]) -> Callable[[], None]:
        """Call ``callback`` after every change; returns what ends that."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback) if callback in self._callbacks else None

    def tick(self) -> bool:
        """Take in what the worker and other modules did; True when anything changed.

        To be called on the main thread about every 30 ms.
        """
        try:
            changed = self._sync.follow()
            changed |= self.runs.advance(self._take)
            changed |= self.navigation.follow_views()
        except UserError as error:
            self._broken(str(error))
            changed = True
        except Exception as error:
            self._faults.met("A tick", error)
            self._broken(str(UserError("The work stopped", error)))
            changed = True
        else:
            self._faults.over("A tick")
        if changed:
            self.publish()
        elif self.workspace.history is not None:
            self.workspace.history.pack()
        return changed

    def _take(self, item: Any) -> None:
        self.runs.take(item)
        self.library.take(item)
        self.correction.take(item)

    def wait(self, seconds: float = 60) -> None:
        """Tick until nothing is left to do, ``seconds`` at most."""
        end = time.monotonic() + seconds
        while (self.tick() or not self.idle) and time.monotonic() < end:
            if not self.session.client.synchronous:
                time.sleep(0.002)

    def publish(self) -> None:
        """Draw a new :attr:`state` and hand it to everybody who observes."""
        self.state = self._build_state()
        for callback in list(self._callbacks):
            try:
                callback(self.state)
            except Exception as error:
                self._faults.met(f"A front end ({callback})", error)

    def _build_state(self) -> State:
        return build_view_state(self.runs, self.library, self.correction.question)

    def _broken(self, sentence: str) -> None:
        self.runs.state.discard()
        self.session.invalidate()
        self.message.fail(sentence)

    def close(self) -> None:
        """Stop everything and let go of the scene."""
        self.workspace.close()
        self._sync.close()
        self._callbacks.clear()
        if not self._shares:
            self.session.client.release()
