"""The toolbar over the views: what the mouse draws, how wide, and what it then does."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..scene.interaction import RADII
from ..workflow.outlines import HOLES, LARGEST, SMOOTH
from .language import LANGUAGES, _
from .tools import BY_HAND, TOOLS
from .widgets import SHORTCUTS, Widgets, named

KINDS = (
    ("structure", "mdi-plus-circle-outline", _("Mark the class")),
    ("background", "mdi-minus-circle-outline", _("Mark the background")),
    ("erase", "mdi-close-circle-outline", _("Erase marks")),
)
"""Value, icon, what it does."""
TIDYING = (
    (LARGEST, _("Keep the largest piece")),
    (HOLES, _("Fill holes")),
    (SMOOTH, _("Smooth")),
)


def draw_toolbar(widgets: Widgets, actions: Any) -> None:
    """Add the tools to the app bar."""
    html, v = widgets.html, widgets.v
    on, off, switch = _("Marking"), _("Mark"), _("Switch the mark tool on or off")
    with html.Div(classes="bar", raw_attrs=named(_("Tools"), "toolbar")):
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
        tools = [
            (name, icon, f"{text} + ' ({key.upper()})'") for name, _shape, icon, key, text in TOOLS
        ]
        _draw_choice(widgets, "tool", tools)
        _draw_choice(widgets, "kind", KINDS, f"{list(BY_HAND)}.includes(tool)")
        _draw_tidy(widgets, actions)
        html.Div(classes="line")
        _draw_radius(widgets)
        html.Div(classes="line")
        widgets.icon("mdi-undo", _("Undo"), actions.undo, "can_undo", id="undo")
        widgets.icon("mdi-redo", _("Redo"), actions.redo, "can_redo", id="redo")
        widgets.switch("live", _("Live"), _("Carry every mark through the volume at once"))
        html.Div(classes="gap")
        widgets.icon("mdi-keyboard-outline", _("Keys (?)"), actions.switch_help, id="help")
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


def _draw_choice(
    widgets: Widgets, name: str, values: Iterable[tuple[str, str, str]], disabled: str = "false"
) -> None:
    """Buttons of which one is pressed: the value of the variable ``name``."""
    v = widgets.v
    with v.VBtnToggle(
        v_model=(name,),
        mandatory=True,
        density="compact",
        style="height: 30px; flex: none",
        disabled=(disabled,),
    ):
        for value, icon, label in values:
            v.VBtn(
                value=value,
                icon=icon,
                size="small",
                id=f"{name}-{value}",
                title=(label,),
                raw_attrs=[*named(label), f""":aria-pressed="{name} === '{value}'" """],
            )


def _draw_tidy(widgets: Widgets, actions: Any) -> None:
    label = _("Tidy the selected class")
    widgets.menu(
        "tidy",
        "",
        [(how, text, (actions.tidy, f"['{how}']"), "true") for how, text in TIDYING],
        icon="mdi-auto-fix",
        density="comfortable",
        variant="text",
        disabled=("!idle || !classes.some(r => r.id === selected)",),
        title=(label,),
        raw_attrs=named(label),
    )


def _draw_radius(widgets: Widgets) -> None:
    """A slider that goes as far as the wheel does, in equal ratios."""
    html, v = widgets.html, widgets.v
    widgets.text(_("Radius"), classes="note")
    with html.Div(id="radius", style="width: 80px; flex: none"):
        v.VSlider(
            model_value=("Math.log2(radius)",),
            update_modelValue="radius = Math.round(20 * 2 ** $event) / 20",
            min=round(math.log2(RADII[0]), 2),
            max=round(math.log2(RADII[1]), 2),
            step=0.05,
            hide_details=True,
            density="compact",
            raw_attrs=named(_("Radius")),
        )
    shown = "Number(radius).toFixed(1).replace('.', language === 'de' ? ',' : '.')"
    html.Span(f"{{{{ {shown} }}}} mm", classes="note", style="width: 56px")
