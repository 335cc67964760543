"""Messages over the views: each stays until it is closed or its cause is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .language import _, tell
from .sending import REFUSALS
from .widgets import Widgets, role_of


class Notices:
    """What is told beside the presenter, in the page's variable ``notice``.

    ``shorten`` takes out of a sentence what nobody needs to see.
    """

    def __init__(self, page: Any, shorten: Callable[[str], str]) -> None:
        self._page, self._shorten = page, shorten
        self._sentence = ""

    def show(self, sentence: str) -> None:
        """Tell ``sentence`` in the language of the page; "" takes what is told away."""
        self._sentence = sentence
        with self._page as page:
            page.notice = self._shorten(tell(sentence, page.language))

    def tell_again(self) -> None:
        """The language changed: what is still shown is told in the new one."""
        if self._page.notice:
            self.show(self._sentence)


def draw_messages(widgets: Widgets, actions: Any) -> None:
    """Add the place of all messages: of the application first, of the work below."""
    html = widgets.html
    with html.Div(classes="messages", raw_attrs=[role_of("status")]):
        for name, text, failed, close in (
            ("refused", f"({{{REFUSALS}}})[refused]", "true", "refused = ''"),
            ("notice", "notice", "true", "notice = ''"),
            ("message", "message", "failed", actions.dismiss),
        ):
            kind = f"{failed} ? 'message warning' : 'message'"
            with html.Div(v_if=name, classes=(kind,), key=name, id=f"told-{name}"):
                icon = f"{failed} ? 'mdi-alert-outline' : 'mdi-check-circle-outline'"
                widgets.v.VIcon(icon=(icon,), size="small", classes="mt-1")
                html.Span(f"{{{{ {text} }}}}")
                widgets.icon("mdi-close", _("Close"), close, id=f"close-{name}", size="x-small")
