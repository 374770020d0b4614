"""Server and recorder together, in a temporary folder that is gone afterwards."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from clock import Clock
from server import Site, Stage, make_certificates

PATIENCE = 30.0  # seconds until the recorder must listen, or must have written


@dataclass(frozen=True)
class Backstage:
    """What a client needs: the recorder's port and authority, and a folder for its own things."""

    proxy: int
    authority: Path
    folder: Path


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, authority: Path) -> None:
    """Wait until the recorder listens and has written its authority."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                if authority.exists():
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("The recorder did not start.")


@contextmanager
def recorded(sites: dict[str, Site], har: Path, comment: str) -> Iterator[tuple[Backstage, Clock]]:
    """Play `sites`, record what is sent inside the block, and write it to `har`."""
    with TemporaryDirectory(prefix="make-example-") as name:
        folder = Path(name)
        clock = Clock(folder / "clock")
        clock.set(0.0)
        authority, certificate = make_certificates(folder, list(sites))
        stage = Stage(sites, clock, certificate)
        port = free_port()
        options = {
            "confdir": folder / "recorder",
            "listen_host": "127.0.0.1",
            "listen_port": port,
            "connection_strategy": "lazy",  # so that the addon can choose the address
            "ssl_verify_upstream_trusted_ca": authority,
            "stage_hosts": ",".join(sites),
            "stage_tls_port": stage.tls_port,
            "stage_clear_port": stage.clear_port,
            "stage_clock": folder / "clock",
            "stage_har": har.resolve(),
            "stage_comment": comment,
        }
        command = [
            str(Path(sys.executable).with_name("mitmdump")),
            "-q",
            "-s",
            str(Path(__file__).with_name("recorder.py")),
        ]
        for option, value in options.items():
            command += ["--set", f"{option}={value}"]
        recorder = subprocess.Popen(command)
        try:
            own_authority = folder / "recorder" / "mitmproxy-ca-cert.pem"
            wait_for(port, own_authority)
            yield Backstage(port, own_authority, folder), clock
        finally:
            recorder.send_signal(signal.SIGINT)
            try:
                recorder.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                recorder.kill()
                recorder.wait()
            stage.close()
