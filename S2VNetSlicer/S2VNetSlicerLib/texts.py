"""Sentences that remember how they were made, so that who shows them can tell them in another
language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from numbers import Number
from typing import Any


class Text(str):
    """A sentence in English that keeps its ``template`` and ``arguments``; :func:`told` translates.

    ``context`` is where translations are filed (Slicer's: package and module). It is a plain
    string for everybody who does not ask, also after pickling.
    """

    context: str
    template: str
    arguments: dict[str, Any] | None

    def __new__(
        cls,
        english: str,
        context: str = "",
        template: str = "",
        arguments: dict[str, Any] | None = None,
    ) -> Text:
        text = super().__new__(cls, english)
        text.context, text.template, text.arguments = context, template or english, arguments
        return text

    def format(self, *_: object, **arguments: Any) -> Text:
        """The sentence with these arguments, which may be texts themselves."""
        arguments = {
            name: value if isinstance(value, (str, Number)) else str(value)
            for name, value in arguments.items()
        }
        return Text(self.template.format(**arguments), self.context, self.template, arguments)

    def __str__(self) -> str:
        """Itself: so ``str(error)`` of a UserError keeps what can be translated."""
        return self


def texts(module: str) -> Callable[[str], Text]:
    """What a module (its ``__name__``) calls ``_`` to make its texts."""
    context = ".".join(module.split(".")[-2:])
    return lambda english: Text(english, context)


def joined(separator: str, parts: Iterable[str]) -> Text:
    """As ``separator.join(parts)``."""
    named = {f"part{n}": part for n, part in enumerate(parts)}
    return Text("", "", separator.join(f"{{{name}}}" for name in named)).format(**named)


def told(text: str, translate: Callable[[str, str], str]) -> str:
    """``text`` in the language of ``translate(context, template)``; a plain string as it is."""
    if not isinstance(text, Text):
        return text
    template = translate(text.context, text.template) if text.context else text.template
    if text.arguments is None:
        return template
    return template.format(
        **{
            name: told(value, translate) if isinstance(value, str) else value
            for name, value in text.arguments.items()
        }
    )
