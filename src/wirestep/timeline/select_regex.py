"""Regular expressions that cannot hang: all ways are followed at once.

The usual matchers try one way after the other and take time without bound on patterns like
(a+)+$. Here a pattern becomes a machine of states, and each character is looked at once. What the
machine finds out about a set of states and a character is kept, so that long texts go fast.
"""

from __future__ import annotations

import re

from .select_pattern import (
    WORD,
    Again,
    BadPattern,
    Choice,
    One,
    Piece,
    Place,
    Row,
    Wants,
    read_pattern,
)

MAX_STATES = 2000
MAX_WORK = 2_000_000
"""States looked at for one text; what takes more counts as not found, as PCRE has it."""
MAX_SUBJECT = 1 << 20
"""Characters of a text that are looked at."""
MAX_KEPT = 20_000
"""Steps that are kept."""
_LITERAL = re.compile(r"[\w @#%&=:;,<>/~'\"!-]+", re.ASCII)
_END = 0
"""The state in which the pattern was found."""

Around = tuple[str, str, bool]
"""The characters before and behind a place ("" at the ends), and whether one more is left."""


class Pattern:
    """A pattern made ready.

    Raises:
        BadPattern: it cannot be read, is too big, or needs what is not offered here.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._literal = text.lower() if _LITERAL.fullmatch(text) else None
        self._wants: list[Wants | None] = [None]
        self._places: list[str] = [""]
        self._out: list[list[int]] = [[]]
        self._start = self._build(read_pattern(text), _END)
        self._work = 0
        self._has_places = any(self._places)
        self._kept: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self._closed: dict[frozenset[int], frozenset[int]] = {}

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def _state(self, wants: Wants | None, place: str, out: list[int]) -> int:
        if len(self._out) >= MAX_STATES:
            raise BadPattern("the pattern is too big")
        self._wants.append(wants)
        self._places.append(place)
        self._out.append(out)
        return len(self._out) - 1

    def _build(self, piece: Piece, then: int) -> int:
        """The state in which `piece` begins, if `then` is the one behind it."""
        match piece:
            case One(wants):
                return self._state(wants, "", [then])
            case Place(kind):
                return self._state(None, kind, [then])
            case Row(parts):
                for part in reversed(parts):
                    then = self._build(part, then)
                return then
            case Choice(parts):
                return self._state(None, "", [self._build(part, then) for part in parts])
            case Again(inner, low, high):
                return self._repeat(inner, low, high, then)

    def _repeat(self, inner: Piece, low: int, high: int | None, then: int) -> int:
        start = then
        if high is None:
            start = self._state(None, "", [then])
            self._out[start].append(self._build(inner, start))
        else:
            for _ in range(high - low):
                start = self._state(None, "", [self._build(inner, start), then])
        for _ in range(low):
            start = self._build(inner, start)
        return start

    def found_in(self, text: str) -> bool:
        """Whether the pattern matches somewhere in `text`."""
        text = text[:MAX_SUBJECT]
        if self._literal is not None:
            return self._literal in text.lower()
        begin = frozenset((self._start,))
        states = begin
        size = len(text)
        self._work = 0
        for at in range(size + 1):
            if self._has_places:
                before, behind = text[at - 1 : at] if at else "", text[at : at + 1]
                reached = self._reach(states, (before, behind, at + 1 < size))
            else:
                known = self._closed.get(states)
                reached = self._remember(states) if known is None else known
            if _END in reached:
                return True
            if self._work > MAX_WORK:
                return False
            if at < size:
                key = (reached, text[at])
                following = self._kept.get(key)
                states = self._step(key) if following is None else following
                states = states | begin if self._start not in states else states
        return False

    def _remember(self, states: frozenset[int]) -> frozenset[int]:
        if len(self._closed) > MAX_KEPT:
            self._closed.clear()
        found = self._closed[states] = self._reach(states, ("", "", False))
        return found

    def _step(self, key: tuple[frozenset[int], str]) -> frozenset[int]:
        """The states behind a character, from `key`'s states."""
        reached, char = key
        if len(self._kept) > MAX_KEPT:
            self._kept.clear()
        out = set()
        self._work += len(reached)
        for state in reached:
            wants = self._wants[state]
            if wants is not None and wants(char):
                out.update(self._out[state])
        found = self._kept[key] = frozenset(out)
        return found

    def _reach(self, states: frozenset[int], around: Around) -> frozenset[int]:
        """These states and all that empty steps lead to at this place."""
        reached = set(states)
        todo = list(states)
        while todo:
            state = todo.pop()
            if self._wants[state] is not None or not _stands(self._places[state], around):
                continue
            for other in self._out[state]:
                if other not in reached:
                    reached.add(other)
                    todo.append(other)
        self._work += len(reached)
        return frozenset(reached)


def _stands(place: str, around: Around) -> bool:
    """Whether an empty step may be taken here."""
    before, behind, more = around
    match place:
        case "":
            return True
        case "^":
            return not before
        case "m^":
            return not before or before == "\n"
        case "$":
            return not behind or (behind == "\n" and not more)
        case "m$":
            return not behind or behind == "\n"
        case "z":
            return not behind
        case _:
            edge = (before in WORD if before else False) != (behind in WORD if behind else False)
            return edge == (place == "b")
