"""Our TCP at one end of a TUN device, the Linux kernel's at the other; packets may get lost."""

from __future__ import annotations

import errno
import json
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from wirestep.exchange.contract import Ended, Failed, Received, Started
from wirestep.model import Address
from wirestep.wires.tcp import Connection, Cookies, Options, Segment, refusal

KERNEL, OURS = "10.99.0.1", "10.99.0.2"
_IPS = {host: socket.inet_aton(host) for host in (KERNEL, OURS)}
MTU = 1500
PATIENCE = 20
"""Seconds after which a test that hangs fails."""


class Unavailable(Exception):
    """There can be no namespace or TUN device here, and why."""


@dataclass
class End:
    """A connection of ours, and what it was told."""

    connection: Connection
    got: bytearray = field(default_factory=bytearray)
    told: list[Started | Ended | Failed] = field(default_factory=list)

    @property
    def failed(self) -> str | None:
        return next((event.reason for event in self.told if isinstance(event, Failed)), None)


@dataclass
class KernelWire:
    """The wire. Use it with `with`; raises Unavailable."""

    loss: float = 0.0
    marks: float = 0.0
    """Share of the packets from the kernel that are marked with congestion (ECN)."""
    disorder: float = 0.0
    """Share of the packets that arrive twice, and of those that the next one overtakes."""
    seed: int = 1

    def __enter__(self) -> KernelWire:
        self._chance = random.Random(self.seed)
        self._sockets: list[socket.socket] = []
        self._overtaken: dict[str, bytes] = {}
        """Whose packet waits for the next one."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel = ours
        self._helper = subprocess.Popen(
            [
                sys.executable,
                str(Path(__file__).with_name("namespace.py")),
                str(theirs.fileno()),
            ],
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        sysctl = {"net.ipv4.tcp_fastopen": "3", "net.ipv4.tcp_ecn": "1"}
        asked = {"address": KERNEL, "mtu": MTU, "sysctl": sysctl}
        ours.settimeout(PATIENCE)
        ours.send(json.dumps(asked).encode())
        message, fds, _, _ = socket.recv_fds(ours, 4096, 1)
        if not fds:
            self.__exit__(None, None, None)
            raise Unavailable(message.decode() or "the helper ended")
        self.device = fds[0]
        os.set_blocking(self.device, False)
        self.ends: dict[tuple[int, int], End] = {}
        self.listening: dict[int, tuple[Options, Cookies | None, Callable[[End], None]]] = {}
        self.packets: list[tuple[str, Segment]] = []
        """(sender, segment), also those that were lost."""
        self._began = time.monotonic_ns()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for made in self._sockets:
            made.close()
        self._channel.close()
        self._helper.wait(PATIENCE)
        if hasattr(self, "device"):
            os.close(self.device)

    @property
    def now(self) -> int:
        return time.monotonic_ns() - self._began

    def socket(self) -> socket.socket:
        """A TCP socket of the kernel's end, not blocking."""
        self._channel.send(b" ")
        _, fds, _, _ = socket.recv_fds(self._channel, 1, 1)
        return self.keep(socket.socket(fileno=fds[0]))

    def keep(self, made: socket.socket) -> socket.socket:
        """Close it when all is over; it does not block."""
        made.setblocking(False)
        self._sockets.append(made)
        return made

    def listen(
        self,
        port: int,
        options: Options,
        accepted: Callable[[End], None] = lambda end: None,
        cookies: Cookies | None = None,
    ) -> None:
        """Ours listens; `accepted` is called with each connection."""
        self.listening[port] = (options, cookies, accepted)

    def connect(
        self,
        port: int,
        options: Options,
        early: bytes = b"",
        cookie: bytes = b"",
        local_port: int = 0,
    ) -> End:
        """Ours connects to a port of the kernel's."""
        local = Address(OURS, local_port or self._chance.randrange(20_000, 60_000))
        end = End(Connection(local, Address(KERNEL, port), self._chance, options))
        self.ends[local.port, port] = end
        end.connection.connect(self.now, early, cookie)
        self.flush()
        return end

    def flush(self) -> None:
        """Hand on what ours has to say."""
        for end in self.ends.values():
            for event in end.connection.events():
                if isinstance(event, Received):
                    end.got += event.data
                else:
                    end.told.append(event)
            for segment in end.connection.output(self.now):
                self._send(segment)

    def _send(self, segment: Segment) -> None:
        self.packets.append((OURS, segment))
        if self._chance.random() < self.loss:
            return
        data = segment.encode(_IPS[OURS], _IPS[KERNEL])
        header = struct.pack(
            "!BBHHHBBH4s4s",
            0x45,
            segment.ecn,
            20 + len(data),
            0,
            0x4000,
            64,
            6,
            0,
            _IPS[OURS],
            _IPS[KERNEL],
        )
        total = sum(struct.unpack("!10H", header))
        checksum = ~(total + (total >> 16)) & 0xFFFF
        packet = header[:10] + checksum.to_bytes(2) + header[12:] + data
        for arriving in self._disordered(OURS, packet):
            os.write(self.device, arriving)

    def _disordered(self, sender: str, packet: bytes) -> list[bytes]:
        """What arrives now that this packet left."""
        earlier = self._overtaken.pop(sender, None)
        if earlier is None and self._chance.random() < self.disorder:
            self._overtaken[sender] = packet
            return []
        copies = 2 if self._chance.random() < self.disorder else 1
        return [packet] * copies + ([earlier] if earlier else [])

    def _receive(self, packet: bytes) -> None:
        if packet[0] >> 4 != 4 or packet[9] != 6:
            return
        segment = Segment.decode(packet[20:], packet[12:16], packet[16:20])
        segment.ecn = packet[1] & 3
        self.packets.append((KERNEL, segment))
        if self._chance.random() < self.loss:
            return
        if segment.ecn and self._chance.random() < self.marks:
            segment.ecn = 3
        place = (segment.target, segment.source)
        end = self.ends.get(place)
        if end is None and segment.target in self.listening:
            options, cookies, accepted = self.listening[segment.target]
            local, remote = Address(OURS, segment.target), Address(KERNEL, segment.source)
            end = End(Connection(local, remote, self._chance, options, cookies))
            end.connection.listen(self.now)
            self.ends[place] = end
            accepted(end)
        if end is None:
            answer = refusal(segment)
            if answer is not None:
                self._send(answer)
            return
        end.connection.receive(segment, self.now)

    def turn(self) -> None:
        """What has come is received, what is due is done; waits up to 5 ms for more."""
        due = [end.connection.due for end in self.ends.values() if end.connection.due is not None]
        wait = min([5_000_000, *(max(0, time - self.now) for time in due)])
        select.select([self.device], [], [], wait / 1e9)
        for _ in range(32):
            try:
                packet = os.read(self.device, 65535)
            except BlockingIOError:
                break
            for arriving in self._disordered(KERNEL, packet):
                self._receive(arriving)
                self.flush()
        for end in self.ends.values():
            if end.connection.due is not None and end.connection.due <= self.now:
                end.connection.expire(self.now)
        self.flush()

    def until(self, done: Callable[[], bool]) -> None:
        """Turn until `done`."""
        stop = time.monotonic() + PATIENCE
        while not done():
            self.turn()
            if time.monotonic() > stop:
                raise AssertionError("\n".join(f"{who} {what}" for who, what in self.packets[-40:]))


@dataclass
class Talker:
    """The program at a socket of the kernel's: says all, hears all, like `End`."""

    socket: socket.socket
    to_send: bytes = b""
    got: bytearray = field(default_factory=bytearray)
    ended: bool = False
    reading: bool = True
    error: int = 0

    def work(self) -> bool:
        """Do what goes without waiting; returns whether both directions are through."""
        try:
            while self.to_send:
                self.to_send = self.to_send[self.socket.send(self.to_send) :]
                if not self.to_send:
                    self.socket.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno not in (errno.EINPROGRESS, errno.ENOTCONN):
                self.error = error.errno or -1
        try:
            while self.reading and not self.ended:
                data = self.socket.recv(65536)
                self.got += data
                self.ended = not data
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno not in (errno.EINPROGRESS, errno.ENOTCONN):
                self.error = error.errno or -1
        return self.ended and not self.to_send
