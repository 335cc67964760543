"""The page's language: English texts in the code, their translations from the panel's catalogue."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from ..texts import told

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""What the page can speak: code of the language, and its own name for itself."""
_FOLDERS = Path(__file__).parents[1], Path(__file__).parents[2] / "Resources"
"""Where ``Translations`` lies: in an installed package, in a checkout."""
_TERRITORY = {"de": "de-DE"}


def _(text: str) -> str:
    """A text of the page as a JavaScript expression, which the page reads in its own language."""
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"(tr['{quoted}'] || '{quoted}')"


@cache
def catalogue(language: str) -> dict[tuple[str, str], str]:
    """The translations by context and English text; empty for English."""
    if language not in _TERRITORY:
        return {}
    name = f"Translations/S2VNetSlicer_{_TERRITORY[language]}.ts"
    path = next((f / name for f in _FOLDERS if (f / name).is_file()), None)
    if path is None:
        logging.getLogger(__name__).warning("%s is missing: the page speaks English", name)
        return {}
    found = {}
    for context in ElementTree.parse(path).iter("context"):
        for message in context.iter("message"):
            key = context.findtext("name") or "", message.findtext("source") or ""
            found[key] = message.findtext("translation") or key[1]
    return found


def page_texts(language: str) -> dict[str, str]:
    """The texts that the page itself translates: of the browser and of what is shared."""
    rooms = "browser.", "workflow."
    found = catalogue(language).items()
    return {text: told for (room, text), told in found if room.startswith(rooms)}


def translator(language: str, context: str) -> Callable[[str], str]:
    """What translates texts of ``context``, such as "workflow.display_text"."""
    known = catalogue(language)
    return lambda text: known.get((context, text), text)


def decimal_point(numbers: str, language: str) -> str:
    """Decimal ``numbers`` as the language writes them."""
    return re.sub(r"(?<=\d)\.(?=\d)", ",", numbers) if language == "de" else numbers


def tell(sentence: str, language: str) -> str:
    """A sentence of the server (:class:`~..texts.Text`) in a language."""
    known = catalogue(language)
    return told(sentence, lambda *text: known.get(text, text[1]))


def chosen(wanted: str) -> str:
    """The language of ``LANGUAGES`` for a browser's tag such as "de-AT"; English for others."""
    code = str(wanted).lower().split("-")[0]
    return code if code in LANGUAGES else "en"
