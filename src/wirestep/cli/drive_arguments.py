"""`wirestep URL`: what may stand on the command line, and what it asks for."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from ipaddress import ip_address

from wirestep.exchange.contract import Request
from wirestep.model import Address
from wirestep.session.driving import LIMIT, Wanted
from wirestep.session.driving_url import BadUrl, Url, read_url
from wirestep.wires.stacks import Scheme, driven, options_of, schemes

from .arguments import Parser, Wrong

RESOLVER = "/etc/resolv.conf"
MAX_BODY = 64 << 20
"""Bytes of a file that are sent."""
MAX_PEM = 4 << 20
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\x00-\x1f\x7f]*")


def drive_parser() -> Parser:
    """`wirestep URL`."""
    parser = Parser(
        prog="wirestep URL",
        description="Drive an exchange over real sockets and draw it while it happens. "
        "https://, http://, h3://, ws://, wss://, dns://SERVER/NAME?type=AAAA "
        "(dns:///NAME asks the system's resolver), tcp://, tls://, udp://, quic://.",
        epilog="Exit codes: 0 all went well; 1 the exchange failed; 2 it could not begin.",
    )
    parser.add_argument("url", metavar="URL")
    add = parser.add_argument
    add("-X", dest="method", metavar="METHOD", help="the method; GET, or POST with --data")
    add(
        "-H",
        dest="headers",
        metavar="NAME: VALUE",
        action="append",
        default=[],
        help="a header field (repeatable)",
    )
    add("--data", metavar="TEXT", help='a body, or what to say; "@FILE" reads it from a file')
    add("--head", action="store_true", help="only the header: method HEAD")
    add("--include", action="store_true", help="print what came back: header fields and body")
    add("-k", dest="careless", action="store_true", help="do not verify certificates")
    versions = parser.add_mutually_exclusive_group()
    for version in ("1.1", "2", "3"):
        versions.add_argument(
            f"--http{version}", dest="version", action="store_const", const=version, default=""
        )
    tls = parser.add_mutually_exclusive_group()
    for version in ("1.2", "1.3"):
        tls.add_argument(f"--tls{version}", dest="tls_version", action="store_const", const=version)
    add("--cacert", metavar="FILE", help="trust these roots (PEM) instead of the system's")
    add("--cert", metavar="FILE", help="a client certificate (PEM)")
    add("--key", metavar="FILE", help="its private key (PEM), where it is not in the same file")
    add(
        "--resolve",
        metavar="HOST:PORT:ADDR",
        type=resolution,
        action="append",
        default=[],
        help="this address for a name, instead of looking it up (repeatable)",
    )
    add("--timeout", metavar="SECONDS", type=seconds, default=LIMIT, help="for all of it (30)")
    add("-w", dest="write", metavar="FILE", help="write all, with its secrets, as pcapng")
    add("--keylog", metavar="FILE", help="append TLS secrets; else to SSLKEYLOGFILE, if it is set")
    add("--no-capture", action="store_true", help="infer packets, even where they can be captured")
    folds = ("message", "record", "packet")
    add("--fold", choices=folds, help="how fine the printed ladder is (message)")
    add("--text", action="store_true", help="print the ladder, even on a terminal")
    return parser


def seconds(text: str) -> float:
    """A time above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def resolution(text: str) -> tuple[tuple[str, int], str]:
    """HOST:PORT:ADDR, as curl has it; an IPv6 address may stand in brackets."""
    host, _, rest = text.partition(":")
    port, _, address = rest.partition(":")
    address = address.strip("[]")
    try:
        ip_address(address)
        return (host.lower(), int(port)), address
    except ValueError:
        form = "HOST:PORT:ADDR, as in example.org:443:127.0.0.1"
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form {form}") from None


def wanted(options: argparse.Namespace) -> Wanted:
    """What the options ask for; raises Wrong."""
    try:
        url = read_url(options.url)
    except BadUrl as error:
        raise Wrong(str(error)) from None
    requests, server = _requests(url, options)
    return Wanted(
        url,
        requests,
        version=options.version,
        options=_wishes(url, options),
        server=server,
        fixed=dict(options.resolve),
        limit=options.timeout,
        keylog=options.keylog or os.environ.get("SSLKEYLOGFILE", ""),
        save=options.write or "",
        infer=options.no_capture,
    )


def _requests(url: Url, options: argparse.Namespace) -> tuple[tuple[Request, ...], Address | None]:
    """What to ask, and whom where the URL does not say it."""
    body, asks = _body(options.data), _scheme(url).asks
    if asks == "name":
        name = url.path.strip("/")
        if not name:
            raise Wrong(
                f"what name is asked for? {url.scheme}://{url.host or 'SERVER'}/NAME?type=AAAA, "
                f"or {url.scheme}:///NAME for the system's resolver"
            )
        server = None if url.host else Address(resolver(), 53)
        return (Request(options.method or "GET", name),), server
    if not url.host:
        raise Wrong(f"which host? {url.scheme}://HOST/")
    method = options.method or ("HEAD" if options.head else "POST" if body else "GET")
    if not _NAME.fullmatch(method):
        raise Wrong(f"-X {method}: this cannot be a method")
    headers = tuple(_header(text) for text in options.headers)
    if asks == "message":
        said = Request("TEXT", "", body=body) if body else Request("PING", "", body=b"wirestep")
        return (Request("GET", url.target, headers), said), None
    return (Request(method, url.target, headers, body),), None


def _wishes(url: Url, options: argparse.Namespace) -> dict[str, object]:
    """Options of the wish: of the layers that there may be."""
    scheme = _scheme(url)
    found = dict(scheme.options)
    if options.careless:
        found["verify"] = False
    if options.tls_version:
        if "versions" not in options_of(driven(url.scheme, options.version)):
            raise Wrong(f"--tls{options.tls_version}: here is no choice between versions of TLS")
        found["versions"] = options.tls_version
    if options.cacert:
        found["roots"] = _pem("--cacert", options.cacert)
    if options.key and not options.cert:
        raise Wrong("--key goes with --cert")
    if options.cert:
        found["certificate"] = _pem("--cert", options.cert)
        found["key"] = _pem("--key", options.key or options.cert)
    if scheme.asks == "name" and "type" in url.query:
        found["type"] = url.query["type"].upper()
    return found


def _scheme(url: Url) -> Scheme:
    known = schemes()
    if url.scheme not in known:
        raise Wrong(f"{url.scheme}:// is no scheme that is driven; there are {', '.join(known)}")
    return known[url.scheme]


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        raise Wrong(f"-H {text!r} is not of the form NAME: VALUE")
    return name, value.strip()


def _body(text: str | None) -> bytes:
    if text is None:
        return b""
    return _read("--data", text[1:], MAX_BODY) if text.startswith("@") else text.encode()


def _pem(flag: str, path: str) -> bytes:
    data = _read(flag, path, MAX_PEM)
    if b"-----BEGIN " not in data:
        raise Wrong(f"{flag} {path}: there is nothing in PEM in it")
    return data


def _read(flag: str, path: str, most: int) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise Wrong(f"{flag} {path}: {error.strerror or error}") from None
    if len(data) > most:
        raise Wrong(f"{flag} {path}: more than {most >> 20} MiB")
    return data


def resolver(path: str = RESOLVER) -> str:
    """The address of the system's resolver (resolv.conf(5)); raises Wrong where there is none."""
    for line in _resolver_lines(path):
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            return words[1]
    return "127.0.0.1"  # what resolv.conf(5) says of a file without one


def _resolver_lines(path: str) -> Sequence[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1 << 16).splitlines()
    except OSError as error:
        raise Wrong(
            f"the system's resolver is not known ({path}: {error.strerror}): dns://SERVER/NAME"
        ) from None
