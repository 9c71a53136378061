"""A program in a pseudo terminal of its own, driven and timed, and what its screen shows."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence

TOKEN = re.compile(
    r"\x1b\[([0-?]*)[ -/]*([@-~])"  # CSI
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    r"|\x1b[PX^_][^\x1b]*\x1b\\"  # strings
    r"|\x1b[()*+][0-9A-Za-z]|\x1b[=>78cDEHM]"
    r"|([\r\n\b\t\x07\x0e\x0f])"
    r"|([^\x1b\r\n\b\t\x07\x0e\x0f]+)"
)
UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_][^\x1b]*\x1b?|[()*+]|)$")
ANSWERS = {
    # What a terminal with synchronized output says when asked for it, and what kind it is.
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[6n": b"\x1b[1;1R",
}
SETTLED = 0.0004
"""Seconds without more output until what came is looked at."""
PATIENCE = 3.0
"""Seconds in which a program that was told to end may do so."""


class Gone(Exception):
    """The program ended, or did not show in time what was waited for."""


class Screen:
    """The letters on a terminal's screen; no colours."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self._rest = ""

    def feed(self, text: str) -> None:
        """Take in what a program wrote."""
        text = self._rest + text
        cut = UNFINISHED.search(text)
        self._rest = text[cut.start() :] if cut else ""
        for token in TOKEN.finditer(text[: cut.start()] if cut else text):
            if token[4]:
                self._write(token[4])
            elif token[2]:
                self._control(token[1], token[2])
            elif token[3] == "\r":
                self.column = 0
            elif token[3] == "\n":
                self._line_feed()
            elif token[3] == "\b":
                self.column = max(0, self.column - 1)

    def text(self) -> str:
        """All lines."""
        return "\n".join(map("".join, self.cells))

    def _write(self, text: str) -> None:
        if text.isascii() and self.column + len(text) <= self.columns:
            self.cells[self.row][self.column : self.column + len(text)] = text
            self.column += len(text)
            return
        for letter in text:
            wide = unicodedata.east_asian_width(letter) in "WF"
            if unicodedata.combining(letter):
                continue
            if self.column >= self.columns:
                self.column = 0
                self._line_feed()
            self.cells[self.row][self.column] = letter
            self.column += 1
            if wide and self.column < self.columns:
                self.cells[self.row][self.column] = ""
                self.column += 1

    def _line_feed(self) -> None:
        if self.row + 1 < self.rows:
            self.row += 1
        else:
            self.cells = [*self.cells[1:], [" "] * self.columns]

    def _control(self, given: str, kind: str) -> None:
        if given[:1] in ("?", ">", "<", "="):
            return
        numbers = [int(part) if part.isdecimal() else 0 for part in given.split(";")]
        first = max(1, numbers[0])
        if kind in "Hf":
            second = max(1, numbers[1]) if len(numbers) > 1 else 1
            self.row = min(first, self.rows) - 1
            self.column = min(second, self.columns) - 1
        elif kind in "ABCDGd":
            self._move(kind, first)
        elif kind in "JKX":
            self._erase(kind, numbers[0], first)

    def _move(self, kind: str, count: int) -> None:
        row, column = {
            "A": (self.row - count, self.column),
            "B": (self.row + count, self.column),
            "C": (self.row, self.column + count),
            "D": (self.row, self.column - count),
            "G": (self.row, count - 1),
            "d": (count - 1, self.column),
        }[kind]
        self.row = min(max(0, row), self.rows - 1)
        self.column = min(max(0, column), self.columns - 1)

    def _erase(self, kind: str, mode: int, count: int) -> None:
        line = self.cells[self.row]
        if kind == "X":
            stop = min(self.columns, self.column + count)
            line[self.column : stop] = " " * (stop - self.column)
            return
        start = 0 if mode else self.column
        stop = min(self.columns, self.column + 1) if mode == 1 else self.columns
        line[start:stop] = " " * (stop - start)
        if kind == "J":
            above, below = mode in (1, 2, 3), mode in (0, 2, 3)
            for row in range(self.rows):
                if (row < self.row and above) or (row > self.row and below):
                    self.cells[row] = [" "] * self.columns


class Terminal:
    """Runs `argv` in a pseudo terminal from now on; times are seconds since then."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        columns: int = 120,
        rows: int = 40,
        stdin: int = -1,
    ) -> None:
        """`stdin`: a file descriptor that the program reads; -1 for the terminal."""
        self.screen = Screen(columns, rows)
        self.seen: list[tuple[float, int]] = []
        """Since the last key: when output came, and how many bytes."""
        self.written: list[float] = []
        """When output came, since the start."""
        self.side, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        # A leader of a session that opens a terminal has it as its own from then on.
        actions: list[tuple[int, ...] | tuple[int, int, str, int, int]] = [
            (os.POSIX_SPAWN_OPEN, 1, os.ttyname(inner), os.O_RDWR, 0),
            (os.POSIX_SPAWN_DUP2, 1, 2),
            (os.POSIX_SPAWN_DUP2, 1 if stdin < 0 else stdin, 0),
        ]
        environ = {**env, "TERM": "xterm-256color"}
        self.start = time.perf_counter()
        self.process = os.posix_spawnp(
            argv[0], list(argv), environ, file_actions=actions, setsid=True
        )
        os.close(inner)

    def clock(self) -> float:
        """Seconds since the program was started."""
        return time.perf_counter() - self.start

    def work(self) -> float:
        """Seconds of processor time that the program has used: what other programs do beside it
        hardly changes them."""
        with open(f"/proc/{self.process}/stat", encoding="ascii") as file:
            values = file.read().rpartition(")")[2].split()
        return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")

    def peak(self) -> float:
        """Megabytes of memory that the program and its children have used at most, each."""
        return sum(map(_peak, [self.process, *_children(self.process)])) / 1e6

    def helpers(self) -> int:
        """How many processes the program has made that still run."""
        return len(_children(self.process))

    def send(self, keys: bytes) -> float:
        """Press keys: when."""
        self.take(0)
        self.seen.clear()
        pressed = self.clock()
        os.write(self.side, keys)
        return pressed

    def take(self, seconds: float) -> bool:
        """Take in what is there, or comes within `seconds`; False where nothing came."""
        some = False
        pieces = []
        while select.select([self.side], [], [], SETTLED if some else seconds)[0]:
            try:
                piece = os.read(self.side, 1 << 16)
            except OSError:
                piece = b""
            if not piece:
                raise Gone("the program ended:\n" + self.screen.text().rstrip())
            self.seen.append((self.clock(), len(piece)))
            self.written.append(self.clock())
            for question, answer in ANSWERS.items():
                if question in piece:
                    os.write(self.side, answer)
            pieces.append(piece)
            some = True
            if len(pieces) > 64:
                break
        if some:
            self.screen.feed(b"".join(pieces).decode("utf-8", "replace"))
        return some

    def wait(self, shown: str | Callable[[str], object], seconds: float = 60) -> float:
        """When a screen came that holds `shown` (a pattern), or passes it. Raises Gone."""
        wanted = re.compile(shown).search if isinstance(shown, str) else shown
        end = self.clock() + seconds
        while True:
            if wanted(self.screen.text()):
                return self.seen[-1][0] if self.seen else self.clock()
            left = end - self.clock()
            if left <= 0:
                name = shown if isinstance(shown, str) else "what was waited for"
                raise Gone(f"no {name!r} within {seconds:.0f} s on:\n{self.screen.text()}")
            self.take(left)

    def rest(self, seconds: float) -> None:
        """Take in what comes for so long."""
        end = self.clock() + seconds
        while (left := end - self.clock()) > 0:
            self.take(left)

    def quiet(self, silence: float, seconds: float = 60) -> float:
        """Wait until nothing is written for `silence` seconds: when the last thing was."""
        end = self.clock() + seconds
        while self.clock() < end and self.take(silence):
            pass
        return self.seen[-1][0] if self.seen else self.clock()

    def close(self) -> None:
        """End the program and its children."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process, number)
            end = self.clock() + PATIENCE
            while self.clock() < end:
                with contextlib.suppress(Gone):
                    self.take(0.02)
                done, _ = os.waitpid(self.process, os.WNOHANG)
                if done:
                    os.close(self.side)
                    return
        os.close(self.side)


def _peak(process: int) -> int:
    """Bytes that a process has used at most; 0 where it is gone."""
    try:
        with open(f"/proc/{process}/status", encoding="utf-8", errors="replace") as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return 0


def _children(process: int) -> list[int]:
    """The processes that a process has made, and theirs."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{task}/children", encoding="ascii") as file:
                for child in map(int, file.read().split()):
                    found += [child, *_children(child)]
    return found
