"""IP packets as hosts of a virtual wire make and read them (RFC 791, RFC 8200).

Addresses are text. Packets are never fragmented: IPv4 forbids it in each of them (RFC 1191).
"""

from __future__ import annotations

import struct
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from wirestep.decode.checksum import internet_checksum, pseudo_header
from wirestep.model import Address

RAW_IP = 101
"""Link type of what is recorded: the packet itself, with no frame around it (LINKTYPE_RAW)."""
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
HEADER = {4: 20, 6: 40}
"""Bytes of the header, by version."""
HOPS = 64
_CHECKSUM_AT = {ICMP: 2, TCP: 16, UDP: 6, ICMPV6: 2}


class Packet(NamedTuple):
    """An IP packet, taken apart."""

    sender: str
    target: str
    protocol: int
    body: bytes
    ecn: int = 0
    """The two bits of explicit congestion notification (RFC 3168)."""


@lru_cache(maxsize=1024)
def packed(host: str) -> bytes:
    """An address as headers hold it; raises ValueError where it is none."""
    return ip_address(host).packed


@lru_cache(maxsize=1024)
def _text(packed: bytes) -> str:
    return str(ip_address(packed))


def version(host: str) -> int:
    """4 or 6; raises ValueError where `host` is no IP address."""
    return 4 if len(packed(host)) == 4 else 6


def packet(
    sender: str, target: str, protocol: int, body: bytes, ident: int = 0, ecn: int = 0
) -> bytes:
    """An IP packet around a transport's bytes; `ident` counts the packets of an IPv4 host."""
    ends = packed(sender) + packed(target)
    if len(ends) == 32:
        word = 6 << 28 | ecn << 20
        return struct.pack("!IHBB", word, len(body), protocol, HOPS) + ends + body
    head = struct.pack(
        "!BBHHHBBH", 0x45, ecn, 20 + len(body), ident & 0xFFFF, 0x4000, HOPS, protocol, 0
    )
    check = internet_checksum(head + ends)
    return head[:10] + check.to_bytes(2, "big") + ends + body


def datagram(sender: Address, target: Address, data: bytes, ident: int = 0) -> bytes:
    """An IP packet with a UDP datagram (RFC 768)."""
    size = 8 + len(data)
    head = struct.pack("!HHHH", sender.port, target.port, size, 0)
    check = _transport_checksum(sender.host, target.host, UDP, head + data)
    body = head[:6] + check.to_bytes(2, "big") + data
    return packet(sender.host, target.host, UDP, body, ident)


def read(data: bytes) -> Packet | None:
    """An IP packet taken apart; None where these bytes are none that a host would take."""
    try:
        return _read4(data) if data[0] >> 4 == 4 else _read6(data)
    except (IndexError, struct.error, ValueError):
        return None


def target_of(data: bytes) -> str:
    """The address that an IP packet is for; "" where these bytes are none."""
    if len(data) < HEADER[4]:
        return ""
    if data[0] >> 4 == 4:
        return _text(data[16:20])
    return _text(data[24:40]) if len(data) >= HEADER[6] else ""


def _read4(data: bytes) -> Packet | None:
    size = (data[0] & 15) * 4
    total = int.from_bytes(data[2:4], "big")
    if not 20 <= size <= total <= len(data) or int.from_bytes(data[6:8], "big") & 0x3FFF:
        return None
    ends = _text(data[12:16]), _text(data[16:20])
    return Packet(*ends, data[9], data[size:total], data[1] & 3)


def _read6(data: bytes) -> Packet | None:
    size = 40 + int.from_bytes(data[4:6], "big")
    if data[0] >> 4 != 6 or len(data) < size:
        return None
    ends = _text(data[8:24]), _text(data[24:40])
    return Packet(*ends, data[6], data[40:size], data[1] >> 4 & 3)


def _transport_checksum(sender: str, target: str, protocol: int, body: bytes) -> int:
    """Of a body whose own checksum field is zero."""
    covered = b"" if protocol == ICMP else pseudo_header(sender, target, protocol, len(body))
    check = internet_checksum((covered or b"") + body)
    return check or 0xFFFF if protocol == UDP else check


def sound(data: bytes) -> bool:
    """Whether the checksums of an IP packet and its transport hold."""
    parts = read(data)
    if parts is None or (data[0] >> 4 == 4 and internet_checksum(data[: (data[0] & 15) * 4])):
        return False
    at = _CHECKSUM_AT.get(parts.protocol)
    if at is None:
        return True
    if len(parts.body) < at + 2:
        return False
    bare = parts.body[:at] + b"\0\0" + parts.body[at + 2 :]
    check = _transport_checksum(parts.sender, parts.target, parts.protocol, bare)
    told = int.from_bytes(parts.body[at : at + 2], "big")
    return told in (check, 0) if parts.protocol == UDP else told == check


def repaired(data: bytes) -> bytes:
    """The packet with checksums that hold, as far as it can be read: for who edits one."""
    parts = read(data)
    if parts is None:
        return data
    body, at = parts.body, _CHECKSUM_AT.get(parts.protocol)
    if at is not None and len(body) >= at + 2:
        bare = body[:at] + b"\0\0" + body[at + 2 :]
        check = _transport_checksum(parts.sender, parts.target, parts.protocol, bare)
        body = body[:at] + check.to_bytes(2, "big") + body[at + 2 :]
    size = len(data) - len(parts.body) if data[0] >> 4 == 4 else 40
    head = data[:size]
    if data[0] >> 4 == 4:
        size = (data[0] & 15) * 4
        head = data[:10] + b"\0\0" + data[12:size]
        head = head[:10] + internet_checksum(head).to_bytes(2, "big") + head[12:]
    return head + body


def turned(data: bytes, bit: int) -> bytes:
    """The packet with one bit changed, counted from the first of its IP payload."""
    size = HEADER[6] if data[0] >> 4 == 6 else (data[0] & 15) * 4
    at = size + bit // 8 % max(len(data) - size, 1)
    changed = bytearray(data)
    changed[min(at, len(data) - 1)] ^= 0x80 >> bit % 8
    return bytes(changed)


# What routers and hosts answer where a packet cannot go on (RFC 792, RFC 1191, RFC 4443)


def too_large(data: bytes, router: str, mtu: int) -> bytes:
    """The ICMP message to the sender of `data`: fragmentation needed, or packet too big."""
    if data[0] >> 4 == 4:
        return _error(data, router, ICMP, 3, 4, mtu)
    return _error(data, router, ICMPV6, 2, 0, mtu)


def port_unreachable(data: bytes, host: str) -> bytes:
    """The ICMP message to the sender of a datagram that nobody waits for."""
    if data[0] >> 4 == 4:
        return _error(data, host, ICMP, 3, 3, 0)
    return _error(data, host, ICMPV6, 1, 4, 0)


def _error(data: bytes, sender: str, protocol: int, kind: int, code: int, rest: int) -> bytes:
    target = _text(data[12:16] if data[0] >> 4 == 4 else data[8:24])
    # As much of the packet as fits into the smallest MTU (RFC 1812 4.3.2.3, RFC 4443 3.2).
    most = 576 - 28 if protocol == ICMP else 1280 - 48
    body = struct.pack("!BBHI", kind, code, 0, rest) + data[:most]
    check = _transport_checksum(sender, target, protocol, body)
    return packet(sender, target, protocol, body[:2] + check.to_bytes(2, "big") + body[4:])


class Trouble(NamedTuple):
    """What an ICMP error says of a packet that this host sent."""

    kind: str
    """TOO_LARGE or UNREACHABLE."""
    mtu: int
    protocol: int
    """The transport of the packet."""
    local: Address
    remote: Address
    body: bytes
    """As much of its transport's bytes as came back."""


TOO_LARGE, UNREACHABLE = "too large", "unreachable"
_TROUBLES = {
    (ICMP, 3, 4): TOO_LARGE,
    (ICMPV6, 2, 0): TOO_LARGE,
    (ICMP, 3, 3): UNREACHABLE,
    (ICMPV6, 1, 4): UNREACHABLE,
}


def trouble(parts: Packet) -> Trouble | None:
    """An ICMP error taken apart; None for other ICMP messages."""
    body = parts.body
    if len(body) < 16 or (kind := _TROUBLES.get((parts.protocol, body[0], body[1]))) is None:
        return None
    data = body[8:]
    old = data[0] >> 4 == 4
    size = (data[0] & 15) * 4 if old else 40
    if len(data) < size + 8:
        return None
    ends = (data[12:16], data[16:20]) if old else (data[8:24], data[24:40])
    inner = data[size:]
    ports = struct.unpack("!HH", inner[:4])
    local, remote = (Address(_text(e), p) for e, p in zip(ends, ports, strict=True))
    mtu = int.from_bytes(body[4:8], "big")
    return Trouble(kind, mtu, data[9] if old else data[6], local, remote, inner)
