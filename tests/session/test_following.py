"""Streams followed at every level, against what tshark follows."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from frames import tcp_records

from wirestep.capture import Interface, LiveCapture
from wirestep.model import Side
from wirestep.protocols import REGISTRY
from wirestep.session import Session
from wirestep.session.following import MAX_BYTES, Following

FOLDER = Path(__file__).resolve().parents[2] / "captures"
C, S = Side.CLIENT, Side.SERVER
needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def followed(name: str, flow: int = 0) -> Following:
    session = Session.open(str(FOLDER / f"{name}.pcapng"))
    session.load()
    found = session.following(flow)
    found.finish()
    return found


def said(found: Following, level: str) -> dict[bool, bytes]:
    """By client or not: all bytes of that side."""
    [key] = [one.key for one in found.levels() if one.name == level]
    turns = found.turns(key)
    assert all(a.client != b.client for a, b in pairwise(turns))
    assert all(turn.began <= turn.time for turn in turns)
    return {
        client: b"".join(t.data for t in turns if t.client == client) for client in (True, False)
    }


def by_tshark(name: str, what: str, *numbers: int) -> set[bytes]:
    """The bytes of both sides, whichever is which."""
    wish = ",".join(["follow", what, "raw", *map(str, numbers)])
    command = ["tshark", "-q", "-n", "-r", str(FOLDER / f"{name}.pcapng"), "-z", wish]
    text = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    sides: dict[bool, list[str]] = {True: [], False: []}
    for line in text.splitlines():
        hex_digits = line.strip()
        if hex_digits and set(hex_digits) <= set("0123456789abcdef"):
            sides[line.startswith("\t")].append(hex_digits)
    return {bytes.fromhex("".join(parts)) for parts in sides.values()}


@needs_tshark
@pytest.mark.parametrize(
    ("name", "level", "theirs"),
    [
        ("http1-keepalive", "tcp", ("tcp", 0)),
        ("tcp-loss", "tcp", ("tcp", 0)),
        ("websocket-chat", "tcp", ("tcp", 0)),
        ("quic-http3", "udp", ("udp", 0)),
        ("tls12-full", "tls", ("tls", 0)),
        ("tls13-full", "tls", ("tls", 0)),
        ("quic-http3", "quic:0", ("quic", 0, 0)),
        ("quic-http3", "quic:8", ("quic", 0, 8)),
    ],
    ids=lambda value: value if isinstance(value, str) else "-",
)
def test_the_same_bytes_as_tshark(name: str, level: str, theirs: tuple[str, int]) -> None:
    ours = said(followed(name), level)
    assert any(ours.values())
    assert set(ours.values()) == by_tshark(name, *theirs)


@needs_tshark
def test_what_tshark_shows_of_longer_streams_is_the_start_of_ours() -> None:
    """tshark 4.0 stops after the first record of several that one packet completes."""
    found = followed("http2-streams")
    client, server = said(found, "tls").values()
    theirs = sorted(by_tshark("http2-streams", "tls", 0), key=len)
    assert theirs[0] == client
    assert len(theirs[1]) > 16_000
    assert server.startswith(theirs[1])
    # It writes headers with their lengths; what follows them is the same.
    body = said(found, "http2:1")[False].partition(b"server: h2\n")[2]
    assert len(body) == 8_000
    longest = max(by_tshark("http2-streams", "http2", 0, 1), key=len)
    assert all(body[at : at + 40] in longest for at in (0, 500, 1_500, 2_500))


def test_messages_of_a_websocket() -> None:
    both = said(followed("websocket-chat"), "websocket")
    assert b"hello everybody in the room\n" in both[True]
    assert b"anna says: this message comes in three fragments\n" in both[False]


def test_the_levels_of_a_conversation() -> None:
    names = [level.name for level in followed("http2-streams").levels()]
    assert names[:3] == ["tcp", "tls", "http2:1"]
    assert len(set(names)) == len(names)


def test_it_grows_with_its_capture() -> None:
    text = [(C, b"\x81\x85\0\0\0\0hello"), (S, b"\x81\x05howdy"), (C, b"\x81\x82\0\0\0\0ok")]
    ask = b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    answer = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    records = tcp_records([(C, ask), (S, answer), *text], 80)
    live = LiveCapture("wire", [Interface("wire", link=1)])
    session = Session(live)
    seen: list[int] = []
    following: Following | None = None
    for place, record in enumerate(records):
        live.append([record])
        if place == len(records) - 1:
            live.end()
        while session._work_ready():
            if session.total > place:
                break
        if session.total and following is None:
            following = session.following(0)
        if following is not None:
            following.finish()
            seen.append(sum(len(turn.data) for turn in following.turns(("websocket", 0))))
    assert following is not None
    assert sorted(seen) == seen
    assert sorted(set(seen)) == [0, 6, 12, 15]
    turns = following.turns(("websocket", 0))
    assert [(turn.client, turn.data) for turn in turns] == [
        (True, b"hello\n"),
        (False, b"howdy\n"),
        (True, b"ok\n"),
    ]
    session.close()


def test_every_level_is_of_a_card_and_its_fields_are_in_its_table() -> None:
    offers = {name: card.follow for name, card in REGISTRY.cards.items() if card.follow}
    for name, offer in offers.items():
        assert offer is not None
        for field in (*offer.data, offer.stream, offer.offset, offer.only):
            assert not field or field in REGISTRY[name].fields
        assert set(offer.lines) <= set(offer.data)
    assert MAX_BYTES > 0
