"""Installation: what is missing is named, nothing happens without a yes, failures are sentences."""

# ruff: noqa: N802 (names of Slicer's interface)

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest
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


def test_a_missing_extension_is_a_sentence(install, monkeypatch, pip):
    absent(monkeypatch, install, ["torch", "safetensors"])
    with pytest.raises(UserError, match="PyTorch extension is missing"):
        install.install()
    assert pip == [], "nothing is half done"


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
