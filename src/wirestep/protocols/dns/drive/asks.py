"""Questions to one server on one way: sent at once, sent again, until each is answered."""

from __future__ import annotations

from dataclasses import dataclass

import dns.message
import dns.rdatatype

from wirestep.exchange.contract import (
    End,
    Ended,
    Fact,
    Failed,
    Input,
    Output,
    Panel,
    Received,
    Say,
    Send,
    Started,
    Tell,
    WakeAt,
    Woken,
)
from wirestep.exchange.machine import Machine
from wirestep.model import Address

from .messages import Frames, answers, framed, outcome, parse, shown, truncated, wire

SECOND = 1_000_000_000

STATES = ("idle", "asked", "answered")
TABLE = {
    ("idle", "send"): "asked",
    ("asked", "send"): "asked again",
    ("asked again", "send"): "asked again",
    ("asked", "answer"): "answered",
    ("asked again", "answer"): "answered",
    ("asked", "cut answer"): "truncated",
    ("asked again", "cut answer"): "truncated",
    ("truncated", "answer"): "answered",
    ("idle", "give up"): "failed",
    ("asked", "give up"): "failed",
    ("asked again", "give up"): "failed",
    ("truncated", "give up"): "failed",
}

REASONS = {
    "refused": "{server} refuses: nobody answers DNS there",
    "reset": "{server} broke the connection off",
    "timed out": "{server} cannot be reached: the connection timed out",
    "unreachable": "{server} is unreachable",
    "closed": "{server} closed the connection without an answer",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one question; told to the opener."""

    asked: dns.message.Message
    message: dns.message.Message | None
    """None where nothing came."""
    reason: str = ""
    """Why nothing came: a sentence."""


@dataclass(slots=True)
class Question:
    """One question under way."""

    message: dns.message.Message
    machine: Machine
    tries: int = 0

    @property
    def open(self) -> bool:
        """True while an answer may still come on this way."""
        return self.machine.state in ("idle", "asked", "asked again")

    def text(self) -> str:
        """What is asked: "www.lab.test AAAA"."""
        asked = self.message.question[0]
        return f"{shown(asked.name)} {dns.rdatatype.to_text(asked.rdtype)}"

    def panel(self) -> Panel:
        """Its state."""
        facts = [Fact("id", f"{self.message.id:#06x}"), Fact("sent", f"{self.tries} times")]
        return self.machine.panel(f"DNS {self.text()}", STATES, facts)


class Asks:
    """Sends `messages` when its way opens; tells its opener a `Reply` for each, then ends.

    `waits`: ns to wait for answers after each sending, as many as there are tries. On a stream a
    question is sent once: TCP repeats what is lost.
    """

    def __init__(
        self,
        messages: list[dns.message.Message],
        *,
        stream: bool = False,
        waits: tuple[int, ...] = (5 * SECOND, 5 * SECOND),
    ) -> None:
        self.questions = [Question(message, Machine(TABLE, "idle")) for message in messages]
        self._stream = stream
        self._waits = (sum(waits),) if stream else waits
        self._frames = Frames()
        self._round = 0
        self.server = Address("the server")

    def handle(self, event: Input, now: int) -> list[Output]:
        """Events of the way in, sendings and replies out."""
        match event:
            case Started(_, peer):
                self.server = peer or self.server
                return self._ask(now)
            case Received(data, sender):
                parts = self._frames.feed(data) if self._stream else (data,)
                return [out for part in parts for out in self._read(part, sender, now)]
            case Woken():
                return self._again(now)
            case Failed(reason):
                return self._give_up(self._sentence(reason), now)
            case Ended() if self._stream:
                return self._give_up(self._sentence("closed"), now)
        return []

    def panels(self) -> tuple[Panel, ...]:
        """One for each question."""
        return tuple(question.panel() for question in self.questions)

    def _sentence(self, reason: str) -> str:
        known = REASONS.get(reason)
        return known.format(server=self.server) if known else reason

    def _ask(self, now: int) -> list[Output]:
        out: list[Output] = []
        for question in self.questions:
            if question.open:
                question.machine.go("send", now)
                question.tries += 1
                data = wire(question.message)
                out.append(Send(framed(data) if self._stream else data))
        return [*out, WakeAt(now + self._waits[self._round], "ask again")]

    def _again(self, now: int) -> list[Output]:
        if not any(question.open for question in self.questions):
            return []
        waited = self._waits[self._round] / SECOND
        self._round += 1
        if self._round < len(self._waits):
            told = Say(f"no answer from {self.server} for {waited:g} s; asking again")
            return [told, *self._ask(now)]
        total = sum(self._waits) / SECOND
        tries = f" to {self._round} tries" if self._round > 1 else ""
        return self._give_up(f"no answer from {self.server}{tries} within {total:g} s", now)

    def _read(self, data: bytes, sender: Address | None, now: int) -> list[Output]:
        message = parse(data)
        if message is None:
            return [Say(f"{len(data)} bytes that are no DNS message, from {sender or self.server}")]
        for question in self.questions:
            if question.open and answers(message, question.message):
                question.machine.go("cut answer" if truncated(message) else "answer", now)
                told = Say(f"{question.text()}: {outcome(message)}")
                out: list[Output] = [told, Tell(None, Reply(question.message, message))]
                more = any(question.open for question in self.questions)
                return out if more else [WakeAt(None), *out, End()]
        return [Say(f"an answer that nobody asked for (id {message.id:#06x}) is left alone")]

    def _give_up(self, sentence: str, now: int) -> list[Output]:
        out: list[Output] = []
        for question in self.questions:
            if question.open:
                question.machine.go("give up", now)
                out.append(Tell(None, Reply(question.message, None, sentence)))
        return [WakeAt(None), *out, End()] if out else []
