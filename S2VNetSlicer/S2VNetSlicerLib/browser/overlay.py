"""What is written and can be pressed over each view: name, slice, letters of the edges, value."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .language import _
from .widgets import Widgets, named

NAMES = {"Red": _("Axial"), "Green": _("Coronal"), "Yellow": _("Sagittal"), "ThreeD": _("3D")}
"""The views by their tags."""
STYLE = """
.layout-grid-item { position: relative; min-width: 0; min-height: 0; background: black }
.layout-grid-container > div { min-width: 0; min-height: 0 }
.over { container-type: size; position: absolute; inset: 0; pointer-events: none;
  user-select: none; overflow: hidden; color: #f2f2f2; font-size: 12px; line-height: 1.4;
  text-shadow: 0 0 1px black, 0 0 2px black, 0 0 3px black, 0 0 4px black }
.over .at { position: absolute; max-width: 60% }
.over .head { top: 2px; left: 2px; display: flex; align-items: center; gap: 4px;
  pointer-events: auto; white-space: nowrap }
.over .about { top: 5px; right: 8px; max-width: 48%; text-align: right; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap }
.over .about div { overflow: hidden; text-overflow: ellipsis }
.over .told { left: 8px; bottom: 20px; white-space: pre }
.over .window { right: 8px; bottom: 20px; text-align: right; white-space: nowrap }
.over .scale { bottom: 22px; left: 50%; transform: translateX(-50%); height: 5px; max-width: none;
  border: 1px solid #f2f2f2; border-top: 0; box-shadow: 0 0 2px black, inset 0 0 2px black }
.over .scale span { position: absolute; left: calc(100% + 6px); bottom: -5px; white-space: nowrap }
.over .edge { font-size: 14px; font-weight: 600 }
.over .left { left: 6px; top: calc(50% - 18px) }
.over .right { right: 6px; top: calc(50% - 18px) }
.over .top { top: 4px; left: 50%; transform: translateX(-50%) }
.over .bottom { bottom: 30px; left: 50%; transform: translateX(-50%) }
.over .v-btn { color: inherit }
@container (max-width: 380px) { .over .about { display: none }
  .over .told, .over .window { bottom: 34px } }
.scroll { position: absolute; left: 0; right: 0; bottom: 0; height: 18px; padding: 0 10px;
  background: rgb(var(--v-theme-surface)); display: flex; align-items: center }
.layout-grid-item:has(.scroll) .remote-controlled-area { height: calc(100% - 18px) !important }
"""
EDGES = ("left", "right", "top", "bottom")


class Overlay:
    """Draws what lies over the views of ``server``; ``switch_alone(tag)`` and ``fit(view)`` are
    called by buttons.

    The page's variables: ``seen`` {tag: {slice, left, right, top, bottom, scale}}, ``about``
    [lines], ``probe`` {view, text}, ``window_text``, ``show_about`` and ``alone``.
    """

    def __init__(self, switch_alone: Callable[[str], object], fit: Callable[[Any], object]) -> None:
        self._switch_alone, self._fit = switch_alone, fit

    def slice_view(self, server: Any, view_id: str, view: Any) -> None:
        """Over a slice view, with a slider below it."""
        from trame.widgets import html
        from trame_slicer.app.logic import connect_slice_view_slider_to_state
        from trame_slicer.app.ui.slider import Slider

        tag = view.get_singleton_tag()
        here = f"seen['{tag}']"
        with html.Div(classes="over", v_if=here, raw_attrs=[f'data-view="{tag}"']):
            for edge in EDGES:
                html.Span(f"{{{{ {here}.{edge} }}}}", classes=f"at edge {edge}")
            self._head(tag, view, f"{{{{ {here}.slice }}}}")
            with html.Div(classes="at about", v_if="show_about"):
                html.Div("{{ line }}", v_for="line in about", key="line")
            width = f"{{width: 100 * {here}.scale.share + '%'}}"
            with html.Div(classes="at scale", style=(width,)):
                html.Span(f"{{{{ {here}.scale.text }}}}")
            html.Div(f"{{{{ probe.view === '{tag}' ? probe.text : '' }}}}", classes="at told")
            html.Div("{{ window_text }}", classes="at window", v_if="show_about")
        with html.Div(classes="scroll"):
            Slider(
                typed_state=connect_slice_view_slider_to_state(server, view),
                density="compact",
                raw_attrs=named(NAMES[tag]),
            )

    def threed_view(self, server: Any, view_id: str, view: Any) -> None:
        """Over the 3D view."""
        from trame.widgets import html

        tag = view.get_singleton_tag()
        with html.Div(classes="over", raw_attrs=[f'data-view="{tag}"']):
            self._head(tag, view, "")

    def _head(self, tag: str, view: Any, slices: str) -> None:
        widgets, alone = Widgets(), f"alone === '{tag}'"
        more, less = _("Show this view alone (double click)"), _("Show all views")
        small = {"size": "x-small"}
        with widgets.html.Div(classes="at head"):
            widgets.icon(
                (f"{alone} ? 'mdi-fullscreen-exit' : 'mdi-fullscreen'",),
                f"({alone} ? {less} : {more})",
                (self._switch_alone, f"['{tag}']"),
                id=f"alone-{tag}",
                **small,
            )
            fit = "mdi-fit-to-page-outline", _("Fit into the view"), partial(self._fit, view)
            widgets.icon(*fit, id=f"fit-{tag}", **small)
            widgets.text(NAMES[tag], classes="name")
            if slices:
                widgets.html.Span(slices, classes="slice")
