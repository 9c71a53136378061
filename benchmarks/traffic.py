"""Writes a large realistic capture fast: python benchmarks/traffic.py KIND FILE [--packets N].

mixed: HTTP, TLS, DNS, media, databases, ARP, pings; IPv4 and IPv6, VLANs (a million packets, 0.9
GB, in some ten seconds). small: only small packets (five million). bulk: one TCP conversation that
moves 300 MB. Segments are lost, sent again and reordered; all sums are right. The conversations of
`scripts` are worked out once, and numpy repeats them between other hosts. The same seed gives the
same bytes.
"""

from __future__ import annotations

import argparse
import random

import numpy as np
from layout import HEADS, Array, Flows, Packets, Writer
from scripts import ACK, ARP, SEGMENT, SYN, TCP, WORDS, Pool, Script, shelf

BLOCK = 1 << 15
"""Packets that are written at once."""
SECONDS = 300
AGAIN, LATE, SWAPPED = 0.007, 0.004, 0.004
"""Segments seen twice, seen only when sent again, seen after their successors."""
COUNTS = {"mixed": 1_000_000, "small": 5_000_000, "bulk": 300_000}
PACE, TRIP = 12, 400
"""Microseconds between two segments of the bulk conversation, and of its round trip."""
PERIOD = 4 << 20
"""Bytes of its payload, over and over."""
BULK_AGAIN, BULK_LATE, BULK_SWAPPED = 0.0005, 0.001, 0.002


def conversations(
    scripts: list[tuple[float, Script]], count: int, draw: np.random.Generator
) -> tuple[Packets, Flows]:
    """`count` packets in order of time, and their conversations."""
    sizes = np.array([len(script.lines) for _, script in scripts])
    shares = np.array([share for share, _ in scripts])
    shares /= shares.sum()
    flows = int(count * 1.05 / (sizes * shares).sum()) + 40
    chosen = draw.choice(len(scripts), flows, p=shares)
    while sizes[chosen].sum() < count * 1.04 + 2000:  # few were drawn, and short ones
        chosen = np.concatenate((chosen, draw.choice(len(scripts), flows // 4 + 1, p=shares)))
    flows = len(chosen)
    lines = np.array([line for _, script in scripts for line in script.lines], np.float64)
    first = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    flow = np.repeat(np.arange(flows), sizes[chosen])
    inside = np.arange(len(flow)) - np.repeat(
        np.cumsum(sizes[chosen]) - sizes[chosen], sizes[chosen]
    )
    line = lines[first[chosen][flow] + inside]
    trip = np.maximum(200, np.exp(draw.normal(9.6, 0.8, flows)))
    begun = draw.uniform(-1, SECONDS, flows) * 1e6
    time = (begun[flow] + line[:, 0] * trip[flow] + line[:, 1]).astype(np.int64)
    kinds = np.array([script.kind for _, script in scripts])
    rest = [line[:, place].astype(np.int64) for place in range(2, 8)]
    packets = Packets(time, flow, kinds[chosen][flow], *rest)
    packets = troubled(packets, trip.astype(np.int64), draw)
    packets = packets.pick(np.flatnonzero(packets.time >= 0))
    packets = packets.pick(np.argsort(packets.time, kind="stable")[:count])
    ports = np.array([script.port for _, script in scripts])[chosen]
    return packets, hosts(ports, kinds[chosen], draw)


def troubled(packets: Packets, trip: Array, draw: np.random.Generator) -> Packets:
    """The same with losses: some segments again, some late, some behind their successors."""
    data = (packets.kind == TCP) & (packets.size > 0)
    luck = draw.random(len(packets.time))
    later = trip[packets.flow] * 6 // 5
    again = np.flatnonzero(data & (luck < AGAIN))
    late = data & (luck >= AGAIN) & (luck < AGAIN + LATE)
    swapped = data & (luck > 1 - SWAPPED)
    packets.time[late] += later[late]
    packets.time[swapped] += 40
    rows = np.concatenate((np.arange(len(packets.time)), again))
    more = packets.pick(rows)
    more.time[len(packets.time) :] += later[again]
    return more


def hosts(port: Array, kind: Array, draw: np.random.Generator, *, plain: bool = False) -> Flows:
    """Who talks to whom."""
    count = len(port)
    v6 = (draw.random(count) < 0.25) & (kind != ARP) & (not plain)
    host = np.zeros((count, 2, 16), np.uint8)
    host[:, 0, :2] = (10, 0)
    host[:, 1, 0], host[:, 1, 1] = 93, draw.integers(0, 8, count)
    host[v6, :, :4] = (0x20, 0x01, 0x0D, 0xB8)
    tail = np.where(v6, 14, 2)
    for side, many in ((0, 900), (1, 3000)):
        number = draw.integers(1, many, count)
        host[np.arange(count), side, tail] = number >> 8
        host[np.arange(count), side, tail + 1] = number & 255
    host[v6, 1, 7] = 2
    ports = np.stack((draw.integers(1024, 65_535, count), port), 1)
    base = draw.integers(0, 1 << 32, (count, 2))
    vlan = (draw.random(count) < 0.05) & (not plain)
    return Flows(v6, vlan, ports, host, base)


def bulk(count: int, pool: Pool, draw: np.random.Generator) -> tuple[Packets, Flows]:
    """One conversation of `count` packets, as its receiver sees it.

    Lost segments come a round trip later; until then the receiver answers each later segment with
    the same acknowledgement, as RFC 5681 section 4.2 wants it; else it answers every second one.
    """
    # Text: random bytes make tshark guess at protocols that it then takes for ever to put together.
    words = random.Random(int(draw.integers(1 << 30))).choices(WORDS, k=PERIOD // 4)
    start = pool.put(b" ".join(words)[:PERIOD].ljust(PERIOD + SEGMENT))
    many = int(count * 0.68) + 20
    luck = draw.random(many)
    time = 1000 + np.arange(many) * PACE
    time[luck < BULK_LATE] += TRIP * 6 // 5
    time[luck > 1 - BULK_SWAPPED] += PACE * 3 + 1
    again = np.flatnonzero((luck >= BULK_LATE) & (luck < BULK_LATE + BULK_AGAIN))
    segment = np.concatenate((np.arange(many), again))
    time = np.concatenate((time, time[again] + TRIP + 5))
    order = np.argsort(time, kind="stable")
    segment, time = segment[order], time[order]
    # Segment i and all before it have come with arrival whole[i]; so many have come in a row.
    came = np.full(many, len(time))
    np.minimum.at(came, segment, np.arange(len(time)))
    whole = np.maximum.accumulate(came)
    row = np.searchsorted(whole, np.arange(len(time)), "right")
    ahead = np.maximum.accumulate(segment) + 1 > row
    said = ahead | (segment % 2 == 1) | (segment + 1 != row)
    data = _lines(
        time, 1, ACK, 1 + segment * SEGMENT, 1, start + segment * SEGMENT % PERIOD, SEGMENT
    )
    acks = _lines(time[said] + 2, 0, ACK, 1, 1 + row[said] * SEGMENT, 0, 0)
    begin = (
        _lines(np.array([0]), 0, SYN, 0, 0, 0, 0),
        _lines(np.array([TRIP]), 1, SYN | ACK, 0, 1, 0, 0),
        _lines(np.array([TRIP + 9]), 0, ACK, 1, 1, 0, 0),
    )
    pieces = (*begin, data, acks)
    packets = Packets(*(np.concatenate(columns) for columns in zip(*pieces, strict=True)))
    order = np.argsort(packets.time, kind="stable")[:count]
    return packets.pick(order), hosts(np.array([9001]), np.array([TCP]), draw, plain=True)


def _lines(time: Array, *values: Array | int) -> list[Array]:
    """Rows of one kind of the bulk conversation: side, flags, seq, ack, at, size."""
    none = np.zeros(len(time), np.int64)
    side, *rest = values
    return [time, none, none + TCP, *(none + value for value in (side, *rest))]


def write(path: str, count: int, kind: str = "mixed", form: str = "pcap", seed: int = 1) -> int:
    """Write the capture: how many bytes."""
    pool = Pool()
    draw = np.random.default_rng(seed)
    if kind == "bulk":
        packets, flows = bulk(count, pool, draw)
    else:
        scripts = shelf(pool, random.Random(seed), small=kind == "small")
        packets, flows = conversations(scripts, count, draw)
    writer = Writer(pool, flows, form)
    with open(path, "wb") as file:
        file.write(HEADS[form])
        for start in range(0, len(packets.time), BLOCK):
            rows = np.arange(start, min(start + BLOCK, len(packets.time)))
            writer.block(packets.pick(rows), start).tofile(file)
        return file.tell()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=COUNTS)
    parser.add_argument("file")
    parser.add_argument("--packets", type=int, default=0, help="1,000,000; 5,000,000; 300,000")
    parser.add_argument("--form", choices=HEADS, default="pcap")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    count = options.packets or COUNTS[options.kind]
    size = write(options.file, count, options.kind, options.form, options.seed)
    print(f"{options.file}: {count:,} packets, {size:,} bytes")


if __name__ == "__main__":
    main()
