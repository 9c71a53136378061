"""What leaves the program: read again by others, whole, and without what is secret."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from frames import tcp

from wirestep.capture import Interface
from wirestep.capture.write import PcapngWriter
from wirestep.cli import main
from wirestep.model import Record
from wirestep.session import Session
from wirestep.session.exporting import FORMS, NoExport, Wish, export, export_file
from wirestep.session.shelf import find_bundled
from wirestep.timeline.export.redaction import REDACTED, Redactor

Json = dict[str, Any]
WEB = ("http1-keepalive", "http2-streams", "quic-http3", "page-load", "tls13-resumed-0rtt")
PARTS = ("blocked", "dns", "connect", "send", "wait", "receive")


def bundled(name: str) -> Session:
    path = find_bundled(name)
    assert path is not None
    session = Session.open(path)
    session.load()
    return session


def exported(session: Session, wish: Wish) -> bytes:
    out = io.BytesIO()
    for _ in export(session, wish, out, session.settle):
        pass
    return out.getvalue()


def har(name: str, **wish: Any) -> Json:
    log: Json = json.loads(exported(bundled(name), Wish("har", **wish)))["log"]
    return log


def shell(*arguments: str) -> list[list[str]]:
    """What tshark says, a list a line."""
    done = subprocess.run(
        ["tshark", *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    return [line.split("\t") for line in done.stdout.splitlines()]


@pytest.mark.parametrize("name", WEB)
def test_har_times_add_up_and_stand_in_order(name: str) -> None:
    entries = har(name)["entries"]
    assert entries
    for entry in entries:
        times = entry["timings"]
        spent = sum(times[part] for part in PARTS if times[part] >= 0)
        assert entry["time"] == pytest.approx(spent, abs=1e-3)
        assert times["ssl"] <= times["connect"]
        assert entry["response"]["status"] in range(100, 600)
        assert entry["response"]["content"]["size"] >= 0
    # A request whose connection had to be made started before it could be sent.
    assert entries[0]["timings"]["connect"] > 0


@pytest.mark.tshark
@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("http1-keepalive", ("http.request.full_uri", "http.response.code")),
        ("http2-streams", ("http2.headers.path", "http2.headers.status")),
    ],
)
def test_har_holds_the_requests_that_tshark_sees(name: str, fields: tuple[str, str]) -> None:
    path = find_bundled(name)
    assert path is not None
    rows = shell("-r", path, "-T", "fields", *(w for f in fields for w in ("-e", f)))
    asked = {one for row in rows for one in row[0].split(",") if one}
    answered = [one for row in rows for one in row[1].split(",") if one and one != "100"]
    entries = har(name)["entries"]
    urls = {entry["request"]["url"] for entry in entries}
    assert asked == ({url.partition(".org")[2] for url in urls} if "2" in fields[0] else urls)
    assert [str(entry["response"]["status"]) for entry in entries] == answered


@pytest.mark.skipif(
    not os.environ.get("WIRESTEP_HAR") or shutil.which("node") is None,
    reason="WIRESTEP_HAR names no folder with the npm package har-validator, or no node",
)
@pytest.mark.parametrize("name", WEB)
def test_har_validates_against_the_published_schema(name: str, tmp_path: Path) -> None:
    (tmp_path / "x.har").write_bytes(exported(bundled(name), Wish("har")))
    folder = Path(os.environ["WIRESTEP_HAR"]) / "node_modules" / "har-validator"
    script = (
        f"require({json.dumps(str(folder / 'lib' / 'promise.js'))})"
        f".har(JSON.parse(require('fs').readFileSync({json.dumps(str(tmp_path / 'x.har'))})))"
        ".catch(e => { console.error(JSON.stringify(e.errors || e.message)); process.exit(1) })"
    )
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


REQUEST = (
    b"POST /in?user=ann&access_token=s3cr3t HTTP/1.1\r\nHost: a.example\r\n"
    b"Authorization: Bearer s3cr3t\r\nCookie: sid=s3cr3t; theme=s3cr3t\r\n"
    b"Referer: http://ann:s3cr3t@a.example/?key=s3cr3t\r\n"
    b"Content-Type: application/json\r\nContent-Length: 38\r\n\r\n"
    b'{"name": "ann", "password": "s3cr3t"}\n'
)
RESPONSE = (
    b"HTTP/1.1 302 Found\r\nSet-Cookie: sid=s3cr3t; Path=/; HttpOnly\r\n"
    b"Location: /home?token=s3cr3t\r\nContent-Length: 0\r\n\r\n"
)
SYN, ACK = 2, 16


def login(folder: Path) -> Session:
    """A capture of somebody who logs in without TLS."""
    here, there = ("192.0.2.1", 50000), ("198.51.100.1", 80)
    frames = [
        tcp(*here, *there, seq=100, flags=SYN),
        tcp(*there, *here, seq=500, ack=101, flags=SYN | ACK),
        tcp(*here, *there, seq=101, ack=501, flags=ACK),
        tcp(*here, *there, data=REQUEST, seq=101, ack=501, flags=ACK),
        tcp(*there, *here, data=RESPONSE, seq=501, ack=101 + len(REQUEST), flags=ACK),
    ]
    path = folder / "login.pcapng"
    with path.open("wb") as file:
        writer = PcapngWriter(file, application="test")
        writer.interface(Interface("test", link=1))
        for number, frame in enumerate(frames):
            told = ("look here",) if number == 3 else ()
            writer.packet(Record(number, (number + 1) * 10**9, frame, len(frame), comments=told))
    session = Session.open(str(path))
    session.load()
    return session


@pytest.mark.parametrize("form", [form for form in FORMS if form not in ("pcapng", "parquet")])
def test_no_secret_leaves_unless_it_is_told_to(form: str, tmp_path: Path) -> None:
    session = login(tmp_path)
    text = exported(session, Wish(form, fields=True)).decode()
    assert "s3cr3t" not in text
    assert form == "qlog" or "ann" in text
    if form in ("har", "ndjson"):
        assert "s3cr3t" in exported(session, Wish(form, fields=True, secrets=True)).decode()


def test_har_keeps_what_is_no_secret(tmp_path: Path) -> None:
    session = login(tmp_path)
    (entry,) = json.loads(exported(session, Wish("har")))["log"]["entries"]
    request, response = entry["request"], entry["response"]
    assert request["queryString"] == [
        {"name": "user", "value": "ann"},
        {"name": "access_token", "value": REDACTED},
    ]
    assert [one["name"] for one in request["cookies"]] == ["sid", "theme"]
    assert request["postData"]["text"] == '{"name": "ann", "password": "[redacted]"}\n'
    assert request["bodySize"] == 38
    assert request["headersSize"] == len(REQUEST) - 38
    assert response["headersSize"] == len(RESPONSE)
    assert response["cookies"] == [
        {"name": "sid", "value": REDACTED, "path": "/", "httpOnly": True}
    ]
    assert entry["timings"] == {
        "blocked": 1000.0,
        "dns": -1,
        "connect": 2000.0,
        "ssl": -1,
        "send": 0.0,
        "wait": 1000.0,
        "receive": 0.0,
    }


def test_words_that_only_look_like_secrets_stay() -> None:
    redactor = Redactor()
    for text in ("GET /a?page=2&sort=key", "tokens=3", "the key: value", "Client Hello"):
        assert redactor.text(text) == text
    assert redactor.text("GET /a?x=1&api-key=77&y=2") == "GET /a?x=1&api-key=[redacted]&y=2"
    assert redactor.header("Set-Cookie", "a=b; Path=/") == "a=[redacted]; Path=/"
    assert redactor.header("Proxy-Authorization", "Basic QQ==") == "Basic [redacted]"


def test_csv_is_the_packet_list_and_starts_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(exported(bundled("tls13-full"), Wish("csv")).decode())))
    assert rows[0] == ["No.", "Time", "Source", "Destination", "Protocol", "Length", "Info"]
    assert [row[0] for row in rows[1:]] == [str(n) for n in range(1, len(rows))]
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_ndjson_names_conversations_as_the_program_does() -> None:
    session = bundled("page-load")
    rows = [json.loads(one) for one in exported(session, Wish("ndjson")).splitlines()]
    mine = [
        json.loads(one) for one in exported(session, Wish("ndjson", 3, fields=True)).splitlines()
    ]
    assert {row["frame"] for row in rows} == set(range(1, session.capture.count + 1))
    assert {row["flow"] for row in mine} == {3}
    frames = {row["frame"] for row in rows if row["flow"] == 3}
    assert {row["frame"] for row in mine} == frames
    streams = {row["fields"].get("tcp.stream") for row in mine if row["protocol"] == "tcp"}
    streams |= {row["fields"].get("udp.stream") for row in mine if row["protocol"] == "udp"}
    assert streams == {int(session.capture.columns.flows.stream[3])}


def test_parquet_is_read_by_its_own_library(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    session = bundled("http1-keepalive")
    (tmp_path / "x.parquet").write_bytes(exported(session, Wish("parquet")))
    table = parquet.read_table(tmp_path / "x.parquet")
    rows = [json.loads(one) for one in exported(session, Wish("ndjson")).splitlines()]
    assert table.column("summary").to_pylist() == [row["summary"] for row in rows]
    assert table.column("frame").to_pylist() == [row["frame"] for row in rows]


def test_pcapng_has_keys_only_when_told_and_comments_always(tmp_path: Path) -> None:
    session = bundled("tls13-full")
    for secrets in (False, True):
        path = tmp_path / f"{secrets}.pcapng"
        for _ in export_file(session, Wish("pcapng", secrets=secrets), str(path), session.settle):
            pass
        again = Session.open(str(path))
        again.load()
        assert bool(again.capture.secrets) is secrets
        assert again.capture.count == session.capture.count
    assert stat.S_IMODE((tmp_path / "True.pcapng").stat().st_mode) == 0o600
    noted = exported(login(tmp_path), Wish("pcapng"))
    assert b"look here" in noted


def test_keys_of_others_do_not_leave(tmp_path: Path) -> None:
    session = bundled("tls13-full")
    other = b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48 + b"\n"
    session.keylog = other
    assert b"ab" * 32 not in exported(session, Wish("pcapng", secrets=True))


def test_no_file_is_written_over_and_none_is_left_half(tmp_path: Path) -> None:
    session = bundled("tls13-full")
    path = tmp_path / "x.csv"
    path.write_text("mine")
    with pytest.raises(NoExport, match="is there already"):
        list(export_file(session, Wish("csv"), str(path), session.settle))
    assert path.read_text() == "mine"
    list(export_file(session, Wish("csv"), str(path), session.settle, force=True))
    assert path.read_text().startswith('"No."')
    half = export_file(session, Wish("ndjson"), str(tmp_path / "y"), session.settle)
    next(half)
    half.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["x.csv"]


def test_the_command_filters_writes_and_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "x.ndjson")
    command = ["export", "-r", "http2-streams", "--as", "ndjson", "-Y", "http2.headers.path"]
    assert main([*command, "-o", out]) == 0
    assert "redacted" in capsys.readouterr().err
    frames = {json.loads(line)["frame"] for line in Path(out).read_text().splitlines()}
    assert frames == set(range(10, 16))
    assert main([*command, "-o", out]) == 2
    assert "-f writes over it" in capsys.readouterr().err
    assert main([*command, "-f", "-o", out]) == 0
    for wrong in (["--flow", "99"], ["-o", str(tmp_path / "no" / "x")], ["-Y", "nonsense"]):
        assert main([*command, "-f", "-o", out, *wrong]) == 2
        assert "Traceback" not in capsys.readouterr().err
