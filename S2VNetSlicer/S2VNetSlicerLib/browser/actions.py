"""Everything that the page can ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from ..errors import UserError
from ..volumes.reading import read_volume
from ..workflow.keyboard import KEYS
from ..workflow.state import PropagationRange
from .automatic import Automatic
from .context import AppContext
from .drawing import from_hexadecimal
from .entry import EXAMPLE, example_file
from .language import LANGUAGES, chosen, page_texts


class Actions:
    """The page's buttons and keys by name."""

    def __init__(self, application: AppContext) -> None:
        self._application, self._page = application, application.server.state
        presenter = self._presenter = application.presenter
        self.automatic = Automatic(presenter, self._page)
        self.viewing, self.closing = application.viewing, application.closing
        self.tools = application.tools
        self.transfers, self.measuring = application.transfers, application.measuring
        self.choose_volume: Callable[..., Any] = application.choose_volume
        self.choose_segmentation = application.choose_segmentation
        self.open_last = application.open_last
        self.correct = presenter.correct
        self.select_class = presenter.select_class
        self.rename = presenter.rename_class
        self.show_class = presenter.show_class
        self.lock_class = presenter.lock_class
        self.go_to = presenter.go_to
        self._keys: dict[str, Callable[[], Any]] = {
            "mark": self.switch_mark,
            "negative": lambda: self.switch_kind("background"),
            "erase": lambda: self.switch_kind("erase"),
            "next_class": presenter.select_next,
            "undo": self.undo,
            "redo": self.redo,
            **{span.value: partial(self.propagate, span.value) for span in PropagationRange},
            "cancel": self.cancel,
            "worst": self.go_to_worst,
            "accept": self.accept,
        }
        self._keys |= {"rename": self.begin_renaming, "help": self.switch_help}
        missing = {key.action for key in KEYS} - set(self._keys)
        assert not missing, missing

    def press(self, action: str) -> None:
        """A key of ``workflow.keyboard`` or of the views was pressed."""
        if action in self._keys:
            self._keys[action]()
        elif action.startswith("tool:"):
            self.tools.choose(action.removeprefix("tool:"))
        elif action in ("hide", "show"):
            self.viewing.hide(action == "hide")
        else:
            self.viewing.press(action)

    def switch_help(self) -> None:
        """Show the list of keys, or hide it."""
        with self._page as page:
            page.helping = not page.helping

    def tidy(self, how: str) -> None:
        self._presenter.tidy(how)

    def open_example(self) -> None:
        """Show the volume that comes with a package."""
        path = example_file()
        if path is not None:
            try:
                self._application.show_volume(replace(read_volume(path), name=EXAMPLE))
            except UserError as error:
                self._application.notices.show(str(error))

    def begin_renaming(self) -> None:
        """Type another name for the selected class."""
        state = self._presenter.state
        for row in state.classes:
            if row.id == state.selected:
                with self._page as page:
                    page.update({"typing": row.id, "draft": row.name})

    def switch_mark(self) -> None:
        with self._page as page:
            page.marking = bool(page.can_mark) and not page.marking

    def switch_kind(self, kind: str) -> None:
        with self._page as page:
            page.kind = "structure" if page.kind == kind else kind

    def dismiss(self) -> None:
        self._presenter.dismiss()

    def speak(self, wanted: str) -> None:
        """The browser's language, or the one that the user chose."""
        language = chosen(wanted)
        with self._page as page:
            page.update({"language": language, "tr": page_texts(language)})
        for shown in (self._application.notices, self.automatic, self.transfers):
            shown.tell_again()
        self._presenter.publish()

    def switch_language(self) -> None:
        """To the next of the languages."""
        known = list(LANGUAGES)
        self.speak(known[(known.index(self._page.language) + 1) % len(known)])

    def set_modality(self, modality: str | None) -> None:
        self._presenter.set_modality(modality)
        self._presenter.runs.prefetch()

    def set_axis(self, axis: int | None) -> None:
        self._presenter.set_axis(axis)

    def recolour(self, id: str, colour: str) -> None:
        self._presenter.recolour_class(id, from_hexadecimal(colour))

    def add_class(self) -> None:
        self._presenter.add_class()

    def remove_class(self) -> None:
        self._presenter.remove_class(self._presenter.state.selected)

    def show_only(self) -> None:
        self._presenter.show_only(self._presenter.state.selected)

    def lock_others(self) -> None:
        self._presenter.lock_others(self._presenter.state.selected)

    def undo(self) -> None:
        self._presenter.undo()

    def redo(self) -> None:
        self._presenter.redo()

    def propagate(self, span: str) -> None:
        self._presenter.propagate(PropagationRange(span))

    def cancel(self) -> None:
        self._presenter.cancel()

    def accept(self) -> None:
        self._presenter.accept()

    def go_to_worst(self) -> None:
        self._presenter.go_to_worst()
