"""What mitmproxy's own reader sees in a flow file.

mitmproxy is no dependency of the project: `install` puts it into an environment of its own under ``build/``,
and the reading is done there by this very file, run as a script.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGE = "mitmproxy==11.0.2"
"""The last version for Python 3.11; it reads flow files up to version 21."""
FOLDER = Path(__file__).resolve().parents[2] / "build" / "oracle-mitmproxy"


@dataclass(frozen=True)
class Flow:
    """One flow. Bodies are SHA-256 of the bytes with content codings still on; null: not recorded."""

    kind: str
    method: str | None
    url: str | None
    status: int | None
    request: str | None
    response: str | None
    messages: list[list[Any]]  # from the client?, SHA-256


def install() -> str | None:
    """Install mitmproxy where it is missing; returns why that is not possible, or None."""
    python = FOLDER / "bin" / "python"
    if (FOLDER / "installed").is_file():
        return None
    if os.environ.get("WAAKZAAM_OFFLINE"):
        return "WAAKZAAM_OFFLINE is set"
    for command in (
        [sys.executable, "-m", "venv", str(FOLDER)],
        [str(python), "-m", "pip", "install", "--quiet", PACKAGE],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return f"{PACKAGE} cannot be installed: {done.stderr.strip().splitlines()[-1:]}"
    (FOLDER / "installed").touch()
    return None


def flows(path: Path) -> list[Flow] | str:
    """Return the flows of a file, or why mitmproxy does not read it."""
    command = [str(FOLDER / "bin" / "python"), str(Path(__file__).resolve()), str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return done.stderr.strip().splitlines()[-1]
    return [Flow(**each) for each in json.loads(done.stdout)]


def _digest(body: bytes | str | None) -> str | None:
    if body is None:
        return None
    return hashlib.sha256(body if isinstance(body, bytes) else body.encode()).hexdigest()


def _flow(flow: Any) -> dict[str, Any]:
    kind = flow.type
    request, response = getattr(flow, "request", None), getattr(flow, "response", None)
    is_http = kind == "http"
    exchanged = getattr(flow, "messages", None) or (
        flow.websocket.messages if is_http and flow.websocket else []
    )
    return {
        "kind": kind,
        "method": request.method if is_http else None,
        "url": request.pretty_url if is_http else None,
        "status": response.status_code if is_http and response else None,
        "request": _digest(request.raw_content) if is_http else None,
        "response": _digest(response.raw_content) if is_http and response else None,
        "messages": [[each.from_client, _digest(each.content)] for each in exchanged],
    }


def _main(path: str) -> None:
    from mitmproxy.io import FlowReader  # type: ignore[import-not-found, unused-ignore]

    with Path(path).open("rb") as file:
        print(json.dumps([_flow(flow) for flow in FlowReader(file).stream()]))


if __name__ == "__main__":
    _main(sys.argv[1])
