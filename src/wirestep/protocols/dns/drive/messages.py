"""Questions and answers as bytes: dnspython builds and parses, nothing here draws a number."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from wirestep.model import safe

DNSError = (dns.exception.DNSException, ValueError)
"""What dnspython raises over bytes or names that are no DNS."""
LARGEST = 65_535


def query(
    name: dns.name.Name,
    rdtype: dns.rdatatype.RdataType,
    number: int,
    *,
    recurse: bool = True,
    payload: int = 1232,
    dnssec: bool = False,
) -> dns.message.Message:
    """A question with id `number`; `payload`: bytes offered by EDNS (RFC 6891), 0 for no EDNS."""
    return dns.message.make_query(
        name,
        rdtype,
        id=number,
        flags=dns.flags.RD if recurse else dns.flags.Flag(0),
        use_edns=0 if payload or dnssec else -1,
        payload=payload or 512,
        want_dnssec=dnssec,
    )


def parse(data: bytes) -> dns.message.Message | None:
    """The message in `data`, None where it is none; records keep their order and their TTLs."""
    try:
        return dns.message.from_wire(data, ignore_trailing=True)
    except DNSError:
        return None


def wire(message: dns.message.Message, limit: int = LARGEST) -> bytes:
    """Its bytes; what does not fit in `limit` is left out, with TC set (RFC 2181 section 9)."""
    return message.to_wire(max_size=limit, prefer_truncation=True, want_shuffle=False)


def framed(data: bytes) -> bytes:
    """A message as a stream carries it, its length in front (RFC 1035 section 4.2.2)."""
    return struct.pack("!H", len(data)) + data


class Frames:
    """Bytes of a stream in, whole messages out."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are whole now."""
        self._rest += data
        while len(self._rest) >= 2:
            end = 2 + int.from_bytes(self._rest[:2], "big")
            if len(self._rest) < end:
                return
            message, self._rest = self._rest[2:end], self._rest[end:]
            yield message


def answers(reply: dns.message.Message, asked: dns.message.Message) -> bool:
    """True if `reply` answers `asked`: same id, same question (RFC 5452 section 9.1)."""
    return asked.is_response(reply)


def truncated(message: dns.message.Message) -> bool:
    """True if it says that it was cut."""
    return bool(message.flags & dns.flags.TC)


def rcode(message: dns.message.Message) -> str:
    """How it ended, by its mnemonic: "NOERROR"."""
    return dns.rcode.to_text(message.rcode())


def shown(name: dns.name.Name | str) -> str:
    """A name for people, without the dot of the root at its end."""
    text = safe(str(name))
    return text.removesuffix(".") or "."


def records(rrset: dns.rrset.RRset) -> list[tuple[str, str]]:
    """(owner, TTL and type; value) of each record, as a master file writes it."""
    head = f"{shown(rrset.name)} {rrset.ttl} {dns.rdatatype.to_text(rrset.rdtype)}"
    return [(head, safe(rdata.to_text())) for rdata in rrset]


def outcome(message: dns.message.Message) -> str:
    """What an answer says, in a few words."""
    count = sum(len(rrset) for rrset in message.answer)
    if count:
        return "1 record" if count == 1 else f"{count} records"
    if truncated(message):
        return "cut"
    if message.authority and message.authority[0].rdtype == dns.rdatatype.NS:
        return f"ask the servers of {shown(message.authority[0].name)}"
    return "no such record" if message.rcode() == dns.rcode.NOERROR else rcode(message)
