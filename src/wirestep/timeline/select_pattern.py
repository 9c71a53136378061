"""Regular expressions read into a tree: the common part of PCRE, without memory of the text."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass

MAX_REPEAT = 250
MAX_DEPTH = 40


class BadPattern(ValueError):
    """A pattern that cannot be read, or would need what is not offered here."""


Wants = Callable[[str], bool]
"""Whether a character passes."""


@dataclass(frozen=True, slots=True)
class One:
    """A character."""

    wants: Wants


@dataclass(frozen=True, slots=True)
class Place:
    """A place between characters: "^", "$", "m^", "m$" (of lines), "b", "B", "z" (the very end)."""

    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces one after the other."""

    parts: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several pieces."""

    parts: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Again:
    """A piece from `low` to `high` times; None is without end."""

    piece: Piece
    low: int
    high: int | None


Piece = One | Place | Row | Choice | Again

WORD = frozenset(string.ascii_letters + string.digits + "_")
_SETS = {"w": WORD, "d": frozenset(string.digits), "s": frozenset(" \t\n\r\f\v")}
_POSIX = {
    "alpha": frozenset(string.ascii_letters),
    "digit": _SETS["d"],
    "alnum": frozenset(string.ascii_letters + string.digits),
    "upper": frozenset(string.ascii_uppercase),
    "lower": frozenset(string.ascii_lowercase),
    "space": _SETS["s"],
    "punct": frozenset(string.punctuation),
    "xdigit": frozenset(string.hexdigits),
    "word": WORD,
}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b"}
_REPEATS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def _outside(chars: frozenset[str]) -> Wants:
    return lambda char: char not in chars


class _Reader:
    """Reads a pattern by descent."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.fold, self.dotall, self.multiline = True, False, False

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        char = self.peek()
        if not char:
            raise BadPattern("the pattern ends too early")
        self.at += 1
        return char

    def choice(self) -> Piece:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise BadPattern("the pattern is nested too deep")
        flags = self.fold, self.dotall, self.multiline
        parts = [self.row()]
        while self.peek() == "|":
            self.at += 1
            parts.append(self.row())
        self.fold, self.dotall, self.multiline = flags
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def row(self) -> Piece:
        parts: list[Piece] = []
        while self.peek() and self.peek() not in "|)":
            piece = self.atom()
            while (times := self.times()) is not None:
                piece = Again(piece, *times)
            parts.append(piece)
        return Row(tuple(parts))

    def times(self) -> tuple[int, int | None] | None:
        found = _REPEATS.get(self.peek())
        if found is not None:
            self.at += 1
        elif self.peek() == "{":
            found = self.braces()
        if found is not None and self.peek() == "+":
            raise BadPattern("possessive repeats are not offered here")
        if found is not None and self.peek() == "?":
            self.at += 1  # greedy or not, the same texts match
        return found

    def braces(self) -> tuple[int, int | None] | None:
        stop = max(self.text.find("}", self.at), self.at)
        low, comma, high = self.text[self.at + 1 : stop].partition(",")
        if not (low.isascii() and low.isdigit()) or (high and not high.isdigit()):
            return None
        if len(low) > 4 or len(high) > 4 or max(int(low), int(high or 0)) > MAX_REPEAT:
            raise BadPattern(f"a repeat of more than {MAX_REPEAT}")
        most = int(high) if high else None if comma else int(low)
        if most is not None and most < int(low):
            raise BadPattern("a repeat that counts backwards")
        self.at = stop + 1
        return int(low), most

    def atom(self) -> Piece:
        char = self.take()
        if char == "(":
            return self.group()
        if char == "[":
            return One(self.bracket())
        if char == ".":
            return One((lambda c: True) if self.dotall else (lambda c: c != "\n"))
        if char in "^$":
            return Place(("m" if self.multiline else "") + char)
        if char == "\\":
            return self.escape()
        if char in "*+?":
            raise BadPattern(f"nothing to repeat before {char}")
        return One(self.one(char))

    def one(self, char: str) -> Wants:
        if self.fold and char.lower() != char.upper():
            return frozenset((char.lower(), char.upper(), char)).__contains__
        return lambda other: other == char

    def group(self) -> Piece:
        if self.peek() != "?":
            return self.closed()
        self.at += 1
        for opening in ("P<", "<"):
            stop = self.text.find(">", self.at)
            if self.text.startswith(opening, self.at) and stop > 0:
                if not self.text[self.at + len(opening) : stop].isidentifier():
                    break
                self.at = stop + 1
                return self.closed()
        return self.flags()

    def closed(self) -> Piece:
        piece = self.choice()
        if self.take() != ")":
            raise BadPattern("a bracket is not closed")
        return piece

    def flags(self) -> Piece:
        on = True
        before = self.fold, self.dotall, self.multiline
        while self.peek() and self.peek() in "ims-":
            flag = self.take()
            if flag == "-":
                on = False
            elif flag == "i":
                self.fold = on
            elif flag == "s":
                self.dotall = on
            else:
                self.multiline = on
        end = self.take()
        if end == ")":
            return Row(())
        if end != ":":
            raise BadPattern("looking around and its like are not offered here")
        piece = self.closed()
        self.fold, self.dotall, self.multiline = before
        return piece

    def escape(self) -> Piece:
        char = self.take()
        if char in "bB":
            return Place(char)
        if char in "AzZ":
            return Place({"A": "^", "z": "z", "Z": "$"}[char])
        if char in "wds":
            return One(_SETS[char].__contains__)
        if char in "WDS":
            return One(_outside(_SETS[char.lower()]))
        if char.isdigit() and char != "0":
            raise BadPattern("back references are not offered here")
        return One(self.one(self.character(char)))

    def character(self, char: str) -> str:
        """The character that an escape stands for."""
        if char == "x":
            stop = self.text.find("}", self.at)
            if self.peek() == "{" and stop > 0:
                digits, self.at = self.text[self.at + 1 : stop], stop + 1
            else:
                digits = self.text[self.at : self.at + 2]
                self.at += len(digits)
            try:
                return chr(int(digits, 16))
            except (ValueError, OverflowError):
                raise BadPattern("no number behind \\x") from None
        if char == "0":
            return "\0"
        if char.isalpha() and char not in _ESCAPES:
            raise BadPattern(f"\\{char} is not offered here")
        return _ESCAPES.get(char, char)

    def bracket(self) -> Wants:
        contrary = self.peek() == "^"
        self.at += contrary
        chars: set[str] = set()
        ranges: list[tuple[str, str]] = []
        others: list[frozenset[str]] = []
        first = True
        while first or self.peek() != "]":
            first = False
            low = self.item(chars, others)
            if low is None:
                continue
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.item(set(), [])
                if high is None or high < low:
                    raise BadPattern("a range that counts backwards")
                ranges.append((low, high))
            else:
                chars.add(low)
        self.at += 1
        fold = self.fold

        def inside(char: str) -> bool:
            forms = (char, char.lower(), char.upper()) if fold else (char,)
            hit = any(
                form in chars or any(low <= form <= high for low, high in ranges) for form in forms
            )
            return (hit or any(char not in other for other in others)) != contrary

        return inside

    def item(self, chars: set[str], others: list[frozenset[str]]) -> str | None:
        """One character of a bracket, or None where a whole set was put in."""
        char = self.take()
        if char == "[" and self.peek() == ":":
            stop = self.text.find(":]", self.at)
            name = self.text[self.at + 1 : stop] if stop > 0 else ""
            if name not in _POSIX:
                raise BadPattern(f"no class [:{name[:20]}:]")
            chars |= _POSIX[name]
            self.at = stop + 2
            return None
        if char != "\\":
            return char
        char = self.take()
        if char in "wds":
            chars |= _SETS[char]
            return None
        if char in "WDS":
            others.append(_SETS[char.lower()])
            return None
        return "\b" if char == "b" else self.character(char)


def read_pattern(text: str) -> Piece:
    """The tree of a pattern; letters match in either case, as Wireshark has it.

    Raises:
        BadPattern: it cannot be read, or needs what is not offered here.
    """
    reader = _Reader(text)
    piece = reader.choice()
    if reader.at < len(text):
        raise BadPattern("a bracket is closed that was not opened")
    return piece
