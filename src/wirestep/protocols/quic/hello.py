"""What QUIC itself must know of the TLS handshake that it carries (RFC 9001 section 4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wirestep.decode.cursor import Short

from .numbers import glance

CLIENT_HELLO, SERVER_HELLO, ENCRYPTED_EXTENSIONS = 1, 2, 8
ALPN, PARAMETERS, DRAFT_PARAMETERS = 16, 0x39, 0xFFA5
RESET_TOKEN = 2
"""(RFC 9000 section 18.2)"""


@dataclass
class Agreed:
    """What the two ends have said so far."""

    random: bytes = b""
    """The client's: what a key log calls the connection by."""
    suite: int | None = None
    offered: tuple[str, ...] = ()
    chosen: str = ""
    """The application's protocol."""
    reset_token: bytes = b""
    """By which the server may end a connection that it has forgotten."""

    @property
    def application(self) -> str:
        """The application's protocol as far as it can be told; HTTP/3 where nobody has said."""
        return self.chosen or (self.offered[0] if self.offered else "h3")

    def learn(self, message: bytes) -> None:
        """Take in a whole handshake message, header and all."""
        kind, body = message[0], message[4:]
        if kind == CLIENT_HELLO and len(body) > 34:
            self.random = body[2:34]
            at = 35 + body[34]
            at += 2 + int.from_bytes(body[at : at + 2], "big")
            at += 1 + (body[at] if at < len(body) else 0)
            self._extensions(body, at, kind)
        elif kind == SERVER_HELLO and len(body) > 37:
            at = 35 + body[34]
            self.suite = int.from_bytes(body[at : at + 2], "big")
        elif kind == ENCRYPTED_EXTENSIONS:
            self._extensions(body, 0, kind)

    def _extensions(self, body: bytes, at: int, message: int) -> None:
        for kind, data in extensions(body, at):
            if kind == ALPN:
                names = tuple(protocols(data))
                if message == CLIENT_HELLO:
                    self.offered = names
                elif names:
                    self.chosen = names[0]
            elif kind in (PARAMETERS, DRAFT_PARAMETERS) and message == ENCRYPTED_EXTENSIONS:
                self.reset_token = dict(parameters(data)).get(RESET_TOKEN, b"")


def extensions(body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Extensions of the block at `at`: (type, data), as far as the bytes go."""
    stop = min(len(body), at + 2 + int.from_bytes(body[at : at + 2], "big"))
    at += 2
    while at + 4 <= stop:
        kind = int.from_bytes(body[at : at + 2], "big")
        size = int.from_bytes(body[at + 2 : at + 4], "big")
        if at + 4 + size > stop:
            return
        yield kind, body[at + 4 : at + 4 + size]
        at += 4 + size


def protocols(data: bytes) -> Iterator[str]:
    """Names of application protocols (RFC 7301 section 3.1)."""
    at = 2
    while at < len(data):
        yield data[at + 1 : at + 1 + data[at]].decode("ascii", "backslashreplace")
        at += 1 + data[at]


def parameters(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Transport parameters, as far as the bytes go (RFC 9000 section 18)."""
    at = 0
    try:
        while at < len(data):
            kind, at = glance(data, at, len(data))
            size, at = glance(data, at, len(data))
            yield kind, data[at : at + size]
            at += size
    except Short:
        return
