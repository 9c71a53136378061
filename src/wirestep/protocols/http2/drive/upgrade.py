"""A client that begins in HTTP/1.1 and asks for h2c (RFC 7540 section 3.2).

RFC 9113 no longer has this way (section 3.1); some clients and servers still do.
"""

from __future__ import annotations

from wirestep.exchange.contract import Output, Received, Say, Send
from wirestep.model import safe

from .client import Asked, Client

UPGRADE = "h2c"
"""The token in Upgrade: behind an HTTP/1.1 server, who takes it over."""
MOST_HEAD = 64 * 1024


class Upgrade(Client):
    """The first request of the wish asks for the upgrade, and is answered on stream 1."""

    _head_bytes = b""
    _switched = False

    def _start(self, now: int) -> list[Output]:
        self._began = now
        if not self._waiting:
            return self._finish("", now)
        number, request = self._waiting.popleft()
        if request.body:
            return self._finish("A request with a body cannot ask for the upgrade here.", now)
        settings = self._link.start(b"")
        fields = dict(self._head(request))
        head = [f"{request.method} {request.target} HTTP/1.1", f"Host: {fields[':authority']}"]
        head += [f"{name}: {value}" for name, value in fields.items() if name[0] != ":"]
        head += ["Connection: Upgrade, HTTP2-Settings", f"Upgrade: {UPGRADE}"]
        head += [f"HTTP2-Settings: {settings.decode('ascii')}", "", ""]
        lane = self._link.lane(1, f"{request.method} {request.target}", "headers", now)
        lane.machine.go("end sent", now)
        self._asked[1] = Asked(number, request, lane)
        return [Send("\r\n".join(head).encode("utf-8"))]

    def _read(self, data: bytes, now: int) -> list[Output]:
        if self._switched:
            return super()._read(data, now)
        self._head_bytes += data
        head, blank, rest = self._head_bytes.partition(b"\r\n\r\n")
        if not blank and len(self._head_bytes) <= MOST_HEAD:
            return []
        first, _, fields = head.partition(b"\r\n")
        if b" 101 " not in first + b" " or b"h2c" not in fields.lower():
            said = safe(first[:100].decode("latin-1"))
            return self._finish(f"The server does not switch to HTTP/2, it says: {said}.", now)
        self._switched = True
        out: list[Output] = [Say("switched to HTTP/2"), *self._link.flush(now)]
        return [*out, *self.handle(Received(rest), now)]
