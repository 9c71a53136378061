"""Keys and numbers against the samples of RFC 9000 and RFC 9001."""

from __future__ import annotations

import pytest
import quic_vectors as rfc

from wirestep.decode.cursor import Short
from wirestep.model import Side
from wirestep.protocols.quic import protection
from wirestep.protocols.quic.connection import Connection
from wirestep.protocols.quic.header import Head
from wirestep.protocols.quic.names import ONE_RTT, V1, V2
from wirestep.protocols.quic.numbers import glance
from wirestep.protocols.quic.packet import Packet, unprotected
from wirestep.protocols.quic.protection import SUITES, Keys, expand, recovered


def test_keys_come_from_a_connection_id() -> None:
    """(RFC 9001 appendix A.1)"""
    client, server = protection.initial(rfc.CLIENT_ID, V1)
    assert client.secret.hex() == (
        "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea"
    )
    assert expand(client.secret, "quic key", 16, "sha256").hex() == (
        "1f369613dd76d5467730efcbe3b1a22d"
    )
    assert client.iv.to_bytes(12, "big").hex() == "fa044b2f42a3fd3b46fb255c"
    assert client.hp.hex() == "9f50449e04a0e810283a1e9933adedd2"
    assert server.hp.hex() == "c206b8d9b9f0f37644430b490eeaa314"
    assert client.mask(bytes.fromhex("d1b1c98dd7689fb8ec11d242b123dc9b"))[:5].hex() == (
        "437b9aec36"
    )


def test_keys_of_version_2_are_others() -> None:
    """(RFC 9369 appendix A.1)"""
    client, _ = protection.initial(rfc.CLIENT_ID, V2)
    assert client.secret.hex() == (
        "14ec9d6eb9fd7af83bf5a668bc17a7e283766aade7ecd0891f70f9ff7f4bf47b"
    )
    assert client.hp.hex() == "45b95e15235d6f45a6b19cbcb0294ba9"


def test_a_packet_under_chacha20() -> None:
    """(RFC 9001 appendix A.5)"""
    keys = Keys(rfc.CHACHA_SECRET, SUITES[0x1303], V1)
    assert keys.iv.to_bytes(12, "big").hex() == "e0459b3474bdd0e44a41c144"
    assert keys.following().secret.hex() == (
        "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9"
    )
    connection = Connection(Side.CLIENT, V1, [b""])
    connection.ways[0].largest[2] = rfc.CHACHA_NUMBER - 1
    size = len(rfc.CHACHA_PACKET)
    packet = Packet(Head(ONE_RTT, V1, b"", b"", 0, 1, size), connection)
    opened = unprotected(connection, packet, rfc.CHACHA_PACKET, keys)
    assert opened is not None
    assert (opened.first, opened.size, opened.number) == (0x42, 3, rfc.CHACHA_NUMBER)
    assert opened.plain == b"\x01"
    for place in (0, 3, 4, 20):
        damaged = bytearray(rfc.CHACHA_PACKET)
        damaged[place] ^= 0x10
        assert unprotected(connection, packet, bytes(damaged), keys) is None


@pytest.mark.parametrize(
    ("truncated", "size", "largest", "number"),
    [
        (0x9B32, 2, 0xA82F30EA, 0xA82F9B32),  # RFC 9000 appendix A.3
        (0, 1, -1, 0),
        (0x02, 1, 0xFE, 0x102),
        (0xFD, 1, 0x101, 0xFD),
        (0xFFFFFFFE, 4, 0x1_0000_0001, 0xFFFFFFFE),
    ],
)
def test_packet_numbers_are_recovered(truncated: int, size: int, largest: int, number: int) -> None:
    assert recovered(truncated, size, largest) == number


@pytest.mark.parametrize(
    ("data", "number"),
    [
        ("c2197c5eff14e88c", 151288809941952652),
        ("9d7f3e7d", 494878333),
        ("7bbd", 15293),
        ("4025", 37),
        ("25", 37),
    ],
)
def test_numbers_of_variable_length(data: str, number: int) -> None:
    """(RFC 9000 appendix A.1)"""
    coded = bytes.fromhex(data)
    assert glance(coded + b"\xff", 0, len(coded) + 1) == (number, len(coded))
    with pytest.raises(Short):
        glance(coded, 0, len(coded) - 1)
