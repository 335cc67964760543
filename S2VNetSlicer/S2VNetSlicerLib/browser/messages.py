"""Messages over the views: each stays until it is closed or its cause is over."""

from __future__ import annotations

from typing import Any

from .language import _
from .widgets import Widgets, role_of


def draw_messages(widgets: Widgets, actions: Any) -> None:
    """Add the place of all messages: of the application first, of the work below."""
    html = widgets.html
    with html.Div(classes="messages", raw_attrs=[role_of("status")]):
        for name, failed, close in (
            ("notice", "true", "notice = ''"),
            ("message", "failed", actions.dismiss),
        ):
            kind = f"{failed} ? 'message warning' : 'message'"
            with html.Div(v_if=name, classes=(kind,), key=name, id=f"told-{name}"):
                icon = f"{failed} ? 'mdi-alert-outline' : 'mdi-check-circle-outline'"
                widgets.v.VIcon(icon=(icon,), size="small", classes="mt-1")
                html.Span(f"{{{{ {name} }}}}")
                widgets.icon("mdi-close", _("Close"), close, id=f"close-{name}", size="x-small")
