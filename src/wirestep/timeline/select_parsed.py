"""An operand of a filter as far as it is known, and what becomes of words that stand beside it."""

from __future__ import annotations

from dataclasses import dataclass

from wirestep.decode.contract import Registry
from wirestep.decode.fields import FieldInfo

from .select_judges import SIGNS
from .select_nodes import Exists, Fields, Operand
from .select_tokens import Token
from .select_types import BadFilter
from .select_values import Net, Plain, integer, literal


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


def folded(left: Parsed, sign: Token, right: Parsed) -> Parsed:
    """Two whole numbers worked out at once."""
    span = (left.span[0], right.span[1])
    numbers = []
    for side in (left, right):
        number = integer(side.token.text) if side.token is not None else None
        if number is None:
            raise BadFilter("a field or a whole number is expected on one side", *span)
        numbers.append(-number if side.negative else number)
    result = SIGNS[sign.text](numbers[0], numbers[1])
    if result is None:
        raise BadFilter("nothing can be divided by 0", *span)
    return Parsed(span, token=Token("word", str(result), *span))
