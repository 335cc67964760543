"""What the worker holds: a copy of the voxels, and a session that others use as well."""

from __future__ import annotations

import numpy as np
from S2VNetSlicerLib.inference.client import Client, connect


def test_the_worker_has_a_copy_of_the_voxels(presenter, node, begin):
    import slicer.util

    begin(presenter)
    image = presenter.session._source.image
    assert not np.shares_memory(image, slicer.util.arrayFromVolume(node))
    node.GetImageData().AllocateScalars(4, 1)  # the node's own memory is gone now
    assert image.any()


def test_presenters_after_one_another_share_a_session_and_what_it_encoded(
    build, weights, node, session_of
):
    inference, sessions = connect(synchronous=True), []
    for _ in range(2):
        presenter = build(weights=weights, inference=inference)
        assert presenter.choose_volume(node.GetID())
        presenter.runs.prefetch()
        presenter.wait()
        session = session_of(presenter)
        sessions.append((session, session.volume.features.encoded))
        presenter.close()
    assert sessions[0] == sessions[1], "encoded once"


def test_presenters_at_the_same_time_share_a_session_and_never_each_others_marks(
    build, weights, node, begin, draw, check, session_of
):
    """As panel and effect do on one volume: each finds what it would find alone."""
    worker = connect(synchronous=True).worker
    first, second = (build(weights=weights, inference=Client(worker)) for _ in range(2))
    alone = build(weights=weights, synchronous=True)
    for presenter in (first, second, alone):
        assert presenter.choose_volume(node.GetID())
        assert presenter.choose_segmentation(None)
    for presenter in (first, alone):
        begin(presenter, live=True)
    draw(second, 9, (30, 10), (36, 14))
    second.wait()
    alone.session.invalidate()  # as the first one's session, it holds no masks of earlier runs
    for presenter in (first, alone):
        draw(presenter, 8, (20, 30))
        presenter.wait()
    assert session_of(first) is session_of(second), "encoded once"
    assert np.array_equal(first.annotation.labels, alone.annotation.labels)
    check(first)
    check(second)
    second.session.client.release()
    assert session_of(first) is not None, "the other one still needs it"
    first.session.client.release()
    assert not worker.link.server.engine._open


def test_a_session_that_failed_is_not_used_again(presenter, begin, monkeypatch, session_of):
    begin(presenter)
    session = session_of(presenter)

    def propagate(*_):
        raise MemoryError
        yield

    monkeypatch.setattr(session, "propagate", propagate)
    presenter.propagate()
    presenter.wait()
    assert "more memory than is free" in presenter.state.message
    assert "cpu" not in presenter.state.message, "it runs there already"
    presenter.propagate()
    presenter.wait()
    assert presenter.state.message == ""
    assert session_of(presenter) is not session
