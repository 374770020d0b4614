"""The reported case played again: ordinary browsing in Chromium, and beside it the browser's own reports.

The pages are really fetched by Chromium. The reports are built from the published description of the
events and of the SDK (see `sensors.py`) and really sent by `client.py`. `reports` decides what is told:
`"browsing"` plays the case, `"crashes"` its negative twin, in which everything else is the same.
"""

from __future__ import annotations

import uuid
from typing import Literal

import sites
from chromium import Chromium
from client import Client
from clock import Clock, instant
from sensors import Tracker
from server import Answer, Site
from stage import Backstage

Reports = Literal["browsing", "crashes"]

SENSORS_HOST = "sa.api.intl.miui.com"
SENSORS_URL = f"https://{SENSORS_HOST}/sa?project=global_browser_mini&r=BE"
BEGIN = instant("2020-05-01T08:15:00")
PHONE = "Dalvik/2.1.0 (Linux; U; Android 9; Redmi Note 8 Build/PKQ1.190616.001)"
BROWSER = (
    "Mozilla/5.0 (Linux; Android 9; Redmi Note 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/80.0.3987.149 Mobile Safari/537.36"
)
UUID = str(uuid.uuid5(uuid.NAMESPACE_DNS, "redmi-note-8.toestel.example"))  # the same in every run

LIBRARY = {"$lib": "Android", "$lib_version": "3.2.0", "$lib_method": "code", "$app_version": "3.4.0"}
PRESET = {
    "$lib": "Android",
    "$lib_version": "3.2.0",
    "$os": "Android",
    "$os_version": "9",
    "$manufacturer": "Xiaomi",
    "$brand": "xiaomi",
    "$model": "Redmi Note 8",
    "$app_version": "3.4.0",
    "$screen_width": 1080,
    "$screen_height": 2340,
    "$timezone_offset": -120,
    "$wifi": True,
    "$network_type": "WIFI",
}
SUPER = {
    "uuid": UUID,
    "internet_status": 1,
    "platform": "AndroidApp",
    "miui_version": "V11.0.9.0",
    "miui_region": "BE",
    "system_language": "nl",
}


def collector(method: str, _target: str) -> Answer:
    """The host that receives the reports."""
    return Answer(status=200 if method == "POST" else 405, type="text/plain", body=b"")


SITES: dict[str, Site] = {**sites.SITES, SENSORS_HOST: collector}


class Session:
    """One play, scene after scene."""

    def __init__(self, backstage: Backstage, clock: Clock, reports: Reports) -> None:
        """Play behind `backstage`; `reports` is what the browser tells its maker."""
        self._clock = clock
        self._reports = reports
        self._backstage = backstage
        self._client = Client(backstage.proxy, backstage.authority, PHONE)
        self._tracker = Tracker(
            anonymous_id=UUID, library=LIBRARY, properties={**PRESET, **SUPER}, first_track_id=20200501
        )

    def scene(self, seconds: float) -> float:
        """Move the clock to `seconds` after the beginning and return the time."""
        self._clock.set(BEGIN + seconds)
        return BEGIN + seconds

    def report(self, now: float, event: str, **properties: object) -> None:
        """Queue one event, unless this play tells of crashes only."""
        if self._reports == "browsing":
            self._tracker.track(now, event, **properties)

    def loaded(self, begin: float, url: str) -> None:
        """Queue the two events of one page."""
        self.report(begin, "page_load_event_start", url=url)
        self.report(begin + 1.2, "page_load_event_finish", url=url)

    def flush(self, seconds: float) -> None:
        """Send the events that wait; the twin has a crash to tell instead."""
        now = self.scene(seconds)
        if self._reports == "crashes":
            self._tracker.track(now - 2, "rv_crashed", cause="java.lang.IndexOutOfBoundsException")
        status = self._client.send(
            "POST", SENSORS_URL, self._tracker.flush(now), Content_Type="application/x-www-form-urlencoded"
        )
        if status != 200:
            raise RuntimeError(f"the collector answered {status}")

    def background(self) -> None:
        """What a phone does unasked, without telling anything about its owner."""
        self.scene(0)
        self._client.send("GET", f"http://{sites.CONNECTIVITY}/generate_204")
        self.scene(3)
        self._client.send(
            "POST",
            f"https://{sites.UPDATE}/v1/check",
            b'{"packages":[{"name":"com.example.calculator","version":41},{"name":"com.example.clock","version":7}]}',
            Content_Type="application/json; charset=utf-8",
        )
        self.scene(5)
        self._client.send("GET", f"https://{sites.WEATHER}/v2/verwachting?plaats=Brussel&eenheid=C")

    def play(self) -> None:
        """Play all scenes."""
        with Chromium(
            folder=self._backstage.folder / "profile",
            proxy=self._backstage.proxy,
            authority=self._backstage.authority,
            language="nl-BE,nl",
        ) as browser:
            downloads = self._backstage.folder / "downloads"
            downloads.mkdir()
            tab = browser.page(BROWSER, downloads)
            self.background()

            news = f"https://{sites.NEWS}/"
            now = self.scene(20)
            tab.open(news)
            self.loaded(now, news)
            now = self.scene(48)
            tab.click("#artikel")
            self.loaded(now, f"https://{sites.NEWS}{sites.ARTICLE}")
            self.flush(55)

            for start, words in zip((90, 140), sites.SEARCHES, strict=True):
                now = self.scene(start)
                self.report(
                    now - 1,
                    "search",
                    used_searchengine="zoeken",
                    search_position="homepage",
                    search_method="input",
                    search_word=words,
                )
                tab.open(sites.search_url(words))
                self.loaded(now, sites.search_url(words))
                self.flush(start + 15)

            now = self.scene(175)
            tab.click("#huisarts")
            self.loaded(now, f"https://{sites.DOCTOR}{sites.APPOINTMENT}")
            self.flush(190)

            now = self.scene(260)
            tab.open(f"https://{sites.SHOP}{sites.PRODUCT}")
            self.loaded(now, f"https://{sites.SHOP}{sites.PRODUCT}")
            self.flush(275)

            private = browser.page(BROWSER, downloads, private=True)
            now = self.scene(340)
            private.open(f"https://{sites.HELPLINE}{sites.HELP_PAGE}")
            self.loaded(now, f"https://{sites.HELPLINE}{sites.HELP_PAGE}")
            self.flush(355)
            now = self.scene(380)
            private.click("#folder", download=True)
            brochure = f"https://{sites.HELPLINE}{sites.BROCHURE}"
            self.report(now, "download_files", op="start", suffix="pdf", url=brochure, type="privacy")
            self.flush(395)
