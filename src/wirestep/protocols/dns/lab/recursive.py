"""A recursive resolver: asks its way down from the root for each client, and remembers.

Each of its questions goes over a way of its own, from a port of its own (RFC 5452 section 9.2).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from wirestep.exchange.contract import (
    Chance,
    End,
    Ended,
    Fact,
    Input,
    Open,
    Output,
    Panel,
    Received,
    Say,
    Send,
    Told,
    Transport,
    WakeAt,
    Woken,
)
from wirestep.exchange.options import Options, nanoseconds, whole
from wirestep.model import Address
from wirestep.protocols.dns.drive.asks import Asks, Reply
from wirestep.protocols.dns.drive.messages import query, shown

from .cache import Cache, Cut
from .door import Door
from .walk import Ask, Found, Walk

SECOND = 1_000_000_000
WAITS = tuple(round(wait * SECOND) for wait in (0.5, 1, 2, 2, 2))
"""How long one server may take, first and each time again."""
MOST_TASKS = 64
"""Questions under way at once; more are answered SERVFAIL."""

OPTIONS = {
    "patience": "seconds after which a client gets SERVFAIL (default 9)",
    "payload": "largest UDP answer given and taken, bytes (default 1232)",
}

Key = tuple[Address | None, int, str]


@dataclass(slots=True)
class Task:
    """One question of one client."""

    asked: dns.message.Message
    sender: Address | None
    walk: Walk
    steps: Generator[Ask, dns.message.Message | None, Found]
    began: int
    text: str
    waiting: str = ""
    """For whom."""


class Recursive:
    """`roots`: who serves the root; `cache` is shared by all that answer on one host.

    Raises ValueError over options that it cannot read.
    """

    def __init__(self, roots: Cut, cache: Cache, chance: Chance, options: Options) -> None:
        self._roots, self._cache, self._chance = roots, cache, chance
        self._payload = whole(options, "payload", 1232)
        self._patience = nanoseconds(options, "patience", 9)
        self._door = Door(self._payload)
        self._tasks: dict[Key, Task] = {}
        self._ways: dict[int, Key] = {}
        self._count = 0
        self._ending = False

    def handle(self, event: Input, now: int) -> list[Output]:
        """Questions of clients and answers of servers in; questions and answers out."""
        match event:
            case Received(sender=sender):
                out: list[Output] = []
                for part in self._door.read(event):
                    out += [part] if isinstance(part, Send) else self._begin(part, sender, now)
                return out
            case Told(int() as way, Reply() as reply) if way in self._ways:
                return self._go_on(self._ways.pop(way), reply, now)
            case Woken():
                return self._late(now)
            case Ended():
                self._ending = True
                return [] if self._tasks else [End()]
        return []

    def panels(self) -> tuple[Panel, ...]:
        """For whom it waits, for each client."""
        facts = [Fact("remembers", f"{len(self._cache)} answers")]
        facts += [Fact(task.text, f"waits for {task.waiting}") for task in self._tasks.values()]
        return (Panel("DNS resolver", facts=tuple(facts)),)

    def timers(self) -> list[tuple[str, int]]:
        """When clients are given up."""
        return [("SERVFAIL", task.began + self._patience) for task in self._tasks.values()]

    def _begin(self, asked: dns.message.Message, sender: Address | None, now: int) -> list[Output]:
        question = asked.question[0]
        text = f"{shown(question.name)} {dns.rdatatype.to_text(question.rdtype)}"
        key = (sender, asked.id, text)
        if key in self._tasks:
            return [Say(f"{text}: asked again; the answer is on its way")]
        walk = Walk(self._cache, self._roots, now)
        steps = walk.find(question.name, question.rdtype)
        task = Task(asked, sender, walk, steps, now, text)
        if not asked.flags & dns.flags.RD:
            return [self._answer(task, Found(rcode=dns.rcode.REFUSED, reason="recursion only"))]
        if len(self._tasks) >= MOST_TASKS:
            return [self._answer(task, Found(rcode=dns.rcode.SERVFAIL, reason="too busy"))]
        self._tasks[key] = task
        return self._step(key, None, now)

    def _go_on(self, key: Key, reply: Reply, now: int) -> list[Output]:
        if key not in self._tasks:
            return []  # given up in the meantime
        told: list[Output] = [Say(reply.reason)] if reply.reason else []
        return [*told, *self._step(key, reply.message, now)]

    def _step(self, key: Key, reply: dns.message.Message | None, now: int) -> list[Output]:
        task = self._tasks[key]
        task.walk.now = now
        try:
            ask = task.steps.send(reply)
        except StopIteration as end:
            return self._end(key, end.value)
        task.waiting = str(ask)
        self._count += 1
        self._ways[self._count] = key
        number = self._chance.randrange(0, 0x10000)
        asked = query(ask.name, ask.rdtype, number, recurse=False, payload=self._payload)
        way = Asks([asked], stream=ask.stream, waits=WAITS)
        transport: Transport = "tcp" if ask.stream else "udp"
        told = Say(f"{task.text}: asking {ask}" + (" over TCP" if ask.stream else ""))
        return [told, Open(self._count, transport, ask.server, way), self._alarm()]

    def _end(self, key: Key, found: Found) -> list[Output]:
        task = self._tasks.pop(key)
        out: list[Output] = [self._answer(task, found), self._alarm()]
        if found.reason:
            out.insert(0, Say(f"{task.text}: {found.reason}"))
        return [*out, End()] if self._ending and not self._tasks else out

    def _answer(self, task: Task, found: Found) -> Send:
        reply = self._door.start(task.asked, recursion=True)
        reply.answer = found.answer
        reply.authority = [found.soa] if found.soa else []
        reply.set_rcode(found.rcode)
        if found.reason and task.asked.edns >= 0:
            why = dns.edns.EDEOption(dns.edns.EDECode.NO_REACHABLE_AUTHORITY, found.reason)
            reply.use_edns(0, reply.ednsflags, self._payload, options=[why])
        return self._door.send(reply, task.asked, task.sender)

    def _late(self, now: int) -> list[Output]:
        out: list[Output] = []
        for key, task in list(self._tasks.items()):
            if task.began + self._patience <= now:
                reason = f"waited too long for {task.waiting}"
                out += self._end(key, Found(rcode=dns.rcode.SERVFAIL, reason=reason))
        return [*out, self._alarm()]

    def _alarm(self) -> WakeAt:
        soonest = min((task.began for task in self._tasks.values()), default=None)
        return WakeAt(None if soonest is None else soonest + self._patience, "SERVFAIL")
