"""The stage that unlocks in an audit: keys from files, messages, devices and statistics, with proof."""

from __future__ import annotations

import base64
import json
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from tests.helpers import aes
from tests.helpers.command import clear_lines, here
from tests.helpers.hostile import entry, har

from waakzaam.audit import Audit, audit
from waakzaam.errors import WaakzaamError
from waakzaam.explain import compare, explain
from waakzaam.peel.closed import Asked
from waakzaam.phones.description import Phone
from waakzaam.sources.jail import Confinement

IMEI = "869836900602677"
KEY = b"0123456789abcdef"
FORM = "application/x-www-form-urlencoded"
PAGES = (
    "De krant van vandaag, met het weer en de beurs", "Een brief aan de dokter over slecht slapen",
    "Uitslag van de verkiezingen in de gemeente", "Hoe vraag ik een nieuw paspoort aan bij de stad",
    "Recept voor stoofvlees met bruin bier en ui", "Dienstregeling van de trein naar de kust",
    "Wat doet een notaris bij de koop van een huis", "Zoekertjes: fiets, kast en kleine vleugel",
)  # fmt: skip
URL = "https://telemetry.example/log"
PHONE = Phone(known=[("device-id/imei", IMEI)])
Capture = pytest.CaptureFixture[str]


def event(number: int, **more: object) -> bytes:
    """What an app tells about itself; each number is another length."""
    told = {"imei": IMEI, "n": number, "event": "page_view", "items": ["item"] * (number % 4), **more}
    return json.dumps(told).encode()


def form(data: bytes, **fields: str) -> str:
    """A form with base64 of ``data`` in field ``d``."""
    more = "".join(f"&{name}={quote(value, safe='')}" for name, value in fields.items())
    return f"d={quote(base64.b64encode(data).decode(), safe='')}{more}"


def written(folder: Path, *bodies: str, name: str = "traffic.har", kind: str = FORM) -> Path:
    """A HAR with these bodies."""
    path = folder / name
    entries = [entry(f"{URL}?v=1", body, kind) for body in bodies]
    for each in entries:
        each["request"]["headers"] = [{"name": "Content-Type", "value": kind}]
    path.write_text(har(*entries))
    return path


def sealed(count: int = 6) -> list[str]:
    """Events under AES-CBC with a constant key and vector."""
    return [form(aes.cbc(KEY, KEY, event(number)), n=str(number)) for number in range(count)]


def constants(folder: Path, *lines: str) -> Path:
    """A file of constants out of an app."""
    path = folder / "constants.txt"
    path.write_text("\n".join(lines or ("com.example.app", "not-the-key-4711", KEY.decode(), "4711")) + "\n")
    return path


def rows(result: Audit, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = result.tables[name].to_pylist()
    return found


def imei_rows(result: Audit) -> list[dict[str, Any]]:
    return [row for row in rows(result, "sightings") if row["datum"] == "device-id/imei"]


def proven(result: Audit) -> list[bytes]:
    """Every sighting computed again from the evidence."""
    again = explain(rows(result, "sightings"), result.tables["evidence"], proofs=result.tables["proofs"])
    return [each.match for each in again]


def test_aes_of_the_tests_is_that_of_fips_197() -> None:
    plain = bytes.fromhex("00112233445566778899aabbccddeeff")
    assert aes.block(bytes(range(16)), plain).hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"
    assert aes.block(bytes(range(32)), plain).hex() == "8ea2b7ca516745bfeafc49904b496089"


def test_constants_handed_in_as_evidence_open_the_traffic(tmp_path: Path) -> None:
    result = audit([written(tmp_path, *sealed()), constants(tmp_path)], phone=PHONE)
    assert [row["format"] for row in rows(result, "evidence")] == ["har", "key-candidates"]
    found = imei_rows(result)
    assert len(found) == 6
    for row in found:
        assert row["disguise"] == "embedded-key"
        assert row["layers"] == ["form", "base64", "aes-128-cbc", "json"]
        assert f"key={KEY.hex()},iv={KEY.hex()}" in row["path"]
    proofs = {row["content"]: row for row in rows(result, "proofs")}
    proof = proofs[found[0]["proof"]]
    assert (proof["source"], proof["key"], proof["step"]) == ("key file", "constants.txt:3", 2)
    assert proof["bits"] >= 20
    assert proof["tried"] > 0
    assert set(proven(result)) == {IMEI.encode()}
    rules = {row["rule"]: row for row in rows(result, "findings")}
    assert set(rules) == {"device-identifier", "embedded-key"}
    for rule in rules.values():
        assert {"CWE-321", "CWE-329"} <= set(rule["references"])
        assert rule["disguise"] == "embedded-key"
    assert "MASVS-CRYPTO-1" in rules["embedded-key"]["references"]


def test_the_negative_twin_gives_none(tmp_path: Path) -> None:
    wrong = constants(tmp_path, "com.example.app", "not-the-key-4711")
    result = audit([written(tmp_path, *sealed()), wrong], phone=PHONE)
    assert imei_rows(result) == []
    assert rows(result, "proofs") == []
    assert {row["rule"] for row in rows(result, "findings")} == {"repeated-ciphertext"}


def test_a_key_file_by_option_and_one_that_holds_no_key(tmp_path: Path, capsys: Capture) -> None:
    traffic = written(tmp_path, *sealed())
    keys = tmp_path / "anything"
    keys.write_text(f"# two words\n{KEY.decode()}\n")
    ran = here(capsys, "audit", traffic, "--keys", keys, "--known", f"imei={IMEI}")
    assert ran.code == 0
    assert "The key is a constant from anything:2." in " ".join(ran.out.split()).replace(": the", ": The")
    keys.write_text("\n")
    ran = here(capsys, "audit", traffic, "--keys", keys)
    assert ran.code == 2
    assert clear_lines(ran) == [
        f"waakzaam: {keys}: holds no key; write one key on a line, of at most 512 bytes"
    ]


def test_a_logged_key_opens_and_claims_nothing_of_the_app(tmp_path: Path) -> None:
    hook = tmp_path / "hook.jsonl"
    hook.write_text(json.dumps({"algorithm": "AES/CBC", "key": KEY.decode(), "iv": KEY.decode()}) + "\n")
    result = audit([written(tmp_path, *sealed()), hook], phone=PHONE)
    assert {row["disguise"] for row in imei_rows(result)} == {"opaque"}
    assert {row["source"] for row in rows(result, "proofs")} == {"logged"}
    assert {row["rule"] for row in rows(result, "findings")} == {"device-identifier"}


def test_a_key_that_stands_in_the_message_is_shown_shortened(tmp_path: Path) -> None:
    keys = [f"{number}f0e1d2c3b4a5968"[:16] for number in range(5)]
    bodies = [
        json.dumps({"token": key, "data": base64.b64encode(aes.ecb(key.encode(), event(number))).decode()})
        for number, key in enumerate(keys)
    ]
    path = written(tmp_path, *bodies, kind="application/json")
    result = audit([path], phone=PHONE)
    found = imei_rows(result)
    assert len(found) == 5
    assert {row["source"] for row in rows(result, "proofs")} == {"beside it"}
    for row, key in zip(found, keys, strict=True):
        hidden = key.encode().hex()
        assert hidden not in row["path"]
        assert f"key={hidden[:4]}…{hidden[-4:]}" in row["path"]
    assert set(proven(result)) == {IMEI.encode()}
    shown = audit([path], phone=PHONE, show_values=True)
    assert keys[0].encode().hex() in imei_rows(shown)[0]["path"]
    assert "CWE-656" in rows(result, "findings")[0]["references"]


def test_a_value_of_the_device_is_tried_as_a_key(tmp_path: Path) -> None:
    android_id = "5e2f8a91c07b43d6"
    phone = Phone(known=[("device-id/imei", IMEI), ("device-id/android-id", android_id)])
    bodies = [form(aes.ecb(android_id.encode(), event(number))) for number in range(3)]
    result = audit([written(tmp_path, *bodies)], phone=phone)
    assert len(imei_rows(result)) == 3
    assert {row["key"] for row in rows(result, "proofs")} == {"device-id/android-id, of the device"}
    assert all(android_id.encode().hex() not in row["path"] for row in imei_rows(result))


def test_a_repeating_key_is_worked_out_from_several_messages(tmp_path: Path) -> None:
    bodies = [
        form(bytes(a ^ b for a, b in zip(event(n, page="prive"), cycle(b"k3y!x"), strict=False)))
        for n in range(6)
    ]
    result = audit([written(tmp_path, *bodies)], phone=PHONE)
    assert len(imei_rows(result)) == 6
    assert {row["source"] for row in rows(result, "proofs")} == {"worked out"}
    finding = next(row for row in rows(result, "findings") if row["rule"] == "embedded-key")
    assert {"CWE-321", "CWE-327", "CWE-326"} <= set(finding["references"])


def xored(plain: bytes) -> bytes:
    """A key of eight bytes again and again."""
    return bytes(a ^ b for a, b in zip(plain, cycle(bytes.fromhex("a73ce158920df46b")), strict=False))


@pytest.mark.parametrize("items", [2, 300, 12_000])
def test_a_repeating_key_is_worked_out_from_one_message_of_any_length(tmp_path: Path, items: int) -> None:
    plain = json.dumps({"imei": IMEI, "page": PAGES[1], "items": [f"item {n}" for n in range(items)]})
    result = audit([written(tmp_path, form(xored(plain.encode())))], phone=PHONE)
    assert len(imei_rows(result)) == 1
    assert {row["source"] for row in rows(result, "proofs")} == {"worked out"}
    assert proven(result)[0] == IMEI.encode()


@pytest.mark.parametrize("spoilt", [event(3, page=PAGES[3])[:90], bytes(range(100, 190))])
@pytest.mark.parametrize("first", [True, False])
def test_one_message_that_was_cut_or_is_another_does_not_spoil_the_others(
    tmp_path: Path, spoilt: bytes, first: bool
) -> None:
    bodies = [form(xored(event(n, page=PAGES[n]))) for n in (0, 1)]
    bodies.insert(0 if first else 2, form(xored(spoilt)))
    result = audit([written(tmp_path, *bodies)], phone=PHONE)
    assert len({row["message"] for row in imei_rows(result)}) == 2 + spoilt.startswith(b"{")


STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
SHUFFLED = str.maketrans(STANDARD, "".join(Random(5).sample(STANDARD, len(STANDARD))))


def telemetry(number: int) -> bytes:
    """What a kit tells about a phone; the known value stands in it."""
    said = {
        "device_id": IMEI, "os": "Android", "os_version": "13", "model": "SM-G991B",
        "event_name": "screen_view", "screen_name": "MainActivity", "language": "nl-NL",
        "timezone": "Europe/Brussels", "network_type": "wifi", "battery_level": 40 + number,
        "session_id": f"53dcfb83-76f8-4c93-a1c0-91a158c19a{number:02}", "seq": number,
    }  # fmt: skip
    return json.dumps(said, separators=(",", ":")).encode()


def open_or_equal(mine: int, other: int) -> bool:
    """True for a byte that is right, or left open."""
    return mine in (other, 0xFF)


def test_an_alphabet_of_its_own_is_worked_out_and_what_stays_open_is_marked(tmp_path: Path) -> None:
    own = [base64.b64encode(telemetry(number)).decode().translate(SHUFFLED) for number in range(3)]
    path = written(tmp_path, *(f"d={quote(each, safe='')}" for each in own))
    result = audit([path], phone=PHONE)
    found = imei_rows(result)
    assert len(found) == 3
    assert {tuple(row["layers"]) for row in found} == {("form", "base64-custom", "json")}
    assert set(proven(result)) == {IMEI.encode()}
    proofs = rows(result, "proofs")
    assert {(row["layer"], row["source"]) for row in proofs} == {("base64-custom", "worked out")}
    assert all(row["bits"] >= 20 for row in proofs)
    # Every byte that is given is right; what is not is 0xff, and the proof says how many there are.
    again = explain(rows(result, "sightings"), result.tables["evidence"], proofs=result.tables["proofs"])
    told = {row["derivation"] for row in proofs}
    plains = [step.data for each in again for step in each.steps if step.layer == "base64-custom"]
    assert len(plains) == 3
    for plain in plains:
        fits = [all(map(open_or_equal, plain, data)) for data in map(telemetry, range(3))]
        assert any(fits)
        right = telemetry(fits.index(True))
        decided = sum(mine == other for mine, other in zip(plain, right, strict=True))
        assert decided > 0.9 * len(right)
        assert decided == len(right) or f"{decided} of {len(right)} bytes decided" in told
    assert {row["disguise"] for row in found} == {"embedded-key"}


@pytest.mark.parametrize("count", [12, 90])
def test_an_alphabet_of_its_own_comes_off_long_values(tmp_path: Path, count: int) -> None:
    text = b"[" + b",".join(telemetry(n) for n in range(count)) + b"]"
    data = base64.b64encode(text).decode().translate(SHUFFLED)
    result = audit([written(tmp_path, f"d={quote(data, safe='')}")], phone=PHONE)
    assert len(imei_rows(result)) == count
    assert not rows(result, "limits")


def test_a_text_too_long_for_the_search_of_an_alphabet_is_told(tmp_path: Path) -> None:
    text = b"[" + b",".join(telemetry(n) for n in range(300)) + b"]"
    data = base64.b64encode(text).decode().translate(SHUFFLED)
    result = audit([written(tmp_path, f"d={quote(data, safe='')}")], phone=PHONE)
    assert not imei_rows(result)
    assert {row["what"] for row in rows(result, "limits")} == {"bytes of a text under an unknown alphabet"}


def test_all_values_of_a_field_are_opened_and_not_only_those_that_were_tried_first(tmp_path: Path) -> None:
    most = Asked.NOTHING.value[0]
    keys = [f"{number:02}e1d2c3b4a59687" for number in range(3 * most)]
    bodies = [
        json.dumps({"k": key, "data": base64.b64encode(aes.ecb(key.encode(), event(number))).decode()})
        for number, key in enumerate(keys)
    ]
    result = audit([written(tmp_path, *bodies, kind="application/json")], phone=PHONE)
    assert len(imei_rows(result)) == 3 * most


def test_a_cipher_in_a_cipher_has_two_proofs(tmp_path: Path) -> None:
    inner = base64.b64encode(aes.ecb(b"inner-key-000001", event(1))).decode()
    outer = aes.cbc(KEY, bytes(16), json.dumps({"v": 2, "payload": inner}).encode())
    keys = constants(tmp_path, KEY.decode(), "inner-key-000001", "no key at all")
    result = audit([written(tmp_path, form(outer))], phone=PHONE, keys=[keys])
    (row,) = imei_rows(result)
    assert row["layers"] == ["form", "base64", "aes-128-cbc", "json", "base64", "aes-128-ecb", "json"]
    proofs = [proof["step"] for proof in rows(result, "proofs") if proof["content"] == row["proof"]]
    assert proofs == [2, 5]
    assert proven(result) == [IMEI.encode()]


def test_one_field_in_two_files_is_opened_in_both(tmp_path: Path) -> None:
    bodies = sealed(6)
    one = written(tmp_path, *bodies[:3], name="one.har")
    two = written(tmp_path, *bodies[3:], name="two.har")
    result = audit([one, two, constants(tmp_path)], phone=PHONE)
    assert sorted(row["evidence"] for row in imei_rows(result)) == ["E1"] * 3 + ["E2"] * 3
    assert set(proven(result)) == {IMEI.encode()}


@pytest.mark.parametrize("kind", ["repeated-blocks", "equal-first-blocks", "same-keystream"])
def test_what_ciphertexts_tell_is_reported_and_computed_again(tmp_path: Path, kind: str) -> None:
    values = {
        "repeated-blocks": [aes.ecb(KEY, bytes(64) + event(number)) for number in range(2)],
        "equal-first-blocks": [aes.cbc(KEY, KEY, event(number)) for number in range(4)],
        "same-keystream": [aes.ctr(KEY, KEY, event(number, page=PAGES[number])) for number in range(8)],
    }[kind]
    result = audit([written(tmp_path, *map(form, values))], phone=PHONE)
    (weakness,) = rows(result, "weaknesses")
    assert weakness["kind"] == kind
    assert weakness["log2_chance"] <= -20
    (finding,) = rows(result, "findings")
    assert (finding["rule"], finding["severity"], finding["disguise"]) == (
        "repeated-ciphertext", "low", "opaque",
    )  # fmt: skip
    assert finding["weaknesses"] == ["W1"]
    (again,) = compare([weakness], result.tables["evidence"])
    assert next(value for _, value in again.values) in values
    with pytest.raises(WaakzaamError, match="not proven"):
        compare([{**weakness, "count": weakness["count"] + 1}], result.tables["evidence"])


def test_good_encryption_is_no_finding(tmp_path: Path) -> None:
    values = [aes.cbc(KEY, bytes([7 * number] * 16), event(number)) for number in range(4)]
    result = audit([written(tmp_path, *map(form, values))], phone=PHONE)
    assert rows(result, "findings") == []
    (closed,) = rows(result, "opaque")
    assert (closed["place"], closed["values"], closed["disguise"]) == ("body | form:d", 4, "opaque")


def test_a_format_that_only_the_recipient_can_read_is_listed_and_not_accused(tmp_path: Path) -> None:
    value = aes.cbc(KEY, KEY, event(1))
    path = tmp_path / "traffic.har"
    sent = entry("https://tracking.intl.miui.com/track/v4", form(value))
    sent["request"]["headers"] = [
        {"name": "OT_SID", "value": "1"},
        {"name": "OT_protocol", "value": "3.0"},
        {"name": "Content-Type", "value": FORM},
    ]
    path.write_text(har(sent))
    result = audit([path], phone=PHONE)
    (closed,) = rows(result, "opaque")
    assert (closed["format"], closed["disguise"]) == ("onetrack", "to-recipient")
    assert "wrapped for this device" in closed["text"]
    assert rows(result, "findings") == []


def test_text_and_tokens_cost_no_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a child was started")

    monkeypatch.setattr("waakzaam.peel.stage.run", never)
    digest = "0cc175b9c0f1b6a831c399e269772661"
    path = written(tmp_path, f"session={digest}&name=a+longer+name&id=d8c5d86c-2754-4dca-a962-5af5184dbea1")
    assert rows(audit([path], phone=PHONE), "opaque") == []


def test_a_child_that_fails_is_a_row_and_the_audit_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from waakzaam.peel import stage
    from waakzaam.sources import jail

    def starved(path: Path, job: jail.Job, confinement: Confinement) -> Any:
        return jail.run(path, job, Confinement(memory=64 << 20, seconds=confinement.seconds))

    monkeypatch.setattr(stage, "run", starved)
    monkeypatch.setattr(stage, "_frame", lambda _name, _table: b"no frame at all")
    result = audit([written(tmp_path, *sealed()), constants(tmp_path)], phone=PHONE)
    assert imei_rows(result) == []
    assert [row["code"] for row in rows(result, "problems")] == ["crash"]


def test_work_without_a_key_is_limited_and_the_limit_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waakzaam.peel.stage.WORK", 1)
    monkeypatch.setattr("waakzaam.peel.stage.WORK_PER_BYTE", 0)
    bodies = [form(aes.cbc(KEY, KEY, event(number)), token=f"{number}abcdef9876543") for number in range(3)]
    result = audit([written(tmp_path, *bodies)], phone=PHONE)
    (limit,) = [row for row in rows(result, "limits") if row["what"] == "work of unlocking"]
    assert limit["place"].startswith("of 3 closed values; the first: message ")


def test_the_answer_is_the_same_on_every_run(tmp_path: Path) -> None:
    paths = [written(tmp_path, *sealed()), constants(tmp_path)]
    one, two = (audit(paths, phone=PHONE) for _ in range(2))
    for name in ("sightings", "proofs", "opaque", "weaknesses", "findings", "limits"):
        assert rows(one, name) == rows(two, name), name
