"""The session for the application itself, in the stand-in; and what starts it."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import editor
import pytest

TESTING = Path(__file__).resolve().parents[1]


def cases(output):
    found = ElementTree.parse(output / "junit.xml").getroot().findall("testcase")
    return {case.get("name"): [p.get("message") for p in case] for case in found}


@pytest.fixture
def script(host, monkeypatch):
    """in_application.py with the stand-ins' ``qt``; it has read the modules it imports afresh."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    name = "in_application"
    monkeypatch.delitem(sys.modules, name, raising=False)
    yield importlib.import_module(name)
    sys.modules.pop(name, None)


@pytest.fixture
def application(host, monkeypatch, weights, module):
    """What the session expects of Slicer: its modules, and a view that shows volumes."""
    import slicer

    registered = editor.install(monkeypatch)
    host.load("S2VNetSegmentEditorEffect").register_effect()
    factory = SimpleNamespace(registeredEffects=lambda: registered)
    monkeypatch.setattr(
        slicer,
        "qSlicerSegmentEditorEffectFactory",
        SimpleNamespace(instance=lambda: factory),
        raising=False,
    )
    composite = slicer.vtkMRMLSliceCompositeNode()
    composite.SetLayoutName("Red")
    composite.SetSingletonTag("Red")
    host.scene.AddNode(composite)
    host.widgets["S2VNetSlicer"] = module
    effect = host.load("S2VNetSlicerLib.desktop.effect").S2VNetEffect
    host.widgets["SegmentEditor"] = editor.EditorWidget(host.scene, effect)
    host.shown_modules.append("S2VNetSlicer")
    return host


def test_the_session(application, script, tmp_path):
    assert script.run(tmp_path, quit_after=False) == 0, cases(tmp_path)
    steps = cases(tmp_path)
    assert len(steps) == 11
    timings = json.loads((tmp_path / "timings.json").read_text())
    assert set(timings["steps"]) == set(steps)
    assert "stroke to all slices, s" in timings["measured"]
    assert all((tmp_path / f"{name}.png").is_file() for name in steps)


def test_a_step_that_fails_is_told_and_the_next_are_tried(
    application, script, tmp_path, monkeypatch
):
    for name in [n for n in dir(script.Session) if n.startswith("step_")]:
        monkeypatch.delattr(script.Session, name)
    seen = []

    def fail(session):
        script.wait(lambda: False, "a miracle", 0.05)

    monkeypatch.setattr(script.Session, "step_1", fail, raising=False)
    monkeypatch.setattr(script.Session, "step_2", lambda s: seen.append(2), raising=False)
    assert script.run(tmp_path, quit_after=False) == 1
    assert cases(tmp_path) == {"step_1": ["a miracle: not after 0.05 s"], "step_2": []}
    assert seen == [2]


# ---- in_slicer.py -------------------------------------------------------------------------------


@pytest.fixture
def in_slicer(monkeypatch):
    spec = importlib.util.spec_from_file_location("in_slicer", TESTING / "in_slicer.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    monkeypatch.setenv("DISPLAY", ":none")  # what is started here shows nothing
    return made


def program(path, body):
    """A "Slicer" that knows its arguments as ``arguments`` and the output folder as ``output``."""
    head = f"#!{sys.executable}\nimport os, sys, time\n"
    head += "arguments, output = sys.argv[1:], sys.argv[-1]\n"
    path.write_text(head + body)
    path.chmod(0o755)
    return path


PASSED = '<testsuite><testcase name="a"/></testsuite>'


def test_it_is_started_with_the_extension_and_settings_of_its_own(in_slicer, tmp_path, capsys):
    fake = program(
        tmp_path / "Slicer",
        "open(output + '/seen', 'w').write(repr((arguments, os.environ['XDG_CONFIG_HOME'])))\n"
        f"open(output + '/junit.xml', 'w').write('{PASSED}')\n",
    )
    output = tmp_path / "out"
    assert in_slicer.main(["--slicer", str(fake), "--output", str(output)]) == 0
    arguments, own = eval((output / "seen").read_text())
    assert str(TESTING.parent / "S2VNetSlicer") in arguments
    assert "--disable-settings" in arguments
    assert own != os.environ.get("XDG_CONFIG_HOME")
    assert "passed a" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("sys.exit(3)", "3D Slicer ended with code 3"),
        ("time.sleep(60)", "3D Slicer was not done after 1 s"),
    ],
)
def test_a_crash_or_a_standstill_fails(in_slicer, tmp_path, body, message):
    fake = program(tmp_path / "Slicer", body)
    assert in_slicer.run(fake, tmp_path / "out", 1) == 1
    assert cases(tmp_path / "out") == {"application": [message]}


def test_a_failure_among_the_steps_fails(in_slicer, tmp_path):
    failed = PASSED.replace("/>", '><failure message="no"/></testcase>')
    fake = program(tmp_path / "Slicer", f"open(output + '/junit.xml', 'w').write('{failed}')\n")
    assert in_slicer.run(fake, tmp_path / "out", 30) == 1
