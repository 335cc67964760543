"""Sessions on disk: none replaces another, and what is not merged is never deleted."""

from __future__ import annotations

import pytest
from S2VNetSlicerLib.browser.saved import KEPT, last_saved, new_session, prune, sessions
from S2VNetSlicerLib.browser.store import JournalFile, UnreadableError


def saved(state, text="scene"):
    session = new_session(state)
    session.folder.mkdir(parents=True)
    session.scene.write_text(text)
    return session


def note(session, number=1):
    session.folder.mkdir(parents=True, exist_ok=True)
    file = JournalFile(session.folder / "journal.sqlite")
    file.write([("node", "head", number, b"facts")], 0, [])
    file.close()


def test_five_are_kept_besides_those_that_are_not_merged(tmp_path):
    unmerged = saved(tmp_path, "unmerged")
    note(unmerged)
    without_scene = new_session(tmp_path)
    note(without_scene)
    merged = saved(tmp_path)
    empty = new_session(tmp_path)
    empty.folder.mkdir()
    newer = [saved(tmp_path, str(n)) for n in range(KEPT)]
    prune(tmp_path)
    assert sessions(tmp_path) == [unmerged, without_scene, *newer]
    assert not merged.folder.exists()
    assert last_saved(tmp_path) == newer[-1]


def test_a_journal_that_cannot_be_read_is_not_deleted(tmp_path):
    damaged = saved(tmp_path)
    (damaged.folder / "journal.sqlite").write_bytes(b"damaged" * 999)
    for _ in range(KEPT):
        saved(tmp_path)
    prune(tmp_path)
    assert damaged in sessions(tmp_path)


def test_the_newest_is_the_last_though_the_clock_was_set_back(tmp_path, monkeypatch):
    first = saved(tmp_path)
    monkeypatch.setattr("time.strftime", lambda form: "1999-01-01-000000")
    second = saved(tmp_path)
    assert second.folder.name.endswith("1999-01-01-000000")
    assert sessions(tmp_path) == [first, second]
    assert last_saved(tmp_path) == second


def test_a_journal_of_a_newer_version_is_left_alone(tmp_path):
    file = JournalFile(tmp_path / "journal.sqlite")
    file.write([("node", "head", 1, b"facts")], 0, [])
    file._connection.execute("PRAGMA user_version = 99")
    file.close()
    before = file.path.read_bytes()
    with pytest.raises(UnreadableError, match="newer version"):
        file.read()
    assert file.path.read_bytes() == before


def test_only_what_is_merged_is_deleted_and_only_of_those_that_were_taken(tmp_path):
    file = JournalFile(tmp_path / "journal.sqlite")
    file.write([("a", "1", 1, b"x"), ("a", "2", 2, b"y"), ("b", "1", 1, b"z")], 0, [])
    file.write([("a", "3", 3, b"w")], 1, ["a"])
    assert file.read() == [("b", "1", 1, b"z"), ("a", "2", 2, b"y"), ("a", "3", 3, b"w")]
    file.remove()
    assert list(tmp_path.iterdir()) == []
