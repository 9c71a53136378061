"""A filter that the kernel runs: only packets of some ports (classic BPF, linux/filter.h)."""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Iterable

LOAD_WORD, LOAD_HALF, LOAD_BYTE = 0x20, 0x28, 0x30
LOAD_HALF_AT, LOAD_BYTE_AT = 0x48, 0x50
"""At X."""
SET_X, ADD, AND, SHIFT, TO_X, FROM_X = 0x01, 0x04, 0x54, 0x64, 0x07, 0x87
JUMP, EQUAL, ANY_BIT, RETURN = 0x05, 0x15, 0x45, 0x06
NETWORK = -0x100000 & 0xFFFF_FFFF
"""SKF_NET_OFF: counted from the IP header, whatever the link is."""
PROTOCOL = -0x1000 & 0xFFFF_FFFF
"""SKF_AD_OFF + SKF_AD_PROTOCOL: the ethertype."""
IPV4, IPV6, TCP, UDP, ICMP, ICMPV6 = 0x0800, 0x86DD, 6, 17, 1, 58
ALL = 0xFFFF_FFFF
MAX_PORTS = 64
ATTACH = 26

Line = tuple[int, int, int, int]
"""(code, lines to jump where true, where false, number)."""


def program(ports: Iterable[int]) -> list[Line]:
    """Lets through IP packets from or to one of `ports`, and ICMP errors about such packets."""
    wanted = sorted(set(ports))[-MAX_PORTS:]
    checks = [*_either(wanted, 0), *_either(wanted, 2), (RETURN, 0, 0, 0)]
    six = [
        (LOAD_BYTE, 0, 0, NETWORK + 6),
        (SET_X, 0, 0, 40),
        (EQUAL, 7, 0, TCP),
        (EQUAL, 6, 0, UDP),
        (EQUAL, 1, 0, ICMPV6),
        (RETURN, 0, 0, 0),
        (LOAD_BYTE_AT, 0, 0, NETWORK),
        (EQUAL, 1, 0, 1),  # destination unreachable
        (RETURN, 0, 0, 0),
        (SET_X, 0, 0, 40 + 8 + 40),
    ]
    four = [
        (LOAD_HALF, 0, 0, NETWORK + 6),
        (ANY_BIT, 0, 1, 0x1FFF),  # a later fragment has no ports
        (RETURN, 0, 0, 0),
        (LOAD_BYTE, 0, 0, NETWORK),
        (AND, 0, 0, 15),
        (SHIFT, 0, 0, 2),
        (TO_X, 0, 0, 0),
        (LOAD_BYTE, 0, 0, NETWORK + 9),
        (EQUAL, 9, 0, TCP),
        (EQUAL, 8, 0, UDP),
        (EQUAL, 1, 0, ICMP),
        (RETURN, 0, 0, 0),
        (LOAD_BYTE_AT, 0, 0, NETWORK),
        (EQUAL, 1, 0, 3),  # destination unreachable
        (RETURN, 0, 0, 0),
        (FROM_X, 0, 0, 0),
        (ADD, 0, 0, 8 + 20),
        (TO_X, 0, 0, 0),
        (JUMP, 0, 0, len(six)),
    ]
    head = [
        (LOAD_WORD, 0, 0, PROTOCOL),
        (EQUAL, 2, 0, IPV4),
        (EQUAL, 1 + len(four), 0, IPV6),
        (RETURN, 0, 0, 0),
    ]
    return [*head, *four, *six, *checks]


def _either(ports: list[int], at: int) -> list[Line]:
    lines: list[Line] = [(LOAD_HALF_AT, 0, 0, NETWORK + at)]
    for port in ports:
        lines += [(EQUAL, 0, 1, port), (RETURN, 0, 0, ALL)]
    return lines


def attach(sock: socket.socket, ports: Iterable[int]) -> None:
    """Let the kernel drop what is not for these ports; with none, everything. Raises OSError."""
    lines = program(ports)
    code = b"".join(struct.pack("=HBBI", *line) for line in lines)
    buffer = ctypes.create_string_buffer(code, len(code))
    told = struct.pack("@HL", len(lines), ctypes.addressof(buffer))
    sock.setsockopt(socket.SOL_SOCKET, ATTACH, told)
