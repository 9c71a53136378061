"""What is said where an exchange over real sockets fails: what, with whom, and at which step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from wirestep.exchange.contract import FAILURES, Panel, Transport

USELESS = ("", "closed")


@dataclass(slots=True)
class Course:
    """How far an exchange has come."""

    host: str
    port: int
    transport: Transport
    addresses: list[str] = field(default_factory=list)
    """What the name's addresses are, once they are looked up."""
    asked: bool = False
    """A SYN, or a datagram, has left."""
    opened: bool = False
    """TCP stands, or a datagram socket is there."""
    said: int = 0
    """Bytes that left."""
    heard: int = 0
    """Bytes that came."""
    panels: Sequence[Panel] = ()
    """Where the layers stood."""

    @property
    def place(self) -> str:
        """The other end, as people are told."""
        known = [one for one in self.addresses if one != self.host]
        where = f" at {' and '.join(known)}" if known else ""
        return f"port {self.port} of {self.host}{where}"

    @property
    def step(self) -> str:
        """Which layer was at what, the highest that had begun."""
        begun = [panel for panel in self.panels if panel.state]
        if not begun:
            return "before a byte came" if not self.heard else f"after {self.heard:,} bytes"
        last = begun[-1]
        return f"while {last.title} was at “{last.state}”"


def lost(course: Course, reason: str) -> str:
    """A sentence about a way that did not open, or broke."""
    host, place = course.host, course.place
    before = {
        "no such name": f"There is no host called {host}.",
        "refused": f"Nobody listens on {place} (refused).",
        "unreachable": f"There is no route to {host}.",
        "timed out": f"{_no_answer(course)}.",
        "reset": f"The connection to {place} was broken off while it was made (RST).",
    }
    after = {
        "refused": f"Nobody listens on UDP {place} (the system there says so by ICMP).",
        "reset": f"The connection was broken off (RST) by {host} {course.step}.",
        "timed out": f"No answer any more from {host}: what was sent was never acknowledged.",
        "unreachable": f"The way to {host} was lost {course.step}.",
    }
    known = after if course.opened else before
    if reason in known:
        return known[reason]
    if reason in FAILURES or reason in USELESS:
        return f"The connection to {host} ended {course.step}."
    return f"The connection to {host} failed: {reason}."


def late(course: Course, seconds: float) -> str:
    """A sentence about an exchange that took too long."""
    within = f"within {seconds:g} s"
    if not course.asked and not course.opened:
        return f"The name {course.host} could not be looked up {within}."
    if not course.opened or (course.transport == "udp" and not course.heard):
        return f"{_no_answer(course)} ({within})."
    return f"Timed out: the exchange with {course.host} was not over {within}, {course.step}."


def silent(course: Course, error: str) -> str:
    """What an endpoint says went wrong; where no datagram ever came, what that means."""
    if course.transport == "udp" and course.said and not course.heard:
        return f"{_no_answer(course)}. {error}"
    return error


def _no_answer(course: Course) -> str:
    if course.transport == "udp":
        return (
            f"No datagram came back from {course.place}: nobody speaks this there, "
            "or UDP is blocked on the way"
        )
    return (
        f"No answer from {course.place} to a SYN: the host is down, or packets are dropped "
        "on the way"
    )
