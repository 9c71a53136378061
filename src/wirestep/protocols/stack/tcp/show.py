"""A TCP segment as fields, in Wireshark's order, and as a line."""

from __future__ import annotations

from functools import lru_cache

from wirestep.decode.checksum import (
    BAD,
    GOOD,
    UNVERIFIED,
    internet_checksum,
    ones_sum,
    pseudo_header,
)
from wirestep.decode.contract import Where
from wirestep.decode.cursor import Bits, Cursor
from wirestep.model import Side

from .analysis import (
    ACK,
    AE,
    CWR,
    ECE,
    FIN,
    PSH,
    RST,
    SYN,
    URG,
    Segment,
    Verdict,
    bytes_in_flight,
)
from .fields import FATES
from .options import Context, Option, options_text, show_options
from .talks import Conversation, Facts

NUMBER = 6
"""Of TCP among the protocols that IP carries."""
HEADER = 20
CHECKSUM_AT = 16
_NAMES = (
    (FIN, "FIN"),
    (SYN, "SYN"),
    (RST, "RST"),
    (PSH, "PSH"),
    (ACK, "ACK"),
    (URG, "URG"),
    (ECE, "ECE"),
    (CWR, "CWR"),
    (AE, "AE"),
    (0xE00, "Reserved"),
)
_LETTERS = "RRRACEUAPRSF"
_MARKS = (Bits("tcp.flags.ae", 1), Bits("tcp.flags.cwr", 1), Bits("tcp.flags.ece", 1))
_LOW = (
    Bits("tcp.flags.urg", 1),
    Bits("tcp.flags.ack", 1),
    Bits("tcp.flags.push", 1),
    Bits("tcp.flags.reset", 1),
    Bits("tcp.flags.syn", 1),
    Bits("tcp.flags.fin", 1),
)
_LENGTH = Bits("tcp.hdr_len", 4, scale=4)
_FLAGS = Bits("tcp.flags", 12, (Bits("tcp.flags.res", 3), *_MARKS, *_LOW))
_FLAGS_COUNTING = Bits("tcp.flags", 12, (Bits("tcp.flags.res", 3), Bits("tcp.flags.ace", 3), *_LOW))


@lru_cache(maxsize=512)
def flag_names(flags: int) -> str:
    """Flags as the Info column has them: "SYN, ACK"."""
    return ", ".join(name for bit, name in _NAMES if flags & bit) or "<None>"


@lru_cache(maxsize=512)
def flag_letters(flags: int) -> str:
    """Flags as a string of twelve letters or dots."""
    return "".join(
        letter if flags & 1 << 11 - place else "·" for place, letter in enumerate(_LETTERS)
    )


def show(
    cursor: Cursor,
    where: Where,
    talk: Conversation,
    side: Side,
    segment: Segment,
    facts: Facts,
    options: list[Option],
) -> None:
    """All fields of a header that is there in full; the cursor stands at its first byte."""
    begin = cursor.at
    cursor.uint("tcp.srcport", 2)
    cursor.uint("tcp.dstport", 2)
    cursor.worked("tcp.stream", where.base + talk.stream)
    cursor.worked("tcp.completeness", facts.completeness, completeness_text(facts.completeness))
    if facts.size is not None:
        cursor.worked("tcp.len", facts.size)
    if cursor.wants_under("tcp.seq"):
        with cursor.group("tcp.seq", 4, value=facts.seq):
            cursor.uint("tcp.seq_raw", 4)
    else:
        cursor.skip(4)
    if facts.size is not None:
        following = facts.seq + facts.size + bool(segment.flags & (SYN | FIN))
        cursor.worked("tcp.nxtseq", following % 2**32)
    if cursor.wants_under("tcp.ack"):
        with cursor.group("tcp.ack", 4, value=facts.ack):
            cursor.uint("tcp.ack_raw", 4)
    else:
        cursor.skip(4)
    size = cursor.bits(2, _LENGTH, _FLAGS_COUNTING if facts.counts_marks else _FLAGS)[0]
    cursor.worked("tcp.flags.str", flag_letters(segment.flags))
    _show_connection(cursor, segment.flags, facts)
    cursor.uint("tcp.window_size_value", 2)
    cursor.worked("tcp.window_size", facts.window)
    if not segment.flags & SYN:
        cursor.worked("tcp.window_size_scalefactor", facts.scale, _SCALES.get(facts.scale, ""))
    cursor.uint("tcp.checksum", 2)
    _show_checksum(cursor, where, begin)
    urgent = cursor.uint("tcp.urgent_pointer", 2)
    if urgent and not segment.flags & URG:
        cursor.note("odd", "an urgent pointer without the URG flag")
    show_options(cursor, options, size - HEADER, context(talk, side, segment))
    cursor.worked("tcp.time_relative", facts.since_first)
    cursor.worked("tcp.time_delta", facts.since_last)
    _show_analysis(cursor, talk, side, segment, facts.verdict)


_SCALES = {-1: "-1 (unknown)", -2: "-2 (no window scaling used)"}


def context(talk: Conversation, side: Side, segment: Segment) -> Context:
    """What the options' numbers are counted from."""
    return Context(talk.halves[side.other].base or 0, segment.ack)


@lru_cache(maxsize=64)
def completeness_text(bits: int) -> str:
    """What of a conversation was seen, as Wireshark words it."""
    opened = bits & 7 == 7
    over = bits & 0x30
    if opened and over:
        return f"Complete, {'WITH_DATA' if bits & 8 else 'NO_DATA'} ({bits})"
    stages = {1: "SYN_SENT", 3: "CLIENT_ESTABLISHED", 7: "ESTABLISHED", 15: "DATA"}
    stage = stages.get(bits)
    return f"Incomplete, {stage} ({bits})" if stage else f"Incomplete ({bits})"


def _show_connection(cursor: Cursor, flags: int, facts: Facts) -> None:
    if flags & SYN:
        cursor.worked("tcp.connection.synack" if flags & ACK else "tcp.connection.syn", None)
    if flags & FIN:
        cursor.worked("tcp.connection.fin", None)
        ends = "fin_active" if facts.ends_first else "fin_passive"
        cursor.worked(f"tcp.connection.{ends}", None)
    if flags & RST:
        cursor.worked("tcp.connection.rst", None)


def _show_checksum(cursor: Cursor, where: Where, begin: int) -> None:
    """Right, wrong, or left to the network card of the machine that captured (offloaded)."""
    if not (cursor.wants("tcp.checksum.status") or cursor.wants("tcp.checksum_calculated")):
        return
    data = cursor.data[begin : begin + where.length]
    sender, target = where.sender, where.target
    pseudo = None
    if len(data) == where.length and sender and target and not where.quoted:
        pseudo = pseudo_header(sender.host, target.host, NUMBER, where.length)
    if pseudo is None:
        cursor.worked("tcp.checksum.status", UNVERIFIED)
        return
    given = int.from_bytes(data[CHECKSUM_AT : CHECKSUM_AT + 2], "big")
    bare = data[:CHECKSUM_AT] + b"\0\0" + data[CHECKSUM_AT + 2 :]
    right = internet_checksum(pseudo + bare)
    if given == right:
        cursor.worked("tcp.checksum.status", GOOD)
    elif given == ones_sum(pseudo):
        cursor.worked("tcp.checksum.status", UNVERIFIED, "Offloaded: left to the network card")
    else:
        cursor.worked("tcp.checksum.status", BAD)
        cursor.note("odd", f"the checksum should be 0x{right:04x}")
    cursor.worked("tcp.checksum_calculated", right)


def _show_analysis(
    cursor: Cursor, talk: Conversation, side: Side, segment: Segment, verdict: Verdict
) -> None:
    if not verdict.told or not cursor.wants_under("tcp.analysis"):
        return
    flying = bytes_in_flight(segment, talk.halves[side], talk.halves[side.other])
    with cursor.group("tcp.analysis"):
        if verdict.acks_frame:
            cursor.worked("tcp.analysis.acks_frame", verdict.acks_frame)
            if verdict.ack_rtt:
                cursor.worked("tcp.analysis.ack_rtt", verdict.ack_rtt)
        if talk.round_trip:
            cursor.worked("tcp.analysis.initial_rtt", talk.round_trip)
        if flying:
            cursor.worked("tcp.analysis.bytes_in_flight", flying)
            cursor.worked("tcp.analysis.push_bytes_sent", verdict.push_bytes)
        if verdict.flags:
            with cursor.group("tcp.analysis.flags"):
                _show_fates(cursor, verdict)
        if verdict.dup_num:
            cursor.worked("tcp.analysis.duplicate_ack_num", verdict.dup_num)
            cursor.worked("tcp.analysis.duplicate_ack_frame", verdict.dup_frame)
            # Once more: a filter or a script that counts finds as many as in Wireshark.
            cursor.worked("tcp.analysis.duplicate_ack", None, f"#{verdict.dup_num}")


def _show_fates(cursor: Cursor, verdict: Verdict) -> None:
    for fate in FATES:
        if fate.name in verdict.flags:
            cursor.worked(f"tcp.analysis.{fate.name}", None)
            if fate.also:
                cursor.worked(f"tcp.analysis.{fate.also}", None)
    if verdict.rto:
        cursor.worked("tcp.analysis.rto", verdict.rto)
        cursor.worked("tcp.analysis.rto_frame", verdict.rto_frame)


def summary(
    ports: tuple[int, int],
    talk: Conversation,
    side: Side,
    segment: Segment,
    facts: Facts,
    options: list[Option],
    urgent: int,
) -> str:
    """The line of the Info column."""
    flags = segment.flags
    ack = f" Ack={facts.ack}" if flags & ACK else ""
    urge = f" Urg={urgent}" if flags & URG else ""
    size = "" if facts.size is None else f" Len={facts.size}"
    said = options_text(options, context(talk, side, segment)) if options else ""
    line = (
        f"{ports[0]} → {ports[1]} [{flag_names(flags)}] Seq={facts.seq}{ack}"
        f" Win={facts.window}{urge}{size}{said}"
    )
    return f"{_fates_text(facts.verdict)}{line}" if facts.verdict.flags else line


def _fates_text(verdict: Verdict) -> str:
    parts = []
    for fate in reversed(FATES):
        if fate.name in verdict.flags:
            which = (
                f" {verdict.dup_frame}#{verdict.dup_num}" if fate.name == "duplicate_ack" else ""
            )
            parts.append(f"[{fate.text}{which}] ")
    return "".join(parts)
