"""The states of a connection and every way between them (RFC 9293 section 3.3.2, figure 5).

Everything that changes the state of a connection stands in `TRANSITIONS`; no other code does it.
This file does not know segments: those who read them say what happened.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """RFC 9293 section 3.3.2."""

    CLOSED = "CLOSED"
    LISTEN = "LISTEN"
    SYN_SENT = "SYN-SENT"
    SYN_RECEIVED = "SYN-RECEIVED"
    ESTABLISHED = "ESTABLISHED"
    FIN_WAIT_1 = "FIN-WAIT-1"
    FIN_WAIT_2 = "FIN-WAIT-2"
    CLOSE_WAIT = "CLOSE-WAIT"
    CLOSING = "CLOSING"
    LAST_ACK = "LAST-ACK"
    TIME_WAIT = "TIME-WAIT"


class Event(StrEnum):
    """What moves a connection on."""

    ACTIVE_OPEN = "active open"
    PASSIVE_OPEN = "passive open"
    SEND = "send"
    """The user sends on a connection that listens."""
    CLOSE = "close"
    """The CLOSE of the user is carried out: its FIN leaves, after all that was queued before."""
    SYN = "SYN"
    SYN_ACK = "SYN, ACK"
    ACK_OF_SYN = "ACK of SYN"
    FIN = "FIN"
    ACK_OF_FIN = "ACK of FIN"
    RESET = "RST"
    """An RST came in."""
    ABORT = "abort"
    """The user aborts."""
    TIME_OUT = "time-out"
    """2 MSL have passed in TIME-WAIT; elsewhere: the peer did not answer and is given up."""


_S, _E = State, Event

FIGURE_5: dict[tuple[State, Event], State] = {
    (_S.CLOSED, _E.PASSIVE_OPEN): _S.LISTEN,
    (_S.CLOSED, _E.ACTIVE_OPEN): _S.SYN_SENT,
    (_S.LISTEN, _E.SEND): _S.SYN_SENT,
    (_S.LISTEN, _E.SYN): _S.SYN_RECEIVED,
    (_S.LISTEN, _E.CLOSE): _S.CLOSED,
    (_S.SYN_SENT, _E.CLOSE): _S.CLOSED,
    (_S.SYN_SENT, _E.SYN): _S.SYN_RECEIVED,
    (_S.SYN_SENT, _E.SYN_ACK): _S.ESTABLISHED,
    (_S.SYN_RECEIVED, _E.ACK_OF_SYN): _S.ESTABLISHED,
    (_S.SYN_RECEIVED, _E.CLOSE): _S.FIN_WAIT_1,
    (_S.ESTABLISHED, _E.CLOSE): _S.FIN_WAIT_1,
    (_S.ESTABLISHED, _E.FIN): _S.CLOSE_WAIT,
    (_S.FIN_WAIT_1, _E.ACK_OF_FIN): _S.FIN_WAIT_2,
    (_S.FIN_WAIT_1, _E.FIN): _S.CLOSING,
    (_S.FIN_WAIT_2, _E.FIN): _S.TIME_WAIT,
    (_S.CLOSE_WAIT, _E.CLOSE): _S.LAST_ACK,
    (_S.CLOSING, _E.ACK_OF_FIN): _S.TIME_WAIT,
    (_S.LAST_ACK, _E.ACK_OF_FIN): _S.CLOSED,
    (_S.TIME_WAIT, _E.TIME_OUT): _S.CLOSED,
}
"""The ways that figure 5 draws. Its note 2 (FIN-WAIT-1 to TIME-WAIT on one segment) is two steps:
the ACK of our FIN, then the peer's FIN. Its note 1 (an RST takes a passive SYN-RECEIVED back to
LISTEN) depends on how the connection was opened: see `Machine.handle`."""

_ENDS: dict[tuple[State, Event], State] = {
    (state, event): _S.CLOSED
    for state in State
    if state not in (_S.CLOSED, _S.LISTEN)
    for event in (_E.RESET, _E.ABORT, _E.TIME_OUT)
}
"""Left out of the figure for clarity: RST (section 3.10.7), ABORT (section 3.10.5) and time-outs
(section 3.10.8)."""

TRANSITIONS: dict[tuple[State, Event], State] = {
    **_ENDS,
    **FIGURE_5,
    (_S.LISTEN, _E.ABORT): _S.CLOSED,
    # With Fast Open a server speaks and hears before its SYN is acknowledged (RFC 7413 4.2.2).
    (_S.SYN_RECEIVED, _E.FIN): _S.CLOSE_WAIT,
}
"""Every transition there is."""

USUAL: dict[State, State] = {
    _S.LISTEN: _S.SYN_RECEIVED,
    _S.SYN_SENT: _S.ESTABLISHED,
    _S.SYN_RECEIVED: _S.ESTABLISHED,
    _S.ESTABLISHED: _S.FIN_WAIT_1,
    _S.FIN_WAIT_1: _S.FIN_WAIT_2,
    _S.FIN_WAIT_2: _S.TIME_WAIT,
    _S.CLOSE_WAIT: _S.LAST_ACK,
    _S.CLOSING: _S.TIME_WAIT,
    _S.LAST_ACK: _S.CLOSED,
    _S.TIME_WAIT: _S.CLOSED,
}
"""Where a connection usually goes next."""

HANDSHAKE = frozenset({_S.SYN_SENT, _S.SYN_RECEIVED})
RECEIVING = frozenset({_S.ESTABLISHED, _S.FIN_WAIT_1, _S.FIN_WAIT_2})
"""The peer may still send data (RFC 9293 section 3.10.7.4, seventh)."""
SENDING = frozenset({_S.ESTABLISHED, _S.CLOSE_WAIT})
"""The user may still send (RFC 9293 section 3.10.2)."""


class Machine:
    """Where one connection stands, and where it was."""

    __slots__ = ("passive", "since", "state")

    def __init__(self) -> None:
        self.state = State.CLOSED
        self.passive = False
        """It was opened with a passive open."""
        self.since: list[tuple[State, int]] = []
        """(state, ns when it was entered), in order."""

    def handle(self, event: Event, now: int) -> None:
        """Go where the table says. Raises KeyError where it says nothing."""
        if event is Event.PASSIVE_OPEN:
            self.passive = True
        target = TRANSITIONS[self.state, event]
        if event is Event.RESET and self.state is State.SYN_RECEIVED and self.passive:
            target = State.LISTEN  # figure 5, note 1
        self.state = target
        self.since.append((target, now))

    def way(self) -> tuple[State, ...]:
        """The states that were met, and those that usually follow, in order."""
        states = [state for state, _ in self.since] or [self.state]
        while (last := states[-1]) is not State.CLOSED:
            waits = last is State.ESTABLISHED and self.passive
            states.append(State.CLOSE_WAIT if waits else USUAL[last])
        return tuple(dict.fromkeys(states))
