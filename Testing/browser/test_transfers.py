"""Volumes come in, results go out; nothing of it stays and nothing waits for it."""

from __future__ import annotations

import asyncio
import io
import threading
import time
import zipfile

import aiohttp
import numpy as np
import pytest
from driving import begin, serving, until, write_series
from S2VNetSlicerLib import logs
from S2VNetSlicerLib.scene import files


async def upload(client, *parts):
    form = aiohttp.FormData(quote_fields=False)
    for name, content in parts:
        form.add_field("files", content, filename=name)
    async with client.post("/upload", data=form) as answer:
        return answer.status


def test_a_volume_is_uploaded_and_the_result_downloaded(in_application, image):
    async def test(application):
        async with await serving(application) as client:
            assert await upload(client, ("../../balls.nii.gz", image.read_bytes())) == 200
            assert application.presenter.state.volumes[0].name == "balls.nii.gz"
            folder = application.transfers.uploads.folder
            assert list(folder.iterdir()) == []
            async with client.get("/export/segmentation.nii.gz") as answer:
                assert answer.status == 409
            application.presenter.add_class()
            for suffix, start in (
                (".nii.gz", b"\x1f\x8b"),
                (".seg.nrrd", b"NRRD"),
                (".mrb", b"PK"),
            ):
                async with client.get(f"/export/segmentation{suffix}") as answer:
                    assert answer.status == 200
                    assert (await answer.read()).startswith(start)
            async with client.get("/export/segmentation.exe") as answer:
                assert answer.status == 404
            assert await upload(client, ("a.nii.gz", b"no volume")) == 422
            assert "a.nii.gz" in application.server.state.notice
            assert str(folder) not in application.server.state.notice
            assert list(folder.iterdir()) == []
        return folder

    assert not in_application(test).exists()


def test_answers_tell_browsers_what_they_may_do_and_not_which_version_runs(in_application):
    async def test(application):
        async with await serving(application) as client:
            for path in ("/index.html", "/log", "/nowhere"):
                async with client.get(path) as answer:
                    assert answer.headers["X-Content-Type-Options"] == "nosniff"
                    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
                    assert answer.headers["Server"] == "S2VNet"
            async with client.post("/paraview/", json={}) as answer:
                assert (answer.status, await answer.json()) == (200, None)

    in_application(test)


def test_the_log_can_be_read(in_application):
    async def test(application):
        logs.configure()
        logs.run("propagate", slices=7)
        async with await serving(application) as client, client.get("/log") as answer:
            assert answer.status == 200
            text = await answer.text()
        assert str(logs.log_file()) in text
        assert '"slices": 7' in text

    in_application(test)


@pytest.mark.parametrize("way", ["files", "zip"])
def test_a_dicom_series_is_uploaded(in_application, volume, tmp_path, way):
    paths = write_series(tmp_path / "series", volume.array[:5])
    parts = [(f"patient/{path.name}", path.read_bytes()) for path in paths]
    parts.append(("patient/DICOMDIR", b"an index"))
    if way == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts:
                archive.writestr(name, content)
        parts = [("series.zip", packed.getvalue())]

    async def test(application):
        async with await serving(application) as client:
            assert await upload(client, *parts) == 200, application.server.state.notice
            state = application.presenter.state
            assert state.modality == "CT"
            array = application.presenter.workspace.volume.array
            assert np.array_equal(array, volume.array[:5])

    in_application(test)


def test_the_server_answers_while_a_result_is_written(in_application, image, monkeypatch):
    let, entered = threading.Event(), threading.Event()
    monkeypatch.setattr(files, "write_label_map", slow(files.write_label_map, let, entered))
    monkeypatch.setattr(files, "_finish_bundle", slow(files._finish_bundle, let, entered))

    async def test(application):
        async with await serving(application) as client:
            begin(application, image)
            presenter = application.presenter
            presenter.wait()
            presenter.add_class()
            await until(entered.is_set)  # the first save
            export = asyncio.create_task(client.get("/export/segmentation.nii.gz"))
            await until(lambda: "Writing" in application.server.state.working)
            assert "Saving" in application.server.state.working
            async with client.get("/index.html") as answer:
                assert answer.status == 200
            assert presenter.rename_class(presenter.state.classes[0].id, "femur")
            assert not export.done()
            let.set()
            async with await export as answer:
                assert answer.status == 200
            await until(lambda: not application.server.state.working)
            assert application.autosave.path.exists()
            assert application.autosave.due, "the name came after the scene was taken"

    try:
        in_application(test)
    finally:
        let.set()


def slow(function, let, entered):
    def wait(*arguments):
        assert threading.current_thread() is not threading.main_thread()
        entered.set()
        assert let.wait(30)
        time.sleep(0)
        return function(*arguments)

    return lambda *arguments: function(*arguments) if let.is_set() else wait(*arguments)
