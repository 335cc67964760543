"""What the worker holds: a copy of the voxels, networks and an engine that others use as well."""

from __future__ import annotations

import numpy as np
from S2VNetSlicerLib.workflow import networks
from S2VNetSlicerLib.workflow.engine import Engine


def test_the_worker_has_a_copy_of_the_voxels(presenter, node, begin):
    import slicer.util

    begin(presenter)
    image = presenter._source.image
    assert not np.shares_memory(image, slicer.util.arrayFromVolume(node))
    node.GetImageData().AllocateScalars(4, 1)  # the node's own memory is gone now
    assert image.any()


def test_two_presenters_share_their_networks(make_presenter, node, begin):
    found = []
    for _ in range(2):
        presenter = make_presenter()
        assert presenter.choose_volume(node.GetID())
        assert presenter.choose_segmentation(None)
        begin(presenter)
        found.append(presenter._engine._session.model)
    assert found[0] is found[1]


def test_weights_that_were_replaced_are_read_anew(weights, make_network):
    from S2VNetSlicerLib.network.weights import save_model

    first, card = networks.load(weights)
    assert networks.load(weights)[0] is first
    assert set(card["digests"]) >= {"model"}
    save_model(weights, make_network(seed=3), {"name": "another"})
    second, card = networks.load(weights)
    assert second is not first
    assert card["name"] == "another"


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
