"""What leaves now: retransmissions, new data, a FIN, an acknowledgment (RFC 9293 section 3.8)."""

from __future__ import annotations

from .opening import emit_syn
from .recovery import Mode
from .scoreboard import Sent
from .segment import ACK, FIN, PSH, SYN
from .states import SENDING, Event, State
from .tcb import Tcb
from .timers import PERSIST, RTO

_TRANSMITTING = frozenset(
    {
        State.ESTABLISHED,
        State.CLOSE_WAIT,
        State.FIN_WAIT_1,
        State.CLOSING,
        State.LAST_ACK,
    }
)


def transmit(tcb: Tcb, now: int) -> None:
    """Queue all segments that may leave at `now`."""
    sender = tcb.sender
    state = tcb.state
    if state in _TRANSMITTING or (state is State.SYN_RECEIVED and tcb.early):
        _transmit(tcb, now)
    elif state is State.SYN_SENT or state is State.SYN_RECEIVED:
        first = sender.board.sent[0]
        if first.lost and not first.resent:
            _resend(tcb, first, now)
        _send_fin(tcb, now)
        _watch_clock(tcb, now)
    if tcb.ack_now:
        tcb.acknowledge(now, tcb.ack_note)
    tcb.ack_note = ""


def _transmit(tcb: Tcb, now: int) -> None:
    """Where both SYNs are through, or may count as if they were."""
    sender = tcb.sender
    if sender.board.sent or sender.unsent or sender.closing or PERSIST in tcb.alarms:
        if _resend_lost(tcb, now):
            _send_new(tcb, now)
            _resend_holes(tcb, now)
        _send_fin(tcb, now)
        _watch_window(tcb, now)
        _watch_clock(tcb, now)
        tcb.limited = sender.board.pipe + sender.mss > tcb.congestion.cwnd


def _resend_lost(tcb: Tcb, now: int) -> bool:
    """Send again what was lost, as far as the congestion window lets; whether that was all."""
    board, congestion, recovery = tcb.sender.board, tcb.congestion, tcb.recovery
    while (record := board.next_lost()) is not None:
        size = record.stop - record.start
        if not recovery.eager and board.pipe and congestion.cwnd - board.pipe < size:
            return False
        recovery.eager = False
        _resend(tcb, record, now)
    return True


def _resend_holes(tcb: Tcb, now: int) -> None:
    """RFC 6675 section 4, NextSeg, rules 3 and 4: better than silence."""
    board, congestion, recovery = tcb.sender.board, tcb.congestion, tcb.recovery
    while recovery.mode is Mode.FAST and recovery.sack:
        if congestion.cwnd - board.pipe < congestion.mss:
            return
        record = board.next_hole()
        if record is None:
            return
        _resend(tcb, record, now, rescue=record.start >= board.highest_sacked)


def _resend(tcb: Tcb, record: Sent, now: int, rescue: bool = False) -> None:
    fast = tcb.recovery.mode is Mode.FAST
    note = "fast retransmission" if fast else "retransmission"
    if record.flags & SYN:
        emit_syn(tcb, record.flags, now, note=note)
    else:
        data = tcb.sender.data(record.start, record.stop)
        tcb.emit(record.start, record.flags, now, data, note)
    tcb.sender.board.resend(record, now, tcb.recovery.recover if rescue else None)


def _send_new(tcb: Tcb, now: int) -> None:
    """New data, as far as both windows and the rules against small segments let."""
    sender, congestion, options = tcb.sender, tcb.congestion, tcb.options
    if not sender.unsent:
        return
    if sender.una == sender.nxt and now - tcb.last_sent > tcb.round_trip.rto:
        congestion.idle(now - tcb.last_sent)
    most = tcb.most()
    while size := sender.next_size(most, options.nodelay):
        if congestion.cwnd + tcb.recovery.allowance - sender.board.pipe < size:
            return
        send(tcb, size, now)
        most = tcb.most()


def send(tcb: Tcb, size: int, now: int) -> None:
    """One new segment with `size` bytes; the last one says so (PSH), and takes the FIN along."""
    sender = tcb.sender
    start = sender.nxt
    stop = start + size
    flags = ACK
    data = sender.data(start, stop)
    if stop == sender.stop:
        flags |= PSH  # RFC 9293 section 3.9.1.2: the last of what is buffered
        if sender.closing and sender.fin is None:
            flags |= FIN
            sender.fin = stop
            stop += 1
            tcb.machine.handle(Event.CLOSE, now)
    sender.board.add(Sent(start, stop, flags, now, now))
    sender.nxt = stop
    tcb.emit_data(start, flags, now, data)


def _send_fin(tcb: Tcb, now: int) -> None:
    """A FIN alone, once all data has left; it needs no room in the window."""
    sender = tcb.sender
    if not sender.closing or sender.fin is not None or sender.unsent:
        return
    if tcb.state is State.SYN_RECEIVED or tcb.state in SENDING:
        sender.fin = sender.nxt
        sender.board.add(Sent(sender.nxt, sender.nxt + 1, FIN | ACK, now, now))
        sender.nxt += 1
        tcb.machine.handle(Event.CLOSE, now)
        tcb.emit(sender.fin, FIN | ACK, now)
        tcb.last_sent = now


def _watch_clock(tcb: Tcb, now: int) -> None:
    """What is under way has a timer (RFC 6298 section 5, rule 5.1)."""
    if tcb.sender.board.sent and RTO not in tcb.alarms:
        tcb.arm_rto(now)


def _watch_window(tcb: Tcb, now: int) -> None:
    """Data waits and nothing is under way: only a probe gets it going (section 3.8.6.1)."""
    sender = tcb.sender
    if sender.unsent and not sender.board.sent:
        if PERSIST not in tcb.alarms:
            wait = min(tcb.round_trip.rto << tcb.probes, tcb.options.rto_max)
            tcb.alarms.arm(PERSIST, now, wait, sender.nxt, sender.nxt + 1)
    else:
        tcb.alarms.stop(PERSIST)
        tcb.probes = 0
