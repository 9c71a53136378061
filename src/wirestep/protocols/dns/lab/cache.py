"""What a resolver remembers, for as long as it was told to (RFC 1035 section 7.4, RFC 2308)."""

from __future__ import annotations

from dataclasses import dataclass, field

import dns.name
import dns.rdatatype
import dns.rrset

Name = dns.name.Name
Type = dns.rdatatype.RdataType
RRset = dns.rrset.RRset

SECOND = 1_000_000_000
LONGEST = 7 * 86_400
"""Seconds that anything is kept at most (RFC 8767 section 4)."""
MOST = 10_000
"""Entries of each kind; what came first goes first."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Who serves a zone; the servers' addresses where they are known."""

    zone: Name
    servers: tuple[tuple[Name, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about a name and a type."""

    rrset: RRset | None = None
    soa: RRset | None = None
    """Where there is no record: how long that holds."""
    exists: bool = True
    """False: there is no such name."""


@dataclass(slots=True)
class Cache:
    """Times are ns of the wire's clock."""

    _known: dict[tuple[Name, Type | None], tuple[int, Known]] = field(default_factory=dict)
    _cuts: dict[Name, tuple[int, Cut]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._known)

    def keep(self, rrset: RRset, now: int) -> None:
        """Remember records."""
        self._put((rrset.name, rrset.rdtype), Known(rrset), rrset.ttl, now)

    def keep_none(self, name: Name, rdtype: Type, known: Known, now: int) -> None:
        """Remember that there is nothing; of a name that does not exist, for all types."""
        if known.soa is not None:
            key = (name, rdtype if known.exists else None)
            self._put(key, known, min(known.soa.ttl, known.soa[0].minimum), now)

    def keep_cut(self, cut: Cut, ttl: int, now: int) -> None:
        """Remember who serves a zone."""
        self._cuts.pop(cut.zone, None)
        if ttl:
            self._cuts[cut.zone] = (now + min(ttl, LONGEST) * SECOND, cut)
        if len(self._cuts) > MOST:
            del self._cuts[next(iter(self._cuts))]

    def get(self, name: Name, rdtype: Type, now: int) -> Known | None:
        """What is known, its TTLs counted down; None for nothing."""
        for key in ((name, None), (name, rdtype), (name, Type.CNAME)):
            until, known = self._known.get(key, (0, None))
            if known is None:
                continue
            if until <= now:
                del self._known[key]
                continue
            left = (until - now) // SECOND
            return Known(_aged(known.rrset, left), _aged(known.soa, left), known.exists)
        return None

    def closest(self, name: Name, now: int) -> Cut | None:
        """The nearest zone above `name` whose servers are known."""
        for count in range(len(name.labels)):
            until, cut = self._cuts.get(Name(name.labels[count:]), (0, None))
            if cut is not None and until > now:
                return cut
        return None

    def _put(self, key: tuple[Name, Type | None], known: Known, ttl: int, now: int) -> None:
        self._known.pop(key, None)
        if ttl:
            self._known[key] = (now + min(ttl, LONGEST) * SECOND, known)
        if len(self._known) > MOST:
            del self._known[next(iter(self._known))]


def _aged(rrset: RRset | None, left: int) -> RRset | None:
    if rrset is None:
        return None
    return dns.rrset.from_rdata_list(rrset.name, min(rrset.ttl, left), list(rrset))
