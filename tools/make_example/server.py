"""The local server that plays every host of the stage, over TLS and in clear."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from clock import Clock
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Answer:
    """What a host answers: status, media type, body and further headers."""

    status: int = 200
    type: str = "text/html; charset=utf-8"
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Site = Callable[[str, str], Answer]
"""Takes method and request target (path with query), returns the answer."""


def make_certificates(folder: Path, hosts: list[str]) -> tuple[Path, Path]:
    """Make a throw-away authority and one certificate for all hosts; return (authority, chain with key)."""
    today = datetime.now(UTC)

    def builder(name: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - timedelta(days=1))
            .not_valid_after(today + timedelta(days=1))
        )

    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = (
        builder("stage authority", "stage authority", authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    server = (
        builder("stage", "stage authority", server_key)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    authority_file, server_file = folder / "authority.pem", folder / "server.pem"
    authority_file.write_bytes(authority.public_bytes(pem))
    server_file.write_bytes(
        server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + server.public_bytes(pem)
    )
    return authority_file, server_file


class Stage:
    """Two listening servers on 127.0.0.1, one with TLS and one without, that answer for `sites`."""

    def __init__(self, sites: dict[str, Site], clock: Clock, certificate: Path) -> None:
        """Start both; `certificate` holds key and certificate (PEM)."""

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            server_version, sys_version = "stage", ""

            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                site = sites.get((self.headers.get("Host") or "").partition(":")[0])
                answer = site(self.command, self.path) if site else Answer(404)
                self.send_response(answer.status)
                if answer.body or answer.status not in (204, 304):
                    self.send_header("Content-Type", answer.type)
                    self.send_header("Content-Length", str(len(answer.body)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = answer  # noqa: N815 (names fixed by http.server)

            def date_time_string(self, timestamp: float | None = None) -> str:
                return formatdate(clock.now() if timestamp is None else timestamp, usegmt=True)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._secure = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._secure.socket = context.wrap_socket(
            self._secure.socket, server_side=True, do_handshake_on_connect=False
        )
        self._clear = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        for server in (self._secure, self._clear):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()

    @property
    def tls_port(self) -> int:
        """Port that speaks TLS."""
        return self._secure.server_port

    @property
    def clear_port(self) -> int:
        """Port that speaks plain HTTP."""
        return self._clear.server_port

    def close(self) -> None:
        """Stop both servers."""
        for server in (self._secure, self._clear):
            server.shutdown()
            server.server_close()
