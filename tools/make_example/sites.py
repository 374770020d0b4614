"""The fictional sites of the stage. Every name ends in .example (RFC 2606), so that none can exist."""

from __future__ import annotations

import json
from html import escape
from urllib.parse import parse_qs, quote_plus, urlsplit

from server import Answer, Site

NEWS, NEWS_FILES = "www.dagblad.example", "static.dagblad-cdn.example"
SEARCH = "zoeken.example"
DOCTOR = "www.huisartsen-zenne.example"
SHOP, SHOP_FILES = "www.fietswinkel.example", "beelden.winkelcdn.example"
HELPLINE = "www.hulplijn.example"
CONNECTIVITY, UPDATE, WEATHER = "verbinding.example", "updates.toestel.example", "weer.example"

ARTICLE = "/binnenland/2020/05/01/scholen-openen-gefaseerd"
SEARCHES = ("hoe lang duurt een scheiding", "huisarts zonder afspraak privé")
APPOINTMENT = "/afspraak?reden=tweede+advies"
PRODUCT = "/p/4711-stadsfiets?kleur=groen"
HELP_PAGE = "/verslaving/gokken"
BROCHURE = "/folders/stoppen-met-gokken.pdf"

CSS = b"body{font:18px/1.5 sans-serif;margin:1em auto;max-width:40em;padding:0 1em}\nimg{max-width:100%}\n"
SCRIPT = b"document.documentElement.classList.add('ready');\n"
PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><path fill="#9bc" d="M0 0h16v9H0z"/>'
    b'<path fill="#7a8" d="M0 9l5-5 3 3 4-4 4 6z"/></svg>\n'
)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
LONG = {"Cache-Control": "public, max-age=86400"}


def page(title: str, body: str, files: str, **headers: str) -> Answer:
    """Return an HTML page that takes its style, script and picture from `files` (empty: its own host)."""
    origin = f"https://{files}" if files else ""
    return Answer(
        body=(
            f'<!DOCTYPE html>\n<html lang="nl"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
            f'<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">\n'
            f'<link rel="stylesheet" href="{origin}/stijl.css"></head>\n'
            f'<body><h1>{escape(title)}</h1>\n{body}\n<p><img src="{origin}/beeld.svg" alt=""></p>\n'
            f'<script src="{origin}/pagina.js"></script></body></html>\n'
        ).encode(),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def files(path: str) -> Answer | None:
    """Answer for a style sheet, script or picture."""
    match path:
        case "/stijl.css":
            return Answer(type="text/css", body=CSS, headers=LONG)
        case "/pagina.js":
            return Answer(type="text/javascript", body=SCRIPT, headers=LONG)
        case "/beeld.svg":
            return Answer(type="image/svg+xml", body=PICTURE, headers=LONG)
    return None


def file_host(_method: str, target: str) -> Answer:
    """A content delivery network: only files."""
    return files(urlsplit(target).path) or Answer(404)


def news(_method: str, target: str) -> Answer:
    """A newspaper."""
    if target == "/":
        link = f'<p><a id="artikel" href="{ARTICLE}">Scholen openen gefaseerd</a></p>'
        return page("Het Dagblad", link, NEWS_FILES, Set_Cookie="bezoek=1; Path=/; Secure; SameSite=Lax")
    if target == ARTICLE:
        return page("Scholen openen gefaseerd", "<p>Een verzonnen artikel.</p>", NEWS_FILES)
    return Answer(404)


def search_engine(_method: str, target: str) -> Answer:
    """A search engine: one page of results, which lead to the doctor and the helpline."""
    parts = urlsplit(target)
    if found := files(parts.path):
        return found
    words = parse_qs(parts.query).get("q", [""])[0]
    if parts.path != "/zoek" or not words:
        return Answer(404)
    results = f'<p><a id="huisarts" href="https://{DOCTOR}{escape(APPOINTMENT)}">Groepspraktijk Zenne</a></p>'
    return page(f"{words} - Zoeken", results, "", Set_Cookie="taal=nl; Path=/; Secure; SameSite=Lax")


def doctor(_method: str, target: str) -> Answer:
    """A group practice of general practitioners."""
    if target == APPOINTMENT:
        return page("Een afspraak maken", "<p>Kies een dag.</p>", "")
    return files(target) or Answer(404)


def shop(_method: str, target: str) -> Answer:
    """A bicycle shop."""
    if target == PRODUCT:
        basket = "mandje=leeg; Path=/; Secure; SameSite=Lax"
        return page("Stadsfiets, groen", "<p>Op voorraad.</p>", SHOP_FILES, Set_Cookie=basket)
    return Answer(404)


def helpline(_method: str, target: str) -> Answer:
    """A helpline, visited in a private window."""
    if target == HELP_PAGE:
        return page("Stoppen met gokken", f'<p><a id="folder" href="{BROCHURE}">De folder</a></p>', "")
    if target == BROCHURE:
        name = BROCHURE.rpartition("/")[2]
        return Answer(
            type="application/pdf",
            body=PDF,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    return files(target) or Answer(404)


def connectivity(_method: str, _target: str) -> Answer:
    """The question every phone asks in clear: is there a way out?"""
    return Answer(204)


def update(_method: str, _target: str) -> Answer:
    """A catalogue of updates."""
    return Answer(type="application/json", body=b'{"updates":[],"next_check_hours":24}\n')


def weather(_method: str, _target: str) -> Answer:
    """A weather forecast."""
    body = json.dumps({"city": "Brussel", "unit": "C", "hours": [9, 10, 12, 13, 15, 16]})
    return Answer(type="application/json", body=body.encode() + b"\n")


def search_url(words: str) -> str:
    """Return the address of the results for these words."""
    return f"https://{SEARCH}/zoek?q={quote_plus(words)}"


SITES: dict[str, Site] = {
    NEWS: news,
    NEWS_FILES: file_host,
    SEARCH: search_engine,
    DOCTOR: doctor,
    SHOP: shop,
    SHOP_FILES: file_host,
    HELPLINE: helpline,
    CONNECTIVITY: connectivity,
    UPDATE: update,
    WEATHER: weather,
}
