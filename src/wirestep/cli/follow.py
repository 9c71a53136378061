"""`wirestep follow`: what both sides of a conversation said, in turns."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from wirestep.model import safe
from wirestep.session import Session, Turn
from wirestep.session.following import Following, Level
from wirestep.timeline.times import seconds

from .arguments import Wrong

PER_LINE = 16


def follow(session: Session, options: argparse.Namespace) -> Iterator[str]:
    """The lines that the options ask for; raw bytes go straight to standard output.

    Raises:
        Wrong: there is no such conversation, or it has no such level.
    """
    if options.tap is not None:
        _as_tshark(session, options)
    if options.flow is None:
        return _conversations(session)
    count = session.conversation_count
    if not 0 <= options.flow < count:
        raise Wrong(f"there is no conversation {options.flow}; there are {count}, from 0")
    following = session.following(options.flow)
    following.finish()
    level = _level(following, options.level)
    turns = following.turns(level.key)
    if options.side:
        turns = [turn for turn in turns if turn.client == (options.side == "client")]
    if options.raw:
        return _raw(turns)
    return _lines(session, options.flow, following, level, turns, as_hex=options.hex)


def _as_tshark(session: Session, options: argparse.Namespace) -> None:
    """Set the options that tshark's -z follow,... means: a stream is counted for each transport."""
    level, form, numbers = options.tap
    options.level = ":".join([level, *map(str, numbers[1:2])])
    options.hex, options.raw = form == "hex", form == "raw"
    streams = session.capture.columns.flows.stream.tolist()
    for flow, stream in enumerate(streams):
        if stream != numbers[0]:
            continue
        following = session.following(flow)
        following.finish()
        if any(one.name == options.level for one in following.levels()):
            options.flow = flow
            return
    raise Wrong(f"-z: there is no stream {numbers[0]} with the level {options.level}")


def _level(following: Following, name: str) -> Level:
    """The level that is asked for; the innermost without streams where none is."""
    levels = following.levels()
    if not name:
        return [level for level in levels if ":" not in level.name][-1]
    found = [level for level in levels if level.name == name]
    if not found:
        names = ", ".join(level.name for level in levels[:40])
        raise Wrong(f"there is no level {name!r} in this conversation; there are {names}")
    return found[0]


def _conversations(session: Session) -> Iterator[str]:
    for flow in range(session.conversation_count):
        following = session.following(flow)
        following.finish()
        client, server = session.capture.columns.flows.ends(flow)
        names = " ".join(level.name for level in following.levels())
        yield safe(f"{flow:>5}  {client} → {server}  {names}")


def _raw(turns: list[Turn]) -> Iterator[str]:
    sys.stdout.flush()
    for turn in turns:
        sys.stdout.buffer.write(turn.data)
    sys.stdout.buffer.flush()
    yield from ()


def _lines(
    session: Session,
    flow: int,
    following: Following,
    level: Level,
    turns: list[Turn],
    *,
    as_hex: bool,
) -> Iterator[str]:
    client, server = session.capture.columns.flows.ends(flow)
    yield safe(f"{level.title}: client {client}, server {server}")
    before = turns[0].began if turns else 0
    for turn in turns:
        sign, who = (">", "client") if turn.client else ("<", "server")
        when = seconds(turn.began - session.first_time, 6)
        delta = seconds(turn.began - before, 6)
        size = len(turn.data)
        yield f"{sign} {who}  packet {turn.record + 1}  {when} s  +{delta} s  {size} bytes"
        before = turn.time
        yield from _hex(turn.data) if as_hex else _text(turn.data)
    if following.cut:
        yield "(there is more; only the start is kept)"


def _text(data: bytes) -> Iterator[str]:
    for line in data.removesuffix(b"\n").split(b"\n"):
        yield "  " + safe(line.removesuffix(b"\r").decode("utf-8", "backslashreplace"))


def _hex(data: bytes) -> Iterator[str]:
    for at in range(0, len(data), PER_LINE):
        part = data[at : at + PER_LINE]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        yield f"  {at:08x}  {part.hex(' '):<{PER_LINE * 3 - 1}}  {letters}"
