"""Disks fill up and parts fail: the server goes on, says so once, and ends in order."""

from __future__ import annotations

import errno
import logging
from contextlib import chdir

import pytest
from driving import begin, serving, until
from S2VNetSlicerLib.browser import journal
from S2VNetSlicerLib.browser.autosave import Autosave
from S2VNetSlicerLib.browser.saved import last_saved
from S2VNetSlicerLib.browser.store import JournalFile
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.scene.application import HeadlessApplication
from S2VNetSlicerLib.workflow.presenter import Presenter
from test_transfers import upload


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def records(caplog, name):
    return [r for r in caplog.records if r.name == f"S2VNetSlicerLib.browser.{name}"]


def test_a_full_disk_is_told_once_and_the_journal_goes_on_as_soon_as_there_is_room(
    in_application, image, monkeypatch, caplog
):
    async def work(application):
        begin(application, image)
        presenter, autosave = application.presenter, application.autosave
        presenter.add_class("femur")
        assert autosave.save()
        autosave._next = float("inf")
        with monkeypatch.context() as patch:
            patch.setattr(JournalFile, "write", full)
            patch.setattr(journal, "_SHARE", 0)
            presenter.accept(3)
            for _ in range(40):
                application.tick()
            assert "cannot be kept" in presenter.state.message
            assert "No space left on device. Free some disk space" in presenter.state.message
            presenter.accept(4)
            application.tick()
        assert len(records(caplog, "journal")) == 1
        application.tick()
        rows = {(name, number) for _, name, number, _ in autosave.journal.file.read()}
        assert {name for name, _ in rows} >= {"head"}
        assert autosave.journal.fault is None
        autosave.journal.file.close()
        autosave.close = autosave.lock.release  # as if it was killed
        return presenter.annotation.slice_status.tolist()

    async def go_on(application):
        application.resume()
        return application.presenter.annotation.slice_status.tolist()

    assert in_application(work) == in_application(go_on)


def test_a_save_that_fails_is_tried_again_and_told_once_in_the_log(
    in_application, image, monkeypatch, caplog
):
    async def work(application):
        begin(application, image)
        presenter, autosave = application.presenter, application.autosave
        now = [0.0]
        autosave._clock = lambda: now[0]
        presenter.add_class("femur")
        with monkeypatch.context() as patch:
            patch.setattr("S2VNetSlicerLib.scene.files._finish_bundle", full)
            for _ in range(3):
                now[0] += 10
                application.tick()
                autosave.wait()
            assert "No space left on device" in presenter.state.message
        assert len(records(caplog, "autosave")) == 1
        now[0] += 10
        application.tick()
        autosave.wait()
        assert autosave.path.is_file()
        assert not autosave.due

    in_application(work)


def test_every_step_of_the_end_is_done_though_others_fail(in_application, image, monkeypatch):
    async def work(application):
        async with await serving(application) as client:
            assert await upload(client, ("balls.nii.gz", image.read_bytes())) == 200
            presenter = application.presenter
            presenter.add_class("femur")
            uploads = application.transfers.uploads.folder
            (uploads / "patient.nii.gz").write_bytes(b"left")
            monkeypatch.setattr("S2VNetSlicerLib.scene.files._finish_bundle", full)
            monkeypatch.setattr(application, "_stop", full)
            monkeypatch.setattr(application.tool, "detach_all", full)
            closed = []
            end = presenter.close
            monkeypatch.setattr(presenter, "close", lambda: closed.append(end()))
            with pytest.raises(UserError) as told:
                application.close()
            assert closed
            assert not uploads.exists()
            assert not application.autosave.lock.is_locked
            for step in ("Ending the run", "Saving", "Letting go of the views"):
                assert f"{step}: " in str(told.value)

    in_application(work)


def test_a_tick_that_fails_is_logged_once_and_keeps_no_other_part(
    in_application, image, monkeypatch, caplog
):
    async def work(application):
        begin(application, image)
        polled = []
        with monkeypatch.context() as patch:
            patch.setattr(application.presenter, "tick", broken)
            patch.setattr(application.autosave, "poll", lambda: polled.append(1))
            for _ in range(33):
                application.tick()
        assert len(polled) == 33
        assert "a fault" in application.server.state.notice

    def broken():
        raise RuntimeError("a fault")

    caplog.set_level(logging.INFO, logger="S2VNetSlicerLib")
    in_application(work)
    assert len(records(caplog, "server")) == 1


def test_an_upload_without_room_is_told_on_the_page(in_application, image, monkeypatch):
    async def work(application):
        monkeypatch.setattr(application.transfers.uploads, "_store", full)
        async with await serving(application) as client:
            assert await upload(client, ("balls.nii.gz", image.read_bytes())) == 500
            told = application.server.state.notice
            assert told.startswith("The file cannot be loaded: No space left on device. Free some")

    in_application(work)


def test_a_state_folder_that_was_removed_is_made_again(in_application, image, tmp_path):
    import shutil

    async def work(application):
        begin(application, image)
        application.presenter.add_class("femur")
        assert application.autosave.save()
        shutil.rmtree(tmp_path / "state")
        application.presenter.accept(2)
        await until(lambda: application.tick() or application.autosave.path.is_file())
        async with await serving(application) as client:
            assert await upload(client, ("balls.nii.gz", image.read_bytes())) == 200

    async def go_on(application):
        application.resume()
        return application.presenter.state.segmentations

    in_application(work)
    assert in_application(go_on)


def test_a_state_folder_may_be_relative(tmp_path, image):
    from S2VNetSlicerLib.browser.autosave import _now
    from S2VNetSlicerLib.scene.volumes import volume_to_node
    from S2VNetSlicerLib.volumes.reading import read_volume

    application = HeadlessApplication()
    presenter = Presenter(application.scene, synchronous=True)
    node = volume_to_node(read_volume(image), application.scene)
    assert presenter.choose_volume(node.GetID())
    with chdir(tmp_path):
        autosave = Autosave(presenter, "state", _now)
        presenter.add_class("femur")
        assert autosave.poll(), presenter.state.message
        autosave.close()
    assert last_saved(tmp_path / "state").scene.is_file()
    presenter.close()
