"""Options that would do nothing are refused, in every command."""

from __future__ import annotations

import inspect

import pytest
import typer
from S2VNetSlicerLib.cli import app

EVERYWHERE = {"context", "log_level", "log_file"}
MODES: dict[str, dict[str, set[str]]] = {
    "segment": {
        "ct.nii --output r.nrrd --seeds s.nrrd": {"classes"},
        "ct.nii --output r.nrrd --auto": {"accept", "by_name", "across"},
    },
    "batch": {
        "folder results": set(),
        "folder results --scheduler tcp://127.0.0.1:1": {"workers"},
        "folder results --auto": {"seeds"},
    },
    "evaluate": {
        "set --output o": {"together", "most"},
        "set --output o --rounds 2": {"results", "rival", "published", "missing", "figures"},
        "set --output o --results r": {"device", "weights"},
    },
    "serve": {
        "": {"most_users", "series"},
        "--multi": {"resume", "alone", "series"},
        "ct.nii": {"resume"},
    },
    "train": {
        "--data d --output o": set(),
        "--data d --output o --companion planes": {"classes_from", "automatic"},
    },
    "publish": {"run --data d --target t": set()},
    "info": {"": set()},
    "library list": {"": set()},
    "library add": {"liver ct.nii labels.nii": set()},
    "library tune": {"liver": set()},
    "library remove": {"liver": set()},
    "dataset convert": {
        "source --output o --kind word": set(),
    },
}
"""Each way to call a command, and the parameters that do nothing there. A new option of a command
must be thought through here: see ``test_every_option_was_thought_of``."""
THOUGHT_OF = {
    "segment": "image output seeds auto classes modality series axis device accept by_name across "
    "weights",
    "batch": "source output auto classes seeds modality device workers scheduler suffix weights",
    "evaluate": "dataset output results rounds split rival published tolerance missing figures "
    "together most only device weights",
    "serve": "image host port token resume state device weights multi series most_users alone",
    "train": "data output steps minutes start classes_from automatic companion rate decay seed "
    "workers cache device",
    "publish": "run data target scores note least",
    "info": "weights report",
    "library list": "folder",
    "library add": "name image labels value slices axis modality device weights folder",
    "library tune": "name yes device weights folder",
    "library remove": "names folder",
    "dataset convert": "source kind output modality copy",
}
VALUES = {"results": "r", "rival": "A=r", "published": "word", "seeds": "s", "classes": "liver"}


def commands() -> dict[str, inspect.Signature]:
    """Every command of every group, by its words."""
    groups = {"": app} | {f"{g.name} ": g.typer_instance for g in app.registered_groups}
    found = {}
    for lead, group in groups.items():
        assert isinstance(group, typer.Typer)
        for command in group.registered_commands:
            assert command.callback is not None
            name = command.name or command.callback.__name__
            found[lead + name] = inspect.signature(command.callback, eval_str=True)
    return found


def test_every_option_was_thought_of():
    found = {name: set(s.parameters) - EVERYWHERE for name, s in commands().items()}
    assert found == {name: set(words.split()) for name, words in THOUGHT_OF.items()}
    assert set(MODES) == set(found)


def flag(name: str, parameter: inspect.Parameter) -> list[str]:
    option = next(m for m in parameter.annotation.__metadata__ if hasattr(m, "param_decls"))
    names = [d for d in (option.default, *(option.param_decls or ())) if isinstance(d, str)]
    declared = (names or [f"--{name.replace('_', '-')}"])[0]
    if "/" in declared:
        return [declared.split("/")[1]]
    if isinstance(parameter.default, bool):
        return [declared]
    return [declared, VALUES.get(name, "1")]


CASES = [
    pytest.param(command, words, name, id=f"{command} {words} {name}")
    for command, modes in MODES.items()
    for words, names in modes.items()
    for name in sorted(names)
]


@pytest.mark.parametrize(("command", "words", "name"), CASES)
def test_an_option_that_does_nothing_is_refused(call, command, words, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    option = flag(name, commands()[command].parameters[name])
    code, _, err = call(*command.split(), *words.split(), *option)
    assert code == 2, err
    assert option[0] in err.replace("-\n", "-"), err
    assert "leave" in err.replace("\n", " "), err
    assert list(tmp_path.iterdir()) == []
