"""Programs of other people, and ours, over this machine's loopback: help for tests of peers."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from wirestep.exchange.certificates import Authority, Identity, authority
from wirestep.exchange.chance import SYSTEM
from wirestep.exchange.contract import Request
from wirestep.model import Address
from wirestep.session.driving import Driving, Wanted
from wirestep.session.driving_lab import Lab, Plan
from wirestep.session.driving_url import read_url

NAMES = ["localhost", "127.0.0.1", "::1"]
PATIENCE = 20
"""Seconds until a program is taken for hung."""


def needs(program: str) -> pytest.MarkDecorator:
    """Skips where a program is not installed."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@dataclass(frozen=True)
class Ran:
    code: int
    out: bytes
    err: bytes


async def ran(*command: str, given: bytes = b"", env: Mapping[str, str] | None = None) -> Ran:
    """Run a program to its end."""
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, stderr=pipe, env=env
    )
    try:
        async with asyncio.timeout(PATIENCE):
            out, err = await child.communicate(given)
    except TimeoutError:
        child.kill()
        await child.wait()
        raise
    return Ran(child.returncode or 0, out, err)


def free_port() -> int:
    """A port that is free for TCP and UDP at this moment."""
    for _ in range(50):
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = int(tcp.getsockname()[1])
            with contextlib.suppress(OSError):
                udp.bind(("127.0.0.1", port))
                return port
    raise OSError("no port is free")


@contextlib.contextmanager
def running(command: Sequence[str], port: int, cwd: Path | None = None) -> Iterator[None]:
    """A server of other people, from when it listens until the test is over."""
    child = subprocess.Popen(
        command,
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        stop = time.monotonic() + PATIENCE
        while not _listens(port):
            if child.poll() is not None or time.monotonic() > stop:
                pytest.skip(f"{command[0]} does not start: {child.stderr.read()[:300]!r}")  # type: ignore[union-attr]
            time.sleep(0.01)
        yield
    finally:
        child.terminate()
        try:
            child.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class Keys:
    """A root, an identity of a server, one of a client; as files and as what they are."""

    folder: Path
    root: Authority
    server: Identity
    client: Identity

    def file(self, name: str, data: bytes) -> str:
        path = self.folder / name
        path.write_bytes(data)
        path.chmod(0o600)
        return str(path)

    @property
    def root_file(self) -> str:
        return self.file("root.pem", self.root.pem)

    def files(self, identity: Identity, name: str) -> tuple[str, str]:
        """(certificate, key)."""
        return (
            self.file(f"{name}.pem", identity.certificate_pem),
            self.file(f"{name}.key", identity.key_pem),
        )


def make_keys(folder: Path) -> Keys:
    root = authority(SYSTEM, kind="ec")
    server = root.identity(NAMES, SYSTEM, kind="ec")
    return Keys(folder, root, server, root.identity(["me"], SYSTEM, kind="ec", client=True))


@contextlib.asynccontextmanager
async def serving(plan: Plan) -> AsyncIterator[Lab]:
    """The lab, open."""
    said: list[str] = []
    lab, ready = Lab(plan, said.append), asyncio.Event()
    task = asyncio.create_task(lab.run(ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE)
    waiting.cancel()
    try:
        if task.done():
            task.result()
        yield lab
    finally:
        lab.stop.set()
        await asyncio.wait_for(task, PATIENCE)
    assert not [line for line in said if "fault" in line], said


def place(lab: Lab, scheme: str) -> tuple[str, Address]:
    """URL and address of a server of the lab."""
    return next((one.url, one.address) for one in lab.opened if one.url.startswith(f"{scheme}:"))


def drive(url: str, *requests: Request, **more: object) -> Driving:
    """Drive a URL to its end, in this thread's time."""
    plain = read_url(url)
    asked = requests or (Request("GET", plain.target),)
    driving = Driving(Wanted(plain, asked, **more))  # type: ignore[arg-type]
    driving.start()
    assert driving.over.wait(PATIENCE)
    driving.stop()
    return driving
