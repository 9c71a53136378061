"""`wirestep info`: what a capture holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from wirestep.model import safe
from wirestep.session import Session
from wirestep.session.census import Census
from wirestep.session.sharing import Failed
from wirestep.session.verdicts import Verdict
from wirestep.timeline.times import moment, seconds

from .arguments import Wrong

LINKS = {
    0: "BSD loopback",
    1: "Ethernet",
    9: "PPP",
    12: "raw IP",
    14: "raw IP",
    101: "raw IP",
    105: "802.11",
    108: "OpenBSD loopback",
    113: "Linux cooked v1",
    127: "802.11 with radiotap",
    228: "IPv4",
    229: "IPv6",
    276: "Linux cooked v2",
}

MAX_VERDICTS = 40
"""Lines of encrypted conversations for people."""


@dataclass(frozen=True, slots=True)
class Encrypted:
    """The conversations of one encrypted protocol, and for how many there are secrets."""

    protocol: str
    conversations: int
    secrets: int


@dataclass(frozen=True, slots=True)
class Info:
    """All text is safe."""

    file: str
    format: str
    packets: int
    first: str
    last: str
    seconds: str
    bytes: int
    interfaces: tuple[str, ...]
    links: tuple[str, ...]
    conversations: int
    protocols: dict[str, int]
    """Frames that hold each protocol."""
    secrets: int
    """Lines of key log, in the file and given."""
    encrypted: tuple[Encrypted, ...]
    verdicts: tuple[Verdict, ...]
    """Conversation by conversation."""
    comments: tuple[str, ...]
    problem: str


def info(session: Session, keylog: bytes) -> Info:
    """Look through the whole capture."""
    capture, columns = session.capture, session.capture.columns
    log = capture.secrets + keylog
    randoms = {line.split()[1].lower() for line in log.splitlines() if len(line.split()) == 3}
    counts, encrypted, verdicts = _survey(session, randoms)
    first, last = (int(columns.time.min()), int(columns.time.max())) if len(columns) else (0, 0)
    links = dict.fromkeys(interface.link for interface in capture.interfaces)
    names = (interface.name for interface in capture.interfaces)
    return Info(
        session.title,
        capture.format,
        capture.count,
        moment(first, utc=True, date=True) if len(columns) else "",
        moment(last, utc=True, date=True) if len(columns) else "",
        seconds(last - first),
        int(columns.length.sum()) if len(columns) else 0,
        tuple(safe(name) for name in names if name),
        tuple(LINKS.get(link, f"link type {link}") for link in links),
        len(columns.flows),
        counts,
        sum(1 for line in log.splitlines() if line.strip() and not line.startswith(b"#")),
        encrypted,
        verdicts,
        tuple(safe(comment) for comment in capture.comments),
        safe(capture.problem),
    )


def _survey(
    session: Session, randoms: set[bytes]
) -> tuple[dict[str, int], tuple[Encrypted, ...], tuple[Verdict, ...]]:
    """Frames by protocol; which encrypted conversations a key log names; what was decrypted."""
    registry = session.registry
    try:
        found = Census(session.capture, registry, session.secrets).take()
    except Failed as error:
        raise Wrong(str(error)) from None
    seen: dict[tuple[str, int], bool] = {}
    for name, flow, value in sorted(found.named):
        seen[name, flow] = seen.get((name, flow), False) or value.hex().encode() in randoms
    encrypted = tuple(
        Encrypted(
            registry[name].label if name in registry else name,
            sum(1 for other, _ in seen if other == name),
            sum(1 for (other, _), known in seen.items() if other == name and known),
        )
        for name in dict.fromkeys(name for name, _ in seen)
    )
    counts = {safe(label): count for label, count in found.frames.most_common()}
    return counts, encrypted, tuple(sorted(found.verdicts.all(), key=lambda one: one.flow))


def info_lines(found: Info) -> Iterator[str]:
    """For people."""
    yield f"file           {found.file}"
    yield f"format         {found.format}"
    yield f"packets        {found.packets:,} ({found.bytes:,} bytes on the wire)"
    if found.packets:
        yield f"time           {found.first} to {found.last} UTC ({found.seconds} s)"
    yield f"link types     {', '.join(found.links) or 'none'}"
    if found.interfaces:
        yield f"interfaces     {', '.join(found.interfaces)}"
    yield f"conversations  {found.conversations:,}"
    listed = ", ".join(f"{name} {count:,}" for name, count in found.protocols.items())
    yield f"protocols      {listed or 'none'}"
    yield f"secrets        {found.secrets:,} lines of key log"
    for entry in found.encrypted:
        yield (
            f"encrypted      {entry.protocol}: {entry.conversations:,} conversations, "
            f"secrets for {entry.secrets:,}, none for {entry.conversations - entry.secrets:,}"
        )
    for verdict in found.verdicts[:MAX_VERDICTS]:
        yield f"  {verdict.flow:<12} {verdict.protocol}: {verdict.text}"
    if len(found.verdicts) > MAX_VERDICTS:
        yield f"  and {len(found.verdicts) - MAX_VERDICTS:,} more conversations (--json has all)"
    for comment in found.comments:
        yield f"comment        {comment}"
    if found.problem:
        yield f"problem        {found.problem}"


def info_json(found: Info) -> str:
    """For scripts."""
    data = asdict(found)
    for entry, verdict in zip(data["verdicts"], found.verdicts, strict=True):
        entry["verdict"] = verdict.text
    return json.dumps(data, indent=2)
