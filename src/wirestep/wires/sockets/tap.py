"""Packets as the kernel carries them, of our own ports only (Linux packet sockets, packet(7))."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable

from wirestep.capture import Interface
from wirestep.model import Address, Record
from wirestep.wires.frames import RAW_IP, read

from . import sieve
from .seen import Seen

LARGEST = 1 << 18
"""Bytes of a frame; segments that the card will cut are seen whole."""
ROOM = 8 << 20
BATCH = 256
"""Frames read before others have their turn."""
MAX_TALKS = 4096
EVERYTHING = 3
"""ETH_P_ALL."""
OUTGOING = 4
"""PACKET_OUTGOING: sent by this machine."""
TIMESTAMP = 35
"""SO_TIMESTAMPNS, and its kind of control message."""
LOOPBACK = 772
LINKS = {1: (1, 14), LOOPBACK: (1, 14), 65534: (RAW_IP, 0)}
"""By kind of hardware (ARPHRD_*): link type as in pcap, bytes before the IP header."""


class Tap:
    """Reads on every interface; the first that shows a conversation is the one it is kept from."""

    def __init__(self, describe: Callable[[Interface], int]) -> None:
        """`describe` gives the number of an interface. Raises OSError: it is not allowed here."""
        family = getattr(socket, "AF_PACKET", None)
        if family is None:
            raise OSError("this system has no packet sockets")
        self._describe = describe
        self._ports: set[int] = set()
        self._interfaces: dict[tuple[str, int], int] = {}
        """By name and link type: the number that `describe` gave."""
        self._talks: dict[object, int] = {}
        """By conversation: the interface it is kept from."""
        self.socket = socket.socket(family, socket.SOCK_RAW, socket.htons(EVERYTHING))
        try:
            self.socket.setblocking(False)
            with contextlib.suppress(OSError):
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
            self.socket.setsockopt(socket.SOL_SOCKET, TIMESTAMP, 1)
            sieve.attach(self.socket, ())
            self._drain()
        except OSError:
            self.socket.close()
            raise

    def _drain(self) -> None:
        """What came before the filter was there is not ours."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.socket.recv(1)

    def see(self, seen: Seen) -> None:
        """A port of ours is to be looked at from now on."""
        if seen.kind in ("opening", "listening") and seen.local.port not in self._ports:
            self._ports.add(seen.local.port)
            sieve.attach(self.socket, self._ports)

    def records(self) -> list[Record]:
        """What came since, as far as one batch goes."""
        found = []
        for _ in range(BATCH):
            try:
                data, notes, _, name = self.socket.recvmsg(LARGEST, 64)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                continue  # an interface went down
            record = self._record(data, notes, name)
            if record is not None:
                found.append(record)
        return found

    def _record(
        self, data: bytes, notes: list[tuple[int, int, bytes]], name: tuple[str, int, int, int]
    ) -> Record | None:
        label, _, kind, hardware = name[:4]
        if hardware == LOOPBACK and kind == OUTGOING:
            return None  # it comes once more as received
        if hardware not in LINKS:
            return None
        link, head = LINKS[hardware]
        place = self._place(label, link)
        if not self._first_here(data[head:], place):
            return None
        time = next((_nanoseconds(note) for _, kind, note in notes if kind == TIMESTAMP), 0)
        return Record(0, time, data, len(data), link, place)

    def _place(self, label: str, link: int) -> int:
        found = self._interfaces.get((label, link))
        if found is None:
            told = "own ports only"
            found = self._describe(Interface(label, told, link, LARGEST, resolution=10**9))
            self._interfaces[(label, link)] = found
        return found

    def _first_here(self, data: bytes, place: int) -> bool:
        """Whether this interface is the one of the conversation (bridges show packets twice)."""
        parts = read(data)
        if parts is None:
            return True
        ports = struct.unpack("!HH", parts.body[:4]) if len(parts.body) >= 4 else (0, 0)
        ends = Address(parts.sender, ports[0]), Address(parts.target, ports[1])
        talk = (parts.protocol, frozenset(ends))
        while len(self._talks) >= MAX_TALKS:
            del self._talks[next(iter(self._talks))]
        return self._talks.setdefault(talk, place) == place

    def close(self) -> None:
        """Look no more."""
        self.socket.close()


def _nanoseconds(timespec: bytes) -> int:
    seconds, rest = struct.unpack("@qq" if len(timespec) == 16 else "@ll", timespec)
    return int(seconds) * 1_000_000_000 + int(rest)
