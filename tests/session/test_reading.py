"""A message is the same however one comes to it."""

from __future__ import annotations

from pathlib import Path

from frames import tcp_records
from screenplay import write_pcap

from wirestep.model import Side
from wirestep.session import Session
from wirestep.session.reading import CHECKPOINT, REPLAYED


def test_stepping_back_and_leaping_show_what_reading_on_shows(tmp_path: Path) -> None:
    turns = [
        (side, text % number)
        for number in range(CHECKPOINT)
        for side, text in (
            (Side.CLIENT, b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"),
            (Side.SERVER, b"HTTP/1.1 204 No Content\r\nETag: %d\r\n\r\n"),
        )
    ]
    session = Session.open(write_pcap(tmp_path / "long.pcap", tcp_records(turns, 80)))
    session.settle()
    assert session.total > CHECKPOINT + 2 * REPLAYED
    forward = [session.frame(record) for record in range(session.total)]
    assert any("GET /200 " in node.shown for node in forward[403].nodes)
    for record in (*range(CHECKPOINT + 90, CHECKPOINT - 10, -1), 500, 3, 300, 290, 510, 255):
        assert session.frame(record) == forward[record]
    session.close()
