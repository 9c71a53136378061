"""A segment arrives (RFC 9293 section 3.10.7): its checks, in the order of the RFC."""

from __future__ import annotations

from wirestep.exchange.contract import Failed

from .opening import accept, agree, answer_syn, emit_syn, established
from .options import SECOND
from .receiver import Arrival
from .scoreboard import Sent
from .segment import ACK, CE, CWR, ECE, FIN, RST, SYN, Segment, refusal
from .sequence import MASK, unwrap
from .states import RECEIVING, Event, State
from .tcb import Tcb
from .timers import DELAYED_ACK, GRANULARITY, KEEP_ALIVE, RTO, TIME_WAIT

_HALF = 1 << 31
_24_DAYS = 24 * 86_400 * SECOND
"""After so long TS.Recent says nothing any more (RFC 7323 section 5.5)."""


def arrive(tcb: Tcb, segment: Segment, now: int) -> None:
    """Do what a segment asks for; answers wait in `tcb.out`, news for the user in `tcb.events`."""
    state = tcb.state
    if state is State.CLOSED:
        answer = refusal(segment)
        if answer is not None:
            tcb.out.append(answer)
    elif state is State.LISTEN:
        _listen(tcb, segment, now)
    elif state is State.SYN_SENT:
        _syn_sent(tcb, segment, now)
    else:
        _otherwise(tcb, segment, now)


def _listen(tcb: Tcb, segment: Segment, now: int) -> None:
    """Section 3.10.7.2."""
    if segment.flags & RST:
        return
    if segment.flags & ACK:
        tcb.out.append(_reset_for(segment))
    elif segment.flags & SYN:
        accept(tcb, segment, now)


def _reset_for(segment: Segment) -> Segment:
    """<SEQ=SEG.ACK><CTL=RST>"""
    return Segment(segment.target, segment.source, segment.acknowledgment, flags=RST)


def _syn_sent(tcb: Tcb, segment: Segment, now: int) -> None:
    """Section 3.10.7.3."""
    sender, flags = tcb.sender, segment.flags
    ack = unwrap(segment.acknowledgment, sender.una)
    if flags & ACK and not sender.iss < ack <= sender.nxt:
        if not flags & RST:
            tcb.out.append(_reset_for(segment))
        return
    if flags & RST:
        if flags & ACK:
            tcb.finish(Event.RESET, now, "refused")
        return
    if not flags & SYN:
        return
    if not flags & ACK:
        answer_syn(tcb, segment, now)
        return
    agree(tcb, segment, now)
    established(tcb, Event.SYN_ACK, now)
    _forget(tcb, segment, ack, now)
    for record in sender.board.sent:
        # Data of our SYN that the server did not take goes again (RFC 7413 section 4.2.1).
        sender.board.lose(record)
    tcb.ack_now = True
    if segment.data:
        _text(tcb, segment, tcb.receiver.nxt, now)


def _otherwise(tcb: Tcb, segment: Segment, now: int) -> None:
    """Section 3.10.7.4: SYN-RECEIVED and all that follow."""
    sender, receiver, flags = tcb.sender, tcb.receiver, segment.flags
    start = unwrap(segment.sequence, receiver.nxt)
    ack = unwrap(segment.acknowledgment, sender.una)
    if tcb.state is State.SYN_RECEIVED and flags & SYN and start == receiver.irs:
        if not flags & ACK:
            # Our SYN, ACK was lost, it seems.
            _keep_timestamp(tcb, segment, now)
            emit_syn(tcb, SYN | ACK, now, note="retransmission")
            return
        start += 1  # both opened at once (figure 8): what counts is its ACK
        flags &= ~SYN
    elif not _in_window(tcb, segment, start, ack, now):
        return
    if flags & RST:
        _reset(tcb, start, now)
        return
    if flags & SYN:
        tcb.challenge(now, "challenge ACK")  # RFC 5961 section 4.2
        return
    if not flags & ACK:
        return
    if tcb.timestamps and start <= receiver.last_ack:
        _keep_timestamp(tcb, segment, now)
    if tcb.state is State.SYN_RECEIVED:
        if not sender.una < ack <= sender.nxt:
            tcb.out.append(_reset_for(segment))
            return
        established(tcb, Event.ACK_OF_SYN, now)
    if not _acknowledgment(tcb, segment, start, ack, now):
        return
    if segment.data or flags & FIN:
        _text(tcb, segment, start, now)


def _late(tcb: Tcb, timestamp: int) -> bool:
    """SEG.TSval < TS.Recent (RFC 7323 section 5.3)."""
    return (timestamp - tcb.receiver.ts_recent) & MASK >= _HALF


def _keep_timestamp(tcb: Tcb, segment: Segment, now: int) -> None:
    """What is echoed from now on (RFC 7323 section 4.3, (2))."""
    if segment.timestamps is not None and not _late(tcb, segment.timestamps[0]):
        tcb.receiver.ts_recent = segment.timestamps[0]
        tcb.receiver.ts_time = now


def _in_window(tcb: Tcb, segment: Segment, start: int, ack: int, now: int) -> bool:
    """First check: whether the segment is to be read on (section 3.10.7.4; RFC 7323 section 5)."""
    receiver, flags = tcb.receiver, segment.flags
    length = segment.length
    if tcb.timestamps and not flags & RST:
        if segment.timestamps is None:
            return False  # RFC 7323 section 3.2
        late = _late(tcb, segment.timestamps[0])
        # An acknowledgment that was overtaken is no old duplicate of data.
        harmless = length == 0 and start == receiver.nxt
        if late and not harmless and now - receiver.ts_time < _24_DAYS:
            tcb.challenge(now, "older than what came (PAWS)")
            return False
    if receiver.acceptable(start, length):
        return True
    if flags & RST:
        return False
    if tcb.state is State.TIME_WAIT and flags & FIN:
        tcb.alarms.arm(TIME_WAIT, now, tcb.options.time_wait)
    if segment.data and start + length <= receiver.nxt:
        receiver.duplicate = (start, start + len(segment.data))
    if start == receiver.nxt and not receiver.window and flags & ACK:
        # The window is shut, and still an ACK is heard.
        _acknowledgment(tcb, segment, start, ack, now, text=True)
    note = "duplicate ACK" if start < receiver.nxt else "out of the window"
    if not receiver.window and start == receiver.nxt:
        note = "the window is shut"
    if segment.data:
        tcb.acknowledge(now, note)
    else:
        tcb.challenge(now, note)
    return False


def _reset(tcb: Tcb, start: int, now: int) -> None:
    """Second check (RFC 5961 section 3.2): only the very next sequence number resets."""
    if start != tcb.receiver.nxt:
        tcb.challenge(now, "challenge ACK")
        return
    state = tcb.state
    if state is State.SYN_RECEIVED and tcb.machine.passive:
        if tcb.early:
            tcb.events.append(Failed("reset"))  # with Fast Open the user knows of it already
        tcb.machine.handle(Event.RESET, now)
        tcb.alarms.clear()
        tcb.begin()
        return
    quiet = state in (State.CLOSING, State.LAST_ACK, State.TIME_WAIT)
    reason = "refused" if state is State.SYN_RECEIVED else "" if quiet else "reset"
    tcb.finish(Event.RESET, now, reason)


def _acknowledgment(
    tcb: Tcb, segment: Segment, start: int, ack: int, now: int, text: bool = False
) -> bool:
    """Fifth check, of the ACK field; returns whether the segment is to be read on.

    `text`: it has some, and it was not taken; the ACK of a window probe is no duplicate.
    """
    sender, recovery, board = tcb.sender, tcb.recovery, tcb.sender.board
    if ack > max(sender.nxt, sender.probed):
        tcb.challenge(now, "acknowledges what was not sent")
        return False
    if ack < sender.una - max(sender.max_window, 1):
        tcb.challenge(now, "challenge ACK")  # RFC 5961 section 5.2
        return False
    tcb.unanswered = 0
    if tcb.options.keep_alive:
        tcb.alarms.arm(KEEP_ALIVE, now, tcb.options.keep_alive)
    if ack < sender.una:
        return True
    new = ack > sender.una
    window = sender.window
    sender.hear_window(start, ack, segment.window << sender.scale)
    if new:
        _forget(tcb, segment, ack, now)
    elif sender.window == 0:
        tcb.round_trip.back_offs = 0  # it answers: never give up (section 3.8.6.1, MUST-37)
    if board.sent and _something_left(tcb, segment, ack, new, sender.window == window and not text):
        recovery.duplicate(now)
    if tcb.ecn and segment.flags & ECE:
        recovery.marked(now)
    tcb.note_point(now)
    if sender.fin is not None and sender.una > sender.fin:
        _fin_acknowledged(tcb, now)
    return tcb.state is not State.CLOSED


def _something_left(tcb: Tcb, segment: Segment, ack: int, new: bool, plain: bool) -> bool:
    """Whether it says that something arrived out of order: a duplicate acknowledgment.

    `plain`: the window is as it was, and nothing was asked (RFC 5681 section 2). Selective
    acknowledgments say it themselves (RFC 6675 section 2).
    """
    board = tcb.sender.board
    if not tcb.recovery.sack:
        return plain and not new and not segment.data and not segment.flags & FIN
    if not segment.sack or not board.mark_sacked(_ranges(tcb, segment, ack)):
        return False
    board.mark_lost(tcb.congestion.mss)
    return True


def _ranges(tcb: Tcb, segment: Segment, ack: int) -> list[tuple[int, int]]:
    """Selective acknowledgments that can be; a D-SACK (RFC 2883) is not above `ack`."""
    nxt = tcb.sender.nxt
    ranges = [(unwrap(start, ack), unwrap(stop, ack)) for start, stop in segment.sack]
    return [(start, stop) for start, stop in ranges if ack < start < stop <= nxt]


def _forget(tcb: Tcb, segment: Segment, ack: int, now: int) -> None:
    """All before `ack` has arrived: measure, grow, and set the timer anew (RFC 6298 section 5)."""
    sender, round_trip = tcb.sender, tcb.round_trip
    count = ack - sender.una
    gone = sender.board.acknowledge(ack)
    sender.acknowledge(ack)
    _measure(tcb, gone, segment, now)
    round_trip.back_offs = 0
    if gone and gone[0].flags & SYN:
        if gone[0].again:
            round_trip.after_lost_syn()
        restart = True
    else:
        # What echoes a mark lets the window not grow: RFC 3168 section 6.1.2.
        grow = tcb.limited and not (tcb.ecn and segment.flags & ECE)
        restart = tcb.recovery.acknowledged(count, now, round_trip.srtt, grow)
    if not sender.board.sent:
        tcb.alarms.stop(RTO)
    elif restart:
        tcb.arm_rto(now)


def _measure(tcb: Tcb, gone: list[Sent], segment: Segment, now: int) -> None:
    """One round trip from an acknowledgment, unless it can not be told what it is for (Karn)."""
    first = None
    again = 0
    for record in gone:
        again |= record.again
        if first is None and not record.sacked:
            first = record
    if first is None:
        return
    if not again:
        tcb.round_trip.sample(now - first.time)
    elif tcb.timestamps and segment.timestamps is not None:
        # RFC 7323 section 4.1: what it echoes was sent then.
        ticks = (tcb.tick(now) - segment.timestamps[1]) & MASK
        if ticks < _HALF:
            tcb.round_trip.sample(max(ticks, 1) * GRANULARITY)


def _fin_acknowledged(tcb: Tcb, now: int) -> None:
    state = tcb.state
    if state in (State.FIN_WAIT_1, State.CLOSING, State.LAST_ACK):
        if state is State.LAST_ACK:
            tcb.finish(Event.ACK_OF_FIN, now)
            return
        tcb.machine.handle(Event.ACK_OF_FIN, now)
        _wait(tcb, now)


def _wait(tcb: Tcb, now: int) -> None:
    """In TIME-WAIT nothing but its own timer runs (section 3.10.7.4, fifth and eighth)."""
    if tcb.state is State.TIME_WAIT:
        tcb.alarms.clear()
        tcb.alarms.arm(TIME_WAIT, now, tcb.options.time_wait)


def _text(tcb: Tcb, segment: Segment, start: int, now: int) -> None:
    """Seventh and eighth check: the text, and the FIN after it."""
    receiver = tcb.receiver
    early = tcb.state is State.SYN_RECEIVED and tcb.early
    if receiver.ended or not (tcb.state in RECEIVING or early):
        return
    if tcb.ecn:
        # RFC 3168 section 6.1.3: echo the mark until the peer says that it knows.
        if segment.flags & CWR:
            receiver.echo = False
        if segment.ecn == CE:
            receiver.echo = True
    fit, data = receiver.take(start, segment.data, bool(segment.flags & FIN))
    if fit is Arrival.OUT_OF_ORDER:
        # At once, and one for each: the peer counts them (RFC 5681 section 4.2).
        tcb.acknowledge(now, "duplicate ACK")
        return
    if data or receiver.ended:
        tcb.deliver(data)
    if receiver.ended:
        tcb.machine.handle(Event.FIN, now)
        tcb.ack_now = True
        _wait(tcb, now)
        return
    receiver.owed += 1
    if fit is Arrival.FILLED or receiver.owed >= 2 or not tcb.options.delayed_ack:
        tcb.ack_now = True
    elif DELAYED_ACK not in tcb.alarms:
        tcb.alarms.arm(DELAYED_ACK, now, tcb.options.delayed_ack, receiver.last_ack, receiver.nxt)
