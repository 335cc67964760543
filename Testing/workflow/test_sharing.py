"""What the worker holds: a copy of the voxels, and an engine that others use as well."""

from __future__ import annotations

import numpy as np
from S2VNetSlicerLib.workflow.engine import Engine


def test_the_worker_has_a_copy_of_the_voxels(presenter, node, begin):
    import slicer.util

    begin(presenter)
    image = presenter._source.image
    assert not np.shares_memory(image, slicer.util.arrayFromVolume(node))
    node.GetImageData().AllocateScalars(4, 1)  # the node's own memory is gone now
    assert image.any()


def test_presenters_after_one_another_share_an_engine_and_what_it_encoded(build, weights, node):
    engine, sessions = Engine(), []
    for _ in range(2):
        presenter = build(weights=weights, synchronous=True, engine=engine)
        assert presenter.choose_volume(node.GetID())
        presenter.read_ahead()
        presenter.wait()
        sessions.append((engine._session, engine._session.features.encoded))
        presenter.close()
    assert sessions[0] == sessions[1], "encoded once"


def test_a_session_that_failed_is_not_used_again(presenter, begin, monkeypatch):
    begin(presenter)
    session = presenter._engine._session

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
    assert presenter._engine._session is not session
