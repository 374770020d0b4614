"""The packaged facts: nothing without source, no dead reference, the same words for all."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.knowledge import SUBJECTS

from waakzaam.knowledge import Facts, FactsError, facts, load
from waakzaam.knowledge.model import Hosting, Vendor

BASE = load()


def test_case_dates_and_limits() -> None:
    for case in BASE.cases.values():
        assert case.statements, case.id
        for statement in case.statements:
            assert statement.date is None or statement.date >= date(2010, 1, 1), case.id
    xiaomi = BASE.cases["xiaomi-browser-2020"]
    kinds = {statement.kind for statement in xiaomi.statements}
    assert kinds >= {"claim as reported", "technical text", "answer", "assessment", "scope limit"}
    assert xiaomi.names_host("sa.api.intl.miui.com")
    assert not xiaomi.names_host("tracking.miui.com")
    assert "search-query" in xiaomi.data
    assert not BASE.cases["bsi-2022"].names_host("sa.api.intl.miui.com")
    assert xiaomi.disguise == "encoding"


def test_no_accusing_words() -> None:
    folder = Path(__file__).parents[3] / "src/waakzaam"
    ours = [each for kind in ("*.toml", "*.csv") for each in (folder / "knowledge").glob(kind)]
    assert len(ours) > 20
    ours += (folder / "advise/policies").glob("*.toml")
    text = "\n".join(path.read_text("utf-8") for path in ours).lower()
    text = re.sub(r'^url = ".*"$', "", text, flags=re.M)  # an address is what it is
    # The title of an article, the name of a file, and terms of law are quoted as they are.
    for quoted in (
        "are xiaomi browsers spyware? yes, they are",
        "illegalwords.txt",
        "criminal procedure code",
        "criminal investigation",
    ):
        assert quoted in text, quoted
        text = text.replace(quoted, "")
    for word in (" steals", " spies on", "evil", "criminal", "illegal", "unlawful", "backdoor", "spying"):
        assert word not in text, word


def test_same_words_for_every_vendor() -> None:
    """A telemetry host of any vendor is described by one sentence in which only names differ."""
    from waakzaam.attribute import party

    hosts = {
        "tracking.miui.com": "Xiaomi",
        "dc.di.atlas.samsung.com": "Samsung",
        "metrics.apple.com": "Apple",
        "firebaselogging.googleapis.com": "Google",
        "vortex.data.microsoft.com": "Microsoft",
        "log.tiktokv.com": "ByteDance (TikTok)",
    }
    shapes = set()
    for host, name in hosts.items():
        found = party(host)
        assert found.organisation == name
        assert found.role == "telemetry"
        counted, owner, role = found.basis
        shapes.add(
            (
                re.sub(
                    r" ends in .*? which is counted to .*? Source: .*",
                    " ends in, counted to",
                    counted.removeprefix(host),
                ),
                re.sub(r"Owner of .*?: .*", "Owner", owner),
                re.sub(r"telemetry\..*", "telemetry", role.removeprefix(host)),
            )
        )
    assert len(shapes) == 1


def test_suffixes_do_not_overlap_between_parties() -> None:
    seen: dict[str, Vendor | Hosting] = {}
    for owner in (*BASE.vendors, *BASE.hosting):
        for suffix in owner.suffixes:
            assert suffix not in seen
            seen[suffix] = owner
    for vendor in BASE.vendors:
        for label in vendor.labels:
            for pattern in label.patterns:
                plain = (
                    pattern.replace("*.", "x.", 1).replace("*", "x") if pattern.startswith("*.") else pattern
                )
                plain = plain.replace("dbankcloud.*", "dbankcloud.eu").replace("*", "x")
                found = BASE.host(plain)
                assert found is not None, pattern
                assert found[1] is vendor, pattern


def test_longest_suffix_counts_whole_labels() -> None:
    assert BASE.host("sa.api.intl.miui.com")[0] == "miui.com"  # type: ignore[index]
    assert BASE.host("miui.com")[0] == "miui.com"  # type: ignore[index]
    assert BASE.host("notmiui.com") is None
    assert BASE.host("miui.com.example.org") is None
    assert BASE.host("com") is None
    assert BASE.host("") is None
    assert BASE.host("a." * 5000 + "miui.com") is None


@given(st.text(max_size=300))
def test_any_host_is_looked_up_without_harm(text: str) -> None:
    found = BASE.host(text)
    assert found is None or text.endswith(found[0])


@pytest.mark.parametrize(
    ("name", "value", "datum"),
    [
        ("android_id", "9f3a1c5b7d2e4f60", "device-id/android-id"),
        ("imei", "490154203237518", "device-id/imei"),
        ("imei", "0eaed834a1e6f4b2bf0c024e0013dea1", "device-id/imei-digest"),
        ("advertiser_id", "1209d0b9-b959-42e6-b921-aa5d9d08c1af", "advertising-id/gaid"),
        ("advertiser_id", "1209D0B9-B959-42E6-B921-AA5D9D08C1AF", "advertising-id/idfa"),
        ("google_advertising_id", "1209d0b9-b959-42e6-b921-aa5d9d08c1af", "advertising-id/gaid"),
        ("aaid", "1209d0b9-b959-42e6-b921-aa5d9d08c1af", "advertising-id/gaid"),
        ("device_fingerprint_id", "1172860168313205995", "identifier/app-instance"),
        ("identity_id", "1172860168363571074", "identifier/app-instance"),
        ("hardware_id", "048f96ec-220f-4860-95c4-62b2565dbbd3", "identifier/device"),
        ("anon_id", "XZ9dd82044-772f-4b99-b17b-208e9c3cc38b", "identifier/app-instance"),
        ("device.id", "ad2140b6-25f1-42d7-b45c-4c0e224ca64f", "identifier/device"),
        ("user.id", "7d5a6fd0d53a566b", "identifier/account"),
        ("properties.uuid", "11111111-2222-4333-8444-555555555555", "identifier/uuid"),
        ("distinct_id", "11111111-2222-4333-8444-555555555555", "identifier/uuid"),
        ("UUID", "11111111-2222-4333-8444-555555555555", "identifier/uuid"),
        ("bssid", "aa:bb:cc:dd:ee:01", "network/bssid"),
        ("email", "jan.peeters@example.be", "contact/email"),
        ("lat", "50.8467", "location/latitude"),
        ("ll", "50.8467,4.3525", "location/coordinates"),
        ("iccid", "8932123412341234123", "device-id/iccid"),
        ("local_ip", "10.0.0.1", "network/ip-address"),
        ("sn", "R58M12ABCDE", "device-id/serial"),
        ("search_word", "zware ziekte", "search-query"),
        ("_di_", "AAAAAAAAAAAAAAAA", "identifier/device"),
    ],
)
def test_named_fields(name: str, value: str, datum: str) -> None:
    found = BASE.named(name, value)
    assert found is not None
    assert found.datum == datum


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("imei", "000000000000000"),
        ("imei", "null"),
        ("mac", "02:00:00:00:00:00"),
        ("mc", "02:00:00:00:00:00"),
        ("gaid", "00000000-0000-0000-0000-000000000000"),
        ("android_id", "9774d56d682e549c"),
        ("serial", "unknown"),
        ("sn", "fdd4dc8cd4b037d76a6ba0af69c25bf6"),
        ("sn", "12345678"),
        ("ssid", "<unknown ssid>"),
        ("lat", "0.0000"),
        ("lat", "95.1234"),
        ("lon", "181.1234"),
        ("email", "nobody"),
        ("phone", "12"),
        ("device_id", "Pixel 7"),
        ("local_ip", "300.1.1.1"),
        ("title", "490154203237518"),
        ("imei", "490154203237518\n"),
        ("imei", "٤٩٠١٥٤٢٠٣٢٣٧٥١٨"),
    ],
)
def test_placeholders_and_other_values_are_not_taken(name: str, value: str) -> None:
    assert BASE.named(name, value) is None


@given(st.text(max_size=400))
def test_patterns_do_not_run_away(value: str) -> None:
    start = time.perf_counter()
    for field in BASE.fields:
        field.fits(value)
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    "value", ["a" * 20_000, "1" * 20_000, "a@" * 10_000, "a." * 10_000, "-" * 20_000, "0 " * 9_999]
)
def test_patterns_do_not_run_away_on_long_input(value: str) -> None:
    start = time.perf_counter()
    for field in BASE.fields:
        field.fits(value)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("host", "path", "names"),
    [
        ("www.google.be", "/search", ("q",)),
        ("www.google.co.uk", "/search", ("q",)),
        ("google.com", "/gen_204", ()),
        ("google.evil.example", "/search", ()),
        ("notgoogle.com", "/search", ()),
        ("www.bing.com", "/search", ("q", "Q")),
        ("duckduckgo.com", "/", ("q",)),
        ("m.baidu.com", "/s", ("wd", "word", "kw")),
        ("nl.search.yahoo.com", "/search", ("p", "q")),
        ("example.be", "/search", ()),
    ],
)
def test_search_parameters(host: str, path: str, names: tuple[str, ...]) -> None:
    engine = BASE.search_engine(host, path)
    assert (engine.parameters if engine else ()) == names


def test_owner_depends_on_the_day() -> None:
    honor = BASE.organisations["honor"]
    assert honor.owned(date(2019, 5, 1)).owner == "Huawei Investment & Holding"  # type: ignore[union-attr]
    assert honor.owned(date(2021, 5, 1)).owner.startswith("Shenzhen Zhixin")  # type: ignore[union-attr]
    assert honor.owned().owner.startswith("Shenzhen Zhixin")  # type: ignore[union-attr]


def test_search_by_words_and_day() -> None:
    found = facts("xiaomi")
    assert {record.subject for record in found} >= {"organisation", "host", "case", "news"}
    assert facts("XIAOMI browser url") == facts("url Browser xiaomi")
    assert facts("no such thing at all") == []
    early = facts("xiaomi", at=date(2020, 5, 5))
    assert early
    assert all(record.date is None or record.date <= date(2020, 5, 5) for record in early)
    assert not any(record.by and "BSI" in record.by for record in early)
    owners = {
        record.text
        for record in facts("honor owner", at=date(2019, 1, 1))
        if record.subject == "organisation"
    }
    assert any("Huawei" in text for text in owners)
    assert all(record.sources for record in facts(""))


def test_loads_fast() -> None:
    folder = Path(__file__).parents[3] / "src/waakzaam/knowledge"
    best = min(_load_time(folder) for _ in range(3))
    assert best < 0.2  # 0.03 s on an idle core; room for a busy one


def _load_time(folder: Path) -> float:
    start = time.process_time()
    base = Facts(folder)
    for subject in SUBJECTS:
        assert getattr(base, subject)
    return time.process_time() - start


def test_an_audit_does_not_load_what_only_a_person_asks_for() -> None:
    """Deterministic where times are not: which modules and files are touched."""
    code = (
        "import sys; from waakzaam.knowledge import load; base = load(); base.cases; base.vendors;"
        "base.hosting;"
        "base.fields; base.search_engines; base.named('imei', '1'); base.host('miui.com');"
        "print(*sys.modules); print(*vars(base))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    modules, read = (set(line.split()) for line in ran.stdout.splitlines())
    ours = {name.removeprefix("waakzaam.knowledge.") for name in modules if name.startswith("waakzaam.know")}
    assert ours == {"waakzaam.knowledge", "dates", "loader", "model", "rows", "subjects"}
    assert not modules & {"csv", "importlib.resources", "tempfile"}
    assert not read & {"laws", "adequacy", "brands", "apps", "wire_formats", "advice", "news"}


def copy_with(folder: Path, name: str, text: str) -> Facts:
    """Copy of the packaged facts with one file replaced."""
    source = Path(__file__).parents[3] / "src/waakzaam/knowledge"
    for file in (*source.glob("*.toml"), *source.glob("*.csv")):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / name).write_text(text, "utf-8")
    return Facts(folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[hosting]\n", "not valid TOML"),
        ('[[hosting]]\nprovider = "X"\nsuffixes = ["x.y"]\nsource = ["memory"]\n', "'confidence' is missing"),
        (
            '[[hosting]]\nprovider = "X"\nsuffixes = ["x.y"]\nconfidence = "Q"\nsource = ["memory"]\n',
            "use one of",
        ),
        (
            '[[hosting]]\nprovider = "X"\nsuffixes = ["x.y"]\nconfidence = "C"\nsource = ["memory"]\n',
            "must be 'M'",
        ),
        (
            '[[hosting]]\nprovider = "X"\nsuffixes = ["x.y"]\nconfidence = "C"\nsource = ["nobody"]\n',
            "not in sources.toml",
        ),
        (
            '[[hosting]]\nprovider = "X"\nsuffixes = ["x.y"]\nconfidence = "C"\nsource = []\n',
            "'source' is empty",
        ),
        (
            '[[hosting]]\nprovider = "X"\nsuffixes = ["X.Y"]\nconfidence = "M"\nsource = ["memory"]\n',
            "lower case",
        ),
        ('[[hosting]]\nprovidr = "X"\n', "'provider' is missing"),
        (
            '[[hosting]]\nmore = 1\nprovider = "X"\nsuffixes = ["x.y"]\n'
            'confidence = "M"\nsource = ["memory"]\n',
            "unknown key 'more'",
        ),
        ("[[hosting]]\nprovider = 3\n", "must be a text"),
    ],
)
def test_bad_files_are_refused_with_the_place(tmp_path: Path, text: str, words: str) -> None:
    base = copy_with(tmp_path, "hosting.toml", text)
    with pytest.raises(FactsError, match=re.escape(words)) as caught:
        _ = base.hosting
    assert "hosting.toml" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_missing_file_and_bad_regex(tmp_path: Path) -> None:
    with pytest.raises(FactsError, match="cannot be read"):
        _ = Facts(tmp_path / "nowhere").sources
    text = (
        '[placeholders]\nvalues = ["x"]\n[[field]]\nnames = ["a"]\ndatum = "identifier/uuid"\n'
        'pattern = "("\nconfidence = "C"\nsource = ["waakzaam-vocabulary"]\n'
    )
    with pytest.raises(FactsError, match="no regular expression"):
        _ = copy_with(tmp_path, "fields.toml", text).fields
