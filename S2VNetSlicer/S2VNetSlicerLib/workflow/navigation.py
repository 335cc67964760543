"""The slice that the user looks at, and other ones to look at."""

from __future__ import annotations

from ..errors import UserError
from ..texts import texts
from .workspace import Workspace

_ = texts(__name__)


class Navigation:
    """Keeps the workspace's current slice and the views along its axis together."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def go_to(self, z: int) -> None:
        """Show slice ``z`` in the views that look along the axis."""
        work = self._workspace
        work.look_at(work.check_slice(z))
        if work.axis is not None:
            work.views.show(work.grid(), work.axis, z)

    def go_to_worst(self) -> None:
        """Show the slice where a mark should help most."""
        worst = self._workspace.worst_slice()
        if worst is None:
            raise UserError("Nothing is suggested yet: mark a slice and propagate first.")
        self.go_to(worst)
        if not self._workspace.require_annotation().slice(worst).any():
            self._workspace.message.tell(
                _("Nothing was found in this slice: accept it, or mark what is there.")
            )

    def follow_views(self) -> bool:
        """Whether the user moved a view to another slice, which is the current one now."""
        work = self._workspace
        if work.annotation is None or work.axis is None:
            return False
        try:
            z = work.views.moved_to(work.grid(), work.axis)
        except UserError:  # a warp: there are no slices to follow, and every command says so
            return False
        if z is None or z == work.slice:
            return False
        work.look_at(z)
        return True

    def on_screen(self) -> int:
        """The current slice, as a view along the axis shows it; UserError when none does so."""
        work = self._workspace
        shown = set() if work.axis is None else work.views.shown(work.grid(), work.axis)
        if shown and work.slice not in shown:
            if len(shown) > 1:
                raise UserError("Several views show other slices: go to the slice first.")
            work.look_at(*shown)
        return work.slice
