"""What the server says is German on a German page: messages, questions, progress and failures."""

from __future__ import annotations

import errno
import re

import aiohttp
import numpy as np
import pytest
from driving import begin, serving, until
from reading import write_study
from S2VNetSlicerLib.browser.language import tell
from S2VNetSlicerLib.workflow.state import PropagationRange
from test_transfers import upload

ENGLISH = re.compile(
    r"\b(the|is|are|intensity|not|cannot|of|and|it|first|choose|there|done|slices?|nothing|by|to|file)\b",
    re.IGNORECASE,
)
"""Words that no German sentence has."""
SHOWN = ("message", "notice", "question", "asked", "working", "progress_text", "environment")
SHOWN += ("modality_reason", "slice_text", "audit_text", "up_text", "down_text", "tuning")


@pytest.fixture
def in_german(in_application, image, tmp_path):
    """Runs ``test(application, said)``; ``said`` gathers what the page shows, and none of it may
    be English but names and what a library itself says."""

    def run(test):
        async def body(application):
            said, state = set(), application.server.state

            def gather(_state=None):
                said.update(str(state[name]) for name in SHOWN if state[name])

            application.presenter.observe(gather)  # after the page has drawn it
            application.page.actions.speak("de-CH")
            begin(application, image)
            await test(application, said)
            gather()
            names = re.compile(r"balls|small network|File is not a zip file|/\S+|_nrrdRead: .*")
            assert [s for s in sorted(said) if ENGLISH.search(names.sub("", s))] == []

        in_application(body)

    return run


def test_a_day_of_work(in_german):
    async def test(application, said):
        presenter, page = application.presenter, application.page.actions

        def ended():
            application.tick()
            return presenter.idle

        middle = np.array([[8.0, 10.0, 0.0]])
        said.add(application.viewing._told(middle[0]))
        page.propagate("whole")  # without a class
        page.go_to_worst()
        page.undo()
        page.tools.choose("lasso")
        first = presenter.add_class()
        presenter.stroke(middle + 500, 3)
        presenter.runs.configure(live=False)
        presenter.stroke(middle, 3)
        await until(ended)
        page.propagate("between")
        page.propagate("whole")
        await until(lambda: ended() or presenter.state.done > 0)
        page.cancel()
        await until(ended)
        page.propagate("whole")
        await until(ended)
        presenter.lock_class(first, True)
        presenter.stroke(middle, 3)
        presenter.lock_class(first, False)
        presenter.rename_class(first, "")
        presenter.go_to(99)
        presenter.choose_volume("vtkMRMLScalarVolumeNode99")
        page.automatic.learn()
        page.automatic.find()
        page.automatic.forget("Ball")
        page.automatic.answer(False)
        page.accept()
        page.go_to_worst()
        presenter.remove_class(first)
        application.closing.close_volume()
        page.automatic.answer(False)
        presenter.workspace.scene.RemoveNode(presenter.workspace.volume_node)
        await until(ended)
        assert len(said) > 25
        for told in ("Abgebrochen: ", "ist gesperrt", "nichts rückgängig", "Ausbreiten... "):
            assert any(told in each for each in said), told

    in_german(test)


UPLOADS = (
    ("web.nii.gz", b"<!doctype html>", "eine Webseite, kein Bild"),
    ("cut.nrrd", b"NRRD0004\n", "abgeschnitten oder beschädigt"),
    ("words.txt", b"x", "ist kein Volumen"),
    ("empty.zip", b"PK", "kann nicht entpackt werden"),
)
"""Name, content, what is told."""


def test_uploads_that_are_refused(in_german):
    async def test(application, said):
        async with await serving(application) as client:
            for name, content, told in UPLOADS:
                form = aiohttp.FormData()
                form.add_field("files", content, filename=name)
                async with client.post("/upload", data=form) as answer:
                    assert answer.status == 422
                    assert told in await answer.text()
                assert told in application.server.state.notice
                said.add(application.server.state.notice)

    in_german(test)


def test_a_full_disk(in_german, monkeypatch):
    async def test(application, said):
        def full(*_args, **_options):
            raise OSError(errno.ENOSPC, "No space left on device")

        application.presenter.add_class()
        with monkeypatch.context() as patch:
            patch.setattr(application.autosave, "_stay", full)
            application.autosave.save()
        assert any("kein Platz mehr. Schaffen Sie dort Platz" in each for each in said)

    in_german(test)


def test_what_is_shown_follows_the_language_and_names_that_were_given_do_not(
    in_application, image, tmp_path
):
    async def test(application):
        presenter, page = application.presenter, application.server.state
        speak = application.page.actions.speak

        def shown():
            problems = [row["problem"] for row in page.series if row["problem"]]
            return [page.message, page.notice, page.question, *problems]

        def named():
            return [row.name for row in presenter.state.classes]

        study = write_study(tmp_path / "study")
        (study / "5-03").unlink()
        async with await serving(application) as client:
            begin(application, image)
            application.page.actions.add_class()
            assert await upload(client, ("cut.nrrd", b"NRRD0004\n")) == 422
            assert application.transfers.offer(study)
            application.closing.close_segmentation()
            presenter.rename_class(presenter.state.selected, "")
            english = shown()
            assert named() == ["Structure 1"]
            speak("de")
            theirs = re.compile(r"/\S+|_nrrdRead: .*")  # a path, and what ITK tells of the file
            assert [s for s in shown() if ENGLISH.search(theirs.sub("", s))] == []
            assert page.notice.startswith("cut.nrrd ")
            application.page.actions.add_class()
            assert named() == ["Structure 1", "Struktur 2"]
            presenter.rename_class(presenter.state.selected, "")
            speak("en")
            assert shown() == english
            page.notice = ""  # closed on the page
            application.page.actions.automatic.answer(False)
            speak("de")
            assert (page.notice, page.question) == ("", "")

    in_application(test)


def test_the_same_in_english_stays_as_it_was_said(in_application, image):
    async def test(application):
        begin(application, image)
        application.presenter.propagate(PropagationRange.WHOLE)
        message = application.presenter.state.message
        assert application.server.state.message == message == tell(message, "en")
        assert tell(message, "de") != message

    in_application(test)
