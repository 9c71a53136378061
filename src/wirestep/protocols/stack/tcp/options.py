"""TCP options: found once, then told as fields and as a line (RFC 9293 section 3.1).

Sources: RFC 9293 (end, no-operation, maximum segment size), RFC 7323 (window scale, timestamps),
RFC 2018 and 2883 (SACK), RFC 2385 (MD5), RFC 5482 (user timeout), RFC 7413 (Fast Open), RFC 6994
(experiments), RFC 8684 (Multipath TCP, left as bytes).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from wirestep.decode.cursor import Bits, Cursor
from wirestep.decode.fields import table

END, NOP, MSS, SCALE, SACK_PERMITTED, SACK, ECHO, ECHO_REPLY, TIMES = range(9)
MD5, USER_TIMEOUT, AUTHENTICATION, MULTIPATH, FAST_OPEN = 19, 28, 29, 30, 34
EXPERIMENTS = (253, 254)
FAST_OPEN_EXPERIMENT = 0xF989
MAX_SCALE = 14

KINDS = {
    END: "End of Option List",
    NOP: "No-Operation",
    MSS: "Maximum Segment Size",
    SCALE: "Window Scale",
    SACK_PERMITTED: "SACK Permitted",
    SACK: "SACK",
    ECHO: "Echo",
    ECHO_REPLY: "Echo Reply",
    TIMES: "Timestamps",
    MD5: "MD5 Signature",
    USER_TIMEOUT: "User Timeout",
    AUTHENTICATION: "TCP Authentication Option",
    MULTIPATH: "Multipath TCP",
    FAST_OPEN: "TCP Fast Open Cookie",
    253: "RFC3692-style Experiment 1",
    254: "RFC3692-style Experiment 2",
}

FIELDS = table(
    """
tcp.options                        bytes  Options
tcp.option_kind                    uint   Kind
tcp.option_len                     uint   Length
tcp.options.eol                    bytes  End of options
tcp.options.padding                bytes  Padding
tcp.options.nop                    bytes  No-operation
tcp.options.mss                    bytes  Maximum segment size
tcp.options.mss_val                uint   MSS value
tcp.options.wscale                 bytes  Window scale
tcp.options.wscale.shift           uint   Shift count
tcp.options.wscale.multiplier      uint   Multiplier
tcp.options.sack_perm              bytes  SACK permitted
tcp.options.sack                   bytes  SACK
tcp.options.sack.count             uint   Blocks
tcp.options.sack_le                uint   Left edge
tcp.options.sack_re                uint   Right edge
tcp.options.sack.dsack             group  Told twice
tcp.options.sack.dsack_le          uint   Left edge of what came twice
tcp.options.sack.dsack_re          uint   Right edge of what came twice
tcp.options.echo                   bytes  Echo
tcp.options.echo_reply             bytes  Echo reply
tcp.options.echo_value             uint   Echo value
tcp.options.timestamp              bytes  Timestamps
tcp.options.timestamp.tsval        uint   Timestamp value
tcp.options.timestamp.tsecr        uint   Timestamp echo reply
tcp.options.md5                    bytes  MD5 signature
tcp.options.md5.digest             bytes  Digest
tcp.options.user_to                bytes  User timeout
tcp.options.user_to_granularity    bool   In minutes
tcp.options.user_to_val            uint   User timeout
tcp.options.ao                     bytes  Authentication
tcp.options.mptcp                  bytes  Multipath TCP
tcp.options.tfo                    bytes  Fast Open
tcp.options.tfo.request            group  Cookie request
tcp.options.tfo.cookie             bytes  Cookie
tcp.options.experimental           bytes  Experiment
tcp.options.experimental.exid      hex2   Experiment identifier
tcp.options.experimental.data      bytes  Data of the experiment
tcp.options.unknown                bytes  Unknown option
tcp.options.unknown.payload        bytes  Payload
""",
    {"tcp.option_kind": KINDS},
)

NAMES = {
    END: "tcp.options.eol",
    NOP: "tcp.options.nop",
    MSS: "tcp.options.mss",
    SCALE: "tcp.options.wscale",
    SACK_PERMITTED: "tcp.options.sack_perm",
    SACK: "tcp.options.sack",
    ECHO: "tcp.options.echo",
    ECHO_REPLY: "tcp.options.echo_reply",
    TIMES: "tcp.options.timestamp",
    MD5: "tcp.options.md5",
    USER_TIMEOUT: "tcp.options.user_to",
    AUTHENTICATION: "tcp.options.ao",
    MULTIPATH: "tcp.options.mptcp",
    FAST_OPEN: "tcp.options.tfo",
    **dict.fromkeys(EXPERIMENTS, "tcp.options.experimental"),
}


class Option(NamedTuple):
    """One option as it lies in the header."""

    kind: int
    body: bytes
    """What follows kind and length."""
    size: int
    """Bytes with kind and length."""


class Context(NamedTuple):
    """What the numbers in options are counted from."""

    base: int
    """First sequence number of the other side: SACK edges are shown relative to it."""
    ack: int
    """The acknowledgment number as it is on the wire."""


_PLAIN_TIMES = b"\x01\x01\x08\x0a"


def find_options(data: bytes) -> list[Option]:
    """The options in `data`, up to what follows an end or lies of its length."""
    if data[:4] == _PLAIN_TIMES and len(data) == 12:  # what nearly every segment carries
        nop = Option(NOP, b"", 1)
        return [nop, nop, Option(TIMES, data[4:], 10)]
    found = []
    at = 0
    while at < len(data):
        kind = data[at]
        if kind in (END, NOP):
            found.append(Option(kind, b"", 1))
            at += 1
            continue
        if found and found[-1].kind == END:
            break
        size = data[at + 1] if at + 1 < len(data) else 0
        if size < 2 or at + size > len(data):
            break
        found.append(Option(kind, data[at + 2 : at + size], size))
        at += size
    return found


def sack_blocks(option: Option) -> list[tuple[int, int]]:
    """Left and right edges as they are on the wire (RFC 2018 section 3)."""
    body = option.body
    return [
        (int.from_bytes(body[at : at + 4], "big"), int.from_bytes(body[at + 4 : at + 8], "big"))
        for at in range(0, len(body) - 7, 8)
    ]


def tells_twice(blocks: list[tuple[int, int]], ack: int) -> bool:
    """Whether the first block reports bytes that came twice (RFC 2883 section 4)."""
    if not blocks:
        return False
    left, right = blocks[0]
    if (ack - right) % 2**32 < 2**31:
        return True
    if len(blocks) < 2:
        return False
    outer_left, outer_right = blocks[1]
    return (left - outer_left) % 2**32 < 2**31 and (outer_right - right) % 2**32 < 2**31


# as fields


def show_options(cursor: Cursor, options: list[Option], size: int, context: Context) -> None:
    """The options that `find_options` found, as a group of fields over `size` bytes."""
    size = min(size, cursor.left())
    if not size:
        return
    if not cursor.wants_under("tcp.option"):
        cursor.skip(size)
        return
    with cursor.group("tcp.options", size, value=cursor.peek(size)):
        for option in options:
            name = NAMES.get(option.kind, "tcp.options.unknown")
            with cursor.group(name, option.size, value=cursor.peek(option.size)):
                cursor.uint("tcp.option_kind", 1)
                if option.size > 1:
                    cursor.uint("tcp.option_len", 1)
                _BODIES.get(option.kind, _opaque)(cursor, option, context)
                if cursor.left():
                    cursor.note("odd", "the option is longer than its kind should be")
                    cursor.rest("tcp.options.unknown.payload")
        if cursor.left():
            if options and options[-1].kind == END:
                cursor.note("odd", "bytes behind the end of the options")
            else:
                cursor.note("broken", "the length of an option reaches past the header")
            cursor.rest("tcp.options.padding")


def _nothing(cursor: Cursor, option: Option, context: Context) -> None:
    """No body."""


def _opaque(cursor: Cursor, option: Option, context: Context) -> None:
    cursor.rest("tcp.options.unknown.payload")


def _mss(cursor: Cursor, option: Option, context: Context) -> None:
    if option.size >= 4:
        cursor.uint("tcp.options.mss_val", 2)


def _scale(cursor: Cursor, option: Option, context: Context) -> None:
    if option.body:
        shift = cursor.uint("tcp.options.wscale.shift", 1)
        if shift > MAX_SCALE:
            cursor.note("odd", "a shift above 14 counts as 14 (RFC 7323 section 2.3)")
        cursor.worked("tcp.options.wscale.multiplier", 1 << min(shift, MAX_SCALE))


def _sack(cursor: Cursor, option: Option, context: Context) -> None:
    blocks = sack_blocks(option)
    for _ in blocks:
        cursor.uint("tcp.options.sack_le", 4, minus=context.base)
        cursor.uint("tcp.options.sack_re", 4, minus=context.base)
    cursor.worked("tcp.options.sack.count", len(blocks))
    if tells_twice(blocks, context.ack):
        left, right = blocks[0]
        cursor.worked("tcp.options.sack.dsack_le", (left - context.base) % 2**32)
        cursor.worked("tcp.options.sack.dsack_re", (right - context.base) % 2**32)
        cursor.worked("tcp.options.sack.dsack", None)


def _echo(cursor: Cursor, option: Option, context: Context) -> None:
    if len(option.body) >= 4:
        cursor.uint("tcp.options.echo_value", 4)


def _times(cursor: Cursor, option: Option, context: Context) -> None:
    if len(option.body) >= 8:
        cursor.uint("tcp.options.timestamp.tsval", 4)
        cursor.uint("tcp.options.timestamp.tsecr", 4)


def _md5(cursor: Cursor, option: Option, context: Context) -> None:
    cursor.rest("tcp.options.md5.digest")


def _user_timeout(cursor: Cursor, option: Option, context: Context) -> None:
    if len(option.body) >= 2:
        minutes, value = cursor.bits(
            2, Bits("tcp.options.user_to_granularity", 1), Bits("tcp.options.user_to_val", 15)
        )
        unit = "minute" if minutes else "second"
        cursor.note("info", f"{value} {unit}{'' if value == 1 else 's'}")


def _fast_open(cursor: Cursor, option: Option, context: Context) -> None:
    if option.body:
        cursor.rest("tcp.options.tfo.cookie")
    else:
        cursor.worked("tcp.options.tfo.request", None)


def _experiment(cursor: Cursor, option: Option, context: Context) -> None:
    if len(option.body) < 2:
        _opaque(cursor, option, context)
        return
    number = cursor.uint("tcp.options.experimental.exid", 2)
    if number != FAST_OPEN_EXPERIMENT:
        cursor.rest("tcp.options.experimental.data")
    elif cursor.left():
        cursor.rest("tcp.options.tfo.cookie")
    else:
        cursor.worked("tcp.options.tfo.request", None)


_BODIES: dict[int, Callable[[Cursor, Option, Context], None]] = {
    END: _nothing,
    NOP: _nothing,
    MSS: _mss,
    SCALE: _scale,
    SACK_PERMITTED: _nothing,
    SACK: _sack,
    ECHO: _echo,
    ECHO_REPLY: _echo,
    TIMES: _times,
    MD5: _md5,
    USER_TIMEOUT: _user_timeout,
    FAST_OPEN: _fast_open,
    **dict.fromkeys(EXPERIMENTS, _experiment),
}


# as text


def options_text(options: list[Option], context: Context) -> str:
    """What the Info column says of them, each with a space in front."""
    parts = []
    for option in options:
        body = option.body
        number = int.from_bytes(body, "big")
        if option.kind == MSS and len(body) == 2:
            parts.append(f" MSS={number}")
        elif option.kind == SCALE and len(body) == 1:
            parts.append(f" WS={1 << min(number, MAX_SCALE)}")
        elif option.kind == SACK_PERMITTED:
            parts.append(" SACK_PERM")
        elif option.kind == SACK:
            for left, right in sack_blocks(option):
                left, right = (left - context.base) % 2**32, (right - context.base) % 2**32
                parts.append(f" SLE={left} SRE={right}")
        elif option.kind == TIMES and len(body) == 8:
            parts.append(f" TSval={number >> 32} TSecr={number & 0xFFFFFFFF}")
        elif option.kind == MD5:
            parts.append(" MD5")
        elif option.kind == FAST_OPEN:
            parts.append(" TFO=C" if body else " TFO=R")
    return "".join(parts)
