"""An alarm rings (RFC 9293 section 3.10.8)."""

from __future__ import annotations

from .segment import ACK
from .states import HANDSHAKE, Event
from .tcb import Tcb
from .timers import DELAYED_ACK, KEEP_ALIVE, PERSIST, RTO, TIME_WAIT
from .transmission import send

SUSPICION = 2
"""Time-outs in a row after which the next one is taken for the sign of a black hole."""
SMALLER = (1024, 536)
"""What is tried then (RFC 4821 section 7.2; RFC 9293 section 3.7.1)."""


def ring(tcb: Tcb, name: str, now: int) -> None:
    """Do what the alarm of this `name` is for."""
    if name == RTO:
        _retransmission(tcb, now)
    elif name == DELAYED_ACK:
        tcb.ack_now = True
        tcb.ack_note = "delayed ACK"
    elif name == PERSIST:
        _probe_window(tcb, now)
    elif name == KEEP_ALIVE:
        _probe_peer(tcb, now)
    elif name == TIME_WAIT:
        tcb.finish(Event.TIME_OUT, now)


def _retransmission(tcb: Tcb, now: int) -> None:
    """RFC 6298 section 5, rules 5.4 to 5.6; given up after R2 (RFC 9293 section 3.8.3)."""
    sender, round_trip, options = tcb.sender, tcb.round_trip, tcb.options
    handshake = tcb.state in HANDSHAKE
    patience = options.user_timeout
    tired = patience and now - sender.board.sent[0].first >= patience
    if tired or round_trip.back_offs >= (options.syn_retries if handshake else options.retries):
        tcb.finish(Event.TIME_OUT, now, "timed out")
        return
    if handshake:
        sender.board.lose_all()
    else:
        if options.black_hole and round_trip.back_offs >= SUSPICION:
            tcb.narrow(next((mss for mss in SMALLER if mss < sender.mss), 0))
        tcb.recovery.timed_out(first=round_trip.back_offs == 0)
    round_trip.back_off()


def _probe_window(tcb: Tcb, now: int) -> None:
    """One byte for a window that is shut, or what fits in a silly one (section 3.8.6.1)."""
    sender = tcb.sender
    if tcb.unanswered >= tcb.options.retries:
        tcb.finish(Event.TIME_OUT, now, "timed out")
        return
    tcb.probes += 1
    tcb.unanswered += 1
    size = min(sender.usable, sender.unsent, tcb.most())
    if size > 0:
        send(tcb, size, now)
        return
    data = sender.data(sender.nxt, sender.nxt + 1)
    sender.probed = sender.nxt + 1
    tcb.emit(sender.nxt, ACK, now, data, "zero-window probe")


def _probe_peer(tcb: Tcb, now: int) -> None:
    """Ask whether the peer is there, with a sequence number it must answer (section 3.8.4)."""
    options, sender = tcb.options, tcb.sender
    if sender.board.sent or sender.unsent:
        tcb.alarms.arm(KEEP_ALIVE, now, options.keep_alive)
        return
    if tcb.unanswered >= options.keep_alive_probes:
        tcb.finish(Event.TIME_OUT, now, "timed out")
        return
    tcb.unanswered += 1
    tcb.emit(sender.nxt - 1, ACK, now, note="keep-alive")
    tcb.alarms.arm(KEEP_ALIVE, now, options.keep_alive_interval)
