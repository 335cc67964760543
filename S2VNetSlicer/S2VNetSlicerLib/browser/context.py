"""What the parts of the application know of the whole."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol, TypeVar

from ..workflow.presenter import Presenter
from .autosave import Autosave
from .closing import Closing
from .messages import Notices
from .tools import Tools
from .viewing import Viewing

T = TypeVar("T")


class AppContext(Protocol):
    """The application, as its actions and transfers see it."""

    server: Any
    presenter: Presenter
    autosave: Autosave
    viewing: Viewing
    tools: Tools
    closing: Closing
    transfers: Any
    measuring: Any
    notices: Notices

    def errand(self, name: str, work: Callable[[], T]) -> Future[T]:
        """Do ``work`` in a thread; the page shows its name as long as it lasts."""
        ...

    def show_volume(self, volume: Any) -> None:
        """Work on a volume; UserError when the network cannot."""
        ...

    def choose_volume(self, node_id: str) -> None:
        """Work on a volume of the scene."""
        ...

    def choose_segmentation(self, node_id: str | None) -> None:
        """Work on a segmentation of the scene; None: on a new one."""
        ...

    def correct_file(self, path: Path) -> None:
        """Take a segmentation file up to be corrected; UserError when it does not fit."""
        ...

    def open_session(self, path: Path) -> None:
        """Go on with a session from a file; UserError when it cannot be opened."""
        ...

    def source(self) -> tuple[Path, ...]:
        """The DICOM files of the chosen volume; empty: it has none."""
        ...

    def open_last(self) -> None:
        """Go on with the last session."""
        ...

    def tell(self, sentence: str) -> str: ...
