"""What one side of TLS is willing to do: options of a wish or a server, and OpenSSL's context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL, crypto

from wirestep.exchange.certificates import Identity
from wirestep.exchange.options import nanoseconds, text

from . import private
from .watch import VERSIONS, attach

GROUPS = "X25519:P-256:P-384"
"""What is offered unless something else is asked for: the first with a key at once. A newer
OpenSSL would begin with a group whose key fills a packet of its own (ML-KEM)."""
PATIENCE = 10.0
"""Seconds that a handshake may take."""

_NUMBERS = {name: number for number, name in VERSIONS.items()}


@dataclass(frozen=True)
class Terms:
    """What can be chosen on either side; hashable, so that a context can be found again."""

    lowest: str
    highest: str
    ciphers: str
    groups: str
    patience: int
    """Nanoseconds; 0: none."""


def terms(options: Mapping[str, object]) -> Terms:
    """Read the options that both sides have. Raises ValueError with a sentence."""
    lowest, highest = _versions(options.get("versions", "1.2-1.3"))
    return Terms(
        lowest,
        highest,
        text(options, "ciphers", ""),
        text(options, "groups", GROUPS).replace(",", ":").replace(" ", ""),
        nanoseconds(options, "timeout", PATIENCE),
    )


def _versions(value: object) -> tuple[str, str]:
    """From "1.3", "1.2-1.3" or a list. Raises ValueError."""
    said = value.replace("-", " ").replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(said, list | tuple) or not said or any(one not in _NUMBERS for one in said):
        raise ValueError(f"versions: {value!r} is none of TLS 1.0, 1.1, 1.2, 1.3 nor a range")
    return min(said), max(said)


def make_context(server: bool, agreed: Terms, verify: int) -> SSL.Context:
    """OpenSSL's context for one side. Raises ValueError for what this OpenSSL does not have."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD if server else SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(_NUMBERS[agreed.lowest])
    context.set_max_proto_version(_NUMBERS[agreed.highest])
    context.set_options(SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_COMPRESSION)
    late = [name for name in agreed.ciphers.split(":") if name.startswith("TLS_")]
    early = [name for name in agreed.ciphers.split(":") if name and name not in late]
    # Versions before 1.2 sign with SHA-1, which OpenSSL allows at its lowest level only.
    level = ":@SECLEVEL=0" if agreed.lowest < "1.2" else ""
    try:
        if early or level:
            context.set_cipher_list((":".join(early or ["DEFAULT"]) + level).encode())
        if late:
            context.set_tls13_ciphersuites(":".join(late).encode())
    except SSL.Error:
        raise ValueError(f"ciphers: OpenSSL does not know {agreed.ciphers!r}") from None
    private.set_groups(context, agreed.groups)
    attach(context, verify)
    return context


def present(context: SSL.Context, identity: Identity) -> None:
    """Let a side show who it is. Raises ValueError."""
    try:
        context.use_certificate(identity.certificate)
        for certificate in identity.chain:
            context.add_extra_chain_cert(certificate)
        context.use_privatekey(identity.key)
    except SSL.Error:
        raise ValueError("The private key does not belong to the certificate.") from None


def trust(context: SSL.Context, roots: bytes) -> None:
    """Believe what these certificates (PEM) vouch for. Raises ValueError."""
    store = context.get_cert_store()
    if store is None:
        return
    for certificate in certificates(roots, "roots"):
        store.add_cert(crypto.X509.from_cryptography(certificate))


def certificates(pem: bytes, name: str) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises ValueError."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise ValueError(f"{name}: this holds no certificate in PEM form") from None


def identity(options: Mapping[str, object]) -> Identity | None:
    """Who a client is: option "identity", or "certificate" and "key" in PEM. Raises ValueError."""
    given = options.get("identity")
    if isinstance(given, Identity):
        return given
    shown, secret = options.get("certificate"), options.get("key") or options.get("certificate")
    if not isinstance(shown, bytes) or not isinstance(secret, bytes):
        return None
    first, *chain = certificates(shown, "certificate")
    try:
        key = load_pem_private_key(secret, password=None)
    except (ValueError, TypeError):
        raise ValueError("key: this holds no private key that can be read") from None
    if not isinstance(
        key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    ):
        raise ValueError("key: a key of this kind cannot be used")
    return Identity(first, key, tuple(chain))
