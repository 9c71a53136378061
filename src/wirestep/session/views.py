"""What the session shows: frozen, made safe, ready to draw. No view holds an engine or a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple


class Row(NamedTuple):
    """One line of the packet list. All text is safe."""

    record: int
    """Counted from 0; people see record + 1."""
    time: int
    """Nanoseconds since the epoch."""
    source: str
    destination: str
    protocol: str
    """As people say it: "TLSv1.3"."""
    hue: str
    length: int
    info: str
    marks: tuple[str, ...] = ()
    """See model.Message.marks."""
    flow: int = -1
    """Conversation, as in Flowline.number; -1 for none."""
    settled: bool = True
    """False while the decoding of its conversation has not come here yet."""
    mark: str = ""
    """The letter the user marked it with, "•" for a plain mark."""
    commented: bool = False
    cells: tuple[str, ...] = ()
    """The texts of the columns as the session was told to show them; none for the usual ones."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that the packet list may have. All text is safe."""

    name: str
    """A short name of ours, or the filter name of a field."""
    title: str
    about: str
    right: bool
    """Numbers end at the right."""
    known: bool
    """It is known of every packet, decoded or not."""


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the decode tree."""

    path: tuple[int, ...]
    """Place in the tree: child numbers from the top; tells lines apart."""
    name: str
    """Wireshark's filter name, "" for a line that is no field."""
    title: str
    shown: str
    """The value as text, safe."""
    plain: str
    """The value as a filter wants it."""
    buffer: int
    """Place in FrameView.buffers of the bytes that [start, stop) counts in."""
    start: int
    stop: int
    mask: int
    hue: str
    notes: tuple[tuple[str, str], ...] = ()
    """(level, text), safe."""
    children: tuple[Node, ...] = ()
    brief: str = ""
    """Of a layer: what people call it, where there is no room for the title."""


@dataclass(frozen=True, slots=True)
class Region:
    """Bytes [start, stop) of a buffer that one protocol reads."""

    start: int
    stop: int
    hue: str
    title: str


@dataclass(frozen=True, slots=True)
class Buffer:
    """Bytes for the byte pane: the frame itself, or what was derived from it."""

    name: str
    """Title of its tab, safe: "Frame 7", "Reassembled TLS"."""
    data: bytes
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class FrameView:
    """One frame, taken apart."""

    record: int
    nodes: tuple[Node, ...]
    """The layers, outermost first."""
    buffers: tuple[Buffer, ...]
    """The frame first."""
    settled: bool = True
    """False while what came before this frame in its conversation is still being decoded."""

    def at(self, buffer: int, offset: int) -> Node | None:
        """The finest line of the tree that says byte `offset` of `buffer`."""
        found: Node | None = None
        level: tuple[Node, ...] = self.nodes
        while True:
            inside = [n for n in level if _says(n, buffer, offset)]
            if not inside:
                return found
            found = inside[-1] if inside[-1].buffer == buffer else found
            level = inside[-1].children

    def node(self, path: tuple[int, ...]) -> Node | None:
        """The line at `path`, or None."""
        level, found = self.nodes, None
        for place in path:
            if place >= len(level):
                return None
            found = level[place]
            level = found.children
        return found

    def named(self, path: tuple[int, ...]) -> tuple[str, str]:
        """By what name the line at `path` is explained, and its value as a filter has it.

        A line without a name is explained by the one above it, whose value says nothing of it.
        """
        for length in range(len(path), 0, -1):
            node = self.node(path[:length])
            if node is not None and node.name:
                return node.name, node.plain if length == len(path) else ""
        return "", ""


def _says(node: Node, buffer: int, offset: int) -> bool:
    if node.buffer == buffer and node.start <= offset < node.stop:
        return True
    return any(_says(child, buffer, offset) for child in node.children if child.buffer == buffer)


@dataclass(frozen=True, slots=True)
class Flowline:
    """One conversation, for lists and menus. All text is safe."""

    number: int
    transport: str
    """"tcp", "udp", or ""."""
    client: str
    server: str
    protocol: str
    hue: str
    packets: int
    bytes: int
    first: int
    """Record."""
    start: int
    """Nanoseconds since the epoch."""
    duration: int
    """Nanoseconds."""
    stream: int
    """tcp.stream or udp.stream."""
    opened: str = ""
    """Of one that is encrypted: "all" of it was decrypted, "part" or "none", as far as is known."""
    verdict: str = ""
    """The same in words: "decrypted", or what is missing."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work in the background has come."""

    records: int
    """Indexed so far."""
    finished: bool
    """All of the file is indexed."""
    fraction: float | None
    """Of the file, 0 to 1; None where its size is unknown (a pipe)."""
    decoding: int
    """Records still to be decoded of what was asked for."""
    filtering: float | None
    """Of the records, how many the filter has judged, 0 to 1; None where it is done."""
    problem: str
    """What is wrong with the file: one safe sentence, or ""."""


ExchangeState = Literal["under way", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """How an exchange of our own stands, whose packets the capture is."""

    state: ExchangeState
    text: str
    """What came of it, or why it failed; safe."""
    inferred: bool
    """Its packets are not captured but inferred from the sockets."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said before the other spoke, of a followed stream."""

    client: bool
    data: bytes
    time: int
    """Nanoseconds since the epoch, of the record that brought the last of it."""
    record: int
    began: int = 0
    """The same of the first of it."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """A capture that ships with the program. All text is safe."""

    name: str
    path: str
    title: str
    """A line of up to 30 letters."""
    about: str
    protocols: tuple[str, ...]
    packets: int
    size: int
    round_trips: int
    """Until the answer; 0 where it is not known."""
    rtt_ms: float
    """Of the network it was recorded over."""
    provenance: tuple[str, ...]
    """The software, then the commands."""


@dataclass(frozen=True, slots=True)
class Recent:
    """A file opened before."""

    path: str
    packets: int
    opened: int
    """Seconds since the epoch."""
