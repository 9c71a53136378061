"""The SSLv2 form of a ClientHello (RFC 5246 appendix E.2)."""

from __future__ import annotations

from wirestep.decode.contract import Reading
from wirestep.decode.cursor import Bits, Cursor

from .parameters import Parameters

#    msg_length       2 bytes, high bit set
#    msg_type         1
#    version          2
#    cipher_spec_length, session_id_length, challenge_length   2 each


def size(data: memoryview) -> int:
    """Bytes of the hello, its two bytes of length included."""
    return 2 + ((data[0] & 0x7F) << 8 | data[1])


def claims(data: memoryview) -> bool | None:
    """Whether an SSLv2 ClientHello stands at the front; None while more bytes could tell."""
    have = len(data)
    if have and not data[0] & 0x80:
        return False
    if have > 2 and data[2] != 1:
        return False
    if have > 4 and bytes(data[3:5]) not in (
        b"\x00\x02",
        b"\x03\x00",
        b"\x03\x01",
        b"\x03\x02",
        b"\x03\x03",
    ):
        return False
    if have < 11:
        return None
    specs, session, challenge = (data[at] << 8 | data[at + 1] for at in (5, 7, 9))
    return (
        specs > 0
        and specs % 3 == 0
        and session in (0, 16)
        and 16 <= challenge <= 32
        and size(data) == 11 + specs + session + challenge
    )


def read(cursor: Cursor, parameters: Parameters) -> Reading:
    """The hello, as one record."""
    with cursor.group("tls.record"):
        cursor.worked("tls.record.version", 2)
        cursor.bits(2, Bits("tls.record.no_padding", 1), Bits("tls.record.length", 15))
        with cursor.group("tls.handshake", shown="Client Hello"):
            cursor.uint("tls.handshake.type", 1)
            cursor.uint("tls.handshake.version", 2)
            specs = cursor.uint("tls.handshake.cipher_spec_len", 2)
            session = cursor.uint("tls.handshake.session_id_length", 2)
            challenge = cursor.uint("tls.handshake.challenge_length", 2)
            with cursor.group("tls.handshake.ciphersuites", min(specs, cursor.left())):
                while cursor.left() >= 3:
                    cursor.uint("tls.handshake.cipherspec", 3)
            cursor.take("tls.handshake.session_id", session)
            random = cursor.take("tls.handshake.challenge", challenge)
    parameters.client_random = random[-32:].rjust(32, b"\0")
    return Reading("Client Hello", label="SSLv2")
