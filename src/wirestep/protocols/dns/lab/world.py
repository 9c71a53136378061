"""A small world of names: the root, test. below it, lab.test. below that.

Whoever builds hosts gives their addresses; every name server of the walk is one host.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .zones import Records, Zone

HOSTS: dict[str, tuple[str, ...]] = {
    "root": ("198.51.100.1",),
    "tld": ("198.51.100.2",),
    "auth": ("203.0.113.53",),
    "web": ("203.0.113.80", "2001:db8:113::80"),
    "mail": ("203.0.113.25",),
}
"""Addresses of the hosts, where nobody says otherwise."""

Hosts = Mapping[str, Sequence[str]]


def _addresses(hosts: Hosts, name: str) -> dict[str, list[str]]:
    """The records that say where a host is."""
    found: dict[str, list[str]] = {}
    for address in hosts.get(name, HOSTS[name]):
        found.setdefault("AAAA" if ":" in address else "A", []).append(address)
    return found


def _soa(server: str, minimum: int) -> dict[str, list[str]]:
    serial, refresh, retry, expire = 2026010100, 7200, 3600, 1209600
    return {"SOA": [f"{server} hostmaster {serial} {refresh} {retry} {expire} {minimum}"]}


def root(hosts: Hosts = HOSTS) -> Zone:
    """The root, which knows who serves test."""
    records: Records = {
        "@": {**_soa("a.root-servers.test.", 86400), "NS": ["a.root-servers.test."]},
        "test.": {"NS": ["ns.nic.test."]},
        "ns.nic.test.": _addresses(hosts, "tld"),
        "a.root-servers.test.": _addresses(hosts, "root"),
    }
    return Zone(".", records, ttl=172800)


def top(hosts: Hosts = HOSTS) -> Zone:
    """The top-level domain, which knows who serves lab.test."""
    records: Records = {
        "@": {**_soa("ns.nic.test.", 900), "NS": ["ns.nic.test."]},
        "ns.nic": _addresses(hosts, "tld"),
        "a.root-servers": _addresses(hosts, "root"),
        "lab": {"NS": ["ns1.lab.test."]},
        "ns1.lab": _addresses(hosts, "auth"),
        "other": {"NS": ["ns2.lab.test."]},
    }
    return Zone("test.", records, ttl=86400)


def lab(hosts: Hosts = HOSTS) -> Zone:
    """lab.test.: a web site, aliases, mail, services, and an answer too large for UDP."""
    web = _addresses(hosts, "web")
    records: Records = {
        "@": {
            **_soa("ns1", 60),
            "NS": ["ns1"],
            **web,
            "MX": ["10 mail", "20 backup.other.test."],
            "TXT": ['"v=spf1 mx -all"', '"a second text"'],
            "HTTPS": ["1 . alpn=h3,h2", "2 www alpn=h2 port=8443"],
            "CAA": ['0 issue "ca.test"'],
        },
        "ns1": _addresses(hosts, "auth"),
        "ns2": _addresses(hosts, "auth"),
        "www": {**web, "HTTPS": ["1 . alpn=h3,h2"]},
        "mail": _addresses(hosts, "mail"),
        "shop": {"CNAME": ["store"]},
        "store": {"CNAME": ["www"]},
        "away": {"CNAME": ["www.other.test."]},
        "loop": {"CNAME": ["pool"]},
        "pool": {"CNAME": ["loop"]},
        "*.dev": {"A": ["203.0.113.99"]},
        "_sip._tcp": {"SRV": ["1 5 5060 www", "2 5 5061 www"]},
        "v6": {"AAAA": ["2001:db8:113::6"]},
        "big": {"TXT": [f'"{number:03} {"x" * 120}"' for number in range(24)]},
    }
    return Zone("lab.test.", records, ttl=300)


def other(hosts: Hosts = HOSTS) -> Zone:
    """other.test., whose server has its name in lab.test.: no glue, its address is asked for."""
    records: Records = {
        "@": {**_soa("ns2.lab.test.", 60), "NS": ["ns2.lab.test."]},
        "www": {"A": ["203.0.113.90"]},
        "backup": {"A": ["203.0.113.26"]},
    }
    return Zone("other.test.", records, ttl=300)


ZONES = {"root": root, "test": top, "lab": lab, "other": other}
"""Makers of the zones, by what scenarios call them."""
