"""What one key does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """What one key, or several with the same meaning, does."""

    id: str
    """Users rebind by this name."""
    keys: str
    """Textual's names, with commas."""
    action: str
    title: str
    """For the help and the palette."""
    short: str = ""
    """For the footer; "" keeps it out of it."""
    spoken: str = ""
    """How the help and the footer write the keys, where their names would not do."""
    quick: bool = False
    """Looked up before the key is shown to every widget around the one with the focus."""
