"""Slice views that draw offscreen, and a mouse for them."""

from __future__ import annotations

import sys
from ctypes.util import find_library
from types import SimpleNamespace

import numpy as np
import pytest
from S2VNetSlicerLib.scene.application import end_in_order
from S2VNetSlicerLib.scene.interaction import MarkTool
from S2VNetSlicerLib.scene.volumes import volume_to_node
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.volume import Volume

SIZE = (300, 200)
ROOMS: list[SimpleNamespace] = []
OBSERVED = ("LeftButtonPressEvent", "LeftButtonReleaseEvent", "LeftButtonDoubleClickEvent")
OBSERVED += ("MouseMoveEvent", "KeyPressEvent")


class Mouse:
    """What a window does when the user acts."""

    def __init__(self, interactor) -> None:
        self.interactor = interactor

    def __call__(self, event, at=None, *, ctrl=False, shift=False, alt=False) -> None:
        x, y = at or self.interactor.GetEventPosition()
        self.interactor.SetEventInformation(x, y, ctrl, shift)
        self.interactor.SetAltKey(alt)
        self.interactor.InvokeEvent(event)

    def drag(self, path, button="Left", **keys) -> None:
        self("MouseMoveEvent", path[0], **keys)
        self(f"{button}ButtonPressEvent", path[0], **keys)
        for at in path[1:]:
            self("MouseMoveEvent", at, **keys)
        self(f"{button}ButtonReleaseEvent", path[-1], **keys)

    def key(self, symbol) -> None:
        self.interactor.SetKeySym(symbol)
        self.interactor.InvokeEvent("KeyPressEvent")


@pytest.fixture(scope="session")
def mouse_in():
    """Makes a mouse for an interactor."""
    return Mouse


@pytest.fixture(scope="session")
def room():
    """A volume shown in two slice views of one scene."""
    if sys.platform == "linux" and not (find_library("EGL") or find_library("OSMesa")):
        pytest.skip("install libegl1 or libosmesa6 to draw offscreen")
    from trame_slicer.core import SlicerApp
    from trame_slicer.views import DirectViewFactory, ViewLayoutDefinition, ViewProps, ViewType

    application = SlicerApp()
    end_in_order(application)
    manager = application.view_manager
    manager.register_factory(DirectViewFactory(do_render_offscreen=True))
    array = np.random.default_rng(0).integers(0, 300, (20, 30, 40)).astype(np.int16)
    affine = np.diag([1, 1.2, 2, 1])
    affine[:3, 3] = -15, 20, 5
    node = volume_to_node(
        Volume(array, Geometry(array.shape, affine), "MR", name="a"), application.scene
    )
    views = []
    for name, orientation in (("Red", "Axial"), ("Green", "Coronal")):
        view = manager.create_view(
            ViewLayoutDefinition(name, ViewType.SLICE_VIEW, ViewProps(orientation=orientation))
        )
        view.render_window().SetMultiSamples(0)
        view.update_size(*SIZE)
        view.set_background_volume_id(node.GetID())
        views.append(view)
    # VTK aborts when an application goes before the last node that a failed test still holds.
    ROOMS.append(SimpleNamespace(application=application, volume=node, views=views))
    return ROOMS[-1]


@pytest.fixture
def views(room):
    for view, orientation in zip(room.views, ("Axial", "Coronal"), strict=True):
        view.set_orientation(orientation)
        view.fit_view_to_content()
        view.render()
    return room.views


@pytest.fixture
def view(views):
    return views[0]


@pytest.fixture
def mouse(view):
    return Mouse(view.interactor())


@pytest.fixture
def strokes():
    return []


@pytest.fixture
def tool(views, strokes):
    made = MarkTool(lambda *stroke: strokes.append(stroke))
    for view in views:
        made.attach(view.interactor(), view.get_view_node())
    made.enabled = True
    yield made
    made.detach_all()


@pytest.fixture
def seen(view):
    """The events that would reach the view's own style: it listens at priority 0."""
    events: list[str] = []
    interactor = view.interactor()
    tags = [interactor.AddObserver(name, lambda _, e: events.append(e), 0.1) for name in OBSERVED]
    yield events
    for tag in tags:
        interactor.RemoveObserver(tag)
