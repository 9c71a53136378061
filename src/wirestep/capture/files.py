"""Opening captures: files, compressed files, streams; and reading them window by window."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from typing import BinaryIO

from .feed import Feed, FileFeed, Pieces, SpoolFeed, Stream
from .live import LiveCapture
from .pcap import PcapReader, variant
from .pcapng import PcapngReader, section_order
from .sniff import NotACapture, describe
from .store import Capture, Reader
from .unpack import Unpacked, compression
from .windows import windows

HEAD = 4096
LEAST = 24
"""Bytes that tell what a file is: a pcap header; a section header has a few more."""


def open_capture(path: str, *, stream: BinaryIO | None = None, follow: bool = False) -> Capture:
    """The capture at `path` ("-": standard input), of which only the head was read; see `load`.

    `stream` is read instead of the file, where it is given. A regular file that is to `follow` is
    still being written: it is taken for finished only after `Capture.settle`, until then `load`
    waits for more at its end, as it does for a pipe. Compressed files are not followed.

    Raises:
        NotACapture: it is none; a sentence for people.
        OSError: the file cannot be opened.
    """
    name = "standard input" if path == "-" else os.path.basename(path)
    feed, packed = _feed(path, stream, name, follow)
    try:
        head = feed.at(0, HEAD)
        reader = _reader(head, name, feed, packed)
    except BaseException:
        feed.close()
        raise
    kind = f"{reader.format} ({packed})" if packed else reader.format
    streamed = path == "-" or stream is not None
    return Capture(name, None if streamed else path, kind, feed, reader)


def load(capture: Capture) -> Iterator[int]:
    """Index the capture, a window a step; gives the count of packets so far at each.

    One thread runs it to the end, or drops it at any step. A step waits where a pipe, a file that
    is followed or a live source has nothing new: see `Capture.ready`.
    """
    if isinstance(capture, LiveCapture):
        yield from capture.steps()
        return
    feed, store = capture.feed, capture.store
    try:
        for window in windows(feed, capture.reader):
            if capture.closed:
                return
            if feed.total and window.done:
                count = capture.count + sum(len(block.frames.at) for block in window.blocks)
                store.expect(count * max(feed.total, window.done) // window.done)
            store.append(window.blocks, window.base, window.links)
            if window.last:
                store.finish()
                capture.problem = window.problem
                capture.finished = True
            yield capture.count
    except ValueError:
        if not capture.closed:  # else somebody closed the file while it was read
            raise


def _feed(path: str, stream: BinaryIO | None, name: str, follow: bool) -> tuple[Feed, str]:
    """(where the bytes come from, how they are compressed or "")."""
    if stream is None and path == "-":
        stream = sys.stdin.buffer
    if stream is None:
        kind = os.stat(path).st_mode
        if stat.S_ISDIR(kind):
            raise NotACapture(f"{name} is a directory, not a capture.")
        if stat.S_ISREG(kind):
            feed = FileFeed(path, follow=follow)
            packed = compression(feed.at(0, 4))
            if not packed:
                return feed, ""
            feed.close()
        stream = open(path, "rb", buffering=0)  # noqa: SIM115
        return _spooled(Stream(stream, owned=True), name)
    return _spooled(Stream(stream), name)


def _spooled(stream: Stream, name: str) -> tuple[Feed, str]:
    packed = compression(stream.peek(4))
    pieces: Pieces = stream
    if packed:
        try:
            pieces = Unpacked(stream, packed)
        except ImportError:
            text = (
                f"{name} is compressed with {packed}; install the Python package {packed} for it."
            )
            raise NotACapture(text) from None
    feed = SpoolFeed(pieces)
    feed.peek(LEAST, HEAD)
    return feed, packed


def _reader(head: bytes, name: str, feed: Feed, packed: str) -> PcapReader | PcapngReader:
    inside = f"What {name} holds ({packed})" if packed else name
    if not head:
        why = f": {feed.problem}" if feed.problem else ""
        raise NotACapture(f"{inside} is empty{why}.")
    if head.startswith(b"\x0a\x0d\x0d\x0a"):
        if len(head) >= LEAST and section_order(head):
            return PcapngReader(head)
        if len(head) < LEAST:
            raise NotACapture(f"{inside} is a pcapng file cut inside its first {len(head)} bytes.")
    if variant(head):
        if len(head) >= LEAST:
            return PcapReader(head)
        raise NotACapture(f"{inside} is a pcap file cut inside its first {len(head)} bytes.")
    what = describe(head)
    said = (
        f"{inside} is no capture: it is {what}."
        if what
        else (f"{inside} is no capture that can be read here (pcap or pcapng).")
    )
    raise NotACapture(said)


__all__ = ["NotACapture", "Reader", "load", "open_capture"]
