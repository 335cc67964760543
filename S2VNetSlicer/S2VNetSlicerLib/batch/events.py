"""What a batch tells while it runs, and how often a case is tried."""

from __future__ import annotations

from collections.abc import Sequence

from .jobs import Job, finish
from .report import Report

Event = tuple[Job, Report | None]
"""A job that was begun (None) or has ended. A job whose worker died is begun once more."""
ATTEMPTS = 3
"""A case that ended so many processes has failed."""


def died(job: Job, endings: Sequence[str]) -> Report:
    """The report of a case that ended every process it was tried in, each as ``endings`` say."""
    how = "; ".join(dict.fromkeys(endings))
    sentence = f"{job.case.image} ended its process {len(endings)} times: {how}."
    return finish(job, job.report(status="failed", error=sentence))
