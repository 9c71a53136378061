"""What is opened besides the capture, and what is said where it cannot be."""

from __future__ import annotations

import os
import time

from wirestep.model import safe

MAX_KEYLOG = 64 << 20
"""Bytes of a key log that are read."""
MAX_KEY = 1 << 16
"""Bytes of a file with a private key that are read."""
PAUSE = 0.5
"""Seconds between two looks at a key log."""


class Unreadable(ValueError):
    """A file that cannot be opened: one sentence."""


class BadSearch(ValueError):
    """What is looked for cannot be read: one sentence."""


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
    whole = log[: log.rfind(b"\n") + 1] or log  # the last line may just be being written
    lines = [line for line in whole.splitlines() if line.strip() and not line.startswith(b"#")]
    if lines and not any(map(_is_secret, lines)):
        raise Unreadable(safe(f"key log {path}: no line in it is a label and two hex numbers"))
    return log


def private_key(path: str) -> bytes:
    """A server's RSA private key, in PEM, for TLS up to 1.2 with RSA key exchange.

    Raises:
        Unreadable: it cannot be read, or is no such key, or has a password.
    """
    try:
        with open(path, "rb") as file:
            pem = file.read(MAX_KEY)
    except OSError as error:
        raise Unreadable(safe(f"private key {path}: {error.strerror or error}")) from None
    if b"PRIVATE KEY-----" not in pem or b"ENCRYPTED" in pem:
        raise Unreadable(
            safe(f"private key {path}: it is no private key in PEM without a password")
        )
    return pem


class KeyLog:
    """A key log that may still be written to, by the browser or curl whose secrets it has."""

    def __init__(self, path: str, done: int) -> None:
        self.path = path
        self.done = done
        """Bytes taken in; up to the end of a line."""
        self._looked = 0.0

    def more(self) -> bytes:
        """Whole lines that were added since; looks at the file no more than twice a second."""
        now = time.monotonic()
        if now - self._looked < PAUSE:
            return b""
        self._looked = now
        try:
            if os.stat(self.path).st_size <= self.done:
                return b""
            with open(self.path, "rb") as file:
                file.seek(self.done)
                added = file.read(max(0, MAX_KEYLOG - self.done))
        except OSError:  # it is gone: what was in it stays known
            return b""
        whole = added[: added.rfind(b"\n") + 1]
        self.done += len(whole)
        return whole


def _is_secret(line: bytes) -> bool:
    words = line.split()
    return len(words) == 3 and all(set(w.lower()) <= set(b"0123456789abcdef") for w in words[1:])
