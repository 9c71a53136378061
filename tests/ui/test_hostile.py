"""Nothing that a packet, a file or its name says reaches the terminal as a command."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

from frames import CLIENT_HOST, MS, SERVER_HOST, START, tcp_records, udp
from screenplay import settled, text_of, write_pcap
from textual.pilot import Pilot

from wirestep.model import Record, Side
from wirestep.ui.screens.inspector import Inspector

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[int], Inspector]]]
EVIL = b"\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m[red]bold[/red]"
BIDI = "\u202eevil\u2066\u200f".encode()
ORDERS = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def name(*labels: bytes) -> bytes:
    """A name as DNS writes it (RFC 1035 3.1)."""
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def query(number: int, *labels: bytes) -> Record:
    """A question for an address (RFC 1035 4.1)."""
    data = bytes.fromhex("1d2c 0100 0001 0000 0000 0000") + name(*labels) + b"\0\1\0\1"
    frame = udp(CLIENT_HOST, 5353, SERVER_HOST, 53, data)
    return Record(number, START + number * MS, frame, len(frame))


def records() -> list[Record]:
    """A question, and a request and its answer, all of them hostile."""
    asked = b"GET /" + EVIL.replace(b" ", b"") + b" HTTP/1.1\r\nHost: " + BIDI + b"\r\n\r\n"
    head = b"HTTP/1.1 200 " + EVIL + b"\r\nServer: " + EVIL + BIDI
    answer = head + b"\r\nContent-Length: 50\r\n\r\n" + (EVIL + BIDI + b"." * 50)[:50]
    talk = tcp_records([(Side.CLIENT, asked), (Side.SERVER, answer)], 80)
    first = [query(0, EVIL[:40], BIDI), query(1, b"plain", b"example")]
    later = (replace(r, number=n, time=r.time + 99 * MS) for n, r in enumerate(talk, 2))
    return [*first, *later]


def harmless(pilot: Pilot[int]) -> bool:
    """Whether no line of the screen holds anything that a terminal obeys."""
    return all(not ORDERS.search(line) for line in text_of(pilot).split("\n"))


async def test_no_screen_passes_commands_on(stage: Open, tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "a\x1b[2J[b].pcap", records())
    async with stage(path) as (pilot, _):
        assert "\\x1b" in text_of(pilot)
        for key in ("2", "plus", "plus", "3", "asterisk", "4", "u", "backslash"):
            await pilot.press(key)
            for _ in range(4):
                await pilot.press("down")
                await pilot.pause(0.05)
                assert harmless(pilot)
        await pilot.press("q", "1", "G", "v")
        await pilot.pause(0.1)
        assert "client" in text_of(pilot)
        assert harmless(pilot)
        await pilot.press("t")
        assert harmless(pilot)
        await pilot.press("q", "C")
        await pilot.pause(0.1)
        assert harmless(pilot)
        await pilot.press("q", "i")
        await pilot.pause(0.1)
        assert harmless(pilot)


async def test_markup_is_not_read_as_markup(stage: Open, tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "[red]a[b].pcap", records())
    async with stage(path) as (pilot, screen):
        await settled(pilot)
        assert "[red]a[b].pcap" in text_of(pilot)
        await pilot.press("G")
        screen.apply_filter("http")
        await settled(pilot)
        assert "[red]" in text_of(pilot)


async def test_what_is_typed_and_said_is_harmless(stage: Open) -> None:
    async with stage("dns-records") as (pilot, screen):
        await pilot.press("f")
        screen.prompt.query_one("#typed").value = 'dns == "\x1b[2J\u202e'  # type: ignore[attr-defined]
        await pilot.pause(0.1)
        assert not any(ORDERS.search(line) for line in text_of(pilot).split("\n")[3:])
        screen.say("\x1b]52;c;x\x07[bold]", "bad")
        await pilot.press("escape")
        await pilot.pause(0.1)
        assert "[bold]" in text_of(pilot)
        assert harmless(pilot)
