"""Packets inside packets: where what a tunnel carries starts, for many frames at once.

What is inside is treated as a frame of its own, cut where the packet around it ends.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import Array, Views, among
from .frames import Frames
from .headers import UDP, VXLAN, Headers
from .link import IPV4, IPV6, link_layer, peel

IN_IP = {4: IPV4, 94: IPV4, 41: IPV6}
"""IP protocols that are IP again (RFC 2003, 4213, 2473): the ethertype of what is inside."""
GRE, ETHERNET_IN_IP = 47, 143
BRIDGED, PPP_IN_GRE = 0x6558, 0x880B
ETHERNET, PPP = 1, 9
"""Link types of what tunnels carry."""
_VALID = 8
"""VXLAN flag without which a packet is none (RFC 7348 section 5)."""
_ROUTED, _VERSION, _ACKNOWLEDGED = 0x4000, 7, 0x80
_FIELDS = (0xC000, 0x2000, 0x1000)
"""GRE flags that each tell of four bytes more: checksum or routing, key, sequence number."""


class Inside(NamedTuple):
    """What is in the tunnels among some frames."""

    rows: Array
    """int64: which frames have one."""
    start: Array
    """int64: where in them the inner frame starts."""
    frames: Frames
    kind: Array
    """uint16: ethertype of the inner frame."""
    at: Array
    """int64: where in the inner frame that starts."""


def inside(views: Views, frames: Frames, found: Headers, upper: Array, end: Array) -> Inside:
    """One level of tunnels; `upper`: where transport headers start, `end`: where packets end."""
    stop = np.minimum(frames.caplen, end)
    whole = (found.network != 0) & (found.fragment < 0) & (upper < stop)
    kind = np.zeros(len(upper), np.uint16)
    link = np.zeros(len(upper), np.uint8)
    start = upper.copy()
    for protocol, ethertype in IN_IP.items():
        kind[found.transport == protocol] = ethertype
    link[found.transport == ETHERNET_IN_IP] = ETHERNET
    _gre(views, frames, stop, np.flatnonzero(whole & (found.transport == GRE)), kind, link, start)
    ports = found.ports
    vxlan = (found.transport == UDP) & (found.payload_at > 0)
    vxlan &= among(ports & 0xFFFF, VXLAN) | among(ports >> 16, VXLAN)
    rows = np.flatnonzero(vxlan)
    rows = rows[views.u1[frames.at[rows] + upper[rows] + 8] & _VALID != 0]
    link[rows] = ETHERNET
    start[rows] += 16
    rows = np.flatnonzero(whole & ((kind != 0) | (link != 0)) & (start < stop))
    kind, link, start = kind[rows], link[rows], start[rows]
    inner = frames.pick(rows).cut(start, stop[rows], end[rows])
    at = np.zeros(len(rows), np.int64)
    for one in (ETHERNET, PPP):
        mine = np.flatnonzero(link == one)
        if len(mine):
            kind[mine], at[mine] = link_layer(views, one, inner.at[mine], inner.caplen[mine])
    peel(views, inner.at, inner.caplen, kind, at)
    return Inside(rows, start, inner, kind, at)


def _gre(
    views: Views,
    frames: Frames,
    stop: Array,
    rows: Array,
    kind: Array,
    link: Array,
    start: Array,
) -> None:
    """Generic routing encapsulation (RFC 2784, 2890, 2637): into `kind`, `link`, `start`."""
    rows = rows[start[rows] + 4 <= stop[rows]]
    place = frames.at[rows] + start[rows]
    flags, protocol = views.u2[place].astype(np.int64), views.u2[place + 2].astype(np.uint16)
    size = np.full(len(rows), 4, np.int64)
    for flag in _FIELDS:
        size[flags & flag != 0] += 4
    version = flags & _VERSION
    size[(version == 1) & (flags & _ACKNOWLEDGED != 0)] += 4
    start[rows] += size
    known = (flags & _ROUTED == 0) & (version <= 1)
    bridged, dialled = protocol == BRIDGED, protocol == PPP_IN_GRE
    link[rows[known & bridged]] = ETHERNET
    link[rows[known & dialled]] = PPP
    kind[rows] = np.where(known & ~bridged & ~dialled, protocol, 0)
