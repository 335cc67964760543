"""The application without a browser: real events in its views, its routes, what it keeps."""

from __future__ import annotations

import re

import aiohttp
import numpy as np
import pytest
from driving import begin, drag, page_sets, serving, until
from S2VNetSlicerLib.browser.drawing import page_values
from S2VNetSlicerLib.workflow.state import State

TOKEN = "correct-horse-battery"


def test_marks_in_a_view_become_marks_of_the_class_and_come_back(in_application, image):
    async def test(application):
        async with await serving(application):
            begin(application, image)
            presenter, axial = application.presenter, application.views.slices[0]
            await page_sets(application, marking=True, live=False, radius=2)
            assert application.tool.enabled
            assert not presenter.runs.live
            drag(axial, (0.45, 0.6), (0.5, 0.65))
            scene = application.slicer.scene
            assert scene.GetNumberOfNodesByClass("vtkMRMLVolumeRenderingDisplayNode") == 0
            views = application.views.all
            assert all(view.render_window().GetMultiSamples() == 0 for view in views)
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


def test_three_views_look_along_the_axes_and_one_is_in_3d(in_application, image):
    async def test(application):
        begin(application, image)
        looks = [
            [view.get_view_node().GetSliceToRAS().GetElement(row, 2) for row in range(3)]
            for view in application.views.slices
        ]
        assert np.abs(np.round(looks)).tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
        assert application.views.threed.get_view_node().IsA("vtkMRMLViewNode")
        assert len({view.get_singleton_tag() for view in application.views.all}) == 4

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


def test_nothing_is_served_without_the_token(in_application):
    async def test(application):
        async with await serving(application) as client:
            for path in (
                "/",
                "/index.html",
                "/ws",
                "/export/x.mrb",
                "/log",
                "/?token=wrong",
                "/none",
            ):
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
            for path in ("/", "/index.html"):  # trame's page would obey this address
                foreign = f"{path}?sessionURL=ws://evil.example/ws"
                async with client.get(foreign, allow_redirects=False) as answer:
                    assert answer.status == 302
                    assert "evil" not in answer.headers["Location"]
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", index)
        assert application.server.state.trame__favicon.startswith("data:")

    in_application(test)


def test_keys_do_what_buttons_do(in_application, image):
    async def test(application):
        async with await serving(application):
            begin(application, image)
            presenter, page = application.presenter, application.server.state
            press = application.page.actions.press
            press("mark")
            assert page.marking
            for action, kind in (
                ("negative", "background"),
                ("erase", "erase"),
                ("erase", "structure"),
            ):
                press(action)
                assert page.kind == kind
            press("mark")
            assert not page.marking
            ids = [presenter.add_class(), presenter.add_class()]
            press("next_class")
            assert presenter.state.selected == ids[0]
            presenter.runs.configure(live=False)
            await page_sets(application, marking=True, live=False)
            drag(application.views.slices[0], (0.45, 0.6), (0.5, 0.65))
            press("undo")
            assert not presenter.state.anchored
            press("redo")
            assert presenter.state.anchored
            press("whole")
            presenter.tick()
            assert not presenter.state.idle
            press("cancel")
            presenter.wait()
            assert (presenter.state.slice_status == 0).any()
            press("up")
            presenter.wait()
            assert (presenter.state.slice_status[presenter.state.slice :] > 0).all()
            press("down")
            presenter.wait()
            assert (presenter.state.slice_status > 0).all()
            press("accept")
            assert presenter.state.slice_status[presenter.state.slice] == 3
            press("between")
            assert "between" in presenter.state.message
            press("worst")
            assert presenter.state.slice == presenter.state.worst
            press("nothing of the kind")

    in_application(test)


def test_a_result_is_corrected_and_what_changes_is_counted(in_application, image, volume, tmp_path):
    from S2VNetSlicerLib.volumes.writing import write_label_map

    automatic = np.zeros(volume.array.shape, np.uint8)
    automatic[4:12, 15:30, 15:30], automatic[4:12, 35:50, 35:50] = 1, 2
    write_label_map(tmp_path / "other.nii.gz", automatic, volume.geometry)

    async def send(client, path):
        form = aiohttp.FormData()
        form.add_field("files", path.read_bytes(), filename=path.name)
        async with client.post("/result", data=form) as answer:
            return answer.status

    async def test(application):
        async with await serving(application) as client:
            assert await send(client, tmp_path / "other.nii.gz") == 422
            assert "load the volume" in application.server.state.notice
            begin(application, image)
            assert await send(client, tmp_path / "other.nii.gz") == 200
            presenter, page = application.presenter, application.server.state
            assert np.array_equal(presenter.annotation.labels, automatic)
            assert len(page.classes) == 2
            assert [row["changed"] for row in page.classes] == ["", ""]
            await page_sets(application, marking=True)
            drag(application.views.slices[0], (0.2, 0.2), (0.3, 0.2))
            await until(lambda: presenter.idle and page.idle)
            assert any(row["changed"] for row in page.classes)
            chosen = page.segmentation
            application.page.actions.choose_segmentation(None)
            application.page.actions.add_class()
            assert page.segmentation not in (None, chosen)
            assert [item["value"] for item in page.segmentations] == [
                None,
                chosen,
                page.segmentation,
            ]
            application.page.actions.choose_segmentation(chosen)
            assert len(page.classes) == 2

    in_application(test)


def test_surfaces_appear_change_and_go(in_application, image):
    async def test(application):
        async with await serving(application):
            begin(application, image)
            presenter = application.presenter
            await page_sets(application, marking=True)
            drag(application.views.slices[0], (0.45, 0.6), (0.5, 0.65))
            await until(lambda: presenter.idle and presenter.annotation.labels.any())
            segmentation = presenter.workspace.mirror.node.GetSegmentation()

            def points() -> int:
                segment = segmentation.GetNthSegment(0)
                surface = segment.GetRepresentation("Closed surface")
                return 0 if surface is None else surface.GetNumberOfPoints()

            await until(lambda: points() > 0)
            before = points()
            presenter.undo()
            await until(lambda: points() != before)
            presenter.add_class()
            assert segmentation.GetNthSegment(1).GetRepresentation("Closed surface") is not None
            await page_sets(application, surfaces=False)
            await until(lambda: not segmentation.ContainsRepresentation("Closed surface"))
            presenter.redo()
            presenter.wait()
            await page_sets(application, surfaces=True)
            await until(lambda: points() == before)

    in_application(test)


def test_a_state_without_anything_is_shown():
    values = page_values(State())
    assert values["strip"] == values["ticks"] == []
    assert not values["can_propagate"]
    assert not values["can_export"]


def test_the_strip_and_the_time_left():
    confidence = np.array([np.nan, 0.9, 0.9, 0.2], np.float32)
    slice_status = np.array([0, 1, 2, 3], np.uint8)
    options = {"busy": "Propagating", "done": 2, "total": 4, "seconds_left": 61.5}
    state = State(
        slices=4, slice=2, confidence=confidence, slice_status=slice_status, worst=2, **options
    )
    values = page_values(state)
    assert [(run["z"], run["n"]) for run in values["strip"]] == [(0, 1), (1, 2), (3, 1)]
    assert [(tick["z"], tick["accepted"]) for tick in values["ticks"]] == [(2, False), (3, True)]
    assert values["progress"] == 50
    assert values["progress_text"] == "Propagating... 2 of 4 slices, 1 min 2 s left"
    assert values["slice_text"] == "Slice 3 of 4: marked, expected agreement 90 %, the worst"
