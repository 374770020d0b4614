"""Indicators of spyware and stalkerware in STIX 2 (OASIS), as MVT and the Echap association publish them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from waakzaam.knowledge.feeds.json_text import object_of
from waakzaam.knowledge.feeds.model import BadFeedError, Content


@dataclass(frozen=True)
class Indicators:
    """A STIX bundle whose objects of type ``indicator`` have a ``pattern``."""

    id: str
    title: str
    keeper: str
    licence: str
    address: str | None
    serves: str = "recognising indicators that others published"
    most_bytes: int = 64 << 20
    signed: bool = False

    def content(self, data: bytes) -> Content:
        """Read the bundle; see :meth:`Feed.content`. Keys are patterns."""
        bundle = object_of(data)
        objects = bundle.get("objects")
        if bundle.get("type") != "bundle" or not isinstance(objects, list):
            raise BadFeedError("is no STIX 2 bundle (`type` is not `bundle`, or `objects` is no list)")
        entries: dict[str, str] = {}
        newest: date | None = None
        for place, each in enumerate(objects):
            if not isinstance(each, dict) or not isinstance(each.get("type"), str):
                raise BadFeedError(f"object {place} of the bundle has no type")
            if each["type"] != "indicator":
                continue
            pattern = each.get("pattern")
            if not isinstance(pattern, str) or not pattern:
                raise BadFeedError(f"indicator {place} of the bundle has no pattern")
            entries[pattern] = str(each.get("valid_from", ""))
            made = _day(each.get("modified"))
            newest = max((day for day in (newest, made) if day), default=None)
        if not entries:
            raise BadFeedError("holds no indicator")
        return Content(entries, newest)


def _day(value: object) -> date | None:
    """The day of a STIX timestamp (RFC 3339); None where there is none."""
    try:
        return datetime.fromisoformat(value).date() if isinstance(value, str) else None
    except ValueError:
        return None


# Repository, licence, and places in it as in the index of mvt-project/mvt-indicators, November 2026.
_PUBLISHED = (
    (
        ("AmnestyTech/investigations/master", "no licence file"),
        ("pegasus", "Pegasus (NSO Group)", "2021-07-18_nso/pegasus.stix2"),
        ("android-campaign", "Android campaign of March 2023", "2023-03-29_android_campaign/malware.stix2"),
        ("helios", "Helios (Wintego)", "2024-05-02_wintego_helios/wintego_helios.stix2"),
        ("novispy", "NoviSpy", "2024-12-16_serbia_novispy/novispy.stix2"),
    ),
    (
        ("mvt-project/mvt-indicators/main", "MIT"),
        ("predator", "Predator (Cytrox, Intellexa)", "intellexa_predator/predator.stix2"),
        ("rcs", "Hermit (RCS Lab)", "2022-06-23_rcs_lab/rcs.stix2"),
        ("kingspawn", "KingSpawn (QuaDream)", "2023-04-11_quadream/kingspawn.stix2"),
        (
            "triangulation",
            "Operation Triangulation",
            "2023-06_01_operation_triangulation/operation_triangulation.stix2",
        ),
        ("wyrmspy", "WyrmSpy and DragonEgg", "2023-07-25_wyrmspy_dragonegg/wyrmspy_dragonegg.stix2"),
        ("candiru", "DevilsTongue (Candiru)", "candiru/candiru.stix2"),
        ("residentbat", "ResidentBat", "ResidentBat/residentbat.stix2"),
        ("cellebrite", "Cellebrite", "cellebrite/cellebrite.stix2"),
        ("darksword", "DarkSword", "2026-03-30_darksword/darksword.stix2"),
        ("coruna", "Coruna", "2026-03-03_coruna_cryptowaters/coruna.stix2"),
    ),
    (
        ("AssoEchap/stalkerware-indicators/master", "CC BY 4.0"),
        ("stalkerware", "Stalkerware", "generated/stalkerware.stix2"),
    ),
)

INDICATORS = tuple(
    Indicators(
        id=name,
        title=f"Indicators: {title}",
        keeper=repository.split("/")[0],
        licence=licence,
        address=f"https://raw.githubusercontent.com/{repository}/{path}",
    )
    for (repository, licence), *published in _PUBLISHED
    for name, title, path in published
)
