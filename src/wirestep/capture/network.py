"""IP and transport headers of many frames at once.

Nothing here believes a length: a header that is not wholly among the bytes kept, or that
contradicts itself, is not there, and the columns of its fields stay 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .arrays import Array, Views, among
from .frames import Frames
from .headers import TCP, UDP, VXLAN, Headers
from .link import IPV4, IPV6, link_layer
from .plain import LEFT, plain
from .tunnels import inside

PORTS = (TCP, UDP, 33, 132, 136)
"""Protocols whose header starts with two ports: TCP, UDP, DCCP, SCTP, UDP-Lite."""
ICMP, ICMPV6 = 1, 58
ECHOES = (0, 8, 128, 129)
"""Types of ICMP and ICMPv6 messages that quote no packet and are many."""
UNQUOTED = (2, 33, 46, 50, 88, 89, 112, 132, 136)
"""Protocols whose packets have no other network header in them that anybody here reads."""
FLAT = (0x0806, 0x8035, 0x888E, 0x88CC, 0x88F7)
"""Ethertypes of frames without addresses of IP: ARP, RARP, EAPOL, LLDP, PTP."""
FRAGMENT, AUTHENTICATION = 44, 51
EXTENSIONS = (0, 43, FRAGMENT, 60, 135, 139, 140)
"""IPv6 extension headers that say how long they are (RFC 8200, 6275, 7401, 5533)."""
MAX_EXTENSIONS = 24
MAX_TUNNELS = 8
"""Tunnels in tunnels."""


def headers(views: Views, frames: Frames, links: Sequence[int]) -> Headers:
    """The headers of `frames`; `links`: the link type of each interface."""
    kind, at = _links(views, frames, links)
    found = Headers(len(kind), LEFT)
    rows = np.flatnonzero(~plain(views.u1, frames, kind, at, found))
    if len(rows):
        found.put(rows, special(views, frames.pick(rows), kind[rows], at[rows]))
    return found


def special(views: Views, frames: Frames, kind: Array, at: Array) -> Headers:
    """The headers of any frames, whose network headers start `at` and are of that `kind`.

    Of a tunnel the innermost headers that are sound, as Wireshark numbers its conversations.
    """
    found, upper, end = _layer(views, frames, kind, at)
    which, shift = np.arange(len(kind)), np.zeros(len(kind), np.int64)
    layer = found
    for _ in range(MAX_TUNNELS):
        inner = inside(views, frames, layer, upper, end)
        if not len(inner.rows):
            break
        which, shift = which[inner.rows], shift[inner.rows] + inner.start
        frames = inner.frames
        layer, upper, end = _layer(views, frames, inner.kind, inner.at)
        layer.nested[:] = 1
        sound = np.flatnonzero(layer.network != 0)
        found.put(which[sound], layer, sound)
        here = sound[layer.payload_at[sound] > 0]
        found.payload_at[which[here]] += shift[here].astype(np.uint32)
    return found


def _layer(views: Views, frames: Frames, kind: Array, at: Array) -> tuple[Headers, Array, Array]:
    """(headers, where the transport header starts, where the datagram ends on the wire)."""
    found = Headers(len(kind))
    caplen = frames.caplen.astype(np.int64)
    # 0 for no IP.
    upper, end = np.zeros(len(kind), np.int64), np.zeros(len(kind), np.int64)
    _ipv4(views, frames, caplen, found, (kind == IPV4).nonzero()[0], at, upper, end)
    _ipv6(views, frames, caplen, found, (kind == IPV6).nonzero()[0], at, upper, end)
    _extensions(views, frames, caplen, found, upper, end)
    # Only the part of a datagram that has its first byte has a transport header.
    headed = (found.network != 0) & (found.fragment <= 0)
    _ports(views, frames, caplen, found, headed, upper)
    _tcp(views, frames, caplen, found, headed, upper, end)
    _udp(views, frames, caplen, found, headed, upper, end)
    _nested(views, frames, caplen, found, kind, upper)
    return found, upper, end


def _nested(
    views: Views, frames: Frames, caplen: Array, found: Headers, kind: Array, upper: Array
) -> None:
    """Mark frames of which the fields above may not tell all addresses, ports and flags."""
    transport = found.transport
    plain = (transport == TCP) | (transport == UDP)
    plain &= found.payload_at > 0
    rows = np.flatnonzero(~plain)
    if len(rows):
        echo = rows[among(transport[rows], (ICMP, ICMPV6)) & (upper[rows] < caplen[rows])]
        type_ = views.u1[frames.at[echo] + upper[echo]]
        plain[echo] = among(type_, ECHOES)
        plain[rows] |= among(transport[rows], UNQUOTED)
        plain[rows] &= found.network[rows] != 0
        plain[rows] |= among(kind[rows], FLAT)
    plain &= found.fragment < 0
    found.nested |= ~plain
    tunnels = (transport == UDP) & among(found.ports & 0xFFFF, VXLAN)
    tunnels |= (transport == UDP) & among(found.ports >> 16, VXLAN)
    found.nested |= tunnels


def _links(views: Views, frames: Frames, links: Sequence[int]) -> tuple[Array, Array]:
    caplen = frames.caplen
    numbers = np.array(links, np.int64)
    if len(numbers) == 1 or (numbers == numbers[0]).all():
        return link_layer(views, int(numbers[0]), frames.at, caplen)
    mine = numbers[frames.interface]
    kind, at = np.zeros(len(mine), np.uint16), np.zeros(len(mine), np.int64)
    for link in np.unique(mine).tolist():
        rows = np.flatnonzero(mine == link)
        kind[rows], at[rows] = link_layer(views, link, frames.at[rows], caplen[rows])
    return kind, at


def _ipv4(
    views: Views,
    frames: Frames,
    caplen: Array,
    found: Headers,
    rows: Array,
    at: Array,
    upper: Array,
    end: Array,
) -> None:
    """IPv4 (RFC 791 section 3.1)."""
    rows = rows[at[rows] + 20 <= caplen[rows]]
    if not len(rows):
        return
    place = frames.at[rows] + at[rows]
    first = views.u1[place]
    head = (first & 15).astype(np.int64) << 2
    total = views.u2[place + 2].astype(np.int64)
    wire = np.maximum(frames.length[rows], frames.caplen[rows]).astype(np.int64) - at[rows]
    # A length of 0 was left to the network card to fill in (segmentation offload).
    lies = total > wire
    total = np.where(total == 0, wire, np.minimum(total, wire))
    sound = (first >> 4 == 4) & (head >= 20) & (total >= head)
    sound &= at[rows] + head <= caplen[rows]
    if not sound.all():
        rows, place, head, total = rows[sound], place[sound], head[sound], total[sound]
        lies = lies[sound]
    found.network[rows] = 4
    found.transport[rows] = views.u1[place + 9]
    found.source[rows] = views.u4[place + 12]
    found.target[rows] = views.u4[place + 16]
    found.nested[rows] = lies | (head > 20)  # a source route is another address
    upper[rows] = at[rows] + head
    end[rows] = at[rows] + total
    part = views.u2[place + 6].astype(np.int64)
    split = part & 0x3FFF != 0
    if split.any():
        rows, part = rows[split], part[split]
        found.fragment[rows] = (part & 0x1FFF) << 3
        found.more[rows] = part & 0x2000 != 0
        found.fragment_id[rows] = views.u2[place[split] + 4]


def _ipv6(
    views: Views,
    frames: Frames,
    caplen: Array,
    found: Headers,
    rows: Array,
    at: Array,
    upper: Array,
    end: Array,
) -> None:
    """IPv6 (RFC 8200 section 3)."""
    rows = rows[at[rows] + 40 <= caplen[rows]]
    rows = rows[views.u1[frames.at[rows] + at[rows]] >> 4 == 6]
    if not len(rows):
        return
    place = frames.at[rows] + at[rows]
    size = views.u2[place + 4].astype(np.int64)
    wire = np.maximum(frames.length[rows], frames.caplen[rows]).astype(np.int64) - at[rows] - 40
    found.network[rows] = 6
    found.transport[rows] = views.u1[place + 6]
    found.source_high[rows], found.source[rows] = views.u8[place + 8], views.u8[place + 16]
    found.target_high[rows], found.target[rows] = views.u8[place + 24], views.u8[place + 32]
    found.nested[rows] = size > wire
    upper[rows] = at[rows] + 40
    # 0: a jumbogram (RFC 2675) or segmentation offload.
    end[rows] = at[rows] + 40 + np.where(size == 0, wire, np.minimum(size, wire))


def _extensions(
    views: Views, frames: Frames, caplen: Array, found: Headers, upper: Array, end: Array
) -> None:
    """Step over IPv6's extension headers, and AH in both versions (RFC 4302), in place."""
    chain = among(found.transport, EXTENSIONS) & (found.network == 6)
    chain |= (found.transport == AUTHENTICATION) & (found.network != 0)
    rows = np.flatnonzero(chain & (found.fragment <= 0))
    found.nested[rows] = 1
    for _ in range(MAX_EXTENSIONS):
        if not len(rows):
            return
        rows = rows[upper[rows] + 8 <= np.minimum(caplen[rows], end[rows])]
        place = frames.at[rows] + upper[rows]
        kind = found.transport[rows]
        units = views.u1[place + 1].astype(np.int64)
        size = np.where(kind == AUTHENTICATION, (units + 2) << 2, (units + 1) << 3)
        split = kind == FRAGMENT
        size[split] = 8
        if split.any():
            parts, where = rows[split], place[split]
            word = views.u2[where + 2].astype(np.int64)
            # A lone "fragment" at 0 with none behind it is a whole datagram (RFC 6946).
            whole = word & 0xFFF9 == 0
            found.fragment[parts] = np.where(whole, -1, word & 0xFFF8)
            found.more[parts] = word & 1 != 0
            found.fragment_id[parts] = views.u4[where + 4]
        found.transport[rows] = views.u1[place]
        upper[rows] += size
        rows = rows[(found.fragment[rows] <= 0)]
        kind = found.transport[rows]
        again = among(kind, EXTENSIONS) & (found.network[rows] == 6) | (kind == AUTHENTICATION)
        rows = rows[again]


def _ports(
    views: Views, frames: Frames, caplen: Array, found: Headers, headed: Array, upper: Array
) -> None:
    kinds = found.transport
    known = (kinds == TCP) | (kinds == UDP)
    if not known.all():
        known = among(kinds, PORTS)
    # A TCP header cut before its window, a UDP header cut at all, tell no conversation.
    size = np.where(kinds == TCP, 16, 8)
    rows = np.flatnonzero(known & headed & (upper + size <= caplen))
    found.ports[rows] = views.u4[frames.at[rows] + upper[rows]]
    found.has_ports[rows] = True


def _tcp(
    views: Views,
    frames: Frames,
    caplen: Array,
    found: Headers,
    headed: Array,
    upper: Array,
    end: Array,
) -> None:
    """TCP (RFC 9293 section 3.1)."""
    rows = np.flatnonzero((found.transport == TCP) & found.has_ports & headed)
    if not len(rows):
        return
    place = frames.at[rows] + upper[rows]
    found.seq[rows] = views.u4[place + 4]
    found.ack[rows] = views.u4[place + 8]
    found.flags[rows] = views.u1[place + 13]
    found.window[rows] = views.u2[place + 14]
    offset = views.u1[place + 12]
    found.nested[rows] |= offset & 15 != 0  # flags that have no place in the column
    head = (offset >> 4).astype(np.int64) << 2
    payload = upper[rows] + head
    sound = (head >= 20) & (payload <= end[rows])
    found.payload_at[rows] = np.where(sound, payload, 0)
    found.payload_length[rows] = np.where(sound, end[rows] - payload, 0)


def _udp(
    views: Views,
    frames: Frames,
    caplen: Array,
    found: Headers,
    headed: Array,
    upper: Array,
    end: Array,
) -> None:
    """UDP (RFC 768); a length of 0 is a jumbogram (RFC 2675)."""
    rows = np.flatnonzero((found.transport == UDP) & found.has_ports & headed)
    if not len(rows):
        return
    payload = upper[rows] + 8
    room = end[rows] - upper[rows]
    size = views.u2[frames.at[rows] + upper[rows] + 4].astype(np.int64)
    found.nested[rows] |= (size > room) | (size == 0)
    size = np.where(size == 0, room, np.minimum(size, room))
    sound = size >= 8
    found.payload_at[rows] = np.where(sound, payload, 0)
    found.payload_length[rows] = np.where(sound, size - 8, 0)
