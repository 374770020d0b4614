"""TLS 1.3 (RFC 8446), both sides of it: one handshake with X25519, Ed25519 and ChaCha20-Poly1305."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

import curve
from certificate import certificate
from chacha import seal

HANDSHAKE, APPLICATION_DATA, CHANGE_CIPHER_SPEC, ALERT = 22, 23, 20, 21
SUITE = bytes.fromhex("1303")  # TLS_CHACHA20_POLY1305_SHA256
FRAGMENT = 16_384  # bytes of one record at most (section 5.1)


def _vector(size: int, body: bytes) -> bytes:
    return len(body).to_bytes(size) + body


def _extension(kind: int, body: bytes) -> bytes:
    return kind.to_bytes(2) + _vector(2, body)


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _vector(3, body)


def _record(kind: int, body: bytes, version: bytes = b"\3\3") -> bytes:
    return bytes([kind]) + version + _vector(2, body)


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def _expand(secret: bytes, label: str, context: bytes, size: int) -> bytes:
    """HKDF-Expand-Label (section 7.1) for up to 32 bytes."""
    told = size.to_bytes(2) + _vector(1, b"tls13 " + label.encode()) + _vector(1, context)
    return _mac(secret, told + b"\1")[:size]


class _Side:
    """Protects the records of one side under one secret."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self._key, self._iv = _expand(secret, "key", b"", 32), _expand(secret, "iv", b"", 12)
        self._number = 0

    def record(self, kind: int, plain: bytes) -> bytes:
        nonce = bytes(a ^ b for a, b in zip(self._iv, self._number.to_bytes(12), strict=True))
        self._number += 1
        header = bytes([APPLICATION_DATA, 3, 3]) + (len(plain) + 17).to_bytes(2)
        return header + seal(self._key, nonce, plain + bytes([kind]), header)

    def finished(self, transcript: bytes) -> bytes:
        return _message(20, _mac(_expand(self.secret, "finished", b"", 32), transcript))


class Session:
    """One session with `host`. All its secrets come from `seed`, so that every run writes the same bytes."""

    def __init__(self, host: str, protocols: Sequence[str], seed: str) -> None:
        """The client offers `protocols` (ALPN); the server takes the first."""
        self._seed = seed
        self._host, self._protocols = host, [name.encode() for name in protocols]
        self.random = self._made("client random")
        self._sides: tuple[_Side, _Side]
        self._log: list[str] = []

    def _made(self, purpose: str) -> bytes:
        return hashlib.sha256(f"waakzaam example: {self._seed}: {purpose}".encode()).digest()

    def _client_hello(self, share: bytes) -> bytes:
        name = _vector(2, b"\0" + _vector(2, self._host.encode()))
        extensions = [
            _extension(0, name),
            _extension(10, _vector(2, bytes.fromhex("001d"))),
            _extension(13, _vector(2, bytes.fromhex("0807"))),
            _extension(16, _vector(2, b"".join(_vector(1, each) for each in self._protocols))),
            _extension(43, _vector(1, bytes.fromhex("0304"))),
            _extension(51, _vector(2, bytes.fromhex("001d") + _vector(2, share))),
        ]
        session = _vector(1, self._made("session id"))
        body = b"\3\3" + self.random + session + _vector(2, SUITE) + _vector(1, b"\0")
        return _message(1, body + _vector(2, b"".join(extensions)))

    def _server_hello(self, share: bytes) -> bytes:
        extensions = _extension(43, bytes.fromhex("0304")) + _extension(
            51, bytes.fromhex("001d") + _vector(2, share)
        )
        session = _vector(1, self._made("session id"))
        return _message(
            2, b"\3\3" + self._made("server random") + session + SUITE + b"\0" + _vector(2, extensions)
        )

    def _log_secret(self, label: str, secret: bytes) -> _Side:
        self._log.append(f"{label} {self.random.hex()} {secret.hex()}\n")
        return _Side(secret)

    def handshake(self) -> tuple[bytes, bytes, bytes]:
        """The three flights: client, server, client."""
        ours, theirs = self._made("client share"), self._made("server share")
        hello = self._client_hello(curve.x25519(ours))
        answer = self._server_hello(curve.x25519(theirs))

        def digest(text: bytes) -> bytes:
            return hashlib.sha256(text).digest()

        nothing, empty = digest(b""), bytes(32)
        early = _mac(empty, empty)
        shared = curve.x25519(ours, curve.x25519(theirs))
        secret = _mac(_expand(early, "derived", nothing, 32), shared)
        said = hello + answer
        client = self._log_secret(
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET", _expand(secret, "c hs traffic", digest(said), 32)
        )
        server = self._log_secret(
            "SERVER_HANDSHAKE_TRAFFIC_SECRET", _expand(secret, "s hs traffic", digest(said), 32)
        )
        signer = self._made("key of the host")
        chain = certificate(self._host, curve.public(signer), hashlib.sha256(b"example authority").digest())
        chosen = _extension(16, _vector(2, _vector(1, self._protocols[0])))
        flight = [_message(8, _vector(2, chosen))]
        flight.append(_message(11, b"\0" + _vector(3, _vector(3, chain) + b"\0\0")))
        signed = b" " * 64 + b"TLS 1.3, server CertificateVerify\0" + digest(said + b"".join(flight))
        flight.append(_message(15, bytes.fromhex("0807") + _vector(2, curve.sign(signer, signed))))
        flight.append(server.finished(digest(said + b"".join(flight))))
        said += b"".join(flight)
        master = _mac(_expand(secret, "derived", nothing, 32), empty)
        self._sides = (
            self._log_secret("CLIENT_TRAFFIC_SECRET_0", _expand(master, "c ap traffic", digest(said), 32)),
            self._log_secret("SERVER_TRAFFIC_SECRET_0", _expand(master, "s ap traffic", digest(said), 32)),
        )
        change = _record(CHANGE_CIPHER_SPEC, b"\1")
        return (
            _record(HANDSHAKE, hello, b"\3\1"),
            _record(HANDSHAKE, answer) + change + server.record(HANDSHAKE, b"".join(flight)),
            change + client.record(HANDSHAKE, client.finished(digest(said))),
        )

    def say(self, up: bool, plain: bytes) -> bytes:
        """The records that carry these bytes, from the client (`up`) or from the server."""
        side = self._sides[0 if up else 1]
        pieces = (plain[at : at + FRAGMENT] for at in range(0, len(plain), FRAGMENT))
        return b"".join(side.record(APPLICATION_DATA, piece) for piece in pieces)

    def goodbye(self, up: bool) -> bytes:
        """The alert close_notify."""
        return self._sides[0 if up else 1].record(ALERT, b"\1\0")

    @property
    def key_log(self) -> str:
        """The secrets, in the key log format (RFC 9850)."""
        return "".join(self._log)
