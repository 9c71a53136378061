"""The plan of a filter against the decoder: what the columns decide is what decoding finds."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from wirestep.capture import Capture, load, open_capture
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.protocols import REGISTRY
from wirestep.session.filtering import frame_values
from wirestep.session.scanning import windows
from wirestep.timeline.select import FrameValues, compile_filter
from wirestep.timeline.select_known import FIELDS
from wirestep.timeline.select_plan import MAYBE, NO, YES, Rows, Scope, plan, tunnels

FOLDER = Path(__file__).parents[2] / "captures"
CORPUS = Path(os.environ.get("WIRESTEP_CORPUS", FOLDER / "none"))
CAPTURES = sorted(FOLDER.glob("*.pcapng")) + sorted(
    path for path in CORPUS.glob("*") if ".pcap" in path.name
)
NAMES = (*sorted(FIELDS), "ip.addr", "ipv6.addr", "tcp.port", "udp.port")
WORDS = ("ip", "ipv6", "tcp", "udp", "icmp", "icmpv6", "igmp", "arp", "frame", "eth", "dns", "http")
WORDS += ("tls", "tls.handshake.type", "data", "http.request", "dns.qry.name", "tcp.payload")


@cache
def decoded(path: Path) -> tuple[Capture, tuple[FrameValues, ...]]:
    """The capture, and what a filter may ask of each of its frames."""
    capture = open_capture(str(path))
    for _ in load(capture):
        pass
    engine = Engine(REGISTRY, Secrets(capture.secrets))
    wanted = frozenset(FIELDS) | set(WORDS)
    frames = tuple(
        frame_values(engine.feed(record, wanted=wanted), REGISTRY, record.data)
        for record in capture
    )
    return capture, frames


def literal(name: str, value: object) -> str:
    """A value as it stands in a filter."""
    info = REGISTRY.info(name)
    if isinstance(value, bytes):
        return info.plain(value)
    if info.kind in ("time", "span"):
        return info.plain(value)  # type: ignore[arg-type]
    return str(value)


def predicate(draw: random.Random, frames: Sequence[FrameValues]) -> str:
    """A predicate whose values occur in the capture, mostly."""
    kind = draw.random()
    if kind < 0.15:
        return draw.choice(WORDS)
    name = draw.choice(NAMES)
    if kind < 0.2:
        return name
    parts = REGISTRY.aliases.get(name, (name,))
    found = [
        v
        for f in draw.sample(frames, min(9, len(frames)))
        for p in parts
        for v in f.values.get(p, ())
    ]
    info = REGISTRY.info(parts[0])
    if not found:
        value = {"ipv4": "10.0.0.1", "ipv6": "fe80::1"}.get(info.kind, "1")
        return f"{name} == {value}"
    one, two = (literal(parts[0], draw.choice(found)) for _ in range(2))
    quantifier = draw.choice(("", "", "any ", "all "))
    sign = draw.choice(("==", "!=", "===", "~=", "<", "<=", ">", ">="))
    if info.kind in ("ipv4", "ipv6"):
        bits = draw.randrange(33 if info.kind == "ipv4" else 129)
        return draw.choice(
            (
                f"{quantifier}{name} {sign} {one}",
                f"{quantifier}{name} {sign} {one}/{bits}",
                f"{name} in {{{one}, {two}/{bits}}}",
                f"{name} not in {{{one} .. {two}}}",
                f"{name}[0:2] == {one}[0:2]" if name in FIELDS else f"count({name}) == 2",
            )
        ).replace(f" {one}[0:2]", " 0a:00")
    forms = [
        f"{quantifier}{name} {sign} {one}",
        f"{name} in {{{one}, {two} .. {one}}}",
        f"{name} not in {{{one}..{two}}}",
        f"{one} {sign} {name}",
        f"count({name}) >= 1",
    ]
    if info.kind in ("uint", "hex2"):
        forms += [
            f"{name} & {draw.randrange(99)}",
            f"{name} & 7 == 1",
            f"{name} % 3 == 1",
            f"{name} * 2 - {one} {sign} {two}",
            f"{name} / 7 > 0",
            f"{name} > -1",
            f"{name} < 99999999999",
            f"abs({name}) == {one}",
            f"-{name} < 0",
        ]
    if name.startswith("tcp."):
        forms += [
            "tcp.srcport > tcp.dstport",
            "tcp.len > tcp.window_size_value",
            "tcp.len + tcp.srcport > 600",
            f"tcp.port == {name}",
        ]
    return draw.choice(forms)


def sentence(draw: random.Random, frames: Sequence[FrameValues], depth: int = 2) -> str:
    """Predicates joined."""
    if not depth or draw.random() < 0.4:
        return predicate(draw, frames)
    left, right = (sentence(draw, frames, depth - 1) for _ in range(2))
    return draw.choice(
        (
            f"({left} and {right})",
            f"({left} or {right})",
            f"({left} xor {right})",
            f"not {left}" if " in " not in left else f"not ({left})",
        )
    )


def judged(capture: Capture, text: str) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    made = plan(compile_filter(text, REGISTRY), REGISTRY, {})
    scope = Scope(capture.columns, np.zeros(capture.count, np.uint16), tunnels(REGISTRY))
    found = made.judge(Rows(scope, slice(0, capture.count)))
    if made.reads:
        for window in windows(capture, np.flatnonzero(found == MAYBE)):
            found[window.rows] = made.judge(Rows(scope, window.rows, window))
    return found


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_the_plan_never_says_otherwise_than_the_decoder(path: Path) -> None:
    capture, frames = decoded(path)
    if not frames:
        return
    draw = random.Random(path.name)
    for _ in range(60):
        text = sentence(draw, frames)
        wish = compile_filter(text, REGISTRY)
        found = judged(capture, text)
        for number, frame in enumerate(frames):
            if found[number] != MAYBE:
                assert found[number] == (YES if wish.matches(frame) else NO), (text, number + 1)


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_numbers_in_headers_are_those_that_the_decoder_reads(path: Path) -> None:
    capture, frames = decoded(path)
    for name in (*(n for n, one in FIELDS.items() if one.headers), "udp.length"):
        met = sorted({value for frame in frames for value in frame.values.get(name, ())})  # type: ignore[type-var]
        for value in {met[0], met[len(met) // 2], met[-1]} if met else ():
            wish = compile_filter(text := f"{name} == {literal(name, value)}", REGISTRY)
            found = judged(capture, text)
            matches = np.array([YES if wish.matches(frame) else NO for frame in frames])
            sure = found != MAYBE
            assert (found[sure] == matches[sure]).all(), text


@pytest.mark.parametrize(
    "text",
    [
        "ip.ttl < 64",
        "ip.id == 1 or eth.src == 02:00:00:00:00:01",
        "udp.length > 40 and ip.flags.df == 1",
        "eth.type == 0x0800 xor ipv6.hlim > 1",
        "tcp.port == 443",
        "ip.addr == 10.0.0.0/8 and frame.len > 100",
        "tcp.flags.syn == 1",
        "!(tcp.stream in {0, 2..4})",
        "frame.time_relative < 0.01 or udp",
        "tcp.len > 0 xor ip.src < ip.dst",
    ],
)
def test_plain_traffic_is_decided_without_decoding(text: str) -> None:
    capture, _ = decoded(FOLDER / "page-load.pcapng")
    assert MAYBE not in judged(capture, text)
