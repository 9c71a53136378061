"""How a connection begins: the SYN, and what both ends agree on by it (RFC 9293 section 3.5)."""

from __future__ import annotations

from wirestep.exchange.contract import Started

from .kinds import SPACE, TIMESTAMPS_SPACE
from .options import DEFAULT_MSS, MAX_SCALE, MIN_MSS
from .scoreboard import Sent
from .segment import ACK, CWR, ECE, PSH, SYN, Segment
from .states import Event
from .tcb import Tcb
from .timers import KEEP_ALIVE

DEFAULT_MSS_6 = 1220
"""Over IPv6 (RFC 9293 section 3.7.1, MUST-15)."""


def connect(tcb: Tcb, event: Event, now: int, early: bytes = b"", cookie: bytes = b"") -> None:
    """Active OPEN, or SEND in LISTEN (RFC 9293 sections 3.10.1 and 3.10.2).

    `early` goes with the SYN where there is a `cookie` (RFC 7413 section 4.2.1), else after it.
    """
    sender = tcb.sender
    sender.queue(early)
    tcb.machine.handle(event, now)
    fast = tcb.options.fast_open
    data = b""
    if fast and cookie:
        # What the peer takes is not known; nor may the options displace the data.
        data = early[: tcb.options.mss - SPACE]
    asked = cookie if fast else None
    _emit_first(tcb, SYN, now, data, asked)


def accept(tcb: Tcb, segment: Segment, now: int) -> None:
    """A SYN in LISTEN (RFC 9293 section 3.10.7.2, third), perhaps with data (RFC 7413)."""
    agree(tcb, segment, now)
    tcb.machine.handle(Event.SYN, now)
    answer = None
    cookies = tcb.cookies
    if cookies is not None and tcb.options.fast_open and segment.cookie is not None:
        host = tcb.remote.host
        if segment.cookie and cookies.valid(host, segment.cookie):
            _take_early(tcb, segment)
        else:
            answer = cookies.cookie(host)
    _emit_first(tcb, SYN | ACK, now, b"", answer)


def answer_syn(tcb: Tcb, segment: Segment, now: int) -> None:
    """A SYN in SYN-SENT: both ends open at once (RFC 9293 section 3.5, figure 8)."""
    agree(tcb, segment, now)
    tcb.machine.handle(Event.SYN, now)
    record = tcb.sender.board.sent[0]
    record.flags = SYN | ACK
    record.again += 1  # its round trip can not be told any more
    emit_syn(tcb, SYN | ACK, now)


def _emit_first(tcb: Tcb, flags: int, now: int, data: bytes, cookie: bytes | None) -> None:
    sender = tcb.sender
    start = sender.iss
    emit_syn(tcb, flags, now, data, cookie)
    sender.board.add(Sent(start, start + 1, flags, now, now))
    sender.nxt = start + 1
    if data:
        sender.nxt += len(data)
        pushed = ACK | PSH if sender.nxt == sender.stop else ACK
        sender.board.add(Sent(start + 1, sender.nxt, pushed, now, now))
    tcb.last_sent = now
    tcb.arm_rto(now)


def emit_syn(
    tcb: Tcb,
    flags: int,
    now: int,
    data: bytes = b"",
    cookie: bytes | None = None,
    note: str = "",
) -> None:
    """A SYN offers what the options say; a SYN, ACK agrees to what the peer offered."""
    options, receiver = tcb.options, tcb.receiver
    tcb.emit(tcb.sender.iss, flags, now, data, note)
    segment = tcb.out[-1]
    segment.mss = options.mss
    # The window of a SYN is never scaled (RFC 7323 section 2.2).
    segment.window = min(options.window, 0xFFFF)
    segment.cookie = cookie
    if flags & ACK:
        segment.scale = receiver.scale if tcb.scaled else None
        segment.sack_permitted = tcb.recovery.sack
        segment.flags |= ECE if tcb.ecn else 0  # RFC 3168 section 6.1.1
        return
    segment.scale = options.shift if options.scale else None
    segment.sack_permitted = options.sack
    if options.timestamps:
        segment.timestamps = (tcb.tick(now), 0)
    if options.ecn and not note:
        # A SYN that is sent again does without: RFC 3168 section 6.1.1.1.
        segment.flags |= ECE | CWR


def agree(tcb: Tcb, segment: Segment, now: int) -> None:
    """Take what the peer's SYN says, and what both ends offer."""
    options, sender, receiver = tcb.options, tcb.sender, tcb.receiver
    receiver.begin(segment.sequence)
    default = DEFAULT_MSS_6 if ":" in tcb.remote.host else DEFAULT_MSS
    sender.mss = max(MIN_MSS, min(options.mss, segment.mss or default))
    tcb.scaled = options.scale and segment.scale is not None
    if tcb.scaled:
        receiver.scale = options.shift
        # A larger shift is taken for 14 (RFC 7323 section 2.3).
        sender.scale = min(segment.scale or 0, MAX_SCALE)
    receiver.capacity = min(options.window, 0xFFFF << receiver.scale)
    tcb.recovery.sack = options.sack and segment.sack_permitted
    if options.timestamps and segment.timestamps is not None:
        tcb.timestamps = True
        receiver.ts_recent = segment.timestamps[0]
        receiver.ts_time = now
        sender.mss -= TIMESTAMPS_SPACE
    # RFC 3168 section 6.1.1: a SYN offers with both flags, a SYN, ACK agrees with one.
    said = segment.flags & (ECE | CWR)
    tcb.ecn = options.ecn and said == (ECE if segment.flags & ACK else ECE | CWR)
    tcb.congestion.begin(sender.mss, lost=False)
    sender.hear_first_window(segment.sequence, segment.window)
    if segment.cookie and segment.flags & ACK:
        tcb.cookie = segment.cookie


def established(tcb: Tcb, event: Event, now: int) -> None:
    """Our SYN is acknowledged."""
    tcb.machine.handle(event, now)
    lost = bool(tcb.sender.board.sent and tcb.sender.board.sent[0].again)
    tcb.congestion.begin(tcb.sender.mss, lost)
    if not tcb.early:
        tcb.events.append(Started(tcb.local, tcb.remote))
    if tcb.options.keep_alive:
        tcb.alarms.arm(KEEP_ALIVE, now, tcb.options.keep_alive)


def _take_early(tcb: Tcb, segment: Segment) -> None:
    """The cookie is good: the data of the SYN counts (RFC 7413 section 4.2.2)."""
    tcb.early = True
    tcb.events.append(Started(tcb.local, tcb.remote))
    if segment.data:
        receiver = tcb.receiver
        _, data = receiver.take(receiver.nxt, segment.data, fin=False)
        tcb.deliver(data)
