"""The bar over the views: window, layout, display."""

from __future__ import annotations

from ..scene.windows import AUTO, FILE
from .language import _
from .layouts import FLAT, FOUR, LARGE, ROW
from .measuring import Measuring, draw_measuring
from .viewing import Viewing
from .widgets import Widgets, named

STYLE = """
.view-area { display: flex; flex-direction: column; height: 100% }
.view-bar { display: flex; align-items: center; gap: 4px; height: 32px; padding: 0 8px; flex: none;
  border-bottom: 1px solid var(--line); overflow: hidden; white-space: nowrap }
.view-bar .line { width: 1px; height: 24px; background: var(--line); flex: none; margin: 0 4px }
.view-grid { position: relative; flex: 1; min-height: 0 }
"""
WINDOWS = (
    (AUTO, "0", _("Automatic window")),
    ("soft", "1", _("Soft tissue")),
    ("lung", "2", _("Lung")),
    ("liver", "3", _("Liver")),
    ("bone", "4", _("Bone")),
    ("brain", "5", _("Brain")),
    (FILE, "6", _("As in the file")),
)
"""Name, key, text."""
LAYOUTS = (
    (FOUR, "mdi-view-grid", _("Four views")),
    (LARGE, "mdi-view-split-vertical", _("One large view")),
    (ROW, "mdi-view-week", _("Three slices in a row")),
    (FLAT, "mdi-view-dashboard", _("Three slices, no 3D")),
)
SWITCHES = (
    ("outline", "mdi-vector-square", _("Outlines only (O)")),
    ("interpolate", "mdi-blur", _("Smooth pixels (I)")),
    ("crosshair", "mdi-crosshairs", _("Crosshair (J); Shift and a move of the mouse place it")),
    ("surfaces", "mdi-cube-outline", _("Surfaces in the 3D view")),
    ("show_about", "mdi-information-outline", _("Names and window in the corners")),
)


def draw_view_bar(widgets: Widgets, viewing: Viewing, measuring: Measuring) -> None:
    """Add the bar to the page."""
    html, v = widgets.html, widgets.v
    with html.Div(classes="view-bar", id="view-bar", raw_attrs=named(_("View"), "toolbar")):
        _draw_windows(widgets, viewing)
        html.Div(classes="line")
        for name, icon, text in LAYOUTS:
            choose = (viewing.choose_layout, f"['{name}']")
            on = f"layout === '{name}' && !alone"
            widgets.icon(icon, text, choose, pressed=on, id=f"layout-{name}")
        html.Div(classes="line")
        widgets.text(_("Opacity"), classes="note")
        told = _("Opacity of the segmentation in the slices; hold H to hide it")
        v.VSlider(
            v_model=("opacity",),
            min=0,
            max=100,
            step=5,
            hide_details=True,
            density="compact",
            id="opacity",
            title=(told,),
            style="width: 90px; flex: none",
            raw_attrs=named(_("Opacity")),
        )
        for name, icon, text in SWITCHES:
            id = name.replace("_", "-")
            widgets.icon(icon, text, f"{name} = !{name}", pressed=name, id=id)
        html.Div(classes="line")
        draw_measuring(widgets, measuring)


def _draw_windows(widgets: Widgets, viewing: Viewing) -> None:
    named_now = " ".join(f"window_name === '{n}' ? {text} :" for n, _key, text in WINDOWS[1:])
    other = _("Window")
    told = _(
        "A drag with the left button in a slice changes window and level, with Alt also while "
        "marks are drawn"
    )
    entries = (
        (name, f"{text} + ' ({key})'", (viewing.choose_window, f"['{name}']"), _listed(name))
        for name, key, text in WINDOWS
    )
    widgets.menu(
        "window",
        f"{{{{ {named_now} {other} }}}}",
        entries,
        variant="tonal",
        prepend_icon="mdi-contrast-circle",
        append_icon="mdi-menu-down",
        disabled=("!windows.length",),
        title=(told,),
    )


def _listed(window: str) -> str:
    return f"windows.includes('{window}')"
