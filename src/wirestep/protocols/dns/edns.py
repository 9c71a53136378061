"""The OPT record and its options (RFC 6891 section 6.1)."""

from __future__ import annotations

from collections.abc import Callable

from wirestep.decode.cursor import Bits, Broken, Cursor

from .kinds import within
from .labels import Names
from .names import EDE_CODES, OPTIONS
from .shapes import cut_address

OPT = 41
_Z = Bits("dns.resp.z", 16, (Bits("dns.resp.z.do", 1), Bits("dns.resp.z.reserved", 15)))
_MULTICAST = (Bits("dns.resp.cache_flush", 1), Bits("dns.rr.udp_payload_size", 15))


def read(cursor: Cursor, names: Names, multicast: bool) -> str:
    """The record from its class on; a line about it.

    Raises:
        Broken, Short: the fixed part is not there.
    """
    if multicast:
        size = cursor.bits(2, *_MULTICAST)[1]
    else:
        size = cursor.uint("dns.rr.udp_payload_size", 2)
    cursor.uint("dns.resp.ext_rcode", 1)
    version = cursor.uint("dns.resp.edns0_version", 1)
    flags = cursor.bits(2, _Z)[0]
    length = cursor.uint("dns.resp.len", 2)
    told = [f"UDP payload size {size}"]
    if version:
        told.append(f"version {version}")
    if flags & 0x8000:
        told.append("DNSSEC OK")
    with within(cursor, names, length, "dns.data"):
        while cursor.left():
            with cursor.group("dns.opt") as group:
                group.shown = _option(cursor, names)
            told.append(group.shown)
    return ", ".join(told)


def _option(cursor: Cursor, names: Names) -> str:
    code = cursor.uint("dns.opt.code", 2)
    size = cursor.uint("dns.opt.len", 2)
    data = cursor.peek(size)
    reader = READERS.get(code)
    told = ""
    if reader is None or not size:
        cursor.take("dns.opt.data", size)
    else:
        with cursor.group("dns.opt.data", size, data), within(cursor, names, size, "dns.data"):
            told = reader(cursor, names)
    title = OPTIONS.get(code) or f"option {code}"
    return f"{title.partition(':')[0]} {told}".rstrip()


def _text(cursor: Cursor, names: Names) -> str:
    """What operators mean as text is shown as text where it is (RFC 5001 section 2.3)."""
    data = cursor.peek(cursor.left())
    shown = data.decode("ascii", "replace") if data.isascii() else data.hex()
    cursor.text("dns.opt.nsid", len(data))
    return shown


def _list(field: str) -> Callable[[Cursor, Names], str]:
    def read(cursor: Cursor, names: Names) -> str:
        out = []
        while cursor.left():
            out.append(str(cursor.uint(field, 1)))
        return " ".join(out)

    return read


def _client(cursor: Cursor, names: Names) -> str:
    """Which network the asker is in (RFC 7871 section 6)."""
    family = cursor.uint("dns.opt.client.family", 2)
    prefix = cursor.uint("dns.opt.client.netmask", 1)
    scope = cursor.uint("dns.opt.client.scope", 1)
    size = cursor.left()
    whole = {1: 4, 2: 16}.get(family, 0)
    if not whole or size > whole:
        address = cursor.rest("dns.opt.client.addr").hex()
    else:
        address = cut_address(cursor, f"dns.opt.client.addr{4 if whole == 4 else 6}", size, whole)
    if whole and (prefix > 8 * whole or size != (prefix + 7) // 8):
        raise Broken(f"{size} bytes of address for a prefix of {prefix} bits")
    return f"{address}/{prefix} scope {scope}"


def _cookie(cursor: Cursor, names: Names) -> str:
    """Eight bytes of the client's, 8 to 32 of the server's (RFC 7873 section 4)."""
    client = cursor.take("dns.opt.cookie.client", 8)
    server = cursor.rest("dns.opt.cookie.server")
    if server and not 8 <= len(server) <= 32:
        raise Broken(f"a server cookie of {len(server)} bytes; 8 to 32 are allowed")
    return f"{client.hex()} {server.hex()}".rstrip()


def _number(field: str, size: int, form: str) -> Callable[[Cursor, Names], str]:
    def read(cursor: Cursor, names: Names) -> str:
        return form.format(cursor.uint(field, size))

    return read


def _keepalive(cursor: Cursor, names: Names) -> str:
    """How long an idle connection is kept, in tenths of a second (RFC 7828 section 3.1)."""
    return f"{cursor.uint('dns.opt.edns_tcp_keepalive.timeout', 2) / 10} s"


def _padding(cursor: Cursor, names: Names) -> str:
    return f"{len(cursor.rest('dns.opt.padding'))} bytes"


def _name(field: str) -> Callable[[Cursor, Names], str]:
    def read(cursor: Cursor, names: Names) -> str:
        return names.read(cursor, field).text

    return read


def _tags(cursor: Cursor, names: Names) -> str:
    out = []
    while cursor.left():
        out.append(str(cursor.uint("dns.opt.key_tag", 2)))
    return " ".join(out)


def _error(cursor: Cursor, names: Names) -> str:
    """Why it failed, closer than the reply code says (RFC 8914 section 2)."""
    code = cursor.uint("dns.opt.ext_error.info_code", 2)
    text = cursor.text("dns.opt.ext_error.extra_text", cursor.left())
    return f"{EDE_CODES.get(code, code)}{': ' if text else ''}{text}"


def _zone_version(cursor: Cursor, names: Names) -> str:
    labels = cursor.uint("dns.opt.zoneversion.labels", 1)
    kind = cursor.uint("dns.opt.zoneversion.type", 1)
    return f"{labels} {kind} {cursor.rest('dns.opt.zoneversion.version').hex()}"


READERS: dict[int, Callable[[Cursor, Names], str]] = {
    3: _text,
    5: _list("dns.opt.dau"),
    6: _list("dns.opt.dhu"),
    7: _list("dns.opt.n3u"),
    8: _client,
    9: _number("dns.opt.expire", 4, "{} s"),
    10: _cookie,
    11: _keepalive,
    12: _padding,
    13: _name("dns.opt.chain.fqdn"),
    14: _tags,
    15: _error,
    16: _number("dns.opt.client_tag", 2, "{}"),
    17: _number("dns.opt.server_tag", 2, "{}"),
    18: _name("dns.opt.report_channel"),
    19: _zone_version,
}
"""By option code: reads the fields of one option that is not empty, returns a text of them."""
