"""The log, for whoever wants to know what happened."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from .. import logs


def show_log() -> None:
    """Where the log lies, and its end."""
    text = logs.tail() or _("Nothing was logged yet.")
    slicer.util.messageBox(_("The log: {file}").format(file=logs.log_file()), detailedText=text)
