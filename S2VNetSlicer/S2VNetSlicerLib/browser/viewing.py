"""How images are shown on the page: window, layout, what lies under the cursor, display."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..scene.interaction import PRIORITY
from ..scene.marks import MARKS, ROLE
from ..scene.probe import edge_letters, position_text, scale, value_text, voxel_at
from ..scene.volumes import SEGMENTATION, matrix_to_array, nodes_of, world_geometry
from ..scene.windows import (
    AUTO,
    FILE,
    PRESETS,
    automatic,
    preset,
    set_window_level,
    stated_window,
    window_level,
)
from ..workflow.presenter import Presenter
from ..workflow.strokes import nearest_axis
from .language import decimal_point, tell
from .layouts import FOUR, Layouts
from .views import Views, fit, scroll

FEW, MANY = 1, 10
"""Slices that an arrow key and a page key go."""
KEYS = {
    "arrowup": f"scroll:{FEW}",
    "arrowright": f"scroll:{FEW}",
    "arrowdown": f"scroll:{-FEW}",
    "arrowleft": f"scroll:{-FEW}",
    "pageup": f"scroll:{MANY}",
    "pagedown": f"scroll:{-MANY}",
    **{str(n): f"window:{each.name}" for n, each in enumerate(PRESETS, 1)},
    "0": f"window:{AUTO}",
    "6": f"window:{FILE}",
    "j": "crosshair",
    "o": "outline",
    "i": "interpolate",
}
"""Keys of the page that only change what is seen, as browsers call them."""
HOLD = "h"
"""The key that hides all segmentations while it is down."""


class Viewing:
    """What the user sees of the presenter's volume and how; the page's variables are in
    :meth:`values`. Call :meth:`show` when another volume is shown."""

    def __init__(self, presenter: Presenter, views: Views, layouts: Layouts, server: Any) -> None:
        self._presenter, self._views, self._layouts = presenter, views, layouts
        self._page = server.state
        self._node: Any = None
        self._observed: tuple[Any, int] | None = None
        self._hidden, self._count = False, 0
        self._last = views.slices[0]
        """The slice view that keys scroll: where the mouse was last."""
        self._fitted: dict[str, tuple[tuple[int, int], float]] = {}
        """By view that was made to fit: its size in pixels and its width in mm then."""
        self._under = [0.0, 0.0]
        """Where in it, in pixels."""
        self._actions: dict[str, Callable[[str], object]] = {
            "scroll": lambda steps: self.scroll(int(steps)),
            "window": self.choose_window,
            "crosshair": lambda _: self._switch("crosshair"),
            "outline": lambda _: self._switch("outline"),
            "interpolate": lambda _: self._switch("interpolate"),
        }
        self._page.update(self.values())
        self._page.change("opacity", "outline", "interpolate")(self._display_changed)
        self._page.change("crosshair")(self._crosshair_changed)
        scene = presenter.workspace.scene
        self._crosshair = scene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
        event = self._crosshair.CursorPositionModifiedEvent
        self._crosshair.AddObserver(event, lambda *_: self._cursor_moved())
        for view in views.slices:
            view.modified.connect(self._view_moved)
            view.interactor().AddObserver("MouseMoveEvent", partial(self._link, view), PRIORITY)

    def values(self) -> dict[str, Any]:
        """The page's variables at the beginning."""
        return {
            "layout": FOUR,
            "alone": "",
            "seen": {},
            "about": [],
            "show_about": True,
            "probe": {"view": "", "text": ""},
            "window_text": "",
            "window_name": "",
            "windows": [],
            "opacity": 50,
            "outline": False,
            "interpolate": True,
            "crosshair": False,
        }

    # ---- what is shown -------------------------------------------------------------------------

    def show(self, node: Any, about: list[str]) -> None:
        """Another volume is shown, with ``about`` it in the corners; a CT that was never seen
        before with the window that its file states, or the usual one."""
        self._node = node
        if self._observed is not None:
            self._observed[0].RemoveObserver(self._observed[1])
        set_window = node.GetDisplayNode() is None or node.GetDisplayNode().GetAutoWindowLevel()
        if set_window:
            usual = PRESETS[0].name if self._modality == "CT" else AUTO
            self.choose_window(usual if stated_window(node) is None else FILE)
        display = node.GetDisplayNode()
        tag = display.AddObserver("ModifiedEvent", lambda *_: self._window_changed())
        self._observed = display, tag
        self._set_up_nodes()
        windows = [AUTO, *(p.name for p in PRESETS if self._modality == "CT")]
        windows += [FILE] if stated_window(node) is not None else []
        self._page.update({"windows": windows, "about": about})
        self._window_changed()
        self._display_changed()
        for view in self._views.slices:
            self._note_fit(view)
            self._view_moved(view)

    def clear(self) -> None:
        """No volume is shown any more."""
        if self._observed is not None:
            self._observed[0].RemoveObserver(self._observed[1])
        self._node = self._observed = None
        self._page.update({"windows": [], "about": [], "seen": {}, "window_text": ""})

    def follow(self) -> None:
        """Segmentations that came meanwhile are displayed as the others."""
        count = self._presenter.workspace.scene.GetNumberOfNodesByClass(SEGMENTATION)
        if count != self._count:
            self._count = count
            self._display_changed()

    @property
    def _modality(self) -> str:
        return str(self._presenter.state.modality or "")

    def _set_up_nodes(self) -> None:
        """What a cleared scene forgets: the tool of the left button."""
        self.use_window_tool()

    def use_window_tool(self) -> None:
        """The left button changes the window wherever no mark is drawn."""
        node = self._presenter.workspace.scene.GetFirstNodeByClass("vtkMRMLInteractionNode")
        if node is not None:
            node.SetCurrentInteractionMode(node.AdjustWindowLevel)

    # ---- window --------------------------------------------------------------------------------

    def choose_window(self, name: str) -> None:
        """Show the volume with a preset, "auto" or, as its file states it, "file"."""
        node, found = self._node, preset(name)
        if node is None or node.GetScene() is None:
            return
        if found is not None:
            set_window_level(node, found.window, found.level)
        elif name == FILE and (stated := stated_window(node)) is not None:
            set_window_level(node, *stated)
        elif name == AUTO:
            import slicer.util

            set_window_level(node, *automatic(slicer.util.arrayFromVolume(node)))

    def _window_changed(self) -> None:
        window, level = window_level(self._node)
        with self._page as page:
            page.window_text = f"W {window:.0f}  L {level:.0f}"
            known = {(p.window, p.level): p.name for p in reversed(PRESETS)}
            if (stated := stated_window(self._node)) is not None:
                known.setdefault(stated, FILE)
            page.window_name = known.get((window, level), "")

    # ---- cursor and slices ---------------------------------------------------------------------

    def _cursor_moved(self) -> None:
        point, xyz = [0.0] * 3, [0.0] * 3
        here = self._crosshair.GetCursorPositionRAS(point)
        slice_node = self._crosshair.GetCursorPositionXYZ(xyz) if here else None
        view = next((v for v in self._views.slices if v.get_view_node() is slice_node), None)
        with self._page as page:
            if view is None:
                page.probe = {"view": "", "text": ""}
                return
            self._last, self._under = view, xyz[:2]
            page.probe = {"view": view.get_singleton_tag(), "text": self._told(np.array(point))}

    def _link(self, view: Any, interactor: Any, _event: str) -> None:
        """With Shift the other views go where the mouse is, while the crosshair is shown: its own
        widget gets no more events once a view was zoomed."""
        if not (self._page.crosshair and interactor.GetShiftKey()):
            return
        here = matrix_to_array(view.get_view_node().GetXYToRAS())
        point = (here @ [*interactor.GetEventPosition(), 0, 1])[:3].tolist()
        self._crosshair.SetCrosshairRAS(point)
        for other in self._views.slices:
            if other is not view:
                other.get_view_node().JumpSliceByOffsetting(*point)

    def _told(self, point: np.ndarray) -> str:
        """What is at a point (RAS, mm): the place, the value, the class."""
        volume, language = self._presenter.workspace.volume, self._page.language
        text = decimal_point(position_text(point), language)
        if volume is None:
            return text
        at = voxel_at(volume.geometry.ijk_to_ras, volume.geometry.shape, point)
        if at is None:
            return text
        value = value_text(float(volume.array[at]), volume.modality)
        told = [decimal_point(tell(value, language), language)]
        annotation = self._presenter.annotation
        number = 0 if annotation is None else int(annotation.labels[at])
        if annotation is not None and 0 < number <= len(annotation.structures):
            told.append(annotation.structures[number - 1].name)
        return f"{'  '.join(told)}\n{text}"

    def _view_moved(self, view: Any) -> None:
        tag, node = view.get_singleton_tag(), self._node
        if node is None or node.GetScene() is None:
            return
        self._keep_fit(view)
        slice_node = view.get_view_node()
        grid = world_geometry(node)
        to_ras = matrix_to_array(slice_node.GetSliceToRAS())
        axis = nearest_axis(grid, to_ras[:3, 2])
        centre = grid.ras_to_ijk(to_ras[None, :3, 3])[0][2 - axis]
        n = int(np.clip(np.floor(centre + 0.5), 0, grid.shape[axis] - 1))
        told: dict[str, Any] = {"slice": f"{n + 1} / {grid.shape[axis]}"}
        told |= edge_letters(slice_node) | {"scale": scale(slice_node.GetFieldOfView()[0])}
        if self._page.seen.get(tag) != told:
            with self._page as page:
                page.seen = {**page.seen, tag: told}
                if page.probe["view"] == tag:  # another slice came under the cursor
                    under = matrix_to_array(slice_node.GetXYToRAS()) @ [*self._under, 0, 1]
                    page.probe = {"view": tag, "text": self._told(under[:3])}

    def fit(self, view: Any) -> None:
        """Show all of a view's content."""
        fit(view)
        if view in self._views.slices:
            self._note_fit(view)

    def _note_fit(self, view: Any) -> None:
        size, width = view.render_window().GetSize(), view.get_view_node().GetFieldOfView()[0]
        self._fitted[view.get_singleton_tag()] = tuple(size), width

    def _keep_fit(self, view: Any) -> None:
        """A view that changes its size shows all again, unless the user zoomed it meanwhile."""
        fitted = self._fitted.pop(view.get_singleton_tag(), None)
        if fitted is None:
            return
        if fitted[0] != tuple(view.render_window().GetSize()):
            # Not at once: the logic of the view, which tells this, would miss the change.
            asyncio.get_running_loop().call_soon(self.fit, view)
        elif np.isclose(view.get_view_node().GetFieldOfView()[0], fitted[1]):
            self._fitted[view.get_singleton_tag()] = fitted

    def scroll(self, steps: int) -> None:
        """Move the view where the mouse was last so many slices, as the wheel does."""
        view = self._last
        if view.get_singleton_tag() not in self._views.manager.get_current_view_ids():
            shown = self._views.manager.filter_visible_views(self._views.slices)
            view = shown[0] if shown else view
        scroll(view, steps)

    # ---- layout and display --------------------------------------------------------------------

    def choose_layout(self, name: str) -> None:
        """Lay the views out anew."""
        self._layouts.choose(name)
        self._laid_out()

    def switch_alone(self, tag: str) -> None:
        """Show a view alone, or all again."""
        self._layouts.switch_alone(tag)
        self._laid_out()

    def double_click(self, tag: str) -> None:
        """A double click is a command unless it marks."""
        if not self._page.marking or tag not in [v.get_singleton_tag() for v in self._views.slices]:
            self.switch_alone(tag)

    def _laid_out(self) -> None:
        with self._page as page:
            page.layout, page.alone = self._layouts.chosen, self._layouts.alone

    def hide(self, hidden: bool) -> None:
        """Hide all segmentations in the slices, or show them again."""
        self._hidden = bool(hidden)
        self._display_changed()

    def press(self, action: str) -> bool:
        """Do what one of :data:`KEYS` says; whether it was one."""
        name, _, value = action.partition(":")
        if name not in self._actions:
            return False
        self._actions[name](value)
        return True

    def _switch(self, name: str) -> None:
        with self._page as page:
            page[name] = not page[name]

    def _crosshair_changed(self, **_: Any) -> None:
        crosshair = self._crosshair
        if self._page.crosshair:  # where the slices meet
            planes = [
                matrix_to_array(v.get_view_node().GetSliceToRAS()) for v in self._views.slices
            ]
            normals = np.array([plane[:3, 2] for plane in planes])
            offsets = [plane[:3, 2] @ plane[:3, 3] for plane in planes]
            crosshair.SetCrosshairRAS(np.linalg.solve(normals, offsets).tolist())
        shown = crosshair.ShowIntersection if self._page.crosshair else crosshair.NoCrosshair
        crosshair.SetCrosshairMode(shown)

    def _display_changed(self, **_: Any) -> None:
        from trame_slicer.segmentation import SegmentationDisplay, SegmentationOpacityEnum

        page = self._page
        fill, both = SegmentationOpacityEnum.OUTLINE, SegmentationOpacityEnum.BOTH
        for node in nodes_of(self._presenter.workspace.scene, SEGMENTATION):
            display = node.GetDisplayNode()
            if display is None:
                continue
            display.SetVisibility2D(not self._hidden)
            if node.GetAttribute(ROLE) != MARKS:
                display.SetOpacity2DFill(float(page.opacity) / 100)
                SegmentationDisplay(display).set_opacity_mode(fill if page.outline else both)
        if self._node is not None and self._node.GetDisplayNode() is not None:
            self._node.GetDisplayNode().SetInterpolate(bool(page.interpolate))
