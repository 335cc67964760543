"""Events of the page's mouse that queue up behind a busy server."""

from __future__ import annotations

import asyncio

from S2VNetSlicerLib.browser import views
from S2VNetSlicerLib.browser.views import Merged


def handled(*kinds: str) -> list[str]:
    found: list[str] = []

    async def send() -> None:
        merged = Merged(lambda origin, event: found.append(event["type"] + str(event["x"])))
        for x, kind in enumerate(kinds):
            merged("page", {"type": kind, "x": x})
        assert not found, "they are collected first"
        await asyncio.sleep(3 * views.TOGETHER)

    asyncio.run(send())
    return found


def test_of_moves_only_the_last_one_counts():
    assert handled("MouseMove", "MouseMove", "MouseMove") == ["MouseMove2"]


def test_a_stroke_keeps_its_path_and_its_order():
    events = ["MouseMove", "MouseMove", "LeftButtonPress", "MouseMove", "MouseMove"]
    found = handled(*events, "LeftButtonRelease", "MouseMove", "MouseMove")
    expected = ["MouseMove1", "LeftButtonPress2", "MouseMove3", "MouseMove4", "LeftButtonRelease5"]
    assert found == [*expected, "MouseMove7"]


def test_turns_of_the_wheel_become_one_step_in_their_order():
    found: list[object] = []

    async def send() -> None:
        merged = Merged(lambda origin, event: found.append(event["type"]), found.append)
        for spin in (1, 1, 1, -1):
            merged("page", {"type": "MouseWheel", "spinY": spin})
        merged("page", {"type": "LeftButtonPress"})
        merged("page", {"type": "MouseWheel", "spinY": -1})
        merged("page", {"type": "MouseWheel", "spinY": -1, "shiftKey": 1})
        await asyncio.sleep(3 * views.TOGETHER)

    asyncio.run(send())
    assert found == [-2, "LeftButtonPress", 1, "MouseWheel"], "with Shift it is the tool's"


def test_without_slices_every_turn_of_the_wheel_counts():
    assert handled("MouseWheel", "MouseWheel") == ["MouseWheel0", "MouseWheel1"]
