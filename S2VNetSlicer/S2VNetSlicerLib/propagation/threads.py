"""How the threads of a network wait for one another. Knows no torch, which reads it when loaded."""

from __future__ import annotations

from collections.abc import MutableMapping


def wait_briefly(environment: MutableMapping[str, str]) -> None:
    """Let threads of GNU's OpenMP wait in a loop for a moment only, unless the user says how long.

    By default it is milliseconds. Where another program takes one of the cores, all then wait for
    the one that was put aside: two beside one busy core took 118 s for what one alone does in 7 s.
    The many short runs of an idle machine become slower.
    """
    if "OMP_WAIT_POLICY" not in environment:
        environment.setdefault("GOMP_SPINCOUNT", "3000")
