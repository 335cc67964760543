"""Classes learned from accepted slices: kept in a file, found in another volume."""

from __future__ import annotations

import errno

import numpy as np
import pytest
import torch
from filelock import FileLock
from phantoms import SHAPE, SPACING, phantom, taught
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.library import cases, finding, store
from S2VNetSlicerLib.library.files import LOCK
from S2VNetSlicerLib.library.finding import find
from S2VNetSlicerLib.library.frame import Frame
from S2VNetSlicerLib.library.learned import (
    MOST_EXAMPLES,
    Case,
    Example,
    LearnedClass,
    Orientation,
    Statistics,
)
from S2VNetSlicerLib.library.learning import MOST_CELLS, learn
from S2VNetSlicerLib.network.weights import default_weights, load_model
from S2VNetSlicerLib.propagation.records import SliceStatus
from S2VNetSlicerLib.propagation.session import Session
from safetensors.numpy import save_file


def test_a_class_survives_its_file(small, tmp_path):
    learned = taught(small(), phantom()[1])
    path = store.save(learned, tmp_path)
    back = store.load("ball", tmp_path)
    assert back.header() == learned.header()
    for one, two in zip(learned.examples, back.examples, strict=True):
        assert one.statistics == two.statistics
        for name, array in one.arrays().items():
            assert np.array_equal(array, two.arrays()[name]), name
    assert path.stat().st_size < 300_000
    assert [(row.name, row.modality, row.examples) for row in store.listed(tmp_path)] == [
        ("Ball", "MR", 1)
    ]
    store.remove("Ball", tmp_path)
    assert store.listed(tmp_path) == ()
    with pytest.raises(UserError, match="nothing was removed"):
        store.remove("Ball", tmp_path)


def test_statistics_are_those_of_the_structure(small):
    _, ball = phantom()
    statistics = taught(small(), ball).examples[0].statistics
    along = np.flatnonzero(ball.any((1, 2)))
    assert statistics.ml == pytest.approx(ball.sum() * np.prod(SPACING) / 1000)
    assert statistics.extent[2] == pytest.approx(3 * len(along))
    low, high = statistics.place[0]
    assert low < (60.5 - 6) / 84 < high
    assert statistics.piece == 1
    assert statistics.mean > 200
    assert statistics.axis == 2


def test_nothing_of_the_image_and_little_else_is_kept(small):
    example = taught(small(), phantom()[1]).examples[0]
    assert example.centres.shape[:2] == (3, 2)
    assert 0 < len(example.x) <= MOST_CELLS
    assert example.x.ndim == 2
    assert set(np.unique(example.y)) == {0, 1}


def test_only_accepted_slices_teach(small):
    session = small()
    session.load(phantom()[1].astype(np.uint8))
    with pytest.raises(UserError, match="accept a slice"):
        learn(session, 1, "Ball", weights="small")


def test_examples_add_up_and_the_oldest_go(small, tmp_path):
    session, ball = small(), phantom()[1]
    learned = taught(session, ball)
    for n in range(MOST_EXAMPLES + 1):
        other = learn(session, 1, "Ball", weights="small", orientation=None)
        assert len(store.add(other, tmp_path).examples) == min(n + 1, MOST_EXAMPLES)
    again = store.load("Ball", tmp_path)
    assert np.array_equal(again.examples[-1].x, learned.examples[0].x)


def test_what_does_not_fit_is_refused_in_one_sentence(small, tmp_path):
    learned = taught(small(), phantom()[1])
    other = small()
    for options, sentence in (
        ({"weights": "others"}, "with the weights small, not others"),
        ({"weights": "small", "orientation": Orientation((1, 2, 0))}, "along down-up"),
    ):
        with pytest.raises(UserError, match=sentence):
            list(find(other, {1: learned}, **options))
    with pytest.raises(UserError, match="was learned in MR, this volume is CT"):
        list(find(small(modality="CT"), {1: learned}, weights="small"))
    path = store.save(learned, tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(UserError, match="damaged"):
        store.load("Ball", tmp_path)
    with pytest.raises(UserError, match="There is no learned class Cube"):
        store.load("Cube", tmp_path)
    with pytest.raises(UserError, match="needs a name"):
        store.path_of("..", tmp_path)
    assert store.path_of("../../etc/x", tmp_path).parent == tmp_path


def test_the_folder_is_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("S2VNET_LIBRARY", str(tmp_path / "mine"))
    assert store.default_folder() == tmp_path / "mine"
    monkeypatch.delenv("S2VNET_LIBRARY")
    monkeypatch.setattr(store.sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert store.default_folder() == tmp_path / "S2VNetSlicer" / "library"
    assert store.listed() == ()


def test_other_structures_and_accepted_slices_stay(small):
    learned = taught(small(), phantom()[1])
    session = small(structures=2)
    before = np.zeros(SHAPE, np.uint8)
    before[:, 30:50, 50:70] = 2
    session.load(before)
    session.accept(8)
    list(find(session, {1: learned}, weights="small"))
    assert np.array_equal(session.labels == 2, before == 2)
    assert np.array_equal(session.labels[8], before[8])
    assert session.state.slice_status[8] == SliceStatus.ACCEPTED


def test_a_learned_class_is_found_elsewhere_and_corrected_by_marks():
    if not default_weights().is_file():
        pytest.skip("the shipped weights are missing")
    model, _ = load_model()
    image, ball = phantom()
    session = Session(model, image, SPACING, "MR", 1)
    learned = taught(session, ball)
    image, ball = phantom(centre=(7, 44, 56), seed=2)
    session = Session(model, image, SPACING, "MR", 1)
    for _ in find(session, {1: learned}, weights="small"):
        pass
    found = session.labels == 1
    assert 2 * (found & ball).sum() / (found.sum() + ball.sum()) > 0.7
    marks = np.zeros(SHAPE[1:], np.uint8)
    marks[44, 56] = 1
    session.mark(7, marks)
    list(session.propagate())
    assert session.labels[7, 44, 56] == 0


def test_stored_centres_and_appearance_reach_the_network(small):
    learned = taught(small(), phantom()[1])
    session = small()
    search = finding.Search(session, learned, Frame(session, Orientation()), 1)
    assert search.classifier.any()
    with torch.inference_mode():
        store, _ = search.start(max(search.probes(), key=lambda p: p.score))
    lent = np.sort([centres.numpy() for centres in store.external_centroids], axis=0)
    assert np.array_equal(lent, np.sort(learned.examples[0].centres, axis=0))


@pytest.mark.parametrize("elsewhere", [False, True])
def test_of_two_alike_the_one_in_place_is_found_else_the_only_one(elsewhere):
    if not default_weights().is_file():
        pytest.skip("the shipped weights are missing")
    model, _ = load_model()
    image, ball = phantom(centre=(8, 30, 66))
    learned = taught(Session(model, image, SPACING, "MR", 1), ball)
    image, there = phantom(centre=(8, 66, 30), seed=3)
    image[there] += 25  # where the phantom has its dark ball
    wanted = there
    if not elsewhere:
        image[ball] += 90
        wanted = ball
    session = Session(model, image, SPACING, "MR", 1)
    for _ in find(session, {1: learned}, weights="small"):
        pass
    found = session.labels == 1
    assert 2 * (found & wanted).sum() / (found.sum() + wanted.sum()) > 0.6


def test_orientation_follows_the_axes():
    lps = np.diag([-1.0, -1.0, 3.0, 1.0])
    assert Orientation.of(lps) == Orientation((2, 1, 0), (True, False, False))
    sagittal = np.array([[0, 0, 2.0, 0], [1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]])
    assert Orientation.of(sagittal) == Orientation((0, 2, 1), (True, False, True))


# ---- what is on disk -----------------------------------------------------------------------------


def example_of(volume: int):
    """A small example with a case of its own volume."""
    statistics = Statistics((1, 1, 1), 2, 1.0, 1.0, 1.0, (1, 1, 1), ((0, 1),) * 3, 1.0, 1.0)
    case = Case(
        f"volume {volume}",
        np.full((1, 32, 32), volume, np.uint8),
        np.zeros((1, 32, 32), np.uint8),
        np.zeros((1, 2, 4, 8), np.float32),
    )
    parts = (np.full((2, 3), volume, np.float16), *(np.ones((2, 1), np.float16),) * 3)
    return Example(statistics, (0.5,), np.zeros((1, 2, 4, 8), np.float32), *parts, case)


def lump(volume: int) -> LearnedClass:
    return LearnedClass("Lump", (1.0, 0.0, 0.0), "CT", "w", (example_of(volume),))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"}


@pytest.mark.parametrize("what", ["class", "cases"])
def test_what_cannot_be_read_for_a_moment_is_not_lost(tmp_path, monkeypatch, what):
    path = store.path_of("Lump", tmp_path)
    store.add(lump(1), tmp_path)
    before = contents(tmp_path)

    def broken(*_):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(store if what == "class" else cases, "load_file", broken)
        with pytest.raises(UserError, match="cannot be read: Input/output error"):
            store.add(lump(2), tmp_path)
    assert contents(tmp_path) == before
    store.add(lump(2), tmp_path)
    assert {case.volume for case in cases.load(path, "Lump").values()} == {"volume 1", "volume 2"}


def test_a_newer_format_is_called_newer_and_left_alone(tmp_path):
    store.add(lump(1), tmp_path)
    path = store.path_of("Lump", tmp_path)
    save_file({"x": np.zeros(1)}, path, metadata={"format": "s2vnet-class-2", "class": "{}"})
    save_file({"x": np.zeros(1)}, cases.path_of(path), metadata={"format": "s2vnet-cases-9"})
    before = contents(tmp_path)
    for action in (
        lambda: store.load("Lump", tmp_path),
        lambda: store.add(lump(2), tmp_path),
        lambda: cases.load(path, "Lump"),
        lambda: cases.add(lump(2), path),
    ):
        with pytest.raises(UserError, match="a newer version of this software wrote it"):
            action()
    rows, problems = store.look(tmp_path)
    assert rows == ()
    assert "newer version" in problems[0]
    assert contents(tmp_path) == before


def test_damaged_cases_are_set_aside_and_learning_goes_on(tmp_path):
    store.add(lump(1), tmp_path)
    path = store.path_of("Lump", tmp_path)
    cases.path_of(path).write_bytes(b"damaged")
    assert len(store.add(lump(2), tmp_path).examples) == 2
    assert list(cases.load(path, "Lump")) == [example_of(2).key]
    (kept,) = tmp_path.glob("*.damaged")
    assert kept.read_bytes() == b"damaged"


def test_a_library_that_cannot_be_read_is_not_called_empty(tmp_path):
    (tmp_path / "library").write_text("a file")
    with pytest.raises(UserError, match="cannot be read: Not a directory"):
        store.listed(tmp_path / "library")


def test_another_program_that_changes_the_library_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr("S2VNetSlicerLib.library.files.PATIENCE", 0.1)
    holder = FileLock(tmp_path / LOCK)  # of its own, as in another program
    with holder, pytest.raises(UserError, match="Another program is changing the library"):
        store.add(lump(1), tmp_path)
    store.add(lump(1), tmp_path)
    assert [row.examples for row in store.listed(tmp_path)] == [1]
