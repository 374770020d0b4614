"""What an app might report about an invented phone."""

from __future__ import annotations

from random import Random
from typing import Any

MODELS = ("CPH2247", "M2102J20SG", "Pixel 7", "SM-A536B", "XT2125-4", "KB2003", "NE2213", "红米 Note 11")
APPS = ("com.vendor.news", "com.example.browser", "be.voorbeeld.weer", "com.maker.cleaner", "org.demo.kart")
EVENTS = ("app_start", "page_view", "search", "purchase", "install", "screen_off", "打开应用", "ページ表示")
NETWORKS = (
    "telenet-7F2A1",
    "FRITZ!Box 7590 AB",
    "KPN_5G",
    "Proximus-Home",
    "我家的无线",
    "სახლი",
    "بيت",
    "Café Ünïcode",
)
QUERIES = (
    "huisarts antwerpen",
    "symptomen griep",
    "在布鲁塞尔找工作",
    "ბინა ბრიუსელში",
    "طبيب نفسي",
    "treinen naar Gent",
    "отпуск в Бельгии",
    "prêt étudiant",
)
SITES = (
    "https://www.example.be/gezondheid",
    "https://zoeken.example.org/",
    "https://fr.example.org/wiki",
    "http://m.example.net/nieuws",
)
CARRIERS = ("Proximus", "Orange B", "BASE", "中国移动", "Telenet")


def imei(random: Random) -> str:
    """An IMEI with its check digit (3GPP TS 23.003, Luhn)."""
    digits = [8, 6, *(random.randrange(10) for _ in range(12))]
    doubled = [d if at % 2 == 0 else sum(divmod(d * 2, 10)) for at, d in enumerate(digits)]
    return "".join(map(str, digits)) + str(-sum(doubled) % 10)


def uuid(random: Random) -> str:
    """A random UUID (RFC 9562, version 4)."""
    text = f"{random.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[random.randrange(4)]}{text[17:20]}-{text[20:]}"


def report(random: Random, canary: str) -> dict[str, Any]:
    """One report; ``canary`` is the IMEI in it."""
    return {
        "imei": canary,
        "android_id": f"{random.getrandbits(64):016x}",
        "gaid": uuid(random),
        "model": random.choice(MODELS),
        "os": "android",
        "osv": str(random.randrange(8, 16)),
        "app": random.choice(APPS),
        "ts": 1_600_000_000_000 + random.randrange(150_000_000_000),
        "event": random.choice(EVENTS),
        "url": f"{random.choice(SITES)}?q={random.choice(QUERIES)}",
        "ssid": random.choice(NETWORKS),
        "mac": ":".join(f"{random.randrange(256):02x}" for _ in range(6)),
        "props": {
            "lib": "Android",
            "$screen_width": random.choice((720, 1080, 1440)),
            "$wifi": random.random() < 0.5,
            "carrier": random.choice(CARRIERS),
        },
        "list": [
            {"n": f"{random.getrandbits(24):06x}", "v": random.randrange(10**6)}
            for _ in range(random.randrange(1, 5))
        ],
    }


def flat(document: dict[str, Any]) -> dict[str, str]:
    """The scalars of a report under names, for containers without depth."""
    found: dict[str, str] = {}
    for name, value in document.items():
        if isinstance(value, dict):
            found |= {inner: str(each) for inner, each in value.items()}
        elif isinstance(value, list):
            found |= {f"{name}{at}": str(each["n"]) for at, each in enumerate(value)}
        else:
            found[name] = str(value)
    return found
