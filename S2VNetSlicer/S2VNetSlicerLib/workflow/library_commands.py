"""The presenter's commands that concern predefined and learned classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..annotation.initial import InitialSegmentation
from ..errors import UserError
from ..inference.jobs import FINDING, TUNING, Find, Found, Learn, Notice, Outcome, Tune
from ..inference.messages import Load, Phase, Request, SessionJob, Task
from ..texts import joined, texts
from .class_commands import ClassCommands
from .commands import command
from .environment import torch_missing
from .view_state import colour_of, learned_rows
from .words import class_title

_ = texts(__name__)


class LibraryCommands(ClassCommands):
    """Finding classes without marks, learning, fine-tuning and forgetting them."""

    _tuned: Any = None
    """What fine-tuning made, until the user says whether to keep it."""

    @command
    def find_classes(self, names: Sequence[str]) -> None:
        """Segment these predefined or learned classes without marks, as classes that are added."""
        annotation, mirror, history = self.require_workspace()
        self._check_free()
        from ..library.learned import Orientation
        from ..library.store import split

        if not names:
            raise UserError("No class is chosen: choose what to look for.")
        volume, orientation = self.read_volume(), Orientation.of(self.grid().ijk_to_ras)
        kinds = split(names, self.predefined)
        annotation.check_room(len(names))
        axes = {orientation.axes.index(k.axis) for k in kinds if not isinstance(k, int)}
        for learned in (k for k in kinds if not isinstance(k, int)):
            learned.check(volume.modality, str(self.card.get("name", learned.weights)))
        if self.axis is None and len(axes) < 2:
            thick = int(np.argmax(np.round(volume.geometry.spacing, 3)))
            self.fix_axis(axes.pop() if axes else thick)
        created = []
        for n, (name, kind) in enumerate(
            zip(names, kinds, strict=True), len(annotation.structures)
        ):
            colour = colour_of(n) if isinstance(kind, int) else kind.colour
            title = class_title(name) if isinstance(kind, int) else name
            created.append(self.named(mirror, mirror.new_segment(title, colour).id))
        history.begin("structures", "initial", coming=[s.id for s in created])
        annotation.changing(None)
        first = len(annotation.structures) + 1
        annotation.structures = [*annotation.structures, *created]
        self.selected = created[0].id
        self._begin(Find(dict(enumerate(kinds, first)), orientation), FINDING)

    @command
    def learn_class(self, class_id: str) -> None:
        """Store a structure with accepted slices in the library, one more example of its name."""
        from ..library.learned import Orientation, teaching_slices

        annotation, _, _ = self.require_workspace()
        number = annotation.number(class_id)
        self._check_free()
        structure = annotation.structures[number - 1]
        if structure.name in {*self.predefined, *map(class_title, self.predefined)}:
            raise UserError(
                "The weights know a class {structure} already: give yours another name first.",
                structure=structure.name,
            )
        labels = np.moveaxis(annotation.labels, annotation.axis, 0)
        teaching_slices(labels, annotation.slice_status, number, structure.name)
        from ..library.store import default_folder

        orientation = Orientation.of(self.grid().ijk_to_ras)
        about = structure.name, structure.colour, orientation, default_folder()
        self._begin(Learn(number, *about), "Learning")

    @command
    def forget_learned(self, name: str) -> None:
        """Remove a learned class from the library; segments stay."""
        self._check_free()  # what is being learned would bring it back
        from ..library.store import remove

        try:
            remove(name)
        finally:
            self.refresh_library()

    @command
    def estimate_tuning(self, name: str) -> str:
        """What to ask the user before :meth:`tune_class`; "" when the class cannot be tuned."""
        self._check_free()
        from ..library.material import estimate

        return estimate(name).question()

    @command
    def tune_class(self, name: str) -> None:
        """Fine-tune a learned class on its accepted slices, in no volume; nothing is stored.

        In the end ``state.tuning`` asks whether to keep the result: see :meth:`keep_tuning`.
        """
        self._check_free()
        from ..library.material import estimate
        from ..library.store import default_folder

        estimate(name)
        self.abandon()  # reading ahead, at most
        self._tuned, self.tuning = None, ""
        job = Tune(name, self.settings.device, default_folder())
        self._occupy(Load(self.weights, job), Phase(TUNING), 1)

    @command
    def keep_tuning(self, keep: bool) -> None:
        """Answer ``state.tuning``: store the fine-tuned class, or leave it as it was."""
        tuned, self._tuned, self.tuning = self._tuned, None, ""
        if tuned is None:
            raise UserError("No fine-tuned class waits for an answer: fine-tune one first.")
        if not keep:
            self.message = _("{tuned} is as it was.").format(tuned=tuned.name)
            return
        from ..library import tuning

        tuning.keep(tuned)
        self.refresh_library()
        self.message = _("{tuned} is fine-tuned.").format(tuned=tuned.name)

    def refresh_library(self) -> None:
        """List the user's library anew: that takes a look at every file."""
        try:
            self.library = learned_rows()
        except UserError as error:  # what was listed before stays
            self.message = self.failure = str(error)

    # ---- inside --------------------------------------------------------------------------------

    def _check_free(self) -> None:
        if missing := torch_missing():
            raise UserError(missing)
        if self.running is not None:
            raise UserError("Something runs already: wait until it has ended or cancel it.")

    def _begin(self, job: SessionJob, phase: str) -> None:
        """Ask for ``job`` with a session that holds all that is here."""
        annotation, volume = self.require_annotation(), self.read_volume()
        self.abandon()  # reading ahead, at most
        source = self._source_for(volume, annotation.axis)
        locked = tuple(s.id in annotation.locked for s in annotation.structures)
        task = Task(source, annotation, locked=locked, job=job)
        self.invalidate_session()
        self._occupy(task, Phase(phase), annotation.slices)

    def _occupy(self, request: Request, phase: Phase, slices: int) -> None:
        """Ask for something that is no propagation."""
        self.inference.start(request)
        self._reach, self._reached, self._began = set(), set(), None
        self._apart, self._running, self.phase = True, (0, slices - 1), phase

    def _take(self, item: Any) -> None:
        super()._take(item)
        annotation = self.annotation
        if isinstance(item, Notice):
            self.message = item.text
            self.refresh_library()
        elif isinstance(item, Outcome):
            self._tuned, self.tuning = item.tuned, item.question
        elif isinstance(item, Found) and annotation is not None:
            source = annotation.initial.source if annotation.initial is not None else ""
            labels = annotation.labels.copy()
            annotation.begin_with(InitialSegmentation(labels, source), self.model_origin)
            self._drop_missing(item.missing, item.why)
            if self.mirror is not None:
                self.mirror.keep_initial(annotation)
            self.invalidate_session()

    def _drop_missing(self, missing: tuple[int, ...], why: str) -> None:
        """Classes that were looked for and are not there are told and do not stay."""
        annotation, mirror, _history = self.require_workspace()
        names = [annotation.structures[n - 1].name for n in missing]
        for id in [annotation.structures[n - 1].id for n in missing]:
            slices = annotation.remove_structure(id)
            mirror.match(annotation.structures, [id])
            self._rewrite(annotation, mirror, slices)
        if self.selected not in {s.id for s in annotation.structures}:
            self.select_first(annotation)
        if names:
            told = _("Not found in this volume: {names}.").format(names=", ".join(names))
            self.message = joined(" ", (told, why)) if why else told
            self.failure = self.message
