"""Makes the captures in ``examples/`` again: ``python tools/make_example [FOLDER]``.

Needs Chromium and, once, a package index for the recorder, which goes into a throw-away environment.
Everything else happens on 127.0.0.1.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

HERE = Path(__file__).resolve().parent
MARK = "MAKE_EXAMPLE_INSIDE"


def enter() -> int:
    """Make the environment, run this script inside it, throw it away."""
    with TemporaryDirectory(prefix="make-example-env-") as name:
        print("installing the recorder …", file=sys.stderr)
        venv.create(name, with_pip=True)
        python = Path(name) / "bin" / "python"
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "-r", str(HERE / "requirements.txt")], check=True)
        return subprocess.run([python, HERE, *sys.argv[1:]], env={**os.environ, MARK: "1"}).returncode


def make(examples: Path) -> None:
    """Play and record all captures."""
    import browser_session
    import hashed_session
    import sealed_session
    from stage import recorded

    played = HERE / "played"
    plays: tuple[browser_session.Reports, ...] = ("browsing", "crashes")
    for reports in plays:
        har = played / f"{reports}.har"
        print(har, file=sys.stderr)
        comment = (
            "Reconstruction of a reported case from published descriptions, played between a real client and "
            "a local server. Times are those of the play. See README.md beside this file."
        )
        with recorded(browser_session.SITES, har, comment) as (backstage, clock):
            browser_session.Session(backstage, clock, reports).play()
    case = examples / "xiaomi-browser-2020"
    case.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, HERE / "secured", case], check=True)
    make_pair(examples / "hashed-identifier", hashed_session)
    make_pair(examples / "embedded-key", sealed_session)


def make_pair(folder: Path, session: ModuleType) -> None:
    """Play and record a fictional app and its twin; `session` has `SITES` and `play`."""
    from stage import recorded

    for name, twin in (("capture", False), ("negative-twin", True)):
        print(folder / f"{name}.har", file=sys.stderr)
        folder.mkdir(parents=True, exist_ok=True)
        comment = (
            "Made for teaching: fictional app, fictional hosts, local server. See README.md beside this file."
        )
        with recorded(session.SITES, folder / f"{name}.har", comment) as (backstage, clock):
            session.play(backstage, clock, twin=twin)


if __name__ == "__main__":
    if MARK not in os.environ:
        sys.exit(enter())
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[1] / "examples")
