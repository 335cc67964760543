"""The one exception that reaches a user."""

from __future__ import annotations

import errno
import logging
import re
import signal
from pathlib import Path
from typing import Any

from .texts import Text, joined, texts

_ = texts(__name__)
_REMEDIES = {
    (errno.ENOSPC, errno.EDQUOT): _("Free some disk space there or choose another folder."),
    (errno.EACCES, errno.EPERM, errno.EROFS): _("Check its permissions or choose another place."),
    (errno.EADDRINUSE,): _("Choose another port, or end the program that uses this one."),
}
_SAID = {
    errno.ENOSPC: _("No space left on device"),
    errno.EDQUOT: _("Disk quota exceeded"),
    errno.EACCES: _("Permission denied"),
    errno.EPERM: _("Operation not permitted"),
    errno.EROFS: _("Read-only file system"),
    errno.ENOENT: _("No such file or directory"),
    errno.ENOTDIR: _("Not a directory"),
    errno.EISDIR: _("Is a directory"),
    errno.EEXIST: _("File exists"),
    errno.EIO: _("Input/output error"),
    errno.ENOMEM: _("Cannot allocate memory"),
    errno.EMFILE: _("Too many open files"),
    errno.ENAMETOOLONG: _("File name too long"),
    errno.EADDRINUSE: _("Address already in use"),
}
"""What Linux and macOS call the commonest causes, to be translated."""
_MEMORY = re.compile(
    r"out of memory|can't allocate memory|cannot allocate memory|unable to allocate"
    r"|failed to allocate memory|bad_alloc",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"Exception thrown in SimpleITK \w+: \S+:\d+:|(?:ITK |itk::|sitk::)ERROR:|DefaultCPUAllocator:"
)
"""What stands before the message proper: where in the library's sources it arose."""
_OOM_KILLS = (Path("/sys/fs/cgroup/memory.events"), Path("/proc/vmstat"))
"""Where Linux counts the processes that it ended for want of memory."""
_MOST = 400
"""Characters of a cause; the whole of it is in the log."""


class UserError(ValueError):
    """A failure as it is told to the user: what could not be done, why, and what helps.

    ``what`` names the thing and the file. ``cause`` is the error that the system reported, or its
    own words; it is always told. ``remedy`` is a sentence and given only where it is known to
    help; None: what :func:`remedy_for` knows of the cause. A remedy never destroys data.
    Where nothing but the input is at fault, ``what`` is the whole sentence.

    ``arguments`` stand in ``what`` and ``remedy`` in braces; both can be translated then.
    ``str(error)`` is a :class:`~.texts.Text`.
    """

    def __init__(
        self,
        what: str,
        cause: BaseException | str | None = None,
        remedy: str | None = None,
        **arguments: Any,
    ) -> None:
        if isinstance(cause, BaseException):
            remedy = remedy_for(cause) if remedy is None else remedy
            cause = cause_of(cause)
        text = _filled(what, arguments)
        if cause is not None:
            cause = cause if isinstance(cause, Text) else cause.rstrip(". ")
            text = joined(": ", (text, cause if cause.endswith(".") else joined("", (cause, "."))))
        super().__init__(joined(" ", (text, _filled(remedy, arguments))) if remedy else text)


def _filled(sentence: str, arguments: dict[str, Any]) -> Text:
    text = sentence if isinstance(sentence, Text) else _(sentence)
    return text.format(**arguments) if arguments else text


def cause_of(error: BaseException) -> str:
    """What the system said, on one line, without addresses and source lines of libraries."""
    if isinstance(error, OSError) and error.strerror:
        known = _SAID.get(error.errno or 0)
        return known if known == error.strerror else error.strerror
    text = str(error)
    if isinstance(text, Text):
        return text
    text = _LEAD.split(text)[-1]
    text = " ".join(re.sub(r"\w+ ?\(0x[0-9a-fA-F]+\):", "", text).split())
    kind = type(error).__name__
    if not text:
        return kind
    if not isinstance(error, (OSError, RuntimeError)):
        text = f"{kind}: {text}"
    return text if len(text) <= _MOST else f"{text[:_MOST]}..."


def out_of_memory(error: BaseException) -> bool:
    """Whether Python, NumPy, ITK or PyTorch (CPU, CUDA, MPS) could not get memory."""
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, RuntimeError) and bool(_MEMORY.search(str(error)))


def remedy_for(error: BaseException) -> str | None:
    """The sentence that helps against ``error``; None where none is known."""
    if out_of_memory(error):
        return _(
            "It needs more memory than is free: close other programs or take a smaller volume."
        )
    code = error.errno if isinstance(error, OSError) else None
    return next((remedy for codes, remedy in _REMEDIES.items() if code in codes), None)


def how_it_ended(code: int | None) -> str:
    """How a process ended, in words; ``code`` as ``Popen.returncode`` or ``Process.exitcode``."""
    if code is None:
        return _("it does not answer")
    if code >= 0:
        return _("exit code {code}").format(code=code)
    try:
        return _("ended by the signal {signal}").format(signal=signal.Signals(-code).name)
    except ValueError as error:  # a number that Python has no name for
        return _("ended by a signal ({error})").format(error=str(error))


def out_of_memory_kills() -> int:
    """How many processes Linux has ended for want of memory so far; 0 where it does not say."""
    counts = [0]
    for path in _OOM_KILLS:
        try:
            lines = path.read_text("ascii").splitlines()
        except OSError as error:
            logging.getLogger(__name__).debug("%s: %s", path, error)
            continue
        counts += [int(line.split()[1]) for line in lines if line.startswith("oom_kill ")]
    return max(counts)


class Faults:
    """Logs a fault that comes again and again once, until it is over or another one.

    ``logger`` is that of the module where it happens.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._known: dict[str, str] = {}

    def met(self, what: str, error: BaseException) -> bool:
        """``what`` failed; whether that is new."""
        told = cause_of(error)
        if self._known.get(what) == told:
            return False
        self._known[what] = told
        trace = None if isinstance(error, (UserError, OSError)) else error
        self._logger.error("%s failed: %s", what, told, exc_info=trace)
        return True

    def over(self, what: str) -> bool:
        """``what`` was done; whether it had failed before."""
        had = self._known.pop(what, None) is not None
        if had:
            self._logger.info("%s is possible again", what)
        return had
