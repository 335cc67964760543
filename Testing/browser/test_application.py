"""The application without a browser: real events in its views, its routes, what it keeps."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time

import aiohttp
import numpy as np
import pytest
from S2VNetSlicerLib.browser.drawing import page_values
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.workflow.state import State

TOKEN = "correct-horse-battery"


async def serving(application, **options):
    application.start()
    assert await application.server.ready
    return aiohttp.ClientSession(f"http://127.0.0.1:{application.server.port}", **options)


async def until(condition) -> None:
    for _ in range(600):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("what was waited for did not come")


async def page_sets(application, **values) -> None:
    with application.server.state as state:
        state.update(values)
    await asyncio.sleep(0)


def drag(view, *points, control: bool = False) -> None:
    """The left button goes along pixels of a view, given in parts of its size."""
    interactor = view.interactor()
    width, height = view.render_window().GetSize()
    events = ["LeftButtonPressEvent"] + ["MouseMoveEvent"] * (len(points) - 1)
    for event, (x, y) in zip(events, points, strict=True):
        interactor.SetEventInformation(int(x * width), int(y * height), int(control), 0)
        interactor.InvokeEvent(event)
    interactor.InvokeEvent("LeftButtonReleaseEvent")


def begin(application, image) -> None:
    for view in application.views.all:
        view.update_size(200, 200)
        view.interactor().InvokeEvent("WindowResizeEvent")
    application.load(image)


def test_marks_in_a_view_become_marks_of_the_class_and_come_back(in_application, image):
    async def test(application):
        async with await serving(application):
            begin(application, image)
            presenter, axial = application.presenter, application.views.slices[0]
            await page_sets(application, marking=True, live=False, radius=2)
            assert application.tool.enabled
            assert not presenter.live
            drag(axial, (0.45, 0.6), (0.5, 0.65))
            presenter.wait()
            assert [row.name for row in presenter.state.classes] == ["Structure 1"]
            z = presenter.state.slice
            marks = presenter.annotation.marks_volume()
            assert set(np.unique(marks)) == {0, 2}
            assert np.flatnonzero(marks.any((1, 2))).tolist() == [z]
            drag(axial, (0.2, 0.2), (0.3, 0.2), control=True)
            presenter.wait()
            both = presenter.annotation.marks_volume()
            assert set(np.unique(both)) == {0, 1, 2}
            presenter.undo()
            assert np.array_equal(presenter.annotation.marks_volume(), marks)
            presenter.redo()
            assert np.array_equal(presenter.annotation.marks_volume(), both)
            await page_sets(application, kind="erase")
            drag(axial, (0.2, 0.2), (0.3, 0.2))
            assert (presenter.annotation.marks_volume() == 1).sum() < (both == 1).sum()
            await page_sets(application, marking=False)
            before = presenter.annotation.marks_volume()
            drag(axial, (0.6, 0.6), (0.7, 0.6))
            assert np.array_equal(presenter.annotation.marks_volume(), before)

    in_application(test)


def test_the_page_shows_the_state_and_its_buttons_command(in_application, image):
    async def test(application):
        async with await serving(application):
            begin(application, image)
            presenter, page = application.presenter, application.server.state
            actions = application.page.actions
            actions.add_class()
            row = presenter.state.classes[0]
            actions.rename(row.id, "femur")
            actions.recolour(row.id, "#ff0000")
            actions.lock_class(row.id, True)
            shown = page.classes[0]
            assert (shown["name"], shown["colour"], shown["locked"]) == ("femur", "#ff0000", True)
            actions.lock_class(row.id, False)
            assert not page.can_propagate
            await page_sets(application, marking=True)
            drag(application.views.slices[0], (0.45, 0.6), (0.5, 0.65))
            await until(lambda: presenter.idle and not presenter.state.busy)
            assert page.can_propagate
            assert page.can_undo
            assert sum(run["n"] for run in page.strip) == page.slices == 16
            actions.go_to(3)
            assert page.slice == 3
            actions.accept()
            assert {"z": 3, "accepted": True} in page.ticks
            actions.go_to(99)
            assert "no slice 99" in page.message

    in_application(test)


def test_volumes_are_never_rendered_as_volumes(in_application, image):
    async def test(application):
        begin(application, image)
        scene = application.slicer.scene
        assert scene.GetNumberOfNodesByClass("vtkMRMLVolumeRenderingDisplayNode") == 0
        assert all(view.render_window().GetMultiSamples() == 0 for view in application.views.all)

    in_application(test)


def test_nothing_is_served_without_the_token(in_application):
    async def test(application):
        async with await serving(application) as client:
            for path in ("/", "/index.html", "/ws", "/export/x.mrb", "/?token=wrong", "/none"):
                async with client.get(path, allow_redirects=False) as answer:
                    assert answer.status == 403, path
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await client.ws_connect("/ws")
            async with client.post("/upload", data={"files": "x"}) as answer:
                assert answer.status == 403
            bearer = {"Authorization": f"Bearer {TOKEN}"}
            async with client.get("/index.html", headers=bearer) as answer:
                assert answer.status == 200
        jar = aiohttp.CookieJar(unsafe=True)
        address = f"http://127.0.0.1:{application.server.port}"
        async with aiohttp.ClientSession(address, cookie_jar=jar) as client:
            async with client.get(f"/?token={TOKEN}") as answer:
                assert answer.status == 200
                assert TOKEN not in str(answer.url)
            async with client.ws_connect("/ws") as socket:
                assert not socket.closed

    in_application(test, token=TOKEN)


def test_pages_of_other_origins_and_other_names_are_refused(in_application):
    async def test(application):
        async with await serving(application) as client:
            for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
                with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                    await client.ws_connect("/ws", headers=headers)
            async with client.get("/index.html") as answer:
                assert answer.status == 200
                index = await answer.text()
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", index)
        assert application.server.state.trame__favicon.startswith("data:")

    in_application(test)


def test_a_volume_is_uploaded_and_the_result_downloaded(in_application, image, tmp_path):
    async def test(application):
        async with await serving(application) as client:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("files", image.read_bytes(), filename="../../balls.nii.gz")
            async with client.post("/upload", data=form) as answer:
                assert answer.status == 200
            assert application.presenter.state.volumes[0].name == "balls.nii.gz"
            async with client.get("/export/segmentation.nii.gz") as answer:
                assert answer.status == 409
            application.presenter.add_class()
            async with client.get("/export/segmentation.nii.gz") as answer:
                assert answer.status == 200
                assert len(await answer.read()) > 100
            async with client.get("/export/segmentation.exe") as answer:
                assert answer.status == 404
            form = aiohttp.FormData()
            form.add_field("files", b"no volume", filename="a.nii.gz")
            async with client.post("/upload", data=form) as answer:
                assert answer.status == 422
            assert "a.nii.gz" in application.server.state.notice
        return application.uploads.folder

    folder = in_application(test)
    assert not folder.exists()


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


def test_nothing_to_resume_is_said(in_application):
    async def test(application):
        application.resume()

    with pytest.raises(UserError, match="start without --resume"):
        in_application(test)


SERVED = """
import sys
from pathlib import Path
import numpy as np
from S2VNetSlicerLib.browser.server import Application, Settings
image, state, weights = map(Path, sys.argv[1:])
application = Application(Settings(port=0, state=state, weights=weights))
application.load(image)
application.autosave._next = float("inf")  # only the end saves
application.presenter.live = False
def ready(**_):
    assert application.presenter.stroke(np.zeros((1, 3)), 3.0)
    print("ready", flush=True)
application.server.controller.on_server_ready.add(ready)
application.run()
"""


def test_sigterm_saves_and_deletes_what_was_uploaded(image, weights, tmp_path):
    state, temporary = tmp_path / "state", tmp_path / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-c", SERVED, str(image), str(state), str(weights)]
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        try:
            assert any("ready" in line for line in process.stdout), "the server did not start"
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
    assert (state / "scene.mrb").stat().st_size > 0
    assert [path.name for path in temporary.glob("s2vnet-*")] == []


def test_a_state_without_anything_is_shown():
    values = page_values(State())
    assert values["strip"] == values["ticks"] == []
    assert not values["can_propagate"]
    assert not values["can_export"]


def test_the_strip_and_the_time_left():
    confidence = np.array([np.nan, 0.9, 0.9, 0.2], np.float32)
    made = np.array([0, 1, 2, 3], np.uint8)
    options = {"busy": "Propagating", "done": 2, "total": 4, "seconds_left": 61.5}
    state = State(slices=4, slice=2, confidence=confidence, made=made, worst=2, **options)
    values = page_values(state)
    assert [(run["z"], run["n"]) for run in values["strip"]] == [(0, 1), (1, 2), (3, 1)]
    assert [(tick["z"], tick["accepted"]) for tick in values["ticks"]] == [(2, False), (3, True)]
    assert values["progress"] == 50
    assert values["progress_text"] == "Propagating... 2 of 4 slices, 1 min 2 s left"
    assert values["slice_text"] == "Slice 3 of 4: marked, expected Dice 0.90, the worst"
