"""The strip below the views' buttons: confidence, marked and accepted slices, where one is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

AT_CLICK = (
    "Math.max(0, Math.min(slices - 1, Math.floor(slices * ($event.clientX - "
    "$event.currentTarget.getBoundingClientRect().left) / "
    "$event.currentTarget.getBoundingClientRect().width)))"
)


def draw_strip(html: Any, go_to: Callable[[int], object]) -> None:
    """Add the strip to the page; a click calls ``go_to`` with a slice."""
    from trame_client.widgets.core import HtmlElement

    def rectangle(**options: Any) -> None:
        HtmlElement("rect", **options, __properties=["x", "y", "width", "height", "fill"])

    # The drawing is 100 units wide whatever the number of slices, so that its marks stay thin.
    with html.Svg(
        classes="strip",
        id="strip",
        v_if="slices",
        viewBox="0 0 100 34",
        preserveAspectRatio="none",
        click=(go_to, f"[{AT_CLICK}]"),
        mousemove=f"hover = {AT_CLICK}",
        mouseleave="hover = null",
        __properties=["viewBox", "preserveAspectRatio"],
    ):
        rectangle(
            v_for="run in strip",
            key="run.z",
            x=("100 * run.z / slices",),
            width=("100 * run.n / slices + 0.05",),
            height="20",
            fill=("run.colour",),
        )
        rectangle(
            v_for="tick in ticks",
            key="'t' + tick.z",
            x=("100 * (tick.z + 0.5) / slices - (tick.accepted ? 0.8 : 0.3)",),
            y="24",
            width=("tick.accepted ? 1.6 : 0.6",),
            height="8",
            fill=("tick.accepted ? '#6ea8fe' : '#dddddd'",),
        )
        rectangle(
            v_if="worst !== null",
            x=("100 * (worst + 0.5) / slices - 0.4",),
            width="0.8",
            height="20",
            fill="#e0409a",
        )
        for width, colour in ((1.2, "black"), (0.6, "white")):  # seen on every colour
            rectangle(
                x=(f"100 * (slice + 0.5) / slices - {width / 2}",),
                width=str(width),
                height="22",
                fill=colour,
            )
