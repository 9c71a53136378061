"""A connection as people watch it."""

from __future__ import annotations

from wirestep.exchange.contract import Fact, Panel

from .congestion import UNKNOWN
from .options import MS
from .tcb import Tcb


def panel(tcb: Tcb) -> Panel:
    """The state machine, and the numbers behind what is sent when.

    `rwnd` is the window that the peer gives, `window` the one that it is given; sizes are bytes.
    """
    machine = tcb.machine
    return Panel(
        "TCP",
        tuple(machine.way()),
        machine.state,
        tuple((str(state), time) for state, time in machine.since),
        tuple(_facts(tcb)),
    )


def _facts(tcb: Tcb) -> list[Fact]:
    sender, receiver, congestion = tcb.sender, tcb.receiver, tcb.congestion
    round_trip, pipe = tcb.round_trip, sender.board.pipe
    widest = max((point.cwnd for point in tcb.history), default=0)
    srtt, threshold = round_trip.srtt, congestion.ssthresh
    facts = [
        _bar("cwnd", congestion.cwnd, max(widest, congestion.cwnd)),
        _bar("in flight", pipe, congestion.cwnd),
        _bar("rwnd", sender.window, sender.max_window),
        Fact("ssthresh", "∞" if threshold >= UNKNOWN else _size(threshold)),
        Fact("srtt", "–" if srtt is None else _ms(srtt)),
        Fact("rto", _ms(round_trip.rto)),
        Fact("mss", _size(sender.mss)),
        _bar("window", receiver.window, receiver.capacity),
        Fact("congestion", congestion.name),
    ]
    if tcb.recovery.mode:
        facts.append(Fact("recovery", str(tcb.recovery.mode)))
    if sender.unsent:
        facts.append(Fact("unsent", _size(sender.unsent)))
    if receiver.held:
        facts.append(_bar("unread", receiver.held, receiver.capacity))
    return facts


def _bar(name: str, size: int, full: int) -> Fact:
    return Fact(name, _size(size), min(1.0, max(0, size) / max(1, full)))


def _size(size: int) -> str:
    return f"{size:,}".replace(",", " ")


def _ms(time: int) -> str:
    return f"{time / MS:.1f} ms"
