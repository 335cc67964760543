"""Label maps as the smallest box around what they show."""

from __future__ import annotations

import pickle

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from S2VNetSlicerLib.annotation.boxed import Boxed, box_of
from S2VNetSlicerLib.annotation.state import AnnotationState, Structure

MAPS = arrays(
    np.uint8, array_shapes(min_dims=2, max_dims=3, max_side=5), elements=st.sampled_from([0, 0, 7])
)


@given(MAPS)
def test_nothing_is_lost_and_the_box_is_tight(labels):
    kept = Boxed.of(labels)
    if kept is None:
        assert not labels.any()
        return
    for same in (kept, kept.packed(), kept.packed().packed()):
        assert np.array_equal(same.array(), labels)
    inside = labels[box_of(labels)]
    for axis in range(labels.ndim):
        for end in (0, -1):
            assert inside.take(end, axis).any()


@given(MAPS)
def test_it_is_a_copy(labels):
    kept, before = Boxed.of(labels), labels.copy()
    labels[...] = 3
    if kept is not None:
        assert np.array_equal(kept.array(), before)


@given(arrays(np.uint8, (3, 4, 5), elements=st.integers(0, 1)), st.integers(0, 2))
def test_an_annotation_arrives_in_another_process(labels, axis):
    state = AnnotationState((3, 4, 5), axis, [Structure("a", "a")])
    state.labels[...] = labels
    arrived = pickle.loads(pickle.dumps(state))
    assert np.array_equal(arrived.labels, labels)
    assert arrived.voxels()[0].tolist() == [int(labels.sum())]
