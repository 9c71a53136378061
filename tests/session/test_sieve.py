"""Filters over whole sessions: what comes out is what decoding every record gives."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from frames import TcpWire

from wirestep.capture import Capture, Interface, PcapngWriter, load, open_capture
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Side
from wirestep.protocols import REGISTRY
from wirestep.session import Session
from wirestep.session import groups as grouping
from wirestep.session.filtering import frame_values
from wirestep.session.scanning import windows
from wirestep.session.search import wanted
from wirestep.session.sieve import Sieve
from wirestep.timeline.analysis import TcpAnalysis
from wirestep.timeline.select import compile_filter

FOLDER = Path(__file__).parents[2] / "captures"
CORPUS = Path(os.environ.get("WIRESTEP_CORPUS", FOLDER / "none"))
BUNDLED = (
    "arp-ping",
    "dns-delegation",
    "http1-keepalive",
    "http2-streams",
    "page-load",
    "quic-http3",
    "tcp-loss",
    "tls13-full",
    "traceroute",
    "websocket-chat",
)
CAPTURES = [FOLDER / f"{name}.pcapng" for name in BUNDLED] + sorted(
    path for path in CORPUS.glob("*") if ".pcap" in path.name
)
FILTERS = """
http
!http && tcp
http.response.code == 200 or http.request.method == "GET"
tls.handshake.type == 1
tls.record.content_type == 23 and tcp.port == 443
dns.qry.name contains "e" && !(dns.flags.response == 1)
dns or quic or http2
http2.headers.method == "GET" xor ip.src < ip.dst
icmp or icmpv6 or arp
ip.ttl < 64 and tcp.stream in {0, 2..5}
tcp.options.mss_val > 0
tcp.time_delta > 0.001 && tcp.len > 0
udp.stream == 1 || dns.id & 1
frame contains "GET"
frame matches "h.tp" and tcp
frame[12:2] == 08:00 && !dns
websocket || http3
eth.src[0] & 2 and frame.number % 3 == 1
ip.addr == 10.0.0.0/8 and not tcp.flags.syn == 1
""".strip().splitlines()


@cache
def capture_of(path: Path) -> Capture:
    capture = open_capture(str(path))
    for _ in load(capture):
        pass
    return capture


def expected(path: Path) -> dict[str, list[int]]:
    """By filter: the records that pass when all are decoded in order."""
    capture = capture_of(path)
    wishes = {text: compile_filter(text, REGISTRY) for text in FILTERS}
    names = frozenset().union(*(wish.names for wish in wishes.values()))
    engine = Engine(REGISTRY, Secrets(capture.secrets))
    found: dict[str, list[int]] = {text: [] for text in FILTERS}
    for record in capture:
        frame = frame_values(engine.feed(record, wanted=names), REGISTRY, record.data)
        for text, wish in wishes.items():
            if wish.matches(frame):
                found[text].append(record.number)
    return found


def sifted(
    capture: Capture, text: str, *, whole: bool, secrets: Secrets | None = None
) -> list[int]:
    sieve = Sieve(
        capture,
        REGISTRY,
        Secrets(capture.secrets) if secrets is None else secrets,
        compile_filter(text, REGISTRY),
        whole=lambda: whole,
    )
    while sieve.step():
        pass
    assert sieve.finished
    found: list[int] = sieve.rows.tolist()
    return found


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_a_sieve_finds_what_decoding_everything_finds(path: Path) -> None:
    capture = capture_of(path)
    for text, records in expected(path).items():
        assert sifted(capture, text, whole=True) == records, text
        assert sifted(capture, text, whole=False) == records, text


@pytest.mark.parametrize("name", ["tls13-full", "page-load", "http2-streams"])
def test_nothing_is_missed_of_conversations_that_no_secret_opens(name: str) -> None:
    capture = capture_of(FOLDER / f"{name}.pcapng")
    for text in (
        "http",
        "http2",
        "!http && tcp",
        "tls.handshake.type",
        "data || dns",
        "tls.record",
    ):
        secrets = Secrets()
        in_order = sifted(capture, text, whole=True, secrets=secrets)
        assert sifted(capture, text, whole=False, secrets=secrets) == in_order, text


def test_what_tcps_analysis_says_is_told_without_decoding() -> None:
    path = FOLDER / "tcp-loss.pcapng"
    capture = capture_of(path)
    analysis = TcpAnalysis()
    analysis.extend(capture.columns, lambda row: capture[row].data)
    text = "tcp.analysis.retransmission or tcp.analysis.duplicate_ack"
    wish = compile_filter(text, REGISTRY)
    view = analysis.view()
    sieve = Sieve(capture, REGISTRY, Secrets(), wish, analysis=lambda: view)
    assert sieve.judge()
    assert sieve.finished
    assert sieve.rows.tolist() == sifted(capture, text, whole=True)
    assert len(sieve.rows)


def test_what_has_not_been_analysed_yet_waits() -> None:
    capture = capture_of(FOLDER / "tcp-loss.pcapng")
    wish = compile_filter("tcp.analysis.retransmission", REGISTRY)
    sieve = Sieve(capture, REGISTRY, Secrets(), wish, analysis=lambda: None)
    assert not sieve.step()
    assert not sieve.finished
    assert not len(sieve.rows)


def talk(wire: TcpWire, count: int) -> None:
    for number in range(count):
        wire.put(Side.CLIENT, b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number)
        wire.put(Side.SERVER, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


def written(path: Path, wire: TcpWire) -> str:
    with path.open("wb") as file:
        writer = PcapngWriter(file, application="tests")
        writer.interface(Interface(name="eth0", link=1))
        for record in wire.records:
            writer.packet(record)
    return str(path)


@pytest.mark.parametrize("whole", [4, 30_000])
@pytest.mark.parametrize("text", ["http.response.code == 404", "tcp.len > 0", 'frame contains "4"'])
def test_a_filter_follows_a_capture_that_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: int, text: str
) -> None:
    monkeypatch.setattr(grouping, "WHOLE", whole)
    wire = TcpWire(client_port=50001)
    wire.open()
    talk(wire, 30)
    data = Path(written(tmp_path / "long.pcapng", wire)).read_bytes()
    inner, outer = os.pipe()
    with open(inner, "rb", buffering=0) as stream:
        with open(outer, "wb", buffering=0) as end:
            end.write(data[: len(data) // 2])
            session = Session.open("-", stream=stream)
            session.set_filter(text)
            while session._worker.step():
                pass
            early = session._sieve.rows.tolist() if session._sieve else []
            end.write(data[len(data) // 2 :])
        session.settle()
        assert session._sieve is not None
        assert 0 < len(early) < session.count
        assert session._sieve.rows.tolist()[: len(early)] == early
        assert session._sieve.rows.tolist() == sifted(session.capture, text, whole=True)
        session.close()


def test_secrets_that_come_late_are_used() -> None:
    capture = capture_of(FOLDER / "tls13-full.pcapng")
    assert capture.secrets
    secrets = Secrets()
    wish = compile_filter("tls.handshake.type == 11", REGISTRY)
    for whole in (True, False):
        sieve = Sieve(capture, REGISTRY, secrets, wish, whole=lambda whole=whole: whole)  # type: ignore[misc]
        while sieve.step():
            pass
        if whole:
            assert not len(sieve.rows)
            secrets.add(capture.secrets)
            while sieve.step():
                pass
        assert len(sieve.rows) == 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("host: A", "text"),
        ("48 6f 73 74", "hex"),
        ("GET /1[0-2] ", "regex"),
        ("^.{6}\\x02", "regex"),
    ],
)
def test_bytes_are_found_where_each_frame_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, kind: str
) -> None:
    monkeypatch.setattr("wirestep.session.scanning.WINDOW", 700)
    wire = TcpWire(client_port=50001)
    wire.open()
    talk(wire, 20)
    session = Session.open(written(tmp_path / "talk.pcapng", wire))
    session.load()
    forward = [r for r in session.find(text, 0, 1, kind=kind, where="bytes") if r is not None]
    last = session.total
    backward = [r for r in session.find(text, last, -1, kind=kind, where="bytes") if r is not None]
    what = wanted(text, kind).pattern
    there = [n for n in range(last) if what.search(session.capture[n].data)]
    assert forward == [n for n in there if n > 0]
    assert backward == there[::-1]
    assert there
    session.set_filter("ip.src < ip.dst")
    shown = session._sieve.rows.tolist() if session._sieve else []
    found = [r for r in session.find(text, -1, 1, kind=kind, where="bytes") if r is not None]
    assert found == [n for n in there if n in shown]
    session.close()


def test_what_lies_over_two_frames_is_not_found(tmp_path: Path) -> None:
    wire = TcpWire(client_port=50001)
    wire.open()
    talk(wire, 3)
    path = written(tmp_path / "talk.pcapng", wire)
    capture = capture_of(Path(path))
    data = Path(path).read_bytes()
    columns = capture.columns
    stop = int(columns.offset[3]) + int(columns.caplen[3])
    over = data[stop - 2 : int(columns.offset[4]) + 2]
    [window] = windows(capture, np.arange(capture.count))
    assert not window.holding(over).any()
    assert window.holding(capture[3].data[-5:])[3]
    assert window.holding(b"").all()
