"""Fields of what conversations carry, found in bulk and by several processes, are the engine's."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from wirestep.capture import Capture, load, open_capture
from wirestep.decode.secrets import Secrets
from wirestep.protocols import REGISTRY
from wirestep.session import bulk_sweep, sharing, wholesale
from wirestep.session.decoding import decoded
from wirestep.session.sharing import Failed, shares, together
from wirestep.session.wholesale import Cells, Wholesale, carried

FOLDER = Path(__file__).resolve().parents[2] / "captures"
CORPUS = Path(os.environ.get("WIRESTEP_CORPUS", "/nonexistent"))
SOME = ("dns-records", "http1-keepalive", "page-load", "quic-http3", "tls13-resumed-0rtt")
FILES = [FOLDER / f"{name}.pcapng" for name in (*SOME, "traceroute", "websocket-chat")]
FILES += sorted(CORPUS.glob("*.pcap*"))
NAMES = sorted(name for name in REGISTRY.fields if carried([name], REGISTRY))

forking = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system copies no processes")


def opened(path: Path) -> tuple[Capture, Secrets]:
    capture = open_capture(str(path))
    for _ in load(capture):
        pass
    secrets = Secrets(capture.secrets)
    keys = path.with_suffix(".keys")
    if keys.is_file():
        secrets.add(keys.read_bytes())
    return capture, secrets


def by_engine(capture: Capture, secrets: Secrets) -> dict[int, Cells]:
    found = {}
    for frame in decoded(capture, REGISTRY, secrets=secrets, names=NAMES):
        cells = [frame.plain((name,), REGISTRY) for name in NAMES]
        if any(cells):
            found[frame.record.number] = cells
    return found


def test_what_conversations_carry() -> None:
    assert carried(["http2.type", "dns.qry.name", "tls.handshake.type"], REGISTRY)
    for name in ("tcp.flags", "frame.len", "ip.src", "icmp.type", "http2", "no.such.field"):
        assert not carried([name, "http2.type"], REGISTRY)
    assert not carried([], REGISTRY)
    assert len(NAMES) > 1000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_values_are_the_engines(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_sweep, "WINDOW", 40)
    capture, secrets = opened(path)
    found: dict[int, Cells] = {}
    last = 0
    for window in Wholesale(capture, REGISTRY, secrets, [(name,) for name in NAMES]):
        assert window.start == last
        assert all(window.start <= row < window.stop for row in window.cells)
        found.update(window.cells)
        last = window.stop
    assert last == capture.count
    assert found == by_engine(capture, secrets)


@forking
@pytest.mark.parametrize("name", ["page-load", "http1-keepalive", "dns-delegation"])
def test_processes_find_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    capture, secrets = opened(FOLDER / f"{name}.pcapng")
    monkeypatch.setattr(bulk_sweep, "WINDOW", 16)
    monkeypatch.setattr(wholesale, "processes", lambda columns: 3)
    found: dict[int, Cells] = {}
    for window in Wholesale(capture, REGISTRY, secrets, [(name,) for name in NAMES]):
        found.update(window.cells)
    assert found == by_engine(capture, secrets)


def test_conversations_are_shared_out_once() -> None:
    capture, _ = opened(FOLDER / "page-load.pcapng")
    parts = shares(capture.columns, 3)
    assert sorted(one for part in parts for one in part) == [*range(len(capture.columns.flows))]
    assert all(parts)


@forking
def test_steps_come_together_in_order() -> None:
    def work(part: Sequence[int]) -> Iterator[list[int]]:
        for step in range(50):
            yield [step * number for number in part] * 3000  # more than a pipe holds

    steps = list(together(work, [[1, 2], [3]]))
    assert [step[0][:2] for step in steps] == [[n, 2 * n] for n in range(50)]
    assert [step[1][0] for step in steps] == [3 * n for n in range(50)]


@forking
def test_a_process_that_is_ended_is_told_of() -> None:
    def work(part: Sequence[int]) -> Iterator[int]:
        yield 1
        if part[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        yield 2

    steps = together(work, [[0], [1]])
    assert next(steps) == [1, 1]
    with pytest.raises(Failed, match="ended"):
        next(steps)
    before = os.getpid()
    left = together(work, [[0], [0]])
    next(left)
    left.close()  # nobody wants more: the others are ended
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    assert os.getpid() == before


def test_a_small_capture_is_not_shared_out() -> None:
    capture, _ = opened(FOLDER / "dns-records.pcapng")
    assert sharing.processes(capture.columns) == 1


@forking
def test_processes_read_the_same_file_without_disturbing_each_other() -> None:
    path = FOLDER / "page-load.pcapng"
    capture, _ = opened(path)
    data = path.read_bytes()

    def work(part: Sequence[int]) -> Iterator[int]:
        dice = random.Random(part[0])
        for _ in range(40):
            places = [dice.randrange(len(data) - 100) for _ in range(100)]
            yield sum(capture.feed.at(at, 100) != data[at : at + 100] for at in places)

    assert [sum(step) for step in together(work, [[1], [2], [3]])] == [0] * 40
