"""The columns of the packet list that are known: what stands in a cell, and by what it is sorted.

What the capture's columns of numbers tell is there for every packet at once; its sort key is one
array operation over all of them. A field of the decode tree may be a column too: its cells are
empty until the packet is decoded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wirestep.capture import Capture, Columns
from wirestep.capture.arrays import Array
from wirestep.decode.contract import Registry
from wirestep.model import Message, safe
from wirestep.timeline.analysis import TcpView
from wirestep.timeline.times import seconds

from .plain import flags_text
from .problems import gravity, text_of, words_of
from .running import Running

MAX_CELL = 200
"""Letters of a cell that are kept."""
TCP = 6


@dataclass(frozen=True, slots=True)
class Facts:
    """What cells are made of."""

    capture: Capture
    columns: Columns
    running: Running
    """Sums and bases over all packets before one."""
    view: TcpView | None
    """What befell the TCP segments that are judged already."""


@dataclass(frozen=True, slots=True)
class Known:
    """A column that needs no decoding, or that every row has."""

    name: str
    title: str
    about: str
    right: bool = False
    fields: tuple[str, ...] = ()
    """Filter names of fields that say the same."""
    text: Callable[[Facts, int], str] | None = None
    """The cell of one record; None where it is part of the row itself."""
    key: Callable[[Facts], Array] | None = None
    """One sort key a record; None where only decoding tells."""
    judged: bool = False
    """It comes from the analysis of TCP, which may lag behind."""


# addresses and ports: by conversation


def _ranks(facts: Facts) -> Array:
    """int32[n, 2]: rank of the address of each conversation's first sender and of its other end."""
    flows = facts.columns.flows
    both = np.concatenate((flows.a, flows.b))
    words = both.view(">u8").astype(np.uint64)
    network = np.concatenate((flows.network, flows.network))
    order = np.lexsort((words[:, 1], words[:, 0], network))
    fresh = np.ones(len(order), np.int32)
    same = (words[order[1:]] == words[order[:-1]]).all(axis=1)
    fresh[1:] = ~(same & (network[order[1:]] == network[order[:-1]]))
    rank = np.empty(len(order), np.int32)
    rank[order] = np.cumsum(fresh, dtype=np.int32)
    return rank.reshape(2, -1).T


def _by_end(table: Callable[[Facts], Array], far: bool) -> Callable[[Facts], Array]:
    """Of each record what `table` says of its sender, or of its target; -1 for none."""

    def key(facts: Facts) -> Array:
        flow = facts.columns.flow
        ends = table(facts).reshape(-1)
        if not len(ends):
            return np.full(len(flow), -1, np.int32)
        return np.where(flow >= 0, ends[flow ^ 1 if far else flow], -1).astype(np.int32)

    return key


def _ports(facts: Facts) -> Array:
    flows = facts.columns.flows
    ports = np.stack((flows.a_port, flows.b_port), axis=1).astype(np.int32)
    ports[flows.stream < 0] = -1
    return ports


def _port_text(far: bool) -> Callable[[Facts, int], str]:
    def text(facts: Facts, record: int) -> str:
        flow = int(facts.columns.flow[record])
        if flow < 0:
            return ""
        flows = facts.columns.flows
        if int(flows.stream[flow >> 1]) < 0:
            return ""
        return str(flows.ends(flow >> 1)[flow & 1 ^ far].port)

    return text


def _stream(facts: Facts) -> Array:
    flow, stream = facts.columns.flow, facts.columns.flows.stream
    if not len(stream):
        return np.full(len(flow), -1, np.int32)
    return np.where(flow >= 0, stream[flow >> 1], -1)


def _stream_text(facts: Facts, record: int) -> str:
    flow = int(facts.columns.flow[record])
    stream = int(facts.columns.flows.stream[flow >> 1]) if flow >= 0 else -1
    return str(stream) if stream >= 0 else ""


def _talk_text(facts: Facts, record: int) -> str:
    flow = int(facts.columns.flow[record])
    return str((flow >> 1) + 1) if flow >= 0 else ""


# plain numbers


def _number(name: str) -> Callable[[Facts, int], str]:
    return lambda facts, record: str(int(getattr(facts.columns, name)[record]))


def _column(name: str) -> Callable[[Facts], Array]:
    def key(facts: Facts) -> Array:
        found: Array = getattr(facts.columns, name)
        return found

    return key


def _of_tcp(key: Callable[[Facts], Array]) -> Callable[[Facts], Array]:
    """-1 where the record is no TCP segment."""
    return lambda facts: np.where(
        facts.columns.transport == TCP, key(facts).astype(np.int64), np.int64(-1)
    )


def _tcp_text(text: Callable[[Facts, int], str]) -> Callable[[Facts, int], str]:
    return lambda facts, record: (
        text(facts, record) if int(facts.columns.transport[record]) == TCP else ""
    )


def _flags_text(facts: Facts, record: int) -> str:
    return flags_text(int(facts.columns.flags[record]))


def _delta(facts: Facts) -> Array:
    time = facts.columns.time
    return np.diff(time, prepend=time[:1])


def _delta_text(facts: Facts, record: int) -> str:
    time = facts.columns.time
    return seconds(int(time[record]) - int(time[max(0, record - 1)]))


def _round_trip(facts: Facts) -> Array:
    """float32: s; NaN where nothing new is acknowledged."""
    out = np.full(len(facts.columns), np.nan, np.float32)
    if facts.view is not None:
        found = facts.view.ack_rtt[: len(out)]
        out[: len(found)] = found
    return out


def _round_trip_text(facts: Facts, record: int) -> str:
    view = facts.view
    found = float(view.ack_rtt[record]) if view is not None and record < view.done else math.nan
    return "" if math.isnan(found) else f"{found:.6f}"


def _problem_text(facts: Facts, record: int) -> str:
    return text_of(words_of(record, facts.columns, facts.view))


def _interface(facts: Facts) -> Array:
    """By the names of the interfaces."""
    names = [interface.name.casefold() for interface in facts.capture.interfaces]
    places = {name: place for place, name in enumerate(sorted(set(names)))}
    ranks = np.array([places[name] for name in names] or [0], np.int32)
    return ranks[np.minimum(facts.columns.interface, len(ranks) - 1)]


def _interface_text(facts: Facts, record: int) -> str:
    place, known = int(facts.columns.interface[record]), facts.capture.interfaces
    name = known[place].name if place < len(known) else ""
    return safe(name) or str(place)


KNOWN: Mapping[str, Known] = {
    column.name: column
    for column in (
        Known("number", "No", "number of the packet", True, ("frame.number",),
              key=lambda facts: np.arange(len(facts.columns), dtype=np.int32)),
        Known("time", "Time", "as t writes it", True, ("frame.time_relative", "frame.time"),
              key=_column("time")),
        Known("delta", "Delta", "seconds since the packet before", True, ("frame.time_delta",),
              _delta_text, _delta),
        Known("source", "Source", "who sent it", key=_by_end(_ranks, far=False)),
        Known("destination", "Destination", "whom it is for", key=_by_end(_ranks, far=True)),
        Known("protocol", "Protocol", "the innermost protocol"),
        Known("length", "Len", "bytes on the wire", True, ("frame.len",), key=_column("length")),
        Known("info", "Info", "what it says"),
        Known("conversation", "Talk", "number of the conversation", True, (),
              _talk_text, lambda facts: facts.columns.flow >> 1),
        Known("stream", "Stream", "number of the TCP or UDP stream", True,
              ("tcp.stream", "udp.stream"), _stream_text, _stream),
        Known("source-port", "Src port", "port of who sent it", True,
              ("tcp.srcport", "udp.srcport"), _port_text(far=False), _by_end(_ports, far=False)),
        Known("destination-port", "Dst port", "port it is for", True,
              ("tcp.dstport", "udp.dstport"), _port_text(far=True), _by_end(_ports, far=True)),
        Known("seq", "Seq", "TCP sequence number, from the start of the conversation", True,
              ("tcp.seq",), _tcp_text(lambda facts, record: facts.running.seq(record)),
              _of_tcp(lambda facts: facts.running.sequences(facts.columns))),
        Known("ack", "Ack", "TCP acknowledgement, from the start of the conversation", True,
              ("tcp.ack",), _tcp_text(lambda facts, record: facts.running.ack(record)),
              _of_tcp(lambda facts: facts.running.acknowledgements(facts.columns))),
        Known("tcp-length", "TCP len", "TCP payload bytes", True, ("tcp.len",),
              _tcp_text(_number("payload_length")), _of_tcp(_column("payload_length"))),
        Known("window", "Window", "TCP window as it stands in the header", True,
              ("tcp.window_size_value",), _tcp_text(_number("window")),
              _of_tcp(_column("window"))),
        Known("flags", "Flags", "TCP flags", False, ("tcp.flags",), _tcp_text(_flags_text),
              _of_tcp(_column("flags"))),
        Known("problem", "Problem", "what befell the segment: Warn, Note, Chat", False, (),
              _problem_text, lambda facts: gravity(facts.columns, facts.view), judged=True),
        Known("ack-rtt", "ACK RTT", "seconds since what it acknowledges", True,
              ("tcp.analysis.ack_rtt",), _round_trip_text, _round_trip, judged=True),
        Known("in-flight", "In flight", "bytes sent and not acknowledged by then", True,
              ("tcp.analysis.bytes_in_flight",),
              lambda facts, record: facts.running.in_flight(record, facts.view)),
        Known("kept", "Kept", "bytes of it in the file", True, ("frame.cap_len",),
              _number("caplen"), _column("caplen")),
        Known("interface", "Interface", "where it was captured", False,
              ("frame.interface_name", "frame.interface_id"), _interface_text, _interface),
        Known("cumulative", "Bytes so far", "bytes on the wire up to this packet", True, (),
              lambda facts, record: str(facts.running.bytes_until(record)),
              lambda facts: np.cumsum(facts.columns.length, dtype=np.int64)),
    )
}  # fmt: skip
"""By name."""
DEFAULT = ("number", "time", "source", "destination", "protocol", "length", "info")
SAME = {field: column.name for column in KNOWN.values() for field in column.fields}
"""By the filter name of a field: the known column that says the same of every packet."""


def field_text(name: str, messages: Sequence[Message], registry: Registry) -> str:
    """The cell of a field: all its values in the frame; safe."""
    info = registry.info(name)
    found = []
    for message in messages:
        for field, value, shown in message.values:
            if field != name:
                continue
            named = info.names.get(value) if info.names and isinstance(value, int) else None
            plain = info.plain(value) if value is not None or not shown else shown
            found.append(safe(named or plain)[:MAX_CELL])
            if len(found) >= 8:
                return ", ".join(found)[:MAX_CELL]
    return ", ".join(found)[:MAX_CELL]


def field_value(name: str, messages: Sequence[Message], registry: Registry) -> int | str | None:
    """By what a field's column is sorted: its first number, else its text; None for none."""
    for message in messages:
        for field, value, _ in message.values:
            if field == name and isinstance(value, int):
                return value
    return field_text(name, messages, registry) or None
