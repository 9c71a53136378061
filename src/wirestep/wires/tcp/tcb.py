"""The transmission control block: all that one connection is (RFC 9293 section 3.3.1).

What can happen to it stands in files of its own: `opening` (the user opens), `arrival` (a segment
comes), `transmission` (it is asked what to send), `expiry` (an alarm rings). Here is what all of
them do: make segments, and end.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from wirestep.exchange.contract import Chance, Ended, Failed, Received, Started
from wirestep.model import Address

from .congestion import controller
from .cookies import Cookies
from .kinds import TIMESTAMPS_SPACE
from .options import MIN_MSS, Options
from .receiver import BLOCKS, Receiver
from .recovery import Recovery
from .segment import ACK, CWR, ECE, ECT, RST, SYN, Segment
from .sender import Sender
from .sequence import MASK
from .states import Event, Machine, State
from .timers import DELAYED_ACK, GRANULARITY, RTO, Alarms, RoundTrip

HISTORY = 4096
"""Points that are kept for plots."""
CHALLENGES, CHALLENGE_TIME = 10, 5_000_000_000
"""So many acknowledgments of what should not have come, in so many ns (RFC 5961 section 7)."""


class Point(NamedTuple):
    """One point of a plot, at each acknowledgment."""

    time: int
    cwnd: int
    ssthresh: int
    srtt: int | None
    in_flight: int


class Tcb:
    """One connection; see the attributes for who keeps what."""

    __slots__ = (
        "_challenges",
        "_clock",
        "ack_note",
        "ack_now",
        "alarms",
        "chance",
        "congestion",
        "cookie",
        "cookies",
        "early",
        "ecn",
        "events",
        "history",
        "last_sent",
        "limited",
        "local",
        "machine",
        "options",
        "out",
        "probes",
        "receiver",
        "recovery",
        "remote",
        "round_trip",
        "scaled",
        "sender",
        "timestamps",
        "unanswered",
    )

    def __init__(
        self,
        local: Address,
        remote: Address,
        chance: Chance,
        options: Options,
        cookies: Cookies | None,
    ) -> None:
        self.local, self.remote = local, remote
        self.options = options
        self.chance = chance
        self.cookies = cookies
        self.machine = Machine()
        self.alarms = Alarms()
        self.round_trip = RoundTrip(options)
        self.begin()
        self.out: list[Segment] = []
        """Segments that wait to be fetched."""
        self.events: list[Started | Received | Ended | Failed] = []
        self.history: deque[Point] = deque(maxlen=HISTORY)
        self._clock = chance.randrange(0, 1 << 31)
        """What the clock of the timestamps began at (RFC 7323 section 5.4)."""
        self._challenges: deque[int] = deque(maxlen=CHALLENGES)

    def begin(self) -> None:
        """Both sequence spaces as they are before anything was said (RFC 9293 section 3.4.1)."""
        options = self.options
        self.congestion = controller(options, options.mss)
        self.sender = Sender(self.chance.randrange(0, 1 << 32))
        self.receiver = Receiver(options.window, options.mss)
        self.recovery = Recovery(self.sender, self.congestion)
        self.timestamps = False
        """Timestamps were agreed on."""
        self.scaled = False
        """Window scaling was agreed on."""
        self.ecn = False
        """Congestion notification was agreed on."""
        self.cookie = b""
        """Fast Open: that of the server, kept by the client."""
        self.early = False
        """Fast Open: the server took data with the SYN, and may speak at once."""
        self.ack_now = False
        """An acknowledgment leaves with the next output, with data or without."""
        self.ack_note = ""
        """Why, where it leaves without."""
        self.limited = False
        """The congestion window is what holds back more."""
        self.last_sent = 0
        """When data was sent last, ns."""
        self.probes = 0
        """Window probes since the window shut."""
        self.unanswered = 0
        """Probes, of the window or of the peer, that nothing came back for."""

    @property
    def state(self) -> State:
        return self.machine.state

    def tick(self, now: int) -> int:
        """The timestamp clock, in milliseconds (RFC 7323 section 5.4)."""
        return self._clock + now // GRANULARITY & MASK

    def emit(self, sequence: int, flags: int, now: int, data: bytes = b"", note: str = "") -> None:
        """Put one segment into the queue, with what every segment tells besides."""
        receiver = self.receiver
        segment = Segment(
            self.local.port, self.remote.port, sequence & MASK, 0, flags, 0, data, note=note
        )
        if self.timestamps:
            segment.timestamps = (self.tick(now), receiver.ts_recent)
        if flags & ACK:
            segment.acknowledgment = receiver.nxt & MASK
            receiver.last_ack = receiver.nxt
            receiver.owed = 0
            self.ack_now = False
            self.alarms.stop(DELAYED_ACK)
            if not flags & (SYN | RST):
                segment.window = min(receiver.open() >> receiver.scale, 0xFFFF)
                if receiver.out_of_order or receiver.duplicate:
                    segment.sack = self._blocks(len(data))
                if receiver.echo:
                    segment.flags |= ECE
        self.out.append(segment)

    def emit_data(self, sequence: int, flags: int, now: int, data: bytes) -> None:
        """New data (not sent before): it may be marked on its way (RFC 3168 section 6.1.2)."""
        if self.ecn and data:
            if self.recovery.cwr:
                flags |= CWR
                self.recovery.cwr = False
            self.emit(sequence, flags, now, data)
            self.out[-1].ecn = ECT
        else:
            self.emit(sequence, flags, now, data)
        self.last_sent = now

    def acknowledge(self, now: int, note: str = "") -> None:
        """An acknowledgment at once, without data."""
        self.emit(self.sender.nxt, ACK, now, note=note)

    def challenge(self, now: int, note: str) -> None:
        """Acknowledge what should not have come; not too often (RFC 5961 sections 5 and 7)."""
        past = self._challenges
        if len(past) == CHALLENGES and now - past[0] < CHALLENGE_TIME:
            return
        past.append(now)
        self.acknowledge(now, note)

    def arm_rto(self, now: int) -> None:
        """RFC 6298 section 5, rules 5.1 and 5.3; not beyond the user's patience (RFC 5482)."""
        sender, wait = self.sender, self.round_trip.rto
        if self.options.user_timeout:
            first = sender.board.sent[0].first
            wait = max(0, min(wait, first + self.options.user_timeout - now))
        self.alarms.arm(RTO, now, wait, sender.una, sender.nxt)

    def most(self) -> int:
        """Bytes of data that the next segment may carry (RFC 6691: options count)."""
        receiver = self.receiver
        if not (self.recovery.sack and (receiver.out_of_order or receiver.duplicate)):
            return self.sender.mss
        return self.sender.mss - 4 - 8 * min(self._room, receiver.to_tell)

    @property
    def _room(self) -> int:
        """Blocks that fit beside the other options."""
        return BLOCKS - 1 if self.timestamps else BLOCKS

    def _blocks(self, size: int) -> tuple[tuple[int, int], ...]:
        """Selective acknowledgments for a segment with `size` bytes, as many as fit."""
        if not self.recovery.sack:
            return ()
        room = self._room if not size else min(self._room, (self.sender.mss - size - 4) // 8)
        blocks = self.receiver.blocks(room) if room > 0 else ()
        return tuple([(start & MASK, stop & MASK) for start, stop in blocks])

    def narrow(self, mss: int) -> None:
        """Smaller segments from now on, options included; what is too large goes again."""
        mss -= TIMESTAMPS_SPACE if self.timestamps else 0
        if MIN_MSS <= mss < self.sender.mss:
            self.sender.mss = self.congestion.mss = mss
            self.sender.board.split(mss)

    def deliver(self, data: bytes) -> None:
        """Hand up what is in order, and the end after it; or keep it for a paused user."""
        receiver = self.receiver
        if receiver.paused:
            receiver.hold(data)
            return
        if data:
            self.events.append(Received(data))
        if receiver.ended and not receiver.told:
            receiver.told = True
            self.events.append(Ended())

    def finish(self, event: Event, now: int, reason: str = "") -> None:
        """The connection is over; with a `reason`, the user is told."""
        self.machine.handle(event, now)
        self.alarms.clear()
        self.ack_now = False
        if reason:
            self.events.append(Failed(reason))

    def note_point(self, now: int) -> None:
        """Remember how the windows stand."""
        congestion = self.congestion
        self.history.append(
            Point(
                now,
                congestion.cwnd,
                congestion.ssthresh,
                self.round_trip.srtt,
                self.sender.board.pipe,
            )
        )
