"""What a client would ask of a certificate chain before it trusts it (RFC 5280 6.1, RFC 9525).

Whom the client trusts is not in a capture: that a chain leads to a trusted root is never said here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from . import der

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MAX_CHAIN = 16
"""Certificates of one chain that are checked."""
MAX_TOLD = 5
"""Names of a certificate that a note lists."""
LEAST_RSA = 2048
"""Bits of an RSA key that is still good (RFC 9325 section 4.5)."""
BROKEN_HASHES = ("md2", "md4", "md5", "sha1")
"""Hashes that no signature may use any more (RFC 9155, RFC 9325 section 4.5)."""

VERIFIED = "verified with the key of the next certificate"
FAILED = "does not verify with the key of the next certificate"
OWN = "self-signed, verified with its own key"
OWN_FAILED = "self-signed, does not verify with its own key"
ABSENT = "not checked: the issuer's certificate was not sent"
STRANGER = "not checked: the next certificate is not the issuer's"
UNKNOWN = "not checked: a kind of key or signature that is not known here"

Notes = tuple[tuple[str, str], ...]
"""Levels and texts."""


class Verdict(NamedTuple):
    """What the chain says of one of its certificates, whenever and by whom it is used."""

    signature: str
    """Whether its signature is that of the next one."""
    notes: Notes


@dataclass(frozen=True)
class Use:
    """Where and when a chain was shown."""

    time: int
    """Nanoseconds since the epoch."""
    name: str
    """The server that the client asked for; "" where that is not known, or a client shows it."""


@lru_cache(maxsize=128)
def judged(chain: tuple[bytes, ...]) -> tuple[Verdict, ...]:
    """Each certificate of the chain by itself and by the one behind it; the sender's own first."""
    read = [_loaded(data) for data in chain[:MAX_CHAIN]]
    return tuple(
        _verdict(one, read[place + 1] if place + 1 < len(read) else None, place)
        for place, one in enumerate(read)
    )


def used(data: bytes, use: Use, place: int) -> Notes:
    """Whether the certificate at `place` of its chain fits the time and, the first, the name."""
    said, notes = der.certificate(data), []
    if said.not_before is not None and use.time < said.not_before:
        notes.append(("odd", "not valid yet when it was shown (RFC 5280 section 4.1.2.5)"))
    if said.not_after is not None and use.time > said.not_after:
        notes.append(("odd", "expired when it was shown (RFC 5280 section 4.1.2.5)"))
    names = _names(data) if place == 0 and use.name else None
    if names is not None and not any(matches(name, use.name) for name in names):
        listed = ", ".join(names[:MAX_TOLD]) + (" ..." if len(names) > MAX_TOLD else "")
        asked = f"the client asked for {use.name}"
        there = f"it names {listed}" if names else "it has no alternative names"
        notes.append(("odd", f"{asked}, {there} (RFC 9525 section 6)"))
    return tuple(notes)


def matches(pattern: str, name: str) -> bool:
    """Whether a name of a certificate is that of a server (RFC 9525 section 6.3)."""
    pattern, name = pattern.lower().rstrip("."), name.lower().rstrip(".")
    if pattern == name:
        return True
    front, _, behind = name.partition(".")
    return bool(front) and "." in behind and pattern == f"*.{behind}"


def _loaded(data: bytes) -> Certificate | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import InvalidVersion, load_der_x509_certificate

    try:
        return load_der_x509_certificate(data)
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidVersion):
        return None


@lru_cache(maxsize=128)
def _names(data: bytes) -> tuple[str, ...] | None:
    """The names of servers in a certificate; None where it cannot be read."""
    from cryptography import x509

    one = _loaded(data)
    if one is None:
        return None
    try:
        names = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return tuple(names.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        return ()
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return None


def _verdict(one: Certificate | None, behind: Certificate | None, place: int) -> Verdict:
    if one is None:
        return Verdict(UNKNOWN, ())
    notes = []
    try:
        own = one.issuer == one.subject
        signature = _signature(one, one if own else behind, own)
    except ValueError:  # names that cannot be read
        return Verdict(UNKNOWN, ())
    if signature == OWN and place == 0:
        notes.append(("odd", "self-signed: nobody vouches for it"))
    elif signature == OWN_FAILED:
        notes.append(("odd", "self-signed, and not with its own key: nobody vouches for it"))
    elif signature == FAILED:
        notes.append(("broken", f"its signature {FAILED}"))
    elif signature == STRANGER:
        notes.append(("odd", "the certificate behind it is not its issuer's (RFC 8446 4.4.2)"))
    if bits := _weak_key(one):
        notes.append(("odd", f"an RSA key of {bits} bits: {LEAST_RSA} are needed (RFC 9325 4.5)"))
    if (used_hash := _weak_hash(one)) and not (own and place):
        notes.append(
            ("odd", f"signed with {used_hash.upper()}, which can be forged (RFC 9325 4.5)")
        )
    return Verdict(signature, tuple(notes))


def _signature(one: Certificate, issuer: Certificate | None, own: bool) -> str:
    """Whether `issuer` signed it."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    if issuer is None:
        return ABSENT
    if issuer.subject != one.issuer:
        return STRANGER
    try:
        one.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return OWN_FAILED if own else FAILED
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return UNKNOWN
    return OWN if own else VERIFIED


def _weak_key(one: Certificate) -> int:
    """Bits of an RSA key that is too short; else 0."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        key = one.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return 0
    short = isinstance(key, RSAPublicKey) and key.key_size < LEAST_RSA
    return key.key_size if short and isinstance(key, RSAPublicKey) else 0


def _weak_hash(one: Certificate) -> str:
    """The hash of its signature, where it is broken; else ""."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        hashed = one.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return ""
    return hashed.name if hashed is not None and hashed.name in BROKEN_HASHES else ""
