"""A server that only looks like WebSocket, as a program of net/http in Go that writes the 101 by
hand and then echoes lines: no Sec-WebSocket-Accept, no frames. A client must refuse it.
"""

from __future__ import annotations

from wirestep.exchange.contract import End, Ended, Input, Output, Panel, Received, Say, Send

SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
REFUSAL = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"X-Content-Type-Options: nosniff\r\nContent-Length: 27\r\nConnection: close\r\n\r\n"
    b"websocket upgrade required\n"
)
MOST_LINE = 1024 * 1024
"""Bytes that are kept of a line, or of the request, that does not end."""


class GoSample:
    """Answers any upgrade with its 101, then each line with "echo: " and the line."""

    def __init__(self) -> None:
        self._rest = b""
        self._switched = False
        self._over = False

    def handle(self, event: Input, now: int) -> list[Output]:
        """Bytes in, lines out."""
        if self._over:
            return []
        match event:
            case Received(data):
                self._rest += data
                out = self._lines() if self._switched else self._request()
                if len(self._rest) > MOST_LINE:
                    return [*out, *self._end()]
                return out
            case Ended():
                return self._end()
        return []

    def panels(self) -> tuple[Panel, ...]:
        """It has two states."""
        states = ("HTTP", "lines")
        return (Panel("not WebSocket", states, states[self._switched]),)

    def _request(self) -> list[Output]:
        head, blank, rest = self._rest.partition(b"\r\n\r\n")
        if not blank:
            return []
        fields = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
        values = [value.strip() for name, _, value in fields if name.lower() == b"upgrade"]
        if values[:1] != [b"websocket"]:
            return [Send(REFUSAL), *self._end()]
        self._rest, self._switched = rest, True
        return [Send(SWITCH), Say("switched, without Sec-WebSocket-Accept"), *self._lines()]

    def _lines(self) -> list[Output]:
        *lines, self._rest = self._rest.split(b"\n")
        return [Send(b"echo: " + line + b"\n") for line in lines]

    def _end(self) -> list[Output]:
        self._over = True
        return [End()]
