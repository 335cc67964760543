"""Install the wheel as a user does, without this clone, and run what each extra is for.

Every environment is new and lies outside the clone; nothing pins its packages. Where further
supported versions of Python are on PATH, the base install is tried with them as well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import small_data

ROOT = Path(__file__).resolve().parents[1]
OTHERS = ("3.12", "3.13")
"""Supported versions of Python besides the one that runs this."""


class Environment:
    """A new environment with the wheel and the extras of one name."""

    def __init__(self, folder: Path, wheel: Path, extra: str, python: str = sys.executable) -> None:
        self.bin = folder / "bin"
        self.work = folder / "work"
        _run([python, "-m", "venv", folder])
        wanted = f"s2vnet-slicer[{extra}]" if extra else "s2vnet-slicer"
        pip = [self.bin / "python", "-m", "pip", "install", "--quiet"]
        _run([*pip, f"{wanted} @ {wheel.as_uri()}"])
        self.work.mkdir()

    def s2vnet(self, *words: object, fails: str = "") -> str:
        """What the command says; ``fails``: it must refuse with this in its sentence."""
        print("$ s2vnet", *words, flush=True)
        done = subprocess.run(
            [self.bin / "s2vnet", *map(str, words)],
            cwd=self.work,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        if (done.returncode == 2) != bool(fails) or done.returncode not in (0, 2):
            raise SystemExit(f"exit status {done.returncode}: {said}")
        if fails not in said:
            raise SystemExit(f"{fails!r} is not said: {said}")
        return said

    def variables(self) -> dict[str, str]:
        """Nothing of this clone, and an empty home for state and library."""
        foreign = ("PYTHONPATH", "VIRTUAL_ENV", "S2VNET_LIBRARY")
        kept = {k: v for k, v in os.environ.items() if k not in foreign}
        home = {f"XDG_{kind}_HOME": str(self.work / "home") for kind in ("STATE", "DATA")}
        return {**kept, **home, "PATH": os.pathsep.join([str(self.bin), os.environ["PATH"]])}

    def marked(self, name: str) -> int:
        """How many voxels of a label map are a structure."""
        array = f"sitk.GetArrayFromImage(sitk.ReadImage({name!r}))"
        code = f"import SimpleITK as sitk; print(({array} > 0).sum())"
        command = [str(self.bin / "python"), "-c", code]
        done = subprocess.run(command, cwd=self.work, capture_output=True, text=True, check=True)
        return int(done.stdout)


def base(env: Environment) -> None:
    """Volume in, label map out; nothing of Slicer."""
    small_data.make(["ct"], env.work, ROOT)
    assert env.s2vnet("--version").startswith("s2vnet ")
    assert "weights" in env.s2vnet("info")
    env.s2vnet("library", "list")
    segment = ("segment", "ct.nii.gz", "--seeds", "ct.seeds.nii.gz", "--output")
    env.s2vnet(*segment, "result.nii.gz")
    assert env.marked("result.nii.gz") > 100
    for name in ("result.seg.nrrd", "result.mrb"):
        said = env.s2vnet(*segment, name, fails="pip install 's2vnet-slicer[scene]'")
        assert "slices" not in said, f"computed before it refused: {said}"


def scene(env: Environment) -> None:
    """Slicer's own files."""
    small_data.make(["ct"], env.work, ROOT)
    for name in ("result.seg.nrrd", "result.mrb"):
        env.s2vnet("segment", "ct.nii.gz", "--seeds", "ct.seeds.nii.gz", "--output", name)
    assert env.marked("result.seg.nrrd") > 100
    env.s2vnet("batch", "result.mrb", "cases")


def batch(env: Environment) -> None:
    """A folder on the workers of a Dask scheduler."""
    small_data.make(["folder"], env.work, ROOT)
    address = "tcp://127.0.0.1:8786"
    dask = [str(env.bin / "dask")]
    started = [
        subprocess.Popen([*dask, *words], cwd=env.work, env=env.variables())
        for words in (["scheduler", "--host", "127.0.0.1"], ["worker", address])
    ]
    try:
        time.sleep(5)
        env.s2vnet("batch", "volumes", "results", "--scheduler", address)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(30)
    assert len(list((env.work / "results").glob("*.seg.nrrd"))) == 3


def evaluation(env: Environment) -> None:
    """Rounds of simulated marks, and results beside references."""
    small_data.make(["nnunet"], env.work, ROOT)
    env.s2vnet("evaluate", "DATASETS/Dataset101_LimbTest", "--rounds", 2, "--output", "scores")
    assert list((env.work / "scores").glob("*.csv"))


EXTRAS: dict[str, Callable[[Environment], None]] = {
    "": base,
    "scene": scene,
    "batch": batch,
    "evaluation": evaluation,
}


def _run(command: list[object]) -> None:
    subprocess.run(list(map(str, command)), check=True, stdin=subprocess.DEVNULL)


def main() -> int:
    work = Path(tempfile.mkdtemp(prefix="s2vnet-wheel-"))
    try:
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        _run([*pip, "--wheel-dir", work, ROOT])
        (wheel,) = work.glob("*.whl")
        for extra, check in EXTRAS.items():
            print(f"== {wheel.name} [{extra}], Python {sys.version.split()[0]}", flush=True)
            check(Environment(work / (extra or "base"), wheel, extra))
            shutil.rmtree(work / (extra or "base"))
        for version in OTHERS:
            python = shutil.which(f"python{version}")
            # pyenv's stand-ins exist where the version does not.
            if (
                python
                and subprocess.run([python, "--version"], capture_output=True).returncode == 0
            ):
                print(f"== {wheel.name}, Python {version}", flush=True)
                base(Environment(work / version, wheel, "", python))
            else:
                print(f"not tested: there is no Python {version}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
