"""Hierarchy, lengths, packets over time, round trips: as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .lengths import Bucket
from .round_trips import Track
from .series import Series
from .tables import Table, listed, numbers, texts
from .totals import SECOND, Layer


def hierarchy_table(layers: Sequence[Layer], duration: int) -> Table:
    """Protocols inside protocols; shares are of the first level's sum, rates of `duration` ns."""
    packets = np.array([layer.packets for layer in layers], np.int64)
    sizes = np.array([layer.bytes for layer in layers], np.int64)
    top = np.array([layer.depth == 0 for layer in layers], bool)
    whole = max(1, int(packets[top].sum())), max(1, int(sizes[top].sum()))
    rate = sizes * 8 * SECOND / duration if duration else sizes * 0.0
    return Table(
        "hierarchy",
        "Protocol hierarchy",
        (
            texts("title", "Protocol", [layer.title for layer in layers]),
            texts("protocol", "Filter", [layer.name for layer in layers]),
            numbers("share", "% packets", "share", packets / whole[0]),
            numbers("packets", "Packets", "count", packets),
            numbers("byte_share", "% bytes", "share", sizes / whole[1]),
            numbers("bytes", "Bytes", "bytes", sizes),
            numbers("bits", "Bits/s", "bits", rate),
            numbers(
                "depth", "Depth", "count", np.array([layer.depth for layer in layers], np.int64)
            ),
        ),
        len(layers),
        wish=lambda row: layers[row].name,
        depth=lambda row: layers[row].depth,
    )


def length_table(buckets: Sequence[Bucket]) -> Table:
    """Classes of lengths; the first line is all packets."""
    some = [bucket.count > 0 for bucket in buckets]

    def where(values: Sequence[float]) -> list[float | None]:
        return [value if there else None for value, there in zip(values, some, strict=True)]

    return Table(
        "lengths",
        "Packet lengths",
        (
            texts("lengths", "Length", [bucket.name for bucket in buckets]),
            listed("packets", "Count", "count", [bucket.count for bucket in buckets]),
            listed("average", "Average", "number", where([bucket.average for bucket in buckets])),
            listed("min", "Min", "count", where([bucket.least for bucket in buckets])),
            listed("max", "Max", "count", where([bucket.most for bucket in buckets])),
            listed("rate", "Rate (ms)", "number", [bucket.rate for bucket in buckets]),
            listed("share", "Percent", "share", [bucket.share for bucket in buckets]),
        ),
        len(buckets),
        wish=lambda row: _length_wish(buckets[row].name),
    )


def _length_wish(name: str) -> str:
    low, dash, high = name.partition("-")
    if dash:
        return f"frame.len >= {low} && frame.len <= {high}"
    return "" if name == "all" else f"frame.len >= {low.split()[0]}"


def io_table(counted: Series, base: int) -> Table:
    """Packets and bytes of each interval; times are relative to `base` (ns)."""
    starts = (counted.start - base + np.arange(len(counted)) * counted.interval) / SECOND
    return Table(
        "io",
        "Packets over time",
        (
            numbers("start", "From", "seconds", starts),
            numbers("stop", "To", "seconds", starts + counted.interval / SECOND),
            numbers("packets", "Packets", "count", counted.packets),
            numbers("bytes", "Bytes", "bytes", counted.bytes),
            numbers("bits", "Bits/s", "bits", counted.bytes * 8 * SECOND / counted.interval),
        ),
        len(counted),
    )


def rtt_table(found: Track, base: int) -> Table:
    """Round trips of each interval, in milliseconds."""
    starts = (found.start - base + np.arange(len(found)) * found.interval) / SECOND
    return Table(
        "rtt",
        "Round-trip time",
        (
            numbers("start", "From", "seconds", starts),
            numbers("stop", "To", "seconds", starts + found.interval / SECOND),
            numbers("samples", "Samples", "count", found.count),
            numbers("min", "Min ms", "ms", found.least * 1000),
            numbers("mean", "Mean ms", "ms", found.mean * 1000),
            numbers("max", "Max ms", "ms", found.most * 1000),
        ),
        len(found),
    )


def throughput_table(first: Series, other: Series, base: int) -> Table:
    """Payload of both sides in each interval."""
    starts = (first.start - base + np.arange(len(first)) * first.interval) / SECOND
    seconds = first.interval / SECOND
    return Table(
        "throughput",
        "Throughput",
        (
            numbers("start", "From", "seconds", starts),
            numbers("stop", "To", "seconds", starts + seconds),
            numbers("bytes_a", "Bytes A→B", "bytes", first.bytes),
            numbers("bits_a", "Bits/s A→B", "bits", first.bytes * 8 / seconds),
            numbers("bytes_b", "Bytes B→A", "bytes", other.bytes),
            numbers("bits_b", "Bits/s B→A", "bits", other.bytes * 8 / seconds),
        ),
        len(first),
    )
