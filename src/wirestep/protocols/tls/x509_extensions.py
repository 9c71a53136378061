"""Extensions of X.509 certificates (RFC 5280 section 4.2, RFC 6962 section 3.3, RFC 7633)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from wirestep.decode.cursor import Bits, Cursor, Group

from .extensions import timestamps
from .facts import Facts
from .x509 import BIT_STRING, BOOLEAN, INTEGER, OCTETS, each, header, inside, name, oid, raw, small
from .x509_names import OBJECTS

GENERAL = {
    0x81: "x509ce.rfc822Name",
    0x82: "x509ce.dNSName",
    0x86: "x509ce.uniformResourceIdentifier",
}
"""By tag: the kinds of names that are text (RFC 5280 section 4.2.1.6)."""
DIRECTORY, ADDRESS = 0xA4, 0x87
USAGES = (
    *("digitalSignature", "contentCommitment", "keyEncipherment", "dataEncipherment"),
    *("keyAgreement", "keyCertSign", "cRLSign", "encipherOnly"),
)
"""From the first bit on; a ninth is decipherOnly (RFC 5280 section 4.2.1.3)."""


def extensions(cursor: Cursor, group: Group) -> None:
    """The list of extensions."""
    inside(cursor, "x509af.extensions", _list)


def _list(cursor: Cursor, group: Group) -> None:
    count = each(cursor, lambda c: inside(c, "x509af.Extension_element", _extension))
    group.shown = f"{count} extension{'' if count == 1 else 's'}"


def _extension(cursor: Cursor, group: Group) -> None:
    kind = oid(cursor, "x509af.extension.id")
    group.shown = OBJECTS.get(kind, kind)
    if cursor.left() and cursor.peek(1)[0] == BOOLEAN:
        found = header(cursor)
        if found is not None and found.size == 1:
            cursor.meant("x509af.critical", 1, int(cursor.peek(1)[0] != 0))
    found = header(cursor, OCTETS)
    if found is None:
        return
    with cursor.group("x509af.extension.value", found.size) as value:
        READERS.get(kind, _unknown)(cursor, value)


def _unknown(cursor: Cursor, group: Group) -> None:
    cursor.rest("x509af.extension.data")


def general_name(cursor: Cursor) -> None:
    """One of the kinds of names (RFC 5280 section 4.2.1.6)."""
    found = header(cursor)
    if found is None:
        return
    if found.tag in GENERAL:
        cursor.text(GENERAL[found.tag], found.size, "ascii")
    elif found.tag == ADDRESS:
        data = cursor.peek(found.size)
        text = str(ip_address(data)) if found.size in (4, 16) else ""
        cursor.take("x509ce.iPAddress", found.size, text)
    elif found.tag == DIRECTORY:
        with cursor.group("x509ce.directoryName", found.size):
            name(cursor, "x509if.rdnSequence")
    else:
        cursor.take("x509ce.otherName", found.size)


def _names(cursor: Cursor, group: Group) -> None:
    inside(cursor, "x509ce.GeneralNames", lambda c, g: _count(c, g, general_name))


def _count(cursor: Cursor, group: Group, read: Callable[[Cursor], None]) -> None:
    count = each(cursor, read)
    group.shown = f"{count} item{'' if count == 1 else 's'}"


def _constraints(cursor: Cursor, group: Group) -> None:
    def read(cursor: Cursor, group: Group) -> None:
        if cursor.left() and cursor.peek(1)[0] == BOOLEAN:
            found = header(cursor)
            if found is not None and found.size == 1:
                cursor.meant("x509ce.cA", 1, int(cursor.peek(1)[0] != 0))
        if cursor.left() and cursor.peek(1)[0] == INTEGER:
            small(cursor, "x509ce.pathLenConstraint")

    inside(cursor, "x509ce.BasicConstraintsSyntax_element", read)


def _usage(cursor: Cursor, group: Group) -> None:
    found = header(cursor, BIT_STRING)
    if found is None or not found.size:
        return
    cursor.uint("ber.bitstring.padding", 1)
    if found.size == 1:
        return
    first = cursor.peek(1)[0]
    group.shown = ", ".join(text for place, text in enumerate(USAGES) if first & 0x80 >> place)
    cursor.bits(1, *(Bits(f"x509ce.KeyUsage.{text}", 1) for text in USAGES))
    if found.size == 3:
        cursor.bits(1, Bits("x509ce.KeyUsage.decipherOnly", 1), Bits("x509ce.KeyUsage.rest", 7))


def _purposes(cursor: Cursor, group: Group) -> None:
    def purpose(cursor: Cursor) -> None:
        oid(cursor, "x509ce.KeyPurposeId")

    inside(cursor, "x509ce.ExtKeyUsageSyntax", lambda c, g: _count(c, g, purpose))


def _key_identifier(cursor: Cursor, group: Group) -> None:
    found = header(cursor, OCTETS)
    if found is not None:
        cursor.take("x509ce.SubjectKeyIdentifier", found.size)


def _authority_key(cursor: Cursor, group: Group) -> None:
    fields = {0x80: "x509ce.keyIdentifier", 0x82: "x509ce.authorityCertSerialNumber"}

    def part(cursor: Cursor) -> None:
        found = header(cursor)
        if found is None:
            return
        if found.tag == 0xA1:
            with cursor.group("x509ce.authorityCertIssuer", found.size) as inner:
                _count(cursor, inner, general_name)
        else:
            cursor.take(fields.get(found.tag, "x509af.extension.data"), found.size)

    inside(cursor, "x509ce.AuthorityKeyIdentifier_element", lambda c, _: _all(c, part))


def _all(cursor: Cursor, read: Callable[[Cursor], None]) -> None:
    each(cursor, read)


def _revocation(cursor: Cursor, group: Group) -> None:
    def point(cursor: Cursor) -> None:
        inside(cursor, "x509ce.DistributionPoint_element", lambda c, _: _all(c, part))

    def part(cursor: Cursor) -> None:
        if cursor.peek(1)[0] == 0xA0:
            inside(cursor, "x509ce.distributionPoint", lambda c, _: _all(c, full_name), 0xA0)
        else:
            raw(cursor, "x509af.extension.data")

    def full_name(cursor: Cursor) -> None:
        if cursor.peek(1)[0] == 0xA0:
            inside(cursor, "x509ce.fullName", lambda c, _: _all(c, general_name), 0xA0)
        else:
            raw(cursor, "x509af.extension.data")

    inside(cursor, "x509ce.CRLDistPointsSyntax", lambda c, g: _count(c, g, point))


def _access(cursor: Cursor, group: Group) -> None:
    def description(cursor: Cursor) -> None:
        inside(cursor, "pkix1implicit.AccessDescription_element", parts)

    def parts(cursor: Cursor, group: Group) -> None:
        oid(cursor, "pkix1implicit.accessMethod")
        general_name(cursor)

    field = "pkix1implicit.AuthorityInfoAccessSyntax"
    inside(cursor, field, lambda c, g: _count(c, g, description))


def _policies(cursor: Cursor, group: Group) -> None:
    def policy(cursor: Cursor) -> None:
        inside(cursor, "x509ce.PolicyInformation_element", parts)

    def parts(cursor: Cursor, group: Group) -> None:
        oid(cursor, "x509ce.policyIdentifier")
        if cursor.left():
            inside(cursor, "x509ce.policyQualifiers", lambda c, g: _count(c, g, qualifier))

    def qualifier(cursor: Cursor) -> None:
        inside(cursor, "x509ce.PolicyQualifierInfo_element", qualified)

    def qualified(cursor: Cursor, group: Group) -> None:
        oid(cursor, "x509ce.policyQualifierId")
        if cursor.left():
            raw(cursor, "x509ce.qualifier")

    inside(cursor, "x509ce.CertificatePoliciesSyntax", lambda c, g: _count(c, g, policy))


def _timestamps(cursor: Cursor, group: Group) -> None:
    """Receipts of public logs, as TLS has them, inside one more string of bytes."""
    found = header(cursor, OCTETS)
    if found is not None:
        timestamps(cursor, Facts(0))


def _features(cursor: Cursor, group: Group) -> None:
    def feature(cursor: Cursor) -> None:
        small(cursor, "x509ce.Features")

    inside(cursor, "x509ce.Features_list", lambda c, g: _count(c, g, feature))


READERS: dict[str, Callable[[Cursor, Group], None]] = {
    "2.5.29.14": _key_identifier,
    "2.5.29.15": _usage,
    "2.5.29.17": _names,
    "2.5.29.18": _names,
    "2.5.29.19": _constraints,
    "2.5.29.31": _revocation,
    "2.5.29.32": _policies,
    "2.5.29.35": _authority_key,
    "2.5.29.37": _purposes,
    "1.3.6.1.5.5.7.1.1": _access,
    "1.3.6.1.5.5.7.1.24": _features,
    "1.3.6.1.4.1.11129.2.4.2": _timestamps,
}
"""By object identifier."""
