"""Installation: what is missing is named, nothing happens without a yes, failures are sentences."""

# ruff: noqa: N802 (names of Slicer's interface)

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest
from dialect import settle
from S2VNetSlicerLib.errors import UserError


@pytest.fixture
def install(host):
    return host.load("S2VNetSlicerLib.desktop.install")


@pytest.fixture
def extension(monkeypatch):
    """The PyTorch extension; ``fails`` makes its installation return nothing."""
    made = SimpleNamespace(calls=[], fails=False)

    class Logic:
        def installTorch(self, **arguments):
            made.calls.append(arguments)
            return None if made.fails else object()

    module = ModuleType("PyTorchUtils")
    module.PyTorchUtilsLogic = Logic
    module.__spec__ = SimpleNamespace(name="PyTorchUtils")
    monkeypatch.setitem(sys.modules, "PyTorchUtils", module)
    return made


@pytest.fixture
def pip(monkeypatch, install):
    """What pip is asked to install; afterwards nothing is missing."""
    calls = []
    import slicer.util

    def run(text):
        calls.append(text)

    monkeypatch.setattr(slicer.util, "pip_install", run, raising=False)
    return calls


def absent(monkeypatch, install, *states):
    """``missing()`` answers ``states`` one after the other, then the last."""
    answers = list(states)
    monkeypatch.setattr(
        install, "missing", lambda: answers.pop(0) if len(answers) > 1 else answers[0]
    )


def test_what_is_missing_is_found_without_importing(install, monkeypatch):
    assert install.missing() == [], "the test environment has everything"
    monkeypatch.setattr(install, "NEEDED", ("json", "no_such_package_anywhere"))
    assert install.missing() == ["no_such_package_anywhere"]


def test_nothing_happens_when_nothing_is_missing(install, host):
    assert install.install()
    assert host.questions == []


def test_a_no_installs_nothing(install, host, monkeypatch, extension, pip):
    absent(monkeypatch, install, ["torch", "safetensors"])
    host.confirms = False
    assert not install.install()
    assert (extension.calls, pip) == ([], [])
    assert "torch, safetensors" in host.questions[0]
    assert install.SIZE in host.questions[0]


def test_a_yes_installs_torch_through_its_extension(install, host, monkeypatch, extension, pip):
    absent(monkeypatch, install, ["torch", "safetensors"], [])
    assert install.install()
    assert len(host.questions) == 1, "asked once, for everything"
    assert extension.calls == [{"askConfirmation": False, "torchVersionRequirement": install.TORCH}]
    assert pip == ["safetensors>=0.4.5 highdicom>=0.25 nibabel>=5.3 pydantic>=2.7 pydicom>=3.0.1"]


def test_what_is_looked_for_is_what_is_installed(install):
    from packaging.requirements import Requirement

    listed = {Requirement(line).name for line in install.requirements()}
    assert set(install.NEEDED) == listed | {"torch"}


def test_pip_never_gets_torch(install):
    assert not any("torch" in line for line in install.requirements())


def test_newer_slicer_uses_its_packaging(install, monkeypatch, pip, extension):
    import slicer

    calls = []
    packaging = ModuleType("slicer.packaging")
    packaging.load_requirements = lambda path: path.name
    packaging.pip_ensure = lambda requirements, **named: calls.append((requirements, named))
    monkeypatch.setitem(sys.modules, "slicer.packaging", packaging)
    monkeypatch.setattr(slicer, "packaging", packaging, raising=False)
    absent(monkeypatch, install, ["safetensors"], [])
    assert install.install()
    assert calls == [("requirements.txt", {"prompt_install": False, "requester": "S2VNetSlicer"})]
    assert (pip, extension.calls) == ([], [])


@pytest.fixture
def manager(install, host, monkeypatch):
    """The Extensions Manager; ``done`` is what its installation returns."""
    import slicer

    made = SimpleNamespace(interactive=True, calls=[], done=True, restarts=0, saves=0, saved=True)

    def from_server(name, restart):
        made.calls.append((name, restart, made.interactive))
        return made.done

    def restart():
        made.restarts += 1

    def save():
        made.saves += 1
        return made.saved

    made.installExtensionFromServer = from_server
    monkeypatch.setattr(host.app, "extensionsManagerModel", lambda: made, raising=False)
    monkeypatch.setattr(slicer.util, "restart", restart, raising=False)
    monkeypatch.setattr(slicer.util, "openSaveDataDialog", save, raising=False)
    absent(monkeypatch, install, ["torch", "safetensors"])
    return made


def test_a_missing_extension_comes_from_the_manager(install, host, manager, pip):
    assert not install.install(), "it goes on after the restart"
    assert manager.calls == [("PyTorch", False, False)], "asked for here, not twice"
    assert manager.interactive
    assert ["Extensions Manager" in q for q in host.questions] == [True, False]
    assert (manager.restarts, manager.saves, pip) == (1, 0, [])
    assert not install.interrupted(), "the extension is not active yet"


def test_before_a_restart_the_scene_is_saved(install, host, manager, add_volume):
    add_volume()
    manager.saved = False
    install.install()
    assert (manager.saves, manager.restarts) == (1, 0), "nothing is lost"
    manager.saved = True
    install.install()
    assert (manager.saves, manager.restarts) == (2, 1)


def test_after_the_restart_it_goes_on(install, host, manager, extension, pip, monkeypatch, module):
    utilities = sys.modules.pop("PyTorchUtils")
    install.install()
    sys.modules["PyTorchUtils"] = utilities  # as after the restart
    asked, host.widgets["S2VNetSlicer"] = len(host.questions), module
    absent(monkeypatch, install, *[["torch", "safetensors"]] * 3, [])
    host.load("S2VNetSlicer").go_on_with_installation()
    assert host.shown_modules == ["S2VNetSlicer"]
    settle()
    assert (len(extension.calls), len(pip), len(host.questions)) == (1, 1, asked)
    assert host.errors == []
    assert not install.interrupted(), "once"
    host.shown_modules.clear()
    host.load("S2VNetSlicer").go_on_with_installation()
    assert host.shown_modules == []


def test_an_extension_that_does_not_come_is_told(install, manager, host, monkeypatch):
    manager.done = False
    with pytest.raises(UserError, match="could not be installed"):
        install.install()
    assert (manager.interactive, manager.restarts) == (True, 0)
    monkeypatch.setattr(host.app, "extensionsManagerModel", lambda: None)
    with pytest.raises(UserError, match="PyTorch extension is missing"):
        install.install()


def test_failures_are_sentences(install, monkeypatch, extension, pip):
    absent(monkeypatch, install, ["torch"])
    extension.fails = True
    with pytest.raises(UserError, match="PyTorch was not installed"):
        install.install()
    absent(monkeypatch, install, ["safetensors"])
    import slicer.util

    def fail(text):
        raise RuntimeError("no network")

    monkeypatch.setattr(slicer.util, "pip_install", fail)
    with pytest.raises(UserError, match="no network"):
        install.install()
