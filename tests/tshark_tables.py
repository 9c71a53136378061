"""What tshark's -z tables say of a capture, read back from its text."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from functools import cache

import pytest

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
LEVELS = {"ip": "IPv4", "ipv6": "IPv6", "tcp": "TCP", "udp": "UDP"}
ASKED = (
    *(f"conv,{level}" for level in LEVELS),
    *(f"endpoints,{level}" for level in LEVELS),
    "plen,tree",
    "io,phs",
    "io,stat,0.1",
    "expert",
)
SIZE = r"(\d+) (bytes|kB|MB)"
TALK = re.compile(
    rf"^(\S+)\s+<->\s+(\S+)\s+(\d+) {SIZE}\s+(\d+) {SIZE}\s+(\d+) {SIZE}\s+(\S+)\s+(\S+)"
)
LENGTH = re.compile(
    r"^ ?(Packet Lengths|\S+(?: and greater)?)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)%"
)
LAYER = re.compile(r"^( *)(\S+)\s+frames:(\d+) bytes:(\d+)$")
INTERVAL = re.compile(r"^\| +(\S+) <> +(\S+) \| +(\d+) \| +(\d+) \|$")
REMARK = re.compile(r"^\s+(\d+)\s+(\S+)\s+(\S+)  (.+)$")
SEVERITY = re.compile(r"^(Error|Warn|Note|Chat)s \(\d+\)$")


@cache
def tables(path: str) -> str:
    """All tables at once: starting tshark takes longer than reading a small capture."""
    command = ["tshark", "-n", "-q", "-r", path]
    for spec in ASKED:
        command += ["-z", spec]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _section(path: str, title: str) -> list[str]:
    lines = tables(path).splitlines()
    start = next(at for at, line in enumerate(lines) if line.strip() == title)
    stop = next(
        (at for at in range(start + 3, len(lines)) if lines[at].startswith("=====")), len(lines)
    )
    return lines[start:stop]


def size_as_there(size: int) -> str:
    """A number of bytes as tshark 4.0 writes it."""
    if size < 10_000:
        return f"{size} bytes"
    return f"{size // 1000} kB" if size < 10_000_000 else f"{size // 1_000_000} MB"


Side = tuple[str, int, str]
Talk = tuple[tuple[Side, ...], str, str]


def conversations(path: str, level: str) -> Counter[Talk]:
    """(((end, packets, bytes sent by it), the other), relative start in µs, duration)."""
    out: Counter[Talk] = Counter()
    for line in _section(path, f"{LEVELS[level]} Conversations"):
        if found := TALK.match(line):
            a, b, *numbers = found.groups()
            from_b = (b, int(numbers[0]), f"{numbers[1]} {numbers[2]}")
            from_a = (a, int(numbers[3]), f"{numbers[4]} {numbers[5]}")
            out[tuple(sorted((from_a, from_b))), numbers[9][:-3], numbers[10]] += 1
    return out


def endpoints(path: str, level: str) -> Counter[tuple[str, ...]]:
    """(address, port where there are ports, packets, bytes, sent ..., received ...)."""
    lines = _section(path, f"{LEVELS[level]} Endpoints")[3:]
    return Counter(tuple(line.split()) for line in lines)


def lengths(path: str) -> list[tuple[str, ...]]:
    """(class, count, average, least, most, rate, percent)."""
    return [found.groups() for line in _section_of_lengths(path) if (found := LENGTH.match(line))]


def _section_of_lengths(path: str) -> list[str]:
    lines = tables(path).splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("Packet Lengths:"))
    return lines[start + 2 : start + 15]


def layers(path: str) -> list[tuple[tuple[str, ...], int, int]]:
    """(path of protocols, frames, bytes), depth first."""
    out: list[tuple[tuple[str, ...], int, int]] = []
    above: list[str] = []
    for line in _section(path, "Protocol Hierarchy Statistics"):
        if found := LAYER.match(line):
            depth = len(found[1]) // 2
            above[depth:] = [found[2]]
            out.append((tuple(above), int(found[3]), int(found[4])))
    return out


def intervals(path: str) -> list[tuple[str, int, int]]:
    """(from, packets, bytes) of each tenth of a second."""
    lines = tables(path).splitlines()
    return [
        (found[1], int(found[3]), int(found[4]))
        for line in lines
        if (found := INTERVAL.match(line))
    ]


def expert(path: str) -> Counter[tuple[str, str]]:
    """By (severity, summary) of TCP: how often; numbers at the end of a summary left out."""
    out: Counter[tuple[str, str]] = Counter()
    severity = ""
    for line in tables(path).splitlines():
        if found := SEVERITY.match(line):
            severity = found[1].lower()
        elif severity and (found := REMARK.match(line)) and found[3] == "TCP":
            summary = re.sub(r": server port \d+$| \(#\d+\)$", "", found[4])
            out[severity, summary] += int(found[1])
    return out
