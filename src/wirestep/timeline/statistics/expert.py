"""The expert list: what Wireshark remarks on, by severity, from TCP marks, TCP flags and notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wirestep.capture import Columns
from wirestep.capture.arrays import Array

from .tables import Table, listed, texts

SEVERITIES = ("error", "warn", "note", "chat")
"""The worst first."""
NOTE_SEVERITY = {"bug": "error", "broken": "error", "odd": "warn", "info": "note"}
"""By model.Note.level."""
FIN, SYN, RST, ACK = 1, 2, 4, 16
SUMMARIES = {
    "tcp.analysis.retransmission": "This frame is a (suspected) retransmission",
    "tcp.analysis.fast_retransmission": "This frame is a (suspected) fast retransmission",
    "tcp.analysis.spurious_retransmission": "This frame is a (suspected) spurious retransmission",
    "tcp.analysis.out_of_order": "This frame is a (suspected) out-of-order segment",
    "tcp.analysis.lost_segment": "Previous segment(s) not captured (common at capture start)",
    "tcp.analysis.ack_lost_segment": "ACKed segment that wasn't captured (common at capture start)",
    "tcp.analysis.duplicate_ack": "Duplicate ACK",
    "tcp.analysis.keep_alive": "TCP keep-alive segment",
    "tcp.analysis.keep_alive_ack": "ACK to a TCP keep-alive segment",
    "tcp.analysis.zero_window": "TCP Zero Window segment",
    "tcp.analysis.zero_window_probe": "TCP Zero Window Probe",
    "tcp.analysis.zero_window_probe_ack": "ACK to a TCP Zero Window Probe",
    "tcp.analysis.window_update": "TCP window update",
    "tcp.analysis.window_full": "TCP window specified by the receiver is now completely full",
    "tcp.analysis.reused_ports": "A new tcp session is started with the same ports as an earlier "
    "session in this trace",
    "tcp.analysis.tfo_syn": "TCP SYN with TFO Cookie",
    "tcp.analysis.tfo_ack": "TCP SYN-ACK accepting TFO data",
    "tcp.analysis.tfo_ignored": "TCP SYN-ACK ignoring TFO data",
}
"""Wireshark's words, by the field."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the list: the packets of which the same is remarked."""

    severity: str
    """One of SEVERITIES."""
    group: str
    """Wireshark's: "Sequence", "Malformed", "Protocol"."""
    protocol: str
    summary: str
    field: str
    """The filter name, "" where there is none."""
    count: int
    rows: Callable[[], Array]
    """Gives int64[count]: the packets, ascending."""


def findings(
    columns: Columns,
    marks: Array,
    fields: Mapping[int, str],
    severities: Mapping[int, str],
    rows: Array | None = None,
) -> tuple[Finding, ...]:
    """What is remarked of TCP, the worst first.

    `marks` are the bit sets of the first len(marks) packets; `fields` and `severities` say what
    each bit is called and how bad it is.
    """
    keep = None
    if rows is not None:
        keep = np.zeros(len(columns), bool)
        keep[rows] = True
    out = [
        found
        for bit, name in fields.items()
        if (found := _marked(marks, bit, name, severities[bit], keep)) is not None
    ]
    return ranked([*out, *_connections(columns, keep)])


def _marked(marks: Array, bit: int, name: str, severity: str, keep: Array | None) -> Finding | None:
    def which() -> Array:
        found = marks & bit != 0
        return np.flatnonzero(found if keep is None else found & keep[: len(found)])

    count = int(np.count_nonzero(marks & bit)) if keep is None else len(which())
    if not count:
        return None
    return Finding(severity, "Sequence", "TCP", SUMMARIES.get(name, name), name, count, which)


def _connections(columns: Columns, keep: Array | None) -> list[Finding]:
    """Openings and endings of connections (packet-tcp.c of Wireshark 4.0)."""
    flags = columns.flags
    rows = np.flatnonzero((flags & (SYN | FIN | RST)) != 0)
    rows = rows[columns.transport[rows] == 6]
    if keep is not None:
        shown = keep[rows]
    flag, flow = flags[rows], columns.flow[rows]
    fin = (flag & FIN != 0) & (flow >= 0)
    # Who sent the first FIN of a conversation initiates its closing.
    way = np.full(len(columns.flows), -1, np.int8)
    way[(flow[fin] >> 1)[::-1]] = (flow[fin] & 1)[::-1]
    active = np.zeros(len(rows), bool)
    active[fin] = way[flow[fin] >> 1] == flow[fin] & 1
    syn = flag & SYN != 0
    lines = (
        ("warn", "Connection reset (RST)", "tcp.connection.rst", flag & RST != 0),
        (
            "note",
            "This frame initiates the connection closing",
            "tcp.connection.fin_active",
            fin & active,
        ),
        (
            "note",
            "This frame undergoes the connection closing",
            "tcp.connection.fin_passive",
            fin & ~active,
        ),
        (
            "chat",
            "Connection establish request (SYN)",
            "tcp.connection.syn",
            syn & (flag & ACK == 0),
        ),
        (
            "chat",
            "Connection establish acknowledge (SYN+ACK)",
            "tcp.connection.synack",
            syn & (flag & ACK != 0),
        ),
        ("chat", "Connection finish (FIN)", "tcp.connection.fin", flag & FIN != 0),
    )
    out = []
    for severity, summary, name, mask in lines:
        found = rows[mask if keep is None else mask & shown]
        if len(found):
            finding = Finding(severity, "Sequence", "TCP", summary, name, len(found), found.copy)
            out.append(finding)
    return out


class Notes:
    """What the decoders noted, gathered frame by frame."""

    MOST = 10_000
    """Packets kept of one line, and lines kept: a hostile capture may note much."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str, str], list[int]] = {}
        self._counts: dict[tuple[str, str, str, str], int] = {}

    def add(self, record: int, level: str, protocol: str, text: str, name: str) -> None:
        """A note of `level` on the field `name` of a message; `text` is safe."""
        key = (NOTE_SEVERITY.get(level, "note"), protocol, text, name)
        if key not in self._counts and len(self._counts) >= self.MOST:
            return
        rows = self._rows.setdefault(key, [])
        if len(rows) < self.MOST and (not rows or rows[-1] != record):
            rows.append(record)
        self._counts[key] = self._counts.get(key, 0) + 1

    def findings(self, keep: Array | None = None) -> tuple[Finding, ...]:
        """What was gathered; of the packets in the mask `keep` only, where it is given."""
        out = []
        for key, kept in self._rows.items():
            severity, protocol, text, name = key
            rows = np.array(kept, np.int64)
            count = self._counts[key]
            if keep is not None:
                rows = rows[keep[rows]]
                count = len(rows)
            if count:
                group = "Malformed" if severity == "error" else "Protocol"
                out.append(Finding(severity, group, protocol, text, name, count, rows.copy))
        return tuple(out)


def ranked(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """The worst first, then the most frequent."""
    return tuple(
        sorted(found, key=lambda one: (SEVERITIES.index(one.severity), -one.count, one.summary))
    )


def expert_table(found: Sequence[Finding]) -> Table:
    """The list as a table."""

    def first(row: int) -> int:
        rows = found[row].rows()
        return int(rows[0]) if len(rows) else -1

    return Table(
        "expert",
        "Expert information",
        (
            texts("severity", "Severity", [one.severity for one in found]),
            listed("count", "Count", "count", [one.count for one in found]),
            texts("group", "Group", [one.group for one in found]),
            texts("protocol", "Protocol", [one.protocol for one in found]),
            texts("summary", "Summary", [one.summary for one in found]),
            texts("field", "Filter", [one.field for one in found]),
        ),
        len(found),
        first,
        lambda row: found[row].field,
    )
