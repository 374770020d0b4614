"""One identifier in three forms: an Android ID as it is, its MD5 and its SHA-1, to different hosts.

`twin` sends messages of the same shape, in which the digests are of something else.
"""

from __future__ import annotations

import hashlib
import json

from client import Client
from clock import Clock, instant
from server import Answer, Site
from stage import Backstage

OWN, BIDDING, METRICS = "api.behang.example", "bid.veiling.example", "collect.meten.example"
BEGIN = instant("2020-05-02T17:30:00")
PHONE = "Dalvik/2.1.0 (Linux; U; Android 9; Redmi Note 8 Build/PKQ1.190616.001)"
APP = "com.example.wallpaper"
ANDROID_ID = "5e2f8a91c07b43d6"


def answer(method: str, _target: str) -> Answer:
    """Take whatever comes."""
    return Answer(204) if method == "POST" else Answer(type="application/json", body=b'{"ok":true}\n')


SITES: dict[str, Site] = {OWN: answer, BIDDING: answer, METRICS: answer}


def play(backstage: Backstage, clock: Clock, *, twin: bool) -> None:
    """Send the messages."""
    client = Client(backstage.proxy, backstage.authority, PHONE)
    hashed = b"a wallpaper of the sea" if twin else ANDROID_ID.encode()
    md5 = hashlib.md5(hashed, usedforsecurity=False).hexdigest()
    sha1 = hashlib.sha1(hashed, usedforsecurity=False).hexdigest()

    clock.set(BEGIN)
    client.send("GET", f"https://{OWN}/v1/settings?android_id={ANDROID_ID}&version=41", X_Requested_With=APP)
    clock.set(BEGIN + 4)
    bid = {
        "id": "7f3a",
        "app": {"bundle": APP, "ver": "4.1"},
        "device": {"os": "Android", "osv": "9", "make": "Xiaomi", "model": "Redmi Note 8", "dpidmd5": md5},
    }
    client.send(
        "POST",
        f"https://{BIDDING}/openrtb2/auction",
        json.dumps(bid, separators=(",", ":")).encode(),
        Content_Type="application/json",
        X_Requested_With=APP,
    )
    clock.set(BEGIN + 9)
    client.send("GET", f"https://{METRICS}/e?n=open&b={APP}&did={sha1.upper()}&s=1", X_Requested_With=APP)
