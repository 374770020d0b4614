"""A small HTTP client that goes through the recorder, as the phone's own software would."""

from __future__ import annotations

import http.client
import ssl
from pathlib import Path
from urllib.parse import urlsplit


class Client:
    """Sends single requests through the proxy on 127.0.0.1, trusting the recorder's authority only."""

    def __init__(self, proxy: int, authority: Path, user_agent: str) -> None:
        """Go through port `proxy`."""
        self._proxy = proxy
        self._context = ssl.create_default_context(cafile=str(authority))
        self._user_agent = user_agent

    def send(self, method: str, url: str, body: bytes | None = None, **headers: str) -> int:
        """Send one request and return the status; header names are written with ``_`` for ``-``."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(
                "127.0.0.1", self._proxy, timeout=30, context=self._context
            )
            connection.set_tunnel(parts.netloc, 443)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self._proxy, timeout=30)
            target = url
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in {
                **named,
                "User-Agent": self._user_agent,
                "Host": parts.netloc,
                "Connection": "Keep-Alive",
                "Accept-Encoding": "gzip",
                **({"Content-Length": str(len(body))} if body is not None else {}),
            }.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()
