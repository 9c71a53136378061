"""A frame's line says what its innermost messages say."""

from frames import tcp_records, udp_records

from wirestep.decode.engine import Engine
from wirestep.model import Record, Side
from wirestep.protocols import REGISTRY
from wirestep.timeline.summary import MAX_INFO, line


def lines(records: list[Record]) -> list[tuple[str, str]]:
    engine = Engine(REGISTRY)
    said = [line(engine.feed(record)) for record in records]
    return [(each.label, each.info) for each in said]


def test_a_datagram_speaks_for_what_it_carries() -> None:
    query = bytes.fromhex("3a7d01000001000000000000") + b"\3www\0\0\1\0\1"
    [(label, info)] = lines(udp_records([(Side.CLIENT, query)], 53))
    assert label == "DNS"
    assert "www" in info


def test_bytes_nobody_reads_leave_the_carrier_speaking() -> None:
    [(label, info)] = lines(udp_records([(Side.CLIENT, b"\x99" * 20)], 40999))
    assert label == "UDP"
    assert info.endswith("Len=20")


def test_two_messages_in_a_segment_are_both_said() -> None:
    request = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
    said = lines(tcp_records([(Side.CLIENT, request % 1 + request % 2)], 80))
    assert said[3] == ("HTTP", "GET /1 HTTP/1.1, GET /2 HTTP/1.1")


def test_escape_sequences_do_not_get_through() -> None:
    request = b"GET /\x1b]52;c;AAAA\x07\xc2\x9b31m HTTP/1.1\r\nHost: a\r\n\r\n"
    said = lines(tcp_records([(Side.CLIENT, request)], 80))
    assert said[3][0] == "HTTP"
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in said[3][1])
    assert "\\x1b" in said[3][1]


def test_an_endless_line_is_cut() -> None:
    request = b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"
    said = lines(tcp_records([(Side.CLIENT, request)], 80))
    assert any(len(info) == MAX_INFO for _, info in said)


def test_an_empty_frame_has_a_line() -> None:
    assert lines([Record(0, 0, b"", 0)])[0][0]
