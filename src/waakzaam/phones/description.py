"""PHONE.toml: the device under test, its known values, its profile.

Values in it are secrets of a person: they are sought, and never shown in full unless asked for.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from waakzaam.errors import WaakzaamError

PROFILES = ("private", "professional", "sensitive")

DATA = {
    "imei": "device-id/imei",
    "imsi": "device-id/imsi",
    "iccid": "device-id/iccid",
    "serial": "device-id/serial",
    "android_id": "device-id/android-id",
    "gaid": "advertising-id/gaid",
    "idfa": "advertising-id/idfa",
    "oaid": "advertising-id/oaid",
    "wifi_mac": "device-id/mac",
    "bluetooth_mac": "device-id/bluetooth-mac",
    "phone_number": "contact/phone-number",
    "email": "contact/email",
    "ssid": "network/ssid",
    "bssid": "network/bssid",
    "location": "location/coordinates",
    "names": "person/name",
    "visited": "browsing-history/url",
    "searched": "search-query",
}
"""Key in PHONE.toml → datum (see ``knowledge/data.toml``)."""

_TEXTS = ("brand", "model", "os", "build", "patch_level", "profile", "reconstruction_of")
_TABLES = ("known", "session", "apps")
_SESSION = ("incognito",)
_APPS = ("needed",)


@dataclass(frozen=True)
class Phone:
    """One device. ``known``: list of (datum, value)."""

    brand: str | None = None
    model: str | None = None
    os: str | None = None
    build: str | None = None
    patch_level: str | None = None
    profile: str = "private"
    known: tuple[tuple[str, str], ...] = ()
    incognito: bool = False
    needed: tuple[str, ...] = ()
    reconstruction_of: str | None = None
    extra: dict[str, str] = field(default_factory=dict)


def read_phone(path: Path) -> Phone:
    """Read PHONE.toml.

    Raises:
        WaakzaamError: not readable, not TOML, an unknown key or a value of the wrong type; names it.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise WaakzaamError(
            f"{path}: cannot be read ({error.strerror}); give a phone description (TOML)"
        ) from None
    except UnicodeDecodeError:
        raise WaakzaamError(f"{path}: is not UTF-8 text; expected a phone description (TOML)") from None
    except tomllib.TOMLDecodeError as error:
        raise WaakzaamError(f"{path}: is not valid TOML: {error}; expected a phone description") from None
    except RecursionError:
        raise WaakzaamError(f"{path}: is nested too deeply; expected a phone description (TOML)") from None
    return _phone(data, str(path))


def _phone(data: dict[str, Any], where: str) -> Phone:
    texts = {key: _text(data[key], key, where) for key in _TEXTS if key in data}
    for key in data:
        if key not in _TEXTS and key not in _TABLES:
            raise WaakzaamError(
                f"{where}: unknown key {key!r}; expected one of {', '.join(_TEXTS + _TABLES)}"
            )
    for key in _TABLES:
        if not isinstance(data.get(key, {}), dict):
            raise WaakzaamError(f"{where}: {key} must be a table, written [{key}]")
    if texts.get("profile", "private") not in PROFILES:
        raise WaakzaamError(
            f"{where}: profile is {texts['profile']!r}; expected one of {', '.join(PROFILES)}"
        )
    session, apps = data.get("session", {}), data.get("apps", {})
    for name, table, keys in (("session", session, _SESSION), ("apps", apps, _APPS)):
        for key in table:
            if key not in keys:
                raise WaakzaamError(f"{where}: unknown key {name}.{key}; expected {', '.join(keys)}")
    incognito = session.get("incognito", False)
    if not isinstance(incognito, bool):
        raise WaakzaamError(f"{where}: session.incognito must be true or false, not {incognito!r}")
    return Phone(
        **texts,  # type: ignore[arg-type]
        known=tuple(_known(data.get("known", {}), where)),
        incognito=incognito,
        needed=tuple(_texts(apps.get("needed", []), "apps.needed", where)),
    )


def _known(table: dict[str, Any], where: str) -> list[tuple[str, str]]:
    found = []
    for key, value in table.items():
        if key == "other":
            found += _other(value, where)
        elif key in DATA:
            found += [(DATA[key], text) for text in _texts(value, f"known.{key}", where)]
        else:
            raise WaakzaamError(
                f"{where}: unknown key known.{key}; expected one of {', '.join([*DATA, 'other'])}"
            )
    return [(datum, value) for datum, value in found if value]


def _other(value: Any, where: str) -> list[tuple[str, str]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise WaakzaamError(f"{where}: known.other must be a list of tables {{ datum, value }}")
    try:
        return [(_text(row["datum"], "datum", where), _text(row["value"], "value", where)) for row in value]
    except KeyError as error:
        raise WaakzaamError(
            f"{where}: a row of known.other lacks {error}; expected {{ datum, value }}"
        ) from None


def _text(value: Any, key: str, where: str) -> str:
    if not isinstance(value, str):
        raise WaakzaamError(f"{where}: {key} must be text in quotes, not {value!r}")
    return value


def _texts(value: Any, key: str, where: str) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [_text(item, key, where) for item in values]


def parse_known(text: str) -> tuple[str, str]:
    """``datum=value`` from the command line; ``imei=…`` and the other keys of PHONE.toml are understood.

    Another datum is named as in reports, with a slash in it (``identifier/loyalty-card``). A key that is
    neither is an error: a spelling mistake must not hide a finding.

    Raises:
        WaakzaamError: no ``=``, nothing after it, or a key that is not known.
    """
    key, _, value = text.partition("=")
    if not key or not value:
        raise WaakzaamError(f"--known {text}: expected KEY=VALUE, for example android_id=0123456789abcdef")
    if key not in DATA and key not in DATA.values() and "/" not in key:
        raise WaakzaamError(
            f"--known {key}=…: unknown key; expected one of {', '.join(DATA)}, "
            "or a datum such as identifier/card"
        )
    return DATA.get(key, key), value
