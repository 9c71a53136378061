"""Content codings undone, with a bound (RFC 9110 section 8.4)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

MAX_OUT = 8 << 20
"""Bytes of a decoded body that are shown."""
MAX_RATIO = 2000
"""Bytes out for a byte in; deflate cannot make more than 1032."""
MAX_CODINGS = 4

Decoded = tuple[bytes, str]
"""What came out, and what went wrong after it ("" for nothing)."""


def decoded(data: bytes, codings: Sequence[str]) -> Decoded:
    """`data` without its codings, the last one first; up to the bound, or up to a fault."""
    fault = ""
    if len(codings) > MAX_CODINGS:
        return b"", f"{len(codings)} codings one over the other"
    bound = min(MAX_OUT, len(data) * MAX_RATIO + (64 << 10))
    for coding in reversed(codings):
        undo = _CODINGS.get(coding)
        if undo is None:
            return b"", f"nobody here knows the coding {coding[:40]!r}"
        data, trouble = undo(data, bound)
        fault = fault or trouble
        if len(data) > bound:
            data, fault = data[:bound], f"cut after {bound} bytes"
    return data, fault


def _identity(data: bytes, bound: int) -> Decoded:
    return data, ""


def _inflate(data: bytes, bound: int, bits: int) -> Decoded:
    out = bytearray()
    while data and len(out) <= bound:
        machine = zlib.decompressobj(bits)
        try:
            out += machine.decompress(data, bound + 1 - len(out))
        except zlib.error as error:
            return bytes(out), str(error)
        if not machine.eof:
            return bytes(out), "" if len(out) > bound else "the compressed bytes end too early"
        if len(machine.unused_data) == len(data):
            break
        data = machine.unused_data
    return bytes(out), ""


def _gzip(data: bytes, bound: int) -> Decoded:
    return _inflate(data, bound, 31)


def _deflate(data: bytes, bound: int) -> Decoded:
    """Meant to be zlib; many senders leave its wrapping off (RFC 9110 section 8.4.1.2)."""
    wrapped = _inflate(data[:2], 1, 15)[1] == "the compressed bytes end too early"
    return _inflate(data, bound, 15 if wrapped else -15)


def _brotli(data: bytes, bound: int) -> Decoded:
    import brotli

    machine = brotli.Decompressor()
    out = bytearray()
    try:
        out += machine.process(data, output_buffer_limit=bound + 1)
        while len(out) <= bound and not machine.is_finished():
            more = machine.process(b"", output_buffer_limit=bound + 1 - len(out))
            if not more:
                return bytes(out), "the compressed bytes end too early"
            out += more
    except brotli.error as error:
        return bytes(out), str(error) or "no brotli"
    return bytes(out), ""


def _zstd(data: bytes, bound: int) -> Decoded:
    import zstandard

    machine = zstandard.ZstdDecompressor(max_window_size=8 << 20)
    out = bytearray()
    try:
        with machine.stream_reader(data, read_across_frames=True) as reader:
            while len(out) <= bound and (part := reader.read(min(1 << 16, bound + 1 - len(out)))):
                out += part
    except zstandard.ZstdError as error:
        return bytes(out), str(error)
    return bytes(out), ""


_CODINGS: dict[str, Callable[[bytes, int], Decoded]] = {
    "identity": _identity,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
