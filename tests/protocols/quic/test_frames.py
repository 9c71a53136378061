"""Frames, one of each kind, and any bytes at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trees import check_names, check_tree, flat

from wirestep.decode.cursor import Broken, Cursor
from wirestep.decode.lean import LeanCursor
from wirestep.model import Field, Source
from wirestep.protocols import REGISTRY
from wirestep.protocols.quic.frames import Bytes, Told, read_frames
from wirestep.protocols.quic.names import HANDSHAKE, INITIAL, ONE_RTT, ZERO_RTT

EVERY_NAME = frozenset(REGISTRY.fields) | {"unread"}


def full(data: bytes) -> tuple[Field, Told, str]:
    cursor, told, fault = Cursor(Source("frames", data)), Told(), ""
    try:
        read_frames(cursor, told)
    except Broken as error:
        fault = str(error)
    return cursor.finish("quic.decrypted"), told, fault


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        ("01", "PING", {}),
        ("000000", "", {"padding_length": 3}),
        (
            "03 4156 4789 02 03 04 05 06 07 11 52ab 13",
            "ACK_ECN",
            {
                "ack.largest_acknowledged": 342,
                "ack.ack_delay": 0x789,
                "ack.ack_range_count": 2,
                "ack.first_ack_range": 3,
                "ack.range": "339-342, 328-333, 313-320",
                "ack.ect0_count": 0x11,
                "ack.ect1_count": 0x12AB,
                "ack.ecn_ce_count": 0x13,
            },
        ),
        (
            "04 08 4101 8001f4a3",
            "RESET_STREAM(8)",
            {
                "rsts.stream_id": 8,
                "rsts.application_error_code": 257,
                "rsts.final_size": 0x1F4A3,
            },
        ),
        ("05 0c 4102", "STOP_SENDING(12)", {"ss.stream_id": 12, "ss.application_error_code": 258}),
        ("06 4abc 03 010203", "CRYPTO", {"crypto.offset": 0xABC, "crypto.length": 3}),
        ("07 04 a1b2c3d4", "NEW_TOKEN", {"nt.length": 4, "nt.token": b"\xa1\xb2\xc3\xd4"}),
        ("08 01 6162", "STREAM(1)", {"stream.stream_id": 1, "stream_data": b"ab"}),
        (
            "0f 17 4567 02 6162",
            "STREAM(23)",
            {
                "stream.stream_id": 23,
                "stream.offset": 0x567,
                "stream.length": 2,
                "stream.fin": 1,
                "stream.initiator": 1,
                "stream.direction": 1,
            },
        ),
        ("10 80123456", "MAX_DATA", {"md.maximum_data": 0x123456}),
        (
            "11 05 80123457",
            "MAX_STREAM_DATA(5)",
            {"msd.stream_id": 5, "msd.maximum_stream_data": 0x123457},
        ),
        ("12 4064", "MAX_STREAMS", {"ms.max_streams": 100}),
        ("14 4077", "DATA_BLOCKED", {"sb.stream_data_limit": 0x77}),
        (
            "15 09 4078",
            "STREAM_DATA_BLOCKED(9)",
            {"sdb.stream_id": 9, "sb.stream_data_limit": 0x78},
        ),
        ("17 4079", "STREAMS_BLOCKED", {"sib.stream_limit": 0x79}),
        (
            "18 05 04 03 c1c2c3 000102030405060708090a0b0c0d0e0f",
            "NEW_CONNECTION_ID",
            {
                "nci.sequence": 5,
                "nci.retire_prior_to": 4,
                "nci.connection_id.length": 3,
                "nci.connection_id": b"\xc1\xc2\xc3",
                "nci.stateless_reset_token": bytes(range(16)),
            },
        ),
        ("19 4321", "RETIRE_CONNECTION_ID", {"rci.sequence": 0x321}),
        ("1a 1112131415161718", "PATH_CHALLENGE", {"path_challenge.data": bytes(range(17, 25))}),
        ("1b 2122232425262728", "PATH_RESPONSE", {"path_response.data": bytes(range(33, 41))}),
        (
            "1c 4128 06 03 627965",
            "CONNECTION_CLOSE (CRYPTO_ERROR)",
            {
                "cc.error_code": 0x128,
                "cc.error_code.tls_alert": 0x28,
                "cc.frame_type": 6,
                "cc.reason_phrase.length": 3,
                "cc.reason_phrase": "bye",
            },
        ),
        (
            "1d 4100 00",
            "CONNECTION_CLOSE (0x100)",
            {"cc.error_code.app": 0x100, "cc.reason_phrase": ""},
        ),
        ("1e", "HANDSHAKE_DONE", {}),
        ("30 6869", "DATAGRAM", {"dg": b"hi"}),
        ("31 02 6869", "DATAGRAM", {"dg.length": 2, "dg": b"hi"}),
    ],
)
def test_every_frame(data: str, name: str, expected: dict[str, int | bytes | str]) -> None:
    root, told, fault = full(bytes.fromhex(data))
    assert fault == ""
    assert told.names == ([name] if name else [])
    assert root.children[0].span == (0, len(bytes.fromhex(data)), 0)
    for field, value in expected.items():
        found = root.find(f"quic.{field}")
        assert found is not None, field
        assert found.value == value, field
    check_tree(root, bytes.fromhex(data))


def test_what_the_connection_must_know_is_told() -> None:
    frames = "06 02 02 f1f2 0f 04 05 03 a1a2a3 18 01 00 02 c1c2 101112131415161718191a1b1c1d1e1f"
    _, told, fault = full(bytes.fromhex(frames))
    assert not fault
    assert told.data == [Bytes(-1, 2, 3, 5), Bytes(4, 5, 9, 12, True)]
    assert told.ids == [b"\xc1\xc2"]
    assert told.tokens == [bytes(range(16, 32))]


@pytest.mark.parametrize(
    ("packet", "data", "fine"),
    [
        (INITIAL, "06 00 01 61", True),
        (INITIAL, "08 00 61", False),
        (HANDSHAKE, "1e", False),
        (HANDSHAKE, "1c 00 00 00", True),
        (ZERO_RTT, "08 00 61", True),
        (ZERO_RTT, "06 00 01 61", False),
        (ONE_RTT, "1e", True),
    ],
)
def test_frames_have_their_packets(packet: int, data: str, fine: bool) -> None:
    """(RFC 9000 section 12.4)"""
    cursor, told = Cursor(Source("frames", bytes.fromhex(data))), Told()
    read_frames(cursor, told, packet)
    notes = [note.level for field in cursor.finish("").walk() for note in field.notes]
    assert notes == ([] if fine else ["broken"])
    assert not told.data or fine


@pytest.mark.parametrize(
    "data", ["4040", "02", "0605", "06000501", "1802", "3105", "0a0105", "1c00", "21"]
)
def test_what_cannot_be_read_says_so(data: str) -> None:
    root, _, fault = full(bytes.fromhex(data))
    assert fault
    check_tree(root, bytes.fromhex(data))


FRAME = st.builds(
    lambda kind, rest: bytes((kind,)) + rest, st.integers(0, 0x32), st.binary(max_size=24)
)


@given(data=st.one_of(st.binary(max_size=60), st.lists(FRAME, max_size=4).map(b"".join)))
@settings(max_examples=400)
def test_any_bytes_in_both_gears(data: bytes) -> None:
    root, told, fault = full(data)
    check_tree(root, data)
    check_names(root, REGISTRY)
    lean = LeanCursor(Source("frames", data), 0, len(data), EVERY_NAME)
    again, other = Told(), ""
    try:
        read_frames(lean, again)
    except Broken as error:
        other = str(error)
    assert other == fault
    assert again == told
    assert list(lean.finish_lean()) == flat(root)
