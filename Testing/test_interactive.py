"""The public Python API: prompts in, labels out, taken back one after the other."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import s2vnet

SHAPE, SPACING = (6, 40, 48), (3.0, 1.0, 1.0)


@pytest.fixture
def session(make_network, small_slices):
    small_slices(64)
    image = np.random.default_rng(0).normal(100, 20, SHAPE).astype(np.float32)
    settings = s2vnet.SessionSettings(growth=None, absent_below=0.2)
    made = s2vnet.InteractiveSession(s2vnet.Model(make_network(seed=9), {}), settings)
    made.set_image(image, SPACING, "MR", structures=2)
    yield made
    made.close()


def square(rows: slice, columns: slice) -> np.ndarray:
    where = np.zeros(SHAPE[1:], bool)
    where[rows, columns] = True
    return where


def test_prompts_are_obeyed_and_taken_back_one_after_the_other(session):
    session.add_scribble(2, square(slice(5, 9), slice(5, 9)), 1)
    session.add_points([[2, 20, 30], [4, 21, 31]], 2)
    session.add_scribble(2, square(slice(30, 34), slice(30, 34)), 0)
    first = session.segment()
    assert (first[2, 5:9, 5:9] == 1).all()
    assert first[2, 20, 30] == first[4, 21, 31] == 2
    assert not first[2, 30:34, 30:34].any()
    session.accept(3, np.ones(SHAPE[1:], np.uint8))
    session.lock(2)
    session.add_scribble(1, square(slice(0, 9), slice(0, 9)), 0)
    later = session.segment()
    assert (later[3] == 1).all()
    for _ in range(3):
        session.undo()
    assert np.array_equal(session.labels, first)
    for _ in range(3):
        session.undo()
    assert not session.labels.any()
    with pytest.raises(s2vnet.UserError, match="nothing to take back"):
        session.undo()


def test_another_methods_result_is_corrected(session):
    given = np.zeros(SHAPE, np.uint8)
    given[1:5, 10:20, 10:20] = 1
    session.add_initial_segmentation(given)
    assert np.array_equal(session.segment(), given)
    assert session.next_slice() in range(SHAPE[0])


def test_what_cannot_be_is_told_and_is_no_step(session):
    with pytest.raises(s2vnet.UserError, match="no structure 3"):
        session.add_scribble(2, square(slice(0, 2), slice(0, 2)), 3)
    with pytest.raises(s2vnet.UserError, match=r"voxels \[N, 3\]"):
        session.add_points([[9, 0, 0]], 1)
    with pytest.raises(s2vnet.UserError, match="no slice 6"):
        session.accept(6)
    with pytest.raises(s2vnet.UserError, match="nothing to take back"):
        session.undo()
    session.close()
    with pytest.raises(s2vnet.UserError, match="set_image first"):
        session.segment()


def test_all_that_is_public_is_there_and_described():
    for name in s2vnet.__all__:
        assert inspect.getdoc(getattr(s2vnet, name)), name
    assert s2vnet.__version__
