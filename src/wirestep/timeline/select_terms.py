"""The small pieces of a filter: fields, literals, slices, functions and sums."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from wirestep.decode.contract import Registry
from wirestep.decode.fields import FieldInfo

from .select_judges import FUNCTIONS, PICKS, SIGNS, number_of, written
from .select_nodes import (
    Calculated,
    Called,
    Constant,
    Count,
    Cut,
    Exists,
    Fields,
    FrameBytes,
    Layered,
    Operand,
    Picked,
    Slices,
)
from .select_parsed import Parsed, constant, folded, resolve
from .select_tokens import Token
from .select_types import BadFilter
from .select_values import ADDRESSES, BINARY, INTEGERS, NUMBERS, Net
from .select_words import Words

FRAME = "frame"
_NUMBER = FieldInfo("a number", "", "uint")
_CUT = re.compile(r"(-?\d+)?(?:([:-])(-?\d+)?)?")


def _counted(argument: Parsed) -> Operand:
    """How often a field occurs."""
    match argument.operand:
        case Fields(names):
            return Count(names)
        case Layered():
            return Called(number_of, argument.operand)
    raise BadFilter("count() wants a field", *argument.span)


class Terms(Words):
    """Reads operands; the tests are read by the class above."""

    def __init__(self, words: list[Token], registry: Registry) -> None:
        super().__init__(words, registry)
        self.names: set[str] = set()
        self.layers: set[str] = set()
        self.needs_bytes = self.needs_layers = False
        self.families = {card.family for card in registry.cards.values() if card.family}

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
            return folded(left, sign, right)
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
        if self.took("#"):
            parsed = self._layered(parsed)
        while self.peek().kind == "op" and self.peek().text == "[":
            parsed = self._sliced(parsed)
        return parsed

    def _layered(self, parsed: Parsed) -> Parsed:
        """Only of the n-th layer of its protocol: ip.src#2, ip.src#[-1], ip.src#[1-2]."""
        operand = self.valued(parsed)
        if not isinstance(operand, Fields):
            raise BadFilter("a field is expected before '#'", *parsed.span)
        opening = self.peek()
        if opening.kind == "op" and opening.text == "[":
            cuts, stop = self._cuts()
        else:
            cuts, stop = [self._cut(self.take().text, *opening[2:])], opening.stop
        self.needs_layers = True
        return replace(
            parsed,
            span=(parsed.span[0], stop),
            operand=Layered(operand.names, tuple(cuts)),
            exists=None,
            calculated=False,
        )

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
            parts = self.registry.aliases.get(name, ())  # of what messages carry within themselves
            self.names.update(parts)
            return Parsed(span, operand, kind, info, token, Exists(parts, name))
        if name in fields or name in self.registry.aliases:
            parsed = resolve(name, token, self.registry)
            assert isinstance(parsed.operand, Fields)
            self.names.update(parsed.operand.names)
            return parsed
        return Parsed(span, token=token)

    def _called(self, name: Token) -> Parsed:
        self.expect("(", "an opening bracket")
        self.deeper(name)
        arguments = [self.operand()]
        while self.took(","):
            arguments.append(self.operand())
        self.expect(")", "a closing bracket")
        self.depth -= 1
        span = (name.start, self.words[self.place - 1].stop)
        if name.text in PICKS:
            return self._picked(name, arguments, span)
        if len(arguments) > 1:
            raise BadFilter(f"{name.text}() takes one field", arguments[1].span[0], span[1])
        [argument] = arguments
        if argument.operand is None:
            if argument.token is not None:
                raise self.unknown(argument.token)
            raise BadFilter("a field is expected", *argument.span)
        if name.text == "count":
            return Parsed(span, _counted(argument), "uint", function="count")
        operand = self.valued(argument)
        if name.text == "string":
            if argument.info is None or argument.kind in ("str", "bytes"):
                raise BadFilter("string() wants a field that is no text", *argument.span)
            made = Called(written(argument.info), operand)
            return Parsed(span, made, "str", function="string")
        if name.text not in FUNCTIONS:
            known = ", ".join(sorted([*FUNCTIONS, *PICKS, "count", "string"]))
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

    def _picked(self, name: Token, arguments: list[Parsed], span: tuple[int, int]) -> Parsed:
        """The greatest or least of several fields and numbers."""
        model = next((one for one in arguments if one.operand is not None), None)
        if model is None:
            raise BadFilter(f"{name.text}() wants a field among them", *span)
        inner: list[Operand] = []
        for one in arguments:
            if one.operand is None:
                value = constant(one, model, self.registry)
                assert not isinstance(value, Net)
                inner.append(Constant(value))
            elif one.kind in NUMBERS and (one.kind in INTEGERS) == (model.kind in INTEGERS):
                inner.append(self.valued(one))
            else:
                raise BadFilter(f"{name.text}() cannot take {one.said}", *one.span)
        made = Picked(PICKS[name.text], tuple(inner))
        return Parsed(span, made, model.kind, model.info, function=name.text)

    # slices

    def _sliced(self, parsed: Parsed) -> Parsed:
        if parsed.operand is None and parsed.token is not None and parsed.exists is None:
            raise self.unknown(parsed.token)
        operand = self.valued(parsed)
        if parsed.kind not in ("str", *BINARY, *ADDRESSES):
            raise BadFilter(f"{parsed.said} cannot be sliced: it is no text", *parsed.span)
        cuts, stop = self._cuts()
        self.needs_bytes = self.needs_bytes or isinstance(operand, FrameBytes)
        kind = "str" if parsed.kind == "str" else "bytes"
        span = (parsed.span[0], stop)
        return Parsed(span, Slices(operand, tuple(cuts)), kind)

    def _cuts(self) -> tuple[list[Cut], int]:
        """What stands in square brackets, and where they end."""
        opening = self.take()
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
        return [self._cut(part, opening.start, stop) for part in [*parts, text]], stop

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
