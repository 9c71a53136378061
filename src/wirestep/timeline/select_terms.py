"""The small pieces of a filter: fields, literals, slices, functions and sums."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from wirestep.decode.contract import Registry
from wirestep.decode.fields import FieldInfo

from .select_judges import FUNCTIONS, SIGNS, written
from .select_nodes import (
    Calculated,
    Called,
    Constant,
    Count,
    Cut,
    Exists,
    Fields,
    FrameBytes,
    Operand,
    Slices,
)
from .select_tokens import Token
from .select_types import BadFilter
from .select_values import ADDRESSES, BINARY, INTEGERS, NUMBERS, Net, Plain, literal

FRAME = "frame"
MAX_DEPTH = 64
"""Brackets in brackets."""
_NUMBER = FieldInfo("a number", "", "uint")
_CUT = re.compile(r"(-?\d+)?(?:([:-])(-?\d+)?)?")


@dataclass(frozen=True, slots=True)
class Parsed:
    """An operand as far as it is known: with a field, or a literal that waits for one."""

    span: tuple[int, int]
    operand: Operand | None = None
    """None for a literal, which is read once it is known what it stands beside."""
    kind: str = ""
    """Kind of the values, as in the tables of fields; "" where there are none."""
    info: FieldInfo | None = None
    """The field, where the operand is just one."""
    token: Token | None = None
    exists: Exists | None = None
    function: str = ""
    calculated: bool = False
    negative: bool = False

    @property
    def said(self) -> str:
        """What it is, for messages."""
        return self.info.name if self.info else self.token.text if self.token else "this"


def resolve(name: str, token: Token, registry: Registry) -> Parsed:
    """The field or alias called `name`."""
    span = (token.start, token.stop)
    names = registry.aliases.get(name) or (name,)
    info = registry.fields[names[0]]
    moment = registry.fields.get(f"{name}_epoch")
    if info.kind == "str" and moment is not None and moment.kind in ("time", "when"):
        names, info = (moment.name,), moment  # times are compared as times, however written
    named = FieldInfo(name, info.title, info.kind, info.names)
    return Parsed(span, Fields(names), info.kind, named, token, Exists(names))


def constant(other: Parsed, field: Parsed, registry: Registry, loose: bool = False) -> Plain | Net:
    """The value of a literal beside `field`; `loose`: bytes of any number."""
    assert other.token is not None
    kind = field.kind
    if loose and kind == "ether":
        kind = "bytes"
    info = field.info if field.info and field.info.kind == kind else FieldInfo(field.said, "", kind)
    token = other.token
    if other.negative:
        token = token._replace(text="-" + token.text)
    value = literal(token, info)
    if kind == "ether" and isinstance(value, bytes) and len(value) != 6:
        raise BadFilter(f"an Ethernet address has six bytes, {token.text!r} has not", *other.span)
    return value


class Terms:
    """Reads operands; the tests are read by the class above."""

    def __init__(self, words: list[Token], registry: Registry) -> None:
        self.words = words
        self.registry = registry
        self.place = 0
        self.depth = 0
        self.names: set[str] = set()
        self.layers: set[str] = set()
        self.needs_bytes = False
        self.families = {card.family for card in registry.cards.values() if card.family}

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

    def valued(self, parsed: Parsed) -> Operand:
        """The operand, which must have values."""
        if parsed.operand is None or not parsed.kind or parsed.kind == "group":
            if parsed.token is not None and parsed.operand is None and parsed.exists is None:
                raise self.unknown(parsed.token)
            said = f"{parsed.said} has no value that could be compared; it is there or not"
            if parsed.exists is not None and parsed.exists.layer:
                said = f"the bytes of {parsed.said} cannot be asked for; those of the frame can"
            raise BadFilter(said, *parsed.span)
        return parsed.operand

    # sums

    def operand(self) -> Parsed:
        return self._signed(("&",), self._sum)

    def _sum(self) -> Parsed:
        return self._signed(("+", "-"), self._product)

    def _product(self) -> Parsed:
        return self._signed(("*", "/", "%"), self._term)

    def _signed(self, signs: tuple[str, ...], inner: Callable[[], Parsed]) -> Parsed:
        left = inner()
        while self.peek().kind == "op" and self.peek().text in signs:
            sign = self.take()
            left = self._calculated(left, sign, inner())
        return left

    def _calculated(self, left: Parsed, sign: Token, right: Parsed) -> Parsed:
        model = left if left.operand is not None else right
        if model.operand is None:
            raise BadFilter("a field is expected on one side", left.span[0], right.span[1])
        bits = sign.text == "&" and model.kind in BINARY
        if model.kind not in NUMBERS and not bits:
            raise BadFilter(f"{model.said} is no number", *model.span)
        if model.kind == "bool" or model.kind in INTEGERS:
            model = Parsed(model.span, model.operand, "uint", _NUMBER)
        sides = []
        for side in (left, right):
            if side.operand is not None:
                sides.append(self.valued(side))
                continue
            value = constant(side, model, self.registry, loose=True)
            assert not isinstance(value, Net)
            sides.append(Constant(value))
        span = (left.span[0], right.span[1])
        made = Calculated(SIGNS[sign.text], sides[0], sides[1])
        return Parsed(span, made, model.kind, calculated=True)

    # terms

    def literal(self) -> Parsed:
        """A word that is not looked up as a field."""
        negative = self.took("-")
        token = self.take()
        if token.kind not in ("word", "string", "char"):
            raise BadFilter("a value is expected", token.start, token.stop)
        return Parsed((token.start, token.stop), token=token, negative=negative)

    def _term(self) -> Parsed:
        token = self.peek()
        if self.took("-"):
            self.deeper(token)
            inner = self._term()
            self.depth -= 1
            if inner.operand is not None:
                zero = Token("word", "0", token.start, token.stop)
                left = Parsed((token.start, token.stop), token=zero)
                return self._calculated(left, token._replace(text="-"), inner)
            return Parsed((token.start, inner.span[1]), token=inner.token, negative=True)
        if self.took("{"):
            self.deeper(token)
            inner = self.operand()
            self.expect("}", "a closing brace")
            self.depth -= 1
            return inner
        if token.kind == "end" or token.kind in ("op", "short"):
            said = "a field" if self.place == 0 else "a field or a value"
            raise BadFilter(f"{said} is expected", token.start, max(token.stop, token.start))
        self.take()
        if token.kind == "word" and self.peek().kind == "op" and self.peek().text == "(":
            parsed = self._called(token)
        else:
            parsed = self._word(token)
        while self.peek().kind == "op" and self.peek().text == "[":
            parsed = self._sliced(parsed)
        return parsed

    def _word(self, token: Token) -> Parsed:
        span = (token.start, token.stop)
        if token.kind != "word":
            return Parsed(span, token=token)
        name = token.text
        fields, cards = self.registry.fields, self.registry.cards
        if name in cards or name in self.families:
            self.layers.add(name)
            if name in fields:
                self.names.add(name)
                return replace(resolve(name, token, self.registry), exists=Exists((name,), name))
            operand = FrameBytes() if name == FRAME else None
            kind = "bytes" if name == FRAME else ""
            info = FieldInfo(name, "", kind or "group")
            return Parsed(span, operand, kind, info, token, Exists((), name))
        if name in fields or name in self.registry.aliases:
            parsed = resolve(name, token, self.registry)
            assert isinstance(parsed.operand, Fields)
            self.names.update(parsed.operand.names)
            return parsed
        return Parsed(span, token=token)

    def _called(self, name: Token) -> Parsed:
        self.expect("(", "an opening bracket")
        self.deeper(name)
        argument = self.operand()
        self.expect(")", "a closing bracket")
        self.depth -= 1
        span = (name.start, self.words[self.place - 1].stop)
        if argument.operand is None:
            if argument.token is not None:
                raise self.unknown(argument.token)
            raise BadFilter("a field is expected", *argument.span)
        if name.text == "count":
            if not isinstance(argument.operand, Fields):
                raise BadFilter("count() wants a field", *argument.span)
            return Parsed(span, Count(argument.operand.names), "uint", function="count")
        operand = self.valued(argument)
        if name.text == "string":
            if argument.info is None or argument.kind in ("str", "bytes"):
                raise BadFilter("string() wants a field that is no text", *argument.span)
            made = Called(written(argument.info), operand)
            return Parsed(span, made, "str", function="string")
        if name.text not in FUNCTIONS:
            known = ", ".join(sorted([*FUNCTIONS, "count", "string"]))
            raise BadFilter(f"no function is called {name.text!r}; there are {known}", *name[2:])
        function, takes, gives = FUNCTIONS[name.text]
        wanted = {
            "text": {"str", *BINARY, *ADDRESSES},
            "str": {"str"},
            "number": set(NUMBERS),
        }[takes]
        if argument.kind not in wanted:
            raise BadFilter(f"{name.text}() cannot take {argument.said}", *argument.span)
        return Parsed(span, Called(function, operand), gives or argument.kind, function=name.text)

    # slices

    def _sliced(self, parsed: Parsed) -> Parsed:
        opening = self.take()
        if parsed.operand is None and parsed.token is not None and parsed.exists is None:
            raise self.unknown(parsed.token)
        operand = self.valued(parsed)
        if parsed.kind not in ("str", *BINARY, *ADDRESSES):
            raise BadFilter(f"{parsed.said} cannot be sliced: it is no text", *parsed.span)
        parts, text = [], ""
        while not (self.peek().kind == "op" and self.peek().text == "]"):
            token = self.take()
            if token.kind == "end":
                raise BadFilter("a closing bracket ']' is expected", opening.start, token.stop)
            if token.kind == "op" and token.text == ",":
                parts.append(text)
                text = ""
            else:
                text += token.text
        stop = self.take().stop
        cuts = [self._cut(part, opening.start, stop) for part in [*parts, text]]
        self.needs_bytes = self.needs_bytes or isinstance(operand, FrameBytes)
        kind = "str" if parsed.kind == "str" else "bytes"
        span = (parsed.span[0], stop)
        return Parsed(span, Slices(operand, tuple(cuts)), kind)

    @staticmethod
    def _cut(text: str, start: int, stop: int) -> Cut:
        found = _CUT.fullmatch(text) if len(text) < 40 else None
        if found is None or not text or text in (":", "-"):
            raise BadFilter("a slice is [i], [i:length], [i-j], [:length] or [i:]", start, stop)
        first, sign, second = found.groups()
        begin = int(first or 0)
        if sign is None:
            return begin, 1, False
        if second is None:
            if sign == "-":
                raise BadFilter("the slice has no end", start, stop)
            return begin, None, False
        if sign == ":" and int(second) <= 0:
            raise BadFilter("a slice has a length above nothing", start, stop)
        return begin, int(second), sign == "-"
