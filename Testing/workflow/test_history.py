"""Annotation and history: every step can be taken back and done again, within its bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.annotation.initial import InitialSegmentation
from S2VNetSlicerLib.annotation.slice_status import SliceStatus
from S2VNetSlicerLib.annotation.state import AnnotationState, Structure
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.workflow.history import History

SHAPE = (5, 6, 7)


def classes(*names):
    return [Structure(name, name.upper(), (1.0, 0.5, 0.0)) for name in names]


def everything(annotation):
    return (
        annotation.axis,
        tuple(s.id for s in annotation.structures),
        annotation.labels.tobytes(),
        annotation.marks_volume().tobytes(),
        annotation.slice_status.tobytes(),
        annotation.confidence.tobytes(),
        tuple(annotation.provenance),
        tuple(sorted(annotation.pending)),
        None if annotation.initial is None else annotation.initial.labels.tobytes(),
        annotation.voxels()[0].tolist(),
        annotation.voxels()[1].tolist(),
    )


def act(annotation, history, action, random):
    k, slices = len(annotation.structures), annotation.slices
    z = int(random.integers(slices))
    shape = annotation.slice(z).shape
    if action == "mark":
        history.begin()
        where = random.random(shape) < 0.2
        annotation.mark(z, where, int(random.integers(k + 2)))
    elif action == "run":
        history.begin()
        for z in range(slices):
            labels = random.integers(0, k + 1, shape).astype(np.uint8)
            annotation.write(z, labels, random.random(k).astype(np.float32))
    elif action == "accept":
        history.begin()
        annotation.accept(z)
    elif action == "edit":
        history.begin()
        annotation.edit(z, random.integers(0, k + 1, shape).astype(np.uint8))
    elif action == "remove" and k > 1:
        history.begin("structures", "initial")
        annotation.remove_structure(annotation.structures[int(random.integers(k))].id)
    elif action == "turn":
        history.begin("axis", "marks", "initial")
        annotation.set_axis(int(random.integers(3)))
    elif action == "nothing":
        annotation.mark(z, np.zeros(shape, bool), 2)
    elif action == "pack":
        history.pack(3)


ACTIONS = ("mark", "run", "accept", "edit", "remove", "turn", "nothing", "pack")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(ACTIONS), max_size=12), st.integers(0, 99), st.booleans())
def test_undo_and_redo_visit_the_same_states(actions, seed, corrects):
    random = np.random.default_rng(seed)
    annotation = AnnotationState(SHAPE, 0, classes("a", "b", "c"))
    if corrects:
        annotation.initial = InitialSegmentation(random.integers(0, 4, SHAPE).astype(np.uint8))
        annotation.labels[...] = annotation.initial.labels
    history = History(annotation)

    def seen():
        # Of what a run may not change it is still told anew how sure it is: that is no step.
        found = everything(annotation)
        return (*found[:5], *found[6:]) if corrects else found

    states = [seen()]
    for action in actions:
        steps = len(history._done)
        act(annotation, history, action, random)
        if len(history._done) > steps:
            states.append(seen())
        assert seen() == states[-1], f"{action} changed things without a step"
        assert annotation.pending <= set(annotation.anchors)
    for back in range(2):
        for state in reversed(states[:-1]):
            assert history.undo() is not None
            assert seen() == state
            history.pack(back * 100)
        assert history.undo() is None
        for state in states[1:]:
            assert history.redo() is not None
            assert seen() == state
        assert history.redo() is None


def test_a_step_holds_only_slices_that_changed():
    annotation = AnnotationState(SHAPE, 0, classes("a"))
    history = History(annotation)
    history.begin()
    annotation.mark(3, np.ones(SHAPE[1:], bool), 2)
    assert history.undo() == {3}
    assert not annotation.marks


def test_bytes_bound_the_history_and_the_newest_stay():
    random = np.random.default_rng(0)
    annotation = AnnotationState((4, 64, 64), 0, classes("a", "b"))
    history = History(annotation, limit=40_000)
    for _ in range(30):
        act(annotation, history, "run", random)
        history.pack(100)
        assert history.size <= 40_000
    before = everything(annotation)
    assert history.can_undo
    assert 0 < len(history._done) < 30
    history.undo()
    history.redo()
    assert everything(annotation) == before


def test_a_new_step_ends_what_could_be_done_again():
    annotation = AnnotationState(SHAPE, 0, classes("a"))
    history = History(annotation)
    for z in (1, 2):
        history.begin()
        annotation.mark(z, np.ones(SHAPE[1:], bool), 2)
    history.undo()
    assert history.can_redo
    history.begin()
    assert history.can_redo
    annotation.mark(4, np.ones(SHAPE[1:], bool), 2)
    assert not history.can_redo


def test_a_class_added_since_outlives_an_undone_removal():
    annotation = AnnotationState(SHAPE, 0, classes("a", "b"))
    history = History(annotation)
    annotation.labels[2] = 2
    history.begin("structures", "initial")
    annotation.remove_structure("a")
    assert (annotation.labels[2] == 1).all()
    annotation.structures.extend(classes("c"))
    history.undo()
    assert [s.id for s in annotation.structures] == ["a", "b", "c"]
    assert (annotation.labels[2] == 2).all()
    history.redo()
    assert [s.id for s in annotation.structures] == ["b", "c"]


def test_the_model_never_changes_what_was_settled():
    random = np.random.default_rng(3)
    annotation = AnnotationState(SHAPE, 0, classes("a", "b"))
    annotation.labels[...] = random.integers(0, 3, SHAPE)
    before = annotation.labels.copy()
    annotation.accept(1)
    annotation.locked = {"b"}
    where = random.random(SHAPE[1:]) < 0.3
    annotation.mark(2, where, 2)
    for z in range(SHAPE[0]):
        fresh = random.integers(0, 3, SHAPE[1:]).astype(np.uint8)
        annotation.write(z, fresh, np.full(2, 0.5, np.float32))
    assert np.array_equal(annotation.labels[1], before[1])
    assert (annotation.labels[2][where] == 1).all()
    free = np.ones(SHAPE, bool)
    free[2] = ~where
    assert np.array_equal((annotation.labels == 2)[free], (before == 2)[free])
    assert annotation.slice_status.tolist() == [1, 3, 2, 1, 1]


def test_a_mark_in_an_accepted_slice_is_a_correction_of_it():
    annotation = AnnotationState(SHAPE, 0, classes("a", "b"))
    annotation.labels[1] = 1
    annotation.accept(1)
    where = np.zeros(SHAPE[1:], bool)
    where[2:4] = True
    annotation.mark(1, where, 3)
    assert (annotation.labels[1] == np.where(where, 2, 1)).all()
    assert annotation.slice_status[1] == SliceStatus.ACCEPTED
    assert (annotation.prompts(1) == annotation.labels[1] + 1).all()


def test_the_number_of_classes_is_bounded():
    annotation = AnnotationState(SHAPE, 0, classes(*map(str, range(254))))
    with pytest.raises(UserError, match="254 classes"):
        annotation.check_room()
    with pytest.raises(UserError, match="no longer there"):
        annotation.number("somebody")
    annotation.labels[0] = 254
    annotation.mark(0, np.ones(SHAPE[1:], bool), 255)
    annotation.remove_structure("3")
    assert (annotation.labels[0] == 253).all()
    assert (annotation.marks[0] == 254).all()


def test_volumes_are_counted_from_the_voxels():
    random = np.random.default_rng(5)
    many = [str(n) for n in range(20)]
    for names in (many[:3], many):
        annotation = AnnotationState(SHAPE, 1, classes(*names))
        annotation.initial = InitialSegmentation(
            random.integers(0, len(names) + 1, SHAPE).astype(np.uint8)
        )
        annotation.labels[...] = annotation.initial.labels
        assert not annotation.voxels()[1].any()
        fresh = random.integers(0, len(names) + 1, (SHAPE[0], SHAPE[2])).astype(np.uint8)
        annotation.write(4, fresh, np.zeros(len(names), np.float32))
        total, changed = annotation.voxels()
        for n in range(1, len(names) + 1):
            now, then = annotation.labels == n, annotation.initial.labels == n
            assert total[n - 1] == now.sum()
            assert changed[n - 1] == (now ^ then).sum()
