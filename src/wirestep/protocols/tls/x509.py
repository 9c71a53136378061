"""X.509 certificates, byte by byte (RFC 5280 section 4.1; encoding X.690 section 8).

Every element shows its tag and length as one field, then its content. What does not have the shape
that is expected ends the element with a remark; the elements around it are read on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from wirestep.decode.cursor import Cursor, Group

from .der import ENCODINGS, Item, moment, object_identifier
from .x509_names import ATTRIBUTES, OBJECTS, TAGS

BOOLEAN, INTEGER, BIT_STRING, OCTETS, OID, SEQUENCE = 1, 2, 3, 4, 6, 0x30
UTC_TIME, GENERAL_TIME = 0x17, 0x18
MAX_LISTED = 256
"""Entries of one list that are read one by one."""
EC_KEY, RSA_KEY = "1.2.840.10045.2.1", "1.2.840.113549.1.1.1"
STRINGS = {
    0x0C: "x509sat.uTF8String",
    0x13: "x509sat.printableString",
    0x14: "x509sat.teletexString",
    0x16: "x509sat.iA5String",
    0x1C: "x509sat.universalString",
    0x1E: "x509sat.bmpString",
}
"""By tag: the fields of strings in names."""
Read = Callable[[Cursor, Group], None]


class Header(NamedTuple):
    """Tag and length of an element."""

    tag: int
    size: int


class Front(NamedTuple):
    """The next element, unread."""

    tag: int
    head: int
    """Bytes of tag and length."""
    size: int
    """Bytes of content."""


def _front(cursor: Cursor, tags: tuple[int, ...]) -> Front | None:
    """None, with a remark, where there is no sound element, or none of `tags`."""
    data = cursor.peek(min(6, cursor.left()))
    if len(data) < 2:
        return None
    tag, size, count = data[0], data[1], 2
    if size & 0x80:
        count += size & 0x7F
        if not 3 <= count <= 6 or count > len(data):
            cursor.note("broken", "an element without a sound length")
            return None
        size = int.from_bytes(data[2:count], "big")
    if tags and tag not in tags:
        expected = " or ".join(TAGS.get(one, f"tag 0x{one:02x}") for one in tags)
        cursor.note("broken", f"{expected} is expected, not {TAGS.get(tag, f'tag 0x{tag:02x}')}")
        return None
    if size > cursor.left() - count:
        cursor.note("broken", f"an element of {size} bytes, {cursor.left() - count} are left")
        return None
    return Front(tag, count, size)


def _said(front: Front) -> str:
    tag = TAGS.get(front.tag, f"[{front.tag & 0x1F}]")
    return f"{tag}, {front.size} byte{'' if front.size == 1 else 's'}"


def header(cursor: Cursor, *tags: int) -> Header | None:
    """The next element's tag and length; None, with a remark, where it is none of `tags`."""
    front = _front(cursor, tags)
    if front is None:
        return None
    cursor.take("ber.header", front.head, _said(front))
    return Header(front.tag, front.size)


def inside(cursor: Cursor, name: str, read: Read, *tags: int) -> None:
    """An element whose content `read` reads, all of it a group `name`."""
    front = _front(cursor, tags or (SEQUENCE,))
    if front is not None:
        with cursor.group(name, front.head + front.size) as group:
            cursor.take("ber.header", front.head, _said(front))
            read(cursor, group)


def each(cursor: Cursor, read: Callable[[Cursor], None]) -> int:
    """Elements side by side, until one cannot be read; how many."""
    count = 0
    while cursor.left() and count < MAX_LISTED:
        before = cursor.at
        read(cursor)
        if cursor.at == before:
            break
        count += 1
    return count


def oid(cursor: Cursor, name: str) -> str:
    """An object identifier with dots; "" where there is none."""
    found = header(cursor, OID)
    if found is None:
        return ""
    dotted = object_identifier(cursor.peek(found.size))
    known = OBJECTS.get(dotted)
    cursor.meant(name, found.size, dotted, f"{known} ({dotted})" if known else "")
    return dotted


def integer(cursor: Cursor, name: str) -> None:
    """A number as bytes; they may be as long as a key."""
    found = header(cursor, INTEGER)
    if found is not None:
        cursor.take(name, found.size)


def small(cursor: Cursor, name: str) -> None:
    """A number that fits into a few bytes."""
    found = header(cursor, INTEGER)
    if found is None:
        return
    if found.size > 8:
        cursor.take("x509.other", found.size)
    else:
        cursor.uint(name, found.size)


def raw(cursor: Cursor, name: str) -> None:
    """Any element, its content as it is."""
    found = header(cursor)
    if found is not None:
        cursor.take(name, found.size)


def bit_string(cursor: Cursor, name: str) -> None:
    """A string of bits: how many of the last byte do not count, then the bytes."""
    found = header(cursor, BIT_STRING)
    if found is not None and found.size:
        cursor.uint("ber.bitstring.padding", 1)
        cursor.take(name, found.size - 1)


def name(cursor: Cursor, field: str) -> None:
    """A Name: a sequence of sets of attributes."""
    inside(cursor, field, _parts)


def _parts(cursor: Cursor, group: Group) -> None:
    said: list[str] = []

    def part(cursor: Cursor) -> None:
        inside(cursor, "x509if.RDNSequence_item", lambda c, _: pairs(c), 0x31)

    def pairs(cursor: Cursor) -> None:
        each(cursor, lambda c: inside(c, "x509if.RelativeDistinguishedName_item_element", pair))

    def pair(cursor: Cursor, group: Group) -> None:
        kind = oid(cursor, "x509if.oid")
        text = _string(cursor)
        group.shown = f"{ATTRIBUTES.get(kind, kind)}={text}"
        said.append(group.shown)

    each(cursor, part)
    group.shown = ", ".join(said[:32])


def _string(cursor: Cursor) -> str:
    found = header(cursor)
    if found is None:
        return ""
    field = STRINGS.get(found.tag, "x509.other")
    return cursor.text(field, found.size, ENCODINGS.get(found.tag, "latin-1"))


def _time(cursor: Cursor, field: str) -> None:
    found = header(cursor, UTC_TIME, GENERAL_TIME)
    if found is None:
        return
    when = moment(Item(found.tag, cursor.peek(found.size), 0))
    if when is None:
        cursor.note("broken", "no time that can be read")
        cursor.take("x509.other", found.size)
    else:
        cursor.meant(field, found.size, when)


def _validity(cursor: Cursor, group: Group) -> None:
    _time(cursor, "x509af.notBefore")
    _time(cursor, "x509af.notAfter")


def algorithm(cursor: Cursor, field: str) -> str:
    """An algorithm and its parameters; its identifier."""
    said = ""

    def read(cursor: Cursor, group: Group) -> None:
        nonlocal said
        said = oid(cursor, "x509af.algorithm.id")
        group.shown = OBJECTS.get(said, said)
        if said == EC_KEY and cursor.left():
            oid(cursor, "pkcs1.namedCurve")
        elif cursor.left():
            raw(cursor, "x509af.parameters")

    inside(cursor, field, read)
    return said


def _key(cursor: Cursor, group: Group) -> None:
    if algorithm(cursor, "x509af.algorithm_element") != RSA_KEY:
        bit_string(cursor, "x509af.subjectPublicKey")
        return
    found = header(cursor, BIT_STRING)
    if found is not None and found.size:
        cursor.uint("ber.bitstring.padding", 1)
        with cursor.group("x509af.subjectPublicKey", found.size - 1):
            inside(cursor, "pkcs1.RSAPublicKey_element", _rsa)


def _rsa(cursor: Cursor, group: Group) -> None:
    integer(cursor, "pkcs1.modulus")
    integer(cursor, "pkcs1.publicExponent")


def signed(cursor: Cursor, extensions: Read) -> None:
    """A whole certificate; `extensions` reads the list of extensions."""

    def body(cursor: Cursor, group: Group) -> None:
        if cursor.left() and cursor.peek(1)[0] == 0xA0:
            inside(cursor, "x509af.version_element", lambda c, _: small(c, "x509af.version"), 0xA0)
        integer(cursor, "x509af.serialNumber")
        algorithm(cursor, "x509af.signature_element")
        name(cursor, "x509af.issuer")
        inside(cursor, "x509af.validity_element", _validity)
        name(cursor, "x509af.subject")
        inside(cursor, "x509af.subjectPublicKeyInfo_element", _key)
        while cursor.left():
            before = cursor.at
            if cursor.peek(1)[0] == 0xA3:
                inside(cursor, "x509af.extensions_element", extensions, 0xA3)
            else:
                raw(cursor, "x509af.uniqueIdentifier")
            if cursor.at == before:
                break

    def whole(cursor: Cursor, group: Group) -> None:
        inside(cursor, "x509af.signedCertificate_element", body)
        algorithm(cursor, "x509af.algorithmIdentifier_element")
        bit_string(cursor, "x509af.encrypted")

    inside(cursor, "x509af.Certificate_element", whole)
