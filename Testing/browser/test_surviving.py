"""However a server ends, what was shown is there again."""

from __future__ import annotations

import os
import signal
import sys
from subprocess import PIPE, Popen
from types import SimpleNamespace

import numpy as np
import pytest
from chromium import CHROMIUM
from driving import begin, drag, page_sets, serving, shown, until
from S2VNetSlicerLib.browser.autosave import Autosave
from S2VNetSlicerLib.browser.saved import last_saved
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.scene.files import STAGED

NOBODY = SimpleNamespace(canvas=None, annotation=None)


def sessions_in(state):
    """The names of what each session of a state folder holds, the oldest first."""
    folders = sorted((state / "sessions").iterdir())
    return [sorted(path.name for path in folder.iterdir()) for folder in folders]


def never(work):
    raise AssertionError("nothing is to be written")


def as_if_killed(application):
    """The application will end without saving anything."""
    autosave = application.autosave

    def close():
        autosave.journal.file.close()
        autosave.lock.release()

    autosave.close = close


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
from S2VNetSlicerLib.workflow.engine import Engine
GridSettings.__init__.__defaults__ = (64, *GridSettings.__init__.__defaults__[1:])
image, state, weights, shown = map(Path, sys.argv[1:])
run = Engine.run
def slowly(self, task, stopped):
    for item in run(self, task, stopped):
        yield item
        time.sleep(0.0 if task.encode else 0.08)
Engine.run = slowly
application = Application(Settings(port=0, state=state, weights=weights))
application.load(image)
presenter = application.presenter
femur, tibia = presenter.add_class("femur"), presenter.add_class("tibia")
assert application.autosave.save()
application.autosave._next = float("inf")  # the journal alone knows what follows
presenter.set_modality("CT")
presenter.lock_class(tibia, True)
presenter.select_class(femur)
presenter.canvas.segment(femur).SetTerminology({TERMINOLOGY!r})
tick = application.tick
def ticking():
    tick()
    annotation = presenter.annotation
    if (annotation.made > 0).any():
        np.savez(shown.with_suffix(".part.npz"), labels=annotation.labels, made=annotation.made)
        shown.with_suffix(".part.npz").replace(shown)
        if (annotation.made > 0).sum() > 5:
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
    assert np.array_equal(before.made, after.made)
    assert (after.made == 3).sum() == 1


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
    assert np.array_equal(again.made[there], last["made"][there])
    femur, tibia = presenter.state.classes
    assert (femur.name, femur.locked, femur.terminology) == ("femur", False, TERMINOLOGY)
    assert (tibia.name, tibia.locked) == ("tibia", True)
    presenter.close()


def test_the_journal_tells_everything_since_the_scene_was_saved(in_application, image):
    async def work(application):
        async with await serving(application):
            begin(application, image)
            presenter = application.presenter
            presenter.live = False
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
            presenter.canvas.segment(first).SetTerminology(TERMINOLOGY)
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
        assert np.array_equal(labels, presenter.canvas.read_labels(presenter.annotation))
        assert presenter.canvas.structure(presenter.annotation.structures[0].id).terminology == (
            TERMINOLOGY
        )
        return presenter.annotation, presenter.axis, presenter.volume.modality

    before = in_application(work)
    after, axis, modality = in_application(go_on)
    assert (axis, modality) == (before.axis, "CT") == (1, "CT")
    assert np.array_equal(before.labels, after.labels)
    assert np.array_equal(before.marks_volume(), after.marks_volume())
    assert np.array_equal(before.made, after.made)
    assert np.allclose(before.confidence, after.confidence, atol=0.01, equal_nan=True)
    assert before.structures == after.structures
    assert (before.locked, before.pending) == (after.locked, after.pending)


def test_a_journal_that_is_cut_off_keeps_what_was_whole(in_application, image, tmp_path):
    async def work(application):
        begin(application, image)
        application.presenter.add_class("femur")
        assert application.autosave.save()
        first = application.presenter.state.classes[0].id
        application.presenter.rename_class(first, "thigh")
        application.tick()
        as_if_killed(application)

    async def go_on(application):
        application.resume()
        return [row.name for row in application.presenter.state.classes]

    in_application(work)
    state = tmp_path / "state"
    (journal,) = state.glob("sessions/*/journal.sqlite")
    with journal.with_name("journal.sqlite-wal").open("ab") as file:
        file.write(b"half a change")
    (state / f"{STAGED}left").mkdir()
    assert in_application(go_on) == ["thigh"]
    assert list(state.glob(f"{STAGED}*")) == []
    assert sessions_in(state) == [["scene.mrb"]]


def test_a_journal_that_is_damaged_is_told_and_kept(in_application, image, tmp_path):
    async def work(application):
        begin(application, image)
        application.presenter.add_class("femur")
        assert application.autosave.save()
        as_if_killed(application)

    async def go_on(application):
        application.resume()
        told = application.presenter.state.message
        application.presenter.add_class("tibia")
        application.tick()
        return told, application.presenter.state.classes

    in_application(work)
    (journal,) = (tmp_path / "state").glob("sessions/*/journal.sqlite")
    journal.write_bytes(b"no database" * 1000)
    told, classes = in_application(go_on)
    assert [row.name for row in classes] == ["femur", "tibia"]
    assert sessions_in(tmp_path / "state") == [["journal-unreadable-1.sqlite", "scene.mrb"]]
    assert "not a database" in told


def test_the_page_opens_the_last_session_and_a_new_one_leaves_it(in_application, image, tmp_path):
    async def work(application):
        assert application.server.state.last_session == ""
        begin(application, image)
        application.presenter.add_class("femur")

    async def look(application):
        begin(application, image)
        application.presenter.add_class("another")
        assert application.server.state.last_session
        application.page.actions.open_last()
        assert "begun already" in application.server.state.notice

    async def go_on(application):
        begin(application, image)  # it gives way
        application.page.actions.open_last()
        assert application.server.state.notice == ""
        assert application.server.state.last_session == ""
        assert len(application.presenter.state.volumes) == 1
        return [row.name for row in application.presenter.state.classes]

    in_application(work)
    (first,) = (tmp_path / "state").glob("sessions/*/scene.mrb")
    kept = first.read_bytes()
    in_application(look)
    assert first.read_bytes() == kept
    assert in_application(go_on) == ["another"]
    assert sessions_in(tmp_path / "state") == [["scene.mrb"], ["scene.mrb"]]


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing")
def test_the_last_session_is_one_click_away(in_application, image):
    pytest.importorskip("playwright", reason="Playwright is not installed")

    async def work(application):
        begin(application, image)
        application.presenter.add_class("femur")

    async def go_on(application):
        async with shown(application) as page:
            assert "Saved on" in await page.inner_text("#group-volume")
            await page.click("#open-last")
            await page.wait_for_selector(".class")
            assert await page.input_value(".class input[type=text]") == "femur"
            await page.wait_for_selector("#open-last", state="detached")

    in_application(work)
    in_application(go_on)


def test_a_session_that_cannot_be_opened_says_why_and_stays(in_application, image, tmp_path):
    async def work(application):
        begin(application, image)
        application.presenter.add_class("femur")

    async def look(application):
        application.page.actions.open_last()
        return application.server.state.notice, application.server.state.last_session

    in_application(work)
    (scene,) = (tmp_path / "state").glob("sessions/*/scene.mrb")
    scene.write_bytes(scene.read_bytes()[:-100])
    told, last = in_application(look)
    assert "is not a zip file" in told
    assert last, "it is offered again"
    assert scene.exists()


def test_two_segmentations_come_back_and_the_one_that_was_shown_is_shown(in_application, image):
    async def work(application):
        begin(application, image)
        presenter = application.presenter
        presenter.live = False
        presenter.add_class("femur")
        application.choose_segmentation(None)
        presenter.add_class("tibia")
        assert application.autosave.save()
        application.autosave._next = float("inf")
        first, second = presenter.state.segmentations
        presenter.accept(2)
        presenter.set_axis(1)
        presenter.accept(5)
        application.choose_segmentation(first.id)
        presenter.rename_class(presenter.state.classes[0].id, "thigh")
        presenter.set_axis(2)
        presenter.accept(7)
        application.tick()
        as_if_killed(application)
        return first.id, second.id

    async def go_on(application):
        application.resume()
        presenter = application.presenter
        shown = presenter.state.segmentation
        found = {}
        for row in presenter.state.segmentations:
            application.choose_segmentation(row.id)
            names = [s.name for s in presenter.annotation.structures]
            accepted = np.flatnonzero(presenter.annotation.made == 3).tolist()
            found[row.id] = names, presenter.axis, accepted
        return shown, found

    first, second = in_application(work)
    shown, found = in_application(go_on)
    assert shown == first
    assert found == {first: (["thigh"], 2, [7]), second: (["tibia"], 1, [5])}
