"""Options in the IPv4 header (RFC 791 section 3.1, RFC 1108, 1393, 2113, 4782)."""

from collections.abc import Callable
from contextlib import suppress

from wirestep.decode.cursor import Bits, Cursor, Short

from .fields import OPTIONS

END, NOTHING = 0, 1


def options(cursor: Cursor, size: int) -> None:
    """`size` bytes of options; bytes behind the end of the list are padding."""
    if not size:
        return
    with cursor.group("ip.options", size):
        while cursor.left():
            kind = cursor.peek(1)[0]
            if kind in (END, NOTHING):
                with cursor.group("ip.opt", 1, shown=OPTIONS[kind]):
                    _type(cursor)
                if kind == END:
                    cursor.rest("ip.opt.padding")
                continue
            if cursor.left() < 2 or not 2 <= cursor.peek(2)[1] <= cursor.left():
                cursor.note("broken", "an option's length does not fit")
                cursor.rest("ip.opt.data")
                return
            _option(cursor, kind, cursor.peek(2)[1])


def _option(cursor: Cursor, kind: int, size: int) -> None:
    with cursor.group("ip.opt", size, shown=OPTIONS.get(kind, f"Option {kind}")):
        _type(cursor)
        cursor.uint("ip.opt.len", 1)
        read = READERS.get(kind)
        if read is not None:
            with suppress(Short):
                read(cursor)
        cursor.rest("ip.opt.data")


def _type(cursor: Cursor) -> None:
    cursor.bits(
        1,
        Bits(
            "ip.opt.type",
            8,
            (
                Bits("ip.opt.type.copy", 1),
                Bits("ip.opt.type.class", 2),
                Bits("ip.opt.type.number", 5),
            ),
        ),
    )


def _record(cursor: Cursor) -> None:
    """Addresses before the pointer have been recorded; the others are room."""
    _route(cursor, "ip.rec_rt", "ip.empty_rt")


def _source(cursor: Cursor) -> None:
    """Addresses before the pointer have been passed; the others lie ahead."""
    _route(cursor, "ip.rec_rt", "ip.src_rt")


def _route(cursor: Cursor, before: str, after: str) -> None:
    pointer = cursor.uint("ip.opt.ptr", 1)
    if pointer < 4 or pointer % 4:
        cursor.note("odd", f"the pointer ({pointer}) is at no address")
    at = 4
    while cursor.left() >= 4:
        cursor.take(before if at < pointer else after, 4)
        at += 4


def _timestamp(cursor: Cursor) -> None:
    cursor.uint("ip.opt.ptr", 1)
    _, flag = cursor.bits(1, Bits("ip.opt.overflow", 4), Bits("ip.opt.flag", 4))
    while cursor.left() >= 4:
        if flag in (1, 3):
            cursor.take("ip.opt.time_stamp_addr", 4)
        if cursor.left() >= 4:
            cursor.uint("ip.opt.time_stamp", 4)


def _security(cursor: Cursor) -> None:
    cursor.uint("ip.opt.sec_rfc791_sec", 2)
    cursor.uint("ip.opt.sec_rfc791_comp", 2)
    cursor.text("ip.opt.sec_rfc791_hr", 2, "ascii")
    cursor.text("ip.opt.sec_rfc791_tcc", 3, "ascii")


def _traceroute(cursor: Cursor) -> None:
    cursor.uint("ip.opt.id_number", 2)
    cursor.uint("ip.opt.ohc", 2)
    cursor.uint("ip.opt.rhc", 2)
    cursor.take("ip.opt.originator", 4)


def _quick_start(cursor: Cursor) -> None:
    cursor.bits(1, Bits("ip.opt.qs_func", 4), Bits("ip.opt.qs_rate", 4))
    cursor.uint("ip.opt.qs_ttl", 1)
    cursor.bits(4, Bits("ip.opt.qs_nonce", 30), Bits("ip.opt.qs_reserved", 2))


def _number(name: str) -> Callable[[Cursor], None]:
    def read(cursor: Cursor) -> None:
        cursor.uint(name, 2)

    return read


READERS: dict[int, Callable[[Cursor], None]] = {
    7: _record,
    11: _number("ip.opt.mtu"),
    12: _number("ip.opt.mtu"),
    25: _quick_start,
    68: _timestamp,
    82: _traceroute,
    130: _security,
    131: _source,
    136: _number("ip.opt.sid"),
    137: _source,
    148: _number("ip.opt.ra"),
}
