"""A table that cannot be used is refused in one line that names the place; nothing else is raised."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.helpers.knowledge import SUBJECTS

from waakzaam.knowledge import Facts, FactsError, loader

HEAD = "brand,maker,organisation,from,to,confidence,source,note\n"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsed files of these tests are not kept with the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def changed(folder: Path, name: str, content: str | bytes) -> Facts:
    """The packaged facts with one file replaced."""
    for file in loader.PACKAGED.iterdir():
        if file.suffix in (".toml", ".csv") and not (folder / file.name).is_symlink():
            (folder / file.name).unlink(missing_ok=True)
            (folder / file.name).symlink_to(file)
    (folder / name).unlink()
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return Facts(folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "A,B,xiaomi,,,C,memory,\n", "line 2: rests on memory alone"),
        (HEAD + "A,B,nobody,,,M,memory,\n", "the organisation 'nobody' is not in organisations.toml"),
        (HEAD + "A,B,xiaomi,,,C,nowhere,\n", "the source 'nowhere' is not in sources.toml"),
        (HEAD + "A,B,xiaomi,,,,memory,\n", "the key 'confidence' is missing"),
        (HEAD + "A,B,xiaomi,,,Z,memory,\n", "use one of: C, C2"),
        (HEAD + "A,B,xiaomi,,,M,,\n", "the key 'source' is missing"),
        (HEAD + "A,B,xiaomi,2021-13,,M,memory,\n", "'from' must be a date"),
        (HEAD + "A,B,xiaomi,2021,2020,M,memory,\n", "ends before it begins"),
        (HEAD + "A,B,xiaomi\n", "has 3 cells, not 8"),
        (HEAD + '"A,B,xiaomi,,,M,memory,\n', "is not valid CSV"),
        (HEAD.replace("note", "nots") + "A,B,xiaomi,,,M,memory,x\n", "unknown key 'nots'"),
        (
            "# a comment\n" + HEAD + "# A,B\n,B,xiaomi,,,M,memory,\n",
            "line 4: the key 'brand' is missing",
        ),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(FactsError, match=re.escape(words)) as caught:
        _ = changed(tmp_path, "brands.csv", text).brands
    assert "brands.csv" in str(caught.value) or "organisations.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "row", "words"),
    [
        ("adequacy", 'decision,US,X,"1",whole,,,,,,M,memory,', "a decision needs 'from'"),
        ("adequacy", "none,US,X,1,whole,,2020,,,,M,memory,", "only a decision has it"),
        ("adequacy", "decision,US,X,1,whole,,2020,2021,,,M,memory,", "'to' and 'ended_by' belong together"),
        ("adequacy", "decision,US,X,1,limited,,2020,,,,M,memory,", "'limits' says what"),
        ("adequacy", "decision,usa,X,1,whole,,2020,,,,M,memory,", "two letters of ISO 3166-1"),
        ("adequacy", "decision,US,X,1,partly,,2020,,,,M,memory,", "use one of: whole, limited"),
        ("members", "US,X,NATO,,,M,memory,", "use one of: EU, EEA"),
        ("network_cards", "X,,,1,M,memory,", "needs either 'organisation' or 'resembles'"),
        ("network_cards", "X,apple,,0,M,memory,", "must lie between 1"),
        ("network_cards", "X,apple,,many,M,memory,", "it must be a whole number"),
        ("network_cards", "X,apple,,1,M,memory,\nx,apple,,1,M,memory,", "'x' is listed twice"),
        ("packages", "a.b,no-such-app,M,memory,", "is not in apps.csv"),
        ("packages", "a.b,tiktok,M,memory,\na.b,tiktok,M,memory,", "is listed twice"),
        ("preinstalled", "a.,apple,,spyware,M,memory,", "use one of: telemetry"),
        ("preinstalled", "a.,apple,,,M,memory,\na.,apple,,,M,memory,", "is listed twice"),
        ("apps", "x,X,apple,,,eu,,,M,memory,", "two letters"),
        ("market_shares", "BE,2020,x,y,apple,101,,M,memory,", "must lie between 0 and 100"),
    ],
)
def test_every_table_has_its_own_rules(tmp_path: Path, name: str, row: str, words: str) -> None:
    lines = (loader.PACKAGED / f"{name}.csv").read_text("utf-8").splitlines()
    head = next(line for line in lines if not line.startswith("#"))
    with pytest.raises(FactsError, match=re.escape(words)):
        getattr(changed(tmp_path, f"{name}.csv", f"{head}\n{row}\n"), name)


LAW = """
[[law]]
id = "x"
country = "US"
name = "X"
about = ["state access"]
confidence = "M"
source = ["memory"]
"""
PERIOD = '[[law.period]]\nstate = "in force"\nfrom = 2020-01-01\nconfidence = "M"\nsource = ["memory"]\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LAW, "when was it in force?"),
        (LAW + PERIOD + PERIOD, "its periods overlap"),
        (LAW + PERIOD.replace("in force", "good"), "use one of: in force, lapsed, repealed"),
        (LAW.replace("state access", "spying") + PERIOD, "'about' holds other words"),
        (LAW + PERIOD + LAW + PERIOD, "the id 'x' is taken"),
        (LAW.replace('"US"', '"America"') + PERIOD, "two letters"),
        (LAW + PERIOD + '[[law.debate]]\nkind = "truth"\n', "use one of: claim as reported"),
    ],
)
def test_laws_are_checked(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(FactsError, match=re.escape(words)):
        _ = changed(tmp_path, "laws.toml", text).laws


def test_other_files_are_checked(tmp_path: Path) -> None:
    text = (loader.PACKAGED / "requirements.toml").read_text("utf-8").replace('law = "eu-nis2"', 'law = "no"')
    with pytest.raises(FactsError, match=r"the law 'no' is not in laws\.toml"):
        _ = changed(tmp_path, "requirements.toml", text).requirements
    text = (
        (loader.PACKAGED / "organisations.toml")
        .read_text("utf-8")
        .replace('parent = "oplus"', 'parent = "no"')
    )
    with pytest.raises(FactsError, match="no organisation 'no'"):
        _ = changed(tmp_path, "organisations.toml", text).organisations
    with pytest.raises(FactsError, match=r"is not UTF-8 text \(byte 3\)"):
        _ = changed(tmp_path, "brands.csv", b"a,b\xff").brands


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(set(SUBJECTS) - {"sources"})),
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=400),
        st.tuples(st.integers(0, 5_000), st.text(max_size=5)),
    ),
)
def test_any_content_is_read_or_refused(
    tmp_path: Path, subject: str, content: bytes | str | tuple[int, str]
) -> None:
    """Whatever a file holds: its rows, or one FactsError; the third kind of content is a damaged file."""
    name = SUBJECTS[subject]
    if isinstance(content, tuple):
        place, new = content
        text = (loader.PACKAGED / name).read_text("utf-8")
        place %= len(text)
        content = text[:place] + new + text[place + len(new) :]
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    try:
        getattr(changed(tmp_path, name, data), subject)
    except FactsError as error:
        assert "\n" not in str(error)  # noqa: PT017
