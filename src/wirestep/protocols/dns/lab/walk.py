"""The walk of a resolver from the root down to who knows (RFC 1034 section 5.3.3).

A walk is a generator: it yields whom to ask next and is sent what came back, so that it reads like
the RFC. It is bounded in questions, referrals, aliases and depth: servers may be hostile.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from wirestep.model import Address
from wirestep.protocols.dns.drive.messages import shown, truncated

from .cache import Cache, Cut, Known

Name = dns.name.Name
Type = dns.rdatatype.RdataType
RRset = dns.rrset.RRset
Message = dns.message.Message

MOST_QUESTIONS = 60
MOST_REFERRALS = 16
LONGEST_CHAIN = 12
"""Aliases (CNAME) that are followed."""
DEEPEST = 4
"""Walks within walks, for addresses of name servers."""
PORT = 53


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to one server."""

    name: Name
    rdtype: Type
    server: Address
    called: Name
    """The server's name."""
    zone: Name
    """What it serves, as far as is known."""
    stream: bool = False

    def __str__(self) -> str:
        return f"{shown(self.called)} ({self.server.host}), who serves {shown(self.zone)}"


@dataclass(slots=True)
class Found:
    """The end of a walk."""

    answer: list[RRset] = field(default_factory=list)
    soa: RRset | None = None
    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    reason: str = ""
    """Why it failed."""


Step = Generator[Ask, Message | None, Known | None]


class Failure(Exception):
    """The walk cannot go on; the argument is a sentence."""


class Walk:
    """One question of one client. `now` (ns) is set by whoever drives it."""

    def __init__(self, cache: Cache, roots: Cut, now: int) -> None:
        self.cache, self.roots, self.now = cache, roots, now
        self.questions = 0

    def find(self, name: Name, rdtype: Type) -> Generator[Ask, Message | None, Found]:
        """The whole answer, along all aliases."""
        found = Found()
        try:
            yield from self._find(name, rdtype, found, 0)
        except Failure as failure:
            found.rcode, found.reason = dns.rcode.SERVFAIL, str(failure)
            found.answer.clear()
        return found

    def _find(
        self, name: Name, rdtype: Type, found: Found, depth: int
    ) -> Generator[Ask, Message | None, None]:
        for _ in range(LONGEST_CHAIN):
            known = self.cache.get(name, rdtype, self.now)
            if known is None:
                known = yield from self._descend(name, rdtype, depth)
            if known.rrset is None:
                found.soa = known.soa
                found.rcode = dns.rcode.NOERROR if known.exists else dns.rcode.NXDOMAIN
                return
            found.answer.append(known.rrset)
            if known.rrset.rdtype == rdtype or rdtype == Type.ANY:
                return
            name = known.rrset[0].target
        raise Failure(f"more than {LONGEST_CHAIN} aliases, one after the other")

    def _descend(
        self, name: Name, rdtype: Type, depth: int
    ) -> Generator[Ask, Message | None, Known]:
        """From the nearest zone that is known down to the one that answers."""
        cut = self.cache.closest(name, self.now) or self.roots
        for _ in range(MOST_REFERRALS):
            reply = yield from self._ask_one_of(cut, name, rdtype, depth)
            known = self._known(reply, name, rdtype, cut)
            if known is not None:
                return known
            lower = self._referral(reply, name, cut)
            if lower is None:
                return Known()  # no record, and nothing said about for how long
            cut = lower
        raise Failure(f"more than {MOST_REFERRALS} referrals, one after the other")

    def _ask_one_of(
        self, cut: Cut, name: Name, rdtype: Type, depth: int
    ) -> Generator[Ask, Message | None, Message]:
        """The first answer that is one, from the servers of a zone in turn."""
        for called, addresses in cut.servers:
            if not addresses:
                addresses = yield from self._addresses(called, depth)
            for host in addresses:
                reply = yield from self._ask(
                    Ask(name, rdtype, Address(host, PORT), called, cut.zone)
                )
                if reply is not None and not _lame(reply, name, cut):
                    return reply
        raise Failure(f"no server of {shown(cut.zone)} answers")

    def _ask(self, ask: Ask) -> Generator[Ask, Message | None, Message | None]:
        self.questions += 1
        if self.questions > MOST_QUESTIONS:
            raise Failure(f"more than {MOST_QUESTIONS} questions")
        reply = yield ask
        if reply is not None and truncated(reply):
            return (yield Ask(ask.name, ask.rdtype, ask.server, ask.called, ask.zone, stream=True))
        return reply

    def _addresses(
        self, called: Name, depth: int
    ) -> Generator[Ask, Message | None, tuple[str, ...]]:
        """Where a name server is that was named without its address; () where nobody knows."""
        if depth >= DEEPEST:
            raise Failure(f"name servers hang on each other, more than {DEEPEST} deep")
        found = Found()
        try:
            yield from self._find(called, Type.A, found, depth + 1)
        except Failure:
            return ()  # another server of the zone may be found
        return _hosts(found.answer, found.answer[-1].name) if found.answer else ()

    def _known(self, reply: Message, name: Name, rdtype: Type, cut: Cut) -> Known | None:
        """What an answer says of the name; what it says of others' zones is not believed."""
        believed = [rrset for rrset in reply.answer if rrset.name.is_subdomain(cut.zone)]
        for rrset in believed:
            self.cache.keep(rrset, self.now)
        wanted = [each for each in believed if each.name == name]
        for rrset in wanted:
            if rrset.rdtype in (rdtype, Type.CNAME) or rdtype == Type.ANY:
                return Known(rrset)
        soas = [
            each for each in _of_type(reply.authority, Type.SOA) if name.is_subdomain(each.name)
        ]
        exists = reply.rcode() != dns.rcode.NXDOMAIN
        if exists and not soas:
            return None
        known = Known(None, soas[0] if soas else None, exists)
        self.cache.keep_none(name, rdtype, known, self.now)
        return known

    def _referral(self, reply: Message, name: Name, cut: Cut) -> Cut | None:
        """Who is nearer, with the addresses that the one who refers may know."""
        for servers in _downward(reply, name, cut):
            glue = [each for each in reply.additional if each.name.is_subdomain(cut.zone)]
            known = tuple((rdata.target, _hosts(glue, rdata.target)) for rdata in servers)
            # Those that are known first: no walk within the walk where none is needed.
            lower = Cut(servers.name, tuple(sorted(known, key=lambda each: not each[1])))
            self.cache.keep_cut(lower, servers.ttl, self.now)
            return lower
        return None


def _downward(reply: Message, name: Name, cut: Cut) -> list[RRset]:
    """Referrals that lead nearer to a name; others are not followed."""
    found = _of_type(reply.authority, Type.NS)
    lower = [each for each in found if each.name.is_subdomain(cut.zone) and each.name != cut.zone]
    return [rrset for rrset in lower if name.is_subdomain(rrset.name)]


def _lame(reply: Message, name: Name, cut: Cut) -> bool:
    """True if a server does not serve what it was asked for (RFC 9499 section 7)."""
    if reply.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return True
    says = reply.answer or _of_type(reply.authority, Type.SOA) or reply.flags & dns.flags.AA
    return not says and not _downward(reply, name, cut)


def _of_type(rrsets: Iterable[RRset], rdtype: Type) -> list[RRset]:
    return [rrset for rrset in rrsets if rrset.rdtype == rdtype]


def _hosts(glue: list[RRset], called: Name) -> tuple[str, ...]:
    """Addresses of one server, IPv4 first."""
    own = [rrset for rrset in glue if rrset.name == called]
    return tuple(
        rdata.address
        for kind in (Type.A, Type.AAAA)
        for rrset in _of_type(own, kind)
        for rdata in rrset
    )
