"""What a file is, by its first bytes: for the sentence that says why it is no capture."""

from __future__ import annotations


class NotACapture(ValueError):
    """The file holds no capture that can be read; the text is one sentence for people."""


KNOWN = (
    (b"\x7fELF", "a program (ELF)"),
    (b"MZ", "a program for Windows"),
    (b"PK\x03\x04", "a ZIP archive (unpack it first)"),
    (b"\xfd7zXZ\x00", "compressed with xz (unpack it first)"),
    (b"BZh", "compressed with bzip2 (unpack it first)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive (unpack it first)"),
    (b"\x1f\x8b", "compressed with gzip once more (unpack it first)"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd once more (unpack it first)"),
    (b"\x04\x22\x4d\x18", "compressed with LZ4 once more (unpack it first)"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"SQLite format 3", "an SQLite database"),
    (b"snoop\x00\x00\x00", "a snoop capture, which is not read here (editcap makes pcapng of it)"),
    (b"GMBU", "a Network Monitor capture, which is not read here (editcap makes pcapng of it)"),
    (b"RTSS", "a Network Monitor capture, which is not read here (editcap makes pcapng of it)"),
    (b"TRSNIFF data", "a Sniffer capture, which is not read here (editcap makes pcapng of it)"),
    (b"XCP\x00", "a NetXRay capture, which is not read here (editcap makes pcapng of it)"),
    (b"btsnoop\x00", "a Bluetooth log, which is not read here (editcap makes pcapng of it)"),
    (b"CLIENT_RANDOM ", "a TLS key log: give it with --keylog, beside the capture"),
    (b"-----BEGIN ", "a PEM file (a key or a certificate)"),
)


def describe(head: bytes) -> str:
    """What a file with these first bytes is: "a PDF document"; "" if nobody knows."""
    for magic, what in KNOWN:
        if head.startswith(magic):
            return what
    start = head.lstrip()[:256].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page (perhaps a download went wrong)"
    if start.startswith(b"<?xml"):
        return "an XML document"
    if start.startswith((b"{", b"[")):
        return "JSON, or other text"
    if _is_text(head):
        return "text"
    return ""


def _is_text(head: bytes) -> bool:
    if not head or b"\0" in head:
        return False
    # A character may be cut at the end of what was read.
    text = head.decode("utf-8", "ignore")
    if len(text.encode()) < len(head) - 3:
        return False
    return all(char.isprintable() or char in "\t\r\n\f\x1b" for char in text)
