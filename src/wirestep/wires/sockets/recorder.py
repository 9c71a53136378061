"""The record of what passed: captured where that is allowed, else inferred from the sockets."""

from __future__ import annotations

import asyncio

from wirestep.capture import Interface, LiveCapture
from wirestep.model import Record
from wirestep.wires.frames import RAW_IP

from .seen import Clock, Seen
from .sketch import INTERFACE, MARK, Sketch
from .tap import Tap

PULSE = 0.03
"""Seconds between two batches."""
QUIET = 0.1
"""Seconds without a packet after which nothing more is waited for."""
LAST = 0.5
"""Seconds that are waited at the end, at most."""
MAX_KEPT = 10_000
"""Inferred packets kept in case that nothing can be captured after all."""


class Recorder:
    """A watch of sockets that fills a capture, on the thread of the sockets."""

    def __init__(self, capture: LiveCapture, clock: Clock, *, infer: bool = False) -> None:
        """`infer`: do not even try to capture."""
        self.capture = capture
        self.problem = ""
        """Why packets are inferred, where they are."""
        self._tap: Tap | None = None
        self._captured = 0
        self._new: list[Record] = []
        self._spare: list[Record] = []
        self._sketch = Sketch(clock.epoch)
        self._last = 0.0
        try:
            self._tap = None if infer else Tap(capture.interface)
        except PermissionError:
            self.problem = "that needs the capability CAP_NET_RAW"
        except OSError as error:
            self.problem = error.strerror or str(error)
        if self._tap is None:
            self._sketch.interface = self._describe()

    @property
    def inferred(self) -> bool:
        """Packets are not captured but inferred."""
        return self._tap is None

    def _describe(self) -> int:
        return self.capture.interface(Interface(INTERFACE, MARK, RAW_IP, resolution=10**9))

    def start(self) -> None:
        """Begin to read what the kernel shows."""
        if self._tap is not None:
            asyncio.get_running_loop().add_reader(self._tap.socket, self._read)

    def see(self, seen: Seen) -> None:
        """As a Watch."""
        if self._tap is not None:
            self._tap.see(seen)
            if not self._captured and len(self._spare) < MAX_KEPT:
                self._spare += self._sketch.records(seen)
        else:
            self._new += self._sketch.records(seen)

    def secret(self, line: str) -> None:
        """A line of the key log."""
        self.capture.learn(line.encode() + b"\n")

    def _read(self) -> None:
        assert self._tap is not None
        found = self._tap.records()
        self._captured += len(found)
        self._new += found
        if found:
            self._spare = []
            self._last = asyncio.get_running_loop().time()

    def flush(self) -> None:
        """Put what came since into the capture."""
        if self._new:
            self.capture.append(self._new)
            self._new = []

    async def keep(self) -> None:
        """Flush at every pulse, until cancelled."""
        while True:
            self.flush()
            await asyncio.sleep(PULSE)

    async def finish(self, problem: str = "") -> None:
        """Wait for the last packets; then the capture has ended."""
        loop = asyncio.get_running_loop()
        if self._tap is not None:
            stop = loop.time() + LAST
            while loop.time() < min(stop, self._last + QUIET):
                await asyncio.sleep(QUIET / 5)
            self.stop()
            if not self._captured and self._spare:
                self.problem = "no packet could be seen"
                place = self._describe()
                self._new = [
                    Record(0, one.time, one.data, one.length, one.link, place, one.comments)
                    for one in self._spare
                ]
        self.flush()
        self.capture.end(problem)

    def stop(self) -> None:
        """Read no more."""
        if self._tap is not None and self._tap.socket.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._tap.socket)
            self._tap.close()
