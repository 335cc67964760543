"""The foot below the views: runs and their progress, the strip, accepting slices."""

from __future__ import annotations

from typing import Any

from .language import _
from .strip import draw_strip
from .widgets import Widgets

SPANS = (
    ("whole", _("Whole")),
    ("up", _("Up")),
    ("down", _("Down")),
    ("between", _("Between")),
)


def draw_foot(widgets: Widgets, actions: Any) -> None:
    """Add both rows of the foot."""
    html, v, go = widgets.html, widgets.v, _("Go to slice")
    with html.Div(classes="foot"):
        with html.Div(id="group-propagate"):
            widgets.text(_("Propagate"), classes="note")
            for span, text in SPANS:
                run = (actions.propagate, f"['{span}']")
                widgets.button(text, run, "can_propagate", id=f"span-{span}")
            across = _("Then let planes across the slices settle them")
            widgets.switch("across", _("Across"), across)
            v.VProgressLinear(
                model_value=("progress",),
                active=("!idle || progress > 0",),
                height=6,
                color="primary",
                rounded=True,
                style="flex: 1",
            )
            html.Div("{{ progress_text || working }}", classes="note told", role="status")
            widgets.button(_("Cancel"), actions.cancel, "!idle", id="cancel")
        with html.Div(id="group-review"):
            draw_strip(html, actions.go_to)
        with html.Div():
            html.Div(
                f"{{{{ hover === null ? slice_text : {go} + ' ' + (hover + 1) }}}}",
                classes="note told",
            )
            html.Div("{{ audit_text }}", classes="note told", title=("audit_text",))
            widgets.button(_("Worst slice"), actions.go_to_worst, "worst !== null", id="worst")
            widgets.button(_("Accept slice"), actions.accept, "can_accept", id="accept")
            widgets.switch("surfaces", _("3D"), _("Surfaces in the 3D view"))
