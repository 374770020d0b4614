"""A headless Chromium, driven over its own debugging pipe (Chrome DevTools Protocol)."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import serialization

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 30.0  # seconds to wait for one answer or one page
QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--metrics-recording-only",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
)


def fingerprint(authority: Path) -> str:
    """Return the base64 SHA-256 of a certificate's public key, as Chromium wants it on its command line."""
    key = x509.load_pem_x509_certificate(authority.read_bytes()).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(
        hashlib.sha256(key.public_bytes(serialization.Encoding.DER, form)).digest()
    ).decode()


class Chromium:
    """One browser with a fresh profile; `page()` opens a tab, in a private window if asked."""

    def __init__(self, *, folder: Path, proxy: int, authority: Path, language: str) -> None:
        """Start it with its profile in `folder`, going through the recorder on port `proxy`."""
        program = next((found for name in NAMES if (found := shutil.which(name))), None)
        if program is None:
            raise SystemExit("No Chromium found. Install it (Debian: apt install chromium) and run again.")
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()

        def place_pipes() -> None:  # the protocol fixes the numbers: the browser reads 3 and writes 4
            spare = [os.dup(to_browser), os.dup(from_browser)]
            while any(fd in (3, 4) for fd in spare):
                spare = [os.dup(fd) for fd in spare]
            os.dup2(spare[0], 3)
            os.dup2(spare[1], 4)

        self._process = subprocess.Popen(
            [
                program,
                *QUIET,
                "--remote-debugging-pipe",
                f"--user-data-dir={folder}",
                f"--proxy-server=http://127.0.0.1:{proxy}",
                f"--ignore-certificate-errors-spki-list={fingerprint(authority)}",
                f"--accept-lang={language}",
            ],
            preexec_fn=place_pipes,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        """Return itself: it runs already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it, or end it if it does not close."""
        try:
            self.call("Browser.close")
            self._process.wait(PATIENCE)
        except (OSError, EOFError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            piece = os.read(self._in, 1 << 16)
            if not piece:
                raise EOFError("the browser has gone")
            self._buffer += piece
        message, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(message))

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Call one command and return its result; events that come in between are kept in `events`."""
        self._number += 1
        command: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if session:
            command["sessionId"] = session
        os.write(self._out, json.dumps(command).encode() + b"\0")
        while True:
            message = self._read()
            if message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return dict(message["result"])
            self.events.append(message)

    def wait_for(self, event: str, session: str) -> None:
        """Wait for an event of this tab."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for message in self.events:
                if message.get("method") == event and message.get("sessionId") == session:
                    self.events.remove(message)
                    return
            self.events.append(self._read())
        raise TimeoutError(event)

    def page(self, user_agent: str, downloads: Path, *, private: bool = False) -> Page:
        """Open a tab; a private one shares no cookies and no cache with the others."""
        where = (
            {"browserContextId": self.call("Target.createBrowserContext")["browserContextId"]}
            if private
            else {}
        )
        self.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads), **where)
        target = self.call("Target.createTarget", url="about:blank", **where)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self.call(f"{domain}.enable", session)
        self.call("Emulation.setUserAgentOverride", session, userAgent=user_agent, platform="Linux armv8l")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            session,
            width=393,
            height=851,
            deviceScaleFactor=2.75,
            mobile=True,
        )
        return Page(self, session)


class Page:
    """One tab."""

    def __init__(self, browser: Chromium, session: str) -> None:
        """Drive the tab that `session` is attached to."""
        self._browser = browser
        self._session = session

    def open(self, url: str) -> None:
        """Type an address and wait until the page has loaded."""
        self._browser.events.clear()
        self._browser.call("Page.navigate", self._session, url=url)
        self._browser.wait_for("Page.loadEventFired", self._session)

    def click(self, selector: str, *, download: bool = False) -> None:
        """Click a link and wait for the page, or for the file."""
        self._browser.events.clear()
        self._browser.call(
            "Runtime.evaluate",
            self._session,
            expression=f"document.querySelector({json.dumps(selector)}).click()",
            userGesture=True,
        )
        event = "Page.downloadWillBegin" if download else "Page.loadEventFired"
        self._browser.wait_for(event, self._session)
