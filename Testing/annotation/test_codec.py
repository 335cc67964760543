"""The codec: what is written comes back; damage, other shapes and newer versions are told."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.annotation.codec import (
    VERSION,
    NewerVersionError,
    decode,
    encode,
    from_bytes,
    to_bytes,
)
from S2VNetSlicerLib.annotation.state import (
    MODEL,
    RESULT,
    AnnotationState,
    InitialSegmentation,
    Structure,
)
from S2VNetSlicerLib.errors import UserError

SHAPE = (4, 5, 6)


def made_up(seed: int, axis: int = 0, corrects: bool = False) -> AnnotationState:
    """A state with something of everything."""
    random = np.random.default_rng(seed)
    names = ("liver", "Milz | ü", "third")
    structures = [
        Structure(f"id{n}", name, (0.1, 0.2, 0.7), "SCT~1") for n, name in enumerate(names)
    ]
    state = AnnotationState(SHAPE, axis, structures)
    if corrects:
        labels = random.integers(0, 4, SHAPE).astype(np.uint8)
        state.labels[...] = labels
        sure = np.round(random.random((state.slices, 3)), 2).astype(np.float32)
        state.begin_with(InitialSegmentation(labels, "Total", sure), (RESULT, "Total"))
    shape = state.slice(0).shape
    for z in range(state.slices - 1):
        state.write(
            z,
            random.integers(0, 4, shape).astype(np.uint8),
            np.round(random.random(3), 2).astype(np.float32),
            (MODEL, "net"),
        )
    state.mark(1, random.random(shape) < 0.3, 3)
    state.accept(2)
    state.locked.add("id1")
    return state


def same(a: AnnotationState, b: AnnotationState) -> None:
    assert (a.shape, a.axis, a.structures) == (b.shape, b.axis, b.structures)
    assert (a.pending, a.locked, a.provenance) == (b.pending, b.locked, b.provenance)
    assert np.array_equal(a.labels, b.labels)
    assert np.array_equal(a.marks_volume(), b.marks_volume())
    assert np.array_equal(a.slice_status, b.slice_status)
    assert np.allclose(a.confidence, b.confidence, atol=0.0051, equal_nan=True)
    assert (a.initial is None) == (b.initial is None)
    if a.initial is not None and b.initial is not None:
        assert np.array_equal(a.initial.labels, b.initial.labels)
        assert a.initial.source == b.initial.source
        assert np.allclose(a.initial.confidence, b.initial.confidence, equal_nan=True)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), st.integers(0, 2), st.booleans())
def test_what_is_written_comes_back(seed, axis, corrects):
    state = made_up(seed, axis, corrects)
    same(from_bytes(to_bytes(state)), state)
    same(decode(json.loads(json.dumps(encode(state)))), state)


@pytest.mark.parametrize("axis", [0, 2])
def test_entries_with_the_slices_that_changed_add_up(axis):
    """As the journal keeps them: the first whole, the others with what was written since."""
    state = made_up(3, 0, corrects=True)
    entries = [encode(state)]
    shape = state.slice(0).shape
    state.mark(3, np.ones(shape, bool), 2)
    state.accept(1)
    entries.append(encode(state, [3, 1], initial=False))
    if axis != state.axis:
        state.set_axis(axis)
        entries.append(encode(state, initial=False))
    state.accept(0)
    entries.append(encode(state, [0], initial=False))
    found = AnnotationState(SHAPE, 0)
    for entry in entries:
        assert decode(json.loads(json.dumps(entry)), found) is found
    assert np.array_equal(found.initial.labels, state.initial.labels)
    found.initial = state.initial
    if axis == 0:
        same(found, state)
    assert np.array_equal(found.labels, state.labels)
    assert np.array_equal(found.marks_volume(), state.marks_volume())


def test_what_earlier_releases_said_of_classes_is_passed_over():
    state = made_up(0)
    facts = json.loads(json.dumps(encode(state)))
    facts["structures"] = [{**each, "predefined": 3} for each in facts["structures"]]
    assert decode(facts).structures == state.structures


def test_a_newer_version_is_called_newer():
    facts = {**encode(made_up(0)), "version": VERSION + 1}
    with pytest.raises(NewerVersionError, match="newer version"):
        decode(facts)


@pytest.mark.parametrize(
    "change",
    [
        {"axis": 3},
        {"made": [1]},
        {"made": [9, 0, 0, 0]},
        {"provenance": []},
        {"confidence": [1]},
        {"pending": [99]},
        {"labels": {"0": "!"}},
        {"labels": {"0": "eJw="}},
        {"labels": {"17": ""}},
        {"structures": [{"name": "without an ID"}]},
        {"version": "2"},
        {"initial": {"source": "", "confidence": None, "labels": [""]}},
    ],
    ids=lambda change: "-".join(f"{k} {v}"[:24] for k, v in change.items()),
)
def test_damage_is_one_sentence_and_changes_nothing(change):
    state = made_up(1)
    facts, kept = {**encode(state), **change}, state.copy()
    with pytest.raises(UserError, match=r"cannot be read"):
        decode(facts, state)
    same(state, kept)
    for missing in encode(state):
        with pytest.raises(UserError):
            decode({k: v for k, v in encode(state).items() if k != missing})


def test_another_shape_is_refused():
    with pytest.raises(UserError, match="volume it was made on"):
        decode(encode(made_up(0)), AnnotationState((9, 5, 6), 0))


def test_bytes_that_are_none():
    with pytest.raises(UserError, match="cannot be read"):
        from_bytes(b"nothing")
