"""Certificates for the lab, made at run time and kept in memory (X.509, RFC 5280).

What can be drawn from `Chance` is: Ed25519 keys and serial numbers. Ed25519 is also what makes all
sizes constant (an ECDSA signature is written in 70 to 72 bytes), so it is what is made unless
something else is asked for; browsers want "ec" or "rsa".
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from .contract import Chance

KeyKind = Literal["ed25519", "ec", "rsa"]
PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

FROM = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
UNTIL = datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC)
LONG_AGO = datetime.datetime(2016, 1, 1, tzinfo=datetime.UTC)
"""When what has expired had its last day."""


@dataclass(frozen=True)
class Identity:
    """Who a party is: a certificate, its key, and what leads to a root."""

    certificate: x509.Certificate
    key: PrivateKey
    chain: tuple[x509.Certificate, ...] = ()
    """Certificates between this one and the root, which is not among them."""

    @property
    def certificate_pem(self) -> bytes:
        """The certificate and its chain."""
        return b"".join(pem(one) for one in (self.certificate, *self.chain))

    @property
    def key_pem(self) -> bytes:
        """The private key, unencrypted (PKCS 8): never to be written to a file others may read."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


@dataclass(frozen=True)
class Authority:
    """Who signs: a root that clients may trust."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def pem(self) -> bytes:
        """The root's certificate, as files of trusted roots hold it."""
        return pem(self.certificate)

    def identity(
        self,
        names: Sequence[str],
        chance: Chance,
        kind: KeyKind = "ed25519",
        client: bool = False,
        start: datetime.datetime = FROM,
        stop: datetime.datetime = UNTIL,
    ) -> Identity:
        """A certificate for host names and IP addresses, or for a client, signed by this root."""
        key = make_key(kind, chance)
        purpose = ExtendedKeyUsageOID.CLIENT_AUTH if client else _SERVER_AUTH
        builder = (
            _builder(names[0], chance, start, stop)
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False, enciphers=kind == "rsa"), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.SubjectAlternativeName(_names(names)), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
        )
        return Identity(_signed(builder, self.key), key)

    def expired(self, names: Sequence[str], chance: Chance) -> Identity:
        """A certificate whose last day was 2016-01-01."""
        start = LONG_AGO - datetime.timedelta(days=365)
        return self.identity(names, chance, start=start, stop=LONG_AGO)


def authority(
    chance: Chance, name: str = "wirestep lab root", kind: KeyKind = "ed25519"
) -> Authority:
    """A new root."""
    key = make_key(kind, chance)
    return Authority(_self_signed(name, key, chance, root=True), key)


def self_signed(names: Sequence[str], chance: Chance, kind: KeyKind = "ed25519") -> Identity:
    """A certificate that only vouches for itself."""
    key = make_key(kind, chance)
    return Identity(_self_signed(names[0], key, chance, root=False, names=names), key)


def make_key(kind: KeyKind, chance: Chance) -> PrivateKey:
    """A private key: Ed25519 from `chance`; P-256 and RSA-2048 from the system."""
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(certificate: x509.Certificate) -> bytes:
    """A certificate as files hold it."""
    return certificate.public_bytes(serialization.Encoding.PEM)


_SERVER_AUTH = ExtendedKeyUsageOID.SERVER_AUTH


def _self_signed(
    name: str, key: PrivateKey, chance: Chance, root: bool, names: Sequence[str] = ()
) -> x509.Certificate:
    subject = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = (
        _builder(name, chance, FROM, UNTIL)
        .issuer_name(_called(name))
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
        .add_extension(_usage(signs=root), critical=True)
        .add_extension(subject, critical=False)
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName(_names(names)), critical=False
        ).add_extension(x509.ExtendedKeyUsage([_SERVER_AUTH]), critical=False)
    return _signed(builder, key)


def _builder(
    name: str, chance: Chance, start: datetime.datetime, stop: datetime.datetime
) -> x509.CertificateBuilder:
    # The first bits of a serial number are 01, so that it is written in 16 bytes each time.
    serial = (1 << 126) | int.from_bytes(chance.randbytes(16)) >> 2
    return (
        x509.CertificateBuilder()
        .subject_name(_called(name))
        .serial_number(serial)
        .not_valid_before(start)
        .not_valid_after(stop)
    )


def _called(name: str) -> x509.Name:
    # A common name holds at most 64 characters (RFC 5280, appendix A.1).
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])


def _names(names: Sequence[str]) -> list[x509.GeneralName]:
    return [_general(name) for name in names]


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(signs: bool, enciphers: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=enciphers,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(builder: x509.CertificateBuilder, key: PrivateKey) -> x509.Certificate:
    hash_of = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, hash_of)
