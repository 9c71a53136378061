"""Builds capture files byte by byte, and reads them through the public door."""

from __future__ import annotations

import io
import os
import shutil
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from wirestep.capture import Capture, load, open_capture

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = sorted((ROOT / "captures").glob("*.pcap*"))
# A folder of captures by others, to test against where there is one.
CORPUS = sorted(Path(os.environ.get("WIRESTEP_CORPUS", "/nonexistent")).glob("*.pcap*"))
FILES = [pytest.param(path, id=path.name) for path in (*BUNDLED, *CORPUS)]

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
needs_capinfos = pytest.mark.skipif(
    shutil.which("capinfos") is None, reason="capinfos is not installed"
)


def pcap(
    frames: Iterable[bytes],
    order: str = "<",
    magic: int = 0xA1B2C3D4,
    *,
    link: int = 1,
    snaplen: int = 65535,
    extra: bytes = b"",
    file_extra: bytes = b"",
    times: Sequence[tuple[int, int]] = (),
    minor: int = 4,
    length: int | None = None,
) -> bytes:
    """A pcap file; `extra` stands behind each record's header, `file_extra` behind the file's."""
    out = [struct.pack(order + "IHHiIII", magic, 2, minor, 0, 0, snaplen, link), file_extra]
    for place, frame in enumerate(frames):
        seconds, fraction = times[place] if times else (1_700_000_000 + place, 123_456)
        wire = len(frame) if length is None else length
        out.append(struct.pack(order + "IIII", seconds, fraction, len(frame), wire) + extra + frame)
    return b"".join(out)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    """A pcapng option."""
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """A pcapng block."""
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str = "<", options: bytes = b"") -> bytes:
    """A section header block."""
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + options, order)


def interface(order: str = "<", link: int = 1, options: bytes = b"", snaplen: int = 0) -> bytes:
    """An interface description block."""
    return block(1, struct.pack(order + "HHI", link, 0, snaplen) + options, order)


def packet(
    frame: bytes,
    ticks: int = 0,
    order: str = "<",
    number: int = 0,
    options: bytes = b"",
    length: int | None = None,
) -> bytes:
    """An enhanced packet block."""
    wire = len(frame) if length is None else length
    head = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), wire)
    return block(6, head + frame + bytes(-len(frame) % 4) + options, order)


def opened(data: bytes, name: str = "test") -> Capture:
    """The capture in `data`, loaded to its end."""
    capture = open_capture(name, stream=io.BytesIO(data))
    for _ in load(capture):
        pass
    return capture


def loaded(path: Path | str) -> Capture:
    """The capture at `path`, loaded to its end."""
    capture = open_capture(str(path))
    for _ in load(capture):
        pass
    return capture
