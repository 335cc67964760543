"""What `s2vnet train` makes of its options."""

import sys
from pathlib import Path
from typing import Any

import pytest
from S2VNetSlicerLib.training import loop
from S2VNetSlicerLib.training.configuration import TrainingConfiguration
from S2VNetSlicerLib.training.loop import learning_rate

sys.path.insert(0, str(Path(__file__).parent))
import tiny_data


@pytest.fixture
def asked(call, tmp_path: Path, monkeypatch):
    """Calls the command without training; gives the configuration that it would train with."""
    data = tiny_data.heads(tmp_path / "data").parent

    def configuration(*options: str) -> TrainingConfiguration:
        found: list[Any] = []

        def instead(folder: Path, cache: Path, network: Any, made: Any, **more: Any) -> loop.Run:
            found.append(made)
            return loop.Run(None, {}, None)  # type: ignore[arg-type]

        monkeypatch.setattr(loop, "train", instead)
        output = str(tmp_path / "run")
        code, _, err = call("train", "--data", str(data), "--output", output, *options)
        assert code == 0, err
        return found[0]

    return configuration


def test_the_rate_falls_to_zero_in_the_last_steps(asked) -> None:
    made = asked("--steps", "5000", "--rate", "0.0004", "--decay", "1000")
    assert learning_rate(3999, made) == pytest.approx(4e-4)
    assert learning_rate(4500, made) == pytest.approx(2e-4)
    assert learning_rate(5000, made) == pytest.approx(0)


def test_without_options_the_rate_stays(asked) -> None:
    made = asked("--steps", "5000")
    assert learning_rate(4999, made) == TrainingConfiguration().learning_rate
    assert made.taught_steps == TrainingConfiguration().taught_steps


def test_weights_are_learned_from_at_once(asked) -> None:
    made = asked("--from", "begun.safetensors", "--automatic", "0")
    assert made.taught_steps == 1
    assert made.automatic == 0
