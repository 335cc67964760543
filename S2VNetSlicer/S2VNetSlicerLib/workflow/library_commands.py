"""Commands that concern predefined and learned classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..annotation.initial import InitialSegmentation
from ..errors import UserError
from ..inference.jobs import FINDING, TUNING, Find, Found, Learn, Notice, Outcome, Tune
from ..inference.messages import Load, Phase, SessionJob
from ..texts import joined, texts
from .choices import learned_rows
from .class_commands import ClassCommands
from .colours import colour_of
from .display_text import ALL, class_title
from .environment import torch_missing
from .runs import Runs
from .state import LearnedRow

_ = texts(__name__)


class LibraryCommands:
    """Finding classes without marks, learning, fine-tuning and forgetting them.

    ``rows`` is the user's library as it was when somebody last looked; ``question`` asks whether to
    keep a fine-tuned class.
    """

    def __init__(self, runs: Runs, classes: ClassCommands) -> None:
        self._runs, self._classes = runs, classes
        self._workspace, self._session, self._message = runs.workspace, runs.session, runs.message
        self.rows: tuple[LearnedRow, ...] = ()
        self.question = ""
        self._tuned: Any = None
        """What fine-tuning made, until the user says whether to keep it."""

    def find_classes(self, names: Sequence[str]) -> None:
        """Segment these predefined or learned classes without marks, as classes that are added.
        ``ALL`` before the name of a part of the body: all of its classes."""
        annotation, mirror, history = self._workspace.require()
        self._check_free()
        from ..library.learned import Orientation
        from ..library.store import split

        if not names:
            raise UserError("No class is chosen: choose what to look for.")
        names = self._each(names)
        volume = self._workspace.read_volume()
        orientation = Orientation.of(self._workspace.grid().ijk_to_ras)
        kinds = split(names, self._session.predefined)
        annotation.check_room(len(names))
        axes = {orientation.axes.index(k.axis) for k in kinds if not isinstance(k, int)}
        for learned in (k for k in kinds if not isinstance(k, int)):
            learned.check(volume.modality, str(self._session.card.get("name", learned.weights)))
        if self._workspace.axis is None and len(axes) < 2:
            thick = int(np.argmax(np.round(volume.geometry.spacing, 3)))
            self._workspace.fix_axis(axes.pop() if axes else thick)
        created = []
        for n, (name, kind) in enumerate(
            zip(names, kinds, strict=True), len(annotation.structures)
        ):
            colour = colour_of(n) if isinstance(kind, int) else kind.colour
            title = class_title(name) if isinstance(kind, int) else name
            created.append(self._classes.named(mirror, mirror.new_segment(title, colour).id))
        history.begin("structures", "initial", coming=[s.id for s in created])
        annotation.changing(None)
        first = len(annotation.structures) + 1
        annotation.structures = [*annotation.structures, *created]
        self._workspace.select(created[0].id)
        self._begin(Find(dict(enumerate(kinds, first)), orientation), FINDING)

    def learn_class(self, class_id: str) -> None:
        """Store a structure with accepted slices in the library, one more example of its name."""
        from ..library.learned import Orientation, teaching_slices

        annotation, _, _ = self._workspace.require()
        number = annotation.number(class_id)
        self._check_free()
        structure = annotation.structures[number - 1]
        known = self._session.predefined
        if structure.name in {*known, *map(class_title, known)}:
            raise UserError(
                "The weights know a class {structure} already: give yours another name first.",
                structure=structure.name,
            )
        labels = np.moveaxis(annotation.labels, annotation.axis, 0)
        teaching_slices(labels, annotation.slice_status, number, structure.name)
        from ..library.store import default_folder

        orientation = Orientation.of(self._workspace.grid().ijk_to_ras)
        about = structure.name, structure.colour, orientation, default_folder()
        self._begin(Learn(number, *about), "Learning")

    def forget_learned(self, name: str) -> None:
        """Remove a learned class from the library; segments stay."""
        self._check_free()  # what is being learned would bring it back
        from ..library.store import remove

        try:
            remove(name)
        finally:
            self.refresh()

    def estimate_tuning(self, name: str) -> str:
        """What to ask the user before :meth:`tune_class`; "" when the class cannot be tuned."""
        self._check_free()
        from ..library.material import estimate

        return estimate(name).question()

    def tune_class(self, name: str) -> None:
        """Fine-tune a learned class on its accepted slices, in no volume; nothing is stored.

        In the end ``state.tuning`` asks whether to keep the result: see :meth:`keep_tuning`.
        """
        self._check_free()
        from ..library.material import estimate
        from ..library.store import default_folder

        estimate(name)
        self._runs.state.discard()  # reading ahead, at most
        self._tuned, self.question = None, ""
        job = Tune(name, self._session.settings.device, default_folder())
        self._runs.state.request(Load(self._session.weights, job), Phase(TUNING), 1)

    def keep_tuning(self, keep: bool) -> None:
        """Answer ``state.tuning``: store the fine-tuned class, or leave it as it was."""
        tuned, self._tuned, self.question = self._tuned, None, ""
        if tuned is None:
            raise UserError("No fine-tuned class waits for an answer: fine-tune one first.")
        if not keep:
            self._message.tell(_("{tuned} is as it was.").format(tuned=tuned.name))
            return
        from ..library import tuning

        tuning.keep(tuned)
        self.refresh()
        self._message.tell(_("{tuned} is fine-tuned.").format(tuned=tuned.name))

    def refresh(self) -> None:
        """List the user's library anew: that takes a look at every file."""
        try:
            self.rows = learned_rows()
        except UserError as error:  # what was listed before stays
            self._message.fail(str(error))

    # ---- inside --------------------------------------------------------------------------------

    def _each(self, names: Sequence[str]) -> list[str]:
        """The classes that ``names`` stand for, each once."""
        parts = {ALL + part: known for part, known in self._session.body_parts.items()}
        return list(dict.fromkeys(one for name in names for one in parts.get(name, (name,))))

    def _check_free(self) -> None:
        if missing := torch_missing():
            raise UserError(missing)
        if self._runs.state.running is not None:
            raise UserError("Something runs already: wait until it has ended or cancel it.")

    def _begin(self, job: SessionJob, phase: str) -> None:
        """Ask for ``job`` with a session that holds all that is here."""
        annotation = self._workspace.require_annotation()
        self._runs.state.discard()  # reading ahead, at most
        source = self._runs.source(annotation.axis)
        self._session.invalidate()
        task = self._session.task(annotation, source, job=job)
        self._runs.state.request(task, Phase(phase), annotation.slices)

    def take(self, item: Any) -> None:
        """One of the things that the process made."""
        annotation, mirror = self._workspace.annotation, self._workspace.mirror
        if isinstance(item, Notice):
            self._message.tell(item.text)
            self.refresh()
        elif isinstance(item, Outcome):
            self._tuned, self.question = item.tuned, item.question
        elif isinstance(item, Found) and annotation is not None:
            source = annotation.initial.source if annotation.initial is not None else ""
            labels = annotation.labels.copy()
            initial = InitialSegmentation(labels, source, item.confidence)
            annotation.begin_with(initial, self._session.origin)
            self._drop_missing(item.missing, item.why)
            if mirror is not None:
                mirror.keep_initial(annotation)
            self._session.invalidate()

    def _drop_missing(self, missing: tuple[int, ...], why: str) -> None:
        """Classes that were looked for and are not there are told and do not stay."""
        annotation = self._workspace.require_annotation()
        names = [annotation.structures[n - 1].name for n in missing]
        for id in [annotation.structures[n - 1].id for n in missing]:
            self._workspace.drop(id)
        if self._workspace.selected not in {s.id for s in annotation.structures}:
            self._workspace.select_first()
        if names:
            told = _("Not found in this volume: {names}.").format(names=", ".join(names))
            self._message.fail(joined(" ", (told, why)) if why else told)
