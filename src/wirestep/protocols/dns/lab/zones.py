"""Zones, and what an authoritative server finds in them (RFC 1034 section 4.3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import dns.exception
import dns.name
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.zone

Name = dns.name.Name
Type = dns.rdatatype.RdataType
RRset = dns.rrset.RRset
Records = Mapping[str, Mapping[str, Sequence[str]]]
"""{owner: {type: values}}; owners as in a master file: "@", "www", "host.example."."""

NS, SOA, A, AAAA, CNAME, ANY, DS = (
    Type.NS,
    Type.SOA,
    Type.A,
    Type.AAAA,
    Type.CNAME,
    Type.ANY,
    Type.DS,
)
LONGEST_CHAIN = 16
"""CNAMEs that are followed; a loop ends there."""


@dataclass
class Finding:
    """What a zone says to a question."""

    answer: list[RRset] = field(default_factory=list)
    authority: list[RRset] = field(default_factory=list)
    additional: list[RRset] = field(default_factory=list)
    exists: bool = True
    """False: there is no such name (NXDOMAIN)."""
    authoritative: bool = True
    """False for a referral."""


class Zone:
    """One zone, with the glue of what it delegates.

    `content` is a master file, or records by owner and type. Raises ValueError with what
    is wrong, and the line.
    """

    def __init__(self, origin: str, content: str | Records, ttl: int = 300) -> None:
        text = content if isinstance(content, str) else _master_file(content)
        try:
            self._zone = dns.zone.from_text(f"$TTL {ttl}\n{text}", origin, relativize=False)
        except (dns.exception.DNSException, ValueError) as error:
            raise ValueError(f"zone {origin}: {error}") from error
        found = self._zone.origin
        assert found is not None
        self.origin: Name = found

    def find(self, name: Name, rdtype: Type) -> Finding:
        """The answer to a question about `name`, which stands in this zone."""
        finding = Finding()
        for _ in range(LONGEST_CHAIN):
            cut = self._cut(name, rdtype)
            if cut is not None:
                return self._refer(cut, finding)
            owner = self._owner(name)
            if owner is None:
                finding.exists = False
                break
            target = self._take(owner, name, rdtype, finding)
            if target is None:
                break
            if not target.is_subdomain(self.origin):
                return finding
            name = target
        last = finding.answer[-1].rdtype if finding.answer else None
        if last is None or (last == CNAME and rdtype != CNAME):
            finding.authority.append(self._soa())
        self._add_addresses(finding.answer, finding)
        return finding

    def _rrset(self, owner: Name, rdtype: Type, name: Name | None = None) -> RRset | None:
        found = self._zone.get_rdataset(owner, rdtype)
        if found is None:
            return None
        rrset = dns.rrset.RRset(name or owner, dns.rdataclass.IN, rdtype)
        rrset.update(found)  # type: ignore[no-untyped-call]
        rrset.update_ttl(found.ttl)
        return rrset

    def _soa(self) -> RRset:
        """The SOA with the TTL that says how long "no" is remembered (RFC 2308 section 3)."""
        soa = self._rrset(self.origin, SOA)
        assert soa is not None
        soa.update_ttl(min(soa.ttl, soa[0].minimum))
        return soa

    def _cut(self, name: Name, rdtype: Type) -> Name | None:
        """The highest delegation at or above `name`, below the zone's own name."""
        labels, own = len(name.labels), len(self.origin.labels)
        for count in range(own + 1, labels + 1):
            upper = Name(name.labels[labels - count :])
            if self._zone.get_rdataset(upper, NS) and not (rdtype == DS and upper == name):
                return upper
        return None

    def _owner(self, name: Name) -> Name | None:
        """Whose records answer for `name`: its own, or a wildcard's (RFC 4592 section 3.3.1)."""
        if self._exists(name):
            return name
        upper = name.parent()
        while not self._exists(upper):
            upper = upper.parent()
        wildcard = Name((b"*", *upper.labels))
        return wildcard if wildcard in self._zone.nodes else None

    def _exists(self, name: Name) -> bool:
        """True also for names that only have others below them."""
        return name in self._zone.nodes or any(
            isinstance(other, Name) and other.is_subdomain(name) for other in self._zone.nodes
        )

    def _take(self, owner: Name, name: Name, rdtype: Type, finding: Finding) -> Name | None:
        """Put the records of `owner` into the answer; the target where a CNAME is to follow."""
        if rdtype == ANY:
            node = self._zone.nodes.get(owner)
            types = [found.rdtype for found in node] if node else []
        else:
            types = [rdtype]
        for each in types:
            rrset = self._rrset(owner, each, name)
            if rrset is not None:
                finding.answer.append(rrset)
        if finding.answer and finding.answer[-1].name == name:
            return None
        alias = self._rrset(owner, CNAME, name)
        if alias is None:
            return None
        if alias in finding.answer:
            return None
        finding.answer.append(alias)
        return alias[0].target  # type: ignore[no-any-return]

    def _refer(self, cut: Name, finding: Finding) -> Finding:
        """Name servers of the zone below, and where they are, as far as this zone knows."""
        servers = self._rrset(cut, NS)
        assert servers is not None
        finding.authority.append(servers)
        finding.authoritative = bool(finding.answer)
        self._add_addresses([servers], finding)
        return finding

    def _add_addresses(self, rrsets: Iterable[RRset], finding: Finding) -> None:
        """Addresses of the hosts that records name, where this zone has them."""
        for rrset in rrsets:
            for rdata in rrset:
                host = getattr(rdata, "target", None) or getattr(rdata, "exchange", None)
                if rrset.rdtype == CNAME or host is None:
                    continue
                for rdtype in (A, AAAA):
                    found = self._rrset(host, rdtype)
                    if found is not None and found not in finding.additional:
                        finding.additional.append(found)


def _master_file(records: Records) -> str:
    lines = [
        f"{owner} IN {rdtype} {value}"
        for owner, types in records.items()
        for rdtype, values in types.items()
        for value in values
    ]
    return "\n".join(lines) + "\n"


def closest(zones: Iterable[Zone], name: Name) -> Zone | None:
    """The zone that is nearest above `name`; None where no zone is."""
    above = [zone for zone in zones if name.is_subdomain(zone.origin)]
    return max(above, key=lambda zone: len(zone.origin.labels), default=None)
