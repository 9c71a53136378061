"""JA3, JA3S and JA4: hellos boiled down to a line that tells one program's from another's."""

from __future__ import annotations

import hashlib

from wirestep.decode.cursor import Cursor

from .facts import Facts
from .parameters import grease

SERVER_NAME, PROTOCOLS = 0, 16
JA4_VERSIONS = {
    0x0304: "13",
    0x0303: "12",
    0x0302: "11",
    0x0301: "10",
    0x0300: "s3",
    0x0002: "s2",
}


def add_client(cursor: Cursor, facts: Facts) -> None:
    """The fields of a ClientHello's fingerprints, where they are wanted."""
    if cursor.wants("tls.handshake.ja3_full") or cursor.wants("tls.handshake.ja3"):
        line = ja3(facts)
        cursor.worked("tls.handshake.ja3_full", line)
        cursor.worked("tls.handshake.ja3", _md5(line))
    if cursor.wants("tls.handshake.ja4") or cursor.wants("tls.handshake.ja4_r"):
        cursor.worked("tls.handshake.ja4", ja4(facts))
        cursor.worked("tls.handshake.ja4_r", ja4_raw(facts))


def add_server(cursor: Cursor, facts: Facts) -> None:
    """The fields of a ServerHello's fingerprint, where they are wanted."""
    if cursor.wants("tls.handshake.ja3s_full") or cursor.wants("tls.handshake.ja3s"):
        line = ja3s(facts)
        cursor.worked("tls.handshake.ja3s_full", line)
        cursor.worked("tls.handshake.ja3s", _md5(line))


def ja3(facts: Facts) -> str:
    """Version, suites, extensions, groups, point formats; without GREASE."""
    lists = (facts.suites, facts.extensions, facts.groups, facts.formats)
    return ",".join((str(facts.version), *(_dashed(numbers) for numbers in lists)))


def ja3s(facts: Facts) -> str:
    """Version, suite, extensions."""
    return ",".join((str(facts.version), _dashed(facts.suites), _dashed(facts.extensions)))


def ja4(facts: Facts) -> str:
    """Three parts: what it is, and the hashes of the two sorted lists."""
    suites, extensions = _ja4_lists(facts)
    return f"{_ja4_head(facts)}_{_short(suites)}_{_short(extensions)}"


def ja4_raw(facts: Facts) -> str:
    """The same with the lists themselves."""
    return "_".join((_ja4_head(facts), *_ja4_lists(facts)))


def _ja4_lists(facts: Facts) -> tuple[str, str]:
    suites = _hexes(sorted(n for n in facts.suites if not grease(n)))
    left_out = (SERVER_NAME, PROTOCOLS)
    kinds = _hexes(sorted(n for n in facts.extensions if not grease(n) and n not in left_out))
    schemes = _hexes([n for n in facts.schemes if not grease(n)])
    return suites, f"{kinds}_{schemes}" if schemes else kinds


def _ja4_head(facts: Facts) -> str:
    offered = [n for n in facts.versions if not grease(n)]
    version = JA4_VERSIONS.get(max(offered, default=facts.version), "00")
    named = "d" if SERVER_NAME in facts.extensions else "i"
    suites = sum(not grease(n) for n in facts.suites)
    extensions = sum(not grease(n) for n in facts.extensions)
    return f"t{version}{named}{min(suites, 99):02}{min(extensions, 99):02}{_ends(facts.protocols)}"


def _ends(protocols: list[str]) -> str:
    """First and last letter of the first ALPN value; of its hex digits where it is no word."""
    if not protocols or not protocols[0]:
        return "00"
    first, last = protocols[0][0], protocols[0][-1]
    if all(char.isascii() and char.isalnum() for char in (first, last)):
        return first + last
    digits = protocols[0].encode("utf-8", "surrogateescape").hex()
    return digits[0] + digits[-1]


def _dashed(numbers: list[int]) -> str:
    return "-".join(str(number) for number in numbers if not grease(number))


def _hexes(numbers: list[int]) -> str:
    return ",".join(f"{number:04x}" for number in numbers)


def _md5(line: str) -> str:
    return hashlib.md5(line.encode(), usedforsecurity=False).hexdigest()


def _short(line: str) -> str:
    """Twelve digits of a SHA-256; zeros stand for an empty list."""
    return hashlib.sha256(line.encode()).hexdigest()[:12] if line else "0" * 12
