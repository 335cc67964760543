"""What a Dask worker's end is called: by its name, without guessing."""

from __future__ import annotations

from S2VNetSlicerLib.batch import cluster
from S2VNetSlicerLib.batch.cases import Case
from S2VNetSlicerLib.batch.events import died
from S2VNetSlicerLib.batch.report import read_report
from S2VNetSlicerLib.batch.strategies import FromSeeds
from S2VNetSlicerLib.errors import UserError


class Ended:
    """A future of a job that ended with ``error``."""

    status = "error"

    def __init__(self, error):
        self.error = error

    def exception(self):
        return self.error


def told(make_job, tmp_path, error):
    job = make_job(Case("a", tmp_path / "a.nii.gz"), FromSeeds())
    return cluster._outcome(Ended(error), job).report(job)


def test_a_fault_of_our_own_is_called_what_it_is(make_job, tmp_path, output):
    report = told(make_job, tmp_path, ValueError("a bug in our own code"))
    assert report.error.endswith("could not be run on a worker: ValueError: a bug in our own code.")
    assert "a bug in our own code" in report.details
    assert read_report(output / "a.report.json") == report


def test_a_sentence_stays_as_it_is_and_only_a_missing_module_asks_for_an_installation(
    make_job, tmp_path
):
    assert told(make_job, tmp_path, UserError("No marks.")).error == "No marks."
    missing = told(make_job, tmp_path, ModuleNotFoundError("No module named 'S2VNetSlicerLib'"))
    assert missing.error.endswith("Install this version of s2vnet-slicer there.")


def test_how_a_case_ended_its_processes_is_told_once_each(make_job, tmp_path):
    job = make_job(Case("a", tmp_path / "a.nii.gz"), FromSeeds())
    endings = ["exit code 9", "ended by the signal SIGSEGV", "exit code 9"]
    sentence = "a.nii.gz ended its process 3 times: exit code 9; ended by the signal SIGSEGV."
    assert died(job, endings).error.endswith(sentence)
