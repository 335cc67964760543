"""When results are shown: views may take longer to draw themselves than slices take to come."""

from __future__ import annotations

import time

TICK = 0.03
"""Seconds between two looks at the inference process."""
SHARE = 2
"""The views are left alone for so many times as long as they drew: the user may scroll then."""
LONGEST = 0.5
"""Seconds for which nothing is shown at most."""
AT_ONCE = 0.02
"""Seconds for which results are taken in before the event loop goes on."""


class Pacing:
    """Ask :meth:`due` at every tick, and tell :meth:`showed` when something was shown."""

    def __init__(self) -> None:
        self._next, self._showed = 0.0, -1.0

    def due(self) -> bool:
        """Whether more can be shown now."""
        now = time.monotonic()
        if self._showed >= 0:
            drawn = max(0.0, now - self._showed - TICK)
            self._next, self._showed = now + min(LONGEST, SHARE * drawn), -1.0
        return now >= self._next

    def showed(self) -> None:
        """The views are about to draw themselves."""
        self._showed = time.monotonic()

    def at_once(self) -> None:
        """What comes next is waited for."""
        self._next, self._showed = 0.0, -1.0
