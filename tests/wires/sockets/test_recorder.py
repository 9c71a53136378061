"""What passed, as packets: captured by the kernel, and inferred from the sockets."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from echoing import Asker, Echo, Errand, Story, served

from wirestep.capture import LiveCapture, load, save
from wirestep.exchange.contract import Transport
from wirestep.model import Address, Record
from wirestep.wires import frames
from wirestep.wires.sockets.recorder import Recorder
from wirestep.wires.sockets.seen import Seen
from wirestep.wires.sockets.sketch import INTERFACE, MARK, Sketch
from wirestep.wires.sockets.tap import Tap
from wirestep.wires.sockets.tcpinfo import parsed, tcp_info
from wirestep.wires.tcp.segment import Segment


def may_capture() -> bool:
    try:
        Tap(lambda one: 0).close()
    except OSError:
        return False
    return True


needs_right = pytest.mark.skipif(not may_capture(), reason="packet sockets are not allowed here")
needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
WORDS = [b"one", b"two" * 700, b"three"]


async def recorded(transport: Transport, host: str = "127.0.0.1", *, infer: bool) -> LiveCapture:
    """An exchange with an echo server, as the client's recorder has it."""
    server = Story()
    at = await served(server, transport, Echo(), Address(host))
    story = Story()
    recorder = Recorder(LiveCapture("wire", []), story.clock, infer=infer)
    story.host.watch = recorder.see
    recorder.start()
    story.host.run(Errand(transport, at, Asker(WORDS)))
    await story.finish()
    await story.host.settle(5)
    recorder.secret("CLIENT_RANDOM 00 11")
    await recorder.finish()
    assert recorder.inferred is infer
    await story.host.close()
    await server.host.close()
    list(load(recorder.capture))
    return recorder.capture


def told(capture: LiveCapture) -> list[tuple[str, int, bytes]]:
    """Of each side in turn: what it sent, and the flags of TCP as far as they matter."""
    found: list[tuple[str, int, bytes]] = []
    client = None
    for record in capture:
        at = {1: 14, 101: 0}[capture.interfaces[record.interface].link]
        parts = frames.read(record.data[at:])
        assert parts is not None
        port = int.from_bytes(parts.body[:2], "big")
        client = port if client is None else client
        data, flags = parts.body[8:], 0
        if parts.protocol == frames.TCP:
            segment = Segment.decode(parts.body)
            data, flags = segment.data, segment.flags & 0x03
        if data or flags:
            found.append(("client" if port == client else "server", flags, data))
    return found


@needs_right
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_what_is_inferred_is_what_the_kernel_carried(transport: Transport, host: str) -> None:
    if host == "::1" and not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    captured = await recorded(transport, host, infer=False)
    inferred = await recorded(transport, host, infer=True)
    assert told(captured) == told(inferred)
    assert captured.interfaces[0].name == "lo"
    assert {one.name for one in inferred.interfaces} == {INTERFACE}
    assert all(one.comments[0].startswith(MARK) for one in inferred)
    assert not any(one.comments for one in captured)
    assert captured.secrets == inferred.secrets == b"CLIENT_RANDOM 00 11\n"
    times = [one.time for one in inferred]
    assert times == sorted(times)


@needs_tshark
@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_tshark_finds_nothing_wrong_with_what_is_inferred(
    transport: Transport, tmp_path: Path
) -> None:
    capture = await recorded(transport, infer=True)
    path = tmp_path / "inferred.pcapng"
    save(capture, str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    command = ["tshark", "-n", "-r", str(path), "-o", "tcp.check_checksum:TRUE", "-T", "fields"]
    names = ["_ws.expert.severity", "frame.comment", "frame.interface_name", "data.data"]
    for name in [*names, "tcp.payload", "udp.payload"]:
        command += ["-e", name]
    out = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    rows = [line.split("\t") for line in out.splitlines()]
    warning = 0x600000
    assert not [row for row in rows if any(int(x) >= warning for x in row[0].split(",") if x)]
    assert all(row[1].startswith(MARK) and row[2] == INTERFACE for row in rows)
    payloads = [bytes.fromhex(row[4] or row[5]) for row in rows if row[4] or row[5]]
    assert b"".join(payloads) == b"".join(word * 2 for word in WORDS)


@needs_right
async def test_only_packets_of_our_own_ports_are_read() -> None:
    own, other = Story(), Story()
    tap = Tap(lambda one: 0)
    own.host.watch = tap.see
    asker = Asker([b"mine"])
    for story, one in ((other, Asker([b"not mine"])), (own, asker)):
        for transport in ("tcp", "udp"):
            server = Story()
            at = await served(server, transport, Echo())
            story.host.run(Errand(transport, at, Asker(one.words)))
            await story.finish()
            story.done.clear()
            await server.host.close()
    found: list[Record] = tap.records()
    assert len(found) > 8
    for record in found:
        parts = frames.read(record.data[14:])
        assert parts is not None
        assert b"not mine" not in parts.body
    tap.close()
    await own.host.close()
    await other.host.close()


@needs_right
async def test_the_message_that_nobody_listens_is_read_as_well() -> None:
    story = Story()
    tap = Tap(lambda one: 0)
    story.host.watch = tap.see
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        closed = Address(*sock.getsockname())
    story.host.run(Errand("udp", closed, Asker([b"hello"])))
    await story.finish()
    kinds = [frames.read(record.data[14:]) for record in tap.records()]
    assert [one.protocol for one in kinds if one] == [frames.UDP, frames.ICMP]
    tap.close()


async def test_a_connection_that_is_refused_or_broken_off_shows_its_reset() -> None:
    sketch = Sketch(0)
    here, there = Address("192.0.2.1", 5000), Address("192.0.2.2", 80)
    story = [
        Seen("opening", "tcp", here, there, 1),
        Seen("reset", "tcp", here, there, 2, mine=False),
    ]
    records = [record for seen in story for record in sketch.records(seen)]
    segments = [Segment.decode(frames.read(one.data).body) for one in records]  # type: ignore[union-attr]
    assert [(one.source, one.flags & 0x16) for one in segments] == [(5000, 2), (80, 0x14)]
    assert [one.time for one in records] == [1, 2]


async def test_many_bytes_in_one_write_are_segments_that_fit() -> None:
    sketch = Sketch(0)
    here, there = Address("192.0.2.1", 5000), Address("192.0.2.2", 80)
    sketch.records(Seen("opening", "tcp", here, there, 1))
    sketch.records(Seen("opened", "tcp", here, there, 2))
    data = bytes(range(256)) * 1000
    records = sketch.records(Seen("data", "tcp", here, there, 3, data=data))
    segments = [Segment.decode(frames.read(one.data).body) for one in records]  # type: ignore[union-attr]
    assert b"".join(one.data for one in segments) == data
    ends = [one.sequence + len(one.data) for one in segments]
    assert [one.sequence for one in segments] == [1, *ends[:-1]]


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="the system has no TCP_INFO")
async def test_what_the_kernel_says_of_a_connection_is_what_it_says_elsewhere() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as sock,
    ):
        info = tcp_info(sock)
        assert info is not None
        assert info.sent_mss == sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
        assert 0 < info.rtt < 10**9
        assert info.retransmits == 0
        if shutil.which("ss"):
            command = ["ss", "-tinH", "sport", "=", str(sock.getsockname()[1])]
            out = subprocess.run(
                command, capture_output=True, text=True, timeout=10, check=False
            ).stdout
            if "cwnd:" in out:
                assert f" cwnd:{info.window} " in out
                assert f" rtt:{info.rtt / 1e6:.3f}".rstrip("0").rstrip(".") in out
    assert parsed(bytes(20)) is None
    assert tcp_info(sock) is None


async def test_where_nothing_can_be_seen_it_is_inferred_after_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Blind:
        def __init__(self, describe: object) -> None:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.setblocking(False)
            self.socket.bind(("127.0.0.1", 0))

        def see(self, seen: Seen) -> None: ...

        def records(self) -> list[Record]:
            return []

        def close(self) -> None:
            self.socket.close()

    monkeypatch.setattr("wirestep.wires.sockets.recorder.Tap", Blind)
    capture = LiveCapture("wire", [])
    story = Story()
    recorder = Recorder(capture, story.clock)
    recorder.start()
    story.host.watch = recorder.see
    server = Story()
    at = await served(server, "tcp", Echo())
    story.host.run(Errand("tcp", at, Asker([b"x"])))
    await story.finish()
    await asyncio.wait_for(recorder.finish(), 10)
    assert recorder.problem == "no packet could be seen"
    assert [data for _, _, data in told(capture) if data] == [b"x", b"x"]
    await story.host.close()
    await server.host.close()
