"""The page's section of classes that need no marks: found, learned, fine-tuned and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..workflow.display_text import ALL, all_classes_text, forget_question, learned_text
from ..workflow.presenter import Presenter
from ..workflow.state import State
from .language import _, tell
from .widgets import Widgets, role_of

QUESTION = "question || asked || tuning"
"""What is asked: before something begins, or whether to keep what fine-tuning made."""
ROW = (
    (
        _("Fine-tune..."),
        "tune",
        _(
            "Adapts the learned class to the slices that you accepted; asks before it begins and "
            "before anything is kept."
        ),
    ),
    (_("Forget"), "forget", _("Takes the learned class out of your library.")),
)
"""The buttons of a learned class: text, what they do, in more words."""


class Automatic:
    """What the section does; forgetting, fine-tuning and keeping its result ask first.

    ``page`` is trame's state with the chosen names in ``wanted`` and a ``question``.
    """

    def __init__(self, presenter: Presenter, page: Any) -> None:
        self._presenter, self._page = presenter, page
        self._agreed: Callable[[], object] | None = None
        self._question = ""

    def find(self) -> None:
        """Segment the chosen classes."""
        state = self._presenter.state
        parts = (ALL + part for part in state.body_parts)
        known = {*parts, *state.predefined, *(row.name for row in state.learned)}
        self._presenter.find_classes([name for name in self._page.wanted if name in known])

    def learn(self) -> None:
        """Keep the selected class for other volumes."""
        self._presenter.learn_class(self._presenter.state.selected)

    def forget(self, name: str) -> None:
        """Take a class out of the library, after asking."""
        self.ask(forget_question(name), partial(self._presenter.forget_learned, name))

    def tune(self, name: str) -> None:
        """Fine-tune a learned class, after asking."""
        if question := self._presenter.estimate_tuning(name):
            self.ask(question, partial(self._presenter.tune_class, name))

    def answer(self, yes: bool) -> None:
        """What the user says to the question that is shown."""
        agreed, self._agreed = self._agreed, None
        with self._page as page:
            page.question = ""
        if agreed is not None:
            if yes:
                agreed()
        elif self._presenter.state.question:
            self._presenter.answer(yes)
        elif self._presenter.state.tuning:
            self._presenter.keep_tuning(yes)

    def ask(self, question: str, agreed: Callable[[], object]) -> None:
        """Ask, and do what was ``agreed`` when the user says yes."""
        self._agreed, self._question = agreed, question
        with self._page as page:
            page.question = tell(question, page.language)

    def tell_again(self) -> None:
        """Ask what is asked in the page's new language."""
        if self._agreed is not None:
            self.ask(self._question, self._agreed)


def automatic_values(state: State, say: Callable[[str], str] = str) -> dict[str, Any]:
    """The section's variables for ``state``; ``say`` translates."""
    learned = [
        {
            "name": row.name,
            "text": say(learned_text(row)),
        }
        for row in state.learned
    ]
    return {
        "findable": [
            *({"title": say(all_classes_text(p)), "value": ALL + p} for p in state.body_parts),
            *({"title": name, "value": name} for name in state.predefined),
            # Under a name that both know, the weights' class is found: see library.store.split.
            *(
                {"title": row["text"], "value": row["name"]}
                for row in learned
                if row["name"] not in state.predefined
            ),
        ],
        "learned": learned,
        "can_find": state.idle and state.can_find,
        "can_learn": state.idle and any(row.id == state.selected for row in state.classes),
        "tuning": say(state.tuning),
        "asked": say(state.question),
    }


def draw_automatic(widgets: Widgets, actions: Automatic) -> None:
    """Add the section to the page."""
    html, v, button = widgets.html, widgets.v, widgets.button
    v.VAutocomplete(
        v_model=("wanted",),
        items=("findable",),
        label=(_("Classes"),),
        no_data_text=(_("No such class is known, or the network is not loaded yet."),),
        multiple=True,
        chips=True,
        closable_chips=True,
        clear_on_select=True,
        density="compact",
        variant="outlined",
        hide_details=True,
        id="wanted",
        classes="mt-1",
    )
    chosen = "can_find && findable.some(item => wanted.includes(item.value))"
    with html.Div(classes="row"):
        told = _("Segments the chosen classes without marks, as new classes to correct.")
        button(_("Find"), actions.find, chosen, id="find", title=told)
        told = _("Keeps the selected class, as it is in the accepted slices, for other volumes.")
        button(_("Learn this class"), actions.learn, "can_learn", id="learn", title=told)
    with html.Div(v_for="row in learned", key="row.name", classes="learned"):
        html.Span("{{ row.text }}", classes="note")
        for text, name, told in ROW:
            options = {"title": told, "classes": name, "variant": "text"}
            button(text, (getattr(actions, name), "[row.name]"), "idle", **options)
    _draw_question(html, v, actions)


def _draw_question(html: Any, v: Any, actions: Automatic) -> None:
    yes, no, cancel = _("Yes"), _("No"), _("Cancel")
    with (
        v.VDialog(model_value=(f"!!({QUESTION})",), persistent=True, max_width=460),
        v.VCard(id="question", raw_attrs=[role_of("alertdialog")]),
    ):
        html.Div(f"{{{{ {QUESTION} }}}}", classes="question")
        with v.VCardActions():
            v.VSpacer()
            v.VBtn(f"{{{{ question ? 'OK' : {yes} }}}}", click=(actions.answer, "[true]"))
            v.VBtn(f"{{{{ question ? {cancel} : {no} }}}}", click=(actions.answer, "[false]"))
