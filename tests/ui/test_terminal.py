"""The real program in a real terminal: tmux on a socket of its own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from frames import CLIENT_HOST, MS, SERVER_HOST, START, udp
from screenplay import CAPTURES, write_pcap

from wirestep.model import Record

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]
PATIENCE = 30.0
"""Seconds until what a busy machine has not shown counts as not shown."""
CAPTURES_TOLD = re.compile(r"home  \d+ captures")
EVIL = b"\x1b]2;PWNED\x07\x1b[2J\x9b31m"
NUMBERS = count()
SIZE = ("COLUMNS", "LINES")
GRAPHIC = re.compile(r"\x1b\[[0-9;:]*m")
"""What tmux itself writes where it is asked for colours."""


class Terminal:
    """One terminal of a fixed size with the program in it."""

    def __init__(self, folder: Path, columns: int, lines: int, arguments: str) -> None:
        self.socket = f"wirestep-test-{os.getpid()}-{next(NUMBERS)}"
        program = f"{shlex.quote(sys.executable)} -m wirestep {arguments}"
        variables = {
            "XDG_STATE_HOME": str(folder),
            "TEXTUAL_ANIMATIONS": "none",
            "WIRESTEP_ASCII": "0",
            "LC_ALL": "C.UTF-8",
        }
        given = [part for name, value in variables.items() for part in ("-e", f"{name}={value}")]
        size = ("-x", str(columns), "-y", str(lines))
        self.run("-f", "/dev/null", "new-session", "-d", "-s", "it", *size, *given, program)

    def run(self, *arguments: str) -> str:
        """One command of tmux; what it prints."""
        command = ["tmux", "-u", "-L", self.socket, *arguments]
        # A size that is told by the environment counts more than that of the terminal.
        told = {name: value for name, value in os.environ.items() if name not in SIZE}
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, env=told, check=False
        )
        return done.stdout

    def screen(self, *options: str) -> str:
        """What is on the screen."""
        return self.run("capture-pane", "-p", "-t", "it", *options)

    def press(self, *keys: str) -> None:
        """Keys by tmux's names."""
        self.run("send-keys", "-t", "it", *keys)

    def until(self, seen: Callable[[str], object]) -> str:
        """The first screen that passes."""
        end = time.monotonic() + PATIENCE
        text = self.screen()
        while not seen(text):
            assert time.monotonic() < end, text
            time.sleep(0.05)
            text = self.screen()
        return text

    def close(self) -> None:
        """Ends this terminal's own server."""
        self.run("kill-server")
        folder = Path(os.environ.get("TMUX_TMPDIR", "/tmp")) / f"tmux-{os.getuid()}"
        (folder / self.socket).unlink(missing_ok=True)


Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the program in terminals that are closed afterwards."""
    started: list[Terminal] = []

    def begin(columns: int, lines: int, arguments: str = "") -> Terminal:
        terminal = Terminal(tmp_path, columns, lines, arguments)
        started.append(terminal)
        return terminal

    yield begin
    for terminal in started:
        terminal.close()


def bundled(name: str) -> str:
    """The quoted path of a bundled capture."""
    return shlex.quote(str(CAPTURES / f"{name}.pcapng"))


def test_a_capture_in_a_usual_terminal(start: Start) -> None:
    terminal = start(80, 24, bundled("http1-keepalive"))
    text = terminal.until(lambda seen: "GET / HTTP/1.1" in seen and "1/43" in seen)
    assert "http1-keepalive.pcapng  43 packets" in text
    assert "1 Packets  2 Ladder  3 Decode  4 Bytes" in text
    terminal.press("j", "j", "j")
    terminal.until(lambda seen: "4/43" in seen)
    terminal.press("3")
    terminal.until(lambda seen: "▾ Hypertext Transfer Protocol" in seen and "Start line" in seen)
    terminal.press("2")
    terminal.until(lambda seen: "GET /old" in seen and "time/ms" in seen)
    terminal.press("4")
    terminal.until(lambda seen: "Frame 4 145 B" in seen)


def test_a_capture_in_a_wide_terminal(start: Start) -> None:
    terminal = start(120, 40, bundled("http1-keepalive"))
    text = terminal.until(lambda seen: "packet 1 / 43" in seen and "HEAD /" in seen)
    assert all(title in text for title in ("1 Packets", "2 Ladder", "3 Decode", "4 Bytes"))
    terminal.press("f")
    terminal.until(lambda seen: "no filter" not in seen or "Filter" in seen)
    terminal.press("-l", "tcp.flags.syn == 1")
    terminal.press("Enter")
    terminal.until(lambda seen: "2 of 43 packets" in seen)
    terminal.press("?")
    terminal.until(lambda seen: "Keys" in seen and "filter" in seen.lower())


def test_another_size_while_it_runs(start: Start) -> None:
    terminal = start(120, 40, bundled("dns-records"))
    terminal.until(lambda seen: "packet 1 / 30" in seen)
    terminal.run("resize-window", "-t", "it", "-x", "80", "-y", "24")
    terminal.until(lambda seen: "1 Packets  2 Ladder  3 Decode  4 Bytes" in seen)
    terminal.run("resize-window", "-t", "it", "-x", "30", "-y", "8")
    terminal.until(lambda seen: "1 Packets" not in seen)
    terminal.run("resize-window", "-t", "it", "-x", "200", "-y", "60")
    terminal.until(lambda seen: "packet 1 / 30" in seen and "4 Bytes" in seen)


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (120, 40)])
def test_home_opens_what_is_chosen(start: Start, columns: int, lines: int) -> None:
    terminal = start(columns, lines)
    text = terminal.until(lambda seen: "page-load" in seen and "READY" in seen)
    assert CAPTURES_TOLD.search(text)
    terminal.press("Enter")
    terminal.until(lambda seen: "page-load.pcapng  63 packets" in seen)
    terminal.press("q")
    terminal.until(CAPTURES_TOLD.search)


def hostile(number: int) -> Record:
    """A question for a name that sets the title of a terminal (RFC 1035 4.1)."""
    name = bytes([len(EVIL)]) + EVIL + b"\0"
    data = bytes.fromhex("1d2c 0100 0001 0000 0000 0000") + name + b"\0\1\0\1"
    frame = udp(CLIENT_HOST, 5353, SERVER_HOST, 53, data)
    return Record(number, START + number * MS, frame, len(frame))


def test_hostile_text_reaches_no_terminal(start: Start, tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "hostile.pcap", [hostile(number) for number in range(4)])
    terminal = start(120, 40, shlex.quote(path))
    terminal.until(lambda seen: "packet 1 / 4" in seen and "\\x1b]2;PWNED" in seen)
    for keys in (("j",), ("3", "*"), ("2", "+"), ("4", "u"), ("i",)):
        terminal.press(*keys)
        coloured = terminal.screen("-e")
        assert "\x1b" in coloured, "colours are written as sequences of tmux's own"
        assert not [c for c in GRAPHIC.sub("", coloured) if not c.isprintable() and c != "\n"]
        assert "PWNED" not in terminal.run("display-message", "-p", "-t", "it", "#{pane_title}")
