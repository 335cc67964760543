"""However a server ends, what was shown is there again."""

from __future__ import annotations

import os
import signal
import sys
from subprocess import PIPE, Popen
from types import SimpleNamespace

import numpy as np
import pytest
from driving import as_if_killed, begin, drag, page_sets, serving, sessions_in, until
from S2VNetSlicerLib.browser.autosave import Autosave
from S2VNetSlicerLib.browser.saved import last_saved
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.scene.files import STAGED

NOBODY = SimpleNamespace(mirror=None, annotation=None)


def never(work):
    raise AssertionError("nothing is to be written")


TERMINOLOGY = (
    "Segmentation category and type - 3D Slicer General Anatomy list~SCT^123037004^Anatomical "
    "Structure~SCT^71341001^Femur~^^~Anatomic codes - DICOM master list~^^~^^"
)
KILLED = f"""
import sys, time
from pathlib import Path
import numpy as np
from S2VNetSlicerLib.browser.server import Application, Settings
from S2VNetSlicerLib.propagation.settings import GridSettings
from S2VNetSlicerLib.inference import client
from S2VNetSlicerLib.workflow import runs
GridSettings.__init__.__defaults__ = (64, *GridSettings.__init__.__defaults__[1:])
image, state, weights, shown = map(Path, sys.argv[1:])
client.AT_ONCE, runs.AT_ONCE = 1, 0  # so that slices come one by one
application = Application(Settings(port=0, state=state, weights=weights))
application.load(image)
presenter = application.presenter
femur, tibia = presenter.add_class("femur"), presenter.add_class("tibia")
assert application.autosave.save()
application.autosave._next = float("inf")  # the journal alone knows what follows
presenter.set_modality("CT")
presenter.lock_class(tibia, True)
presenter.select_class(femur)
presenter.workspace.mirror.segment(femur).SetTerminology({TERMINOLOGY!r})
tick = application.tick
def ticking():
    tick()
    annotation = presenter.annotation
    if (annotation.slice_status > 0).any():
        status = annotation.slice_status
        np.savez(shown.with_suffix(".part.npz"), labels=annotation.labels, made=status)
        shown.with_suffix(".part.npz").replace(shown)
        if (annotation.slice_status > 0).sum() > 5:
            print("shown", flush=True)
application.tick = ticking
application.server.controller.on_server_ready.add(
    lambda **_: presenter.stroke(np.zeros((1, 3)), 3.0)
)
application.run()
"""


def started(arguments, **options):
    """A Python process; what is not for Popen goes into its environment."""
    popen = {name: options.pop(name) for name in ("stdout", "stderr") if name in options}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **options}
    return Popen([sys.executable, *map(str, arguments)], env=environment, text=True, **popen)


def test_an_application_goes_on_where_another_stopped(in_application, image):
    async def mark(application):
        async with await serving(application):
            begin(application, image)
            await page_sets(application, marking=True)
            drag(application.views.slices[0], (0.45, 0.6), (0.5, 0.65))
            await until(lambda: application.autosave.path.exists())
            application.page.actions.accept()
        return application.presenter.annotation

    async def go_on(application):
        application.resume()
        assert not application.autosave.due
        views = application.views.slices
        assert all(view.get_background_volume_id() for view in views)
        nodes = {view.get_view_node_id() for view in views}
        assert len(nodes) == 3
        return application.presenter.annotation

    before, after = in_application(mark), in_application(go_on)
    assert np.array_equal(before.labels, after.labels)
    assert np.array_equal(before.slice_status, after.slice_status)
    assert (after.slice_status == 3).sum() == 1


def test_nothing_to_resume_is_said(tmp_path):
    with pytest.raises(UserError, match="start without --resume"):
        Autosave(NOBODY, tmp_path, never).resume(None)


def test_what_a_killed_process_showed_is_there_again_and_sigterm_saves_it(image, weights, tmp_path):
    state, shown = tmp_path / "state", tmp_path / "shown.npz"
    with started(["-c", KILLED, image, state, weights, shown], stdout=PIPE) as process:
        try:
            assert any("shown" in line for line in process.stdout), "nothing was shown"
        finally:
            process.kill()
    assert [name for name in sessions_in(state)[0] if name.startswith("journal")]
    (left,) = state.glob(f"{STAGED}*")  # where uploads come
    command = ["-m", "S2VNetSlicerLib.cli", "serve", "--resume", "--port", "0"]
    command += ["--state", state, "--weights", weights]
    with started(command, stderr=PIPE) as server:
        try:
            assert any(line.startswith("Open http") for line in server.stderr)
            assert not left.exists()
            with pytest.raises(UserError, match="Another server saves into"):
                Autosave(NOBODY, state, never)
            server.send_signal(signal.SIGTERM)
            assert server.wait(60) == 0
        finally:
            server.kill()
    assert sorted(path.name for path in state.iterdir()) == ["lock", "sessions"]
    assert sessions_in(state) == [["scene.mrb"]]
    last = np.load(shown)
    assert 5 < (last["made"] > 0).sum() < len(last["made"])
    from S2VNetSlicerLib.scene.application import HeadlessApplication
    from S2VNetSlicerLib.scene.files import read_scene
    from S2VNetSlicerLib.workflow.presenter import Presenter

    scene_of = HeadlessApplication()
    assert read_scene(scene_of.scene, last_saved(state).scene)
    presenter = Presenter(scene_of.scene, synchronous=True)
    assert presenter.resume(), presenter.state.message
    again, there = presenter.annotation, last["made"] > 0
    assert presenter.state.modality == "CT"
    assert np.array_equal(again.labels[there], last["labels"][there])
    assert np.array_equal(again.slice_status[there], last["made"][there])
    femur, tibia = presenter.state.classes
    assert (femur.name, femur.locked, femur.terminology) == ("femur", False, TERMINOLOGY)
    assert (tibia.name, tibia.locked) == ("tibia", True)
    presenter.close()


def test_the_journal_tells_everything_since_the_scene_was_saved(in_application, image):
    async def work(application):
        async with await serving(application):
            begin(application, image)
            presenter = application.presenter
            presenter.runs.configure(live=False)
            await page_sets(application, marking=True, live=False)
            first = presenter.add_class("femur")
            assert application.autosave.save()
            application.autosave._next = float("inf")
            presenter.select_class(first)
            drag(application.views.slices[0], (0.45, 0.6), (0.5, 0.65))
            presenter.wait()
            drag(application.views.slices[0], (0.2, 0.2), (0.3, 0.2), control=True)
            presenter.wait()
            presenter.add_class("tibia", (0.0, 1.0, 0.0))
            drag(application.views.slices[0], (0.3, 0.7), (0.35, 0.7))
            presenter.wait()
            presenter.lock_class(first, True)
            presenter.rename_class(first, "thigh")
            presenter.workspace.mirror.segment(first).SetTerminology(TERMINOLOGY)
            presenter.set_modality("CT")
            presenter.accept(3)
            presenter.undo()
            presenter.accept(4)
            application.tick()
            presenter.set_axis(1)
            presenter.accept(7)
            application.tick()
            as_if_killed(application)
        return presenter.annotation

    async def go_on(application):
        application.resume()
        presenter = application.presenter
        assert application.autosave.due
        assert not presenter.state.can_undo
        labels = presenter.annotation.labels.copy()
        assert np.array_equal(labels, presenter.workspace.mirror.read_labels(presenter.annotation))
        assert presenter.workspace.mirror.structure(
            presenter.annotation.structures[0].id
        ).terminology == (TERMINOLOGY)
        return presenter.annotation, presenter.workspace.axis, presenter.workspace.volume.modality

    before = in_application(work)
    after, axis, modality = in_application(go_on)
    assert (axis, modality) == (before.axis, "CT") == (1, "CT")
    assert np.array_equal(before.labels, after.labels)
    assert np.array_equal(before.marks_volume(), after.marks_volume())
    assert np.array_equal(before.slice_status, after.slice_status)
    assert np.allclose(before.confidence, after.confidence, atol=0.01, equal_nan=True)
    assert before.structures == after.structures
    assert (before.locked, before.pending) == (after.locked, after.pending)
