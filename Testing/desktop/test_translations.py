"""Translations: every text can be translated, the files are in step, German works in the panel."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6 import QtCore, QtWidgets
from test_names import FILES as SOURCES
from test_names import UI, chain
from translations import (
    FILES,
    MODULE,
    PAGE,
    TEMPLATE,
    calls_of,
    compile_to,
    context_of,
    failures,
    sources,
    texts,
    update,
)

GERMAN = FILES / "S2VNetSlicer_de-DE.ts"
TRANSLATING = ("_", "translate")
WORDS = re.compile(r"[A-Za-z]{2,},? [A-Za-z]{2,}")
SHOWING = ("QPushButton", "QLabel", "QCheckBox", "QRadioButton", "addLabeledOptionsWidget")
SHOWN = ("text", "toolTip", "windowTitle", "title", "helpText", "acknowledgementText")
PLACEHOLDER = re.compile(r"(?<!\{)\{([^{}]+)\}(?!\})")
NAMES = {"S2VNet", "The S2VNetSlicer contributors"}
"""Never translated."""


def open_texts(source: str) -> set[str]:
    """What users would read in English whatever their language is."""
    found, closed = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            documented = [n.value for n in node.body if isinstance(n, ast.Expr)]
            closed |= {id(n) for n in documented if isinstance(n, ast.Constant)}
        if isinstance(node, ast.ClassDef) and node.name.endswith("Test"):
            closed |= {id(n) for n in ast.walk(node)}
        calls = chain(node.func)[-1:] if isinstance(node, ast.Call) else []
        if calls and calls[0] in (*TRANSLATING, "_enabled", "SetParameter", "setParameterDefault"):
            closed |= {id(n) for n in ast.walk(node)}
        if id(node) in closed:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value} if WORDS.search(node.value) else set()
        literal = None
        if isinstance(node, ast.Call) and calls and calls[0] in SHOWING and node.args:
            literal = node.args[0]
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            literal = node.value if node.targets[0].attr in SHOWN else None
        if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
            found.add(literal.value)
    return found - NAMES - {""}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_every_text_of_the_code_can_be_translated(path):
    assert open_texts(path.read_text("utf-8")) == set()


@pytest.mark.parametrize(
    "source",
    ["raise UserError('no such thing')", "label.text = 'Done'", "qt.QPushButton('Apply')"],
)
def test_a_text_that_cannot_is_seen(source):
    assert open_texts(source)
    assert not open_texts(re.sub("('[^']*')", r"_(\1)", source))


COMMAND_LINE = {"browser.access", "browser.graphics", "propagation.session"}
"""What only whoever starts the server or programs a session reads."""
SAID = ("message", "failure", "question")


def untranslatable(source: str) -> list[str]:
    """Sentences of the presenter and the page that can be told in English only."""
    found = [node for each in failures(source) for node in ast.walk(each)]
    shown = [node for node in found if isinstance(node, ast.JoinedStr)]
    for node in ast.walk(ast.parse(source)):
        told = []
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "attr", "") in SAID:
            told = [node.value]
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("notice", "errand"):
            told = node.args[:1]
        shown += [each for each in told if isinstance(each, ast.JoinedStr | ast.Constant)]
    return [ast.unparse(node) for node in shown if ast.unparse(node) not in ("''", "None")]


@pytest.mark.parametrize("room", PAGE)
def test_what_presenter_and_page_say_can_be_translated(room):
    for path in sorted((MODULE / "S2VNetSlicerLib" / room).glob("*.py")):
        if context_of(path) not in COMMAND_LINE:
            assert untranslatable(path.read_text("utf-8")) == [], path


@pytest.mark.parametrize("room", PAGE)
def test_every_failure_gets_what_stands_in_its_sentences(room):
    for path in sorted((MODULE / "S2VNetSlicerLib" / room).glob("*.py")):
        for call in calls_of(ast.parse(path.read_text("utf-8"))):
            literals = [n.value for n in ast.walk(call) if isinstance(n, ast.Constant)]
            wanted = {
                field.split("!")[0].split(":")[0]
                for text in literals
                if isinstance(text, str)
                for field in PLACEHOLDER.findall(text)
            }
            given = {key.arg for key in call.keywords} - {"remedy", "cause"}
            made_before = not isinstance(call.args[0], ast.Constant | ast.IfExp)
            assert wanted == given or (made_before and not wanted), ast.unparse(call)
            cause = call.args[1:2]
            assert not (cause and isinstance(cause[0], ast.Constant) and wanted), "is not filled"


@pytest.mark.parametrize(
    "source", ["UserError(f'{name} is locked')", "self.message = 'Done'", "app.notice(f'{n} gone')"]
)
def test_a_sentence_that_cannot_is_seen(source):
    assert untranslatable(source)


def test_what_the_ui_file_keeps_from_translators_is_no_text():
    kept = set()
    for found in ElementTree.parse(UI).iter():
        if found.get("notr") == "true":
            kept |= {string.text or "" for string in (found, *found.iter("string"))}
    words = {text.strip() for text in kept if re.search("[A-Za-z]", text)}
    style = {text for text in words if text.startswith("background:")}
    axes = {"Axis k", "Axis j", "Axis i"}  # the panel renames them at once
    nodes = {"vtkMRMLScalarVolumeNode", "vtkMRMLSegmentationNode"}
    devices = {"auto", "cpu", "cuda", "mps"}
    assert words - style - axes - nodes - devices == {"CT", "MR", "mm", "ml"}


def test_names_of_devices_and_nodes_are_not_translated():
    """Their texts are used as such."""
    sent = {source for context, source in texts(TEMPLATE) if context == "S2VNetSlicer"}
    assert not sent & {"auto", "cpu", "cuda", "mps", "vtkMRMLScalarVolumeNode"}


@pytest.mark.parametrize("ts", sorted(FILES.glob("*.ts")), ids=lambda p: p.name)
def test_the_files_are_in_step_with_the_sources(ts, tmp_path):
    copy = tmp_path / ts.name
    copy.write_bytes(ts.read_bytes())
    update(copy)
    assert texts(copy) == texts(ts), "run: python Testing/desktop/translations.py"


def test_every_text_is_found_however_it_is_quoted():
    known = set(texts(TEMPLATE))
    for path in (MODULE / path for path in sources() if path.suffix == ".py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "_":
                (text,) = call.args
                if isinstance(text, ast.Constant):
                    assert (context_of(path), text.value) in known, path


def test_every_translatable_file_is_looked_at():
    contexts = {context for context, _source in texts(TEMPLATE)}
    using = set()
    for path in sources():
        text = (MODULE / path).read_text("utf-8")
        if path.suffix == ".py" and re.search(r'(?<![\w.])_\(\s*"', text):
            using.add(context_of(MODULE / path))
    assert using <= contexts
    assert {"S2VNetSlicer", "desktop.widget", "workflow.display_text", "workflow.keyboard"} <= using


def test_the_context_is_slicers(host):
    """slicer.i18n makes it of the file's name and its package's."""
    assert context_of(MODULE / "S2VNetSlicer.py") == "S2VNetSlicer"
    assert context_of(MODULE / "S2VNetSlicerLib" / "desktop" / "widget.py") == "desktop.widget"
    keyboard = host.load("S2VNetSlicerLib.workflow.keyboard")
    assert context_of(Path(keyboard.__file__)) == keyboard.CONTEXT


def test_the_translation_is_complete():
    german = texts(GERMAN)
    assert [text for text, done in german.items() if not done] == []
    for (_context, source), done in german.items():
        assert sorted(PLACEHOLDER.findall(source)) == sorted(PLACEHOLDER.findall(done)), source


@pytest.fixture
def german(host, tmp_path, monkeypatch):
    """The host speaks German, as Slicer with this file."""
    qm = tmp_path / "german.qm"
    compile_to(qm, GERMAN)
    translator = QtCore.QTranslator()
    assert translator.load(str(qm))
    assert QtCore.QCoreApplication.installTranslator(translator)

    def tr(text):
        context = context_of(Path(sys._getframe(1).f_code.co_filename))
        return QtCore.QCoreApplication.translate(context, text)

    i18n = sys.modules["slicer.i18n"]
    monkeypatch.setattr(i18n, "tr", tr)
    monkeypatch.setattr(i18n, "translate", QtCore.QCoreApplication.translate)
    yield host
    QtCore.QCoreApplication.removeTranslator(translator)


def test_the_panel_in_german(german):
    widget = german.load("S2VNetSlicer").S2VNetSlicerWidget()
    widget.setup()
    widget.enter()
    assert widget.ui.wholeButton.text == "Ganzes Volumen"
    assert widget.ui.deviceBox.currentText == "auto"
    assert widget.panel.strip.describe  # drawn by code of the same language
    help_text = german.load("S2VNetSlicer").help_text()
    assert "zur schlechtesten Schicht gehen" in help_text
    assert widget.panel.ui.axisBox.itemText(1) == "Achse k"
    drawing = german.load("S2VNetSlicerLib.desktop.drawing")
    import numpy as np

    none = [()] * 4
    told = drawing.provenance_text(np.array([0, 1, 2, 3]), none, drawing._)
    assert told == "Schichten 2 vom Modell; 3 von Ihnen markiert; 4 von Ihnen bestätigt"
    top = widget.parent
    top.resize(420, 900)
    top.show()
    QtWidgets.QApplication.processEvents()
    for button in top.findChildren(QtWidgets.QPushButton):
        if button.visible:
            assert button.width >= button.minimumSizeHint.width(), button.objectName
    assert top.layout().minimumSize().width() <= 420
    widget.cleanup()
    top.deleteLater()
