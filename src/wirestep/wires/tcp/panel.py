"""A connection as people watch it."""

from __future__ import annotations

from wirestep.exchange.contract import Fact, Panel

from .congestion import UNKNOWN
from .options import MS
from .tcb import Tcb


def panel(tcb: Tcb) -> Panel:
    """The state machine, and the numbers behind what is sent when."""
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
    round_trip, pipe = tcb.round_trip, tcb.sender.board.pipe
    top = max(congestion.cwnd, sender.window, pipe, 1)
    srtt = round_trip.srtt
    facts = [
        Fact("cwnd", _size(congestion.cwnd, congestion.mss), congestion.cwnd / top),
        Fact("ssthresh", "none yet")
        if congestion.ssthresh >= UNKNOWN
        else Fact(
            "ssthresh",
            _size(congestion.ssthresh, congestion.mss),
            min(1.0, congestion.ssthresh / top),
        ),
        Fact("in flight", _size(pipe, congestion.mss), pipe / top),
        Fact("peer's window", f"{sender.window:,} B", sender.window / top),
        Fact(
            "own window",
            f"{receiver.window:,} B",
            min(1.0, receiver.window / max(1, receiver.capacity)),
        ),
        Fact("srtt", "not measured" if srtt is None else _ms(srtt)),
        Fact("rto", _ms(round_trip.rto)),
        Fact("mss", f"{sender.mss:,} B"),
        Fact("congestion", congestion.name),
    ]
    if tcb.recovery.mode:
        facts.append(Fact("recovery", str(tcb.recovery.mode)))
    if sender.unsent:
        facts.append(Fact("not sent yet", f"{sender.unsent:,} B"))
    if receiver.held:
        facts.append(
            Fact(
                "not read yet", f"{receiver.held:,} B", min(1.0, receiver.held / receiver.capacity)
            )
        )
    return facts


def _size(size: int, mss: int) -> str:
    return f"{size:,} B ({size / mss:.1f} segments)"


def _ms(time: int) -> str:
    return f"{time / MS:,.1f} ms"
