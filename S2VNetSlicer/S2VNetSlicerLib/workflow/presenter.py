"""The one object that every front end drives: commands in, a :class:`State` out."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..annotation.state import AnnotationState
from ..errors import Faults, UserError
from ..inference.client import Client
from ..inference.messages import Timing
from ..propagation.records import DEVICES
from ..texts import texts
from . import storage
from .commands import command
from .edit_commands import EditCommands
from .environment import torch_missing
from .state import PropagationRange, State
from .strokes import nearest_axis, stroke_voxels
from .view_state import build_view_state, worst_slice

_ = texts(__name__)


def at_once(work: Callable[[], None]) -> None:
    """Do it now."""
    work()


class Presenter(EditCommands):
    """Everything that a panel offers, without a widget; used on the main thread only.

    Commands never raise for a user's failure: they return False (``add_class`` an empty string) and
    ``state.message`` says why. ``live``: a stroke is carried through the volume by itself;
    otherwise only its own slice follows. ``synchronous``: no process, every tick makes one slice.
    ``inference``: a client that others use before and after this, never at the same time.
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
    ) -> None:
        super().__init__(scene, device, weights, synchronous, inference)
        self._application_logic = application_logic
        self.say = str
        self._callbacks: list[Callable[[State], None]] = []
        self._faults = Faults(logging.getLogger(__name__))
        self.refresh_library()
        self.state = build_view_state(self)

    def observe(self, callback: Callable[[State], None]) -> Callable[[], None]:
        """Call ``callback`` after every change; returns what ends that."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback) if callback in self._callbacks else None

    def tick(self) -> bool:
        """Take in what the worker and other modules did; True when anything changed.

        To be called on the main thread about every 30 ms.
        """
        try:
            changed = self.follow_scene()
            changed |= self.advance()
            changed |= self._follow_views()
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
        elif self.history is not None:
            self.history.pack()
        return changed

    def wait(self, seconds: float = 60) -> None:
        """Tick until nothing is left to do, ``seconds`` at most."""
        end = time.monotonic() + seconds
        while (self.tick() or not self.idle) and time.monotonic() < end:
            if not self.inference.synchronous:
                time.sleep(0.002)

    def publish(self) -> None:
        """Draw a new :attr:`state` and hand it to everybody who observes."""
        self.state = build_view_state(self)
        for callback in list(self._callbacks):
            try:
                callback(self.state)
            except Exception as error:
                self._faults.met(f"A front end ({callback})", error)

    def _broken(self, sentence: str) -> None:
        self.abandon()
        self.invalidate_session()
        self.message = self.failure = sentence

    # ---- nodes and settings --------------------------------------------------------------------

    @command
    def refresh(self) -> None:
        """Look again at the nodes of the scene."""
        torch_missing.cache_clear()
        self._nodes_changed = True
        self.refresh_library()
        self.follow_scene()

    @command
    def set_modality(self, modality: str | None) -> None:
        """Say what the volume is, "CT" or "MR"; None: let it be guessed."""
        if modality not in (None, "CT", "MR"):
            raise UserError("There is no modality {modality}: choose CT or MR.", modality=modality)
        self.abandon()
        self.modality = modality
        if self.volume_node is not None:
            self.read_volume()
            self.finish_run()

    @command
    def set_axis(self, axis: int | None) -> None:
        """Let slices run along ``axis`` of [k, j, i]; None: the first stroke decides."""
        if axis not in (None, 0, 1, 2):
            raise UserError("There is no axis {axis}: choose 0, 1 or 2.", axis=axis)
        if axis == self.axis:
            return
        annotation = self.annotation
        used = annotation is not None and (annotation.anchors or annotation.slice_status.any())
        if axis is None:
            if used:
                raise UserError("Slices are marked already: choose one of the three directions.")
            self.axis = None
            return
        self.abandon()
        self.fix_axis(axis)
        self.invalidate_session()
        self.run(None)

    @command
    def set_device(self, device: str) -> None:
        """Compute on "auto", "cpu", "cuda" or "mps"."""
        if device not in DEVICES:
            raise UserError(
                "There is no device {device}: choose one of {listed}.",
                device=device,
                listed=", ".join(DEVICES),
            )
        if "torch" in sys.modules:  # to import it takes seconds; then the next run tells
            from ..propagation.devices import choose_device

            choose_device(device)
        if device != self.settings.device:
            self.abandon()
            self.settings = replace(self.settings, device=device)
            self._source, self.processor, self.timing = None, "", Timing()

    # ---- marks and runs ------------------------------------------------------------------------

    @command
    def stroke(
        self,
        points: np.ndarray,
        radius: float,
        normal: np.ndarray | None = None,
        *,
        negative: bool = False,
        erase: bool = False,
        click: bool = False,
    ) -> None:
        """Mark the selected class along ``points`` [N, 3], world RAS mm, ``radius`` mm wide.

        One voxel layer across ``normal`` (RAS); None: the nearest slice. The first stroke fixes the
        axis. Background if ``negative`` or selected; ``erase`` takes marks away. A ``click`` means
        more than its disc, see :meth:`meant`.
        """
        annotation, value = self.target(negative, erase)
        grid = self.grid()
        axis = self.axis
        if axis is None:
            axis = annotation.axis if normal is None else nearest_axis(grid, np.asarray(normal))
        points = np.asarray(points, float)
        found = stroke_voxels(grid, points, float(radius), axis, normal)
        if not len(found):
            raise UserError(
                "The stroke lies outside {volume}: mark inside.", volume=self.volume_node.GetName()
            )
        self.choose_axis(axis)
        z = int(np.bincount(found[:, axis]).argmax())
        if normal is None or nearest_axis(grid, np.asarray(normal)) == axis:
            self.slice = z  # a stroke in another view moves no cursor
        locked = [annotation.number(id) for id in annotation.locked]
        if value and np.isin(annotation.labels[tuple(found.T)], locked).all():
            raise UserError("Everything there belongs to locked classes: unlock them first.")
        if click:
            found = self.region_of_click(annotation, found, value)
        if self.add_marks(found, value):
            self.propagate_marks(z)

    @command
    def propagate(self, span: PropagationRange = PropagationRange.WHOLE) -> None:
        """Carry on what was marked since the last time, through the volume or a part of it."""
        annotation, _, history = self.require_workspace()
        last = annotation.slices - 1
        ranges = {
            PropagationRange.WHOLE: (0, last),
            PropagationRange.UP: (self.slice, last),
            PropagationRange.DOWN: (0, self.slice),
        }
        wanted = ranges.get(PropagationRange(span)) or self._between(annotation)
        history.begin()
        self.run(wanted)

    def _between(self, annotation: AnnotationState) -> tuple[int, int]:
        below = [a for a in annotation.anchors if a <= self.slice]
        above = [a for a in annotation.anchors if a > self.slice]
        if below and not above and below[-1] == self.slice:
            below, above = below[:-1], below[-1:]
        if not below or not above:
            raise UserError(
                "Slice {slice} is not between marked slices: mark another one.",
                slice=self.slice + 1,
            )
        return below[-1], above[0]

    @command
    def cancel(self) -> None:
        """End the run after its current slice; what is finished stays."""
        done, total, _began = self.reached()
        if self.phase.name == "Propagating":
            self.message = _(
                "Cancelled: {done} of {total} slices are done and stay. Propagate to go on."
            ).format(done=done, total=total)
        elif self.running is not None:
            self.message = _("Cancelled: what was done by then stays.")
        self._wanted = []
        self.inference.cancel()

    @command
    def dismiss(self) -> None:
        """The message was read and goes, as before every command."""

    @command
    def accept(self, z: int | None = None) -> None:
        """Slice ``z`` (default: the one on the screen) is right and never changes again."""
        annotation, mirror, history = self.require_workspace()
        z = self._slice(annotation, self.on_screen() if z is None else z)
        if annotation.accepted(z):
            return
        history.begin()
        annotation.accept(z)
        mirror.write_labels(annotation, [z])
        self.changed([z])
        self.restart_run()
        self.save()

    @command
    def undo(self) -> None:
        """Take back the last marks, propagation, acceptance or removal."""
        self.undo_or_redo(undo=True)

    @command
    def redo(self) -> None:
        """Do again what was taken back."""
        self.undo_or_redo(undo=False)

    # ---- views ---------------------------------------------------------------------------------

    @command
    def go_to(self, z: int) -> None:
        """Show slice ``z`` in the views that look along the axis."""
        self.slice = self._slice(self.require_annotation(), z)
        if self.axis is not None:
            self.views.show(self.grid(), self.axis, self.slice)

    @command
    def go_to_worst(self) -> None:
        """Show the slice where a mark should help most."""
        worst = worst_slice(self)
        if worst is None:
            raise UserError("Nothing is suggested yet: mark a slice and propagate first.")
        self.go_to(worst)
        if not self.require_annotation().slice(worst).any():
            self.message = _("Nothing was found in this slice: accept it, or mark what is there.")

    # ---- files ---------------------------------------------------------------------------------

    @command
    def export(self, path: Path | str, later: Callable[[storage.Finish], object] = at_once) -> None:
        """Write the segmentation to ``path``; its ending says how (.mrb: with the volume).

        ``later`` takes what compresses and writes the file: it may run in any thread.
        """
        annotation, target = self.require_annotation(), storage.check_format(path)
        self.refresh_segments()
        volume = replace(self.read_volume(), geometry=self.grid())
        later(storage.export(target, volume, annotation, self.card, self.settings))

    @command
    def save_scene(
        self, path: Path | str, later: Callable[[storage.Finish], object] = at_once
    ) -> None:
        """Write the whole scene to an .mrb; :meth:`resume` goes on with it. See :meth:`export`."""
        self.follow_scene()
        if self.mirror is not None:
            self.mirror.finish(compact=True, surfaces=self.surfaces)
            self.save()
        later(storage.save_scene(self.scene, path))

    def close(self) -> None:
        """Stop everything and let go of the scene."""
        self._closing = True
        self.detach()
        self.visibility.restore()
        self.cache.clear()
        self._on_scene.clear()
        self._callbacks.clear()
        self.forget_volume()
        if not self._shares:
            self.inference.release()

    # ---- inside --------------------------------------------------------------------------------

    def _slice(self, annotation: AnnotationState, z: int) -> int:
        if not 0 <= z < annotation.slices:
            raise UserError(
                "There is no slice {z}: the volume has slices 0 to {last}.",
                z=z,
                last=annotation.slices - 1,
            )
        return int(z)
