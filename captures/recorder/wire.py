"""A wire in user space between pairs of interfaces: it delays, paces and, where told, loses frames.

The kernel's own netem is not everywhere; AF_PACKET is.
"""

from __future__ import annotations

import contextlib
import ctypes
import heapq
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_IGNORE_OUTGOING = 23
CLONE_NEWNET = 0x40000000
MAX_FRAME = 65535
MAX_FRAMES_PER_WAKE = 64


@dataclass(frozen=True, slots=True)
class Link:
    """Two interfaces of the wire's namespace joined: delay in seconds one way, rate in bit/s."""

    near: str
    far: str
    delay: float
    rate: float


@dataclass(slots=True)
class Loss:
    """Loses the frames whose place among those that `match` is in `places` (counted from 1).

    `inbound` is True for frames that travel towards the client.
    """

    match: Callable[[bytes], bool]
    places: frozenset[int]
    inbound: bool
    seen: int = 0
    lost: int = 0

    def takes(self, frame: bytes, inbound: bool) -> bool:
        if inbound != self.inbound or not self.match(frame):
            return False
        self.seen += 1
        if self.seen not in self.places:
            return False
        self.lost += 1
        return True


@dataclass(slots=True)
class _Lane:
    """One direction of a link."""

    source: socket.socket
    target: socket.socket
    delay: float
    rate: float
    inbound: bool
    lossy: bool
    free_at: float = 0.0


@dataclass(slots=True)
class Wire:
    """Runs in a thread of its own until stopped. `losses` act on the last link only."""

    links: list[Link]
    losses: list[Loss] = field(default_factory=list)
    _lanes: dict[int, _Lane] = field(default_factory=dict)
    _thread: threading.Thread | None = None
    _stopping: bool = False

    def start(self, namespace: str) -> None:
        """Opens the interfaces inside the named network namespace and begins to forward."""
        ready = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(namespace, ready), daemon=True)
        self._thread.start()
        if not ready.wait(5):
            raise RuntimeError(f"the wire could not be opened in the namespace {namespace}")

    def stop(self) -> None:
        self._stopping = True
        if self._thread is not None:
            self._thread.join(5)
        for lane in self._lanes.values():
            lane.source.close()

    def _work(self, namespace: str, ready: threading.Event) -> None:
        _enter(namespace)
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -10)
        for link in self.links:
            near, far = _tap(link.near), _tap(link.far)
            lossy = link is self.links[-1]
            for source, target, inbound in ((near, far, False), (far, near, True)):
                self._lanes[source.fileno()] = _Lane(
                    source, target, link.delay, link.rate, inbound, lossy
                )
        ready.set()
        self._forward()

    def _forward(self) -> None:
        due: list[tuple[float, int, socket.socket, bytes]] = []
        count = 0
        while not self._stopping:
            wait = 0.05 if not due else max(0.0, due[0][0] - time.monotonic())
            readable, _, _ = select.select(list(self._lanes), [], [], wait)
            for number in readable:
                for at, target, frame in self._taken(self._lanes[number]):
                    count += 1
                    heapq.heappush(due, (at, count, target, frame))
            now = time.monotonic()
            while due and due[0][0] <= now:
                _, _, target, frame = heapq.heappop(due)
                # An interface that is going down at the end of a scene is no reason to fail.
                with contextlib.suppress(OSError):
                    target.send(frame)

    def _taken(self, lane: _Lane) -> list[tuple[float, socket.socket, bytes]]:
        """Frames that came in on a lane, each with the time at which it leaves again."""
        taken = []
        for _ in range(MAX_FRAMES_PER_WAKE):
            try:
                frame = lane.source.recv(MAX_FRAME)
            except OSError:
                break
            now = time.monotonic()
            sent = max(now, lane.free_at) + len(frame) * 8 / lane.rate
            lane.free_at = sent
            if lane.lossy and any(loss.takes(frame, lane.inbound) for loss in self.losses):
                continue
            taken.append((sent + lane.delay, lane.target, frame))
        return taken


def _enter(namespace: str) -> None:
    """Moves the calling thread, and only it, into a network namespace."""
    handle = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    library = ctypes.CDLL(None, use_errno=True)
    failed = library.setns(handle, CLONE_NEWNET)
    os.close(handle)
    if failed:
        raise OSError(ctypes.get_errno(), f"setns {namespace}")


def _tap(interface: str) -> socket.socket:
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    tap.bind((interface, 0))
    tap.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    tap.setblocking(False)
    return tap


def is_syn(frame: bytes) -> bool:
    """An IPv4 TCP segment with SYN and without ACK."""
    tcp = _tcp(frame)
    return tcp is not None and tcp[13] & 0x12 == 0x02


def has_tcp_data(frame: bytes) -> bool:
    """An IPv4 TCP segment with at least 1,000 bytes of payload."""
    tcp = _tcp(frame)
    return tcp is not None and len(tcp) - (tcp[12] >> 4) * 4 >= 1000


def is_quic_short(frame: bytes) -> bool:
    """A UDP datagram over 1,000 bytes whose first byte is a QUIC short header (RFC 9000 17.3)."""
    if frame[12:14] != b"\x08\x00" or frame[23] != 17:
        return False
    payload = frame[14 + (frame[14] & 15) * 4 + 8 :]
    return len(payload) >= 1000 and payload[0] & 0x80 == 0


def _tcp(frame: bytes) -> bytes | None:
    if frame[12:14] != b"\x08\x00" or frame[23] != 6:
        return None
    length = int.from_bytes(frame[16:18], "big")
    return frame[14 + (frame[14] & 15) * 4 : 14 + length]
