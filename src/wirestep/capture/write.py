"""Writing pcapng (draft-ietf-opsawg-pcapng): little-endian, nanoseconds, each block whole.

A block is given to the file in one piece and flushed, so that a recording that is killed can be
read up to its last whole block.
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address, ip_address
from typing import BinaryIO

from wirestep.model.record import Record

from .frames import Interface
from .options import LONGEST, TLS_KEY_LOG, clip, option, padded, texts
from .pcapng import INTERFACE, NAMES, PACKET, SECRETS, SECTION
from .store import Capture

NANOSECONDS = 9


class PcapngWriter:
    """Writes one section; interfaces first, then key logs, then packets."""

    def __init__(
        self,
        file: BinaryIO,
        *,
        application: str,
        hardware: str = "",
        os: str = "",
        comments: Sequence[str] = (),
    ) -> None:
        self._file = file
        self._links: list[int] = []
        told = [(1, text) for text in comments]
        told += [(code, text) for code, text in ((2, hardware), (3, os), (4, application)) if text]
        self._block(SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + texts(told))

    def interface(self, interface: Interface) -> int:
        """Describe an interface; gives its number, to be used in records."""
        told = [(1, text) for text in interface.comments]
        rest = (2, interface.name), (3, interface.description), (12, interface.os)
        told += [(code, text) for code, text in rest if text]
        body = struct.pack("<HHI", interface.link, 0, interface.snaplen)
        body += option(9, bytes((NANOSECONDS,)))
        if interface.filter:
            body += option(11, b"\0" + clip(interface.filter, LONGEST - 1))
        self._block(INTERFACE, body + texts(told))
        self._links.append(interface.link)
        return len(self._links) - 1

    def secrets(self, log: bytes) -> None:
        """Add a TLS key log; packets that need it must come later."""
        if log:
            self._block(SECRETS, struct.pack("<II", TLS_KEY_LOG, len(log)) + log)

    def names(self, names: Mapping[str, str]) -> None:
        """Tell the names of addresses; what is no IP address is left out."""
        body = b""
        for text, name in names.items():
            with contextlib.suppress(ValueError):
                address = ip_address(text)
                kind = 1 if isinstance(address, IPv4Address) else 2
                body += option(kind, address.packed + clip(name, 1024).replace(b"\0", b"") + b"\0")
        if body:
            self._block(NAMES, body + option(0, b""))

    def packet(self, record: Record, comments: Sequence[str] = ()) -> None:
        """Write a record; `comments` are written besides the record's own.

        Raises ValueError if its interface was not described.
        """
        if not 0 <= record.interface < len(self._links):
            raise ValueError(f"packet {record.number + 1}: interface {record.interface} is unknown")
        ticks = record.time & 0xFFFF_FFFF_FFFF_FFFF
        data = record.data
        body = struct.pack(
            "<IIIII", record.interface, ticks >> 32, ticks & 0xFFFFFFFF, len(data), record.length
        )
        told = texts((1, text) for text in (*record.comments, *comments))
        self._block(PACKET, body + padded(data) + told)

    def _block(self, kind: int, body: bytes) -> None:
        body = padded(body)
        size = len(body) + 12
        self._file.write(struct.pack("<II", kind, size) + body + struct.pack("<I", size))
        self._file.flush()


def save(
    capture: Capture,
    target: str | BinaryIO,
    rows: Iterable[int] | None = None,
    comments: Mapping[int, tuple[str, ...]] | None = None,
    secrets: bytes = b"",
    application: str = "wirestep",
) -> int:
    """Write `rows` (all if None) of a capture as pcapng; gives the number of packets.

    `comments` replaces those of the rows in it. `secrets` is written besides the capture's own.
    `target` is a path or a stream. A file appears whole or not at all, and only its owner can
    read it if it holds secrets; a device or a pipe is written into.
    """
    log = _joined(capture.secrets, secrets)
    wanted = range(capture.count) if rows is None else rows
    count = 0
    with _opened(target, 0o600 if log else 0o666) as file:
        for _ in written(capture, file, wanted, comments or {}, log, application):
            count += 1
    return count


def written(
    capture: Capture,
    file: BinaryIO,
    rows: Iterable[int],
    comments: Mapping[int, tuple[str, ...]],
    secrets: bytes,
    application: str = "wirestep",
) -> Iterator[int]:
    """Write `rows` of a capture, with these secrets and no others; gives each as it is written."""
    writer = PcapngWriter(
        file,
        application=application,
        hardware=capture.hardware,
        os=capture.os,
        comments=capture.comments,
    )
    for interface in capture.interfaces:
        writer.interface(interface)
    writer.secrets(secrets)
    writer.names(capture.names)
    for record in capture.records(rows):
        writer.packet(_noted(record, comments))
        yield record.number


def _noted(record: Record, notes: Mapping[int, tuple[str, ...]]) -> Record:
    if record.number not in notes:
        return record
    return Record(
        record.number,
        record.time,
        record.data,
        record.length,
        record.link,
        record.interface,
        notes[record.number],
    )


def _joined(own: bytes, more: bytes) -> bytes:
    """Both key logs, each line once."""
    lines = [*own.splitlines(), *more.splitlines()]
    return b"".join(line + b"\n" for line in dict.fromkeys(lines))


def _opened(target: str | BinaryIO, mode: int) -> contextlib.AbstractContextManager[BinaryIO]:
    if not isinstance(target, str):
        return contextlib.nullcontext(target)
    # What a link leads to is written, not the link.
    path = os.path.realpath(target)
    if os.path.exists(path) and not os.path.isfile(path):
        return open(path, "wb")
    return _replacing(path, mode)


@contextlib.contextmanager
def _replacing(path: str, mode: int) -> Iterator[BinaryIO]:
    """A new file that takes the place of `path` once it is whole."""
    place = f"{path}.{os.getpid()}.{os.urandom(4).hex()}.part"
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with open(handle, "wb", buffering=1 << 18) as file:
            yield _Unflushed(file)  # type: ignore[misc]
            file.flush()
            os.fsync(file.fileno())
        os.replace(place, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(place)
        raise


class _Unflushed:
    """A file whose `flush` waits: nobody sees this one before it is whole."""

    def __init__(self, file: BinaryIO) -> None:
        self.write = file.write

    def flush(self) -> None:
        """Not yet."""
