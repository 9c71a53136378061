"""Puts captures through all of the program and says what went wrong.

    python tests/endurance.py [--deep] [--seconds 5] [--jobs 2] FILE-OR-FOLDER ...

Each file is opened as the screen opens it (settled, every row, frames, ladders) and printed as the
command line prints it, in a process that may take so much memory and so long for each of these and
no more. What counts as a fault: an exception, a note of level "bug", a hang, too much memory, a
control character in what is printed.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import io
import json
import os
import random
import resource
import subprocess
import sys
import threading
import traceback
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

ADDRESSES = 3 << 30
"""Bytes of address space of a worker; libraries and numpy's pools reserve most of it."""
RESIDENT = 1 << 30
"""Bytes of memory that a worker may have used."""
FRAMES = 40
"""Frames of a file that are looked at, unless all are."""
CONTROLS = {"Cc", "Cs", "Zl", "Zp"}
DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Categories and directions of letters that a terminal obeys or chokes on."""
ALLOWED = {"\n", "\t"}


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    file: str
    faults: tuple[str, ...]
    packets: int = 0
    peak: int = 0
    """Bytes of memory that its worker had used at most, up to then."""


# inside a worker


def _nothing() -> None:
    pass


def endure(path: str, *, deep: bool, step: Callable[[], None] = _nothing) -> tuple[int, list[str]]:
    """(packets, faults) of one file; calls `step` before each thing that it does with it."""
    from wirestep.session import Session, Unreadable

    faults: list[str] = []
    step()
    try:
        session = Session.open(path)
    except Unreadable as error:
        _clean("the refusal", str(error), faults)
        return 0, faults
    session.settle()
    try:
        _look(session, faults, deep=deep)
    finally:
        session.close()
    step()
    _look_in_parts(path, faults)
    for arguments in _commands(path, session.total, deep=deep):
        step()
        _print(arguments, faults)
    return session.total, faults


def _look(session: object, faults: list[str], *, deep: bool) -> None:
    """What the screen asks of a session."""
    from wirestep.session import Session

    assert isinstance(session, Session)
    for row in session.rows(0, session.total):
        if "bug" in row.marks or not row.settled:
            faults.append(f"row {row.record + 1}: {row.info or 'not settled'}")
        _clean(f"row {row.record + 1}", row.info + row.source + row.destination, faults)
    records: Iterable[int] = range(session.total)
    if not deep and session.total > FRAMES:
        records = sorted(random.Random(1).sample(range(session.total), FRAMES))
    for record in records:
        level = list(session.frame(record).nodes)
        while level:
            node = level.pop()
            faults += [
                f"frame {record + 1}, {node.name}: {text}"
                for kind, text in node.notes
                if kind == "bug"
            ]
            _clean(f"frame {record + 1}, {node.name}", node.shown + node.plain, faults)
            level.extend(node.children)
    flows = session.conversations()
    for number in (None, *(flow.number for flow in flows[: 200 if deep else 3])):
        drawn = session.ladder(number)
        for host in () if drawn is None else drawn.hosts:
            _clean("a lifeline", session.host_name(host), faults)
    for flow in flows[: 200 if deep else 3]:
        session.follow(flow.number)
    session.overview(100)
    _clean("the state", session.progress().problem, faults)


def _look_in_parts(path: str, faults: list[str]) -> None:
    """As if it were a large capture, of which only what is looked at is decoded."""
    from wirestep.session import Session, groups

    known, groups.WHOLE = groups.WHOLE, 0
    session = Session.open(path)
    try:
        session.load()
        for record in range(0, session.total, 1 + session.total // 8):
            session.rows(record, record + 30)
            session.frame(record)
            number = session.conversation_of(record)
            session.ladder(number if number >= 0 else None, record)
            session.next_message(record, 1)
            session.settle()
            marked = [row for row in session.rows(record, record + 30) if "bug" in row.marks]
            faults += [f"row {row.record + 1}, in parts: {row.info}" for row in marked]
    finally:
        session.close()
        groups.WHOLE = known


def _commands(path: str, total: int, *, deep: bool) -> Iterator[list[str]]:
    few = [] if deep else ["-c", "30"]
    yield ["decode", "-r", path, "-V", "-x", *few]
    yield ["decode", "-r", path, "-T", "json", *few]
    yield ["decode", "-r", path]
    yield ["info", "-r", path]
    yield ["ladder", "-r", path]
    if deep:
        fields = ("frame.number", "ip.src", "tcp.port", "dns.qry.name", "http.host")
        yield ["decode", "-r", path, "-T", "fields", *(f"-e{name}" for name in fields)]
        yield ["decode", "-r", path, "-Y", "tcp || dns || http || tls || !ip"]


def _print(arguments: list[str], faults: list[str]) -> None:
    """Run one command of the command line."""
    from wirestep.cli import main

    out, problems = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(problems):
        code = main(arguments)
    text = out.getvalue()
    if code not in (0, 1, 2) or (code == 2 and text):
        faults.append(f"{arguments[0]}: exit code {code}")
    if "[decoder failed" in text:
        faults.append(text[text.index("[decoder failed") :].partition("\n")[0])
    _clean(arguments[0], text + problems.getvalue(), faults)


def _clean(what: str, text: str, faults: list[str]) -> None:
    if not text.isprintable():
        found = set(filter(_obeyed, set(text))) - ALLOWED
        if found:
            faults.append(f"{what}: raw {sorted(found)!r}")


def _obeyed(letter: str) -> bool:
    direction = unicodedata.bidirectional(letter)
    return unicodedata.category(letter) in CONTROLS or direction in DIRECTIONS


def work(seconds: float, *, deep: bool) -> None:
    """Read file names from standard input, answer with a line of JSON each."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    answers = os.fdopen(os.dup(1), "w")

    def watch() -> None:
        # A process that hangs says where, and is gone.
        faulthandler.dump_traceback_later(seconds, exit=True)

    for name in sys.stdin:
        packets = 0
        faults: list[str] = []
        try:
            packets, faults = endure(name.rstrip("\n"), deep=deep, step=watch)
        except Exception:
            faults = [traceback.format_exc(limit=-6)]
        faulthandler.cancel_dump_traceback_later()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        answers.write(json.dumps((packets, faults, peak)) + "\n")
        answers.flush()
        if peak > RESIDENT // 2:
            return  # the next file gets a fresh process, so that each answers for itself


# outside


def outcomes(files: Iterable[str], *, deep: bool = False, seconds: float = 60) -> Iterator[Outcome]:
    """What becomes of each file."""
    command = [sys.executable, __file__, "--work", "--seconds", str(seconds)]
    command += ["--deep"] if deep else []
    worker: subprocess.Popen[str] | None = None
    for file in files:
        if worker is None:
            pipe = subprocess.PIPE
            worker = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(file + "\n")
        worker.stdin.flush()
        answer = worker.stdout.readline()
        if not answer:
            _, said = worker.communicate()
            yield Outcome(file, (f"died with {worker.returncode}:\n{said[-3000:]}",))
            worker = None
            continue
        packets, faults, peak = json.loads(answer)
        if peak > RESIDENT:
            faults.append(f"took {peak >> 20:,} MB")
        if peak > RESIDENT // 2:
            worker.communicate()
            worker = None
        yield Outcome(file, tuple(faults), packets, peak)
    if worker is not None:
        worker.communicate()


def many(files: list[str], jobs: int, *, deep: bool, seconds: float) -> Iterator[Outcome]:
    """As `outcomes`, with several workers, in the order they finish."""
    wanted: SimpleQueue[str] = SimpleQueue()
    found: SimpleQueue[Outcome] = SimpleQueue()
    for file in files:
        wanted.put(file)

    def mine() -> Iterator[str]:
        with contextlib.suppress(Empty):
            while True:
                yield wanted.get_nowait()

    def run() -> None:
        for outcome in outcomes(mine(), deep=deep, seconds=seconds):
            found.put(outcome)

    for _ in range(jobs):
        threading.Thread(target=run, daemon=True).start()
    for _ in files:
        yield found.get()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paths", type=Path, nargs="*")
    parser.add_argument("--deep", action="store_true", help="every frame, all of every form")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.seconds, deep=options.deep)
        return 0
    files: list[str] = []
    for path in options.paths:
        files += map(str, sorted(path.iterdir()) if path.is_dir() else [path])
    causes: Counter[str] = Counter()
    packets = peak = bad = 0
    for outcome in many(files, options.jobs, deep=options.deep, seconds=options.seconds):
        packets, peak = packets + outcome.packets, max(peak, outcome.peak)
        bad += bool(outcome.faults)
        for fault in outcome.faults:
            causes[fault.strip().splitlines()[-1]] += 1
            print(f"{outcome.file}: {fault}", flush=True)
    for cause, times in causes.most_common():
        print(f"{times:6}  {cause}")
    print(f"{len(files):,} files, {packets:,} packets, {bad} with faults, {peak >> 20} MB at most")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
