"""The machinery behind the presenter: nodes, annotation and worker are kept in step here."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ..annotation.slice_status import SliceStatus
from ..annotation.state import MODEL, AnnotationState, Origin
from ..errors import UserError
from ..inference.client import Client, connect
from ..inference.messages import Failed, Phase, Ready, Review, Source, Task, Timing
from ..library.learned import Orientation
from ..propagation.records import SessionSettings, SliceResult
from ..scene.belonging import Visibility
from ..scene.volumes import SEGMENTATION, volume_from_node, world_geometry
from ..volumes.geometry import Geometry
from ..volumes.volume import Volume
from . import storage
from .annotation_cache import AnnotationCache, CachedAnnotation
from .environment import torch_missing
from .history import History
from .pacing import AT_ONCE, Pacing
from .segmentation_mirror import Observers, SegmentationMirror
from .state import BACKGROUND, LearnedRow
from .views import SliceViews
from .words import failure, taken_for

_Range = tuple[int, int]


class Workspace:
    """One volume, one segmentation, one annotation, one client of the inference; main thread only.

    ``surfaces``: whether those of the segments follow here, at the end of every run. ``across``:
    whether planes across the slices settle what a run found.

    The annotation is the truth. The scene is written from it at once; the session follows it when
    the next run starts, so that nothing ever waits for the worker.
    """

    surfaces = across = True

    def __init__(
        self,
        scene: Any,
        device: str,
        weights: Path | None,
        synchronous: bool = False,
        inference: Client | None = None,
    ) -> None:
        self.scene = scene
        self.settings = SessionSettings(device=device)
        self.weights = weights
        self.annotation: AnnotationState | None = None
        self.history: History | None = None
        self.mirror: SegmentationMirror | None = None
        self.volume: Volume | None = None
        self.volume_node: Any = None
        self.node: Any = None
        self.modality: str | None = None
        self.axis: int | None = None
        self.slice = 0
        self.selected = BACKGROUND
        self.message = self.failure = ""
        self._names: dict[int, str] = {}
        self.tuning = self.question = ""
        """What the user is asked: whether to keep a tuned class; before a correction begins."""
        self.library: tuple[LearnedRow, ...] = ()  # as it was when somebody last looked
        self._asked: Any = None
        self._converting: tuple[Any, list[str]] | None = None
        self.visibility = Visibility(scene)
        self.cache = AnnotationCache()
        self.views = SliceViews(scene)
        self.inference = inference or connect(synchronous)
        self._shares = inference is not None
        """Whether the client goes on when this is closed."""
        self.card: dict[str, Any] = {}
        self.predefined: tuple[str, ...] = ()
        """The weights' classes, once these are loaded."""
        self.processor, self.timing = "", Timing()
        self.phase = Phase("")
        self.worst: int | None = None
        self._source: Source | None = None
        self._stamp: Any = None
        self._follows = False
        """Whether the session needs only the slices in ``_stale`` to be up to date."""
        self._stale: set[int] = set()
        self._wanted: list[_Range | None] = []
        """Runs to come; None only encodes."""
        self._running: _Range | None = None
        self._apart = False
        """What runs is no propagation: changes in the meantime do not begin it anew."""
        self._reach: set[int] = set()
        self._reached: set[int] = set()
        self._unwritten, self._pacing = set[int](), Pacing()
        self._began: float | None = None
        self._closing = False
        self._on_scene, self._on_nodes = Observers(), Observers()
        events = [scene.NodeAddedEvent, scene.NodeRemovedEvent, scene.EndImportEvent]
        self._on_scene.watch(scene, events, "nodes")
        self._on_scene.watch(scene, [scene.EndCloseEvent], "closed")

    # ---- what there is -------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Nothing runs, nothing is about to run."""
        return not self.inference.busy and not self._wanted

    def require_annotation(self) -> AnnotationState:
        """The annotation, made when there is none; UserError says what is missing."""
        return self.require_workspace()[0]

    def require_workspace(self) -> tuple[AnnotationState, SegmentationMirror, History]:
        """:meth:`require_annotation` with the nodes and the history that belong to it."""
        if self.annotation is None:
            self.open()
        annotation, mirror, history = self.annotation, self.mirror, self.history
        if annotation is None or mirror is None or history is None:
            raise RuntimeError("nothing is open")
        mirror.check()
        return annotation, mirror, history

    def read_volume(self) -> Volume:
        """The chosen volume; UserError when there is none or the network cannot work on it."""
        if self.volume_node is None:
            raise UserError("No volume is chosen: load a CT or MR volume and choose it.")
        image = self.volume_node.GetImageData()
        scalars = None if image is None else image.GetPointData().GetScalars()
        stamp = (image, scalars, None if scalars is None else scalars.GetMTime(), self.modality)
        if self.mirror is not None and not self.mirror.fits():
            name = self.volume_node.GetName()
            self.detach()
            self.node = None
            raise UserError(
                "{name} has another grid than before: its annotation stays in the "
                "segmentation, begin a new one.",
                name=name,
            )
        if self.volume is None or stamp != self._stamp:
            had, self.volume = self.volume, None
            self._source = None
            self.volume = volume_from_node(self.volume_node, self.modality)
            self._stamp = stamp
            if had is not None and self.annotation is not None:
                self.annotation.pending = set(self.annotation.anchors)
        return self.volume

    @property
    def model_origin(self) -> Origin:
        """What slices of the weights in use are said to come from."""
        return MODEL, str(self.card.get("name", "unknown"))

    def grid(self) -> Geometry:
        """Where the voxels of the volume are in the world now."""
        return world_geometry(self.volume_node)

    def open(self) -> None:
        """Begin or go on with the annotation of the chosen nodes; makes the segmentation."""
        volume = self.read_volume()
        if self.node is None:
            name = f"{self.volume_node.GetName()} segmentation"
            self.node = self.scene.AddNewNodeByClass(SEGMENTATION, name)
        mirror = SegmentationMirror(self.volume_node, self.node, self._on_nodes)
        shape = volume.geometry.shape
        if (kept := self.cache.take(mirror, shape)) is not None:
            self.attach(mirror, kept.annotation, kept.history)
            self.axis, self.selected, self.slice = kept.axis, kept.selected, kept.slice
            return
        if self.node.GetAttribute(storage.ATTRIBUTE):
            annotation, fixed = storage.restore(mirror, shape)
            self.axis = annotation.axis if fixed else None
        else:
            annotation = AnnotationState(shape, self.axis or 0)
        self.attach(mirror, annotation)
        if self.selected not in [s.id for s in annotation.structures]:
            self.select_first(annotation)

    def attach(
        self,
        mirror: SegmentationMirror,
        annotation: AnnotationState,
        history: History | None = None,
    ) -> None:
        """Work on ``annotation`` from now on, with the steps of ``history`` if there is one."""
        self.mirror, self.annotation = mirror, annotation
        self.history, self._names = history or History(annotation), {}
        self.cache.worked_on(self.volume_node, self.node)
        self.show_own()
        self.slice = min(self.slice, annotation.slices - 1)
        self.worst = annotation.weakest()
        self.invalidate_session()

    def select_first(self, annotation: AnnotationState) -> None:
        """Strokes mark the first class from now on, or the background when there is none."""
        self.selected = annotation.structures[0].id if annotation.structures else BACKGROUND

    def detach(self) -> None:
        """Stop, store what is there and let go of the annotation."""
        self.abandon()
        self.save()
        if self.annotation is not None and self.history is not None and self.mirror is not None:
            where = self.axis, self.selected, self.slice
            self.cache.keep(self.mirror, CachedAnnotation(self.annotation, self.history, *where))
        self._on_nodes.clear()
        self.annotation = self.history = self.mirror = self.worst = None
        self.axis, self.selected = None, BACKGROUND
        self.invalidate_session()

    def show_own(self) -> None:
        """Segmentations of other volumes than the one that is worked on are hidden."""
        self.visibility.follow(self.volume_node, [n.GetID() for n in storage.annotated(self.scene)])

    def forget_volume(self) -> None:
        """Let go of the volume and the memory that the session takes."""
        used, self._source = self._source, None
        self.volume_node = self.volume = self._stamp = self.modality = None
        if used is not None and not self._closing:
            self.inference.release()

    def invalidate_session(self) -> None:
        """The session must be brought up to date as a whole."""
        self._follows = False
        self._stale.clear()

    def save(self) -> None:
        """Store the annotation in the segmentation node, when there is something to store."""
        mirror, annotation = self.mirror, self.annotation
        if mirror is None or annotation is None or self.volume is None:
            return
        used = self.axis is not None or annotation.structures
        if used and mirror.node.GetScene() is not None:
            fixed, what = self.axis is not None, (self.volume.modality, self.card, self.settings)
            storage.store(mirror, annotation, fixed, *what, self.modality is not None)

    # ---- runs ----------------------------------------------------------------------------------

    def run(self, *ranges: _Range | None) -> None:
        """Run these ranges of slices one after the other, instead of what runs now."""
        if self.inference.busy and self._running is None:  # of reading ahead nothing is lost
            self.abandon()
        self._wanted = list(ranges)
        if self.inference.busy:
            self.inference.stop()
        else:
            self._start()

    def restart_run(self) -> None:
        """Something changed in mid-run: go on with what is running, brought up to date."""
        if self._running is not None and not self._wanted and not self._apart:
            self.run(self._running)

    @property
    def running(self) -> _Range | None:
        """The range that is propagated at the moment, or is about to be."""
        return self._wanted[-1] if self._wanted else self._running

    def changed(self, slices: Iterable[int]) -> None:
        """The marks of these slices are no longer those of the session."""
        self._stale |= set(slices)

    def abandon(self) -> None:
        """Stop now and take nothing more from the worker."""
        if self.inference.busy:
            self.inference.abandon()
            self.invalidate_session()
        self._wanted, self._running, self._began, self.phase = [], None, None, Phase("")
        self._asked, self._converting, self.question = None, None, ""

    def _start(self) -> None:
        """Start the next run that is wanted."""
        if self.inference.busy or not self._wanted:
            return
        want = self._wanted.pop(0)
        missing = torch_missing()
        if missing:
            raise UserError(missing)
        annotation, volume = self.require_annotation(), self.read_volume()
        source = self._source_for(volume, annotation.axis)
        if not annotation.structures and want is not None:
            raise UserError("There is no class yet: add one and mark it.")
        if want is not None and not annotation.anchors:
            raise UserError("Nothing is marked yet: mark a structure on one slice first.")
        first, last = want or (self.slice, self.slice)
        stale = sorted(self._stale) if self._follows else []
        accepted = {z: annotation.slice(z).copy() for z in stale if annotation.accepted(z)}
        task = Task(
            source,
            annotation,
            self._follows,
            {z: annotation.marks.get(z) for z in stale},
            accepted,
            tuple(s.id in annotation.locked for s in annotation.structures),
            first,
            last,
            encode=want is None,
            refine_across_planes=self.across,
        )
        self.inference.start(task)
        self._pacing.at_once()
        dirty = annotation.pending if self._follows else set(annotation.anchors)
        self._reach = annotation.reach(first, last, dirty) if annotation.pending else set()
        self._reached, self._running, self._began = set(), want, None
        self._apart = False
        self._follows, self._stale = True, set()
        self.phase = Phase("Propagating" if want else "Encoding")

    def _source_for(self, volume: Volume, axis: int) -> Source:
        """The source with slices along ``axis``, the one in use where it is the same."""
        spacing, used = self.grid().spacing, self._source
        same = used is not None and np.allclose(used.spacing, spacing, rtol=1e-4)
        if used is None or not same or used.axis != axis:
            lies = Orientation.of(self.grid().ijk_to_ras)
            chosen = axis, self.settings, self.weights, lies, self._stamp
            used = Source.of(volume, spacing, *chosen)
            self._source, self.timing = used, Timing()
            self.invalidate_session()
        return used

    def advance(self) -> bool:
        """Take what the worker made; True when anything changed."""
        if not self.inference.busy:
            self._start()
            return self.inference.busy
        if not (self.inference.synchronous or self._pacing.due()):
            return False
        changed, end = False, time.monotonic() + AT_ONCE * (not self.inference.synchronous)
        while items := self.inference.drain():
            changed = True
            for item in items:
                self._take(item)
            if time.monotonic() >= end:
                break
        slices, self._unwritten = self._unwritten, set()
        if self.mirror is not None and self.annotation is not None and slices:
            self.mirror.write_labels(self.annotation, slices)
            self._pacing.showed()
        if not self.inference.busy:
            self._ended()
        return changed or not self.inference.busy

    def _take_slice(self, result: SliceResult) -> None:
        assert self.annotation is not None
        self._began = self._began or time.monotonic()
        self._reached.add(result.z)
        if self.annotation.write(result.z, result.labels, result.confidence, self.model_origin):
            self._unwritten.add(result.z)

    def _take(self, item: Any) -> None:
        if isinstance(item, SliceResult):
            self._take_slice(item)
        elif isinstance(item, Failed):
            self._fail(item.error)
        elif isinstance(item, Phase):
            self.phase = item
        elif isinstance(item, Ready):
            self.processor, self.card = item.processor, item.card
            self.predefined = item.classes
        elif isinstance(item, Timing):
            self.timing = item
        elif isinstance(item, Review) and self.annotation is not None:
            annotation = self.annotation
            self.worst = item.worst
            for z in np.flatnonzero(~np.isnan(item.confidence).all(1)).tolist():
                if annotation.slice_status[z] not in (SliceStatus.UNTOUCHED, SliceStatus.ACCEPTED):
                    annotation.confidence[z] = annotation.lowest(z, item.confidence[z])
            if item.complete:
                annotation.pending = set(self._stale)
            self.message = taken_for(annotation.structures, item.names, self._names) or self.message
            self._names = item.names

    def _fail(self, error: BaseException) -> None:
        self.message = self.failure = failure(self.phase, error, self.processor)
        self.abandon()
        self._source = None
        self.invalidate_session()

    def _ended(self) -> None:
        """A job is over: start the next one, or tidy up."""
        self._running, self._began, self.phase = None, None, Phase("")
        if self._wanted:
            self._start()
        else:
            self.finish_run()

    def finish_run(self) -> None:
        """Surfaces and the stored state follow what is there now."""
        if self.mirror is not None and self.mirror.here:
            self.mirror.finish(surfaces=self.surfaces)
            self.save()

    def reached(self) -> tuple[int, int, float | None]:
        """Slices that the propagation has written, how many it may reach, and when it began."""
        return len(self._reached), max(len(self._reach | self._reached), 1), self._began
