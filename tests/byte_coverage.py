"""How much of each capture is named and explained, byte by byte.

    python tests/byte_coverage.py [CAPTURE ...]        all bundled captures without arguments

A byte counts as explained where the finest field over it has a sentence in explain.toml, or where
it belongs to the payload of a message and a protocol above explains it there. What nobody could
read ("unread", encrypted bytes without their key) does not count.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from wirestep.capture import load, open_capture
from wirestep.decode.secrets import Secrets
from wirestep.model import Field, Message
from wirestep.protocols import REGISTRY
from wirestep.protocols.explain import Explanations
from wirestep.session.decoding import decoded

FOLDER = Path(__file__).resolve().parent.parent / "captures"
CATCH_ALL = frozenset({"unread", "data.data", "tls.record.fragment"})
"""Leaves that say only that nobody knows more."""
ENCRYPTED = {"quic.protected_payload": "quic.decrypted"}
"""Leaves that do so unless the other field shows what is in them."""


@dataclass
class Coverage:
    """Bytes by protocol, and those that are not explained by the field that holds them."""

    total: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    missing: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By protocol and field."""

    def share(self, protocol: str) -> float:
        """0 to 1."""
        return self.explained[protocol] / self.total[protocol] if self.total[protocol] else 1.0


def leaves(node: Field) -> list[Field]:
    """The finest fields that hold bytes, below other sources too."""
    inner = [leaf for child in node.children for leaf in leaves(child)]
    if any(child.source is None for child in node.children):
        return inner
    return [node, *inner] if node.span.stop > node.span.start else inner


def measure(message: Message, book: Explanations, found: Coverage) -> None:
    """Add the bytes of one message."""
    if message.root is None:
        return
    closed = {name for name, opened in ENCRYPTED.items() if message.root.find(opened) is None}
    for leaf in leaves(message.root):
        size = leaf.span.stop - leaf.span.start
        if leaf.span.mask:
            size = 0 if leaf.span.mask & 1 == 0 else size
        found.total[message.protocol] += size
        if leaf.name not in CATCH_ALL | closed and book.of(leaf.name) is not None:
            found.explained[message.protocol] += size
        elif size:
            found.missing[message.protocol, leaf.name] += size


def coverage(path: Path) -> Coverage:
    """Of one capture, with the secrets that it holds."""
    found, book = Coverage(), Explanations(REGISTRY)
    capture = open_capture(str(path))
    for _ in load(capture):
        pass
    secrets = Secrets()
    secrets.add(capture.secrets)
    for frame in decoded(capture, REGISTRY, secrets=secrets, full=True):
        for message in frame.messages:
            measure(message, book, found)
    capture.close()
    return found


def main() -> None:
    """Print a table, and what is missing."""
    paths = [Path(name) for name in sys.argv[1:]] or sorted(FOLDER.glob("*.pcapng"))
    for path in paths:
        found = coverage(path)
        shares = (f"{name} {100 * found.share(name):.1f}" for name in found.total)
        print(f"{path.stem:<24} {'  '.join(shares)}")
        for (protocol, name), size in found.missing.most_common(8):
            print(f"{'':<26}{protocol}: {name or '(no name)'} {size} bytes")


if __name__ == "__main__":
    main()
