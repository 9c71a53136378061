"""The words of a filter on their way to those who read operands and tests."""

from __future__ import annotations

from difflib import get_close_matches

from wirestep.decode.contract import Registry

from .select_tokens import Token
from .select_types import BadFilter

MAX_DEPTH = 64
"""Brackets in brackets."""


class Words:
    """The words of a filter, taken one by one."""

    def __init__(self, words: list[Token], registry: Registry) -> None:
        self.words = words
        self.registry = registry
        self.place = 0
        self.depth = 0

    def peek(self) -> Token:
        return self.words[self.place]

    def take(self) -> Token:
        token = self.words[self.place]
        if token.kind != "end":
            self.place += 1
        return token

    def took(self, sign: str) -> bool:
        """Take the operator `sign`, if it is next."""
        token = self.peek()
        if token.kind == "op" and token.text == sign:
            self.place += 1
            return True
        return False

    def expect(self, sign: str, said: str) -> None:
        token = self.peek()
        if not self.took(sign):
            raise BadFilter(f"{said} is expected", token.start, max(token.stop, token.start))

    def deeper(self, token: Token) -> None:
        """One more bracket is open."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise BadFilter(f"more than {MAX_DEPTH} brackets", token.start, token.stop)

    def unknown(self, token: Token) -> BadFilter:
        """The complaint about a word that is no field."""
        if token.kind != "word":
            return BadFilter("a field is expected", token.start, token.stop)
        near = get_close_matches(
            token.text, [*self.registry.fields, *self.registry.aliases, *self.registry.cards], 3
        )
        hint = f"; near to it: {', '.join(near)}" if near else ""
        return BadFilter(f"no field is called {token.text!r}{hint}", token.start, token.stop)
