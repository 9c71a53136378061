"""Display filters set anew on an indexed capture: in process, and on the screen."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from functools import partial

from bench import Bench, Contenders, Figures, Target, at_most, median, number, table
from processes import Failed
from screens import grouped, indexed
from terminal import Gone, Terminal

COLUMNS = (
    "tcp.port == 443",
    "ip.addr == 10.0.0.0/22 && tcp.len > 0",
    "tcp.flags.syn == 1 && tcp.flags.ack == 0",
    "udp && frame.len > 200",
    "tcp.stream == 77",
)
"""Answered from the columns and the conversations."""
DECODED = (
    'http.request.method == "GET"',
    'dns.qry.name contains "example"',
    "tls.handshake.type == 1",
    'http.request.uri contains "/item/77"',
)
"""Packets must be decoded for these."""
OPENED = re.compile(
    r"([0-9][0-9,. \u00a0\u2009\u202f]*) of ([0-9][0-9,. \u00a0\u2009\u202f]*) packets"
)
PATIENCE = 1.0
"""Seconds until a filter counts as too slow."""


class Filters:
    """How long until the rows of a filter stand."""

    name, title, rounds = "filter", "Display filters", 99

    def contenders(self, bench: Bench) -> Contenders:
        """In process, on the screen."""
        path = bench.capture("mixed")
        return {
            "session": partial(bench.inside, "filters", path, *_asked(bench)),
            "screen": partial(_typed, bench, path, bench.packets("mixed")),
        }

    def lines(self, bench: Bench, found: Mapping[str, Figures]) -> list[str]:
        """First hits, all of them, by each road."""
        rows = []
        for text in _asked(bench):
            values = [
                number(median(found, road, f"{what} {text}")) or "over 1,000" * (road in found)
                for road, what in (("session", "first"), ("session", "all"), ("screen", "first"))
            ]
            hits = median(found, "session", f"all {text}")
            count = median(found, "session", f"hits {text}")
            shown = f"{count:,.0f}" if count is not None and hits else ""
            rows.append((f"`{text}`", shown, *values))
        head = ("filter", "hits", "first hits, ms", "all hits, ms", "on the screen, ms")
        return table(head, rows)

    def targets(self, bench: Bench, found: Mapping[str, Figures]) -> list[Target]:
        """The slowest of each kind."""
        whole = [
            median(found, "session", f"all {text}") for text in _asked(bench) if text in COLUMNS
        ]
        first = [
            median(found, "session", f"first {text}") for text in _asked(bench) if text in DECODED
        ]
        made = []
        for what, limit, values in (
            ("re-filter, column and flow fields, slowest", 20, whole),
            ("first hits, decoded fields, slowest", 100, first),
        ):
            known = [value for value in values if value is not None]
            if found.get("session") and len(known) < len(values):
                made.append(Target(what, f"at most {limit} ms", "over 1,000 ms", False))
            else:
                made.append(at_most(what, limit, max(known, default=None), "ms"))
        return made


def _asked(bench: Bench) -> tuple[str, ...]:
    return COLUMNS[:2] + DECODED[:2] if bench.quick else COLUMNS + DECODED


def _typed(bench: Bench, path: str, count: int) -> Figures:
    """Type each filter; from the enter key to its first rows' number in the title."""
    terminal = Terminal(bench.wirestep("-r", path), bench.env)
    found: Figures = {}
    everything = rf"(?<!of ){grouped(count)} packets"
    try:
        indexed(terminal, count)
        terminal.rest(1.0)
        for text in _asked(bench):
            pressed = _entered(terminal, text.encode(), re.escape(text))
            with contextlib.suppress(Gone):
                found[f"first {text}"] = [(terminal.wait(_some, PATIENCE) - pressed) * 1000]
            _entered(terminal, b"\x7f" * len(text), "empty shows all")
            terminal.wait(everything)
            terminal.rest(0.3)
    except Gone as error:
        raise Failed(str(error).splitlines()[0]) from None
    finally:
        terminal.close()
    return found


def _entered(terminal: Terminal, typed: bytes, shown: str) -> float:
    """Type into the line for filters and press enter: when."""
    terminal.send(b"f")
    terminal.wait("Display filter")
    terminal.send(typed)
    terminal.wait(shown)
    terminal.rest(0.2)
    return terminal.send(b"\r")


def _some(text: str) -> bool:
    """The title tells of hits."""
    told = OPENED.search(text)
    return told is not None and int(re.sub("[^0-9]", "", told[1]) or 0) > 0
