"""What a hello offers, gathered while it is read, for its summary and its fingerprints."""

from __future__ import annotations

from dataclasses import dataclass, field

from .trust import Use


@dataclass
class Facts:
    """Lists in the order of the bytes, meaningless numbers (GREASE) included."""

    message: int
    """Type of the handshake message; 6 for a HelloRetryRequest."""
    version: int = 0
    """The hello's own version field."""
    suites: list[int] = field(default_factory=list)
    extensions: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    formats: list[int] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    schemes: list[int] = field(default_factory=list)
    protocols: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    """The same types of extensions, to find one that comes twice."""
    name: str = ""
    """The server's name."""
    use: Use | None = None
    """When, and for which server, certificates of the message are shown."""
