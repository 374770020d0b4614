"""Fetch one address over HTTP: once, with every limit named, and only because a person asked for it.

TLS certificates are verified; plain HTTP is only accepted on this machine itself (:data:`HERE`), where a
mirror may stand. Nothing is sent but the request: no cookie, no identifier, a constant ``User-Agent``.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import IO, NamedTuple
from urllib.parse import urljoin, urlsplit

from waakzaam.errors import WaakzaamError

MOST_REDIRECTS = 5
"""Redirections that are followed."""
SECONDS = 300
"""For the whole of one feed, unless the person says otherwise."""
SILENCE = 20
"""Seconds without a byte after which a server is given up."""
PIECE = 1 << 16
REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class Fetched(NamedTuple):
    """An answer: its bytes, where they came from after redirections, and the validators of RFC 9110."""

    data: bytes
    address: str
    etag: str | None
    last_modified: str | None


def fetch(
    address: str,
    *,
    most_bytes: int,
    seconds: float = SECONDS,
    etag: str | None = None,
    last_modified: str | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> Fetched | None:
    """Fetch the bytes at ``address``.

    Args:
        address: ``https://…``; ``http://…`` only on this machine.
        most_bytes: a larger answer is refused.
        seconds: for the whole.
        etag: validator of what is at hand; with it the server may say that nothing changed.
        last_modified: the same.
        progress: called with bytes so far and bytes in all, if known.

    Returns:
        What was fetched; None if it is what is at hand already (304).

    Raises:
        WaakzaamError: it was not fetched whole; says why and what to do.
    """
    _allowed(address, address)
    headers = {"User-Agent": "waakzaam", "Accept-Encoding": "identity"}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    request = urllib.request.Request(address, headers=headers)  # noqa: S310  (the scheme was looked at)
    with _Deadline(seconds) as deadline:
        try:
            with _opener(deadline).open(request, timeout=min(SILENCE, seconds)) as answer:
                data = _body(answer, address, most_bytes, progress)
                validators = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
                return Fetched(data, answer.geturl(), *validators)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == http.client.NOT_MODIFIED:
                return None
            raise WaakzaamError(f"{address}: {_refused(error)}; nothing was changed") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = _why(error, deadline.over)
            raise WaakzaamError(f"{address}: {why}; nothing was changed") from None


def _refused(error: urllib.error.HTTPError) -> str:
    if error.code in REDIRECTIONS:
        return (
            f"the server leads in a circle, or on more than {MOST_REDIRECTS} times; give the address where "
            "it ends with --url"
        )
    return (
        f"the server answered {error.code} ({error.reason}); look whether the address is still right, or "
        "give another with --url"
    )


def _why(error: Exception, over: bool) -> str:
    """What went wrong, in words and with what to do."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if over or isinstance(reason, TimeoutError):
        return (
            f"too slow (no byte for {SILENCE} seconds, or longer than the time allowed for the whole); "
            "try again later or allow more with --seconds"
        )
    if isinstance(reason, ssl.SSLError):
        return f"the server could not prove who it is ({reason.reason or reason})"
    if isinstance(error, urllib.error.URLError):
        return f"cannot be reached ({getattr(reason, 'strerror', None) or reason}); is there a network?"
    if isinstance(error, http.client.IncompleteRead) and error.expected:
        return f"the answer ends {error.expected} bytes too early; try again"
    return f"the answer broke off or is no HTTP ({type(error).__name__}); try again"


def _body(
    answer: http.client.HTTPResponse,
    address: str,
    most_bytes: int,
    progress: Callable[[int, int | None], None] | None,
) -> bytes:
    told = answer.headers.get("Content-Length", "")
    whole = int(told) if told.isascii() and told.isdigit() and len(told) < 20 else None
    if whole is not None and whole > most_bytes:
        raise _too_large(address, most_bytes)
    pieces: list[bytes] = []
    length = 0
    while piece := answer.read1(PIECE):
        length += len(piece)
        if length > most_bytes:
            raise _too_large(address, most_bytes)
        pieces.append(piece)
        if progress:
            progress(length, whole)
    if whole is not None and length != whole:
        raise http.client.IncompleteRead(b"", whole - length)
    return b"".join(pieces)


def _too_large(address: str, most_bytes: int) -> WaakzaamError:
    return WaakzaamError(
        f"{address}: larger than {most_bytes} bytes, the limit for this feed; nothing was changed; "
        "look whether the address is right"
    )


def _allowed(address: str, first: str) -> None:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        raise WaakzaamError(f"{first}: is no address; give one that begins with https://") from None
    if parts.username or parts.password:
        raise WaakzaamError(f"{first}: holds a name or password, which would end up in logs; leave it out")
    if parts.scheme == "https" and host:
        return
    if parts.scheme == "http" and host in HERE:
        return
    lead = "" if address == first else f"leads to {address}, which "
    raise WaakzaamError(
        f"{first}: {lead}is not protected on its way; only https:// is fetched (http:// from this machine "
        "itself)"
    )


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MOST_REDIRECTS
    max_repeats = 1

    def http_error_302(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
    ) -> http.client.HTTPResponse | None:
        if place := headers.get("Location"):
            _allowed(urljoin(req.full_url, place), req.full_url)
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


class _Deadline:
    """Ends connections when the time for the whole is over: a server may send a byte now and then."""

    def __init__(self, seconds: float) -> None:
        self._sockets: list[socket.socket] = []
        self._over = False
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    @property
    def over(self) -> bool:
        """The time was over."""
        return self._over

    def add(self, one: socket.socket) -> None:
        """End this one, too."""
        self._sockets.append(one)
        if self._over:
            self._end()

    def _end(self) -> None:
        self._over = True
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def handlers(self) -> tuple[urllib.request.BaseHandler, urllib.request.BaseHandler]:
        """Handlers whose connections end in time."""
        deadline = self

        class Clear(http.client.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                deadline.add(self.sock)

        class Secure(http.client.HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                deadline.add(self.sock)

        class ClearHandler(urllib.request.HTTPHandler):
            def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
                return self.do_open(Clear, req)

        class SecureHandler(urllib.request.HTTPSHandler):
            def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
                return self.do_open(Secure, req, context=ssl.create_default_context())

        return ClearHandler(), SecureHandler()


def _opener(deadline: _Deadline) -> urllib.request.OpenerDirector:
    """Without FTP, files and data addresses: what a redirection could otherwise lead to."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        *deadline.handlers(),
        urllib.request.HTTPDefaultErrorHandler(),
        _Redirects(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener
