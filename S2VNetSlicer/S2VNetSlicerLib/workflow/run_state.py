"""What the inference process is doing for a front end, and what it is to do next."""

from __future__ import annotations

import time

from ..inference.messages import Phase, Request
from .inference_session import InferenceSession

Range = tuple[int, int]


class RunState:
    """Ranges of slices to propagate, one after the other, and how far the run is that goes on.

    ``phase`` is what is done at the moment. ``discarded`` counts how often everything was dropped:
    what was asked before that holds no longer.
    """

    def __init__(self, session: InferenceSession) -> None:
        self.session = session
        self.phase = Phase("")
        self.current: Range | None = None
        self.apart = False
        """What runs is no propagation: changes in the meantime do not begin it anew."""
        self.discarded = 0
        self._wanted: list[Range | None] = []
        self._reach: set[int] = set()
        self._reached: set[int] = set()
        self._began: float | None = None

    @property
    def waiting(self) -> bool:
        """Whether a run is to come."""
        return bool(self._wanted)

    @property
    def idle(self) -> bool:
        """Nothing runs, nothing is about to run."""
        return not self.session.client.busy and not self._wanted

    @property
    def running(self) -> Range | None:
        """The range that is propagated at the moment, or is about to be."""
        return self._wanted[-1] if self._wanted else self.current

    @property
    def reading(self) -> bool:
        """Whether only the volume is read ahead, of which nothing is lost."""
        return self.session.client.busy and self.current is None

    def want(self, *ranges: Range | None) -> None:
        """Run these ranges one after the other and nothing else; None only encodes."""
        self._wanted = list(ranges)

    def next(self) -> Range | None:
        """The range whose turn it is."""
        return self._wanted.pop(0)

    def begin(self, within: Range | None, reach: set[int]) -> None:
        """A run began that may ``reach`` these slices."""
        self._reach, self._reached = reach, set()
        self.current, self.apart, self._began = within, False, None
        self.phase = Phase("Propagating" if within else "Encoding")

    def request(self, request: Request, phase: Phase, slices: int = 0) -> None:
        """Ask for something that is no propagation, of so many ``slices`` if the user waits."""
        self.session.client.start(request)
        self.phase = phase
        if slices:
            self._reach, self._reached, self._began = set(), set(), None
            self.apart, self.current = True, (0, slices - 1)

    def at(self, phase: Phase) -> None:
        """The process tells what it does."""
        self.phase = phase

    def made(self, z: int) -> None:
        """Slice ``z`` is there."""
        self._began = self._began or time.monotonic()
        self._reached.add(z)

    def ended(self) -> None:
        """What ran is over."""
        self.current, self._began, self.phase = None, None, Phase("")

    def discard(self) -> None:
        """Stop now and take nothing more from the process."""
        if self.session.client.busy:
            if not self.reading:
                self.session.invalidate()
            self.session.client.discard()
        self._wanted = []
        self.discarded += 1
        self.ended()

    def reached(self) -> tuple[int, int, float | None]:
        """Slices that the propagation has written, how many it may reach, and when it began."""
        return len(self._reached), max(len(self._reach | self._reached), 1), self._began
