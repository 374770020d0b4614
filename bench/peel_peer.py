"""Other tools in Python on samples: ``python peel_peer.py TOOL SAMPLES SECONDS``, where they are installed.

One JSON line per sample: whether the canary is in what the tool shows, whether in what it ranks first (null:
it ranks nothing), and its CPU seconds. What takes more than SECONDS of CPU is ended.
"""

from __future__ import annotations

import contextlib
import io
import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

Show = Callable[[bytes], list[str]]


def unfurl() -> Show:
    """Unfurl: every node of its graph. It takes URLs, so a value is handed in as a query field of one."""
    from unfurl.core import Unfurl

    def show(data: bytes) -> list[str]:
        # Percent-encoding that the value has stays the one layer that it is.
        value = quote(data.decode("ascii"), safe="%")
        tool = Unfurl(remote_lookups=False)
        tool.add_to_queue(data_type="url", key=None, value=f"https://example.org/x?d={value}")
        tool.parse_queue()
        return [str(node.value) for node in tool.nodes.values()]

    return show


def bbpb() -> Show:
    """blackboxprotobuf: the message as it guesses it."""
    import blackboxprotobuf

    def show(data: bytes) -> list[str]:
        message, _ = blackboxprotobuf.decode_message(data)
        return [repr(message)]

    return show


def mitmproxy() -> Show:
    """mitmproxy: all of its views that are not hexadecimal or raw."""
    from mitmproxy import contentviews

    left_out = ("raw", "hex dump", "hex stream")

    def show(data: bytes) -> list[str]:
        shown = []
        for view in contentviews.views:
            if view.name.lower() in left_out:
                continue
            with contextlib.suppress(Exception):
                _, lines, error = contentviews.get_content_view(view, data)
                if error is None:
                    shown.append("".join(text for line in lines for _, text in line))
        return shown

    return show


TOOLS: dict[str, Callable[[], Show]] = {"unfurl": unfurl, "bbpb": bbpb, "mitmproxy": mitmproxy}


def main() -> None:
    """Run."""
    tool, samples, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    show = TOOLS[tool]()

    def over(*_: Any) -> None:
        raise TimeoutError

    signal.signal(signal.SIGPROF, over)
    for line in samples.read_text().splitlines():
        row = json.loads(line)
        start, shown, ended = time.process_time(), [], False
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                shown = show(bytes.fromhex(row["hex"]))
        except TimeoutError:
            ended = True
        except Exception:
            shown = []
        signal.setitimer(signal.ITIMER_PROF, 0)
        cpu = time.process_time() - start
        opened = any(row["canary"] in text for text in shown)
        print(json.dumps({"id": row["id"], "opened": opened, "first": None, "cpu": cpu, "ended": ended}))


if __name__ == "__main__":
    main()
