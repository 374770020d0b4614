"""JSON that comes from the network: an object, or one sentence that says what is there instead."""

from __future__ import annotations

import json
from typing import Any

from waakzaam.knowledge.feeds.model import BadFeedError


def object_of(data: bytes) -> dict[str, Any]:
    """Parse a JSON object.

    Raises:
        BadFeedError: it is something else; a web page is said to be one, because that is what portals answer.
    """
    if data.lstrip()[:1] == b"<":
        raise BadFeedError("is a web page (or XML), JSON was expected; is there a login page in between?")
    try:
        found = json.loads(data)
    except RecursionError:
        raise BadFeedError("is JSON that is nested too deeply") from None
    except ValueError as error:  # also of text that is no UTF-8
        raise BadFeedError(f"is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise BadFeedError("is JSON, but no object")
    return found
