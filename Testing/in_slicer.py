"""Runs the extension inside 3D Slicer: self-tests, then a session with real mouse events.

    python Testing/in_slicer.py --slicer /opt/Slicer/Slicer --output in-slicer-output

``--measure FOLDER`` does the steps of ``desktop/measured.py`` instead, with the volumes there.
Any Slicer from 5.10 on whose Python has what the extension needs (PyTorch too). Where there is no
display, on Linux, a virtual one is started (Xvfb). The output folder gets a JUnit file, timings,
pictures and the application's log; the application gets settings and folders of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
SCREEN = "1600x1000x24"
OWN = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "APPDATA")


@contextmanager
def screen(environment: dict[str, str]) -> Iterator[None]:
    """A display: the one there is, else a virtual one."""
    if not sys.platform.startswith("linux") or environment.get("DISPLAY"):
        yield
        return
    if shutil.which("Xvfb") is None:
        raise SystemExit("There is no display and no Xvfb: install xvfb, or set DISPLAY.")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            environment["DISPLAY"] = ":" + pipe.readline().strip()
        yield
    finally:
        server.terminate()
        server.wait()


def command_line(slicer: Path, output: Path, volumes: Path | None = None) -> list[str]:
    script = ROOT / "Testing" / "desktop" / "in_application.py"
    return [
        *(str(slicer), "--no-splash", "--disable-settings", "--ignore-slicerrc"),
        *("--additional-module-paths", str(ROOT / "S2VNetSlicer")),
        *("--python-script", str(script), str(output)),
        *([] if volumes is None else [str(volumes)]),
    ]


def end(running: subprocess.Popen) -> None:
    """The launcher and the application that it started."""
    if hasattr(os, "killpg"):
        os.killpg(running.pid, signal.SIGKILL)
    else:
        running.kill()
    running.wait()


def run(slicer: Path, output: Path, seconds: float, volumes: Path | None = None) -> int:
    """0 when every step passed; the JUnit file says what did not, also when Slicer crashed."""
    output.mkdir(parents=True, exist_ok=True)
    junit = output / "junit.xml"
    junit.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as own, open(output / "slicer.log", "wb") as log:
        environment = {**os.environ, **dict.fromkeys(OWN, own)}
        with screen(environment):
            running = subprocess.Popen(
                command_line(slicer, output, volumes),
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
            try:
                ended = f"ended with code {running.wait(seconds)}"
            except subprocess.TimeoutExpired:
                ended = f"was not done after {seconds:.0f} s"
                end(running)
    if not junit.is_file():
        suite = ElementTree.Element("testsuite", name="in 3D Slicer", tests="1", errors="1")
        case = ElementTree.SubElement(suite, "testcase", classname="in_slicer", name="application")
        ElementTree.SubElement(case, "error", message=f"3D Slicer {ended}")
        ElementTree.ElementTree(suite).write(junit, "utf-8", xml_declaration=True)
    cases = ElementTree.parse(junit).getroot().findall("testcase")
    for case in cases:
        wrong = [problem.get("message", "") for problem in case]
        print(f"{'FAILED' if wrong else 'passed'} {case.get('name')} {' '.join(wrong)}")
    failed = sum(len(case) > 0 for case in cases)
    print(f"3D Slicer {ended}; see {output}")
    return int(failed > 0 or ended != "ended with code 0")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--slicer", type=Path, default=os.environ.get("SLICER"))
    parser.add_argument("--output", type=Path, default=Path("in-slicer-output"))
    parser.add_argument("--minutes", type=float, default=20.0, help="then it has failed")
    parser.add_argument("--measure", type=Path, help="a folder of volumes with labels")
    options = parser.parse_args(arguments)
    if options.slicer is None:
        parser.error("say where 3D Slicer is: --slicer PATH, or SLICER in the environment")
    volumes = options.measure and options.measure.absolute()
    slicer, output = Path(options.slicer).absolute(), options.output.absolute()
    return run(slicer, output, 60 * options.minutes, volumes)


if __name__ == "__main__":
    sys.exit(main())
