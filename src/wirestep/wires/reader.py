"""Reading tables of TOML key by key, with errors that name the file and the key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import TypeVar

from .contract import Link
from .units import count, nanoseconds, rate, share

T = TypeVar("T")


class Reader:
    """One table; each key is asked for once, and at the end none may be left."""

    def __init__(self, place: str, table: Mapping[str, object]) -> None:
        self.place = place
        """Where it is: "name: host 2"."""
        self._table = table
        self._known: set[str] = set()

    def error(self, key: str, text: str) -> ValueError:
        """An error about a key, to be raised."""
        where = f"{self.place}: {key}" if self.place else key
        return ValueError(f"{where}: {text}")

    def read(self, key: str, read: Callable[[object], T], default: T) -> T:
        """The value of `key`, read by `read`, which raises ValueError; `default` without it."""
        self._known.add(key)
        if key not in self._table:
            return default
        try:
            return read(self._table[key])
        except ValueError as error:
            raise self.error(key, str(error)) from error

    def text(self, key: str, default: str | None = None) -> str:
        """Text; without a default it must be there."""
        if default is None and key not in self._table:
            raise self.error(key, "is missing")
        return self.read(key, _text, default or "")

    def whole(self, key: str, default: int) -> int:
        """A whole number."""
        return self.read(key, count, default)

    def flag(self, key: str, default: bool) -> bool:
        """Yes or no."""
        return self.read(key, _flag, default)

    def table(self, key: str) -> Mapping[str, object]:
        """A table, empty where there is none."""
        return self.read(key, _table, {})

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one; empty where there is none."""
        return self.read(key, _texts, ())

    def items(self, key: str) -> tuple[object, ...]:
        """A list of whatever; empty where there is none."""
        return self.read(key, _items, ())

    def tables(self, key: str) -> Iterator[Reader]:
        """A list of tables, each to be read; a single table counts as a list of one."""
        none: tuple[Mapping[str, object], ...] = ()
        given = self.read(key, _some_tables, none)
        before = f"{self.place}: " if ":" not in self.place else f"{self.place}, "
        for place, table in enumerate(given, 1):
            number = f" {place}" if len(given) > 1 else ""
            yield Reader(f"{before}{key}{number}", table)

    def end(self) -> None:
        """Raises ValueError where the table has a key that nobody asked for."""
        for key in self._table:
            if key not in self._known:
                near = get_close_matches(key, self._known, 1)
                hint = f"; is {near[0]!r} meant?" if near else f"; there are {_listed(self._known)}"
                raise self.error(key, "there is no such key" + hint)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{value!r} is no table")
    return value


def _items(value: object) -> tuple[object, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"{value!r} is no list")
    return tuple(value)


def _texts(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(_text(one) for one in _items(value))


def _some_tables(value: object) -> tuple[Mapping[str, object], ...]:
    if isinstance(value, Mapping):
        return (value,)
    return tuple(_table(one) for one in _items(value))


LINK = {
    "rtt": "time there and back",
    "delay": "time one way, in place of rtt",
    "jitter": "up to so much more",
    "loss": "share of packets that are lost by chance",
    "every": "each so-manieth packet is lost",
    "lose": "places of packets that are lost, from 1",
    "reorder": "share of packets that are overtaken",
    "duplicate": "share of packets that arrive twice",
    "corrupt": "share of packets in which a bit turns",
    "rate": "bits a second",
    "queue": "packets that may wait where there is a rate",
    "mtu": "bytes of the largest IP packet",
    "hole": "too large packets vanish without a word",
}
"""Keys of a link, and what they say."""


def read_link(reader: Reader, base: Link) -> Link:
    """The link that a table describes; what it does not say is as in `base`."""
    delay = reader.read("rtt", lambda value: nanoseconds(value) // 2, base.delay)
    return Link(
        reader.read("delay", nanoseconds, delay),
        reader.read("jitter", nanoseconds, base.jitter),
        reader.read("loss", share, base.loss),
        reader.whole("every", base.every),
        reader.read("lose", _places, base.lose),
        reader.read("reorder", share, base.reorder),
        reader.read("duplicate", share, base.duplicate),
        reader.read("corrupt", share, base.corrupt),
        reader.read("rate", rate, base.rate),
        reader.whole("queue", base.queue),
        reader.read("mtu", _mtu, base.mtu),
        reader.read("hole", _flag, base.hole),
    )


def _places(value: object) -> tuple[int, ...]:
    return tuple(count(one) for one in _items(value))


def _mtu(value: object) -> int:
    size = count(value)
    if not 68 <= size <= 65_535:
        raise ValueError(f"{size} is not between 68 and 65535 bytes (RFC 791)")
    return size
