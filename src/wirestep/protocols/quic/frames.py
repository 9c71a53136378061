"""Frames: what a packet holds once it is decrypted (RFC 9000 section 19)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from wirestep.decode.cursor import Bits, Broken, Cursor

from .names import ERRORS, FRAMES, HANDSHAKE, INITIAL, KINDS, ONE_RTT, ZERO_RTT
from .numbers import fitting, glance, varint

MAX_SIZES = 10_000
"""Streams whose sizes are remembered."""
APPLICATION_ERROR = 0x0C
"""An application closes before it may say why (RFC 9000 section 10.2.3)."""
NO_ERROR, H3_NO_ERROR = 0, 0x100
"""Codes of applications that give something up without a fault (RFC 9114 section 8.1)."""
MAX_RANGES = 512
"""Ranges of an acknowledgement that are told in words."""
RESET, CLOSE, CLOSE_APPLICATION = 0x04, 0x1C, 0x1D
DURING_HANDSHAKE = frozenset((0x00, 0x01, 0x02, 0x03, 0x06, CLOSE))
NOT_EARLY = frozenset((0x02, 0x03, 0x06, 0x07, 0x19, 0x1B, 0x1E))


class Bytes(NamedTuple):
    """Bytes of a stream that stand in the decrypted packet."""

    stream: int
    """-1 for the handshake."""
    offset: int
    start: int
    stop: int
    last: bool = False


@dataclass(slots=True)
class Told:
    """What the frames of a packet tell the connection."""

    names: list[str] = field(default_factory=list)
    """Of the frames, for the summary."""
    data: list[Bytes] = field(default_factory=list)
    datagrams: list[tuple[int, int]] = field(default_factory=list)
    """Where their data starts and ends."""
    ids: list[bytes] = field(default_factory=list)
    """Connection IDs that the sender will also be called by."""
    tokens: list[bytes] = field(default_factory=list)
    """By which the sender may reset the connection."""
    sizes: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Of the sender's streams: the highest offset so far, and the final size or -1."""

    def reaches(self, cursor: Cursor, stream: int, stop: int, final: bool) -> None:
        """A stream has `stop` bytes at least, exactly if `final` (RFC 9000 section 4.5)."""
        highest, ended = self.sizes.get(stream, (0, -1))
        if (ended >= 0 and (stop > ended or (final and stop != ended))) or (
            final and stop < highest
        ):
            cursor.note("broken", "the final size changes (FINAL_SIZE_ERROR, section 4.5)")
        self.sizes[stream] = max(highest, stop), stop if final and ended < 0 else ended
        if len(self.sizes) > MAX_SIZES:
            del self.sizes[next(iter(self.sizes))]


Reader = Callable[[Cursor, int, Told], str]


def allowed(packet: int, frame: int) -> bool:
    """Whether a frame may be in such a packet (RFC 9000 section 12.4, table 3)."""
    if packet in (INITIAL, HANDSHAKE):
        return frame in DURING_HANDSHAKE
    return packet != ZERO_RTT or frame not in NOT_EARLY


def read_frames(cursor: Cursor, told: Told, packet: int = ONE_RTT) -> None:
    """All frames up to the end of a packet of that kind.

    Raises:
        Broken: a frame does not fit, or nobody knows its type.
    """
    if not cursor.left():
        cursor.note("broken", "a packet without frames (RFC 9000 section 12.4)")
    while cursor.left():
        with cursor.group("quic.frame") as group:
            kind, _ = glance(cursor.data, cursor.at, cursor.stop)
            before = len(told.data)
            name = READERS.get(kind, _unknown)(cursor, kind, told)
            group.shown = name
            if not allowed(packet, kind):
                cursor.note("broken", f"not allowed in {KINDS[packet]} packets (section 12.4)")
                del told.data[before:]
            if kind:
                told.names.append(name)


def _type(cursor: Cursor) -> None:
    varint(cursor, "quic.frame_type")


def _plain(cursor: Cursor, kind: int, told: Told) -> str:
    _type(cursor)
    return FRAMES[kind]


def _padding(cursor: Cursor, kind: int, told: Told) -> str:
    """A run of zeros is one field."""
    data, at = cursor.data, cursor.at
    rest = data[at : cursor.stop]
    run = max(1, len(rest) - len(rest.lstrip(b"\0")))
    if data[at]:
        run = 1 << (data[at] >> 6)  # a zero in more bytes than it needs
    cursor.meant("quic.frame_type", run, 0)
    cursor.worked("quic.padding_length", run)
    return f"PADDING ({run} byte{'s' if run > 1 else ''})"


def _ack(cursor: Cursor, kind: int, told: Told) -> str:
    """(RFC 9000 section 19.3)"""
    prefix = "quic.ack"
    _type(cursor)
    largest = varint(cursor, f"{prefix}.largest_acknowledged")
    varint(cursor, f"{prefix}.ack_delay")
    count = varint(cursor, f"{prefix}.ack_range_count")
    smallest = largest - varint(cursor, f"{prefix}.first_ack_range")
    ranges = [(smallest, largest)]
    for _ in range(count):
        high = smallest - varint(cursor, f"{prefix}.gap") - 2
        smallest = high - varint(cursor, f"{prefix}.ack_range")
        if len(ranges) < MAX_RANGES:
            ranges.append((smallest, high))
    if smallest < 0:
        cursor.note("broken", "packet numbers below 0 are acknowledged")
    if kind == 3:
        varint(cursor, f"{prefix}.ect0_count")
        varint(cursor, f"{prefix}.ect1_count")
        varint(cursor, f"{prefix}.ecn_ce_count")
    if cursor.wants(f"{prefix}.range"):
        words = [str(low) if low == high else f"{low}-{high}" for low, high in ranges]
        cursor.worked(f"{prefix}.range", ", ".join(words))
    return FRAMES[kind]


def _crypto(cursor: Cursor, kind: int, told: Told) -> str:
    _type(cursor)
    offset = varint(cursor, "quic.crypto.offset")
    size = fitting(cursor, varint(cursor, "quic.crypto.length"))
    start = cursor.at
    cursor.take("quic.crypto.crypto_data", size)
    told.data.append(Bytes(-1, offset, start, cursor.at))
    return "CRYPTO"


_STREAM_TYPE = Bits(
    "quic.frame_type",
    8,
    (
        Bits("quic.stream.type", 5),
        Bits("quic.stream.off", 1),
        Bits("quic.stream.len", 1),
        Bits("quic.stream.fin", 1),
    ),
)


def _stream(cursor: Cursor, kind: int, told: Told) -> str:
    """(RFC 9000 section 19.8)"""
    prefix = "quic.stream"
    if cursor.data[cursor.at] == kind:
        cursor.bits(1, _STREAM_TYPE)
    else:
        _type(cursor)
    number = varint(cursor, f"{prefix}.stream_id")
    if cursor.wants(f"{prefix}.initiator") or cursor.wants(f"{prefix}.direction"):
        cursor.worked(f"{prefix}.initiator", number & 1)
        cursor.worked(f"{prefix}.direction", number >> 1 & 1)
    offset = varint(cursor, f"{prefix}.offset") if kind & 4 else 0
    size = cursor.left()
    if kind & 2:
        size = fitting(cursor, varint(cursor, f"{prefix}.length"))
    start = cursor.at
    cursor.take("quic.stream_data", size)
    told.data.append(Bytes(number, offset, start, cursor.at, bool(kind & 1)))
    told.reaches(cursor, number, offset + size, bool(kind & 1))
    return f"STREAM({number})"


def _new_token(cursor: Cursor, kind: int, told: Told) -> str:
    _type(cursor)
    cursor.take("quic.nt.token", fitting(cursor, varint(cursor, "quic.nt.length")))
    return FRAMES[kind]


def _new_id(cursor: Cursor, kind: int, told: Told) -> str:
    """(RFC 9000 section 19.15)"""
    prefix = "quic.nci"
    _type(cursor)
    varint(cursor, f"{prefix}.sequence")
    varint(cursor, f"{prefix}.retire_prior_to")
    size = cursor.uint(f"{prefix}.connection_id.length", 1)
    if not 1 <= size <= 20:
        cursor.note("broken", f"a connection ID of {size} bytes")
    told.ids.append(cursor.take(f"{prefix}.connection_id", fitting(cursor, size)))
    told.tokens.append(cursor.take(f"{prefix}.stateless_reset_token", 16))
    return FRAMES[kind]


def _close(cursor: Cursor, kind: int, told: Told) -> str:
    """(RFC 9000 section 19.19)"""
    prefix = "quic.cc"
    _type(cursor)
    if kind == CLOSE:
        error = varint(cursor, f"{prefix}.error_code")
        if error >> 8 == 1:
            cursor.worked(f"{prefix}.error_code.tls_alert", error & 0xFF)
        varint(cursor, f"{prefix}.frame_type")
        why = ERRORS.get(error, f"0x{error:x}")
    else:
        error = varint(cursor, f"{prefix}.error_code.app")
        why = f"0x{error:x}"
    if error and error != (H3_NO_ERROR if kind == CLOSE_APPLICATION else APPLICATION_ERROR):
        cursor.note("odd", f"the connection is given up: {why}")
    size = fitting(cursor, varint(cursor, f"{prefix}.reason_phrase.length"))
    cursor.text(f"{prefix}.reason_phrase", size)
    if not size:
        cursor.worked(f"{prefix}.reason_phrase", "")
    return f"CONNECTION_CLOSE ({why})"


def _reset(cursor: Cursor, kind: int, told: Told) -> str:
    """RESET_STREAM and STOP_SENDING (RFC 9000 sections 19.4 and 19.5)."""
    prefix = "quic.rsts" if kind == RESET else "quic.ss"
    _type(cursor)
    stream = varint(cursor, f"{prefix}.stream_id")
    error = varint(cursor, f"{prefix}.application_error_code")
    if error not in (NO_ERROR, H3_NO_ERROR):
        cursor.note("odd", f"stream {stream} is given up: 0x{error:x}")
    if kind == RESET:
        told.reaches(cursor, stream, varint(cursor, "quic.rsts.final_size"), True)
    return f"{FRAMES[kind]}({stream})"


def _data(name: str, size: int) -> Reader:
    def read(cursor: Cursor, kind: int, told: Told) -> str:
        _type(cursor)
        cursor.take(name, size)
        return FRAMES[kind]

    return read


def _datagram(cursor: Cursor, kind: int, told: Told) -> str:
    """(RFC 9221 section 4)"""
    _type(cursor)
    size = fitting(cursor, varint(cursor, "quic.dg.length")) if kind & 1 else cursor.left()
    start = cursor.at
    cursor.take("quic.dg", size)
    told.datagrams.append((start, cursor.at))
    return "DATAGRAM"


def _numbers(*fields: str) -> Reader:
    """A frame of nothing but numbers; the first names the stream where it is a stream's ID."""

    def read(cursor: Cursor, kind: int, told: Told) -> str:
        _type(cursor)
        values = [varint(cursor, f"quic.{field}") for field in fields]
        stream = fields[0].endswith("stream_id")
        return f"{FRAMES[kind]}({values[0]})" if stream else FRAMES[kind].partition(" ")[0]

    return read


def _unknown(cursor: Cursor, kind: int, told: Told) -> str:
    _type(cursor)
    cursor.rest("quic.ft.unknown")
    told.names.append(f"frame 0x{kind:x}")
    raise Broken(f"nobody knows frames of type 0x{kind:x}, nor how long they are")


READERS: dict[int, Reader] = {
    0x00: _padding,
    0x01: _plain,
    0x02: _ack,
    0x03: _ack,
    RESET: _reset,
    0x05: _reset,
    0x06: _crypto,
    0x07: _new_token,
    **dict.fromkeys(range(0x08, 0x10), _stream),
    0x10: _numbers("md.maximum_data"),
    0x11: _numbers("msd.stream_id", "msd.maximum_stream_data"),
    0x12: _numbers("ms.max_streams"),
    0x13: _numbers("ms.max_streams"),
    0x14: _numbers("sb.stream_data_limit"),
    0x15: _numbers("sdb.stream_id", "sb.stream_data_limit"),
    0x16: _numbers("sib.stream_limit"),
    0x17: _numbers("sib.stream_limit"),
    0x18: _new_id,
    0x19: _numbers("rci.sequence"),
    0x1A: _data("quic.path_challenge.data", 8),
    0x1B: _data("quic.path_response.data", 8),
    CLOSE: _close,
    CLOSE_APPLICATION: _close,
    0x1E: _plain,
    0x1F: _plain,
    0x30: _datagram,
    0x31: _datagram,
    0xAF: _numbers(
        "af.sequence_number",
        "af.ack_eliciting_threshold",
        "af.request_max_ack_delay",
        "af.reordering_threshold",
    ),
}
assert READERS.keys() == FRAMES.keys()
