"""Completing the names of files."""

from __future__ import annotations

import os

from wirestep.ui.canvas import amount
from wirestep.ui.widgets.prompt import Offer

ENDINGS = (".pcap", ".pcapng", ".cap", ".gz", ".zst", ".lz4", ".ntar", ".dmp")
MOST = 200


def offer_paths(text: str, at: int) -> list[Offer]:
    """Names that go on from what stands before `at`: folders first, then captures, then others."""
    folder, begun = os.path.split(text[:at])
    try:
        entries = list(os.scandir(os.path.expanduser(folder) or "."))
    except OSError:
        return []
    offers: list[tuple[int, str, Offer]] = []
    for entry in entries:
        name = entry.name
        if not name.startswith(begun) or (name.startswith(".") and not begun.startswith(".")):
            continue
        try:
            inside = entry.is_dir()
            title = "folder" if inside else amount(entry.stat().st_size)
        except OSError:
            continue
        rank = 0 if inside else 1 if name.lower().endswith(ENDINGS) else 2
        path = os.path.join(folder, name) + ("/" if inside else "")
        offers.append((rank, name, Offer(path, 0, at, title)))
    return [offer for _, _, offer in sorted(offers, key=lambda one: one[:2])][:MOST]
