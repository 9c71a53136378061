"""What is opened besides the capture, and what is said where it cannot be."""

from __future__ import annotations

from wirestep.model import safe

MAX_KEYLOG = 64 << 20
"""Bytes of a key log that are read."""


class Unreadable(ValueError):
    """A file that cannot be opened: one sentence."""


def key_log(path: str) -> bytes:
    """The lines of a key log file (SSLKEYLOGFILE format).

    Raises:
        Unreadable: it cannot be read, or no line of it is one of a key log.
    """
    try:
        with open(path, "rb") as file:
            log = file.read(MAX_KEYLOG)
    except OSError as error:
        raise Unreadable(safe(f"key log {path}: {error.strerror or error}")) from None
    lines = [line for line in log.splitlines() if line.strip() and not line.startswith(b"#")]
    if lines and not any(map(_is_secret, lines)):
        raise Unreadable(safe(f"key log {path}: no line in it is a label and two hex numbers"))
    return log


def _is_secret(line: bytes) -> bool:
    words = line.split()
    return len(words) == 3 and all(set(w.lower()) <= set(b"0123456789abcdef") for w in words[1:])
