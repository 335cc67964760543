"""The translation files of the extension, renewed as Slicer's update_translations.py does it.

    python Testing/desktop/translations.py

``S2VNetSlicer_en-US.ts`` is the template that translators (and SlicerLanguageTranslations) begin
with; the others are translations. Qt's lupdate, which comes with PySide6, finds the texts. It knows
Python's ``translate(context, text)`` only, so ``_(text)`` is written out in copies of the sources.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import PySide6

MODULE = Path(__file__).resolve().parents[2] / "S2VNetSlicer"
FILES = MODULE / "Resources" / "Translations"
TEMPLATE = FILES / "S2VNetSlicer_en-US.ts"
TOOLS = Path(PySide6.__file__).parent
TRANSLATED = re.compile(r'(?<![\w.])_\((\s*"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*,?\s*)\)')
ERRORS = "S2VNetSlicerLib.errors"
FAILURES = "UserError", "DamagedError", "NewerVersionError"
"""Their sentences are translated without ``_``, all in the context of ``errors.py``."""
PAGE = (
    *("annotation", "browser", "inference", "library", "network", "propagation", "scene"),
    *(
        "volumes",
        "workflow",
    ),
)
"""The rooms whose failures the panel and the page show."""
Text = tuple[str, str]
"""(context, source)."""


def context_of(path: Path) -> str:
    """As slicer.i18n.getContext."""
    package = f"{path.parent.name}." if (path.parent / "__init__.py").is_file() else ""
    return package + path.stem


def calls_of(tree: ast.AST) -> list[ast.Call]:
    """Where failures are made."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if getattr(call.func, "id", "") in FAILURES]


def failures(source: str) -> list[ast.expr]:
    """What and the remedy of every failure in a module."""
    found = []
    for call in calls_of(ast.parse(source)):
        remedies = [key.value for key in call.keywords if key.arg == "remedy"]
        found += [*call.args[:1], *call.args[2:], *remedies]
    return found


def sentences(source: str) -> list[str]:
    """The texts of all failures in a module."""
    own = [node for each in failures(source) for node in ast.walk(each)]
    made = [node for node in own if isinstance(node, (ast.Call, ast.JoinedStr))]
    inside = {id(node) for each in made for node in ast.walk(each)}
    found = [n.value for n in own if isinstance(n, ast.Constant) and id(n) not in inside]
    return [value for value in found if isinstance(value, str)]


def sources() -> list[Path]:
    found = [*MODULE.rglob("*.py"), *MODULE.rglob("*.ui")]
    return sorted(path.relative_to(MODULE) for path in found)


def update(ts: Path) -> None:
    """Bring a .ts file in step with the sources; what is gone from them goes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in sources():
            text = (MODULE / path).read_text("utf-8")
            if path.suffix == ".py":
                context = context_of(MODULE / path)
                own = sentences(text) if path.parent.name in PAGE else []
                text = TRANSLATED.sub(rf'translate("{context}", \1)', text)
                failed = [f'translate("{ERRORS}", {json.dumps(each)})' for each in own]
                text = "\n".join((text, *failed))
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
        copy = folder / ts.name  # the addresses in it are relative to it
        if ts.is_file():
            shutil.copy(ts, copy)
        files = folder / "files.txt"
        files.write_text("\n".join(map(str, sources())))
        options = ["-noobsolete", "-locations", "none", "-source-language", "en_US", "-silent"]
        options += ["-target-language", ts.stem.split("_")[1].replace("-", "_")]
        lupdate = [str(TOOLS / "lupdate"), f"@{files}", *options, "-ts", str(copy)]
        subprocess.run(lupdate, cwd=folder, check=True, capture_output=True)
        shutil.copy(copy, ts)


def texts(ts: Path) -> dict[Text, str]:
    """The translations by context and source; empty where there is none yet."""
    found = {}
    for context in ElementTree.parse(ts).iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            done = translation is not None and translation.get("type") != "unfinished"
            key = context.findtext("name") or "", message.findtext("source") or ""
            found[key] = (translation.text or "") if done and translation is not None else ""
    return found


def compile_to(qm: Path, ts: Path) -> None:
    """What QTranslator loads."""
    lrelease = [str(TOOLS / "lrelease"), str(ts), "-qm", str(qm)]
    subprocess.run(lrelease, check=True, capture_output=True)


if __name__ == "__main__":
    FILES.mkdir(exist_ok=True)
    for ts in sorted({TEMPLATE, *FILES.glob("*.ts")}):
        update(ts)
        open_ones = [text for text, done in texts(ts).items() if not done]
        print(f"{ts.name}: {len(texts(ts))} texts, {len(open_ones)} without translation")
        if "--open" in sys.argv:
            print("\n".join(f"  {context}: {text}" for context, text in open_ones))
