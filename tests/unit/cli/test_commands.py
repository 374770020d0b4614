"""The commands as a person and a script use them: help, exit codes, pipes, secrets, repetition."""

from __future__ import annotations

import html
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import jsonschema
import pyarrow as pa
import pytest
from tests.helpers.command import clear_lines, here, waakzaam
from tests.helpers.hostile import entry, har
from tests.helpers.packets import ANSWER, conversation, pcap, post

from waakzaam.cli import cli
from waakzaam.report.json import schema

FOLDER = Path(__file__).parents[3] / "examples" / "hashed-identifier"
EXAMPLE, PHONE = FOLDER / "capture.har", FOLDER / "phone.toml"
POSTED = pcap(conversation(post(b'{"android_id":"5e2f8a91c07b43d6"}'), ANSWER))
Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("command", ["", *cli.commands])
def test_every_command_has_help(command: str, capsys: Capture) -> None:
    for option in ("--help", "-h"):
        ran = here(capsys, *filter(None, [command]), option)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith("Usage: ")
    parameters = cli.commands[command].params if command else cli.params
    every = {name for parameter in parameters for name in parameter.opts if name.startswith("--")}
    assert every <= set(ran.out.replace(",", " ").split())


def test_the_version_and_the_bare_command(capsys: Capture) -> None:
    ran = here(capsys, "--version")
    assert (ran.code, ran.out.split()[0]) == (0, "waakzaam,")
    ran = here(capsys)
    assert ran.code == 2
    assert "Usage: " in ran.out + ran.err
    ran = here(capsys, "nonsense")
    assert ran.code == 2
    assert clear_lines(ran) == ["waakzaam: No such command 'nonsense'. See `waakzaam --help`."]


def test_exit_codes(capsys: Capture, tmp_path: Path) -> None:
    """0 done, 1 findings at or above --fail-on, 2 bad input, which weighs more."""
    # The example has findings that are low, and none that is higher.
    for severity, code in (("note", 1), ("low", 1), ("medium", 0)):
        assert here(capsys, "audit", EXAMPLE, "--fail-on", severity).code == code
    (tmp_path / "cut.har").write_bytes(EXAMPLE.read_bytes()[:-20])
    assert here(capsys, "audit", EXAMPLE, tmp_path / "cut.har", "--fail-on", "note").code == 2
    (tmp_path / "none.har").write_text(har(entry()))
    assert here(capsys, "audit", tmp_path / "none.har", "--fail-on", "note").code == 0


def test_standard_output_holds_the_report_and_nothing_else(capsys: Capture, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    ran = here(capsys, "audit", EXAMPLE, "--phone", PHONE, "--json", "-", "--html", page)
    assert (ran.code, ran.err) == (0, "")
    jsonschema.validate(json.loads(ran.out), schema())
    assert page.read_text().lower().startswith("<!doctype html>")


def test_standard_input(capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "capture.pcap"
    path.write_bytes(POSTED)
    told = json.loads(here(capsys, "audit", path, "--json", "-").out)
    listed = here(capsys, "messages", path).out
    with path.open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        ran = here(capsys, "audit", "-", "--json", "-", "--html", tmp_path / "page.html")
    assert (ran.code, ran.err) == (0, "")
    same = json.loads(ran.out)
    assert same["evidence"][0]["path"] == "-"
    assert same["evidence"][0]["sha256"] == told["evidence"][0]["sha256"]
    assert same["findings"] == told["findings"]
    with path.open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        ran = here(capsys, "messages", "-")
    assert (ran.code, ran.out, ran.err) == (0, listed, "")


@pytest.mark.parametrize(
    "arguments", [["audit", str(EXAMPLE)], ["messages", str(EXAMPLE)], ["facts", "miui"], ["formats"]]
)
def test_a_pipe_gets_no_progress_and_no_colour(arguments: list[str]) -> None:
    ran = waakzaam(*arguments)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out
    assert not set(ran.out) & {"\x1b", "\r"}


@pytest.mark.parametrize("refused", [False, True])
def test_a_terminal_gets_colour_unless_refused(refused: bool) -> None:
    """The other half of the test above: that there is something to be silent about."""
    master, slave = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm"}
    if refused:
        env["NO_COLOR"] = "1"
    command = [sys.executable, "-m", "waakzaam", "audit", str(EXAMPLE)]
    seen = b""
    with subprocess.Popen(command, stdout=slave, stderr=subprocess.PIPE, env=env) as process:
        os.close(slave)
        try:
            while chunk := os.read(master, 65536):
                seen += chunk
        except OSError:  # how Linux says that the other end is closed
            os.close(master)
    assert process.returncode == 0
    assert (b"\x1b[" in seen) is not refused


@pytest.mark.parametrize(
    "arguments", [["audit", str(EXAMPLE)], ["audit", str(EXAMPLE), "--json", "-"], ["messages", str(EXAMPLE)]]
)
def test_a_reader_that_goes_away_is_no_mistake(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "waakzaam", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


SECRETS = {
    "imei": "490154203237518",
    "serial": "R58M12ABCDE",
    "android_id": "5e2f8a91c07b43d6",
    "email": "an.peeters@behang.example",
    "phone_number": "+32470123456",
    "ssid": "ThuisnetPeeters",
    "wifi_mac": "58:cb:52:a1:b2:c3",
    "names": "Annelies Peeters-Vandamme",
    "visited": "https://www.ziekte.example/zeldzame-aandoening?patient=4711",
    "searched": "zeldzame aandoening behandeling",
}
CARD, LINE = "loyalty-4711-0815-9922", "7700900123"
ALL = [*SECRETS.values(), CARD, LINE]


@pytest.fixture
def planted(tmp_path: Path) -> list[str]:
    """A capture that sends every secret, and options that make them known."""
    phone, path = tmp_path / "phone.toml", tmp_path / "capture.har"
    known = "\n".join(f"{key} = {json.dumps(value)}" for key, value in SECRETS.items())
    other = f'other = [{{ datum = "identifier/card", value = "{CARD}" }}]'
    phone.write_text(f'brand = "Xiaomi"\n[known]\n{known}\n{other}\n')
    body = json.dumps({f"k{number}": value for number, value in enumerate(ALL)})
    path.write_text(har(entry(body=body, kind="application/json")))
    return [str(path), "--phone", str(phone), "--known", f"identifier/line={LINE}"]


def test_secrets_stay_out_of_every_report(planted: list[str], capsys: Capture, tmp_path: Path) -> None:
    told, page, kept = tmp_path / "r.json", tmp_path / "r.html", tmp_path / "r.duckdb"
    ran = here(capsys, "audit", *planted, "--json", told, "--html", page, "--case", kept)
    assert (ran.code, ran.err) == (0, "")
    report = json.loads(told.read_text())
    assert len(report["sightings"]) >= len(ALL) - 1
    outputs = {
        "terminal": ran.out,
        "JSON": json.dumps(report, ensure_ascii=False),
        "HTML": html.unescape(page.read_text()),
        "case": kept.read_bytes().decode("latin-1"),
    }
    found = [(where, secret) for where, text in outputs.items() for secret in ALL if secret in text]
    assert found == []


def test_secrets_are_shown_when_asked_for(planted: list[str], capsys: Capture) -> None:
    report = here(capsys, "audit", *planted, "--show-values", "--json", "-").out
    for secret in (SECRETS["imei"], SECRETS["email"], CARD, LINE):
        assert secret in report


@pytest.mark.parametrize("given", [["--known=imei=490154203237518"], ["--known", "imei=490154203237518"]])
def test_the_command_in_the_report_names_no_secret(
    given: list[str], capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, kept = tmp_path / "r.json", tmp_path / "r.duckdb"
    ran = here(capsys, "audit", EXAMPLE, *given, "--json", told, "--case", kept)
    assert ran.code == 0
    assert "imei=…" in json.loads(told.read_text())["report"]["command"]
    for text in (ran.out, told.read_text(), kept.read_bytes().decode("latin-1")):
        assert SECRETS["imei"] not in text


def test_two_runs_say_the_same(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "capture.pcap"
    path.write_bytes(POSTED)
    runs = []
    for _ in range(2):
        report = json.loads(here(capsys, "audit", EXAMPLE, path, "--phone", PHONE, "--json", "-").out)
        report["report"].pop("made_at")
        runs.append(json.dumps(report))
    assert runs[0] == runs[1]


@pytest.mark.parametrize("option", [[], ["--bodies"]])
def test_messages_are_json_lines(option: list[str], capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap(conversation(post(b'{"a":"\\u001b"}', path="/\x1b[2J"), ANSWER)))
    for evidence in (EXAMPLE, path):
        ran = here(capsys, "messages", evidence, *option)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.isascii()
        rows = [json.loads(line) for line in ran.out.splitlines()]
        counted = json.loads(here(capsys, "messages", evidence, "--count").out)
        for name in ("messages", "connections", "names", "problems", "limits"):
            assert counted[name] == sum(row["table"] == name for row in rows)
        assert counted["messages"] > 0
        assert any(row.get("body_sha256") for row in rows) is bool(option)


def test_facts_and_formats(capsys: Capture) -> None:
    assert here(capsys, "facts", "sa.api.intl.miui.com").out
    nothing = here(capsys, "facts", "no\x1b[31m-such-fact")
    assert nothing.code == 0
    assert "not that nothing is known" in nothing.out
    assert "\x1b" not in nothing.out
    assert here(capsys, "formats").out.startswith("capture: ")


def test_facts_of_a_day(capsys: Capture) -> None:
    """The two examples of the help, and a day on which nothing held yet."""
    law = here(capsys, "facts", "National Intelligence Law", "--at", "2021-07-31")
    assert (law.code, law.err) == (0, "")
    assert "article 7:" in law.out
    assert "debate, answer, Huawei" in law.out
    early = here(capsys, "facts", "Data Security Law", "--at", "2020-01-01")
    assert "none held or had been said on 2020-01-01" in early.out.replace("\n", " ")
    brazil = json.loads(here(capsys, "facts", "adequacy brazil", "--at", "2026-01-26", "--json").out)
    assert [row["title"] for row in brazil["facts"]] == ["Brazil on 2026-01-26: adequate"]
    assert brazil["at"] == "2026-01-26"
    wrong = here(capsys, "facts", "xiaomi", "--at", "31-07-2021")
    assert wrong.code == 2
    assert "Traceback" not in wrong.err


def test_tables_are_files(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "capture.pcap").write_bytes(POSTED)
    folder = tmp_path / "new" / "tables"
    ran = here(capsys, "messages", tmp_path / "capture.pcap", "--tables", folder)
    counted = json.loads(ran.out)
    listed = [
        json.loads(line) for line in here(capsys, "messages", tmp_path / "capture.pcap").out.splitlines()
    ]
    for name in ("messages", "connections", "names", "problems", "limits"):
        rows = pa.ipc.open_file(str(folder / f"{name}.arrow")).read_all()
        assert len(rows) == counted[name] == sum(row["table"] == name for row in listed)
    assert counted["messages"] == 2


def test_tables_that_cannot_be_written_are_told(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "capture.pcap").write_bytes(POSTED)
    ran = here(capsys, "messages", tmp_path / "capture.pcap", "--tables", tmp_path / "capture.pcap")
    assert ran.code == 2
    assert len(clear_lines(ran)) == 1
    assert "name another folder" in ran.err


def test_the_page_of_a_company(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "company.html"
    said = here(capsys, "facts", "tiktok", "--html", file)
    assert (said.code, said.out) == (0, f"{file}: what is recorded about ByteDance (TikTok)\n")
    both = here(capsys, "facts", "tiktok", "--html", file, "--json")
    assert json.loads(both.out)["query"] == "tiktok"
    page = file.read_text("utf-8")
    assert "the issue tracker of the project from which this copy of waakzaam was obtained" in page
    assert (
        here(capsys, "facts", "xiaomi", "--html", file, "--corrections", "post@publisher.example").code == 0
    )
    assert "post@publisher.example</strong>" in file.read_text("utf-8")
    monkeypatch.setenv("WAAKZAAM_CORRECTIONS", "<b>\x1b[2J")
    assert here(capsys, "facts", "oneplus", "--html", file, "--at", "2020-06-01").code == 0
    page = file.read_text("utf-8")
    assert "&lt;b&gt;\\x1b[2J</strong>" in page
    assert "OnePlus Technology (Shenzhen)" in page
    assert "OPlus group" not in page


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (
            ["xiaomo", "--html", "a.html"],
            "no company is recorded under 'xiaomo'; did you mean one of: Xiaomi",
        ),
        (["zzz\x1b[2J", "--html", "a.html"], "leave --html out to search all facts"),
        (["xiaomi", "--html", "no/such/folder/a.html"], "cannot be written"),
        (["xiaomi", "--html", "a.html", "--corrections", " "], "--corrections: no address"),
        (["xiaomi", "--html", "a.html", "--corrections", "x" * 301], "at most 300"),
        (["xiaomi", "--html", "a.html", "--lang", "xx"], "--lang xx"),
    ],
)
def test_what_is_wrong_with_a_page_is_one_line(
    arguments: list[str], wanted: str, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = here(capsys, "facts", *arguments)
    [line] = clear_lines(ran)
    assert wanted in line
    assert ran.code == 2
    assert not list(tmp_path.iterdir())


def test_a_report_names_where_to_ask_for_a_correction(capsys: Capture, tmp_path: Path) -> None:
    example = FOLDER.parent / "xiaomi-browser-2020"
    file = tmp_path / "report.html"
    ran = here(
        capsys, "audit", example / "capture.pcapng", "--phone", example / "phone.toml", "--html", file,
        "--corrections", "post@publisher.example",
    )  # fmt: skip
    assert ran.code == 0
    page = file.read_text("utf-8")
    assert "post@publisher.example</strong>" in page
    assert 'id="company-xiaomi"' in page
    assert page.count('href="#company-xiaomi"') >= 3  # recipients, owners (twice), countries
    wrong = here(capsys, "audit", EXAMPLE, "--corrections", "")
    assert wrong.code == 2
    assert "--corrections" in clear_lines(wrong)[0]
