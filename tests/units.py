"""Units of a stream, cut and read without the layers below."""

from __future__ import annotations

from typing import NamedTuple

from trees import check_names, check_tree, flat

from wirestep.decode.contract import Decoder, Reading, Registry, Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.lean import LeanCursor
from wirestep.model import Field, Record, Side, Source, Value

RECORD = Record(4, 1_700_000_000_123_456_789, b"", 0)


class Unit(NamedTuple):
    """One unit, read."""

    reading: Reading
    root: Field

    def values(self, name: str) -> list[Value]:
        """Values of all fields called `name`, in the order of the tree."""
        return [field.value for field in self.root.walk() if field.name == name]

    def value(self, name: str) -> Value:
        """The value of the only field called `name`."""
        found = self.values(name)
        assert len(found) == 1, (name, found)
        return found[0]

    @property
    def notes(self) -> list[str]:
        """All notes, each with its level in front."""
        return [f"{note.level}: {note.text}" for field in self.root.walk() for note in field.notes]


def read_units(
    decoder: Decoder, registry: Registry, side: Side, data: bytes, record: Record = RECORD
) -> list[Unit]:
    """Cut `data` into units and read each in both gears, which must agree."""
    found = []
    while data:
        size = decoder.measure(memoryview(data), side)
        whole = size is not None and size <= len(data)
        count = size if whole and size is not None else len(data)
        where = Where(side, record, stream=True, whole=whole, length=count)
        source = Source("unit", data[:count])
        twin = decoder.copy()
        full = Cursor(source)
        reading = decoder.decode(full, where)
        root = full.finish("unit")
        check_tree(root, data[:count])
        check_names(root, registry)
        every = frozenset(name for name, _, _ in flat(root))
        lean = LeanCursor(source, 0, count, every)
        assert twin.decode(lean, where) == reading
        assert list(lean.finish_lean()) == flat(root)
        found.append(Unit(reading, root))
        data = data[count:]
    return found
