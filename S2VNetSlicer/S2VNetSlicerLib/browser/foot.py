"""The foot below the views: runs and their progress, the strip, accepting slices."""

from __future__ import annotations

from typing import Any

from .language import _
from .strip import draw_strip
from .widgets import Widgets, named, role_of

HEIGHT = 74
"""Pixels; told, so that the views keep their size while the page is laid out anew."""
_UP, _DOWN = _("Up"), _("Down")
SPANS = (
    ("whole", _("Whole volume"), _("Carry the marks through the whole volume")),
    ("up", f"up_text || {_UP}", _("Only towards this side of the shown slice")),
    ("down", f"down_text || {_DOWN}", _("Only towards this side of the shown slice")),
    ("between", _("Between"), _("Only between the marked slices around the shown one")),
)
"""How far a run goes, what its button says, and in more words."""


def draw_foot(widgets: Widgets, actions: Any) -> None:
    """Add both rows: the runs with what is known of the slice, the strip with its buttons."""
    html, v, go = widgets.html, widgets.v, _("Go to slice")
    here = f"hover === null ? slice_text : {go} + ' ' + (hover + 1)"
    told = f"progress_text || working || [{here}, audit_text].filter(text => text).join(' \u00b7 ')"
    with html.Div(classes="foot"):
        with html.Div(id="group-propagate", raw_attrs=named(_("Propagate"), "group")):
            for span, text, title in SPANS:
                run = (actions.propagate, f"['{span}']")
                options = {"id": f"span-{span}", "title": title}
                widgets.button(text, run, "can_propagate", **options)
            across = _("After each run planes across the slices settle what is not accepted")
            widgets.switch("across", _("Check other planes"), across)
            with html.Div(classes="progress"):
                html.Div(
                    f"{{{{ {told} }}}}", classes="note told", title=(told,),
                    raw_attrs=[role_of("status")],
                )  # fmt: skip
                v.VProgressLinear(
                    v_show="progress_text",
                    model_value=("progress",),
                    raw_attrs=named("progress_text"),
                    height=5,
                    color="primary",
                    rounded=True,
                )
            widgets.button(_("Cancel"), actions.cancel, "!idle", id="cancel")
        with html.Div(id="group-review"):
            draw_strip(html, actions.go_to)
            widgets.button(_("Worst slice"), actions.go_to_worst, "worst !== null", id="worst")
            widgets.button(_("Accept slice"), actions.accept, "can_accept", id="accept")
