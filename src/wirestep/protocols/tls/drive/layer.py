"""TLS around another endpoint, on OpenSSL in memory (RFC 8446, RFC 5246): what both sides share.

Bytes may come cut anywhere. What OpenSSL writes at one instant is sent in one piece, as a socket
would be given it. OpenSSL draws its own random numbers: the same events give the same sizes, not
the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from OpenSSL import SSL

from wirestep.exchange.contract import (
    FAILURES,
    Abort,
    End,
    Ended,
    Endpoint,
    Failed,
    Input,
    Output,
    Panel,
    Pause,
    Received,
    Resume,
    Say,
    Send,
    Started,
    Tell,
    Told,
    WakeAt,
    Woken,
)
from wirestep.exchange.machine import Table
from wirestep.model import safe

from . import sentences
from .watch import Watch

Inner = Mapping[str, Callable[[], Endpoint]]
"""Who talks inside, by the ALPN identifier that was agreed; "" where none was. Never empty."""

TIMER = "TLS timeout"
PIECE = 65_536
"""Bytes that are taken out of OpenSSL at a time."""


class Layer:
    """One end of a TLS connection, and the endpoint inside it."""

    peer = ""
    """What the other party is called in sentences."""
    asks = False
    """Whether somebody waits for what the endpoint inside has to tell, even where TLS fails."""

    def __init__(
        self,
        engine: SSL.Connection,
        inner: Inner,
        machine: tuple[Table, str],
        patience: int,
        host: str = "",
    ) -> None:
        self.engine, self.inner, self.patience = engine, inner, patience
        self.inside: Endpoint | None = None
        self.now = 0
        self.connected = self.over = self.paused = False
        self.alpn = ""
        self.pending = bytearray()
        """What the endpoint inside wants to send once the handshake is over."""
        self._started: Started | None = None
        self._ending = self._closed = self._peer_ended = False
        self._out: list[Output] = []
        self._deadline: int | None = None
        self._inner_wake: WakeAt | None = None
        self._armed: WakeAt | None = None
        self.watch = Watch(
            engine, *machine, self.peer, host, lambda output: self._out.append(output)
        )
        engine.set_app_data(self.watch)

    # what the wire calls

    def handle(self, event: Input, now: int) -> list[Output]:
        """What this end does about `event`; nothing once it is over."""
        if self.over:
            return []
        self.now = self.watch.now = now
        self._out = []
        try:
            self._handle(event)
            if self.connected:
                self._read()
        except SSL.Error as error:
            self.fail(self.watch.why or sentences.reason(error))
        self._flush()
        self._arm()
        return self._out

    def panels(self) -> tuple[Panel, ...]:
        """The handshake, and what is inside."""
        mine = self.watch.panel(self.states())
        return (mine, *self.inside.panels()) if self.inside else (mine,)

    def timers(self) -> list[tuple[str, int]]:
        """(name, when it is due) of what is pending here and inside, the soonest first."""
        pending = [(TIMER, self._deadline)] if self._deadline is not None else []
        ask = getattr(self.inside, "timers", None)
        if ask is not None:
            pending += ask()
        elif self._inner_wake is not None and self._inner_wake.time is not None:
            pending.append((self._inner_wake.name or "timer", self._inner_wake.time))
        return sorted(pending, key=lambda timer: timer[1])

    # what the two sides do in ways of their own

    def states(self) -> tuple[str, ...]:
        """The usual way through the handshake."""
        raise NotImplementedError

    def begin(self) -> None:
        """The way is open. Raises SSL.Error."""

    def shake(self) -> None:
        """Go on with the handshake. Raises SSL.Error; WantReadError where bytes are missing."""
        self.engine.do_handshake()

    def write_early(self, data: bytes) -> bytes:
        """Data from inside before the handshake is over; returns what has to wait."""
        return data

    def whole(self, alpn: str) -> None:
        """The handshake is over; nobody inside knows it yet."""

    # one event

    def _handle(self, event: Input) -> None:
        match event:
            case Started():
                self._started = event
                self.watch.begin(self.now)
                self._deadline = self.now + self.patience if self.patience else None
                self.begin()
                self._shake()
            case Received(data=data):
                if data:
                    self.engine.bio_write(data)
                self._shake()
            case Ended():
                self._ended()
            case Failed(reason=reason):
                self._failed(reason)
            case Woken():
                self._woken()
            case Told():
                self.tell(event)

    def _shake(self) -> None:
        if self.connected:
            return
        try:
            self.shake()
        except SSL.WantReadError:
            self.watch.step("wait")
            return
        self.connected, self._deadline = True, None
        self.watch.step("done")
        self.alpn = self.engine.get_alpn_proto_negotiated().decode("latin-1")
        self.watch.note_facts(self.alpn)
        self.whole(self.alpn)
        if self.inside is None:
            self._inner_wake = None
            self.enter(self.alpn)
        if self.pending and not self.over:
            data, self.pending = bytes(self.pending), bytearray()
            self.engine.sendall(data)
        if self._ending:
            self._end()

    def enter(self, alpn: str) -> None:
        """Let the endpoint for this application protocol begin.

        Where nothing was agreed, the last of them talks: what is older knows no ALPN.
        """
        make = self.inner.get(alpn) or (None if alpn else list(self.inner.values())[-1])
        if make is not None:
            self.inside = make()
            self.tell(self._started or Started())
            return
        self.engine.shutdown()
        self.fail(f"The {self.peer} wants to speak “{safe(alpn)}”, which nobody does here.")

    def _read(self) -> None:
        while not self.paused and not self.over:
            try:
                data = self.engine.recv(PIECE)
            except SSL.WantReadError:
                return
            except SSL.ZeroReturnError:
                if not self._peer_ended:
                    self._peer_ended = True
                    self.watch.step("close read")
                    self.tell(Ended())
                return
            self.tell(Received(data))

    def _ended(self) -> None:
        """The other party sends nothing more: after close_notify, or cut off."""
        if not self.connected:
            self.fail(f"The {self.peer} closed the connection during the TLS handshake.")
        elif not self._peer_ended:
            # RFC 8446 section 6.1: without close_notify the end may be somebody else's doing.
            self.fail(f"The {self.peer} ended without close_notify: data may be missing.")

    def _failed(self, reason: str) -> None:
        if self._started is not None and not self.connected:
            sentence = FAILURES.get(reason, reason).rstrip(".")
            reason = f"{sentence}, during the TLS handshake ({self.watch.state})."
        self._finish(reason)

    def _woken(self) -> None:
        self._armed = None
        if self._deadline is not None and self.now >= self._deadline:
            seconds = self.patience / 1_000_000_000
            why = f"The TLS handshake did not end within {seconds:g} s ({self.watch.state})."
            self.fail(why, Abort())
            return
        wake = self._inner_wake
        if wake is not None and wake.time is not None and self.now >= wake.time:
            self._inner_wake = None
            self.tell(Woken())

    # what comes out of the endpoint inside

    def tell(self, event: Input) -> None:
        """Hand an event in, and do what the endpoint inside wants."""
        if self.inside is None:
            return
        for output in self.inside.handle(event, self.now):
            match output:
                case Send(data=data):
                    self._write(data)
                case End():
                    self._end()
                case WakeAt():
                    self._inner_wake = output
                case Abort():
                    self._out.append(output)
                    self._finish("")
                case _:
                    if isinstance(output, Pause | Resume):
                        self.paused = isinstance(output, Pause)
                    self._out.append(output)

    def _write(self, data: bytes) -> None:
        if not data or self._ending or self.over:
            return
        if self.connected:
            self.engine.sendall(data)
        else:
            self.pending += self.write_early(data)

    def _end(self) -> None:
        """Nothing more is sent: close_notify, and the end of the stream below."""
        self._ending = True
        if self.connected and not self._closed:
            self._closed = True
            self.watch.step("close sent")
            self.engine.shutdown()
            self._flush()
            self._out.append(End())

    # ends

    def say(self, text: str) -> None:
        """Something for the people watching."""
        self._out.append(Say(text))

    def fail(self, why: str, how: Abort | End | None = None) -> None:
        """Give up, after the alert that OpenSSL may have written, and tell whoever is inside."""
        self._flush()
        self.say(why)
        self._finish(why)
        self._out.append(how or End())

    def _finish(self, why: str) -> None:
        """Nothing more happens here; who is inside may still tell it."""
        if self.over:
            return
        self.over = True
        self._deadline = self._inner_wake = None
        self.watch.step("fail")
        # OpenSSL forgets the session of a connection that is dropped without this.
        self.engine.set_shutdown(SSL.SENT_SHUTDOWN | SSL.RECEIVED_SHUTDOWN)
        if self.inside is None and self.asks:
            self.inside = next(iter(self.inner.values()))()
        if self.inside is not None and why:
            said = self.inside.handle(Failed(why), self.now)
            self._out += [output for output in said if isinstance(output, Tell | Say)]

    def _flush(self) -> None:
        """Send what OpenSSL wrote, in one piece."""
        if data := b"".join(self._written()):
            self._out.append(Send(data))

    def _written(self) -> Iterator[bytes]:
        try:
            while True:
                yield self.engine.bio_read(PIECE)
        except SSL.WantReadError:
            return

    def _arm(self) -> None:
        """Ask to be woken for what is due next, where that has changed."""
        wishes = [WakeAt(self._deadline, TIMER)] if self._deadline is not None else []
        if self._inner_wake is not None and self._inner_wake.time is not None:
            wishes.append(self._inner_wake)
        first = min(wishes, key=lambda wish: wish.time or 0, default=None)
        if first != self._armed:
            self._out.append(first or WakeAt(None))
            self._armed = first
