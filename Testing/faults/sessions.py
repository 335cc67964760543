"""A session in the browser whose disk fails, or which is killed; another one then goes on."""

from __future__ import annotations

import os
import shutil
import signal
import zlib
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from injection import Ending, Fault, Log, Shim
from S2VNetSlicerLib.annotation.initial import InitialSegmentation
from S2VNetSlicerLib.browser.autosave import Autosave, _now
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.scene.application import HeadlessApplication
from S2VNetSlicerLib.scene.volumes import volume_to_node
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.volume import Volume
from S2VNetSlicerLib.workflow.presenter import Presenter

SHAPE = (8, 24, 24)
YEAR = 365 * 24 * 3600
ACTIONS = (
    *("mark", "mark", "result", "result", "found", "accept", "name", "lock", "undo", "class"),
    "choose",
)
"""What users and networks do, the frequent more often."""
Shown = dict[str, tuple[Any, ...]]
"""What each segmentation shows, by its ID."""


class Clock:
    """Time that passes only when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Session:
    """A presenter with its autosave; whatever is shown is told to ``log``."""

    def __init__(self, state: Path, log: Log) -> None:
        self.application = HeadlessApplication()
        self.presenter = Presenter(self.application.scene, synchronous=True)
        self.presenter.library.refresh = lambda: None
        self.clock, self.log = Clock(), log
        self.autosave = Autosave(self.presenter, state, _now, self.clock)
        self.shown: Shown = {}

    def load(self, random: Random) -> None:
        """Show a volume and begin two segmentations of it."""
        values = np.random.default_rng(random.randrange(1000)).integers(0, 200, SHAPE)
        volume = Volume(values.astype(np.int16), Geometry(SHAPE, np.eye(4)), "MR", name="head")
        node = volume_to_node(volume, self.application.scene)
        assert self.presenter.choose_volume(node.GetID()), self.presenter.message.text
        for name in ("femur", "tibia"):
            self.choose(None)
            assert self.presenter.add_class(name), self.presenter.message.text
            self.presenter.workspace.fix_axis(0)
            self.step()

    def choose(self, node_id: str | None) -> None:
        self.autosave.note()
        self.presenter.choose_segmentation(node_id)

    def step(self, seconds: float = 0.1) -> None:
        """What the server does every 30 ms; tells what is shown before and after."""
        self.clock.now += seconds
        self.presenter.tick()
        self.look()
        self.log.tell("shown", dict(self.shown))
        self.autosave.poll()
        self.autosave.wait()
        self.log.tell("saved" if self.safe else "unsafe", dict(self.shown))

    @property
    def safe(self) -> bool:
        """Whether the server has said nothing to the contrary: all that is shown is on disk."""
        there = self.autosave.path.is_file() and not self.autosave._first
        return there and self.autosave.journal.fault is None

    def look(self) -> None:
        annotation, segmentation = self.presenter.annotation, self.presenter.state.segmentation
        if annotation is not None and segmentation is not None and annotation.structures:
            self.shown[segmentation] = picture(annotation)

    def act(self, random: Random) -> None:
        """Something that a user, or the network, does."""
        presenter = self.presenter
        annotation = presenter.annotation
        z = random.randrange(SHAPE[0])
        kind = random.choice(ACTIONS)
        classes = [row.id for row in presenter.state.classes]
        if kind == "mark":
            first = random.randrange(16)
            box = np.argwhere(np.ones((1, 6, 6))) + np.array([z, first, first])
            presenter.marking.add_marks(box, random.choice((1, 2)))
        elif kind == "result":
            labels = np.zeros(SHAPE[1:], np.uint8)
            labels[random.randrange(12) :, random.randrange(12) :] = 1
            if annotation.write(z, labels, np.full(len(classes), 0.75)):
                presenter.workspace.mirror.write_labels(annotation, [z])
        elif kind == "found":
            presenter.workspace.history.begin("initial", "provenance")
            annotation.changing(None)
            found = InitialSegmentation(annotation.labels.copy(), "another method")
            annotation.begin_with(found, ("method", "another method"))
            presenter.workspace.mirror.keep_initial(annotation)
        elif kind == "accept":
            presenter.accept(z)
        elif kind == "name":
            presenter.rename_class(random.choice(classes), f"name {random.randrange(999)}")
        elif kind == "lock":
            presenter.lock_class(random.choice(classes), random.random() < 0.5)
        elif kind == "undo":
            presenter.undo()
        elif kind == "class" and len(classes) < 4:
            presenter.add_class()
        elif kind == "choose":
            self.choose(random.choice([row.id for row in presenter.state.segmentations]))

    def end(self, kill: bool) -> None:
        """The server is killed, or ends in order."""
        if kill:
            os.kill(os.getpid(), signal.SIGKILL)
        self.autosave.close()


def picture(annotation: Any) -> tuple[Any, ...]:
    """What an annotation shows, to be compared."""
    classes = tuple((s.id, s.name, *(round(c, 2) for c in s.colour)) for s in annotation.structures)
    voxels = [zlib.crc32(v.tobytes()) for v in (annotation.labels, annotation.marks_volume())]
    facts = tuple(annotation.slice_status.tolist()), tuple(sorted(annotation.locked))
    initial = annotation.initial
    began = None if initial is None else (initial.source, zlib.crc32(initial.labels.tobytes()))
    known = began, tuple(annotation.provenance), tuple(sorted(annotation.pending))
    return classes, annotation.axis, *voxels, *facts, *known


def work(state: Path, random: Random, fault: Fault, shim: Shim, log: Log) -> None:
    """A session that meets ``fault`` somewhere; when that is over it goes on for a step."""
    if fault.kind == "clock set back":
        earlier = Session(state, log)
        earlier.load(random)
        earlier.step(100)
        earlier.autosave.close()
        shim.set_clock_back(YEAR)
        log.tell("fired", 1)
    session = Session(state, log)
    first = random.random() < 0.1 and fault.kind not in ("clock set back", "folder removed")
    if first:
        shim.arm(state, fault)
    session.load(random)
    session.step(100)
    for _ in range(random.randrange(4)):
        session.act(random)
        session.step(random.choice((0.1, 0.1, 100)))
    if fault.kind == "folder removed":
        shutil.rmtree(state)
        log.tell("fired", 1)
    elif not first and fault.kind != "clock set back":
        shim.arm(state, fault)
    for _ in range(random.randrange(1, 6)):
        session.act(random)
        session.step(random.choice((0.1, 0.1, 100)))
    if fault.kind not in ("clock set back", "folder removed"):
        log.tell("fired", shim.disarm())
    session.step(100)  # there is room again
    session.act(random)
    session.step()
    session.end(kill=random.random() < 0.7)


def go_on(state: Path, log: Log) -> None:
    """Another server opens the session and tells what it shows."""
    session = Session(state, log)
    try:
        session.autosave.resume(session.application.scene)
    except UserError as error:
        log.tell("refused", str(error))
        return
    log.tell("message", session.presenter.message.text)
    log.tell("chosen", session.presenter.state.segmentation)
    for row in session.presenter.state.segmentations:
        session.choose(row.id)
        session.look()
    log.tell("again", session.shown)
    session.autosave.close()


def check(before: Ending, after: Ending) -> str:
    """What was lost, "" when nothing was.

    ``before`` must have said that all is saved once the fault was over, unless it was killed; what
    it said to be saved, or showed since, is there again.
    """
    if (raised := before.last("raised")) is not None:
        return f"the session raised: {raised}"
    if not (before.killed or before.well):
        return f"the session ended with {before.status}"
    names = [name for name, _ in before.records]
    finished = "fired" in names
    if finished and before.records[-1][0] != "saved":
        return "the fault is over, and what is shown is not saved"
    kept = max((n for n, name in enumerate(names) if name == "saved"), default=None)
    since = [shown for name, shown in before.records[kept or 0 :] if name in ("saved", "shown")]
    if not after.well:
        return f"the next server ended with {after.status}: {after.last('raised')}"
    again = after.last("again")
    if again is None:
        return "" if kept is None else f"the next server refused: {after.last('refused')}"
    if kept is None or again in since or _between(again, since):
        return ""
    return f"shown: {since[-1]}\nagain: {again}\n{after.last('message')}"


def _between(again: Shown, since: list[Shown]) -> bool:
    """Whether each segmentation is as it was at some time since the last save."""
    return all(any(again.get(id) == shown.get(id) for shown in since) for id in since[-1])
