"""How long until something can be seen: python benchmarks/open.py [FILE] [--rounds 5].

Every round runs every contender once, so that what the machine does besides hits all of them.
Without FILE a capture is made (`traffic`) in the temporary directory and removed again.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from terminal import Gone, Terminal
from traffic import write

SOURCE = str(Path(__file__).resolve().parent.parent / "src")
INDEX = (
    "import sys; from wirestep.session import Session; "
    "session = Session.open(sys.argv[1]); session.load(); print(session.total)"
)
FIRST_ROW = rb"1 +0\.0{6}"
"""Number and time of the first packet in the list."""
PAUSE = 0.035
"""Seconds between an answered key and the next: a key held down."""

Figures = dict[str, list[float]]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", nargs="?")
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--source", default=SOURCE, help="the src folder to measure")
    parser.add_argument("--only", default="", help="contenders whose name holds this")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.file or str(Path(folder) / "traffic.pcap")
        if not options.file:
            write(path, options.packets)
        environ = {**environment(folder), "PYTHONPATH": options.source}
        count = indexed(path, environ)
        figures: dict[str, Figures] = {}
        for number in range(options.rounds):
            for name, run in contenders(path, count, environ).items():
                if options.only in name:
                    for what, values in run().items():
                        figures.setdefault(name, {}).setdefault(what, []).extend(values)
            print(f"round {number + 1} of {options.rounds} done", file=sys.stderr)
        print(f"{count:,} packets, {os.path.getsize(path):,} bytes")
    report(figures)


def contenders(path: str, count: int, environ: dict[str, str]) -> dict[str, Callable[[], Figures]]:
    """By name: what runs it once and measures."""
    index = [sys.executable, "-c", INDEX, path]
    return {
        "wirestep, the screen": lambda: screen(path, count, environ),
        "wirestep, the whole index": lambda: program(index, environ),
        "tshark -n -r": lambda: program(["tshark", "-n", "-r", path], environ),
        "tcpdump -nn -r": lambda: program(["tcpdump", "-nn", "-r", path], environ),
        "capinfos -c": lambda: program(["capinfos", "-c", path], environ),
    }


def indexed(path: str, environ: dict[str, str]) -> int:
    """Packets in the capture; and the machine has it in memory from now on."""
    argv = [sys.executable, "-c", INDEX, path]
    return int(subprocess.check_output(argv, env={**os.environ, **environ}))


def environment(folder: str) -> dict[str, str]:
    """Nobody's settings."""
    return {"XDG_STATE_HOME": folder, "XDG_CONFIG_HOME": folder}


def program(argv: Sequence[str], environ: dict[str, str]) -> Figures:
    """Run a program that prints: first output, end, memory."""
    start = time.perf_counter()
    with subprocess.Popen(
        argv,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environ},
    ) as running:
        assert running.stdout is not None
        side = running.stdout.fileno()
        printed = bool(os.read(side, 1 << 20))
        first = time.perf_counter() - start
        while os.read(side, 1 << 20):
            pass
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    whole = time.perf_counter() - start
    found = {"whole s": [whole], "peak MB": [usage.ru_maxrss / 1024]}
    return {"first s": [first], **found} if printed else found


def screen(path: str, count: int, environ: dict[str, str]) -> Figures:
    """Open the capture in a terminal; press `j` for as long as it is being read, then some."""
    argv = [sys.executable, "-m", "wirestep", path]
    terminal = Terminal(argv, environ)
    # The title tells how many packets are read; people see thousands apart.
    read_all = re.compile(rb"[^0-9]{1,3}".join(f"{count:,}".encode().split(b",")) + rb" packets")
    first = terminal.wait(FIRST_ROW)
    work = terminal.work()
    found: Figures = {
        "first s": [first],
        "first cpu s": [work],
        "key ms, reading": [],
        "key ms, read": [],
    }
    place, read = 1, 0.0
    while len(found["key ms, read"]) < 40:
        place += 1
        pressed = terminal.clock()
        terminal.send(b"j")
        took = terminal.wait(rb"packet %d / " % place) - pressed
        found["key ms, read" if read else "key ms, reading"].append(took * 1000)
        end = terminal.clock() + PAUSE
        while (left := end - terminal.clock()) > 0:
            terminal.take(left)
        if not read and read_all.search(terminal.text()):
            read = terminal.clock()
            work = terminal.work()
        if terminal.clock() > 120:
            raise Gone("it never finished reading")
    found["cpu ms a key, read"] = [(terminal.work() - work) / len(found["key ms, read"]) * 1000]
    found["whole s"] = [read]
    found["peak MB"] = [terminal.close() / 2**20]
    return found


def report(figures: dict[str, Figures]) -> None:
    """Medians; for keys the tail too; each time beside the quickest screen's."""
    base = figures.get("wirestep, the screen", {})
    for name, measured in figures.items():
        print(name)
        for what, values in measured.items():
            values = sorted(values)
            if not values:
                continue
            text = f"    {what:18} median {statistics.median(values):9.3f}"
            if what.startswith("key"):
                tail = values[min(len(values) - 1, int(len(values) * 0.95))]
                text += f"  p95 {tail:8.1f}  max {values[-1]:8.1f}  of {len(values)}"
            else:
                text += f"  from {values[0]:.3f} to {values[-1]:.3f}"
                if base.get(what) and name != "wirestep, the screen":
                    text += (
                        f"  ratio {statistics.median(values) / statistics.median(base[what]):.2f}"
                    )
            print(text)


if __name__ == "__main__":
    main()
