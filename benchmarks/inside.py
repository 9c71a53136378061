"""Measures within a process that has wirestep imported: python inside.py WHAT FILE ...

Prints figures as JSON: {"what was measured": [values]}.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import sloping

from wirestep.capture import load, open_capture
from wirestep.session import Session
from wirestep.session.bulk import Bulk
from wirestep.timeline.analysis import MARK_FIELDS, TcpAnalysis
from wirestep.wires.scenario import load as scenario
from wirestep.wires.scenario import parse

Figures = dict[str, list[float]]
PATIENCE = 1.0
"""Seconds for which a filter may look on."""
CALM = 0.2
"""Seconds between two filters."""
POLL = 0.0002


def memory(path: str) -> Figures:
    """Bytes that indexing adds, by the system's count and by the sizes of the arrays kept."""
    session = Session.open(path)
    before = resident()
    session.load()
    grown = resident() - before
    count = session.total
    arrays = sum(array.nbytes for array in arrays_of(session.capture.columns).values())
    return {
        "packets": [count],
        "grown": [grown / count],
        "arrays": [arrays / count],
    }


def resident() -> int:
    """Bytes of memory that this process has now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+)", status)
    assert found is not None
    return int(found[1]) << 10


def arrays_of(thing: object, depth: int = 4) -> dict[int, np.ndarray]:
    """The arrays that can be reached from a thing, each once."""
    if isinstance(thing, np.ndarray):
        whole = thing
        while isinstance(whole.base, np.ndarray):
            whole = whole.base
        # Rows that are there, not those that there is room for.
        return {id(whole): thing}
    found: dict[int, np.ndarray] = {}
    inner = getattr(thing, "__dict__", None)
    values = list(inner.values()) if inner else []
    for kind in type(thing).__mro__:
        names = getattr(kind, "__slots__", ())
        values += [
            getattr(thing, name, None) for name in ([names] if isinstance(names, str) else names)
        ]
    if isinstance(thing, dict):
        values += thing.values()
    for value in values if depth else ():
        if type(value).__module__.startswith(("wirestep", "numpy")) or isinstance(value, dict):
            found |= arrays_of(value, depth - 1)
    return found


def filters(path: str, *texts: str) -> Figures:
    """Milliseconds from a filter's setting to its first hits, and to its last."""
    session = Session.open(path)
    session.load()
    session.start()
    found: Figures = {}
    try:
        session.rows(0, 40)
        for text in texts:
            time.sleep(CALM)
            first = whole = 0.0
            start, work = time.perf_counter(), time.process_time()
            session.set_filter(text)
            while time.perf_counter() - start < PATIENCE:
                hits, busy = session.count, session.progress().filtering is not None
                now = (time.perf_counter() - start) * 1000
                if hits and not first:
                    first = now
                if not busy:
                    whole = now
                    break
                time.sleep(POLL)
            found[f"cpu {text}"] = [(time.process_time() - work) * 1000]
            if first:
                found[f"first {text}"] = [first]
            if whole:
                found[f"all {text}"] = [whole]
            found[f"hits {text}"] = [session.count]
            session.set_filter("")
    finally:
        session.close()
    return found


def marks(path: str, out: str) -> Figures:
    """Seconds of indexing and of the TCP analysis; the marks go to `out` (npz)."""
    start = time.perf_counter()
    capture, analysis = open_capture(path), TcpAnalysis()
    spent = 0.0
    for _ in load(capture):
        begun = time.perf_counter()
        analysis.extend(capture.columns, lambda row: capture[row].data)
        spent += time.perf_counter() - begun
    view = analysis.view()
    took = time.perf_counter() - start
    if view is None or view.done < capture.count:
        sys.exit("the analysis is not whole when the capture is loaded")
    bits = [int(mark) for mark in MARK_FIELDS]
    np.savez(out, marks=view.marks, names=list(MARK_FIELDS.values()), bits=bits)
    return {"s": [took], "analysis": [spent]}


def sweep(path: str, keys: str, field: str) -> Figures:
    """All that is said above TCP and UDP, decoded in bulk: messages, and values of a field."""
    start = time.perf_counter()
    session = Session.open(path, keylog=keys)
    session.load()
    bulk = Bulk(session.capture, session.registry, session.secrets)
    messages = values = 0
    for part in bulk.sweep(wanted=frozenset({field})):
        messages += len(part.messages)
        values += sum(len(message.values) for message in part.messages)
    took = time.perf_counter() - start
    return {"inner s": [took], "messages": [messages], "values": [values]}


VERSIONS = {"tls": "1.1", "http2": "2", "http3": "3"}
BULK = """
title = "A download over TCP"
shows = "How fast the wire is."
[link]
rtt = "40ms"
[[host]]
name = "client"
[[host]]
name = "server"
[[host.serve]]
scheme = "bulk"
options = { bytes = SIZE }
[[errand]]
scheme = "bulk"
"""


def wire(kind: str, size: str) -> Figures:
    """A download of `size` bytes on the virtual wire: its packets, and how many a second."""
    if kind == "tcp":
        run = parse(BULK.replace("SIZE", size), kind).start()
    else:
        wanted = {"version": VERSIONS[kind], "requests": [f"/bytes/{size}"], "rtt": "40ms"}
        run = scenario("http2-page").start(overrides=wanted)
    start = time.process_time()
    outcome = run.run()
    took = time.process_time() - start
    assert outcome.over
    assert not outcome.error
    return {"packets": [len(run.journeys)], "rate": [len(run.journeys) / took]}


def ladder(size: str, presses: str) -> Figures:
    """Frames of the ladder of a download of `size` bytes."""
    return sloping.frames(parse(BULK.replace("SIZE", size), "bulk").start(), int(presses))


def main() -> None:
    """The command line."""
    what: dict[str, Callable[..., Figures]] = {
        "memory": memory,
        "filters": filters,
        "marks": marks,
        "sweep": sweep,
        "wire": wire,
        "ladder": ladder,
    }
    json.dump(what[sys.argv[1]](*sys.argv[2:]), sys.stdout)


if __name__ == "__main__":
    main()
