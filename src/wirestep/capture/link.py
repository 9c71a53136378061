"""From frames to what they carry: the link layer of many frames at once.

Each reader gives (ethertype uint16[n], at int64[n]): what the frame carries, 0 for nothing known,
and where that starts in it. PPP's numbers are translated to ethertypes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .arrays import Array, Views, among
from .wireless import radiotap, wireless

IPV4, IPV6 = 0x0800, 0x86DD
PPPOE = 0x8864
TAGS = (0x8100, 0x88A8, 0x9100)
MAX_TAGS = 8

Layer = tuple[Array, Array]
Reader = Callable[[Views, Array, Array], Layer]
"""(views, start of the frames in them, bytes kept of each) -> (ethertype, at)."""


def link_layer(views: Views, link: int, start: Array, caplen: Array) -> Layer:
    """(ethertype, at) of frames of one link type; all 0 for a type that is not known here."""
    reader = READERS.get(link)
    if reader is None:
        return np.zeros(len(start), np.uint16), np.zeros(len(start), np.int64)
    kind, at = reader(views, start, caplen)
    peel(views, start, caplen, kind, at)
    return kind, at


def peel(views: Views, start: Array, caplen: Array, kind: Array, at: Array) -> None:
    """Step over VLAN tags (IEEE 802.1Q) and PPPoE (RFC 2516), in place."""
    rows = np.flatnonzero((kind != IPV4) & (kind != IPV6))
    rows = rows[among(kind[rows], (*TAGS, PPPOE))]
    for _ in range(MAX_TAGS):
        if not len(rows):
            return
        session = kind[rows] == PPPOE
        size = np.where(session, 8, 4)
        whole = at[rows] + size <= caplen[rows]
        kind[rows[~whole]] = 0
        rows, session, size = rows[whole], session[whole], size[whole]
        at[rows] += size
        inner = views.u2[start[rows] + at[rows] - 2].astype(np.uint16)
        kind[rows] = np.where(session, _from_ppp(inner), inner)
        rows = rows[among(kind[rows], (*TAGS, PPPOE))]


def _from_ppp(protocol: Array) -> Array:
    """PPP protocol numbers (RFC 1332, RFC 5072) to ethertypes."""
    found = np.zeros(len(protocol), np.uint16)
    found[protocol == 0x21] = IPV4
    found[protocol == 0x57] = IPV6
    return found


def _number(views: Views, start: Array, caplen: Array, at: int) -> Array:
    """uint16 at `at` of each frame, 0 where the frame is shorter."""
    kind: Array = views.u2[start + at].astype(np.uint16)
    kind[caplen < at + 2] = 0
    return kind


def _places(start: Array, at: int) -> Array:
    return np.full(len(start), at, np.int64)


def _ethernet(views: Views, start: Array, caplen: Array) -> Layer:
    kind, at = _number(views, start, caplen, 12), _places(start, 14)
    short = np.flatnonzero((kind <= 1500) & (caplen >= 22))
    if len(short):  # IEEE 802.3: a length; LLC with SNAP has the ethertype behind it (RFC 1042)
        where = start[short]
        snap = (views.u4[where + 14] == 0xAAAA0300) & (views.u2[where + 18] == 0)
        kind[short] = np.where(snap, views.u2[where + 20], 0)
        at[short] = 22
    return kind, at


def _cooked(views: Views, start: Array, caplen: Array) -> Layer:
    return _number(views, start, caplen, 14), _places(start, 16)


def _cooked2(views: Views, start: Array, caplen: Array) -> Layer:
    kind = _number(views, start, caplen, 0)
    kind[caplen < 20] = 0
    return kind, _places(start, 20)


def _raw(views: Views, start: Array, caplen: Array) -> Layer:
    """The first four bits tell the version."""
    version = views.u1[start] >> 4
    version[caplen < 1] = 0
    kind = np.where(version == 4, IPV4, np.where(version == 6, IPV6, 0)).astype(np.uint16)
    return kind, _places(start, 0)


def _null(views: Views, start: Array, caplen: Array) -> Layer:
    """A protocol family of the writing system, in its byte order (or the network's: loop)."""
    family = views.u4[start].astype(np.uint32)
    family = np.where(family & 0xFFFF == 0, family.byteswap(), family)
    kind = np.zeros(len(start), np.uint16)
    kind[family == 2] = IPV4
    kind[among(family, (10, 24, 28, 30))] = IPV6
    kind[caplen < 4] = 0
    return kind, _places(start, 4)


def _ppp(views: Views, start: Array, caplen: Array) -> Layer:
    """PPP (RFC 1661), with or without HDLC's address and control, with a short protocol too."""
    framed = (views.u2[start] == 0xFF03) & (caplen >= 2)
    at = np.where(framed, 2, 0).astype(np.int64)
    first = views.u1[start + at]
    short = first & 1 == 1
    kind = _from_ppp(np.where(short, first, views.u2[start + at]))
    at += np.where(short, 1, 2)
    kind[caplen < at] = 0
    return kind, at


def _hdlc(views: Views, start: Array, caplen: Array) -> Layer:
    return _number(views, start, caplen, 2), _places(start, 4)


READERS: dict[int, Reader] = {
    0: _null,
    1: _ethernet,
    9: _ppp,
    12: _raw,
    14: _raw,
    50: _ppp,
    101: _raw,
    104: _hdlc,
    105: wireless,
    108: _null,
    113: _cooked,
    127: radiotap,
    228: _raw,
    229: _raw,
    276: _cooked2,
}
