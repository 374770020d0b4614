"""The catalogues, and the use that is made of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waakzaam import _core
from waakzaam.peel.chain import STRUCTURE
from waakzaam.report import Text, available
from waakzaam.report import text as module
from waakzaam.report.html import SECTIONS
from waakzaam.report.text import REFERENCE, catalogue, placeholders
from waakzaam.report.words import Words

FOLDER = Path(str(files("waakzaam.report")))
TEMPLATES = sorted((FOLDER / "templates").glob("*.j2"))
SOURCES = [*sorted(FOLDER.glob("*.py")), *TEMPLATES]

# Families whose words come out of tables, or are put together from parts: `name("datum", …)`, `f"rule.{…}"`.
FAMILIES = re.compile(
    "access|datum|country|layer|kind|profile|severity|confidence|status|transport|disguise|transport_sentence|"
    "device_kind|disguise_sentence|not_opened|not_checked|form|basis|reason|rule|key|weakness|sure|transfer_why|adequacy|question|"
    "part|label|without|how_sure|voice|place_kind|statement_kind|host_role|law_state|event_kind|not_known"
)
RULES = sorted({key.split(".")[1] for key in catalogue(REFERENCE) if key.startswith("rule.")})


def forms(entry: str | Mapping[str, str]) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def words_in_code() -> set[str]:
    """Every string literal of the stage and its templates that looks like a key."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    return set(re.findall(r"[\"']([a-z_]+(?:\.[a-z_]+)+)[\"']", source))


def test_english_is_there() -> None:
    assert REFERENCE in available()


def test_an_unknown_language_names_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"'xx'.*en"):
        Text("xx")
    with pytest.raises(ValueError, match="choose one of"):
        Text("../locale/en")


def test_an_unknown_key_is_an_error_in_tests_and_shown_otherwise() -> None:
    with pytest.raises(KeyError):
        Text(strict=True).t("no.such.key")
    assert Text().t("no.such.key") == "no.such.key"


def test_a_missing_value_is_an_error_in_tests_and_shown_otherwise() -> None:
    with pytest.raises(KeyError):
        Text(strict=True).t("phone.os")
    assert Text().t("phone.os") == "system {value}"


def test_plurals() -> None:
    text = Text(strict=True)
    assert text.t("summary.messages", count=1) == "1 message was read."
    assert text.t("summary.messages", count=0) == "0 messages were read."
    assert text.t("summary.messages", count=12_345) == "12,345 messages were read."
    with pytest.raises(TypeError, match="count"):
        text.t("summary.messages")


def test_another_language_falls_back_on_english(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {
        "fr": {
            "unknown": "inconnu",
            "summary.messages": {"one": "{count} message lu", "other": "{count} lus"},
        }
    }
    monkeypatch.setattr(module, "catalogue", lambda lang: words.get(lang) or catalogue(lang))
    text = Text("fr", strict=True)
    assert text.t("unknown") == "inconnu"
    assert text.t("verdict.unknown") == "No findings."
    assert text.t("summary.messages", count=0) == "0 message lu"
    assert "verdict.unknown" in text


@given(st.text(), st.text())
def test_values_are_never_read_as_placeholders(first: str, second: str) -> None:
    text = Text(strict=True)
    assert text.t("format.period", first=first, last=second) == f"{first} to {second}"


@given(st.text())
def test_a_word_of_a_table_is_named_or_shown(word: str) -> None:
    assert Text(strict=True).name("country", "~" + word) == "~" + word


@pytest.mark.parametrize("lang", available())
def test_languages_have_the_keys_and_placeholders_of_english(lang: str) -> None:
    english, other = catalogue(REFERENCE), catalogue(lang)
    assert set(other) <= set(english)
    for key, entry in other.items():
        wanted = set().union(*map(placeholders, forms(english[key])))
        for form in forms(entry):
            assert placeholders(form) <= wanted, key
            assert form.strip() == form or key.startswith("format."), key
            assert form, key


def test_every_key_in_the_code_exists() -> None:
    families = {key.split(".")[0] for key in catalogue(REFERENCE)}
    used = {word for word in words_in_code() if word.split(".")[0] in families}
    # Names of files and of attributes in strings look like keys too.
    used -= {"report.html", "report.css"}
    assert used - set(catalogue(REFERENCE)) == set()


def test_every_key_is_used() -> None:
    used = words_in_code()
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    put_together = {  # f"recipients.{key}" and the like, whose last parts stand in a tuple or a list nearby
        key
        for key in catalogue(REFERENCE)
        if re.search(rf'f"{re.escape(key.rpartition(".")[0])}\.{{', source)
        and f'"{key.rpartition(".")[2]}"' in source
    }
    titles = {key for key in catalogue(REFERENCE) if key.endswith(".title")}
    left = {
        key
        for key in set(catalogue(REFERENCE)) - used - put_together - titles
        if not FAMILIES.fullmatch(key.split(".")[0]) and f'"{key}"' not in source
    }
    assert left == set()


def test_every_title_belongs_to_a_section() -> None:
    titles = {key.removesuffix(".title") for key in catalogue(REFERENCE) if re.fullmatch(r"\w+\.title", key)}
    assert set(SECTIONS) <= titles
    assert titles - set(SECTIONS) <= {"document", "evidence", "coverage", "repeat"}


def test_every_layer_has_a_name() -> None:
    layers = {*STRUCTURE, *_core.layers()}
    assert sorted(layer for layer in layers if f"layer.{layer}" not in catalogue(REFERENCE)) == []


def test_structure_names_only_layers_that_exist() -> None:
    assert sorted(STRUCTURE - set(_core.layers())) == []


def test_a_cipher_is_named_by_its_own_name() -> None:
    words = Words(Text(strict=True))
    assert words.layer("aes-128-cbc") == "Cipher AES-128-CBC"
    assert "cipher" not in words.encodings(["base64", "gzip"])


def test_every_kind_of_data_has_a_name() -> None:
    data = tomllib.loads((FOLDER.parent / "knowledge" / "data.toml").read_text(encoding="utf-8"))
    known = {row["id"] for row in data["datum"]}
    named = {key.removeprefix("datum.") for key in catalogue(REFERENCE) if key.startswith("datum.")}
    assert named == known


@pytest.mark.parametrize("rule", RULES)
def test_rules_say_what_they_show_and_what_not(rule: str) -> None:
    text = Text(strict=True)
    for part in ("title", "shows", "why", "how_found", "does_not_show"):
        assert text.t(f"rule.{rule}.{part}", recipient="x.example")
    assert "does not show" in text.t(f"rule.{rule}.does_not_show")


def test_encodings_are_never_called_encryption() -> None:
    sentence = Text(strict=True).t("disguise_sentence.encoding", layers="base64, gzip")
    assert "encoding" in sentence
    assert "encrypt" not in sentence


def test_the_same_words_for_every_company() -> None:
    companies = r"xiaomi|oppo|oneplus|huawei|samsung|meta\b|facebook|microsoft|tiktok|tencent|alibaba"
    said = [form for entry in catalogue(REFERENCE).values() for form in forms(entry)]
    assert [form for form in said if re.search(companies, form, re.I)] == []
    alarm = r"\bsp(y|ies|ying|yware)\b|steal|stolen|malicious|suspicious|dangerous|threat|leak"
    assert [form for form in said if re.search(alarm, form, re.I)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_words_of_their_own(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", source, flags=re.S)
    outside = re.sub(r"<[^>]*>", " ", bare)
    assert re.findall(r"\w+", outside) == []
    shown = re.findall(r'(?:aria-label|data-label|title|alt|placeholder)="([^"]*)"', bare)
    assert [value for value in shown if value.strip()] == []


def test_the_style_sheet_holds_no_words() -> None:
    source = (FOLDER / "templates" / "report.css").read_text(encoding="utf-8")
    assert set(re.findall(r"content: ([^;]+);", source)) <= {"counter(step)", '""', "attr(data-label)"}
    assert "url(" not in source
    assert "@import" not in source
