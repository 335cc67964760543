"""Marks are carried through the volume, and the volume is read ahead while nobody waits for it."""

from __future__ import annotations

import logging
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np

from ..annotation.state import AnnotationState
from ..errors import UserError
from ..inference.messages import Failed, Load, Phase, Review, Source, Task
from ..propagation.records import DEVICES, SliceResult
from ..texts import texts
from .display_text import failure
from .environment import torch_missing
from .pacing import AT_ONCE, Pacing
from .run_state import Range
from .state import PropagationRange
from .strokes import nearest_axis
from .workspace import Workspace

_ = texts(__name__)


class Runs:
    """Begins what the inference process is to do for a workspace, and takes in what it made.

    ``live``: a stroke is carried through the volume by itself; otherwise only its own slice
    follows. ``across``: planes across the slices refine what a run found.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.session = workspace, workspace.session
        self.state, self.message = workspace.run_state, workspace.message
        self.live = self.across = True
        self._unwritten, self._pacing = set[int](), Pacing()
        self._reviewed = True
        """Whether the last run told all; one that was stopped did not."""

    def configure(self, *, live: bool | None = None, across: bool | None = None) -> None:
        """What strokes and runs are to do from now on; None: as before."""
        self.live = self.live if live is None else live
        self.across = self.across if across is None else across

    # ---- commands ------------------------------------------------------------------------------

    def propagate(self, span: PropagationRange = PropagationRange.WHOLE) -> None:
        """Carry on what was marked since the last time, through the volume or a part of it."""
        annotation, _, history = self.workspace.require()
        last, here = annotation.slices - 1, self.workspace.slice
        ranges = {
            PropagationRange.WHOLE: (0, last),
            PropagationRange.UP: (here, last),
            PropagationRange.DOWN: (0, here),
        }
        wanted = ranges.get(PropagationRange(span)) or self._between(annotation)
        history.begin()
        self.run(wanted)

    def _between(self, annotation: AnnotationState) -> Range:
        here = self.workspace.slice
        below = [a for a in annotation.anchors if a <= here]
        above = [a for a in annotation.anchors if a > here]
        if below and not above and below[-1] == here:
            below, above = below[:-1], below[-1:]
        if not below or not above:
            raise UserError(
                "Slice {slice} is not between marked slices: mark another one.", slice=here + 1
            )
        return below[-1], above[0]

    def cancel(self) -> None:
        """End the run after its current slice; what is finished stays."""
        done, total, _began = self.state.reached()
        if self.state.phase.name == "Propagating":
            told = _("Cancelled: {done} of {total} slices are done and stay. Propagate to go on.")
            self.message.tell(told.format(done=done, total=total))
        elif self.state.running is not None:
            self.message.tell(_("Cancelled: what was done by then stays."))
        self.state.want()
        self.session.client.cancel()

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
        if device != self.session.settings.device:
            self.state.discard()
            self.session.use(replace(self.session.settings, device=device))

    # ---- runs ----------------------------------------------------------------------------------

    def run(self, *ranges: Range | None) -> None:
        """Run these ranges of slices one after the other, instead of what runs now."""
        if self.state.reading:  # of reading ahead nothing is lost
            self.state.discard()
        self.state.want(*ranges)
        if self.session.client.busy:
            self.session.client.stop()
        else:
            self._start()

    def restart(self) -> None:
        """Something changed in mid-run: go on with what is running, brought up to date."""
        state = self.state
        if state.current is not None and not state.waiting and not state.apart:
            self.run(state.current)

    def marked(self, z: int) -> None:
        """Show what the new marks of slice ``z`` change; when live, in the whole volume."""
        annotation, state = self.workspace.require_annotation(), self.state
        if not annotation.anchors:
            state.want()
            self.session.client.stop()
            self.workspace.save()
        elif self.live:
            self.run((0, annotation.slices - 1))
        else:
            running = None if state.apart else state.running
            self.run((z, z), *([running] if running not in (None, (z, z)) else []))

    def _start(self) -> None:
        """Start the next run that is wanted."""
        if self.session.client.busy or not self.state.waiting:
            return
        want = self.state.next()
        missing = torch_missing()
        if missing:
            raise UserError(missing)
        annotation = self.workspace.require_annotation()
        source = self.source(annotation.axis)
        if not annotation.structures and want is not None:
            raise UserError("There is no class yet: add one and mark it.")
        if want is not None and not annotation.anchors:
            raise UserError("Nothing is marked yet: mark a structure on one slice first.")
        first, last = want or (self.workspace.slice, self.workspace.slice)
        how = {"encode": want is None, "refine_across_planes": self.across}
        task = self.session.task(annotation, source, first=first, last=last, **how)
        self.session.client.start(task)
        self._pacing.at_once()
        self._reviewed = want is None and self._reviewed
        due = self.session.due(annotation)
        reach = annotation.reach(first, last, due) if annotation.pending else set()
        self.state.begin(want, reach)
        self.session.followed()

    def source(self, axis: int) -> Source:
        """What a session of the chosen volume is made from, with slices along ``axis``."""
        volume, workspace = self.workspace.read_volume(), self.workspace
        return self.session.source(volume, workspace.grid(), axis, workspace.stamp)

    # ---- results -------------------------------------------------------------------------------

    def advance(self, take: Any) -> bool:
        """Let ``take`` have what the process made; True when anything changed."""
        client = self.session.client
        if not client.busy:
            self._start()
            return client.busy
        if not (client.synchronous or client.poll() or self._pacing.due()):
            return False
        changed, end = False, time.monotonic() + AT_ONCE * (not client.synchronous)
        while items := client.drain():
            changed = True
            for item in items:
                take(item)
            if time.monotonic() >= end:
                break
        slices, self._unwritten = self._unwritten, set()
        mirror, annotation = self.workspace.mirror, self.workspace.annotation
        if mirror is not None and annotation is not None and slices:
            mirror.write_labels(annotation, slices)
            self._pacing.showed()
        if not client.busy:
            self._ended()
        return changed or not client.busy

    def take(self, item: Any) -> None:
        """One of the things that the process made."""
        self.session.take(item)
        annotation = self.workspace.annotation
        if isinstance(item, SliceResult) and annotation is not None:
            self.state.made(item.z)
            if annotation.write(item.z, item.labels, item.confidence, self.session.origin):
                self._unwritten.add(item.z)
        elif isinstance(item, Failed):
            self._fail(item.error)
        elif isinstance(item, Phase):
            self.state.at(item)
        elif isinstance(item, Review) and annotation is not None and self.session.follows:
            self._reviewed = True
            self.workspace.reviewed(item.confidence, item.worst, item.names)
            if item.complete:
                annotation.pending = set(self.session.outdated)

    def _fail(self, error: BaseException) -> None:
        self.message.fail(failure(self.state.phase, error, self.session.processor))
        self.state.discard()
        self.session.forget()
        self.session.invalidate()

    def _ended(self) -> None:
        """A job is over: start the next one, or tidy up."""
        ran = self.state.current is not None
        self.state.ended()
        if self.state.waiting:
            self._start()
        else:
            self.workspace.finish()
        if ran and not (self.session.client.read and self._reviewed):  # what was cut short
            self.prefetch()

    # ---- reading ahead -------------------------------------------------------------------------

    def prefetch(self) -> None:
        """Load the network and encode the volume while nobody waits for it, and let a run that was
        stopped be reviewed; anything may interrupt.

        Without a first mark the axis is guessed: across the thickest slices, else the body's.
        """
        workspace = self.workspace
        if not self.state.idle or workspace.volume_node is None or torch_missing():
            return
        try:
            workspace.read_volume()
            grid = workspace.grid()
        except UserError as error:  # whatever needs the volume says so
            logging.getLogger(__name__).debug("The volume is not read ahead: %s", error)
            return
        if workspace.annotation is not None and workspace.axis is not None:
            axis, first = workspace.axis, workspace.slice
        else:
            thick = max(grid.spacing) > 1.5 * min(grid.spacing)
            up = np.array([0.0, 0.0, 1.0])
            axis = int(np.argmax(grid.spacing)) if thick else nearest_axis(grid, up)
            first = grid.shape[axis] // 2
        source, review = self.source(axis), not self._reviewed
        task = Task(source, None, first=first, encode=True, review=review)
        self.state.request(task, Phase("" if self.session.client.read else "Encoding"))

    def pause_prefetch(self) -> bool:
        """Somebody begins to draw: the worker is to be free then. Whether it was reading ahead."""
        if reading := self.state.reading:
            self.session.client.stop()
        return reading

    def prefetch_model(self) -> None:
        """Load the network while nobody waits for it, before there is a volume."""
        if self.state.idle and self.workspace.volume_node is None and not torch_missing():
            self.state.request(Load(self.session.weights), Phase("Loading"))
