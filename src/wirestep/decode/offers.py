"""What a protocol offers besides its messages: streams to follow, objects to save.

Both are said in names of fields, so that nobody outside needs to know the protocol.
"""

from __future__ import annotations

from typing import NamedTuple


class Followed(NamedTuple):
    """Which fields say what the two sides told each other."""

    title: str
    """"HTTP/2 stream"."""
    data: tuple[str, ...]
    """Fields whose values, in the order of the tree, are what was said."""
    stream: str = ""
    """The field before them that numbers the stream, where a conversation has several."""
    offset: str = ""
    """The field between them that says where in the stream the bytes stand; else at its start."""
    only: str = ""
    """A field without which a message says nothing of this level."""
    lines: tuple[str, ...] = ()
    """Those of `data` that are lines of text."""


class Objects(NamedTuple):
    """Which fields say what can be saved as a file."""

    body: tuple[str, ...]
    """Fields over the bytes of a whole body, the most decoded first."""
    part: str = ""
    """The field over a piece of a body; pieces are put together where nothing is over the whole."""
    end: str = ""
    """The flag that says that a piece is the last one of its side."""
    stream: str = ""
    """The field that numbers its stream, where a conversation has several."""
    start: str = ""
    """A field of each first unit of a body; units without it go on with the one before."""
    uri: tuple[str, ...] = ()
    """Fields that say what it is called, the best first."""
    kind: str = ""
    """The field that says its content type."""
    header: tuple[str, str] = ("", "")
    """Fields of names and values of headers, where these say both."""


class Asked(NamedTuple):
    """Which fields say what was asked and what came back, besides those of `Objects`."""

    version: str = ""
    """What people call its version: "HTTP/2"; "" where fields say it."""
    versions: tuple[str, ...] = ()
    method: str = ""
    """These five where fields say it; else pseudo-headers do (":method")."""
    uri: str = ""
    path: str = ""
    """What is asked for, where nobody says of which host."""
    status: str = ""
    reason: str = ""
    lines: tuple[str, ...] = ()
    """Fields that are whole lines of headers: "Host: example.org"."""
    promised: str = ""
    """The field that names the stream whose request the server tells of itself."""


class Resumed(NamedTuple):
    """Which fields hold what a server hands out to be known by later, and what it is shown then.

    Where a value of `taken` was given before by the same host, the later conversation goes on with
    what the earlier one settled.
    """

    given: tuple[str, ...]
    taken: tuple[str, ...]
