"""Where marks are in the world, and what is drawn over a slice view."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.scene.interaction import MarkTool
from S2VNetSlicerLib.scene.volumes import array_to_matrix, matrix_to_array
from scipy.spatial.transform import Rotation

SIZE = (300, 200)
CENTRE = (150, 100)
PRESS, RELEASE = "LeftButtonPressEvent", "LeftButtonReleaseEvent"


def slicers_own(room, mouse, at):
    """RAS of the cursor as Slicer itself computes it."""
    crosshair = room.application.scene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
    mouse("LeaveEvent")  # else the same pixel keeps its place, though the view has turned
    mouse("MouseMoveEvent", at)
    position = [0.0] * 3
    assert crosshair.GetCursorPositionRAS(position)
    return position


def turn(view, rotation, origin):
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, origin
    view.get_view_node().GetSliceToRAS().DeepCopy(array_to_matrix(matrix))
    view.get_view_node().UpdateMatrices()


@pytest.mark.parametrize(("orientation", "axis"), [("Axial", 2), ("Sagittal", 0), ("Coronal", 1)])
def test_a_click_is_where_slicer_says(room, view, mouse, tool, strokes, orientation, axis):
    view.set_orientation(orientation)
    view.fit_view_to_content()
    at = (131, 77)
    expected = slicers_own(room, mouse, at)
    mouse.drag([at])
    (points, normal, negative, erase), *others = strokes
    assert not others
    np.testing.assert_allclose(points, [expected], atol=1e-9)
    np.testing.assert_allclose(np.abs(normal), np.eye(3)[axis], atol=1e-12)
    assert (negative, erase) == (False, False)


def test_a_click_on_a_voxel_marks_this_voxel(room, view, mouse, tool, strokes):
    matrix = array_to_matrix(np.eye(4))
    room.volume.GetIJKToRASMatrix(matrix)
    to_ras = matrix_to_array(matrix)
    view.set_slice_value((to_ras @ [0, 0, 7, 1])[2])
    to_xy = np.linalg.inv(matrix_to_array(view.get_view_node().GetXYToRAS()))
    for ijk in [(3, 4, 7), (30, 20, 7), (39, 0, 7)]:
        x, y, z, _ = to_xy @ to_ras @ [*ijk, 1]
        assert abs(z) < 1e-6
        mouse.drag([(round(x), round(y))])
        found = np.linalg.inv(to_ras) @ [*strokes[-1][0][0], 1]
        assert tuple(np.rint(found[:3]).astype(int)) == ijk


@settings(max_examples=25, deadline=None)
@given(  # whole numbers: a slice node takes no notice of turns below 1e-5
    angles=st.tuples(*[st.integers(-180, 180)] * 3),
    origin=st.tuples(*[st.integers(-50, 50)] * 3),
    path=st.lists(st.tuples(st.integers(0, 299), st.integers(0, 199)), min_size=1, max_size=5),
)
def test_strokes_lie_in_the_plane_of_any_view(room, mouse_in, angles, origin, path):
    view, strokes = room.views[0], []
    mouse = mouse_in(view.interactor())
    rotation = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    turn(view, rotation, origin)
    expected = [slicers_own(room, mouse, at) for at in path]
    tool = MarkTool(lambda *stroke: strokes.append(stroke))
    tool.attach(view.interactor(), view.get_view_node())
    tool.enabled = True
    try:
        mouse.drag(path)
    finally:
        tool.detach_all()
    ((points, normal, *_),) = strokes
    np.testing.assert_allclose(normal, rotation[:, 2], atol=1e-9)
    np.testing.assert_allclose((points - origin) @ normal, 0, atol=1e-6)
    moved = [n for n in range(len(path)) if n == 0 or path[n] != path[n - 1]]
    np.testing.assert_allclose(points, np.array(expected)[moved], atol=1e-6)


def test_twice_the_pixels_are_the_same_place(view, mouse, tool, strokes):
    """A display with a device pixel ratio of 2: events and slice node count device pixels."""
    mouse.drag([(100, 60)])
    node = view.get_view_node()
    field = node.GetFieldOfView()
    try:
        view.update_size(600, 400)
        view.interactor().InvokeEvent("WindowResizeEvent")
        node.SetFieldOfView(*field)
        mouse.drag([(200, 120)])
        assert node.GetDimensions() == (600, 400, 1)
    finally:
        view.update_size(*SIZE)
        view.interactor().InvokeEvent("WindowResizeEvent")
    np.testing.assert_allclose(strokes[0][0], strokes[1][0], atol=1e-6)


def test_plain_windows_with_several_renderers(mouse_in):
    """No view but VTK's: an interactor and a slice node; the slice is the right half."""
    from slicer import vtkMRMLSliceNode
    from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow
    from vtkmodules.vtkRenderingUI import vtkGenericRenderWindowInteractor

    window, interactor = vtkRenderWindow(), vtkGenericRenderWindowInteractor()
    window.SetOffScreenRendering(True)
    window.SetSize(200, 100)
    for left in (0.5, 0):
        renderer = vtkRenderer()
        renderer.SetViewport(left, 0, left + 0.5, 1)
        window.AddRenderer(renderer)
    window.SetInteractor(interactor)
    interactor.SetRenderWindow(window)
    interactor.SetSize(200, 100)
    node = vtkMRMLSliceNode()
    node.SetDimensions(100, 100, 1)
    node.SetFieldOfView(50, 50, 1)
    strokes = []
    tool = MarkTool(lambda *stroke: strokes.append(stroke))
    tool.attach(interactor, node)
    tool.enabled = True
    mouse_in(interactor).drag([(100 + 30, 80)])
    tool.detach_all()
    expected = matrix_to_array(node.GetXYToRAS()) @ [30, 80, 0, 1]
    np.testing.assert_allclose(strokes[0][0], [expected[:3]])


def picture(view):
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkRenderingCore import vtkWindowToImageFilter

    grab = vtkWindowToImageFilter()
    grab.SetInput(view.render_window())
    grab.ReadFrontBufferOff()
    grab.Update()
    image = grab.GetOutput()
    columns, rows, _ = image.GetDimensions()
    scalars = vtk_to_numpy(image.GetPointData().GetScalars())
    return scalars.reshape(rows, columns, -1)[..., :3].astype(int)


def changed(view, before):
    """Pixels (x, y) drawn over, and their colours."""
    now = picture(view)
    where = (now != before).any(-1)
    return np.argwhere(where)[:, ::-1], now[where]


def test_the_brush_is_a_circle_of_its_radius(view, mouse, tool):
    for zoom in (1, 2):
        view.zoom(1 - 1 / zoom)
        mouse("LeaveEvent")
        view.render()
        before = picture(view)
        mouse("MouseMoveEvent", CENTRE)
        pixels, colours = changed(view, before)
        matrix = matrix_to_array(view.get_view_node().GetXYToRAS())
        distances = np.linalg.norm((pixels - CENTRE) @ matrix[:3, :2].T, axis=1)
        step = np.linalg.norm(matrix[:3, 0])
        assert len(pixels) > 50
        assert np.abs(distances - tool.radius).max() < 2.5 * step
        assert np.abs(colours - np.array(tool.colour) * 255).max() <= 1


def test_the_stroke_is_seen_while_it_is_drawn_and_gone_after(view, mouse, tool):
    before = picture(view)
    mouse("MouseMoveEvent", (100, 100))
    mouse(PRESS)
    for x in range(110, 201, 10):
        mouse("MouseMoveEvent", (x, 100))
    assert [120, 100] in changed(view, before)[0].tolist()
    mouse(RELEASE)
    drawn = changed(view, before)[0].tolist()
    assert drawn
    assert [120, 100] not in drawn, "only the brush is left"
    mouse("LeaveEvent")
    assert not len(changed(view, before)[0])


def test_nothing_is_left_behind(view, mouse, strokes):
    renderer = view.renderer()
    before, props = picture(view), renderer.GetViewProps().GetNumberOfItems()
    tool = MarkTool(lambda *stroke: strokes.append(stroke))
    for _ in range(2):  # the second time replaces the first
        tool.attach(view.interactor(), view.get_view_node())
        assert renderer.GetViewProps().GetNumberOfItems() == props + 2
    tool.enabled = True
    mouse("MouseMoveEvent", CENTRE)
    mouse(PRESS)
    assert len(changed(view, before)[0])
    tool.detach_all()
    assert not len(changed(view, before)[0])
    assert renderer.GetViewProps().GetNumberOfItems() == props
    mouse(RELEASE)
    mouse.drag([CENTRE, (170, 100)])
    assert not strokes
    assert not len(changed(view, before)[0])


def test_each_view_has_its_own_normal_and_only_one_the_brush(views, mouse_in, tool, strokes):
    clean = [picture(view) for view in views]
    for view in views:
        mouse_in(view.interactor()).drag([CENTRE])
    assert not len(changed(views[0], clean[0])[0])
    assert len(changed(views[1], clean[1])[0])
    np.testing.assert_allclose(np.abs([stroke[1] for stroke in strokes]), [[0, 0, 1], [0, 1, 0]])
    tool.enabled = False
    assert not len(changed(views[1], clean[1])[0])
