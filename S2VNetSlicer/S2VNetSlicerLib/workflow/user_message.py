"""What the user is told."""

from __future__ import annotations


class UserMessage:
    """The last ``text``, one sentence, and whether it tells a failure."""

    def __init__(self) -> None:
        self.text, self.failed = "", False

    def clear(self) -> None:
        """It was read."""
        self.text, self.failed = "", False

    def tell(self, text: str) -> None:
        """Say what happened."""
        self.text, self.failed = text, False

    def fail(self, text: str) -> None:
        """Say what could not be done."""
        self.text, self.failed = text, True
