"""mitmproxy addon: sends every connection to the local server, and writes what passed as HAR.

Nothing leaves the machine: a host that is not on the stage is refused and not recorded.
Options: ``stage_hosts`` (comma separated), ``stage_tls_port``, ``stage_clear_port``, ``stage_clock``,
``stage_har``, ``stage_comment``.
"""

from __future__ import annotations

import json
from pathlib import Path

from clock import Clock
from mitmproxy import ctx, http
from mitmproxy.addonmanager import Loader
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

STEP = 0.031  # seconds of virtual time between two requests of one scene
CONNECT, SECURE, ANSWER, END = 0.018, 0.041, 0.066, 0.070  # seconds after the start of the request


class Recorder:
    """Redirects, keeps to the virtual clock, records."""

    def __init__(self) -> None:
        """Begin with nothing recorded."""
        self._flows: list[http.HTTPFlow] = []
        self._scene = (0.0, 0)  # virtual time of the scene and how many requests it has seen

    def load(self, loader: Loader) -> None:
        """Declare the options."""
        for name in ("stage_hosts", "stage_clock", "stage_har", "stage_comment"):
            loader.add_option(name, str, "", "see recorder.py")
        for name in ("stage_tls_port", "stage_clear_port"):
            loader.add_option(name, int, 0, "see recorder.py")

    def _on_stage(self, host: str) -> bool:
        return host in ctx.options.stage_hosts.split(",")

    def http_connect(self, flow: http.HTTPFlow) -> None:
        """Refuse tunnels to hosts that are not on the stage."""
        if not self._on_stage(flow.request.host):
            flow.response = http.Response.make(403)

    def server_connect(self, data: ServerConnectionHookData) -> None:
        """Connect to the local server whatever the address asked for."""
        address = data.server.address
        if address is None or not self._on_stage(address[0]):
            data.server.error = "not on the stage"
            return
        secure = address[1] == 443
        if secure:
            data.server.sni = address[0]
        port = ctx.options.stage_tls_port if secure else ctx.options.stage_clear_port
        data.server.address = ("127.0.0.1", port)

    def request(self, flow: http.HTTPFlow) -> None:
        """Give the request its virtual time."""
        if not self._on_stage(flow.request.pretty_host):
            flow.response = http.Response.make(403)
            return
        now = Clock(Path(ctx.options.stage_clock)).now()
        count = self._scene[1] + 1 if self._scene[0] == now else 0
        self._scene = (now, count)
        flow.metadata["start"] = now + count * STEP

    def response(self, flow: http.HTTPFlow) -> None:
        """Keep the exchange, with all its times moved to the virtual clock."""
        start = flow.metadata.get("start")
        if start is None or flow.response is None:
            return
        flow.request.timestamp_start, flow.request.timestamp_end = start, start + SECURE
        flow.response.timestamp_start, flow.response.timestamp_end = start + ANSWER, start + END
        if flow.server_conn not in [earlier.server_conn for earlier in self._flows]:
            flow.server_conn.timestamp_start = start
            flow.server_conn.timestamp_tcp_setup = start + CONNECT
            flow.server_conn.timestamp_tls_setup = start + SECURE if flow.server_conn.tls else None
        self._flows.append(flow)

    def done(self) -> None:
        """Write the HAR, with mitmproxy's own writer."""
        if not ctx.options.stage_har:
            return
        self._flows.sort(key=lambda flow: flow.request.timestamp_start)
        har = ctx.master.addons.get("savehar").make_har(self._flows)
        har["log"]["comment"] = ctx.options.stage_comment
        for entry in har["log"]["entries"]:  # milliseconds; a float of a time in 2020 is exact to a quarter
            entry["time"] = round(entry["time"])
            entry["timings"] = {phase: round(spent) for phase, spent in entry["timings"].items()}
        Path(ctx.options.stage_har).write_text(json.dumps(har, indent=1, ensure_ascii=False) + "\n")


addons = [Recorder()]
