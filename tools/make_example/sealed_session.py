"""A fictional app that hides its telemetry with AES, under a key that is a constant in the app.

Two events go out over TLS and one in clear. `twin` sends messages of the same shape in which there is nothing
of the phone.
"""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

from client import Client
from clock import Clock, instant
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from server import Answer, Site
from stage import Backstage

EVENTS, CRASHES = "events.kompas.example", "crash.kompas.example"
BEGIN = instant("2024-03-11T08:15:00")
PHONE = "Dalvik/2.1.0 (Linux; U; Android 13; Phone Build/TP1A.220624.014)"
APP = "com.example.compass"
KEY, IV = b"kompas-2024-key!", b"kompas-2024-iv-!"
IMEI, ANDROID_ID = "356938035643809", "5e2f8a91c07b43d6"


def answer(_method: str, _target: str) -> Answer:
    """Take whatever comes."""
    return Answer(204)


SITES: dict[str, Site] = {EVENTS: answer, CRASHES: answer}


def seal(told: dict[str, object]) -> bytes:
    """A form with base64 of AES-128-CBC of JSON, as the app writes it."""
    filler = padding.PKCS7(128).padder()
    plain = json.dumps(told, separators=(",", ":")).encode()
    cipher = Cipher(algorithms.AES(KEY), modes.CBC(IV)).encryptor()
    data = cipher.update(filler.update(plain) + filler.finalize()) + cipher.finalize()
    return f"v=3&d={quote(base64.b64encode(data).decode(), safe='')}".encode()


def play(backstage: Backstage, clock: Clock, *, twin: bool) -> None:
    """Send the messages."""
    client = Client(backstage.proxy, backstage.authority, PHONE)
    imei, android_id = ("0" * 15, "0" * 16) if twin else (IMEI, ANDROID_ID)
    form = "application/x-www-form-urlencoded"
    for after, name, page in ((0, "start", "map"), (7, "calibrate", "needle")):
        clock.set(BEGIN + after)
        told = {"app": APP, "event": name, "page": page, "imei": imei, "android_id": android_id}
        client.send(
            "POST", f"https://{EVENTS}/v3/collect", seal(told), Content_Type=form, X_Requested_With=APP
        )
    clock.set(BEGIN + 20)
    crash = {"app": APP, "event": "crash", "thread": "main", "reason": "NullPointerException", "imei": imei}
    client.send("POST", f"http://{CRASHES}/report", seal(crash), Content_Type=form, X_Requested_With=APP)
