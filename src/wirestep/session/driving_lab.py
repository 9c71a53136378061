"""The lab's servers on sockets of this machine, for clients of other people."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from ipaddress import ip_address
from typing import cast

from wirestep.capture import LiveCapture, load, save
from wirestep.exchange.certificates import authority
from wirestep.exchange.chance import SYSTEM
from wirestep.exchange.site import Site
from wirestep.model import Address, safe
from wirestep.wires.sockets import Clock, Dialer, Heard, Host, Seen, listen_tcp, listen_udp
from wirestep.wires.sockets.recorder import Recorder
from wirestep.wires.stacks import Holdings, Stack, memories, served, server

from .driving import append

NAMES = ("localhost", "127.0.0.1", "::1")
TRIES = 20
"""How often a port is looked for that is free for TCP and UDP."""
LATER = 0.5
"""Seconds without anything, after which a lab that serves once has served."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be opened."""

    bind: str = "127.0.0.1"
    port_base: int = 0
    """The first port; 0: the system chooses all."""
    once: bool = False
    """End when the first clients have gone."""
    root: str = ""
    """Where the root certificate is written; "" for a temporary folder."""
    save: str = ""
    keylog: str = ""
    infer: bool = False
    options: Mapping[str, object] = field(default_factory=dict)
    """Of the servers."""

    @property
    def loopback(self) -> bool:
        """Nobody else can reach it."""
        return ip_address(self.bind).is_loopback


@dataclass(frozen=True, slots=True)
class Opened:
    """One server that listens."""

    url: str
    address: Address
    tries: Sequence[str]
    """Commands."""


class Lab:
    """All servers; `run` is everything."""

    def __init__(self, plan: Plan, said: Callable[[str], None]) -> None:
        self.plan, self.said = plan, said
        self.opened: list[Opened] = []
        self.root = plan.root
        self.packets = 0
        self.problem = ""
        self.stop = asyncio.Event()
        self._last = 0
        self._met = False
        self._secrets: set[str] = set()

    async def run(self, ready: Callable[[], None]) -> None:
        """Open all, say so, and serve until `stop` is set; raises OSError, ValueError."""
        clock = Clock()
        capture = LiveCapture("lab", [])
        recorder = Recorder(capture, clock, infer=self.plan.infer) if self.plan.save else None

        def watch(seen: Seen) -> None:
            self._last, self._met = seen.time, self._met or not seen.mine
            if recorder is not None:
                recorder.see(seen)

        def secret(line: str, now: int) -> None:
            self._keep(line, recorder)

        heard = Heard(lambda text, now: self.said(safe(text)), secret)
        heard.fault = lambda text: self.said(safe(f"A fault of wirestep itself: {text}"))
        host = Host(clock, Dialer().open, heard, watch)
        with tempfile.TemporaryDirectory(prefix="wirestep-lab-") as folder:
            try:
                await self._open(host, folder)
                if recorder is not None:
                    recorder.start()
                    host.task(recorder.keep())
                ready()
                await self._serve(host)
            finally:
                await host.close()
                if recorder is not None:
                    await recorder.finish()
                    self._save(capture, recorder)

    async def _open(self, host: Host, folder: str) -> None:
        plan = self.plan
        root = authority(SYSTEM, kind="ec")
        identity = root.identity(_names(plan.bind), SYSTEM, kind="ec")
        self.root = self.root or os.path.join(folder, "root.pem")
        _write(self.root, root.pem)
        holdings = Holdings(Site(), identity, plan.options, {})
        table = files(__package__).joinpath("driving_lab.toml").read_text("utf-8")
        for place, entry in enumerate(tomllib.loads(table)["open"]):
            scheme = cast(str, entry["scheme"])
            port = plan.port_base + place if plan.port_base else 0
            at = await self._listen(host, scheme, port, holdings)
            self.opened.append(_described(entry, at, self.root, plan.bind))

    async def _listen(self, host: Host, scheme: str, port: int, holdings: Holdings) -> Address:
        """All stacks of a scheme on the same port; raises OSError."""
        first, *others = served(scheme)
        for left in reversed(range(TRIES)):
            want = Address(self.plan.bind, port)
            if others and not port:
                want = Address(self.plan.bind, _free(self.plan.bind))
            try:
                at = await self._begin(host, first, want, holdings)
                for stack in others:
                    await self._begin(host, stack, at, holdings)
                return at
            except OSError as error:
                if port or not left:
                    where = f"{want}: {error.strerror or error}"
                    raise OSError(error.errno, f"cannot listen on {where}") from None
        raise AssertionError

    async def _begin(self, host: Host, stack: Stack, at: Address, holdings: Holdings) -> Address:
        if stack.transport == "udp":
            options = {**memories(stack), **self.plan.options}
            return listen_udp(host, at, server(stack, holdings, SYSTEM, options))
        options = dict(self.plan.options)
        return await listen_tcp(host, at, lambda: server(stack, holdings, SYSTEM, options))

    async def _serve(self, host: Host) -> None:
        if not self.plan.once:
            await self.stop.wait()
            return
        while not self.stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), LATER / 5)
            silent = host.clock.now() - self._last > LATER * 1e9
            if self._met and silent and not host.connections:
                return

    def _keep(self, line: str, recorder: Recorder | None) -> None:
        if line in self._secrets:
            return
        self._secrets.add(line)
        if recorder is not None:
            recorder.secret(line)
        if self.plan.keylog:
            with suppress(OSError):
                append(self.plan.keylog, line)

    def _save(self, capture: LiveCapture, recorder: Recorder) -> None:
        for _ in load(capture):
            pass
        try:
            self.packets = save(capture, self.plan.save)
        except OSError as error:
            self.problem = f"{self.plan.save}: {error.strerror or error}"
        if recorder.inferred:
            self.said(f"packets were inferred from the sockets ({recorder.problem})")


def _described(entry: Mapping[str, object], at: Address, root: str, bind: str) -> Opened:
    """The URL and the commands of a server."""
    host = socket.gethostname() if ip_address(bind).is_unspecified else bind
    authority_ = str(Address(host, at.port))
    url = f"{entry['scheme']}://{authority_}/{entry.get('path', '')}"
    words = {"url": url, "host": host, "port": at.port, "root": root, "address": authority_}
    tries = [str(one).format(**words) for one in cast(list[str], entry["try"])]
    return Opened(url, at, tries)


def _names(bind: str) -> list[str]:
    """What the certificate is for."""
    found = [*NAMES, bind]
    if ip_address(bind).is_unspecified:
        found[-1] = socket.gethostname()
    return list(dict.fromkeys(found))


def _free(bind: str) -> int:
    """A port that is free for TCP; perhaps for UDP as well. Raises OSError."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family) as sock:
        sock.bind((bind, 0))
        return int(sock.getsockname()[1])


def _write(path: str, data: bytes) -> None:
    """A file that only its owner can read. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "wb") as file:
        file.write(data)
