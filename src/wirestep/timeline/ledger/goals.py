"""What an exchange is for: the packet with the first byte of an answer, and that with the last."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from wirestep.model import Message

from .passing import Passing

Stage = Callable[[str], tuple[str, str]]
"""By a protocol's name: what people call it, and its stage ("lookup", "handshake" or "")."""
STREAM = re.compile(r"\[(\d+)\]")
"""How the brief words of protocols with streams name theirs: "GET /a [3]", "DATA [3] 5000 B"."""


def stream_of(message: Message) -> int | None:
    """The stream of a unit, where its protocol has several."""
    found = STREAM.search(message.brief)
    return int(found[1]) if found else None


def first_byte(passed: Sequence[Passing], stage: Stage) -> Passing | None:
    """The first answer to the party that is more than preparation; else the last bytes."""
    lookup = None
    for passing in passed:
        for message in passing.messages:
            if message.answers is None or passing.out or message.level != "message":
                continue
            kind = stage(message.protocol)[1]
            if not kind:
                first = message.records[0] if message.records else passing.record
                return next((p for p in passed if p.record == first), passing)
            if kind == "lookup":
                lookup = passing
    said = next((p for p in reversed(passed) if not p.out and p.says), None)
    if lookup is not None and (said is None or said.flow == lookup.flow):
        return lookup
    return said


def last_byte(passed: Sequence[Passing], stage: Stage) -> Passing | None:
    """The last unit of what was wanted that reached the party; None where it asked for nothing."""
    wanted = {
        message.protocol
        for passing in passed
        for message in passing.messages
        if message.level == "message" and not stage(message.protocol)[1]
    }
    for passing in reversed(passed):
        if passing.out:
            continue
        for message in passing.messages:
            if message.protocol in wanted and _content(message):
                return passing
    return None


def _content(message: Message) -> bool:
    """Not the management of a connection (GOAWAY, SETTINGS), which is of no stream."""
    return message.level == "message" or stream_of(message) is not None
