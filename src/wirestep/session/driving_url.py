"""URLs that are driven: what they name, or what is wrong with them and where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote

from wirestep.model import safe

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?")
_UNWANTED = re.compile(r"[\x00-\x20\x7f]")
KEPT = "!#$%&'()*+,/:;=?@[]~-._"
"""What stands in a path as it is; a sign of percent is taken for an escape (RFC 3986)."""
MAX_PORT = 65535


class BadUrl(ValueError):
    """What is wrong, and where: lines for people."""


@dataclass(frozen=True, slots=True)
class Url:
    """A URL, taken apart."""

    text: str
    """As it was written."""
    scheme: str
    host: str
    """A name in ASCII, or an address without brackets; "" where none is named."""
    port: int | None
    target: str
    """Path and query, as they are sent; at least "/"."""

    @property
    def path(self) -> str:
        """Without the query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """The query's names and values; of several the last."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    def authority(self, usual: int) -> str:
        """Host, and port where it is not `usual`, as Host and :authority have it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port in (None, usual) else f"{host}:{self.port}"


def is_url(text: str) -> bool:
    """Whether somebody means a URL: a scheme, then "://"."""
    scheme, colon, _ = text.partition("://")
    return bool(colon) and _SCHEME.fullmatch(scheme) is not None


def read_url(text: str) -> Url:
    """Take a URL apart; raises BadUrl."""
    found = _UNWANTED.search(text)
    if found:
        raise _wrong(text, found.start(), "a character that no URL has: write it as %xx")
    scheme, _, rest = text.partition("://")
    start = len(scheme) + 3
    rest = rest.partition("#")[0]
    size = min((rest.find(char) for char in "/?" if char in rest), default=len(rest))
    authority, target = rest[:size], rest[size:]
    if "@" in authority:
        raise _wrong(text, start, 'user names have no place here: use -H "Authorization: ..."')
    host, port = _host_and_port(text, start, authority)
    if not target.startswith("/"):
        target = "/" + target
    return Url(text, scheme.lower(), host, port, quote(target, safe=KEPT))


def _host_and_port(text: str, start: int, authority: str) -> tuple[str, int | None]:
    host, colon, port = authority, "", ""
    if authority.startswith("["):
        host, bracket, rest = authority[1:].partition("]")
        if not bracket:
            raise _wrong(text, start, "the bracket is not closed")
        if rest and not rest.startswith(":"):
            raise _wrong(text, start + len(host) + 2, 'after the bracket comes ":" and a port')
        colon, port = rest[:1], rest[1:]
        _check_address(text, start + 1, host)
        at = start + len(host) + 3
    else:
        host, colon, port = authority.partition(":")
        if ":" in port:
            raise _wrong(text, start, "an IPv6 address stands in brackets")
        at = start + len(host) + 1
        host = _ascii(text, start, host)
    if colon and not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) <= MAX_PORT):
        raise _wrong(text, at, f"the port is a number from 1 to {MAX_PORT}")
    return host, int(port) if port else None


def _check_address(text: str, at: int, host: str) -> None:
    try:
        ip_address(host)
    except ValueError:
        raise _wrong(text, at, "what stands in brackets is no IPv6 address") from None


def _ascii(text: str, at: int, host: str) -> str:
    """The name as it is looked up (IDNA)."""
    try:
        name = host.encode("idna").decode() if not host.isascii() else host.lower()
    except UnicodeError:
        raise _wrong(text, at, "this cannot be the name of a host") from None
    labels = name.rstrip(".").split(".")
    if host and not all(_LABEL.fullmatch(label) and len(label) <= 63 for label in labels):
        raise _wrong(text, at, "this cannot be the name of a host")
    return name


def _wrong(text: str, at: int, why: str) -> BadUrl:
    """The URL with a mark under the place, and why."""
    head = safe(text[:at])
    return BadUrl(f"{why}\n  {head}{safe(text[at:])}\n  {' ' * len(head)}^")
