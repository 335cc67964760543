"""Every number that changes a mask is a setting, and every setting is told."""

from __future__ import annotations

import ast
import json
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from S2VNetSlicerLib.propagation import settings as module
from S2VNetSlicerLib.propagation.records import audit_facts
from S2VNetSlicerLib.propagation.settings import SessionSettings

ROOMS = [Path(module.__file__).parent, Path(module.__file__).parents[1] / "network"]
NO_MASKS = {
    "AT_ONCE",
    "BATCH",
    "BATCH_ELSEWHERE",
    "TOGETHER",
    "MOST_COMPONENTS",
    "FACES",
    "IN_PLANE",
}
"""Numbers that only say how much is computed at once, or are of the library."""
SIZES = {"FAR", "FINE", "MAPS", "MULTIPLE", "N_GEODESIC_MAPS", "UP", "DOWN", "STRIDES", "DEFAULT"}
"""Sizes of layers, and what are no quantities."""


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, tuple):
        return (*value[:-1], value[-1] + 1)
    if isinstance(value, str):
        return "mean"
    return 1 if value is None else value + 1


def changed() -> list[tuple[str, SessionSettings]]:
    """The default settings with each of all values changed alone, by name."""
    found, default = [], SessionSettings()
    for field in fields(default):
        value = getattr(default, field.name)
        if not is_dataclass(value):
            found.append((field.name, replace(default, **{field.name: other(value)})))
            continue
        for inner in fields(value):
            branch = replace(value, **{inner.name: other(getattr(value, inner.name))})
            changes = {field.name: branch}
            found.append((f"{field.name}.{inner.name}", replace(default, **changes)))
    return found


CHANGED = changed()
OTHERWISE = {"device", "feature_bytes"}


@pytest.mark.parametrize(("name", "settings"), CHANGED, ids=[name for name, _ in CHANGED])
def test_every_value_that_changes_a_mask_is_told(name, settings):
    told = json.loads(json.dumps(settings.to_dict()))
    default = SessionSettings()
    assert (told != default.to_dict()) is (name not in OTHERWISE)
    assert (settings.digest() != default.digest()) is (name not in OTHERWISE)
    assert list(settings.changed()) == ([] if name in OTHERWISE else [name])


def test_the_audit_names_the_settings():
    settings = SessionSettings(growth=None)
    facts = json.loads(json.dumps(audit_facts(0, [], {}, settings)))
    assert facts["settings"] == {"digest": settings.digest(), "changed": {"growth": None}}


def test_no_number_that_changes_a_mask_hides_in_a_module():
    hidden = []
    for path in (path for room in ROOMS for path in sorted(room.glob("*.py"))):
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.Assign):
                continue
            values = [n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant)]
            names = {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            if any(type(v) in (int, float) for v in values) and not names & (NO_MASKS | SIZES):
                hidden.append(f"{path.name}: {names}")
    assert not [name for name in hidden if "_SEARCH" not in name and "_PACKAGE" not in name]
