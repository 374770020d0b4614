"""One value with everything that is known of it: what ``waakzaam.peel(data)`` does."""

from __future__ import annotations

from collections.abc import Iterable

from waakzaam.errors import WaakzaamError
from waakzaam.peel.unlock import Labelled, Opened, Opener, Surroundings


def open_value(
    data: bytes,
    *,
    keys: Labelled = (),
    known: Labelled = (),
    part: str = "body",
    content_type: str | None = None,
    content_encoding: str | None = None,
    url: str | None = None,
    headers: Iterable[tuple[str, bytes]] = (),
) -> Opened:
    """Take every layer off one value, those with keys among them. For many values, make one :class:`Opener`.

    Args:
        data: the bytes of one part of a message, or any value.
        keys: (label, candidate) for keys: constants of an app, lines of a key file.
        known: (datum, value) of the device: tried as keys, and expected inside.
        part: ``body``, ``query``, ``path`` or ``header:<name>``; steers which containers are tried.
        content_type: the declared media type, if any.
        content_encoding: the declared content codings, if any.
        url: absolute URL it was sent to; known wire formats are recognised by it.
        headers: (name, value) of the message.

    Returns:
        The leaves with their chains and proofs, and what stayed closed.

    Raises:
        WaakzaamError: the URL is malformed.
    """
    try:
        around = Surroundings.of(url, headers) if url else Surroundings(headers=list(headers))
    except ValueError as error:
        raise WaakzaamError(f"{url}: {error}; give an absolute URL such as https://example.be/path") from None
    declared = (("Content-Type", content_type), ("Content-Encoding", content_encoding))
    around.headers.extend((name, value.encode()) for name, value in declared if value)
    return Opener(keys, known).open(
        data, part=part, content_type=content_type, content_encoding=content_encoding, around=around
    )
