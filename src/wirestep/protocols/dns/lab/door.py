"""How questions come in and answers go out: as datagrams, or framed on a stream."""

from __future__ import annotations

from collections.abc import Iterator

import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdatatype

from wirestep.exchange.contract import Received, Send
from wirestep.model import Address
from wirestep.protocols.dns.drive.messages import LARGEST, Frames, framed, parse, wire

HEADER = 12
"""Bytes of the header of a message (RFC 1035 section 4.1.1)."""
PLAIN = 512
"""Largest UDP answer to who offers no more (RFC 1035 section 4.2.1)."""

Message = dns.message.Message


class Door:
    """`payload`: largest UDP answer given, bytes, whatever the client offers."""

    def __init__(self, payload: int = 1232) -> None:
        self._payload = payload
        self._frames = Frames()

    def read(self, event: Received) -> Iterator[Message | Send]:
        """Questions; and the answers to what is none (RFC 1035 section 4.1.1, RFC 6891 6.1.3)."""
        stream = event.sender is None
        for data in self._frames.feed(event.data) if stream else (event.data,):
            message = parse(data)
            if message is None and len(data) >= HEADER and not data[2] & 0x80:
                broken = dns.message.Message(int.from_bytes(data[:2], "big"))
                broken.flags = dns.flags.QR
                update = data[2] & 0x78  # or any other opcode: its questions look different
                broken.set_rcode(dns.rcode.NOTIMP if update else dns.rcode.FORMERR)
                yield self.send(broken, broken, event.sender)
            elif message is None or message.flags & dns.flags.QR:
                continue  # an answer is never answered: two servers would go on for ever
            elif (refusal := _refusal(message)) is not None:
                reply = self.start(message)
                reply.set_rcode(refusal)
                yield self.send(reply, message, event.sender)
            else:
                yield message

    def start(self, asked: Message, *, recursion: bool = False) -> Message:
        """An answer with nothing in it yet."""
        return dns.message.make_response(asked, recursion, our_payload=self._payload or PLAIN)

    def send(
        self, reply: Message, asked: Message, sender: Address | None, *, cut: bool = False
    ) -> Send:
        """The answer on its way back; `cut`: as if it did not fit."""
        if sender is None:
            return Send(framed(wire(reply, LARGEST)))
        if cut:
            reply.answer, reply.authority, reply.additional = [], [], []
            reply.flags |= dns.flags.TC
        offered = max(PLAIN, asked.payload) if asked.edns >= 0 else PLAIN
        return Send(wire(reply, max(PLAIN, min(offered, self._payload))), sender)


def _refusal(message: Message) -> dns.rcode.Rcode | None:
    """Why a question gets no answer, whatever it asks."""
    if message.opcode() != dns.opcode.QUERY:
        return dns.rcode.NOTIMP
    if len(message.question) != 1:
        return dns.rcode.FORMERR
    if message.edns > 0:
        return dns.rcode.BADVERS
    if message.question[0].rdtype in (dns.rdatatype.AXFR, dns.rdatatype.IXFR):
        return dns.rcode.REFUSED
    return None
