"""Apps that requests name themselves: package names and names of products in header fields.

A host or a brand is no basis here, and neither is a value in the body: an advertising library tells the names
of many apps. Sources: Android's WebView sends the package in X-Requested-With; CFNetwork builds User-Agent
from the name of the bundle; Chrome names the app that opened a page as ``android-app://PACKAGE`` in Referer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

LONGEST = 155
"""Characters of a name. Android takes packages up to 255 bytes; nobody has shown one half as long."""

_LABEL = r"[A-Za-z][A-Za-z0-9_-]*"
_TOPS = (
    "app|at|au|be|biz|br|ca|ch|cn|co|com|cz|de|dev|dk|edu|es|eu|fi|fr|gov|hu|ie|il|in|info|io|it|jp|kr|me|"
    "mobi|net|nl|no|nz|org|pl|pt|ro|ru|se|sg|sk|tr|tv|tw|ua|uk|us|xyz|za"
)
_PACKAGE = re.compile(rf"{_LABEL}(?:\.[A-Za-z0-9_-]+)+")
# In free text only a name that begins as reversed domain names do is taken for a package.
_REVERSED = rf"(?:{_TOPS})(?:\.[A-Za-z0-9_-]+)+"
_PRODUCT = re.compile(rf"(?:^|[\s;(\[])({_REVERSED})/\d")
_BARE = re.compile(_REVERSED)
_FIELD = re.compile(rf"[;\[]FBPN/({_REVERSED});")
_CFNETWORK = re.compile(r"([^/]+)/\S* (?:.* )?CFNetwork/\S+ Darwin/\S+")
_OPENED = re.compile(rf"android-app://({_PACKAGE.pattern})(?:/|$)")

LIBRARIES = ("com.squareup.okhttp", "com.android.okhttp", "org.apache.http", "org.chromium.net", "androidx.")
"""Beginnings of names that are libraries, not apps."""
HELPERS = frozenset(
    {"com.apple.WebKit.Networking", "NetworkingExtension", "nsurlsessiond", "WebKit.Networking"}
)
"""Processes of the operating system that fetch for any app."""


def _clean(name: str | None) -> str | None:
    if not name or len(name) > LONGEST or not name.isprintable():
        return None
    return None if name in HELPERS or name.startswith(LIBRARIES) else name


def of_requested_with(value: str) -> str | None:
    """The package that a WebView tells in X-Requested-With; scripts of pages put XMLHttpRequest there."""
    return _clean(value) if _PACKAGE.fullmatch(value) else None


def of_user_agent(value: str) -> str | None:
    """The app that a User-Agent names (RFC 9110 section 10.1.5), or None.

    Taken: ``com.example.app/1.2`` anywhere, a bare package name, ``FBPN/com.example.app`` between semicolons,
    ``Name/1 CFNetwork/2 Darwin/3``. A system (Dalvik, okhttp, Mozilla …) alone is no app.
    """
    value = value.strip()
    if _BARE.fullmatch(value):
        return _clean(value)
    for pattern in (_FIELD, _PRODUCT):
        if found := pattern.search(value):
            return _clean(found[1])
    if (found := _CFNETWORK.match(value)) and not value.startswith("Mozilla/"):
        return _clean(unquote(found[1]).strip())
    return None


def of_referer(value: str) -> str | None:
    """The package of the app that opened a page, from ``android-app://PACKAGE`` in Referer."""
    found = _OPENED.match(value)
    return _clean(found[1]) if found else None


FIELDS: dict[str, tuple[str, Callable[[str], str | None]]] = {
    "x-requested-with": ("inferred from X-Requested-With", of_requested_with),
    "user-agent": ("inferred from User-Agent", of_user_agent),
    "referer": ("inferred from Referer", of_referer),
}
"""Header fields that may name an app → basis and reader; the surest first."""
