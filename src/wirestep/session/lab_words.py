"""What the packets of a run say, read by the decoders as they leave, with the run's secrets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Message, Record, safe
from wirestep.timeline.select import BadFilter, Filter, compile_filter
from wirestep.wires.contract import START, Journey
from wirestep.wires.frames import RAW_IP

from .filtering import frame_values

AGAIN = "retransmission"
"""The mark of a packet that says what was said before."""
EMPTY = "ACK"
"""What a segment that carries nothing says."""
LONG = 30
"""Letters of the messages that a label names."""


class Word(NamedTuple):
    """What one packet says."""

    label: str
    hue: str
    weighty: bool
    marks: tuple[str, ...]
    whole: bool
    """It completes a message, not only a part of one."""


class Reader:
    """Reads packets in the order in which they leave; one reader for a branch of a run."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.secrets = Secrets()
        self._engine = Engine(registry, self.secrets)
        self._lines = 0
        self._times: tuple[int, int] | None = None
        self._count = 0
        self._filter: Filter | None = None
        self.matched = False
        """Whether one of the packets read since `watch` passed its filter."""

    def learn(self, lines: Sequence[str]) -> None:
        """Take in a key log that has grown at its end."""
        fresh = lines[self._lines :]
        if fresh:
            self._lines = len(lines)
            self.secrets.add("\n".join(fresh).encode())

    def check(self, text: str) -> None:
        """Raises BadFilter where `text` is no display filter."""
        if text.strip():
            compile_filter(text, self.registry)

    def watch(self, text: str) -> None:
        """Look out for packets that pass a display filter; "" looks no more.

        Raises:
            BadFilter: what is wrong with it.
        """
        self._filter = compile_filter(text, self.registry) if text else None
        self.matched = False

    def read(self, journey: Journey) -> Word:
        """What the next packet says."""
        time = START + journey.left
        first, before = self._times or (time, time)
        record = Record(self._count, time, journey.data, len(journey.data), RAW_IP)
        self._count += 1
        self._times = first, time
        wish = self._filter
        wanted = frozenset() if wish is None else wish.names
        messages = self._engine.feed(record, times=(first, before), wanted=wanted)
        if wish is not None and not self.matched:
            layered = wish.needs_layers
            values = frame_values(messages, self.registry, record.data, layered=layered)
            self.matched = wish.matches(values)
        return word_of(messages, self.registry)


def word_of(messages: Sequence[Message], registry: Registry) -> Word:
    """The label of a packet: its messages, else its records, else the segment itself."""
    drawn = [message for message in messages if message.level]
    if not drawn:
        return Word("packet", "", True, (), False)
    around = {message.inside for message in drawn}
    whole = [m for m in drawn if m.level == "message"]
    parts = [m for m in drawn if m.level == "record" and m.number not in around]
    chosen = whole or parts
    marks = tuple(dict.fromkeys(mark for message in drawn for mark in message.marks))
    if not chosen:
        last = drawn[-1]
        text = safe(last.brief or last.summary)
        return Word(text, registry[last.protocol].hue, text != EMPTY, marks, False)
    texts = list(dict.fromkeys(safe(m.brief or m.summary) for m in chosen))
    return Word(joined(texts), registry[chosen[0].protocol].hue, True, marks, bool(whole))


def joined(texts: Sequence[str]) -> str:
    """As many of the texts as a label has room for, and how many more there are."""
    shown = [texts[0]]
    for text in texts[1:]:
        if len(" + ".join((*shown, text))) > LONG:
            break
        shown.append(text)
    left = len(texts) - len(shown)
    return " + ".join(shown) + (f" + {left} more" if left else "")


__all__ = ["BadFilter", "Reader", "Word", "word_of"]
