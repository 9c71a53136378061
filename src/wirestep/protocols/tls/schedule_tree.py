"""The key schedule of one connection, as a tree: every secret, and what it was made from.

What a key log does not have cannot be worked out backwards, for the functions go one way; such a
secret is named all the same, with what it would be made from (RFC 8446 section 7.1).
"""

from __future__ import annotations

import hmac
from hashlib import new as new_hash
from typing import NamedTuple

from wirestep.decode.cursor import Cursor
from wirestep.decode.secrets import Secrets
from wirestep.model import Side

from .ciphers import Suite, suite
from .crypto import expand_label, prf, prf_early
from .parameters import SERVER_HELLO, TLS_1_2, Parameters
from .schedule import MASTER
from .transcript import FINISHED, Transcript

PREFIX = "tls.schedule"
UNKNOWN_SHARE = "the shared secret of the two key shares, which no key log has"
UNKNOWN_KEY = "the pre-shared key, which no key log has"
NO_LINE = "the key log has no line for it"
MASTER_NAME = "Master Secret"


class Derived(NamedTuple):
    """A secret that is expanded out of another, over the messages so far."""

    name: str
    label: str
    """In the key log; "" where none has it."""
    expanded: str
    """What is mixed in."""
    parent: str
    side: Side | None = None
    """Whose records its keys open."""


EARLY = (
    Derived(
        "Client early traffic",
        "CLIENT_EARLY_TRAFFIC_SECRET",
        "c e traffic",
        "Early Secret",
        Side.CLIENT,
    ),
    Derived("Early exporter", "EARLY_EXPORTER_SECRET", "e exp master", "Early Secret"),
)
AFTER_HELLO = (
    Derived(
        "Client handshake traffic",
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "c hs traffic",
        "Handshake Secret",
        Side.CLIENT,
    ),
    Derived(
        "Server handshake traffic",
        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "s hs traffic",
        "Handshake Secret",
        Side.SERVER,
    ),
)
AFTER_SERVER = (
    Derived(
        "Client traffic 0", "CLIENT_TRAFFIC_SECRET_0", "c ap traffic", MASTER_NAME, Side.CLIENT
    ),
    Derived(
        "Server traffic 0", "SERVER_TRAFFIC_SECRET_0", "s ap traffic", MASTER_NAME, Side.SERVER
    ),
    Derived("Exporter", "EXPORTER_SECRET", "exp master", MASTER_NAME),
)
AFTER_CLIENT = (Derived("Resumption", "", "res master", MASTER_NAME),)
FINISHERS = {
    Side.CLIENT: "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    Side.SERVER: "SERVER_HANDSHAKE_TRAFFIC_SECRET",
}
OLD_LABELS = {Side.CLIENT: b"client finished", Side.SERVER: b"server finished"}


def tell(
    cursor: Cursor,
    kind: int,
    side: Side,
    parameters: Parameters,
    transcript: Transcript,
    secrets: Secrets,
) -> None:
    """What the message that was just read settles of the keys; nothing where it settles none."""
    found = None if parameters.suite is None else suite(parameters.suite)
    if found is None or not transcript.whole:
        return
    if not parameters.modern:
        if kind == FINISHED:
            _old(cursor, side, found, parameters, transcript, secrets)
        return
    if kind == SERVER_HELLO and not parameters.retried:
        with cursor.group(PREFIX):
            _first(cursor, found, parameters)
            _each(cursor, EARLY, 1, found, parameters, transcript, secrets, asked=parameters.early)
            _handshake_secret(cursor, found, parameters)
            count = len(transcript.messages)
            _each(cursor, AFTER_HELLO, count, found, parameters, transcript, secrets)
    elif kind == FINISHED:
        with cursor.group(PREFIX):
            _checked(cursor, side, found, parameters, transcript, secrets)
            count = len(transcript.messages)
            if side is Side.SERVER:
                _master_secret(cursor, found)
                _each(cursor, AFTER_SERVER, count, found, parameters, transcript, secrets)
            else:
                _each(cursor, AFTER_CLIENT, count, found, parameters, transcript, secrets)


def _first(cursor: Cursor, found: Suite, parameters: Parameters) -> None:
    """The Early Secret: without a pre-shared key it is the same for everybody."""
    with cursor.group(f"{PREFIX}.secret", shown="Early Secret") as group:
        if parameters.by_key:
            cursor.worked(f"{PREFIX}.input", UNKNOWN_KEY)
            return
        zeros = bytes(_size(found))
        value = hmac.digest(zeros, zeros, found.hash)
        group.value, group.shown = value, _named("Early Secret", value)
        cursor.worked(f"{PREFIX}.function", "HKDF-Extract(0, 0)")
        cursor.worked(f"{PREFIX}.input", "no pre-shared key: zeros in its place")


def _handshake_secret(cursor: Cursor, found: Suite, parameters: Parameters) -> None:
    with cursor.group(f"{PREFIX}.secret", shown="Handshake Secret"):
        cursor.worked(f"{PREFIX}.from", "Early Secret")
        if not parameters.by_key:
            zeros = bytes(_size(found))
            early = hmac.digest(zeros, zeros, found.hash)
            nothing = new_hash(found.hash, b"").digest()
            salt = expand_label(early, "derived", len(zeros), found.hash, nothing)
            cursor.worked(f"{PREFIX}.salt", salt)
        cursor.worked(f"{PREFIX}.function", 'HKDF-Extract(Derive-Secret(., "derived", ""), shared)')
        cursor.worked(f"{PREFIX}.input", UNKNOWN_SHARE)


def _master_secret(cursor: Cursor, found: Suite) -> None:
    with cursor.group(f"{PREFIX}.secret", shown=MASTER_NAME):
        cursor.worked(f"{PREFIX}.from", "Handshake Secret")
        cursor.worked(f"{PREFIX}.function", 'HKDF-Extract(Derive-Secret(., "derived", ""), 0)')


def _each(
    cursor: Cursor,
    rows: tuple[Derived, ...],
    count: int,
    found: Suite,
    parameters: Parameters,
    transcript: Transcript,
    secrets: Secrets,
    *,
    asked: bool = True,
) -> None:
    """Secrets that are expanded over the first `count` messages."""
    if not asked:
        return
    digest = transcript.digest(found.hash, count)
    for row in rows:
        value = secrets.get(row.label, parameters.client_random) if row.label else None
        with cursor.group(f"{PREFIX}.secret", value=value, shown=_named(row.name, value)):
            cursor.worked(f"{PREFIX}.from", row.parent)
            cursor.worked(f"{PREFIX}.function", f'Derive-Secret(., "{row.expanded}", messages)')
            cursor.worked(f"{PREFIX}.messages", transcript.names(count))
            cursor.worked(f"{PREFIX}.transcript", digest)
            if row.label:
                cursor.worked(f"{PREFIX}.label", row.label)
            if value is None:
                cursor.worked(f"{PREFIX}.input", NO_LINE)
            elif row.side is not None and not parameters.over_quic:
                cipher = found.cipher
                key = expand_label(value, "key", cipher.key, found.hash)
                cursor.worked(f"{PREFIX}.key", key)
                cursor.worked(f"{PREFIX}.iv", expand_label(value, "iv", 12, found.hash))


def _checked(
    cursor: Cursor,
    side: Side,
    found: Suite,
    parameters: Parameters,
    transcript: Transcript,
    secrets: Secrets,
) -> None:
    """Whether the Finished fits the messages before it (RFC 8446 section 4.4.4)."""
    label = FINISHERS[side]
    value = secrets.get(label, parameters.client_random)
    if value is None:
        return
    before = len(transcript.messages) - 1
    key = expand_label(value, "finished", _size(found), found.hash)
    digest = transcript.digest(found.hash, before)
    with cursor.group(f"{PREFIX}.secret", value=key, shown=_named("Finished key", key)):
        cursor.worked(f"{PREFIX}.from", label)
        cursor.worked(f"{PREFIX}.function", 'HKDF-Expand-Label(., "finished", "")')
        cursor.worked(f"{PREFIX}.messages", transcript.names(before))
        cursor.worked(f"{PREFIX}.transcript", digest)
        _verdict(cursor, hmac.digest(key, digest, found.hash), transcript)


def _verdict(cursor: Cursor, expected: bytes, transcript: Transcript) -> None:
    fits = transcript.messages[-1][4:] == expected
    cursor.worked(f"{PREFIX}.verified", int(fits))
    if not fits:
        cursor.note("broken", "the Finished does not fit the messages before it")


def _old(
    cursor: Cursor,
    side: Side,
    found: Suite,
    parameters: Parameters,
    transcript: Transcript,
    secrets: Secrets,
) -> None:
    """Before TLS 1.3: one master secret, and a check of each Finished (RFC 5246 7.4.9 and 8.1)."""
    master = secrets.get(MASTER, parameters.client_random)
    version = parameters.version or 0
    with cursor.group(PREFIX):
        shown = _named(MASTER_NAME, master)
        with cursor.group(f"{PREFIX}.secret", value=master, shown=shown):
            cursor.worked(f"{PREFIX}.label", MASTER)
            cursor.worked(f"{PREFIX}.function", _master_function(parameters))
            if master is None:
                cursor.worked(f"{PREFIX}.input", NO_LINE)
                return
            before = len(transcript.messages) - 1
            name = found.hash if version >= TLS_1_2 else "early"
            digest = transcript.digest(name, before)
            cursor.worked(f"{PREFIX}.messages", transcript.names(before))
            cursor.worked(f"{PREFIX}.transcript", digest)
            if version >= TLS_1_2:
                expected = prf(master, OLD_LABELS[side], digest, 12, found.hash)
            else:
                expected = prf_early(master, OLD_LABELS[side], digest, 12)
            _verdict(cursor, expected, transcript)


def _master_function(parameters: Parameters) -> str:
    if parameters.extended_master_secret:
        return 'PRF(premaster, "extended master secret", hash of the messages)'
    return 'PRF(premaster, "master secret", client random + server random)'


def _named(name: str, value: bytes | None) -> str:
    return name if value is None else f"{name}: {value.hex()}"


def _size(found: Suite) -> int:
    return new_hash(found.hash).digest_size
