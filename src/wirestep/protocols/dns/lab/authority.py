"""An authoritative name server; it answers datagrams and streams alike."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

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
    Output,
    Panel,
    Received,
    Say,
    Send,
    WakeAt,
    Woken,
)
from wirestep.exchange.options import Options, flag, nanoseconds, text, whole
from wirestep.model import Address
from wirestep.protocols.dns.drive.messages import DNSError, outcome, shown

from .door import Door
from .zones import Zone, closest

OPTIONS = {
    "payload": "largest UDP answer, bytes (default 1232)",
    "think": "seconds that an answer takes (default 0)",
    "truncate": "answer every question over UDP with TC and nothing else (default no)",
    "rcode": "answer every question with this code: SERVFAIL, REFUSED ...",
}


class Authority:
    """Answers from `zones`. Raises ValueError over options that it cannot read."""

    def __init__(self, zones: Sequence[Zone], chance: Chance, options: Options) -> None:
        del chance  # nothing here is left to chance
        self._zones = zones
        self._door = Door(whole(options, "payload", 1232))
        self._think = nanoseconds(options, "think", 0)
        self._cut = flag(options, "truncate", False)
        forced = text(options, "rcode", "")
        try:
            self._forced = dns.rcode.from_text(forced) if forced else None
        except DNSError as error:
            raise ValueError(f"rcode: {forced!r} is no response code of DNS") from error
        self._waiting: deque[tuple[int, Send]] = deque()
        self._ending = False
        self._count = 0
        self._last = ""

    def handle(self, event: Input, now: int) -> list[Output]:
        """Questions in, answers out, `think` later."""
        match event:
            case Received(sender=sender):
                return self._read(event, sender, now)
            case Woken():
                return self._due(now)
            case Ended():
                self._ending = True
                return self._due(now)
        return []

    def panels(self) -> tuple[Panel, ...]:
        """What it serves and what it said last."""
        zones = ", ".join(shown(zone.origin) for zone in self._zones)
        facts = [Fact("zones", zones), Fact("answers", str(self._count))]
        if self._last:
            facts.append(Fact("last", self._last))
        return (Panel("DNS server", facts=tuple(facts)),)

    def _read(self, event: Received, sender: Address | None, now: int) -> list[Output]:
        out: list[Output] = []
        for part in self._door.read(event):
            if isinstance(part, Send):
                self._waiting.append((now + self._think, part))
                continue
            reply = self._answer(part)
            self._count += 1
            asked = part.question[0]
            kind = dns.rdatatype.to_text(asked.rdtype)
            self._last = f"{shown(asked.name)} {kind}: {outcome(reply)}"
            out.append(Say(self._last))
            send = self._door.send(reply, part, sender, cut=self._cut)
            self._waiting.append((now + self._think, send))
        return out + self._due(now)

    def _answer(self, asked: dns.message.Message) -> dns.message.Message:
        reply = self._door.start(asked)
        question = asked.question[0]
        zone = closest(self._zones, question.name)
        if self._forced is not None:
            reply.set_rcode(self._forced)
        elif zone is None:
            reply.set_rcode(dns.rcode.REFUSED)
        else:
            finding = zone.find(question.name, question.rdtype)
            reply.answer, reply.authority = finding.answer, finding.authority
            reply.additional = finding.additional
            if finding.authoritative:
                reply.flags |= dns.flags.AA
            if not finding.exists:
                reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply

    def _due(self, now: int) -> list[Output]:
        out: list[Output] = []
        while self._waiting and self._waiting[0][0] <= now:
            out.append(self._waiting.popleft()[1])
        if self._waiting:
            return [*out, WakeAt(self._waiting[0][0], "answer")]
        return [*out, End()] if self._ending else out
