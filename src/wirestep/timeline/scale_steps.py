"""One arrow of a ladder."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow."""

    number: int
    """Place in Ladder.steps."""
    level: str
    """"message", "record" or "packet"; "note" for a line of text that is no arrow; "phase" for what
    stands for several steps of one side."""
    depth: int
    """0 for a step of its own, 1 and 2 for what carried the step above."""
    parent: int
    """The step of depth 0 that this one belongs to; its own number where depth is 0."""
    sender: int
    """Lifeline, counted from the left."""
    target: int
    label: str
    """As it came from the wire: make it safe before showing it."""
    protocol: str
    """As people say it ("TLSv1.3")."""
    hue: str
    time: int
    """Nanoseconds, of the record that completed it."""
    began: int
    """Nanoseconds, of its first record; the same as `time` for one packet."""
    record: int
    records: tuple[int, ...]
    flow: int
    marks: tuple[str, ...]
    weighty: bool
    """Drawn in every fold: it opens, closes or mends a connection, or is a message."""
    answers: int | None = None
    """The step it replies to."""
    below: int = 0
    """Steps that it folds away."""
    layer: int = 0
    """Place of its message among those that the record completed, outermost first."""
    conversation: int = -1
    """Number of the conversation of its packet; -1 for none."""
    stage: str = ""
    """What its protocol is there for: "lookup", "handshake", or ""."""
    opened: bool | None = None
    """Whether it was decrypted, or what it came in; None where nothing was encrypted."""
    note: str = ""
    """A few words behind the label: what it, or its sender, waited for; what it resumes."""
    kin: int | None = None
    """The step that it resumes, or that resumes it."""
