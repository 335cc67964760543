"""One case from its file to its result and report; runs in any process that sees the files."""

from __future__ import annotations

import hashlib
import json
import platform
import time
import traceback
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError, cause_of, out_of_memory
from ..logs import software_version
from ..propagation.records import SessionSettings
from ..volumes.dicom_segments import SUFFIX as DICOM
from ..volumes.volume import Volume
from .cases import Case
from .report import NOTHING, Input, Report, Structure, file_digest, five_digits, weights_digest
from .strategies import Found, Strategy

FORMATS = (".seg.nrrd", ".nii.gz", DICOM)


@dataclass(frozen=True)
class Job:
    """A case with all that its result depends on, and where it is to be computed.

    ``digest`` is that of the ``weights`` file; ``threads`` None leaves PyTorch's number of them.
    """

    case: Case
    how: Strategy
    output: Path
    suffix: str
    weights: Path
    digest: str
    modality: str | None = None
    device: str = "auto"
    threads: int | None = None

    @property
    def result(self) -> Path:
        return self.output / (self.case.name + self.suffix)

    def report(self, **facts: Any) -> Report:
        """A report of this job with the inputs as they are now."""
        stamp = self.case.stamp()
        known = [repr(self.how), self.modality or self.case.modality, self.suffix, self.digest]
        known += [str(self.case.structures), self.case.problem]
        software, settings = software_version(), SessionSettings().digest()
        known += [software, settings]
        text = json.dumps([stamp, known])
        return Report(
            name=self.case.name,
            image=_relative(self.case.image, self.output),
            series=self.case.series,
            seeds=self.case.seeds and _relative(self.case.seeds, self.output),
            input=Input(
                files=len(stamp),
                bytes=sum(size for _, size, _ in stamp),
                changed=max((changed for *_, changed in stamp), default=0),
            ),
            key=hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16],
            mode=self.how.mode,
            weights_digest=self.digest,
            software=software,
            settings_digest=settings,
            **facts,
        )


def _relative(path: Path, folder: Path) -> str:
    """Relative to ``folder`` inside it, so that it may be moved."""
    inside = path.is_relative_to(folder)
    return (path.relative_to(folder) if inside else path).as_posix()


def run_job(job: Job) -> Report:
    """Segment the case; writes first the result, then its report.

    Never raises: a failure is a report with status "failed" and a sentence. The result file is
    complete or not there.
    """
    began = time.monotonic()
    # The inputs as they are before they are read: a later change makes another key.
    pending = job.report(status="failed")
    try:
        made = _segment(job)
    except Exception as error:  # whatever it is, the other cases go on
        made = {"error": _sentence(job.case, error)}
        if not isinstance(error, UserError):
            made["details"] = traceback.format_exc()
    made["seconds"] = round(time.monotonic() - began, 3)
    return finish(job, pending.model_copy(update=made))


def finish(job: Job, report: Report) -> Report:
    """Write ``report``; when that fails the case has failed."""
    try:
        report.write(job.output)
    except UserError as error:
        return report.model_copy(update={"status": "failed", "error": str(error)})
    return report


def _sentence(case: Case, error: Exception) -> str:
    if isinstance(error, UserError):
        return str(error)
    if out_of_memory(error):
        return f"{case.image} needs more memory than there is: use fewer workers at a time."
    return f"{case.image} failed unexpectedly: {cause_of(error)}. The report has the details."


def _segment(job: Job) -> dict[str, Any]:
    import SimpleITK as sitk
    import torch

    from ..scene.files import write_result
    from ..segmenting import audit

    if job.threads:
        torch.set_num_threads(job.threads)
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(job.threads)
    volume = job.case.read(job.modality)
    model, card = _load(job.weights, job.digest)
    settings = SessionSettings(device=job.device)
    found = job.how.segment((model, card), volume, job.case, settings)
    if not found.segmentation.complete:
        raise UserError(f"{job.case.image} was interrupted: run the same command again.")
    facts = audit(found.segmentation, card)
    labels = found.segmentation.labels
    found_any = labels.any()
    if found_any or job.suffix != DICOM:  # which cannot be empty
        write_result(job.result, volume, labels, found.names, found.colours, facts)
    structures = tuple(measured(volume, found))
    sure = [s for s in structures if s.lowest is not None and s.mean is not None]
    return {
        "status": "done" if found_any else "empty",
        "error": "" if found_any else " ".join(found.segmentation.notes) or NOTHING,
        "result": job.result.name,
        "digest": file_digest(job.result) if found_any or job.suffix != DICOM else "",
        "modality": volume.modality,
        "modality_reason": volume.modality_reason,
        "axis": found.segmentation.axis,
        "structures": structures,
        "lowest": min((s.lowest for s in sure if s.lowest is not None), default=None),
        "mean": round(float(np.mean([s.mean for s in sure])), 4) if sure else None,
        "weights": str(card.get("name", job.weights.name)),
        "weights_commit": str(card.get("commit", "unknown")),
        "audit": json.loads(json.dumps(facts)),
    }


@lru_cache(maxsize=1)
def _load(weights: Path, digest: str) -> tuple[Any, dict[str, Any]]:
    """The model, once a process; UserError where the file is another one than the batch's."""
    from ..network.weights import load_model

    model, card = load_model(weights)
    if weights_digest(weights) != digest:
        raise UserError(
            f"The weights {weights} on {platform.node()} are not those of this batch: copy them "
            "there."
        )
    return model.fuse(), card


def measured(volume: Volume, found: Found) -> list[Structure]:
    """Volume and confidence of each structure."""
    from ..segmenting import measure

    return [
        Structure(
            name=name,
            colour=colour,
            ml=five_digits(each.ml),
            lowest=None if each.lowest is None else round(each.lowest, 4),
            mean=None if each.mean is None else round(each.mean, 4),
            worst_slice=each.worst,
        )
        for name, colour, each in zip(
            found.names,
            found.colours,
            measure(found.segmentation, volume.geometry.spacing),
            strict=True,
        )
    ]
