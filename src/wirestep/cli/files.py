"""Files that are named on the command line, or beside it."""

from __future__ import annotations

import os


def resolved(path: str) -> str:
    """A file's path; a bundled capture may be called by its name alone."""
    if path == "-" or os.path.exists(path):
        return path
    # Late: who names a file waits for nothing that looks through the shelf.
    from wirestep.session.shelf import find_bundled

    return find_bundled(path) or path


def key_log(named: str) -> str:
    """The key log that is named, else the one that browsers and curl write; "" for none."""
    written = os.environ.get("SSLKEYLOGFILE", "")
    return named or (written if os.path.isfile(written) else "")
