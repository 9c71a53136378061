"""One QUIC connection of aioquic, and the endpoint that speaks inside it.

The endpoint inside hears `Told(None, value)`: first the QuicConnection, when it may use it, then
the events of aioquic as they come, and Woken. It calls the methods of the connection to send; what
it returns are WakeAt, Say, Secret and Tell. End closes the connection, and so does Abort.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import HandshakeCompleted, ProtocolNegotiated, QuicEvent
from aioquic.quic.packet import QuicErrorCode, QuicFrameType

from wirestep.exchange.contract import (
    Abort,
    End,
    Endpoint,
    Fact,
    Input,
    Output,
    Panel,
    Say,
    Secret,
    Send,
    Told,
    WakeAt,
    Woken,
)

from . import inside
from .engine import SECOND, Clock, KeyLog

Inner = Mapping[str, Callable[[], Endpoint]]
"""What may speak inside, by ALPN id."""

MOST_REASON = 200
"""Characters of a reason for closing."""
PING = 1
"""What a PING is called; it answers to no one."""
STATES = ("first flight", "handshake", "complete", "confirmed", "closing", "closed")


class Connection:
    """A QuicConnection with its inner endpoint, its timers and what it shows."""

    def __init__(self, quic: QuicConnection, inner: Inner, clock: Clock, log: KeyLog) -> None:
        self.quic = quic
        self.due: int | None = None
        """When it must be woken, ns."""
        self.app: Endpoint | None = None
        self.protocol = ""
        self.resumed = self.early = False
        self._inner, self._clock, self._log = inner, clock, log
        self._app_due: int | None = None
        self._quic_due: int | None = None
        self._since: dict[str, int] = {}
        self.pings = 0
        """To be sent, one by one, while nothing is heard."""
        self._ping_due: int | None = None
        self._asked = 0
        """When the peer was last asked to prove its path, ns."""
        self._sending: list[Send] = []
        self._began_early = False

    @property
    def closed(self) -> bool:
        """Whether nothing can happen on it any more."""
        return inside.phase(self.quic) == "closed"

    def answers_to(self, cid: bytes) -> bool:
        """Whether a datagram for this connection id is its own."""
        return cid in inside.own_ids(self.quic)

    def open(self, protocol: str, now: int) -> list[Output]:
        """The endpoint of an application protocol begins, once."""
        if self.app is not None or protocol not in self._inner:
            return []
        self.protocol, self.app = protocol, self._inner[protocol]()
        self._began_early = inside.phase(self.quic) == "first flight"
        return self._inside(Told(None, self.quic), now)

    def receive(self, data: bytes, sender: object, now: int) -> None:
        """A datagram came; `hear` and `flush` follow."""
        patience = round(inside.patience(self.quic) * SECOND)
        if not inside.challenged(self.quic):
            self._asked = now
        elif now - self._asked > patience:
            self._asked = now
            inside.challenge_again(self.quic)
        self._ping_due = now + 2 * patience if self.pings else None
        try:
            self.quic.receive_datagram(data, sender, self._clock.seconds(now))
        except Exception as error:  # a peer may send what aioquic is not prepared for
            self.quic.close(
                error_code=QuicErrorCode.INTERNAL_ERROR,
                frame_type=QuicFrameType.PADDING,
                reason_phrase=f"{type(error).__name__}: {error}"[:MOST_REASON],
            )

    def wake(self, now: int) -> list[Output]:
        """Whatever is due; `hear` and `flush` follow."""
        if self._quic_due is not None and self._quic_due <= now:
            self.quic.handle_timer(self._clock.seconds(now))
        if self._ping_due is not None and self._ping_due <= now:
            self.pings -= 1
            self.quic.send_ping(PING)
            patience = round(inside.patience(self.quic) * SECOND)
            self._ping_due = now + 2 * patience if self.pings else None
        if self._app_due is not None and self._app_due <= now:
            self._app_due = None
            return self._inside(Woken(), now)
        return []

    def tell(self, value: object, now: int) -> list[Output]:
        """Another endpoint of this host has something for the one inside."""
        return self._inside(Told(None, value), now) if self.app else []

    def hear(self, now: int) -> list[Output]:
        """What follows from what was just done, inside; `flush` comes next."""
        out: list[Output] = []
        while (event := self.quic.next_event()) is not None:
            out += self._event(event, now)
        return out

    def flush(self, now: int) -> list[Output]:
        """Secrets, then the datagrams they are for; `due` is then right."""
        sends = self._sending + self._datagrams(now)
        self._sending = []
        out: list[Output] = [Secret(line) for line in self._log.take()]
        out += sends
        due = self.quic.get_timer()
        self._quic_due = None if due is None else max(self._clock.time(due), now)
        if inside.ending(self.quic):
            self._ping_due = None
        dues = (self._quic_due, self._app_due, self._ping_due)
        self.due = min((at for at in dues if at is not None), default=None)
        self._since.setdefault(inside.phase(self.quic), now)
        return out

    def _datagrams(self, now: int) -> list[Send]:
        sent = self.quic.datagrams_to_send(self._clock.seconds(now))
        return [Send(data, address) for data, address in sent]

    def _event(self, event: QuicEvent, now: int) -> list[Output]:
        out: list[Output] = []
        match event:
            case ProtocolNegotiated(alpn_protocol=protocol):
                out += self.open(protocol or "", now)
            case HandshakeCompleted(early_data_accepted=early, session_resumed=resumed):
                self.early, self.resumed = early, resumed
                out.append(Say(self._completed()))
                if self._began_early and not early:
                    inside.early_is_lost(self.quic, self._clock.seconds(now))
                if self._began_early:
                    # Answers may come in this very moment, and the application close: the last
                    # message of the handshake must leave before.
                    self._sending += self._datagrams(now)
        return out + (self._inside(Told(None, event), now) if self.app else [])

    def _completed(self) -> str:
        said = "QUIC handshake complete"
        if self.resumed:
            said += ", resumed" + (", early data accepted" if self.early else "")
        return said

    def _inside(self, event: Input, now: int) -> list[Output]:
        assert self.app is not None
        out: list[Output] = []
        for wish in self.app.handle(event, now):
            match wish:
                case WakeAt(time):
                    self._app_due = time
                case End() | Abort():
                    self.quic.close()
                case _:
                    out.append(wish)
        return out

    def wish_to_wake(self) -> WakeAt:
        """When, and what for."""
        timers = self.timers()
        return WakeAt(self.due, timers[0][0] if timers else "")

    def timers(self) -> list[tuple[str, int]]:
        """(name, due in ns) of all that is armed, soonest first."""
        found = [(name, self._clock.time(at)) for name, at in inside.timers(self.quic)]
        if self._app_due is not None:
            found.append((self.protocol, self._app_due))
        if self._ping_due is not None:
            found.append(("PING", self._ping_due))
        return sorted(found, key=lambda one: one[1])

    def panels(self) -> tuple[Panel, ...]:
        """QUIC's panel, then those inside."""
        facts = [Fact("ALPN", self.protocol)] if self.protocol else []
        if self.resumed:
            facts.append(Fact("resumed", "0-RTT accepted" if self.early else "1-RTT"))
        panel = Panel(
            "QUIC",
            STATES,
            inside.phase(self.quic),
            tuple(self._since.items()),
            (*facts, *inside.facts(self.quic)),
        )
        return (panel, *(self.app.panels() if self.app else ()))
