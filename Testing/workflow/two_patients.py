"""Two patients in one scene: what a user does, and where a simple model says that every voxel is.

``S2VNET_STATE_MACHINE`` sets how many sequences are drawn, for instance 2000; otherwise few are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from S2VNetSlicerLib.annotation.slice_status import SliceStatus
from S2VNetSlicerLib.annotation.state import AnnotationState
from S2VNetSlicerLib.inference.client import Client, Inline, Worker
from S2VNetSlicerLib.inference.messages import Read, Ready, Review, Task
from S2VNetSlicerLib.propagation.records import SliceResult
from S2VNetSlicerLib.scene.belonging import volume_of
from S2VNetSlicerLib.scene.marks import BINARY_LABELMAP, label_maps, oriented_image
from S2VNetSlicerLib.scene.volumes import SEGMENTATION, VOLUME, nodes_of, volume_to_node
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.volume import Volume
from S2VNetSlicerLib.workflow.presenter import Presenter
from S2VNetSlicerLib.workflow.storage import annotated

SHAPE = (5, 8, 9)
CLASSES = 3
EXAMPLES = int(os.environ.get("S2VNET_STATE_MACHINE", "12"))
slices = st.integers(0, SHAPE[0] - 1)
rows, columns = st.integers(0, SHAPE[1] - 1), st.integers(0, SHAPE[2] - 1)
numbers = st.integers(1, CLASSES)
patients = st.integers(0, 1)


def proposed(prompts: dict[int, np.ndarray], z: int) -> np.ndarray:
    """What the method of these tests says of slice ``z``: the prompts of the nearest anchor, each
    one voxel further to the right as well."""
    nearest = min(prompts, key=lambda a: (abs(a - z), a))
    drawn = np.maximum(prompts[nearest], 1) - 1
    labels = drawn.copy()
    labels[:, 1:] = np.where(drawn[:, 1:] > 0, drawn[:, 1:], drawn[:, :-1])
    return labels.astype(np.uint8)


class Engine:
    """Follows tasks as the real one does; its method is :func:`proposed`."""

    def __init__(self) -> None:
        self.stamp: Any = None
        self.state: AnnotationState | None = None

    def keep(self, stamps: Any) -> None:
        """The session of one source is held, whatever is asked."""

    def run(self, task: Task, stopped: Callable[[], bool]) -> Iterator[Any]:
        yield Ready("simple", {"name": "simple"})
        if task.source.stamp != self.stamp:
            self.stamp, self.state = task.source.stamp, None
        yield Read()
        if task.annotation is not None:
            self.state = task.annotation.copy()
        assert self.state is not None, "the session was never told what there is"
        for z, marks in task.marks.items():
            self.state.put(z, task.accepted.get(z, self.state.slice(z)), marks)
            accepted = z in task.accepted
            self.state.slice_status[z] = SliceStatus.ACCEPTED if accepted else SliceStatus.MARKED
        if task.encode:
            return
        prompts = {z: self.state.prompts(z) for z in self.state.anchors}
        prompts = {z: p for z, p in prompts.items() if p.any()}
        width = len(self.state.structures)
        for z in range(task.first, task.last + 1):
            yield SliceResult(z, proposed(prompts, z), np.full(width, 0.5, np.float32))
        yield Review(np.full((SHAPE[0], width), 0.5, np.float32), None, complete=True)

    def release(self, stopped: Callable[[], bool]) -> Iterator[Any]:
        self.source = self.state = None
        yield from ()


@dataclass
class Patient:
    """What the annotation of one volume must be."""

    labels: np.ndarray = field(default_factory=lambda: np.zeros(SHAPE, np.uint8))
    marks: np.ndarray = field(default_factory=lambda: np.zeros(SHAPE, np.uint8))
    accepted: frozenset[int] = frozenset()
    initial: np.ndarray | None = None
    locked: set[int] = field(default_factory=set)
    names: list[str] = field(default_factory=lambda: [f"class {n}" for n in range(CLASSES)])
    done: list[tuple[Any, ...]] = field(default_factory=list)
    undone: list[tuple[Any, ...]] = field(default_factory=list)
    begun: bool = False

    def now(self) -> tuple[Any, ...]:
        return self.labels.copy(), self.marks.copy(), self.accepted

    def step(self, before: tuple[Any, ...]) -> None:
        self.done.append(before)
        self.undone.clear()

    def swap(self, source: list[tuple[Any, ...]], target: list[tuple[Any, ...]]) -> None:
        target.append(self.now())
        self.labels, self.marks, self.accepted = source.pop()

    def forget_steps(self) -> None:
        self.done, self.undone = [], []

    @property
    def anchors(self) -> list[int]:
        return sorted(set(np.flatnonzero(self.marks.any((1, 2))).tolist()) | self.accepted)

    def free(self) -> set[int]:
        """Classes that may change: without a result all of them."""
        if self.initial is None:
            return set(range(1, CLASSES + 1))
        found = set((np.unique(self.marks).astype(int) - 1).tolist())
        found |= set(np.unique(self.initial[self.marks == 1]).tolist())
        return found | {k for k in range(1, CLASSES + 1) if not (self.initial == k).any()}

    def run(self) -> None:
        prompts = {
            z: self.labels[z] + 1 if z in self.accepted else self.marks[z] for z in self.anchors
        }
        free = self.free()
        for z in range(SHAPE[0]):
            if z in self.accepted:
                continue
            wanted = proposed(prompts, z)
            for r, c in np.ndindex(*SHAPE[1:]):
                old, new = int(self.labels[z, r, c]), int(wanted[r, c])
                began = 0 if self.initial is None else int(self.initial[z, r, c])
                if new not in free:
                    new = 0
                if began and began not in free and new == 0:
                    new = began
                if new in self.locked and new != old:
                    new = 0
                if old in self.locked:
                    new = old
                if self.marks[z, r, c]:
                    new = int(self.marks[z, r, c]) - 1
                self.labels[z, r, c] = new


def machine(scene: Any, folder: Path) -> type[RuleBasedStateMachine]:
    class TwoPatients(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            scene.Clear(0)
            self.saves = 0
            self.patients = [Patient(), Patient()]
            for n in range(2):
                affine = np.diag([1.0, 1.0, 2.0, 1.0])
                affine[:3, 3] = 500 * n
                array = np.random.default_rng(n).integers(0, 300, SHAPE).astype(np.int16)
                volume_to_node(Volume(array, Geometry(SHAPE, affine), "MR", name=f"p{n}"), scene)
            self.shown = 0
            self.open()

        def open(self) -> None:
            worker = Worker(lambda: Inline(Engine()), synchronous=True)
            self.presenter = Presenter(scene, inference=Client(worker))

        def node(self, n: int) -> Any:
            return next(v for v in nodes_of(scene, VOLUME) if v.GetName() == f"p{n}")

        def teardown(self) -> None:
            if hasattr(self, "presenter"):
                self.presenter.close()

        @property
        def patient(self) -> Patient:
            return self.patients[self.shown]

        def chosen(self) -> None:
            """The shown patient's volume is chosen and has its classes."""
            if self.presenter.workspace.volume_node is not self.node(self.shown):
                assert self.presenter.choose_volume(self.node(self.shown).GetID())
            if not self.patient.begun:
                self.patient.begun = True
                assert self.presenter.set_axis(0), self.presenter.state.message
                for name in self.patient.names:
                    assert self.presenter.add_class(name)

        # ---- what a user does --------------------------------------------------------------

        @rule(n=patients)
        def switch(self, n: int) -> None:
            self.shown = n
            self.chosen()

        @precondition(lambda self: not self.patient.begun)
        @rule(seed=st.integers(0, 9))
        def load_result(self, seed: int) -> None:
            """The first thing that the shown patient has is the result of another method."""
            patient, presenter = self.patient, self.presenter
            labels = np.random.default_rng(seed).integers(0, CLASSES + 1, SHAPE).astype(np.uint8)
            assert presenter.choose_volume(self.node(self.shown).GetID())
            result = scene.AddNewNodeByClass(SEGMENTATION, f"result {self.shown}")
            image = oriented_image(labels, presenter.workspace.grid())
            for n, name in enumerate(patient.names, 1):
                id = result.GetSegmentation().AddEmptySegment("", name)
                segment = result.GetSegmentation().GetSegment(id)
                segment.SetLabelValue(n)
                segment.AddRepresentation(BINARY_LABELMAP, image)
            result.CreateDefaultDisplayNodes()
            assert presenter.choose_segmentation(result.GetID()), presenter.state.message
            assert presenter.set_axis(0)
            assert presenter.correct(), presenter.state.message
            presenter.wait()
            patient.begun, patient.labels, patient.initial = True, labels, labels.copy()

        @rule(z=slices, r=rows, c=columns, k=st.integers(0, CLASSES), erase=st.booleans())
        def mark(self, z: int, r: int, c: int, k: int, erase: bool) -> None:
            self.chosen()
            patient, presenter = self.patient, self.presenter
            ids = [row.id for row in presenter.state.classes]
            assert presenter.select_class(ids[k - 1] if k else "")
            value = 0 if erase else k + 1
            refused = (value > 1 and k in patient.locked) or (
                value > 0 and int(patient.labels[z, r, c]) in patient.locked
            )
            grid = presenter.workspace.grid()
            point = grid.ijk_to_ras_points(np.array([(c, r, z)], float))
            presenter.targets.set()
            assert presenter.stroke(point, 0.1, np.array([0.0, 0, 1]), erase=erase) != refused
            presenter.wait()
            if refused or patient.marks[z, r, c] == value:
                return
            patient.step(patient.now())
            patient.marks[z, r, c] = value
            if z in patient.accepted and value:
                patient.labels[z, r, c] = value - 1
            if patient.anchors:
                patient.run()

        @rule(z=slices)
        def accept(self, z: int) -> None:
            self.chosen()
            patient = self.patient
            assert self.presenter.accept(z)
            if z in patient.accepted:
                return
            patient.step(patient.now())
            drawn = patient.marks[z] > 0
            patient.labels[z][drawn] = patient.marks[z][drawn] - 1
            patient.accepted |= {z}

        @rule()
        def propagate(self) -> None:
            self.chosen()
            patient = self.patient
            can = bool(patient.anchors)
            self.presenter.propagate()
            self.presenter.wait()
            assert (self.presenter.state.message == "") == can, self.presenter.state.message
            if can:
                before, made = patient.now(), self.made_before
                patient.run()
                if not np.array_equal(before[0], patient.labels) or (made == 0).any():
                    patient.step(before)

        @rule(undo=st.booleans())
        def undo_or_redo(self, undo: bool) -> None:
            self.chosen()
            patient = self.patient
            source, target = patient.done, patient.undone
            if not undo:
                source, target = target, source
            done = self.presenter.undo() if undo else self.presenter.redo()
            assert done == bool(source)
            self.presenter.wait()
            if source:
                patient.swap(source, target)

        @rule(k=numbers, locked=st.booleans())
        def lock(self, k: int, locked: bool) -> None:
            self.chosen()
            id = self.presenter.state.classes[k - 1].id
            assert self.presenter.lock_class(id, locked)
            (self.patient.locked.add if locked else self.patient.locked.discard)(k)

        @rule(k=numbers, name=st.sampled_from(("femur", "tibia")))
        def rename(self, k: int, name: str) -> None:
            self.chosen()
            name = f"{name} {k}"
            assert self.presenter.rename_class(self.presenter.state.classes[k - 1].id, name)
            self.patient.names[k - 1] = name

        @rule(k=numbers)
        def lock_others(self, k: int) -> None:
            self.chosen()
            assert self.presenter.lock_others(self.presenter.state.classes[k - 1].id)
            others = set(range(1, CLASSES + 1)) - {k}
            self.patient.locked = set() if self.patient.locked == others else others

        @precondition(lambda self: self.patient.labels.any() and self.patient.initial is None)
        @rule()
        def correct(self) -> None:
            """What is there becomes a result to correct; acceptance and locks go, marks stay."""
            self.chosen()
            assert self.presenter.correct(), self.presenter.state.message
            self.presenter.wait()
            patient = self.patient
            patient.initial = patient.labels.copy()
            patient.accepted, patient.locked = frozenset(), set()
            patient.forget_steps()

        @precondition(lambda self: self.saves < 2 and any(p.begun for p in self.patients))
        @rule()
        def close_and_resume(self) -> None:
            """The scene is saved, the application ends, another one goes on with it."""
            self.saves += 1
            path = folder / "work.mrb"
            self.chosen()
            assert self.presenter.save_scene(path), self.presenter.state.message
            shown = self.shown
            self.presenter.close()
            scene.Clear(0)
            assert scene.ReadFromMRB(str(path), True, None)
            self.open()
            assert self.presenter.resume(), self.presenter.state.message
            assert self.presenter.state.volume == self.node(shown).GetID(), "what was shown"
            for patient in self.patients:
                patient.forget_steps()

        # ---- what must hold ----------------------------------------------------------------

        @property
        def made_before(self) -> np.ndarray:
            return self._made

        @invariant()
        def every_voxel_is_where_it_belongs(self) -> None:
            annotation = self.presenter.annotation
            self._made = (
                np.zeros(SHAPE[0]) if annotation is None else annotation.slice_status.copy()
            )
            if annotation is not None:
                patient = self.patient
                assert np.array_equal(annotation.labels, patient.labels)
                assert np.array_equal(annotation.marks_volume(), patient.marks)
                made = annotation.slice_status == SliceStatus.ACCEPTED
                assert set(np.flatnonzero(made).tolist()) == patient.accepted
                initial = annotation.initial
                assert (initial is None) == (patient.initial is None)
                assert initial is None or np.array_equal(initial.labels, patient.initial)
                state = self.presenter.state
                assert [row.name for row in state.classes] == patient.names
                locked = {k for k, row in enumerate(state.classes, 1) if row.locked}
                assert locked == patient.locked
                assert (state.can_undo, state.can_redo) == (
                    bool(patient.done),
                    bool(patient.undone),
                )
            for n, patient in enumerate(self.patients):
                if patient.begun:
                    assert np.array_equal(self.in_scene(n), patient.labels), f"patient {n}"

        def in_scene(self, n: int) -> np.ndarray:
            volume = self.node(n)
            (node,) = [s for s in annotated(scene) if volume_of(s) is volume]
            ids = list(node.GetSegmentation().GetSegmentIDs())
            found = np.zeros(SHAPE, np.uint8)
            for _, shown in label_maps(volume, node, {id: k for k, id in enumerate(ids, 1)}):
                np.maximum(found, shown, out=found)
            return found

    return TwoPatients


def drive(machine: type[RuleBasedStateMachine]) -> None:
    """Draw sequences and follow them."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
