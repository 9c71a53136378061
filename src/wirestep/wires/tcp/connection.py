"""One TCP connection, without a socket and without a clock (RFC 9293).

Calls of the user and segments of the peer go in at a time; `output` gives the segments that leave
at that time, `events` what the user is told, `due` when `expire` wants to be called.
"""

from __future__ import annotations

from collections import deque

from wirestep.exchange.contract import Chance, Ended, Failed, Panel, Received, Started
from wirestep.model import Address

from . import arrival, expiry, opening, transmission
from .cookies import Cookies
from .options import Options
from .panel import panel
from .segment import ACK, RST, Segment
from .sequence import MASK
from .states import HANDSHAKE, SENDING, Event, State
from .tcb import Point, Tcb
from .timers import Alarm

_QUIET = frozenset({State.CLOSING, State.LAST_ACK, State.TIME_WAIT, State.LISTEN, State.SYN_SENT})
"""An ABORT in these sends no RST (RFC 9293 section 3.10.5)."""


class Connection:
    """One end of one connection. All times are nanoseconds; they must not go back."""

    __slots__ = ("_tcb",)

    def __init__(
        self,
        local: Address,
        remote: Address,
        chance: Chance,
        options: Options = Options(),  # noqa: B008 (frozen)
        cookies: Cookies | None = None,
    ) -> None:
        """`cookies`: a listening host's, one for all its connections, for Fast Open."""
        self._tcb = Tcb(local, remote, chance, options, cookies)

    # The user's calls (RFC 9293 section 3.9.1)

    def connect(self, now: int, early: bytes = b"", cookie: bytes = b"") -> None:
        """Open; `early` data goes with the SYN where the server's `cookie` is known."""
        opening.connect(self._tcb, Event.ACTIVE_OPEN, now, early, cookie)

    def listen(self, now: int) -> None:
        """Wait for a SYN, which is then given to `receive`."""
        self._tcb.machine.handle(Event.PASSIVE_OPEN, now)

    def send(self, data: bytes, now: int) -> None:
        """Queue bytes; on one that listens, open first.

        After `close`, or when the connection is over, they go nowhere.
        """
        tcb = self._tcb
        if tcb.state is State.LISTEN:
            opening.connect(tcb, Event.SEND, now, data)
        elif not tcb.sender.closing and (tcb.state in SENDING or tcb.state in HANDSHAKE):
            tcb.sender.queue(data)

    def close(self, now: int) -> None:
        """Send no more: a FIN follows what is queued. The peer may still send. Twice is once."""
        tcb = self._tcb
        nothing = tcb.sender.stop == tcb.sender.iss + 1
        if tcb.state is State.LISTEN or (tcb.state is State.SYN_SENT and nothing):
            tcb.finish(Event.CLOSE, now)
        else:
            tcb.sender.closing = True

    def abort(self, now: int) -> None:
        """Break off at once, with an RST where the peer may know of the connection."""
        tcb = self._tcb
        if tcb.state is State.CLOSED:
            return
        if tcb.state not in _QUIET:
            tcb.emit(tcb.sender.nxt, RST | ACK, now, note="abort")
        tcb.finish(Event.ABORT, now)

    def pause(self, now: int) -> None:
        """Read no more: what comes is kept, and the window shuts as it fills."""
        self._tcb.receiver.paused = True

    def resume(self, now: int) -> None:
        """Read on; the peer is told when that opens the window by enough."""
        tcb = self._tcb
        receiver = tcb.receiver
        if not receiver.paused:
            return
        receiver.paused = False
        tcb.deliver(receiver.release())
        if tcb.state not in HANDSHAKE and receiver.may_open() and not receiver.ended:
            tcb.ack_now = True
            tcb.ack_note = "window update"

    # What comes from below

    def receive(self, segment: Segment, now: int) -> None:
        """A segment for this connection arrived."""
        arrival.arrive(self._tcb, segment, now)

    def too_big(self, mtu: int, now: int) -> None:
        """ICMP says that a packet needed to be smaller: RFC 1191 section 6.4, RFC 8201."""
        headers = 60 if ":" in self._tcb.remote.host else 40
        self._tcb.narrow(mtu - headers)

    def unreachable(self, now: int) -> None:
        """ICMP says that the peer can not be reached: that ends an attempt, no more (RFC 5461)."""
        tcb = self._tcb
        if tcb.state in HANDSHAKE:
            tcb.finish(Event.TIME_OUT, now, "unreachable")

    # What goes out

    def output(self, now: int) -> list[Segment]:
        """The segments that leave at `now`, in order; to be asked for after all else."""
        tcb = self._tcb
        transmission.transmit(tcb, now)
        out = tcb.out
        tcb.out = []
        return out

    def events(self) -> list[Started | Received | Ended | Failed]:
        """What the user is told since the last call."""
        events = self._tcb.events
        self._tcb.events = []
        return events

    @property
    def due(self) -> int | None:
        """When `expire` is to be called, if nothing happens before."""
        return self._tcb.alarms.due

    def expire(self, now: int) -> None:
        """Do what is due at `now`."""
        tcb = self._tcb
        while (name := tcb.alarms.take(now)) is not None:
            expiry.ring(tcb, name, now)

    # What can be seen

    @property
    def state(self) -> State:
        return self._tcb.state

    @property
    def over(self) -> bool:
        """It is closed, or as if it had never been: it can be forgotten."""
        return self._tcb.state is State.CLOSED or self._tcb.state is State.LISTEN

    @property
    def cookie(self) -> bytes:
        """The cookie that the server gave for the next time; b"" for none (RFC 7413)."""
        return self._tcb.cookie

    @property
    def history(self) -> deque[Point]:
        """How the windows went, a point for each acknowledgment; the oldest are forgotten."""
        return self._tcb.history

    def timers(self) -> list[Alarm]:
        """The alarms that run, the next one first; sequence numbers as on the wire."""
        return [
            Alarm(alarm.name, alarm.armed, alarm.due, alarm.start & MASK, alarm.stop & MASK)
            for alarm in self._tcb.alarms.running()
        ]

    def panel(self) -> Panel:
        """The state machine and its numbers, for people."""
        return panel(self._tcb)
