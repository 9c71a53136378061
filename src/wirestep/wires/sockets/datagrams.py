"""UDP sockets of the system, under endpoints."""

from __future__ import annotations

import contextlib
import socket

from wirestep.exchange.contract import Received, Started
from wirestep.model import Address

from .failures import word
from .host import Party
from .seen import Kind, Seen
from .stream import address

LARGEST = 65_535
BATCH = 64
"""Datagrams read before others have their turn."""
ROOM = 1 << 20
"""Bytes that the system is asked to keep for us."""


class Datagrams:
    """A socket; connected to `peer` where that is given, else listening to everybody."""

    def __init__(self, party: Party, sock: socket.socket, peer: Address | None) -> None:
        self.party, self.host = party, party.host
        self.sock, self.peer = sock, peer
        self.local = Address("")
        self._last: Address | None = None
        """Who sent the last datagram."""
        self._names: dict[Address, tuple[object, ...]] = {}
        """By sender: what the system calls it (IPv6 has zones)."""

    def open(self) -> None:
        """Begin to read, and tell the endpoint."""
        self._begin()
        self._see("opening" if self.peer is not None else "listening")
        self.party.way = self
        self.host.post(self.party, Started(self.local, self.peer))

    def _begin(self) -> None:
        self.sock.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            with contextlib.suppress(OSError):
                self.sock.setsockopt(socket.SOL_SOCKET, option, ROOM)
        self.local = address(self.sock.getsockname())
        self.host.loop.add_reader(self.sock, self._read)

    def _read(self) -> None:
        for _ in range(BATCH):
            if self.party.over:
                return
            try:
                data, name = self.sock.recvfrom(LARGEST)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                # An ICMP message came for something that was sent. Who listens goes on.
                if self.peer is not None:
                    self._close()
                    self.host.lost(self.party, word(error))
                return
            sender = address(name)
            self._last = sender
            if self.peer is None:
                self._remember(sender, name)
            self._see("data", data, sender, mine=False)
            self.host.post(self.party, Received(data, sender))

    def _remember(self, sender: Address, name: tuple[object, ...]) -> None:
        if len(name) == 4 and name[3]:
            while len(self._names) >= 1024:
                del self._names[next(iter(self._names))]
            self._names[sender] = name

    def send(self, data: bytes, to: Address | None) -> None:
        """As in Way. What the system has no room for is lost, as datagrams are."""
        target = self.peer or to or self._last
        if target is None:
            return
        self._see("data", data, target)
        try:
            if self.peer is not None:
                self.sock.send(data)
            else:
                self.sock.sendto(data, self._names.get(target, tuple(target)))
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            if self.peer is not None:
                self._close()
                self.host.lost(self.party, word(error))

    def end(self) -> None:
        """As in Way. Who listens goes on."""
        if self.peer is not None:
            self.abort()

    def abort(self) -> None:
        """As in Way."""
        self._close()
        self.party.finish()

    def flow(self, reading: bool) -> None:
        """As in Way."""
        self.host.loop.remove_reader(self.sock)
        if reading:
            self.host.loop.add_reader(self.sock, self._read)

    def rebind(self) -> None:
        """As in Way."""
        if self.peer is None:
            return
        old, name = self.sock, self.sock.getpeername()
        new = socket.socket(old.family, socket.SOCK_DGRAM)
        try:
            new.connect(name)
        except OSError:
            new.close()
            return
        self.host.loop.remove_reader(old)
        old.close()
        self.sock = new
        self._begin()
        self._see("opening")

    def _close(self) -> None:
        if self.sock.fileno() >= 0:
            self.host.loop.remove_reader(self.sock)
            self.sock.close()

    def _see(
        self, kind: Kind, data: bytes = b"", other: Address | None = None, *, mine: bool = True
    ) -> None:
        peer = other or self.peer or Address("")
        now = self.host.clock.now()
        self.host.watch(Seen(kind, "udp", self.local, peer, now, mine, data))
