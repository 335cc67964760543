"""What a journal holds, as far as it can be read, is shown again; sessions do not mix."""

from __future__ import annotations

import numpy as np
import pytest
from chromium import CHROMIUM
from driving import as_if_killed, begin, held, sessions_in, shown
from S2VNetSlicerLib.annotation.initial import InitialSegmentation
from S2VNetSlicerLib.browser.store import JournalFile
from S2VNetSlicerLib.scene.files import STAGED


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


def test_of_a_journal_in_part_readable_the_rest_is_shown_and_all_is_kept(
    in_application, image, tmp_path
):
    async def work(application):
        begin(application, image)
        presenter = application.presenter
        for name in ("femur", "tibia"):
            application.choose_segmentation(None)
            presenter.add_class(name)
        assert application.autosave.save()
        application.autosave._next = float("inf")
        for row in presenter.state.segmentations:
            application.choose_segmentation(row.id)
            presenter.rename_class(presenter.state.classes[0].id, "renamed")
            application.tick()
        as_if_killed(application)
        return [row.id for row in presenter.state.segmentations]

    async def go_on(application):
        application.resume()
        presenter, told, names = application.presenter, application.presenter.message.text, []
        for row in presenter.state.segmentations:
            application.choose_segmentation(row.id)
            names.append(presenter.state.classes[0].name)
        application.tick()
        return told, names

    first, _ = in_application(work)
    (path,) = (tmp_path / "state").glob("sessions/*/journal.sqlite")
    file = JournalFile(path)
    file.write([(first, "head", 99, b"{damaged")], 0, [])
    before = file.read()
    file.close()
    told, names = in_application(go_on)
    assert names == ["renamed", "renamed"]
    assert "cannot be shown" in told
    (kept,) = path.parent.glob("journal-unreadable-*.sqlite")
    assert kept.name in told
    assert JournalFile(kept).read() == before


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
            assert await page.inner_text(".class .name") == "femur"
            await page.wait_for_selector("#open-last", state="detached")

    in_application(work)
    in_application(go_on)


def test_what_another_method_found_is_still_what_is_corrected(in_application, image):
    async def work(application):
        begin(application, image)
        presenter = application.presenter
        presenter.add_class("brain")
        presenter.workspace.fix_axis(0)
        assert application.autosave.save()
        application.autosave._next = float("inf")
        annotation = presenter.annotation
        labels = np.zeros(annotation.shape, np.uint8)
        labels[:, 5:20, 5:20] = 1
        for z in range(annotation.slices):
            annotation.write(z, labels[z], np.array([0.9]))
        presenter.workspace.mirror.write_labels(annotation, range(annotation.slices))
        annotation.begin_with(InitialSegmentation(labels, "a method"), ("method", "a method"))
        application.tick()
        as_if_killed(application)

    async def go_on(application):
        application.resume()
        return application.presenter.annotation

    in_application(work)
    after = in_application(go_on)
    assert after.initial is not None
    assert after.initial.source == "a method"
    assert after.initial.labels[:, 5:20, 5:20].all()
    assert np.array_equal(after.labels, after.initial.labels)
    assert after.provenance == [(("method", "a method"),)] * after.slices
    assert after.voxels()[1].tolist() == [0]


def test_a_search_that_found_nothing_is_saved_and_comes_back(in_application, image):
    async def work(application):
        begin(application, image)
        presenter = application.presenter
        for _ in range(2):
            presenter.add_class()
        annotation = presenter.annotation
        nothing = InitialSegmentation(annotation.labels.copy(), "a search")
        annotation.begin_with(nothing, ("model", "a search"))
        presenter.workspace.mirror.keep_initial(annotation)

    async def go_on(application):
        application.resume()
        return application.presenter.annotation

    in_application(work)
    after = in_application(go_on)
    assert after.initial.source == "a search"
    assert not after.initial.labels.any()


@pytest.mark.parametrize(
    ("killed", "expected"),
    [
        (True, "is not complete: Whole volume carries it on"),
        (False, "1 marked slice is still to be carried through the volume"),
    ],
)
def test_a_run_that_was_interrupted_is_told(in_application, image, killed, expected):
    async def work(application):
        begin(application, image)
        presenter = application.presenter
        presenter.add_class("femur")
        assert application.autosave.save()
        application.autosave._next = float("inf")
        presenter.workspace.fix_axis(0)
        with held(presenter, 2):
            assert presenter.stroke(np.zeros((1, 3)), 3.0), presenter.state.message
            for _ in range(200):
                application.tick()
                if presenter.state.busy == "Propagating" and presenter.state.done >= 2:
                    break
            assert presenter.runs.state.running is not None
            if killed:
                as_if_killed(application)

    async def go_on(application):
        application.resume()
        presenter = application.presenter
        told, pending = presenter.state.message, set(presenter.annotation.pending)
        assert presenter.propagate()
        presenter.wait()
        return told, pending, (presenter.annotation.slice_status > 0).all()

    in_application(work)
    told, pending, complete = in_application(go_on)
    assert expected in told
    assert pending
    assert complete


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
        presenter.runs.configure(live=False)
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
            accepted = np.flatnonzero(presenter.annotation.slice_status == 3).tolist()
            found[row.id] = names, presenter.workspace.axis, accepted
        return shown, found

    first, second = in_application(work)
    shown, found = in_application(go_on)
    assert shown == first
    assert found == {first: (["thigh"], 2, [7]), second: (["tibia"], 1, [5])}
