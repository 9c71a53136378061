"""TCP connections of the system, under endpoints."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import cast

from wirestep.exchange.contract import Ended, Received, Started
from wirestep.model import Address

from .failures import word
from .host import SECOND, Host, Party
from .seen import Kind, Seen
from .tcpinfo import tcp_info

MAX_WAITING = 96 << 20
"""Bytes that wait to be sent on one connection before it is broken off."""
MAX_ALL = 384 << 20
"""The same on all of them: who then wants more is broken off."""
LARGE = 1 << 20


class Stream(asyncio.Protocol):
    """A connection. `idle`: nanoseconds without a byte after which it is broken off; 0: never.

    `patient`: where the peer does not take what is sent, nothing more is read of it. A client does
    not do so: two such ends, each waiting for the other to read, would wait forever.
    """

    def __init__(self, party: Party, began: Kind, *, patient: bool = False, idle: int = 0) -> None:
        self.party, self.host = party, party.host
        self.began: Kind = began
        self.patient, self.idle = patient, idle
        self.transport: asyncio.Transport | None = None
        self.local = self.peer = Address("")
        self.ended = self.heard_end = False
        self._paused = False
        self._alive = 0
        self._check: asyncio.TimerHandle | None = None

    # what the loop says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP stands."""
        self.transport = way = cast(asyncio.Transport, transport)
        self.local = address(way.get_extra_info("sockname"))
        self.peer = address(way.get_extra_info("peername"))
        self._see(self.began, info=True, mine=self.began == "opened")
        self.party.way = self
        self._watch_idle()
        self.host.post(self.party, Started(self.local, self.peer))

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self._alive = self.host.clock.now()
        self._see("data", data, mine=False)
        self.host.post(self.party, Received(data))

    def eof_received(self) -> bool:
        """The peer sends no more; our side stays open until the endpoint ends it."""
        self.heard_end = True
        self._see("end", mine=False, info=True)
        self.host.post(self.party, Ended())
        return not self.ended

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        if self._check is not None:
            self._check.cancel()
        if self.party.over:
            return
        if exc is not None:
            self._see("reset", mine=False)
            self.host.lost(self.party, word(exc))
        else:
            self.party.finish()

    def pause_writing(self) -> None:
        """The peer does not take what is sent."""
        if self.patient and self.transport is not None:
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        """It takes it again."""
        if self.patient and not self._paused and self.transport is not None:
            self.transport.resume_reading()

    # what the endpoint wants

    def send(self, data: bytes, to: Address | None) -> None:
        """As in Way."""
        way = self.transport
        if way is None or self.ended or not data:
            return
        self._alive = self.host.clock.now()
        self._see("data", data)
        way.write(data)
        waiting = way.get_write_buffer_size()
        if waiting > MAX_WAITING or (waiting > LARGE and self._all_waiting() > MAX_ALL):
            self.abort()

    def _all_waiting(self) -> int:
        ways = (one.way for one in self.host.parties)
        return sum(way.waiting for way in ways if isinstance(way, Stream))

    @property
    def waiting(self) -> int:
        """Bytes that the peer did not take yet."""
        return 0 if self.transport is None else self.transport.get_write_buffer_size()

    def end(self) -> None:
        """As in Way."""
        way = self.transport
        if way is None or self.ended:
            return
        self.ended = True
        self._see("end", info=True)
        if self.heard_end:
            way.close()
        elif not way.is_closing():
            with contextlib.suppress(OSError):  # it was broken off; the loop is about to say so
                way.write_eof()

    def abort(self) -> None:
        """As in Way."""
        way = self.transport
        self.party.finish()
        if way is None:
            return
        if not (self.ended and self.heard_end):
            self._see("reset", info=True)
            # Closing now sends an RST.
            sock: socket.socket = way.get_extra_info("socket")
            if sock.fileno() >= 0:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        way.abort()

    def flow(self, reading: bool) -> None:
        """As in Way."""
        if self.transport is None or self._paused is not reading:
            return
        self._paused = not reading
        if reading:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    def rebind(self) -> None:
        """TCP cannot."""

    def _see(self, kind: Kind, data: bytes = b"", *, mine: bool = True, info: bool = False) -> None:
        told = None
        if info and self.transport is not None:
            sock: socket.socket = self.transport.get_extra_info("socket")
            told = tcp_info(sock) if sock.fileno() >= 0 else None
        now = self.host.clock.now()
        self.host.watch(Seen(kind, "tcp", self.local, self.peer, now, mine, data, told))

    def _watch_idle(self) -> None:
        """Break off a connection on which nothing happens."""
        if not self.idle or self.party.over:
            return
        now = self.host.clock.now()
        self._alive = self._alive or now
        left = self._alive + self.idle - now
        if left <= 0:
            self.abort()
            return
        self._check = self.host.loop.call_later(left / SECOND, self._watch_idle)


def address(name: tuple[str, int] | tuple[str, int, int, int]) -> Address:
    """A socket's name, as the nouns have it; the zone of a link-local address is left out."""
    return Address(name[0].partition("%")[0], name[1])


__all__ = ["Host", "Stream", "address"]
