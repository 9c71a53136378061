"""The internet checksum and the pseudo header that transports add (RFC 1071, RFC 8200 8.1)."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address

BAD, GOOD, UNVERIFIED, ABSENT = 0, 1, 2, 3
STATUS = {BAD: "Bad", GOOD: "Good", UNVERIFIED: "Unverified", ABSENT: "Not present"}
"""Values of the fields `*.checksum.status`."""


def ones_sum(data: bytes) -> int:
    """The 16-bit one's complement sum of `data`, an odd last byte padded with zero."""
    if len(data) % 2:
        data += b"\0"
    # 2**16 is 1 modulo 65535, so the number that all bytes make has the same residue as the sum.
    total = int.from_bytes(data, "big") % 0xFFFF
    return total or (0xFFFF if any(data) else 0)


def internet_checksum(data: bytes) -> int:
    """What a checksum field over `data` must hold, that field being zero; 0 over right data."""
    return 0xFFFF - ones_sum(data)


@lru_cache(maxsize=1024)
def _packed(host: str) -> bytes:
    return ip_address(host).packed


def pseudo_header(sender: str, target: str, number: int, size: int) -> bytes | None:
    """What a transport's checksum covers of the IP packet that carries it.

    `number` is the transport's protocol number, `size` the bytes of its header and data. None
    where the hosts are no IP addresses of one kind.
    """
    try:
        ends = _packed(sender) + _packed(target)
    except ValueError:
        return None
    if len(ends) == 8:
        return ends + bytes((0, number)) + (size & 0xFFFF).to_bytes(2, "big")
    if len(ends) == 32:
        return ends + size.to_bytes(4, "big") + bytes((0, 0, 0, number))
    return None
