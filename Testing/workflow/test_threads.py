"""One worker thread computes; the scene is the main thread's, and nobody waits for the worker."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from S2VNetSlicerLib.propagation.session import Session
from S2VNetSlicerLib.workflow.state import Span


@pytest.fixture
def held(make_presenter, node, begin, monkeypatch):
    """A presenter whose worker is in the middle of a slice until ``held.set()``."""
    presenter = make_presenter(synchronous=False)
    assert presenter.choose_volume(node.GetID())
    begin(presenter)
    write, reached, go_on = Session._results, threading.Event(), threading.Event()

    def slow(self, *changed):
        reached.set()
        assert go_on.wait(20)
        return write(self, *changed)

    monkeypatch.setattr(Session, "_results", slow)
    assert presenter.propagate()
    assert reached.wait(60)
    go_on.presenter = presenter
    yield go_on
    go_on.set()


def test_nobody_waits_for_a_slice(held, draw, check, tmp_path):
    """Every one of these would hang, and fail, if it waited for the worker."""
    presenter = held.presenter
    first, second = (row.id for row in presenter.state.classes)
    presenter.tick()
    assert presenter.state.busy == "Propagating"
    assert presenter.go_to(9)
    assert presenter.select_class(second)
    assert presenter.rename_class(first, "patella")
    assert presenter.lock_class(first, True)
    draw(presenter, 9, (30, 40), (33, 44))
    assert presenter.state.made[9] == 2, "the mark is there at once"
    assert presenter.save_scene(tmp_path / "work.mrb"), presenter.state.message
    assert presenter.undo()
    assert presenter.redo()
    assert presenter.propagate(Span.UP)
    assert presenter.cancel()
    held.set()
    presenter.wait()
    assert presenter.state.busy == ""
    presenter.propagate()
    presenter.wait()
    assert (presenter.state.made > 0).all()
    check(presenter)


def test_only_the_main_thread_touches_the_scene(make_presenter, node, scene, begin, draw):
    presenter = make_presenter(synchronous=False)
    assert presenter.choose_volume(node.GetID())
    begin(presenter, live=True)
    touched: dict[str, set[int]] = {}

    def note(thing, event):
        touched.setdefault(event, set()).add(threading.get_ident())

    watched = [scene, presenter.node, presenter.node.GetSegmentation(), node]
    watched += [presenter.canvas.marks_node, presenter.canvas.marks_node.GetSegmentation()]
    tags = [(thing, thing.AddObserver("AnyEvent", note)) for thing in watched]
    computing = set()
    write = Session._results

    def seen(self, *changed):
        computing.add(threading.get_ident())
        return write(self, *changed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "_results", seen)
        draw(presenter, 8, (20, 30))
        presenter.wait()
    for thing, tag in tags:
        thing.RemoveObserver(tag)
    assert np.count_nonzero(presenter.state.made) == 12
    assert touched, "slices were written"
    assert set.union(*touched.values()) == {threading.get_ident()}
    assert len(computing) == 1
    assert threading.get_ident() not in computing
