"""What the tests of several layers share: small networks, files, the command s2vnet."""

from __future__ import annotations

import inspect
import json
import logging
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest

hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""Where the public data sets and the benchmark lie, if they are there."""
REQUIRED = "S2VNET_REQUIRE"
"""Set: a run in which a test was skipped for want of something fails. CI sets it."""
NOT_HERE = (
    (re.compile(r"shared"), not SHARED.is_dir()),
    (re.compile(r"^Windows |OpenMP of torch's Linux"), sys.platform != "linux"),
    (re.compile(r"this wheel calls an empty B-spline linear"), True),
)
"""Reasons for which a test is skipped all the same, and whether they hold on this machine."""
_NETWORKS: dict[tuple[str, str], Any] = {}
"""Fused networks with their cards, by what their files hold."""
_EDITORS: list[Any] = []
"""The segmentation editors of trame-slicer's applications: none may go before its nodes."""


LONGEST = (
    "batch/test_batch_processes.py",
    "training/test_loop.py",
    "browser/test_killed.py",
    "propagation/test_golden.py",
    "workflow/test_real_volume.py",
    "browser/test_resuming.py",
    "browser/test_multi.py",
    "workflow/test_process.py",
    "faults/test_faults.py",
    "workflow/test_state_machine.py",
    "workflow/test_faults.py",
)
"""Files that begin first: of two processes none is left with one of them in the end."""
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30
"""Where files of tests lie if so many bytes are free: on a disk every save would wait for it."""
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture(autouse=True)
def _retired_editors() -> Iterator[None]:
    """Editors of applications that are done are not asked about nodes any more.

    Every one that was ever made is asked in each view, so that after hundreds of tests the next
    application takes seconds.
    """
    module = sys.modules.get("trame_slicer.core.segmentation_editor")
    if module is not None and not hasattr(module.SegmentationEditor, "noted"):
        begin = module.SegmentationEditor.__init__

        def noting(self: Any, *arguments: Any, **options: Any) -> None:
            begin(self, *arguments, **options)
            _EDITORS.append(self)

        module.SegmentationEditor.__init__ = noting
        module.SegmentationEditor.noted = True
    before = len(_EDITORS)
    yield
    for editor in _EDITORS[before:]:
        factory = module.vtkMRMLLayerDMPipelineFactory.GetInstance()
        factory.RemovePipelineCreator(editor._pipeline_creator)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        name = "/".join(item.path.parts[-2:])
        return LONGEST.index(name) if name in LONGEST else len(LONGEST)

    items.sort(key=place)


def _missing(config: pytest.Config) -> list[str]:
    """For want of what something was skipped, where that is not allowed."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get(REQUIRED) or reporter is None:
        return []
    reasons = {str(report.longrepr[2]) for report in reporter.stats.get("skipped", ())}
    allowed = [pattern for pattern, holds in NOT_HERE if holds]
    return sorted(r for r in reasons if not any(pattern.search(r) for pattern in allowed))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _missing(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for reason in _missing(config):
        terminalreporter.write_line(f"{REQUIRED} is set, and tests were skipped: {reason}", red=1)


TINY: dict[str, Any] = {
    "stem": 8,
    "widths": (8, 8, 16, 16),
    "dim": 16,
    "mask_dim": 8,
    "dense_widths": (8, 8, 8, 8),
    "heads": 2,
    "centres_per_class": 4,
}


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch) -> None:
    """Small networks are slower on several threads, and their sums depend on how many."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # for processes, and for torch when it is loaded
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _own_state(tmp_path_factory, monkeypatch) -> Iterator[None]:
    """State and log of each test lie in a folder of its own."""
    from S2VNetSlicerLib import logs

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))
    yield
    root = logging.getLogger(logs.ROOT)
    for handler in [h for h in root.handlers if isinstance(h, logging.FileHandler)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.NOTSET)


@pytest.fixture
def small_slices(monkeypatch) -> Callable[[int], None]:
    """Lets networks see slices with so many pixels along their longer side, to be fast."""
    from S2VNetSlicerLib.propagation import settings

    def see(side: int) -> None:
        for kind in (settings.GridSettings, settings.AutomaticSettings):
            names = list(inspect.signature(kind).parameters)
            values = list(kind.__init__.__defaults__)
            values[names.index("side")] = side
            monkeypatch.setattr(kind.__init__, "__defaults__", tuple(values))

    return see


@pytest.fixture
def session_of() -> Callable[[Any], Any]:
    """The session that a synchronous presenter works with; None: there is none yet."""

    def find(presenter: Any) -> Any:
        link, uses = presenter.session.client.worker.link, presenter.session.client.worker._uses
        stamp = uses[presenter.session.client][0] if presenter.session.client in uses else None
        return None if link is None else link.server.engine.session(stamp)

    return find


@pytest.fixture
def rng() -> Any:
    """Random numbers of torch, the same in every test."""
    import torch

    return torch.Generator().manual_seed(7)


@pytest.fixture(scope="session")
def make_network() -> Callable[..., Any]:
    """Builds a small S2VNet; changes to its configuration by name.

    Parameters and statistics that start at 0 or 1 are random as well, as after training, so that
    every part has influence.
    """
    import torch
    from S2VNetSlicerLib.network.configuration import NetworkConfiguration
    from S2VNetSlicerLib.network.model import S2VNet

    def make(seed: int = 1, **changes: Any) -> S2VNet:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = S2VNet(NetworkConfiguration(**{**TINY, **changes}))
            with torch.no_grad():
                for parameter in model.parameters():
                    if parameter.numel() and (parameter == parameter.flatten()[0]).all():
                        parameter.add_(torch.randn_like(parameter) * 0.2)
                for name, statistic in model.named_buffers():
                    if name.endswith("running_mean"):
                        statistic.normal_(0, 0.2)
                    elif name.endswith("running_var"):
                        statistic.uniform_(0.5, 2)
        return model.eval()

    return make


@pytest.fixture(scope="session")
def save_network(make_network, tmp_path_factory) -> Callable[..., Path]:
    """Writes a small network, built as ``make_network`` does, and its card to a path, and small
    companions beside it: the shipped ones would serve it else, which takes longer than all else."""
    from S2VNetSlicerLib.network.weights import COMPANIONS, save_model

    folder, known = tmp_path_factory.mktemp("networks"), {}

    def saved(**options: Any) -> Path:
        key = repr(sorted(options.items()))
        if key not in known:
            known[key] = folder / f"{len(known)}.safetensors"
            save_model(known[key], make_network(**options), {})
        return known[key]

    def save(path: Path, card: dict[str, Any], seed: int = 8, **changes: Any) -> Path:
        shutil.copyfile(saved(seed=seed, **changes), path)
        path.with_suffix(".json").write_text(json.dumps(card), "utf-8")
        plain = dict.fromkeys(("appearance", "retouching", "transport"), False)
        for seed, name in enumerate(COMPANIONS, 20):
            beside = path.with_name(f"{path.stem}-{name}{path.suffix}")
            shutil.copyfile(saved(seed=seed, **plain), beside)
        return path

    return save


@pytest.fixture(autouse=True)
def _networks_once(monkeypatch) -> None:
    """A file of weights is read once in this process, not once by each of its engines."""
    from S2VNetSlicerLib.inference.engine import Engine

    load = Engine._load

    def read(engine: Any, path: Path | None) -> tuple[Any, dict[str, Any]]:
        from S2VNetSlicerLib.network import weights

        file = path or weights.default_weights()
        if path not in engine._models and file.is_file():
            key = str(weights.digests(file)), str(weights.read_card(file))
            if key not in _NETWORKS:
                _NETWORKS[key] = load(engine, path)
            engine._models[path] = _NETWORKS[key]
        return load(engine, path)

    monkeypatch.setattr(Engine, "_load", read)


@pytest.fixture
def write() -> Callable[[Path, np.ndarray], Path]:
    """Writes an image of slices 2.5 mm apart and pixels of 1 mm; its path."""
    import SimpleITK as sitk

    def to_file(path: Path, array: np.ndarray) -> Path:
        image = sitk.GetImageFromArray(array)
        image.SetSpacing((1.0, 1.0, 2.5))
        image.SetOrigin((5.0, -7.0, 11.0))
        sitk.WriteImage(image, str(path))
        return path

    return to_file


@pytest.fixture
def call(monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """Runs the command s2vnet: exit code, stdout, stderr."""
    from S2VNetSlicerLib import cli

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["s2vnet", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        code = end.value.code
        return (code if isinstance(code, int) else 0), *capsys.readouterr()

    return run
