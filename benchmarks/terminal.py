"""A program in a terminal of its own, driven and timed."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence

ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[=>])"
)
ANSWERS = {
    # What a terminal with synchronized output says when asked for it.
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[c": b"\x1b[?62;22c",
}


class Gone(Exception):
    """The program ended, or did not show in time what was waited for."""


class Terminal:
    """Runs `argv` in a pseudo terminal from now on; times are seconds since then."""

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str], columns: int = 120, rows: int = 40
    ) -> None:
        self._text = b""
        self.start = time.perf_counter()
        self.process, self.side = pty.fork()
        if not self.process:
            os.execvpe(argv[0], list(argv), {**os.environ, **env, "TERM": "xterm-256color"})
        fcntl.ioctl(self.side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def clock(self) -> float:
        """Seconds since the program was started."""
        return time.perf_counter() - self.start

    def work(self) -> float:
        """Seconds of processor time that the program has used: what other programs do beside it
        hardly changes them."""
        with open(f"/proc/{self.process}/stat", encoding="ascii") as file:
            values = file.read().rpartition(")")[2].split()
        return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")

    def send(self, keys: bytes) -> None:
        """Press keys; what was shown before is forgotten."""
        self.take(0)
        self._text = b""
        os.write(self.side, keys)

    def take(self, seconds: float) -> bool:
        """Take in what is there, or comes within `seconds`; False where nothing came."""
        some = False
        while select.select([self.side], [], [], 0 if some else seconds)[0]:
            try:
                piece = os.read(self.side, 1 << 16)
            except OSError:
                piece = b""
            if not piece:
                raise Gone(self.text()[-2000:].decode(errors="replace"))
            for question, answer in ANSWERS.items():
                if question in piece:
                    os.write(self.side, answer)
            self._text += piece
            some = True
        return some

    def text(self) -> bytes:
        """What was written since the last key, without escape sequences."""
        return ESCAPES.sub(b"", self._text)

    def wait(self, pattern: bytes, seconds: float = 60) -> float:
        """When `pattern` was shown. Raises Gone where it is not."""
        wanted = re.compile(pattern)
        end = self.clock() + seconds
        while self.clock() < end:
            if wanted.search(self.text()):
                return self.clock()
            self.take(max(0.0, end - self.clock()))
        raise Gone(f"no {pattern!r} in: {self.text()[-2000:].decode(errors='replace')}")

    def close(self) -> int:
        """End the program: bytes of memory that it used at most."""
        os.kill(self.process, signal.SIGTERM)
        _, _, usage = os.wait4(self.process, 0)
        os.close(self.side)
        return usage.ru_maxrss * 1024
