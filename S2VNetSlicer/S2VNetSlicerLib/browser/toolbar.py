"""The toolbar over the views: what the mouse draws, how wide, and what it then does."""

from __future__ import annotations

from typing import Any

from .language import LANGUAGES, _
from .widgets import SHORTCUTS, Widgets, named

KINDS = (
    ("structure", "mdi-draw", _("Mark the class")),
    ("background", "mdi-minus-circle-outline", _("Mark the background")),
    ("erase", "mdi-eraser", _("Erase marks")),
)
"""Value, icon, what it does."""


def draw_toolbar(widgets: Widgets, actions: Any) -> None:
    """Add the tools to the app bar."""
    html, v = widgets.html, widgets.v
    on, off, switch = _("Marking"), _("Mark"), _("Switch the mark tool on or off")
    with html.Div(classes="bar", role="toolbar", raw_attrs=named(_("Tools"))):
        v.VBtn(
            f"{{{{ marking ? {on} : {off} }}}}",
            id="mark",
            prepend_icon="mdi-draw",
            size="small",
            color=("marking ? 'primary' : undefined",),
            variant=("marking ? 'flat' : 'tonal'",),
            disabled=("!can_mark",),
            click="marking = !marking",
            title=(f"{switch} + ' ({SHORTCUTS['mark']})'",),
            raw_attrs=[':aria-pressed="marking"'],
        )
        with v.VBtnToggle(
            v_model=("kind",), mandatory=True, density="compact", style="height: 30px"
        ):
            for kind, icon, label in KINDS:
                v.VBtn(
                    value=kind,
                    icon=icon,
                    size="small",
                    id=f"kind-{kind}",
                    title=(label,),
                    raw_attrs=[*named(label), f""":aria-pressed="kind === '{kind}'" """],
                )
        html.Div(classes="line")
        widgets.text(_("Radius"), classes="note")
        v.VSlider(
            v_model=("radius",),
            min=0.5,
            max=20,
            step=0.5,
            hide_details=True,
            density="compact",
            style="width: 90px; flex: none",
            raw_attrs=named(_("Radius")),
        )
        html.Span("{{ Number(radius).toFixed(1) }} mm", classes="note", style="width: 52px")
        html.Div(classes="line")
        widgets.icon("mdi-undo", _("Undo"), actions.undo, "can_undo", id="undo")
        widgets.icon("mdi-redo", _("Redo"), actions.redo, "can_redo", id="redo")
        widgets.switch("live", _("Live"), _("Carry every mark through the volume at once"))
        html.Div(classes="gap")
        widgets.icon(
            "mdi-theme-light-dark",
            _("Dark or light"),
            "theme = theme === 'dark' ? 'light' : 'dark'",
            id="theme",
        )
        names = " : ".join(f"language === '{code}' ? '{code.upper()}'" for code in LANGUAGES)
        v.VBtn(
            f"{{{{ {names} : '' }}}}",
            click=actions.switch_language,
            id="language",
            size="small",
            variant="text",
            title=("'Sprache / Language'",),
            raw_attrs=named("'Sprache / Language'"),
        )
