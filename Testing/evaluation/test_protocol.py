"""The interactive protocol: the public benchmark's marks, rounds that obey them."""

from __future__ import annotations

import importlib
import sys
import zlib
from functools import partial
from math import nan
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import published_data as data
from S2VNetSlicerLib.evaluation import annotator
from S2VNetSlicerLib.evaluation.cases import Dataset
from S2VNetSlicerLib.evaluation.datasets import convert
from S2VNetSlicerLib.evaluation.metrics import Score
from S2VNetSlicerLib.evaluation.protocol import Round, Task, run_case
from S2VNetSlicerLib.evaluation.tables import rounds_summary
from S2VNetSlicerLib.propagation import records, session

SHARED = Path(__file__).resolve().parents[3] / "shared" / "benchmark"


@pytest.fixture
def public(monkeypatch):
    """The public benchmark itself."""
    if not (SHARED / "interactive_benchmark.py").is_file():
        pytest.skip("../shared/benchmark is not there: the marks cannot be compared with it")
    monkeypatch.syspath_prepend(str(SHARED))
    return importlib.import_module("interactive_benchmark")


def scene(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Truth and a wrong result, uint8 [slices, rows, columns], with three structures."""
    rng = np.random.default_rng(seed)
    truth, predicted = np.zeros((2, 12, 70, 80), np.uint8)
    z, y, x = np.indices(truth.shape)
    for k in (1, 2, 3):
        centre = rng.uniform(3, 9), *rng.uniform(15, 60, 2)
        size = rng.uniform(6, 14)
        for array, away in ((truth, 0), (predicted, rng.uniform(-6, 6))):
            ball = ((z - centre[0]) * 3) ** 2 + (y - centre[1] - away) ** 2 + (x - centre[2]) ** 2
            array[ball < size**2] = k
    return truth, predicted


@pytest.mark.parametrize("seed", range(6))
def test_marks_are_those_of_the_public_benchmark(public, seed):
    truth, predicted = scene(seed)
    for together in (1, 2):
        expected = public.tasks(truth, together, 12)
        assert annotator.tasks(truth, together) == expected
    ours, theirs = (np.random.default_rng(zlib.crc32(b"case[1]")) for _ in range(2))
    z = annotator.first_slice(truth, 3)
    seeds = np.zeros_like(truth)
    seeds[z] = annotator.first_marks(ours, truth, z, 3)
    assert np.array_equal(seeds[z], public.first_marks(theirs, truth, z, 3))
    for _ in range(3):
        z, drawn = annotator.correction(ours, truth, predicted, seeds, 3)
        there, expected = public.correction(theirs, truth, predicted, seeds, 3)
        assert z == there
        assert np.array_equal(drawn, expected)
        seeds[z][drawn > 0] = drawn[drawn > 0]


@pytest.mark.parametrize("spacing", [(3, 1, 1), (1, 3, 1), (1, 1, 1.2), (0.9, 0.7, 4)])
def test_slices_are_those_of_the_public_benchmark(public, spacing):
    array = np.zeros((2, 3, 4))
    expected, _ = public.slices_first(array, spacing)
    assert np.moveaxis(array, annotator.slice_axis(spacing), 0).shape == expected.shape


@pytest.mark.parametrize("seed", range(4))
def test_marks_agree_with_the_truth(seed):
    truth, predicted = scene(seed)
    rng = np.random.default_rng(seed)
    z = annotator.first_slice(truth, 3)
    marks = annotator.first_marks(rng, truth, z, 3)
    assert set(np.unique(truth[z])) <= {0, 1, 2, 3}
    assert marks.any()
    assert np.array_equal(truth[z][marks > 0], marks[marks > 0] - 1)
    z, drawn = annotator.correction(rng, truth, predicted, np.zeros_like(truth), 3)
    wrong = (truth != predicted).sum((1, 2))
    assert wrong[z] == wrong.max()
    assert drawn.any()
    assert np.array_equal(truth[z][drawn > 0], drawn[drawn > 0] - 1)
    assert (truth[z] != predicted[z])[drawn > 0].all()
    _, none = annotator.correction(rng, truth, truth, np.zeros_like(truth), 3)
    assert not none.any()


def test_small_and_flat_structures_are_no_tasks():
    truth = np.zeros((6, 40, 40), np.uint8)
    truth[1:4, 2:10, 2:12] = 1
    truth[1:4, 20:24, 2:12] = 2  # 120 voxels
    truth[1:3, 20:30, 20:30] = 3  # two slices
    assert annotator.tasks(truth) == [[1]]
    truth[1:4, 30:38, 2:12] = 4
    assert annotator.tasks(truth, together=2) == [[1, 4]]
    assert annotator.tasks(truth, most=1) == [[1]]


@pytest.fixture
def case(tmp_path, monkeypatch, small_slices):
    """A CT of three structures, and settings in which an untrained network is fast."""
    small_slices(40)
    anywhere = partial(records.SessionSettings, growth=None)
    for module in (records, session):
        monkeypatch.setattr(module, "SessionSettings", anywhere)
    folder = convert(data.word(tmp_path), "word", tmp_path / "Dataset004_WORD").folder
    return Dataset(folder).cases("Ts")[0]


def test_rounds_obey_marks_that_only_grow(case, make_network):
    tasks = list(run_case(make_network(seed=8), case, {1: "liver", 2: "spleen"}, rounds=3))
    assert [task.structures for task in tasks] == [("liver",), ("3",), ("spleen",)]
    for task in tasks:
        assert 1 <= len(task.rounds) <= 3
        assert all(done.obeyed for done in task.rounds)
        marked = [done.marked for done in task.rounds]
        assert marked == sorted(set(marked))
        assert task.after(99) == task.rounds[-1]
        assert all(0 <= done.dice <= 1 for done in task.rounds)


def test_a_session_that_draws_the_truth_needs_one_round(case, make_network, monkeypatch):
    truth = data.body(14)[1]

    def propagate(self: session.Session, *limits: int):
        self.labels[...] = truth == 1
        yield None

    monkeypatch.setattr(session.Session, "propagate", propagate)
    (task,) = run_case(make_network(), case, {1: "liver"}, rounds=5, most=1)
    assert task.structures == ("liver",)
    assert len(task.rounds) == 1
    assert task.rounds[0].dice == 1
    assert task.rounds[0].scores[0].hd95 == 0


def test_structures_together(case, make_network):
    tasks = list(run_case(make_network(seed=8), case, {}, rounds=1, together=3))
    assert [task.structures for task in tasks] == [("1", "3"), ("2",)]  # by slices they share
    assert [len(task.rounds[0].scores) for task in tasks] == [2, 1]


def test_an_early_finish_holds_for_later_rounds():
    def after(*dice: float) -> Task:
        rounds = [
            Round(3, 10, (Score(d, nan, nan, d, 5, 5),), True, 0.5 * n)
            for n, d in enumerate(dice, 1)
        ]
        return Task("case", ("liver",), 2.0, tuple(rounds))

    text = rounds_summary("WORD", [after(0.5, 0.7), after(1.0)], 2, 2.0)
    assert "| 1 | 75.00 |  | 75.00 | 0.50 |" in text
    assert "| 2 | 85.00 |  | 85.00 | 1.00 |" in text
    assert "not obeyed: 0" in text
