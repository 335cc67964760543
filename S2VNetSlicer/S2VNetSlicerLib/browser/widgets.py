"""The widgets that all parts of the page are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..workflow.keyboard import KEYS as SHARED_KEYS

OTHERWISE = {"PgUp": "Shift+PageUp", "PgDown": "Shift+PageDown"}
"""Keys that are others on the page, where they scroll without Shift."""
KEYS = [replace(key, key=OTHERWISE.get(key.key, key.key)) for key in SHARED_KEYS]
SHORTCUTS = {key.action: key.key for key in KEYS}


Entry = tuple[str, str, Any, str]
"""Of a menu: name, text, what it does, when it is listed; text and condition as expressions."""


def named(label: str, role: str = "") -> list[str]:
    """The attributes with what screen readers say (an expression) and what it is."""
    return [*([role_of(role)] if role else []), f':aria-label="{label}"']


def role_of(role: str) -> str:
    """The attribute that trame's elements of HTML do not know."""
    return f'role="{role}"'


def in_words(items: str) -> str:
    """The choices of the variable ``items`` with their titles in the page's language."""
    return f"{items}.map(item => ({{...item, title: tr[item.title] || item.title}}))"


class Widgets:
    """Makes widgets within the ``with`` block of whoever calls.

    Texts and labels are JavaScript expressions, see ``language._``.
    """

    def __init__(self) -> None:
        from trame.widgets import html
        from trame.widgets import vuetify3 as v

        self.html, self.v = html, v

    def text(self, expression: str, tag: str = "Span", **options: Any) -> None:
        """A text that is only read."""
        getattr(self.html, tag)(f"{{{{ {expression} }}}}", **options)

    def button(self, text: str, action: Any, enabled: str = "", **options: Any) -> Any:
        """A button with a text; ``enabled`` is an expression."""
        options.setdefault("variant", "tonal")
        return self.v.VBtn(
            f"{{{{ {text} }}}}",
            click=action,
            size="small",
            **self._said(enabled, **options),
        )

    def icon(
        self,
        icon: Any,
        label: str,
        action: Any,
        enabled: str = "",
        pressed: str = "",
        **options: Any,
    ) -> Any:
        """A button with an icon; its label is its tooltip and what screen readers say.

        One that stays ``pressed`` says where: an expression.
        """
        options = {"variant": "text", "density": "comfortable", "size": "small", **options}
        options.setdefault("title", label)
        attributes = named(label)
        if pressed:
            options |= {
                "variant": (f"({pressed}) ? 'flat' : 'text'",),
                "color": (f"({pressed}) ? 'primary' : undefined",),
                "rounded": "lg",
            }
            attributes.append(f':aria-pressed="!!({pressed})"')
        return self.v.VBtn(
            icon=icon, click=action, raw_attrs=attributes, **self._said(enabled, **options)
        )

    def menu(self, id: str, text: str, entries: Iterable[Entry], **options: Any) -> None:
        """A button (``text`` in braces, or "" beside an icon) that opens a list to choose from."""
        v = self.v
        with v.VMenu():
            with v.Template(v_slot_activator="{ props }"):
                v.VBtn(text, id=id, v_bind="props", size="small", **options)
            with v.VList(density="compact", id=f"{id}-list"):
                for name, title, action, shown in entries:
                    v.VListItem(title=(title,), click=action, v_if=shown, id=f"{id}-{name}")

    def _said(self, enabled: str, **options: Any) -> dict[str, Any]:
        """``options`` with "disabled" and, for what a key does as well, its name in the title."""
        if enabled:
            options["disabled"] = (f"!({enabled})",)
        key = SHORTCUTS.get(options.get("id", "").removeprefix("span-"))
        if isinstance(title := options.get("title"), str):
            options["title"] = (f"{title} + ' ({key})'" if key else title,)
        return options

    def select(
        self, label: str, value: str, items: Any, action: Any, enabled: str, **options: Any
    ) -> None:
        """A list to choose one of; ``value`` names the variable."""
        self.v.VSelect(
            label=(label,),
            model_value=(value,),
            items=items,
            update_modelValue=(action, "[$event]"),
            disabled=(f"!({enabled})",),
            density="compact",
            variant="outlined",
            hide_details=True,
            style="min-width: 90px",
            **options,
        )

    def switch(self, name: str, label: str, title: str, **options: Any) -> None:
        """A switch of the variable ``name``."""
        self.v.VSwitch(
            v_model=(name,),
            label=(label,),
            title=(title,),
            density="compact",
            hide_details=True,
            color="primary",
            classes="ml-2",
            **options,
        )

    def upload(
        self, id: str, action: str, label: str, title: str, enabled: str = "idle", **options: Any
    ) -> None:
        """A button that sends files to ``action``."""
        html = self.html
        with html.Label(f"{{{{ {label} }}}}", classes="upload", title=(title,)):
            html.Input(
                type="file",
                name="files",
                raw_attrs=[*named(label), f'data-send="{action}"'],
                disabled=(f"!{enabled} || !!sending",),
                id=id,
                **options,
                __properties=["webkitdirectory"],
            )
