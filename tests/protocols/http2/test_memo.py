"""Header blocks that come again: what was read before holds for as long as the table stays."""

from __future__ import annotations

import struct

from frames import tcp_records

from wirestep.decode.engine import Engine
from wirestep.model import Message, Side
from wirestep.protocols import REGISTRY

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SHRINK, GROW = b"\x20", b"\x3f\xe1\x1f"
"""The table has no room (all entries go), and has it again (RFC 7541 section 6.3)."""


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + struct.pack("!BBL", kind, flags, stream) + payload


def adds(path: bytes) -> bytes:
    """A request whose path becomes the newest entry (RFC 7541 section 6.2.1)."""
    return b"\x82\x87\x44" + bytes((len(path),)) + path


def read(blocks: list[bytes], full: bool) -> list[Message]:
    said = PREFACE + frame(4, 0, 0)
    for place, block in enumerate(blocks):
        said += frame(1, 5, 2 * place + 1, block)
    engine = Engine(REGISTRY)
    records = tcp_records(((Side.CLIENT, said),), 80)
    made = [message for record in records for message in engine.feed(record, full=full)]
    return [message for message in made if message.protocol == "http2"]


def test_a_block_says_something_else_once_the_table_has_changed() -> None:
    same = b"\x82\x87\xbe"
    blocks = [adds(b"/one"), same, same, adds(b"/two"), same, SHRINK + b"\x82\x87\x84", same]
    blocks += [GROW + adds(b"/three"), same, same]
    paths = ["/one", "/one", "/one", "/two", "/two", "/", "", "/three", "/three", "/three"]
    for full in (True, False):
        told = [message.brief for message in read(blocks, full)[2:]]
        assert told == [f"GET {path} [{2 * n + 1}]" for n, path in enumerate(paths)]


def test_both_gears_say_the_same_of_blocks_that_come_again() -> None:
    blocks = [b"\x82\x87\x84", b"\x82\x87\x84", adds(b"/a"), b"\x82\x87\xbe", b"\x82\x87\xbf"] * 3
    full, lean = read(blocks, True), read(blocks, False)
    assert [(m.summary, m.brief, m.answers) for m in full] == [
        (m.summary, m.brief, m.answers) for m in lean
    ]
