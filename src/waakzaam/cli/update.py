"""``waakzaam update``: fetch the lists that the person chose, verify them, show what changed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from waakzaam.knowledge.feeds.model import Feed
    from waakzaam.knowledge.feeds.refresh import Refreshed
    from waakzaam.knowledge.feeds.store import Version

MOST_NAMED = 5
"""Changed entries that are named in each line."""


@click.command()
@click.argument("names", metavar="[FEED…]", nargs=-1)
@click.option("--url", help="Fetch the one feed from here: a mirror, or your own copy.")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take the one feed from this file; nothing is fetched.",
)
@click.option("--sha256", help="Accept the one feed only with this digest.")
@click.option("--key", "keys", multiple=True, help="Trust signatures of this key, too (Ed25519, base64).")
@click.option("--undo", is_flag=True, help="Go back to the version before.")
@click.option(
    "--seconds", type=click.FloatRange(1, 86_400), default=300.0, show_default=True, help="For each feed."
)
def update(
    names: tuple[str, ...],
    url: str | None,
    path: Path | None,
    sha256: str | None,
    keys: tuple[str, ...],
    undo: bool,
    seconds: float,
) -> int:
    """Fetch public lists that others keep, each only if you name it.

    Without FEED the list of feeds is shown, and nothing is fetched. `indicators` and `hardware-addresses`
    stand for several. What is fetched is read to its end first; if it is not what it should be, what you
    have stays as it is.
    """
    from waakzaam.errors import WaakzaamError
    from waakzaam.knowledge.feeds import FEEDS, GROUPS, feed_of
    from waakzaam.knowledge.feeds.refresh import Refresh, refresh
    from waakzaam.knowledge.feeds.store import Store

    store = Store()
    if not names:
        for feed in FEEDS:
            for line in _about(feed, store.current(feed.id)):
                click.echo(line)
        return 0
    chosen = [each for name in names for each in GROUPS.get(name, (name,))]
    feeds = [feed for feed in map(feed_of, dict.fromkeys(chosen)) if feed]
    if unknown := [name for name in chosen if feed_of(name) is None]:
        raise WaakzaamError(
            f"{unknown[0]}: there is no such feed; `waakzaam update` lists those there are "
            f"({', '.join(GROUPS)} stand for several)"
        )
    if len(feeds) > 1 and (url or path or sha256):
        raise WaakzaamError("--url, --file and --sha256 are for one feed at a time; name one")
    failed = 0
    for feed in feeds:
        try:
            if undo:
                before = store.undo(feed.id)
                state = f"the version of {before.fetched[:10]}" if before else "nothing"
                click.echo(f"{feed.id}: {state} is in use now")
                continue
            done = refresh(
                feed,
                store,
                Refresh(address=url, path=path, sha256=sha256, keys=keys, seconds=seconds),
                progress=_progress(feed.id),
            )
        except WaakzaamError as error:
            failed += 1
            _say(f"{feed.id}: {error}", err=True)
            continue
        for line in _told(feed.id, done):
            _say(line)
    if failed and len(feeds) > 1:
        _say(f"{failed} of {len(feeds)} feeds were not updated", err=True)
    return 2 if failed else 0


def _say(line: str, *, err: bool = False) -> None:
    """One line. What stands in it may come from strangers: nothing in it acts."""
    from waakzaam.report.escape import escape_terminal

    click.echo(escape_terminal(f"waakzaam: {line}" if err else line), err=err)


def _about(feed: Feed, current: Version | None) -> list[str]:
    """What a feed is and what is at hand of it."""
    if current:
        made = f", made {current.made}" if current.made else ""
        state = f"{current.entries} entries of {current.fetched[:10]}{made}, SHA-256 {current.sha256[:16]}…"
    else:
        state = "not fetched"
    return [
        f"{feed.id:<18} {feed.title}",
        f"{'':<18} kept by {feed.keeper}; licence: {feed.licence}",
        f"{'':<18} {feed.address or 'no address of its own: give --url or --file'}",
        f"{'':<18} {state}",
    ]


def _told(name: str, done: Refreshed) -> list[str]:
    """What came of an update."""
    version = done.version
    made = f", made {version.made}" if version.made else ""
    lines = [f"{name}: {version.entries} entries{made}, {version.size} bytes, SHA-256 {version.sha256}"]
    if done.same:
        lines.append("  nothing changed")
    elif done.before is None:
        lines.append("  fetched for the first time")
    elif done.changes is None:
        lines.append("  what was there before cannot be read, so that it is not known what changed")
    else:
        for word, keys in zip(("added", "removed", "changed"), done.changes, strict=True):
            if keys:
                named = ", ".join(keys[:MOST_NAMED]) + (" …" if len(keys) > MOST_NAMED else "")
                lines.append(f"  {word} {len(keys)}: {named}")
    return lines


def _progress(name: str) -> Callable[[int, int | None], None] | None:
    """Show bytes on a terminal; be silent in a pipe."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, whole: int | None) -> None:
        of = f" of {whole / 1e6:.1f}" if whole else ""
        click.echo(f"\r{name}: {done / 1e6:.1f}{of} MB ", nl=False, err=True)
        if whole == done:
            click.echo("\r" + " " * 60 + "\r", nl=False, err=True)

    return show
