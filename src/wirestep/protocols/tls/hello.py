"""ClientHello and ServerHello (RFC 8446 sections 4.1.2 and 4.1.3)."""

from __future__ import annotations

from wirestep.decode.cursor import Cursor

from . import fingerprint
from .extensions import extensions
from .facts import Facts
from .names import SUITES, VERSIONS
from .parameters import Parameters, is_modern, server_version
from .vectors import block, numbers, opaque
from .weakness import weaknesses

HELLO, ANSWER, RETRY = 1, 2, 6


def client_hello(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    """What the client offers."""
    facts.version = cursor.uint("tls.handshake.version", 2)
    if parameters.retried:
        cursor.take("tls.handshake.random", 32)  # TLS 1.3 is settled: no clock in it
    else:
        _random(cursor)
    opaque(cursor, "tls.handshake.session_id_length", 1, "tls.handshake.session_id")
    facts.suites += numbers(
        cursor,
        "tls.handshake.cipher_suites_length",
        2,
        "tls.handshake.ciphersuites",
        "tls.handshake.ciphersuite",
    )
    numbers(
        cursor,
        "tls.handshake.comp_methods_length",
        1,
        "tls.handshake.comp_methods",
        "tls.handshake.comp_method",
        1,
    )
    extensions(cursor, facts)
    fingerprint.add_client(cursor, facts)
    return f"Client Hello (SNI={facts.name})" if facts.name else "Client Hello"


def server_hello(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    """What the server chose, or that it wants to be asked again."""
    modern = is_modern(server_version(cursor.peek(cursor.left())))
    if parameters.retried:
        facts.message = RETRY
    facts.version = cursor.uint("tls.handshake.version", 2)
    if modern:
        cursor.take("tls.handshake.random", 32)
    else:
        _random(cursor)
    with block(cursor, "tls.handshake.session_id_length", 1, "tls.handshake.session") as group:
        if parameters.resumed:
            group.shown = "Session resumed"
            cursor.note("info", "the client's session id: a session is taken up again")
        cursor.rest("tls.handshake.session_id")
    facts.suites.append(cursor.uint("tls.handshake.ciphersuite", 2))
    cursor.uint("tls.handshake.comp_method", 1)
    extensions(cursor, facts)
    fingerprint.add_server(cursor, facts)
    for weakness in weaknesses(parameters):
        cursor.note("odd", weakness)
    return "Hello Retry Request" if parameters.retried else "Server Hello"


def chosen(parameters: Parameters) -> str:
    """Version and suite in words, for people."""
    version = "" if parameters.version is None else VERSIONS.get(parameters.version, "")
    suite = "" if parameters.suite is None else SUITES.get(parameters.suite, "")
    return ", ".join(part for part in (version, suite) if part)


def _random(cursor: Cursor) -> None:
    """Before TLS 1.3 its first four bytes were meant to be a clock (RFC 5246 section 7.4.1.2)."""
    with cursor.group("tls.handshake.random", 32, cursor.peek(32)):
        cursor.uint("tls.handshake.random_time", 4, scale=1_000_000_000)
        cursor.take("tls.handshake.random_bytes", 28)
