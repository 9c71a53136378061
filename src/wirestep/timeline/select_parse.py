"""From the words of a filter to its test, every operand checked against the registry's fields.

or     := xor {"||" xor}              xor := and {"^^" and}       and := not {"&&" not}
not    := "!" not | "(" or ")" | short | relation
relation := ["any" | "all"] operand {comparison operand} | operand ["not"] "in" set
operand  := sum {"&" sum}             sum := product {("+" | "-") product}
product  := term {("*" | "/" | "%") term}
term     := "-" term | "{" operand "}" | (field ["#" layer] | function | literal) {slice}
"""

from __future__ import annotations

from collections.abc import Callable

from wirestep.decode.contract import Registry

from .select_judges import (
    RELATIONS,
    Against,
    Among,
    Between,
    Fits,
    Holds,
    InNet,
    holds_part,
)
from .select_nodes import (
    Compared,
    Either,
    Every,
    Exists,
    FrameBytes,
    Judged,
    Nonzero,
    Not,
    Odd,
    There,
)
from .select_parsed import Parsed, constant, resolve
from .select_pattern import BadPattern
from .select_regex import Pattern
from .select_terms import Terms
from .select_tokens import Token, as_latin, tokens
from .select_types import BadFilter, Filter, Test
from .select_values import BINARY, NUMBERS, Net, Plain

COMPARISONS = ("==", "!=", "===", "~=", "<", "<=", ">", ">=", "contains", "matches")
SHORT = {
    "m": ("http.request.method", "http2.headers.method", "http3.headers.method"),
    "u": ("http.request.full_uri", "http2.request.full_uri", "http3.headers.path"),
    "c": ("http.response.code", "http2.headers.status", "http3.headers.status"),
    "b": ("http.file_data", "http2.body.reassembled.data", "http3.data"),
    "h": ("http.request.line", "http.response.line", "http2.header", "http3.header"),
    "d": ("http.host", "http2.headers.authority", "http3.headers.authority"),
    "q": ("http.request", "http2.headers.method", "http3.headers.method"),
    "s": ("http.response", "http2.headers.status", "http3.headers.status"),
}
"""The letters of mitmproxy's filters: the fields that they ask for."""


class Parser(Terms):
    """Reads a filter by descent."""

    def __init__(self, text: str, registry: Registry) -> None:
        super().__init__(tokens(text), registry)

    def whole(self) -> Test:
        """The whole text as one test."""
        if self.peek().kind == "end":
            raise BadFilter("a filter is expected", self.peek().start, self.peek().stop)
        test = self.either()
        token = self.peek()
        if token.kind != "end":
            raise BadFilter(
                f"{token.text!r} is not expected here: 'and', 'or' or the end is",
                token.start,
                token.stop,
            )
        return test

    def either(self) -> Test:
        return self._joined("||", self._exclusive, Either)

    def _exclusive(self) -> Test:
        return self._joined("^^", self._every, Odd)

    def _every(self) -> Test:
        return self._joined("&&", self._not, Every)

    def _joined(
        self, sign: str, inner: Callable[[], Test], node: Callable[[tuple[Test, ...]], Test]
    ) -> Test:
        tests = [inner()]
        while self.took(sign) or (sign == "&&" and self.took("&")):
            tests.append(inner())
        return tests[0] if len(tests) == 1 else node(tuple(tests))

    def _not(self) -> Test:
        contrary = False
        while self.took("!"):
            contrary = not contrary
        test = self._primary()
        return Not(test) if contrary else test

    def _primary(self) -> Test:
        token = self.peek()
        if token.kind == "short":
            return self._short()
        if not self.took("("):
            return self._relation()
        self.deeper(token)
        test = self.either()
        self.expect(")", "a closing bracket")
        self.depth -= 1
        return test

    # relations

    def _relation(self) -> Test:
        first = self.peek()
        quantifier = ""
        if self.took("any") or self.took("all"):
            quantifier = first.text
        left = self.operand()
        tests: list[Test] = []
        while self.peek().kind == "op" and (
            self.peek().text in (*COMPARISONS, "in") or self._not_in()
        ):
            sign = self.take()
            if sign.text in ("in", "!"):
                contrary = sign.text == "!" and self.took("in")
                member = self._member(left, quantifier == "all")
                tests.append(Not(member) if contrary else member)
                continue
            right = self.operand()
            tests.append(self._compared(left, sign, right, quantifier))
            left = right
        if not tests:
            return self._alone(left, quantifier)
        return tests[0] if len(tests) == 1 else Every(tuple(tests))

    def _not_in(self) -> bool:
        token, after = self.words[self.place : self.place + 2]
        return token.text == "!" and after.kind == "op" and after.text == "in"

    def _alone(self, parsed: Parsed, quantifier: str) -> Test:
        if quantifier:
            raise BadFilter(f"a comparison is expected after {quantifier!r}", *parsed.span)
        if parsed.exists is not None:
            return parsed.exists
        if parsed.token is not None and parsed.operand is None:
            raise self.unknown(parsed.token)
        if parsed.function:
            raise BadFilter(
                f"{parsed.function}() gives a value: a comparison is expected", *parsed.span
            )
        assert parsed.operand is not None
        return Nonzero(parsed.operand) if parsed.calculated else There(parsed.operand)

    def _compared(self, left: Parsed, sign: Token, right: Parsed, quantifier: str) -> Test:
        every = sign.text in ("!=", "===")
        relation = {"===": "==", "~=": "!="}.get(sign.text, sign.text)
        if quantifier:
            every = quantifier == "all"
        if relation in ("contains", "matches"):
            return self._searched(left, relation, right, every)
        if left.operand is None and right.operand is None:
            self.valued(left)
        if left.operand is None:
            turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(relation, relation)
            return self._beside(right, turned, left, every)
        return self._beside(left, relation, right, every)

    def _beside(self, field: Parsed, relation: str, other: Parsed, every: bool) -> Test:
        """A field (or what is made of one) compared with a literal or another one."""
        operand = self.valued(field)
        if other.operand is None:
            value = constant(other, field, self.registry)
            if isinstance(value, Net):
                return Judged(InNet(value, relation), operand, every)
            return Judged(Against(relation, value), operand, every)
        right = self.valued(other)
        if _family(field.kind) != _family(other.kind):
            raise BadFilter(
                f"{field.said} and {other.said} cannot be compared: their kinds differ",
                field.span[0],
                other.span[1],
            )
        return Compared(RELATIONS[relation], operand, right, every)

    def _searched(self, left: Parsed, relation: str, right: Parsed, every: bool) -> Test:
        operand = self.valued(left)
        self.needs_bytes = self.needs_bytes or isinstance(operand, FrameBytes)
        if left.kind not in BINARY and left.kind != "str":
            hint = f"; string({left.said}) makes a string of it" if left.info else ""
            raise BadFilter(f"{left.said} is neither text nor bytes{hint}", *left.span)
        if relation == "matches":
            token = right.token
            if token is None or token.kind != "string" or right.operand is not None:
                raise BadFilter('a pattern in double quotes is expected, as "^ab"', *right.span)
            return Judged(Fits(_pattern(token)), operand, every)
        if right.operand is not None:
            other = self.valued(right)
            return Compared(holds_part, operand, other, every)
        part = constant(right, left, self.registry, loose=True)
        if isinstance(part, Net):
            raise BadFilter("a net cannot be contained", *right.span)
        return Judged(Holds(part), operand, every)

    def _member(self, left: Parsed, every: bool) -> Test:
        operand = self.valued(left)
        self.expect("{", "a set in braces, as {80, 443, 8000..8100},")
        judges: list[Against | InNet | Between] = []
        while True:
            low = self._item(left)
            if self.took(".."):
                high = self._item(left)
                if isinstance(low, Net) or isinstance(high, Net):
                    raise BadFilter("a range goes from one value to another", *left.span)
                judges.append(Between(low, high))
            else:
                judges.append(InNet(low) if isinstance(low, Net) else Against("==", low))
            if not self.took(","):
                break
        self.expect("}", "a comma or a closing brace")
        return Judged(Among(tuple(judges)), operand, every)

    def _item(self, left: Parsed) -> Plain | Net:
        item = self.literal()
        return constant(item, left, self.registry)

    # letters of mitmproxy

    def _short(self) -> Test:
        letter = self.take()
        names = tuple(name for name in SHORT[letter.text] if name in self.registry.fields)
        self.names.update(names)
        if not names:
            raise BadFilter(f"no protocol here has what ~{letter.text} asks for", *letter[2:])
        if letter.text in "qs":
            return Exists(names)
        token = self.take()
        if token.kind != "string":
            raise BadFilter(f"something is expected after ~{letter.text}", *letter[2:])
        tests: list[Test] = []
        for name in names:
            parsed = resolve(name, token, self.registry)
            operand = self.valued(parsed)
            if letter.text == "c":
                literal = Parsed((token.start, token.stop), token=token._replace(kind="word"))
                value = constant(literal, parsed, self.registry)
                assert not isinstance(value, Net)
                tests.append(Judged(Against("==", value), operand, False))
            else:
                tests.append(Judged(Fits(_pattern(token)), operand, False))
        return Either(tuple(tests))


def _family(kind: str) -> str:
    """Kinds whose values can be compared with each other."""
    if kind in BINARY:
        return "bytes"
    if kind in NUMBERS and kind not in ("time", "when", "span", "float"):
        return "number"
    return kind


def _pattern(token: Token) -> Pattern:
    try:
        return Pattern(as_latin(token.text))
    except BadPattern as error:
        raise BadFilter(f"the pattern cannot be read: {error}", token.start, token.stop) from None


def parse(text: str, registry: Registry) -> Filter:
    """The filter that `text` says.

    Raises:
        BadFilter: what is wrong with it, and where.
    """
    parser = Parser(text, registry)
    test = parser.whole()
    return Filter(
        text,
        frozenset(parser.names),
        frozenset(parser.layers),
        parser.needs_bytes,
        parser.needs_layers,
        test,
    )
