"""The words of a display filter (wireshark-filter(4))."""

from __future__ import annotations

import re
from typing import NamedTuple

from .select_types import BadFilter

MAX_TEXT = 4096
"""Characters of a filter."""


class Token(NamedTuple):
    """A word of a filter: [start, stop) of its text."""

    kind: str
    """"word", "string", "char", "op", "short" (a mitmproxy letter), "end"."""
    text: str
    """As the parser wants it: operators under one name, strings without quotes and escapes."""
    start: int
    stop: int


OPERATORS = {
    "eq": "==",
    "any_eq": "==",
    "ne": "!=",
    "all_ne": "!=",
    "all_eq": "===",
    "any_ne": "~=",
    "!==": "~=",
    "gt": ">",
    "ge": ">=",
    "lt": "<",
    "le": "<=",
    "contains": "contains",
    "matches": "matches",
    "~": "matches",
    "in": "in",
    "and": "&&",
    "or": "||",
    "xor": "^^",
    "not": "!",
    "|": "||",
    "bitwise_and": "&",
    "any": "any",
    "all": "all",
}
"""Other spellings: what the parser calls them."""
RAW = 0xDC00
"""A byte that stands in a string for itself: 0xff is RAW + 0xff (as "surrogateescape" has it)."""
SHORT = re.compile(r"~([bcdhmqsu])(?=[\s)]|$)")
_SPACE = re.compile(r"\s+")
_SIGN = re.compile(r"===|!==|==|!=|~=|>=|<=|&&|\|\||\^\^|\.\.|[><!~&|(){}\[\],+*/%#-]")
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]*[0-9A-Fa-f:]/[0-9]+")
_WORD = re.compile(r"(?:[A-Za-z0-9_:]|\.(?!\.))(?:[A-Za-z0-9_:-]|\.(?!\.))*")
_ARGUMENT = re.compile(r"[^\s)]+")
_ESCAPE = re.compile(
    r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-7]{1,3})|(.)|$)", re.DOTALL
)
_PLAIN = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "'": "'",
    '"': '"',
    "\\": "\\",
}


def tokens(text: str) -> list[Token]:
    """All words of `text`, with an "end" behind the last one.

    Raises:
        BadFilter: the text is too long, a string does not end, or a character has no meaning.
    """
    if len(text) > MAX_TEXT:
        raise BadFilter(f"a filter has at most {MAX_TEXT} characters", MAX_TEXT, len(text))
    found: list[Token] = []
    at = 0
    while at < len(text):
        space = _SPACE.match(text, at)
        if space:
            at = space.end()
            continue
        token = _next(text, at, found[-1] if found else None)
        found.append(token)
        at = token.stop
    found.append(Token("end", "", len(text), len(text)))
    return found


def _next(text: str, at: int, before: Token | None) -> Token:
    if before is not None and before.kind == "short" and before.text in "bcdhmu":
        argument = None if text[at] == '"' else _ARGUMENT.match(text, at)
        if argument:
            return Token("string", argument.group(), at, argument.end())
    if text[at] == '"':
        return _string(text, at, at + 1, raw=False)
    if text.startswith(('r"', 'R"'), at):
        return _string(text, at, at + 2, raw=True)
    if text[at] == "'":
        return _char(text, at)
    short = SHORT.match(text, at)
    if short and (before is None or before.kind == "op"):
        return Token("short", short.group(1), at, short.end())
    for pattern in (_ADDRESS, _WORD):
        word = pattern.match(text, at)
        if word:
            name = OPERATORS.get(word.group())
            return Token("op" if name else "word", name or word.group(), at, word.end())
    sign = _SIGN.match(text, at)
    if sign:
        return Token("op", OPERATORS.get(sign.group(), sign.group()), at, sign.end())
    raise BadFilter(f"{text[at]!r} means nothing here", at, at + 1)


def _string(text: str, start: int, at: int, raw: bool) -> Token:
    stop = at
    while stop < len(text) and text[stop] != '"':
        stop += 2 if text[stop] == "\\" else 1
    if stop >= len(text):
        raise BadFilter("the string does not end: a double quote is missing", start, len(text))
    inside = text[at:stop]
    return Token("string", inside if raw else unescaped(inside, at), start, stop + 1)


def _char(text: str, start: int) -> Token:
    stop = start + 1
    while stop < len(text) and text[stop] != "'":
        stop += 2 if text[stop] == "\\" else 1
    if stop >= len(text):
        raise BadFilter("the character does not end: a quote is missing", start, len(text))
    char = unescaped(text[start + 1 : stop], start + 1)
    if len(char) != 1:
        raise BadFilter("one character is expected between the quotes", start, stop + 1)
    return Token("char", char, start, stop + 1)


def unescaped(text: str, start: int) -> str:
    """`text` with its escapes replaced; it begins at `start` of the filter.

    Bytes from 0x80 on are kept apart from characters: as RAW and their value.
    """

    def one(found: re.Match[str]) -> str:
        short, four, eight, octal, plain = found.groups()
        byte = int(short, 16) if short else int(octal, 8) if octal else -1
        if 0 <= byte <= 0xFF:
            return chr(byte) if byte < 0x80 else chr(RAW + byte)
        code = int(four or eight or "110000", 16)
        if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
            return chr(code)
        if plain in _PLAIN:
            return _PLAIN[plain]
        where = start + found.start()
        said = f'{found.group()} is no escape; r"..." takes backslashes as they are'
        raise BadFilter(said, where, where + len(found.group()))

    return _ESCAPE.sub(one, text)


def as_bytes(text: str) -> bytes:
    """The bytes that a string stands for."""
    return text.encode("utf-8", "surrogateescape")


def as_text(text: str) -> str:
    """A string as fields have theirs: bytes that are no UTF-8 are spelled out."""
    return as_bytes(text).decode("utf-8", "backslashreplace")


def as_latin(text: str) -> str:
    """A string in which each byte is a character, as patterns look at bytes."""
    return "".join(chr(ord(c) - RAW) if RAW + 0x80 <= ord(c) <= RAW + 0xFF else c for c in text)
