"""HTTP/2 on cleartext TCP, however the client begins: with the preface (RFC 9113 section 3.3), or
in HTTP/1.1 with an upgrade to h2c (RFC 7540 section 3.2).
"""

from __future__ import annotations

from wirestep.exchange.contract import (
    Chance,
    End,
    Input,
    Output,
    Panel,
    Received,
    Say,
    Send,
    Started,
)
from wirestep.exchange.options import Options
from wirestep.exchange.site import Site

from .server import Header, Server

MOST_HEAD = 64 * 1024
PRIOR = b"PRI "
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
REFUSAL = (
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n"
    "Content-Length: {}\r\n\r\n{}"
)


class Cleartext:
    """Looks at the first bytes, then is a Server."""

    def __init__(self, site: Site, chance: Chance | None, options: Options) -> None:
        self._server = Server(site, chance, options)
        self._started = Started()
        self._raw = b""
        self._begun = self._over = False

    def handle(self, event: Input, now: int) -> list[Output]:
        """Events of the way."""
        if self._over:
            return []
        match event:
            case Started():
                self._started = event
                return []
            case Received(data) if not self._begun:
                self._raw += data
                return self._begin(now)
        return self._server.handle(event, now)

    def panels(self) -> tuple[Panel, ...]:
        """Those of the server."""
        return self._server.panels()

    def _begin(self, now: int) -> list[Output]:
        if PRIOR.startswith(self._raw[: len(PRIOR)]):
            if len(self._raw) < len(PRIOR):
                return []
            self._begun = True
            out = self._server.handle(self._started, now)
            return [*out, *self._server.handle(Received(self._raw), now)]
        head, blank, rest = self._raw.partition(b"\r\n\r\n")
        if blank:
            return self._upgrade(head.decode("latin-1"), rest, now)
        return self._refuse("The head is too long.") if len(self._raw) > MOST_HEAD else []

    def _upgrade(self, head: str, rest: bytes, now: int) -> list[Output]:
        """Answer the request of HTTP/1.1 on stream 1."""
        first, *lines = head.split("\r\n")
        fields = [(n.strip().lower(), v.strip()) for n, _, v in (li.partition(":") for li in lines)]
        values = dict(fields)
        if "h2c" not in values.get("upgrade", "") or "http2-settings" not in values:
            return self._refuse("Only HTTP/2 is spoken here: say its preface, or upgrade to h2c.")
        if values.get("content-length", "0") != "0" or "transfer-encoding" in values:
            return self._refuse("A request with a body cannot ask for the upgrade here.")
        method, target, *_ = [*first.split(" "), "", ""]
        pseudo = [(":method", method), (":path", target), (":authority", values.get("host", ""))]
        hop = ("host", "connection", "upgrade", "http2-settings")
        headers: list[Header] = [*pseudo, *(each for each in fields if each[0] not in hop)]
        try:
            out = self._server.upgraded(values["http2-settings"], tuple(headers), now)
        except ValueError as error:
            return self._refuse(f"{error}.")
        self._begun = True
        sent: list[Output] = [Send(SWITCH), Say("switched to HTTP/2"), *out]
        return [*sent, *self._server.handle(Received(rest), now)] if rest else sent

    def _refuse(self, why: str) -> list[Output]:
        self._over = True
        return [Send(REFUSAL.format(len(why), why).encode()), Say(why), End()]
