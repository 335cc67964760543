"""Nothing that can be done before, or left for later, stands between a mark and its slice."""

from __future__ import annotations

import numpy as np
import pytest
from driving import begin, drag, serving, until
from S2VNetSlicerLib.propagation.feature_cache import BATCH
from S2VNetSlicerLib.propagation.initial_segmentation import InitialMasks

STROKE = (0.45, 0.6), (0.5, 0.65)


@pytest.fixture
def features(session_of):
    return lambda presenter: session_of(presenter).volume.features


def marking(application, live=True, erase=False):
    application.tool.enabled, application.tool.erase = True, erase
    application.presenter.runs.configure(live=live)


def press(view, x, y):
    interactor = view.interactor()
    width, height = view.render_window().GetSize()
    interactor.SetEventInformation(int(x * width), int(y * height), 0, 0)
    interactor.InvokeEvent("LeftButtonPressEvent")


async def reading(application, image, slices):
    """The volume is being read; so many slices are there."""
    begin(application, image)
    presenter = application.presenter
    while presenter.state.done < slices:
        presenter.tick()
    assert not presenter.idle


def test_the_worker_is_free_when_the_stroke_ends(in_application, image, features):
    async def test(application):
        await reading(application, image, 4)
        presenter, axial = application.presenter, application.views.slices[0]
        before = features(presenter).encoded
        press(axial, *STROKE[0])
        presenter.tick()
        assert not presenter.idle, "a press that does not mark stops nothing"
        axial.interactor().InvokeEvent("LeftButtonReleaseEvent")
        marking(application, live=False)
        press(axial, *STROKE[0])
        presenter.wait()
        read = features(presenter).encoded
        assert before <= read < presenter.workspace.grid().shape[0] - BATCH
        later = []
        presenter.runs.prefetch = lambda: later.append(features(presenter).encoded)
        axial.interactor().InvokeEvent("LeftButtonReleaseEvent")
        presenter.wait()
        assert presenter.state.slice_status.any()
        assert later == [features(presenter).encoded], "the reading goes on after the mark"
        assert later[0] <= read + BATCH

    in_application(test)


@pytest.mark.parametrize("erase", [True, False])
def test_reading_goes_on_after_the_stroke(in_application, image, erase, features):
    async def test(application):
        await reading(application, image, 4)
        presenter, axial = application.presenter, application.views.slices[0]
        marking(application, live=False, erase=erase)
        for _ in range(2):
            assert not presenter.idle
            press(axial, *STROKE[0])
            for _ in range(3):
                application.tick()
            assert presenter.idle, "not while somebody draws"
            axial.interactor().InvokeEvent("LeftButtonReleaseEvent")
            presenter.wait()
            application.tick()
        while not features(presenter).there.all():
            application.tick()
            assert not presenter.idle
        assert presenter.state.anchored == (not erase)

    in_application(test)


def test_the_first_mark_makes_no_masks_of_an_empty_volume(in_application, image, monkeypatch):
    """That would take longer than the first slice."""
    calls = []
    monkeypatch.setattr(InitialMasks, "preset", lambda *a: calls.append(1))

    async def test(application):
        begin(application, image)
        presenter = application.presenter
        presenter.wait()
        for _ in range(2):
            presenter.add_class()
        marking(application)
        drag(application.views.slices[0], *STROKE)
        presenter.wait()
        assert presenter.state.slice_status.all(), presenter.state.message
        assert presenter.annotation.labels.any()

    in_application(test)
    assert calls == []


def test_marks_that_were_taken_back_are_forgotten(in_application, image, session_of):
    async def test(application):
        begin(application, image)
        presenter = application.presenter
        marking(application, live=False)
        drag(application.views.slices[0], *STROKE)
        while not (session_of(presenter) and session_of(presenter).state.marks):
            presenter.tick()
        assert not presenter.annotation.labels.any()
        presenter.undo()
        presenter.add_class()
        assert presenter.stroke(np.array([[0.0, 0.0, 9.0]]), 3.0)
        presenter.wait()
        assert list(session_of(presenter).state.marks) == list(presenter.annotation.marks) == [11]

    in_application(test)


def test_who_interrupts_the_loading_learns_what_was_loaded(in_application, image):
    async def test(application):
        begin(application, image)
        presenter = application.presenter
        presenter.tick()
        assert presenter.state.busy == "Loading"
        marking(application)
        drag(application.views.slices[0], *STROKE)
        assert presenter.runs.state.phase.name == "Propagating", "at once, not at the next tick"
        presenter.wait()
        assert presenter.annotation.labels.any()
        assert "CPU" in presenter.state.environment
        assert presenter.session.card["name"] == "small network"

    in_application(test)


def test_network_and_volume_are_read_before_the_first_mark(in_application, image, session_of):
    async def test(application):
        async with await serving(application):
            presenter = application.presenter
            await until(lambda: presenter.idle and presenter.session.client.worker.link is not None)
            models = presenter.session.client.worker.link.server.engine._models
            assert presenter.state.idle
            (loaded,) = models.values()
            begin(application, image)
            assert presenter.state.idle
            assert not presenter.idle
            await until(lambda: presenter.idle)
            assert list(models.values()) == [loaded]
            session = session_of(presenter)
            assert session.volume.features.there.all()
            marking(application)
            drag(application.views.slices[0], *STROKE)
            await until(lambda: presenter.idle)
            assert session_of(presenter) is session
            assert presenter.annotation.labels.any()

    in_application(test)


def test_no_view_is_drawn_while_it_is_made(in_application, monkeypatch):
    from trame_slicer.views.abstract_view import AbstractView

    drawn = []
    render = AbstractView.render
    monkeypatch.setattr(AbstractView, "render", lambda self: drawn.append(self) or render(self))

    async def test(application):
        # Other tests' applications may still be there, and draw.
        assert not any(view in application.views.all for view in drawn)
        for view in application.views.all:
            view.render()
        assert drawn[-4:] == list(application.views.all)

    in_application(test)
