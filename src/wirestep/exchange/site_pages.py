"""What the lab's site is made of: pages, their parts, and the codings they are offered in."""

from __future__ import annotations

import gzip
import hashlib
import math
import struct
import zlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import brotli

CODINGS = ("br", "gzip")
"""Content codings (RFC 9110 section 8.4.1), those we would rather send first."""

TEXTS = ("text/", "image/svg", "application/json")
"""Beginnings of media types that are worth coding."""
SMALLEST, LARGEST = 200, 256 * 1024
"""Bytes that are worth coding, and that do not keep others waiting."""


@dataclass(frozen=True, slots=True)
class Page:
    """One resource of fixed content."""

    kind: str
    """Its media type."""
    data: bytes
    max_age: int
    """Seconds a cache may keep it."""
    pushes: tuple[str, ...] = ()
    """What a client that asked for it will ask for next."""


@cache
def pages() -> dict[str, Page]:
    """Path to page; made once, and the same in every process."""
    day = 86_400
    return {
        "/": Page(
            "text/html; charset=utf-8",
            _file("index.html"),
            0,
            ("/style.css", "/app.js", "/logo.svg"),
        ),
        "/about": Page(
            "text/html; charset=utf-8", _file("about.html"), 0, ("/style.css", "/logo.svg")
        ),
        "/style.css": Page("text/css; charset=utf-8", _file("style.css"), day),
        "/app.js": Page("text/javascript; charset=utf-8", _file("app.js"), day),
        "/logo.svg": Page("image/svg+xml", _file("logo.svg"), day),
        "/waves.png": Page("image/png", _waves(320, 120), day),
    }


def coded(data: bytes, kind: str, accepted: str) -> tuple[bytes, str]:
    """`data` in the best coding that an Accept-Encoding field allows, and its name or ""."""
    if not kind.startswith(TEXTS) or not SMALLEST <= len(data) <= LARGEST:
        return data, ""
    coding = choose(accepted)
    return (_compressed(data, coding), coding) if coding else (data, "")


def choose(accepted: str) -> str:
    """The coding of CODINGS that Accept-Encoding likes best; "" for none (RFC 9110, 12.5.3)."""
    wanted = _weights(accepted)
    weighed = [(wanted.get(coding, wanted.get("*", 0.0)), coding) for coding in CODINGS]
    best = max(weighed, key=lambda pair: pair[0])
    return best[1] if best[0] > 0 else ""


def _weights(accepted: str) -> Mapping[str, float]:
    weights: dict[str, float] = {}
    for item in accepted.lower().split(",")[:32]:
        name, _, rest = item.partition(";")
        weight = rest.strip().removeprefix("q=") or "1"
        try:
            weights[name.strip()] = float(weight)
        except ValueError:
            weights[name.strip()] = 0.0
    return weights


def etag(data: bytes) -> str:
    """A strong validator of a representation (RFC 9110 section 8.8.3)."""
    return f'"{hashlib.sha256(data).hexdigest()[:16]}"'


def digest(data: bytes) -> str:
    """The value of Repr-Digest (RFC 9530) for these bytes."""
    return f"sha-256=:{b64encode(hashlib.sha256(data).digest()).decode()}:"


def seeded(count: int, seed: int) -> bytes:
    """`count` bytes without a pattern, the same for the same seed."""
    return hashlib.shake_256(b"%d" % seed).digest(count)


@lru_cache(maxsize=32)
def _compressed(data: bytes, coding: str) -> bytes:
    if coding == "gzip":
        return gzip.compress(data, mtime=0)
    packed: bytes = brotli.compress(data, quality=6)
    return packed


@cache
def _file(name: str) -> bytes:
    return files(__package__).joinpath("pages", name).read_bytes()


def _waves(width: int, height: int) -> bytes:
    """A picture of two waves and their sum, as PNG (RFC 2083) with a palette."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)  # each row is preceded by its filter: none
        rows += bytes(_shade(x, height / 2 - y, height / 2) for x in range(width))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    palette = bytes.fromhex("11111b 181825 89b4fa 94e2d5 f9e2af".replace(" ", ""))
    chunks = (
        (b"IHDR", head),
        (b"PLTE", palette),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _shade(x: int, y: float, half: float) -> int:
    """The colour of one point: a curve where it is near one, else the ground, a little striped."""
    first, second = 0.45 * math.sin(x / 17), 0.45 * math.sin(x / 11 + 1)
    for number, curve in enumerate((first, second, first + second), 2):
        if abs(y - curve * half) < 1.3:
            return number
    return 1 if x // 20 % 2 else 0


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
