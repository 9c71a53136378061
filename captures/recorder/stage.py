"""What a scene is played on: starts programs in the namespaces and captures beside the client."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from recorder.network import inside
from recorder.wire import Wire

PATIENCE = 30.0
PEERS = Path(__file__).parent / "peers"
KEY_LOG = "keys.log"
RAW = "raw.pcap"


class Stage:
    """All programs run in `folder`, so no command names a path of the machine.

    `said` collects the commands as they are shown in the provenance.
    """

    def __init__(self, folder: Path, wire: Wire) -> None:
        self.folder = folder
        self.wire = wire
        self.said: list[str] = []
        self._programs = ExitStack()

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self._programs.close()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(
        self,
        where: str,
        *words: str,
        text: str = "",
        wrong: Sequence[int] = (),
        quiet: bool = False,
        keys: bool = False,
    ) -> str:
        """Runs a program to its end and returns what it printed.

        wrong: exit codes that belong to the story beside 0. keys: asks for a TLS key log.
        Raises RuntimeError, with the program's words, when it fails otherwise.
        """
        if not quiet:
            self._say(where, words)
        program = subprocess.Popen(
            (*inside(where), *_real(words)),
            cwd=self.folder,
            env=_environment(keys),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            output, complaint = program.communicate(text, PATIENCE)
        except BaseException:
            # A browser has children; they are in the group that was made for it above.
            os.killpg(program.pid, signal.SIGKILL)
            program.communicate()
            raise
        if program.returncode != 0 and program.returncode not in wrong:
            raise RuntimeError(f"{words[0]} ended with {program.returncode}: {complaint[-2000:]}")
        return output

    def start(self, where: str, *words: str, ready: str = "", quiet: bool = False) -> None:
        """Starts a program that is ended with the stage.

        ready: `tcp:PORT` or `udp:PORT` waits until something listens there.
        """
        if not quiet:
            self._say(where, words)
        log = self._programs.enter_context((self.folder / f"{words[0]}.log").open("wb"))
        program = subprocess.Popen(
            (*inside(where), *_real(words)),
            cwd=self.folder,
            env=_environment(False),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
        self._programs.callback(_end, program)
        if ready:
            self._await_listener(where, ready, program, words[0])

    @contextmanager
    def capture(self, bpf: str = "", where: str = "client", port: str = "eth0") -> Iterator[None]:
        """Captures at one port into RAW while the block runs, and a moment longer."""
        options = ("-n", "-s", "0", "-U", "--immediate-mode", "-Z", "root")
        times = ("--time-stamp-precision", "nano")
        command = (*inside(where), "tcpdump", "-i", port, *options, *times, "-w", RAW, *bpf.split())
        tap = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.PIPE, text=True)
        self._programs.callback(_end, tap)
        assert tap.stderr is not None
        for line in tap.stderr:
            if "listening on" in line:
                break
        else:
            raise RuntimeError(f"tcpdump did not start on {port}")
        time.sleep(0.1)
        yield
        time.sleep(0.6)
        _end(tap)

    def _say(self, where: str, words: Sequence[str]) -> None:
        shown = " ".join(f"'{word}'" if set(word) & set(" ;&?{}") else word for word in words)
        self.said.append(f"{where}$ {shown}")

    def _await_listener(
        self, where: str, ready: str, program: subprocess.Popen[bytes], name: str
    ) -> None:
        transport, port = ready.split(":")
        command = (*inside(where), "ss", "-Hln", "--" + transport, f"sport = :{port}")
        for _ in range(100):
            if program.poll() is not None:
                words = (self.folder / f"{name}.log").read_text(errors="replace")
                raise RuntimeError(f"{name} ended too early: {words[-2000:]}")
            if subprocess.run(command, capture_output=True, check=True).stdout:
                return
            time.sleep(0.1)
        raise RuntimeError(f"{name} does not listen on {ready}")


def _real(words: Sequence[str]) -> Sequence[str]:
    """`python SCRIPT` becomes this interpreter and the script's place."""
    if words[0] != "python":
        return words
    return (sys.executable, str(PEERS / words[1]), *words[2:])


def _environment(keys: bool) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG")}
    kept |= {"HOME": ".", "TZ": "UTC"}
    return kept | ({"SSLKEYLOGFILE": KEY_LOG} if keys else {})


def _end(program: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    if program.poll() is None:
        program.send_signal(signal.SIGINT if "tcpdump" in str(program.args) else signal.SIGTERM)
        try:
            program.wait(5)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
    for stream in (program.stdin, program.stderr):
        if stream is not None:
            stream.close()
