"""``waakzaam peel``: take every layer off one value."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from waakzaam.errors import WaakzaamError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from waakzaam.peel import Leaf, Opened, Reading

MOST_BYTES = 1 << 30
"""A larger value is a capture or an archive, not a value."""
COLUMNS = 80
"""Width of the output where it is no terminal."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--keys",
    "key_files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="File with one candidate for a key on a line (repeatable).",
)
@click.option("--known", multiple=True, metavar="VALUE", help="A value that is expected inside (repeatable).")
@click.option("--query", is_flag=True, help="The value is a query or a form.")
@click.option("--type", "content_type", metavar="MEDIA_TYPE", help="Its declared Content-Type.")
@click.option("--coding", "content_encoding", metavar="CODING", help="Its declared Content-Encoding.")
@click.option("--url", help="The URL it was sent to: known formats are recognised by it.")
@click.option("--full", is_flag=True, help="Show values to their end.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, values in base64 where they are no text.")
def peel(
    file: Path,
    key_files: tuple[Path, ...],
    known: tuple[str, ...],
    query: bool,
    content_type: str | None,
    content_encoding: str | None,
    url: str | None,
    full: bool,
    as_json: bool,
) -> int:
    """Take every layer off the value in FILE (- for standard input).

    Encodings, compression and structure come off by themselves. Ciphers come off where a key proves itself:
    one of the candidates, a value that stands beside, or one that can be worked out. Nothing is opened by
    luck: what proves too little stays closed, and is said to be. Layers stand outermost first.
    """
    from waakzaam.peel import Opener, Surroundings, readings
    from waakzaam.peel.candidates import read_candidates

    for option, value in (("--type", content_type), ("--coding", content_encoding), ("--url", url)):
        if value and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise WaakzaamError(f"{option} {value}: is not UTF-8 text; give it as it stands in the message")
    data = _read(file)
    keys = [each for path in key_files for each in read_candidates(path)]
    opener = Opener(keys, [("given", os.fsencode(value)) for value in known])
    try:
        around = Surroundings.of(url) if url else Surroundings()
    except ValueError as error:
        raise WaakzaamError(
            f"--url {url}: {error}; give an absolute URL such as https://example.be/path"
        ) from None
    if content_type:
        around.headers.append(("Content-Type", content_type.encode()))
    if content_encoding:
        around.headers.append(("Content-Encoding", content_encoding.encode()))
    part = "query" if query else "body"
    opened = opener.open(
        data, part=part, content_type=content_type, content_encoding=content_encoding, around=around
    )
    others = readings(data, opened, part=part, content_type=content_type, content_encoding=content_encoding)
    if as_json:
        click.echo(_json(opened, others))
        return 0
    from waakzaam.report.peeled import Tree

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else COLUMNS
    tree = Tree(opened, len(data), readings=others, width=width, full=full, candidates=len(keys) + len(known))
    click.echo("\n".join(tree.lines()))
    return 0


def _read(path: Path) -> bytes:
    """The value, without a line end that an editor or a shell has put behind a text."""
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise WaakzaamError(
            f"{path}: cannot be read ({error.strerror}); give a file with one value"
        ) from None
    if len(data) > MOST_BYTES:
        raise WaakzaamError(f"{path}: larger than {MOST_BYTES >> 30} GiB; `waakzaam audit` reads captures")
    if not data:
        raise WaakzaamError(f"{path}: is empty; give a file with one value")
    return data


def _json(opened: Opened, others: Sequence[Sequence[Reading]]) -> str:
    from base64 import b64encode

    formats = dict(opened.formats)

    def row(place: int, leaf: Leaf) -> dict[str, object]:
        known = formats.get(place)
        try:
            value: dict[str, str] = {"text": leaf.value.decode()}
        except UnicodeDecodeError:
            value = {"base64": b64encode(leaf.value).decode()}
        return {
            "layers": [layer for layer, _ in leaf.steps],
            "selectors": [selector for _, selector in leaf.steps],
            "name": leaf.name,
            "disguise": opened.disguise(place),
            "closed": place in opened.closed,
            "format": known.id if known else None,
            "proofs": [
                {"bits": each.bits, "tried": each.tried, "key": each.key, "derivation": each.derivation}
                for each in leaf.proofs
            ],
            "value": value,
        }

    told = {
        "leaves": [row(place, leaf) for place, leaf in enumerate(opened.leaves)],
        "formats": [
            {"leaf": place, "id": each.id, "name": each.name, "vendor": each.vendor, "text": each.text}
            for place, each in opened.formats
        ],
        "readings": [
            {
                "layers": [layer for layer, _ in group[0].steps],
                "selectors": [selector for _, selector in group[0].steps],
                "read_as": [{"layer": each.layer, "bits": each.bits} for each in group],
            }
            for group in others
        ],
        "tried": opened.tried,
        "limits": [{"what": what, "limit": limit, "place": place} for what, limit, place in opened.limits],
        "problems": list(opened.problems),
    }
    return json.dumps(told, indent=1)
