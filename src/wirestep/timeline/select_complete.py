"""What could be typed next in a display filter."""

from __future__ import annotations

from wirestep.decode.contract import Registry
from wirestep.decode.fields import FieldInfo

from .select_tokens import Token, tokens
from .select_types import BadFilter, Completion
from .select_values import BINARY, NUMBERS

MAX_OFFERS = 200
_LOGIC = (("and", "both are true"), ("or", "one is true"))
_EQUAL = (("==", "equal"), ("!=", "not equal, none of them"), ("in", "one of {…}"))
_ORDER = ((">", "greater"), (">=", "greater or equal"), ("<", "less"), ("<=", "less or equal"))
_TEXT = (("contains", "holds the text or bytes"), ("matches", "fits a pattern"))
_BITS = (("&", "bits that are set"),)
_SIGNS = frozenset({"==", "!=", "===", "~=", "<", "<=", ">", ">="})
_SETTERS = frozenset({"{", ",", ".."})
_JOINERS = frozenset({"&&", "||", "^^", "!", "(", "any", "all"})


def complete(text: str, at: int, registry: Registry) -> list[Completion]:
    """What could stand at `at` (a cursor in `text`), the likely ones first; [] for nothing known.

    A word that is begun is replaced whole.
    """
    at = min(max(at, 0), len(text))
    try:
        words = tokens(text[:at])[:-1]
    except BadFilter:
        return []
    word = words.pop() if words and words[-1].stop == at and _open(words[-1], text) else None
    start, begun = (word.start, text[word.start : at]) if word else (at, "")
    stop = at
    while word and stop < len(text) and (text[stop].isalnum() or text[stop] in "._"):
        stop += 1
    before = words[-1] if words else None
    if before is None or (before.kind == "op" and before.text in _JOINERS):
        offers = _fields(begun, registry)
    elif before.kind == "op" and (before.text in _SIGNS or before.text in _SETTERS):
        offers = _values(begun, _asked(words, registry))
    elif before.kind == "word" and (
        before.text in registry.fields or before.text in _names(registry)
    ):
        offers = _operators(begun, _info(before.text, registry))
    else:
        offers = [(sign, title) for sign, title in _LOGIC if sign.startswith(begun)]
    return [Completion(said, start, stop, title) for said, title in offers[:MAX_OFFERS]]


def _open(token: Token, text: str) -> bool:
    """A word that could go on."""
    return token.kind == "word" or (token.kind == "op" and text[token.start].isalpha())


def _names(registry: Registry) -> set[str]:
    families = {card.family for card in registry.cards.values() if card.family}
    return {*registry.cards, *families, *registry.aliases}


def _info(name: str, registry: Registry) -> FieldInfo | None:
    names = registry.aliases.get(name)
    return registry.fields.get(names[0] if names else name)


def _asked(words: list[Token], registry: Registry) -> FieldInfo | None:
    """The field that stands before the last comparison."""
    for token in reversed(words):
        if token.kind == "word":
            info = _info(token.text, registry)
            if info is not None:
                return info
    return None


def _fields(begun: str, registry: Registry) -> list[tuple[str, str]]:
    """Protocols, then fields; shorter names first, and titles that hold the word at the end."""
    low = begun.lower()
    titles = {card.family: card.title for card in registry.cards.values() if card.family}
    titles |= {name: f"any of {', '.join(of)}" for name, of in registry.aliases.items()}
    titles |= {name: info.title for name, info in registry.fields.items()}
    titles |= {card.name: card.title for card in registry.cards.values()}
    first = sorted(
        (name for name in titles if name.startswith(low) and name != low),
        key=lambda name: (name.count("."), name),
    )
    if len(low) >= 3:
        known = set(first)
        first += sorted(
            name
            for name, title in titles.items()
            if name not in known and name != low and (low in name or low in title.lower())
        )
    return [(name, titles[name]) for name in first]


def _operators(begun: str, info: FieldInfo | None) -> list[tuple[str, str]]:
    offers: tuple[tuple[str, str], ...] = ()
    if info is not None and info.kind != "group":
        offers += _EQUAL
        if info.kind in NUMBERS and info.kind != "bool":
            offers += _ORDER + (_BITS if info.kind.startswith(("hex", "uint")) else ())
        if info.kind == "str" or info.kind in BINARY:
            offers += _TEXT
    return [(sign, title) for sign, title in (*offers, *_LOGIC) if sign.startswith(begun)]


def _values(begun: str, info: FieldInfo | None) -> list[tuple[str, str]]:
    if info is None:
        return []
    if info.kind == "bool":
        pairs = [("True", "set"), ("False", "not set")]
        return [(said, title) for said, title in pairs if said.lower().startswith(begun.lower())]
    low = begun.lower()
    return [
        (info.plain(number), name)
        for number, name in sorted((info.names or {}).items())
        if name.lower().startswith(low) or info.plain(number).startswith(low)
    ]
