"""Fine-tuning a learned class: measured on held-out volumes, kept only when somebody says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.library import cases, material, store, tuning
from S2VNetSlicerLib.library.learned import ARRAYS, MOST_EXAMPLES
from S2VNetSlicerLib.library.learning import learn
from S2VNetSlicerLib.library.material import estimate
from S2VNetSlicerLib.library.tuning import HeldOut, Progress, Tuned, keep, tune
from S2VNetSlicerLib.network.weights import default_weights, load_model
from S2VNetSlicerLib.propagation.records import SessionSettings
from S2VNetSlicerLib.propagation.session import Session
from safetensors.numpy import save_file

SHAPE, SPACING = (8, 64, 64), (3.0, 1.0, 1.0)
PLACES = ((30, 28), (34, 36), (26, 34), (36, 30))


@pytest.fixture(autouse=True)
def _small(small_slices):
    small_slices(64)


@pytest.fixture
def network(make_network):
    return make_network(seed=9)


@pytest.fixture
def trained():
    if not default_weights().is_file():
        pytest.skip("the shipped weights are missing")
    return load_model()[0]


@pytest.fixture
def few_steps(monkeypatch):
    for module in (material, tuning):
        monkeypatch.setattr(module, "STEPS", 2)


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def lesson(network, number, slices=(3, 4, 5), spoil=0.0):
    """A bright ball, learned from another volume for each ``number``."""
    random = np.random.default_rng(number)
    z, y, x = np.indices(SHAPE)
    row, column = PLACES[number % len(PLACES)]
    ball = (y - row) ** 2 + (x - column) ** 2 + (3 * (z - 4)) ** 2 < 120
    image = (random.normal(80, 8, SHAPE) + 90 * ball).astype(np.float32)
    settings = SessionSettings(growth=None, max_empty_slices=None, absent_below=0.0)
    session = Session(network, image, SPACING, "MR", 1, settings=settings)
    session.load(ball.astype(np.uint8))
    for slice_ in slices:
        session.accept(slice_)
    learned = learn(session, 1, "Ball", weights="small")
    session.close()
    (example,) = learned.examples
    noise = random.normal(0, spoil, example.centres.shape).astype(np.float32)
    centres = example.centres + noise
    example = replace(example, centres=centres, case=replace(example.case, centres=centres))
    return replace(learned, examples=(example,))


@pytest.fixture
def two(network, folder, few_steps):
    """The ball is learned from two volumes."""
    for number in range(2):
        store.add(lesson(network, number), folder)
    return folder


def run(network, folder, weights="small"):
    """How many slices were gone through, and what came of it."""
    *steps, tuned = tune(network, "Ball", folder, weights=weights)
    assert isinstance(tuned, Tuned)
    assert [s.done for s in steps] == list(range(1, steps[0].total + 1))
    return tuned


def files(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}


def test_spoiled_centres_become_better_in_volumes_that_were_held_out(trained, folder, monkeypatch):
    for module in (material, tuning):
        monkeypatch.setattr(module, "STEPS", 20)
    for number in range(3):
        store.add(lesson(trained, number, spoil=2.0), folder)
    tuned = run(trained, folder)
    assert [(h.volume, h.slices) for h in tuned.held_out] == [(1, 3), (2, 3), (3, 3)]
    assert all(h.after > h.before for h in tuned.held_out)
    assert tuned.better
    assert f"Dice {tuned.before:.3f} as learned and {tuned.after:.3f}" in tuned.question()


def test_the_network_and_the_files_stay_and_every_run_is_the_same(network, two):
    weights = {name: t.clone() for name, t in network.state_dict().items()}
    before = files(two)
    one, other = run(network, two), run(network, two)
    assert files(two) == before
    assert all(torch.equal(t, weights[name]) for name, t in network.state_dict().items())
    assert all(p.requires_grad and p.grad is None for p in network.parameters())
    assert one.held_out == other.held_out
    assert all(np.array_equal(one.centres[key], other.centres[key]) for key in one.centres)


def test_only_centres_are_kept_and_only_on_request(network, two):
    was, tuned = store.load("Ball", two), run(network, two)
    cases_before = cases.path_of(store.path_of("Ball", two)).read_bytes()
    keep(tuned, two)
    now = store.load("Ball", two)
    assert now.header() == was.header()
    for one, two_ in zip(was.examples, now.examples, strict=True):
        assert two_.key == one.key
        assert not np.array_equal(two_.centres, one.centres)
        assert np.array_equal(two_.centres, tuned.centres[one.key])
        assert all(np.array_equal(two_.arrays()[n], one.arrays()[n]) for n in ARRAYS[1:])
    assert cases.path_of(store.path_of("Ball", two)).read_bytes() == cases_before


def test_tuning_begins_with_what_was_learned_whatever_was_kept(network, two):
    first = run(network, two)
    keep(first, two)
    second = run(network, two)
    assert second.held_out == first.held_out, "a held-out volume must not have been tuned on"
    assert all(np.array_equal(first.centres[key], second.centres[key]) for key in first.centres)


def test_nothing_of_a_held_out_volume_helps(trained, folder, few_steps, monkeypatch):
    monkeypatch.setattr(tuning, "RATE", 0.3)  # so that every slice that teaches shows

    def tuned(spoil):
        for number in range(3):
            store.add(lesson(trained, number, spoil=spoil if number == 0 else 0.0), folder)
        found = run(trained, folder)
        store.remove("Ball", folder)
        return found

    one, other = tuned(0.0), tuned(3.0)
    assert one.held_out[0] == other.held_out[0]
    assert one.held_out[1].after != other.held_out[1].after


def test_it_can_be_cancelled(network, two):
    before = files(two)
    steps = tune(network, "Ball", two, weights="small")
    for _ in range(12):
        assert isinstance(next(steps), Progress)
    steps.close()
    assert files(two) == before
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()


def test_one_volume_is_not_enough_however_often_it_was_learned(network, folder, few_steps):
    for slices in ((3, 4), (2, 5)):
        store.add(lesson(network, 0, slices), folder)
        with pytest.raises(UserError, match="slices of 1 volume: accept it in another volume"):
            estimate("Ball", folder)
    store.add(lesson(network, 1), folder)
    found = estimate("ball", folder)
    assert (found.name, found.volumes, found.slices) == ("Ball", 2, 7)
    assert "Fine-tune Ball on its 7 accepted slices of 2 volumes" in found.question()
    assert len(run(network, folder).held_out) == 2


def test_slices_that_teach_alone_and_volumes_of_one_slice_do(network, folder, few_steps):
    for number in range(2):
        store.add(lesson(network, number, slices=(4,)), folder)
    assert [h.slices for h in run(network, folder).held_out] == [1, 1]


def test_what_it_was_worth_is_told_as_it_is():
    def tuned(*dice):
        return Tuned("Ball", {}, tuple(HeldOut(n, 3, *d) for n, d in enumerate(dice, 1)))

    assert tuned((0.5, 0.7), (0.6, 0.5)).better
    worse = tuned((0.7, 0.7), (0.6, 0.6002))
    assert not worse.better, "no difference that is told"
    assert "It did not help. Keep it nevertheless?" in worse.question()


def test_cases_lie_beside_the_class_and_go_with_it(network, two, few_steps):
    learned = store.load("Ball", two)
    assert sorted(files(two)) == ["ball.s2vcases.safetensors", "ball.s2vclass.safetensors"]
    assert [row.name for row in store.listed(two)] == ["Ball"]
    stored = cases.load(store.path_of("Ball", two), "Ball")
    assert list(stored) == [e.key for e in learned.examples]
    (case, _) = stored.values()
    assert case.image.shape == case.marks.shape == (3, 64, 64)
    assert case.image[case.marks == 2].mean() > case.image[case.marks == 1].mean() + 50
    assert b"image" not in store.path_of("Ball", two).read_bytes()
    for number in range(2, MOST_EXAMPLES + 2):
        learned = store.add(lesson(network, number), two)
    stored = cases.load(store.path_of("Ball", two), "Ball")
    assert list(stored) == [e.key for e in learned.examples], "the oldest go"
    store.remove("Ball", two)
    assert files(two) == {}


def test_without_its_cases_a_class_is_all_there_but_cannot_be_tuned(network, two):
    path = cases.path_of(store.path_of("Ball", two))
    whole = path.read_bytes()
    metadata = {"format": cases.FORMAT, "volumes": '{"a": "b"}'}
    for change, sentence in (
        (lambda: path.write_bytes(whole[:-40]), "is damaged: .*deserializing"),
        (lambda: save_file({}, path, metadata=metadata), "is damaged"),
        (lambda: save_file({}, path, metadata={"format": "other"}), "is damaged"),
        (path.unlink, "not stored: learn it again in two volumes"),
    ):
        change()
        assert len(store.load("Ball", two).examples) == 2
        for call in (lambda: estimate("Ball", two), lambda: run(network, two)):
            with pytest.raises(UserError, match=sentence):
                call()
    store.add(lesson(network, 2), two)
    with pytest.raises(UserError, match="slices of 1 volume"):
        estimate("Ball", two)
    store.add(lesson(network, 3), two)
    assert estimate("Ball", two).volumes == 2


def test_what_does_not_fit_is_refused(network, two):
    with pytest.raises(UserError, match="with the weights small, not others"):
        run(network, two, weights="others")
    with pytest.raises(UserError, match="no learned class Cube"):
        estimate("Cube", two)
    tuned = run(network, two)
    store.remove("Ball", two)
    with pytest.raises(UserError, match="no learned class Ball"):
        keep(tuned, two)
    store.add(lesson(network, 2), two)
    with pytest.raises(UserError, match="learned anew in the meantime"):
        keep(tuned, two)
