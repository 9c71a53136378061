"""Packets in words."""

from __future__ import annotations

from .connection import SPACES
from .names import KINDS, ONE_RTT, UNKNOWN
from .packet import Packet

MAX_TOLD = 8
"""Frames of one packet that its summary names."""


def title(packet: Packet) -> str:
    opened = packet.opened
    name = KINDS[packet.head.kind]
    return name if opened is None else f"{name}[{opened.number}]"


def summary(packet: Packet) -> str:
    """As Wireshark tells it."""
    head = packet.head
    short = head.kind == ONE_RTT
    words = ["Protected Payload" if short else KINDS[head.kind]]
    if short and packet.opened is not None:
        words = [f"Protected Payload (KP{packet.opened.first >> 2 & 1})"]
    if head.dcid:
        words.append(f"DCID={head.dcid.hex()}")
    if head.scid:
        words.append(f"SCID={head.scid.hex()}")
    if head.kind == UNKNOWN:
        words.append(f"version 0x{head.version:08x}")
    if packet.opened is not None:
        words.append(f"PKN: {packet.opened.number}")
    return ", ".join(words + _few(packet.told.names))


def brief(packet: Packet) -> str:
    names = packet.told.names
    if not names and packet.opened is None and packet.head.kind in SPACES:
        names = ["(encrypted)"]
    return f"{title(packet)} {_briefly(names)}".rstrip()


def opened_short(number: int, phase: int, dcid: bytes, names: list[str]) -> tuple[str, str]:
    """Summary and brief of an opened packet with a short header."""
    called = f"DCID={dcid.hex()}, " if dcid else ""
    said = ", ".join((f"Protected Payload (KP{phase}), {called}PKN: {number}", *_few(names)))
    return said, f"{KINDS[ONE_RTT]}[{number}] {_briefly(names)}".rstrip()


def _briefly(names: list[str]) -> str:
    """Frames but for acknowledgements, unless there is nothing else."""
    told = _few([name for name in names if name != "ACK"] or names)
    return ", ".join(_stream(name) if name[:7] == "STREAM(" else name for name in told)


def _stream(name: str) -> str:
    """STREAM(4) ×2 as STREAM 4 ×2."""
    number, _, rest = name[7:].partition(")")
    return f"STREAM {number}{rest}"


def _few(names: list[str]) -> list[str]:
    """The names, equal ones in a row counted, the last ones left out where there are many."""
    if len(names) < 2:
        return names
    runs: list[tuple[str, int]] = []
    for name in names:
        if runs and runs[-1][0] == name:
            runs[-1] = name, runs[-1][1] + 1
        else:
            runs.append((name, 1))
    told = [name if count == 1 else f"{name} ×{count}" for name, count in runs[:MAX_TOLD]]
    if len(runs) > MAX_TOLD:
        told.append(f"and {len(runs) - MAX_TOLD} more")
    return told
