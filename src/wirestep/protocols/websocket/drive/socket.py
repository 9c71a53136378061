"""One end of a WebSocket (RFC 6455) on wsproto, from the upgrade to the close.

wsproto gives pieces of messages, cut where TCP cut; here messages are whole. Keys and masks are
drawn from the chance of whoever runs the endpoint (`exchange.chance`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import wsproto
import wsproto.events as ws
import wsproto.frame_protocol
import wsproto.utilities
from wsproto.connection import ConnectionState
from wsproto.extensions import Extension

from wirestep.exchange.chance import lend
from wirestep.exchange.contract import Fact, Panel
from wirestep.exchange.machine import Machine
from wirestep.model import safe
from wirestep.protocols.websocket.names import CLOSES

from .deflate import MOST_MESSAGE, Deflate
from .refusal import Head, reason

lend(wsproto.utilities, "os")
lend(wsproto.frame_protocol, "os")

STATES = ("CONNECTING", "OPEN", "CLOSING", "CLOSED")
TABLE = {
    ("CONNECTING", "accept"): "OPEN",
    ("CONNECTING", "refuse"): "CLOSED",
    ("CONNECTING", "lost"): "CLOSED",
    ("OPEN", "close"): "CLOSING",
    ("OPEN", "lost"): "CLOSED",
    ("CLOSING", "close"): "CLOSED",
    ("CLOSING", "lost"): "CLOSED",
}
"""RFC 6455 sections 4.1 and 7; "close" is a Close frame, sent or received."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The opening handshake failed."""

    sentence: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, whole."""

    data: str | bytes


@dataclass(frozen=True, slots=True)
class Closed:
    """The other party closes, or broke the rules so that we do."""

    code: int
    reason: str
    broken: bool = False
    """True where it is we who close, because of what came."""

    def __str__(self) -> str:
        name = CLOSES.get(self.code, "")
        return f"{self.code} {name}".rstrip() + (f" ({safe(self.reason)})" if self.reason else "")


Heard = Refused | Message | Closed | ws.AcceptConnection | ws.Request | ws.Ping | ws.Pong


class Socket:
    """`fragment`: bytes (characters of a text) of the frames that a message is cut into; 0: one."""

    def __init__(self, *, client: bool, fragment: int = 0) -> None:
        side = wsproto.ConnectionType.CLIENT if client else wsproto.ConnectionType.SERVER
        self._client = client
        self._ws = wsproto.WSConnection(side)
        self._fragment = fragment
        self._head = Head()
        self._parts: list[str] | list[bytes] = []
        self._size = 0
        self.machine = Machine(TABLE, "CONNECTING")
        self.extensions: list[Extension] = []
        self.subprotocol = ""
        self.said = 0
        self.heard = 0
        self.close: Closed | None = None

    @property
    def open(self) -> bool:
        """True while messages may be sent."""
        return self.machine.state == "OPEN"

    def request(self, request: ws.Request) -> bytes:
        """The opening handshake of a client."""
        data = self._ws.send(request)
        self._head.asked(data)
        return data

    def accept(self, event: ws.AcceptConnection, now: int) -> bytes:
        """The opening handshake of a server; the extensions are those that both sides have."""
        data = self._ws.send(event)
        self._accepted(event.extensions, event.subprotocol, now)
        return data

    def _accepted(self, extensions: list[Extension], subprotocol: str | None, now: int) -> None:
        self.machine.go("accept", now)
        self.extensions = [each for each in extensions if each.enabled()]
        self.subprotocol = subprotocol or ""

    def read(self, data: bytes, now: int) -> Iterator[Heard]:
        """What came; nothing more after the close."""
        if self.machine.state == "CLOSED" or self._ws.state is ConnectionState.CLOSED:
            return
        if self._client and self.machine.state == "CONNECTING":
            self._head.answered(data)
        try:
            self._ws.receive_data(data)
            for event in self._ws.events():
                yield from self._take(event, now)
        except (wsproto.utilities.ProtocolError, ValueError, IndexError) as error:
            self.machine.go("refuse", now)
            if self._client:
                yield Refused(reason(self._head, error))
            else:
                hint = getattr(error, "event_hint", None)
                yield Refused(safe(str(error)), str(getattr(hint, "status_code", 400)))

    def _take(self, event: ws.Event, now: int) -> Iterator[Heard]:
        match event:
            case ws.AcceptConnection():
                self._accepted(list(event.extensions), event.subprotocol, now)
                yield event
            case ws.RejectConnection(status_code=status):
                self.machine.go("refuse", now)
                yield Refused(f"The server does not open a WebSocket: {status}.", str(status))
            case ws.TextMessage() | ws.BytesMessage():
                yield from self._piece(event)
            case ws.CloseConnection(code=code, reason=why):
                broken = self._ws.state is ConnectionState.OPEN
                self.close = self.close or Closed(int(code), why or "", broken)
                if not broken:
                    self.machine.go("close", now)
                yield Closed(int(code), why or "", broken)
            case ws.Ping() | ws.Pong() | ws.Request():
                yield event

    def _piece(self, event: ws.TextMessage | ws.BytesMessage) -> Iterator[Heard]:
        """Messages are given when they are whole; one that is too large ends the connection."""
        self._parts.append(event.data)  # type: ignore[arg-type]
        self._size += len(event.data)
        if self._size > MOST_MESSAGE:
            self._parts.clear()
            yield Closed(1009, f"more than {MOST_MESSAGE} bytes", broken=True)
        elif event.message_finished:
            text = isinstance(event, ws.TextMessage)
            whole = "".join(self._parts) if text else b"".join(self._parts)  # type: ignore[arg-type]
            self._parts, self._size = [], 0
            self.heard += 1
            yield Message(whole)

    def say(self, data: str | bytes) -> bytes:
        """A message, in one frame or in fragments (RFC 6455 section 5.4)."""
        step = self._fragment or max(1, len(data))
        pieces = [data[at : at + step] for at in range(0, len(data), step)] or [data]
        self.said += 1
        sent = b""
        for place, piece in enumerate(pieces, 1):
            last = place == len(pieces)
            event = (
                ws.TextMessage(data=piece, message_finished=last)
                if isinstance(piece, str)
                else ws.BytesMessage(data=piece, message_finished=last)
            )
            sent += self._ws.send(event)
        return sent

    def ping(self, payload: bytes) -> bytes:
        """A Ping frame."""
        return self._ws.send(ws.Ping(payload=payload))

    def pong(self, event: ws.Ping) -> bytes:
        """The answer to a Ping; nothing once we closed."""
        return self._ws.send(event.response()) if self.open else b""

    def shut(self, code: int, why: str, now: int) -> bytes:
        """A Close frame, where one may still be sent."""
        if self._ws.state not in (ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING):
            return b""
        data = self._ws.send(ws.CloseConnection(code=code, reason=why or None))
        self.machine.go("close", now)
        self.close = self.close or Closed(code, why)
        return data

    def panel(self) -> Panel:
        """Its state, what was agreed, and how much was said."""
        facts = [Fact("messages", f"{self.said} said, {self.heard} heard")]
        if self.subprotocol:
            facts.append(Fact("subprotocol", safe(self.subprotocol)))
        for extension in self.extensions:
            kept = isinstance(extension, Deflate) and not extension.client_no_context_takeover
            facts.append(Fact(extension.name, "keeps its context" if kept else "each on its own"))
        if self.close:
            facts.append(Fact("close", str(self.close)))
        return self.machine.panel("WebSocket", STATES, facts)
