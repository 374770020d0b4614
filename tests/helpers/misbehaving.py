"""A web server on this machine that answers as told: also slowly, half, wrongly, or in circles."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server:
    """What is served (``pages``: path to bytes) and what was asked (``asked``: method, path, headers)."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.pages: dict[str, bytes] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    def url(self, path: str) -> str:
        return self.address + path


@contextmanager
def serving() -> Iterator[Server]:
    """Run the server until the end of the block.

    Paths: ``/slow/…`` sends nothing, ``/drip/…`` a byte now and then, ``/cut/…`` half of the page,
    ``/circle`` and ``/far/N`` redirect, ``/to?ADDRESS`` redirects there, ``/garbage`` is no HTTP, ``/gone/…``
    is 404, everything else a page with validators.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            told.asked.append(("GET", self.path, dict(self.headers)))
            kind, _, rest = self.path[1:].partition("/")
            page = told.pages.get(self.path if kind not in ("slow", "drip", "cut") else f"/{rest}", b"")
            if kind == "slow":
                over.wait(20)
            elif kind == "drip":
                self._head(200, {"Content-Length": "1000"})
                while not over.wait(0.1):
                    try:
                        self.wfile.write(b"x")
                    except OSError:
                        return
            elif kind == "cut":
                self._head(200, {"Content-Length": str(len(page))})
                self.wfile.write(page[: len(page) // 2])
                self.close_connection = True
            elif kind == "circle":
                self._head(302, {"Location": "/circle", "Content-Length": "0"})
            elif kind == "far":
                self._head(302, {"Location": f"/far/{int(rest) + 1}", "Content-Length": "0"})
            elif self.path.startswith("/to?"):
                self._head(302, {"Location": self.path.partition("?")[2], "Content-Length": "0"})
            elif kind == "garbage":
                self.wfile.write(b"\x00\x01\x02 no HTTP\r\n\r\n")
                self.close_connection = True
            elif kind == "gone":
                self._head(404, {"Content-Length": "0"})
            else:
                self._page(page)

        def _page(self, page: bytes) -> None:
            etag = '"' + hashlib.sha256(page).hexdigest()[:16] + '"'
            if self.headers.get("If-None-Match") == etag:
                self._head(304, {"ETag": etag})
                return
            self._head(200, {"Content-Length": str(len(page)), "ETag": etag})
            self.wfile.write(page)

        def _head(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

    class Listener(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            # Who asks may leave when it has seen enough; said here, it would look like the program's word.
            if not isinstance(sys.exception(), ConnectionError):
                super().handle_error(request, client_address)

    over = threading.Event()
    server = Listener(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told = Server(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()
