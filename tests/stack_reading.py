"""What the tests of the stack share: frames through the engine, fields as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wirestep.decode.engine import Engine
from wirestep.model import Field, Message, Record
from wirestep.protocols import REGISTRY

START = 1_700_000_000_500_000_000
STEP = 1_000_000


def records(frames: Iterable[object], link: int = 1) -> list[Record]:
    """Frames (bytes, or packets of scapy), a millisecond apart."""
    datas = [bytes(frame) for frame in frames]  # type: ignore[call-overload]
    return [
        Record(number, START + number * STEP, data, len(data), link)
        for number, data in enumerate(datas)
    ]


def read(*frames: object, link: int = 1) -> list[list[Message]]:
    """The messages of each frame, with trees."""
    engine = Engine(REGISTRY)
    return [engine.feed(record, full=True) for record in records(frames, link)]


def layers(messages: Sequence[Message]) -> str:
    """The protocols of a frame, outermost first."""
    return " ".join(message.protocol for message in messages[1:])


def layer(messages: Sequence[Message], name: str, place: int = 0) -> Message:
    """The message of that protocol."""
    return [message for message in messages if message.protocol == name][place]


def root(message: Message) -> Field:
    """The tree, which must be there."""
    assert message.root is not None
    return message.root


def texts(message: Message, name: str) -> list[str]:
    """All values of a field, as `-T fields` writes them."""
    info = REGISTRY.info(name)
    top = root(message)
    fields = [field for field in top.walk() if field is not top and field.name == name]
    return [info.plain(field.value) for field in fields]


def text(message: Message, name: str) -> str:
    """The field's only value."""
    (value,) = texts(message, name)
    return value


def check(message: Message, expected: dict[str, str]) -> None:
    """Every named field has that value, once."""
    found = {name: ",".join(texts(message, name)) for name in expected}
    wrong = {name: value for name, value in found.items() if value != expected[name]}
    assert not wrong, f"{message.protocol} says {wrong}"


def notes(message: Message) -> list[str]:
    """All remarks in the tree."""
    return [f"{note.level}: {note.text}" for field in root(message).walk() for note in field.notes]
