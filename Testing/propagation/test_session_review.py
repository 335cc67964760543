"""What the session tells about its result: confidence, origin, where to look next."""

from __future__ import annotations

import numpy as np
import torch
from S2VNetSlicerLib.propagation.records import Made


def test_confidence_is_a_share_where_something_was_computed(make_session, finish, marks):
    session = make_session()
    assert session.confidence.shape == (12, 2)
    assert np.isnan(session.confidence).all()
    session.mark(5, marks())
    assert np.isnan(session.confidence).all()
    finish(session, 3, 6)
    confidence = session.confidence
    assert ((confidence[3:7] > 0) & (confidence[3:7] < 1)).all()
    assert np.isnan(np.delete(confidence, [3, 4, 5, 6], 0)).all()
    session.mark(9, marks(1))
    assert np.isnan(session.confidence[9]).all()
    session.accept(9)
    assert (session.confidence[9] == 1).all()


def test_results_carry_labels_and_confidence(make_session, marks):
    session = make_session()
    session.mark(5, marks())
    for result in session.propagate():
        assert np.array_equal(result.labels, session.labels[result.z])
        assert np.array_equal(result.confidence, session.confidence[result.z])


def test_who_made_each_slice(make_session, finish, marks):
    session = make_session()
    assert (session.made == Made.UNTOUCHED).all()
    session.mark(5, marks())
    running = session.propagate()
    for _ in range(3):
        next(running)
    running.close()
    assert (session.made > 0).sum() == 3
    assert session.made[5] == Made.MARKED
    finish(session)
    session.accept(7)
    finish(session)
    expected = [Made.MODEL] * 12
    expected[5], expected[7] = Made.MARKED, Made.ACCEPTED
    assert session.made.tolist() == expected


def test_the_next_slice_to_look_at(make_session, finish, marks):
    session = make_session()
    assert session.suggest_next_slice() is None
    assert not session.expected_errors().any()
    session.mark(5, marks())
    finish(session)
    asked = []
    while (z := session.suggest_next_slice()) is not None:
        errors = session.expected_errors()
        errors[asked] = 0
        assert z not in asked
        assert errors[z] == errors.max() > 0
        asked.append(z)
        session.accept(z)
        finish(session)
    assert asked
    assert not np.delete(session.expected_errors(), asked).any()


def test_expected_errors_grow_with_doubt_and_disagreement(make_session, finish, marks):
    session = make_session()
    for seed, z in enumerate((2, 9)):
        session.mark(z, marks(seed))
    finish(session)
    propagator = session._propagator
    before = session.expected_errors()
    with torch.inference_mode():
        propagator.quality[:, 0, 5] = 0
        assert session.expected_errors()[5] > before[5]
        propagator.quality[:, 0, 5] = 1
        propagator.masks[:, 0, 5] = 0.5
        assert session.expected_errors()[5] == 0
        propagator.masks[0, 0, 5] = 0
        assert session.expected_errors()[5] > 0
    others = np.arange(12) != 5
    assert np.array_equal(session.expected_errors()[others], before[others])
