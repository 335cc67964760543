"""Messages over the views: each stays until it is closed or its cause is over."""

from __future__ import annotations

from typing import Any

from .language import _
from .widgets import Widgets


def draw_messages(widgets: Widgets) -> None:
    """Add the place of all messages: of the application first, of the work below."""
    html = widgets.html
    with html.Div(classes="messages", role="status"):
        for name in ("notice", "message"):
            with html.Div(v_if=name, classes="message warning", key=name):
                html.Span(f"{{{{ {name} }}}}")
                close: Any = f"{name} = ''"
                widgets.icon("mdi-close", _("Close"), close, id=f"close-{name}", size="x-small")
