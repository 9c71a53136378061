"""Our TCP against the Linux kernel's, over a TUN device in a namespace of its own."""

from __future__ import annotations

import errno
import random
import socket
import struct
from collections.abc import Iterator

import pytest

from wirestep.wires.tcp import Cookies, Options, State
from wirestep.wires.tcp.segment import ECE, SYN

from .kernel import KERNEL, OURS, End, KernelWire, Talker, Unavailable

pytestmark = pytest.mark.kernel

UP = random.Random(1).randbytes(200_000)
DOWN = random.Random(2).randbytes(200_000)
TCP_INFO_OPTIONS = {"timestamps": 1, "sack": 2, "scale": 4, "ecn": 8}
"""tcpi_options (linux/tcp.h)."""
OPTIONS = {
    "usual": Options(time_wait=1),
    "reno": Options(time_wait=1, congestion="reno"),
    "bare": Options(time_wait=1, sack=False, timestamps=False, scale=False),
    "no-sack": Options(time_wait=1, sack=False),
    "ecn": Options(time_wait=1, ecn=True),
    "small-window": Options(time_wait=1, window=5000),
    "no-timestamps": Options(time_wait=1, timestamps=False),
}


@pytest.fixture
def wire() -> Iterator[KernelWire]:
    try:
        with KernelWire() as made:
            yield made
    except Unavailable as error:
        pytest.skip(f"no network namespace with a TUN device: {error}")


def listening(wire: KernelWire, **options: int) -> tuple[socket.socket, int]:
    """A socket of the kernel's that listens, and its port."""
    listener = wire.socket()
    for name, value in options.items():
        level = socket.IPPROTO_TCP if name.startswith("TCP") else socket.SOL_SOCKET
        listener.setsockopt(level, getattr(socket, name), value)
    listener.bind((KERNEL, 0))
    listener.listen(4)
    return listener, listener.getsockname()[1]


def accepted(wire: KernelWire, listener: socket.socket) -> socket.socket:
    """The connection that the kernel accepts next."""
    found: list[socket.socket] = []

    def done() -> bool:
        try:
            made, _ = listener.accept()
        except BlockingIOError:
            return False
        found.append(wire.keep(made))
        return True

    wire.until(done)
    return found[0]


def agreed(talker: socket.socket) -> dict[str, bool]:
    """What the kernel says it agreed on with us."""
    info = talker.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return {name: bool(info[5] & bit) for name, bit in TCP_INFO_OPTIONS.items()}


def send_all(wire: KernelWire, end: End, data: bytes) -> None:
    end.connection.send(data, wire.now)
    end.connection.close(wire.now)
    wire.flush()


@pytest.mark.parametrize(
    ("name", "loss"),
    [
        ("usual", 0.0),
        ("usual", 0.05),
        ("usual", 0.1),
        ("reno", 0.05),
        ("bare", 0.05),
        ("no-sack", 0.05),
        ("small-window", 0.02),
        ("no-timestamps", 0.05),
        ("ecn", 0.02),
    ],
)
def test_our_client_and_its_server(wire: KernelWire, name: str, loss: float) -> None:
    options = OPTIONS[name]
    listener, port = listening(wire)
    end = wire.connect(port, options)
    talker = Talker(accepted(wire, listener), DOWN)
    wire.loss, wire.marks = loss, 0.05
    send_all(wire, end, UP)
    wire.until(lambda: talker.work() and end.connection.over)
    assert bytes(talker.got) == UP
    assert bytes(end.got) == DOWN
    assert agreed(talker.socket) == {
        "timestamps": options.timestamps,
        "sack": options.sack,
        "scale": options.scale,
        "ecn": options.ecn,
    }
    if options.ecn:
        assert any(who == OURS and packet.flags & ECE for who, packet in wire.packets[2:])


@pytest.mark.parametrize(
    ("name", "loss"), [("usual", 0.0), ("usual", 0.1), ("bare", 0.05), ("ecn", 0.02)]
)
def test_its_client_and_our_server(wire: KernelWire, name: str, loss: float) -> None:
    ends: list[End] = []
    wire.listen(80, OPTIONS[name], ends.append)
    talker = Talker(wire.socket(), UP)
    with pytest.raises(BlockingIOError):
        talker.socket.connect((OURS, 80))
    wire.until(lambda: bool(ends) and ends[0].connection.state is State.ESTABLISHED)
    wire.loss, wire.marks = loss, 0.05
    send_all(wire, ends[0], DOWN)
    wire.until(lambda: talker.work() and ends[0].connection.over)
    assert bytes(ends[0].got) == UP
    assert bytes(talker.got) == DOWN
    assert agreed(talker.socket)["ecn"] == OPTIONS[name].ecn


@pytest.mark.parametrize("name", ["usual", "no-sack", "bare"])
def test_copies_and_packets_out_of_order(wire: KernelWire, name: str) -> None:
    listener, port = listening(wire)
    end = wire.connect(port, OPTIONS[name])
    talker = Talker(accepted(wire, listener), DOWN)
    wire.disorder = 0.05
    send_all(wire, end, UP)
    wire.until(lambda: talker.work() and end.connection.over)
    assert bytes(talker.got) == UP
    assert bytes(end.got) == DOWN


def test_the_scale_of_our_windows_is_understood(wire: KernelWire) -> None:
    listener, port = listening(wire)
    options = Options(window=1 << 22)
    end = wire.connect(port, options)
    talker = accepted(wire, listener)
    wire.until(lambda: end.connection.state is State.ESTABLISHED)
    info = talker.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    assert info[6] & 15 == options.shift == 7


def test_both_open_at_once(wire: KernelWire) -> None:
    """RFC 9293 section 3.5, figure 8."""
    talker = Talker(wire.socket(), DOWN)
    talker.socket.bind((KERNEL, 0))
    with pytest.raises(BlockingIOError):
        talker.socket.connect((OURS, 7777))
    port = talker.socket.getsockname()[1]
    end = wire.connect(port, OPTIONS["usual"], local_port=7777)
    send_all(wire, end, UP)
    wire.until(lambda: talker.work() and end.connection.over)
    states = [state for state, _ in end.connection.panel().since]
    assert states[:3] == ["SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"]
    assert bytes(talker.got) == UP
    assert bytes(end.got) == DOWN


def test_a_closed_port_of_its_and_of_ours(wire: KernelWire) -> None:
    end = wire.connect(9, Options())
    wire.until(lambda: end.connection.over)
    assert end.failed == "refused"
    talker = wire.socket()
    with pytest.raises(BlockingIOError):
        talker.connect((OURS, 9))
    wire.until(lambda: talker.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED)


def test_its_window_shuts_and_our_probes_wait(wire: KernelWire) -> None:
    listener, port = listening(wire, SO_RCVBUF=8192)
    end = wire.connect(port, OPTIONS["usual"])
    talker = Talker(accepted(wire, listener))
    talker.socket.shutdown(socket.SHUT_WR)
    send_all(wire, end, UP)

    def probed() -> bool:
        return sum(packet.note == "zero-window probe" for _, packet in wire.packets) >= 2

    wire.until(probed)
    assert [alarm.name for alarm in end.connection.timers()] == ["persist"]
    wire.until(lambda: talker.work() and end.connection.over)
    assert bytes(talker.got) == UP


def test_our_window_shuts_and_its_probes_are_answered(wire: KernelWire) -> None:
    listener, port = listening(wire)
    end = wire.connect(port, Options(time_wait=1, window=20_000))
    end.connection.pause(wire.now)
    talker = Talker(accepted(wire, listener), DOWN)
    send_all(wire, end, b"")

    def shut() -> bool:
        talker.work()
        return sum(who == OURS and packet.window == 0 for who, packet in wire.packets) >= 3

    wire.until(shut)
    assert not end.got
    end.connection.resume(wire.now)
    wire.flush()
    wire.until(lambda: talker.work() and end.connection.over)
    assert bytes(end.got) == DOWN


def test_our_abort_and_its(wire: KernelWire) -> None:
    listener, port = listening(wire)
    end = wire.connect(port, Options())
    talker = Talker(accepted(wire, listener))
    wire.until(lambda: end.connection.state is State.ESTABLISHED)
    end.connection.abort(wire.now)
    wire.flush()
    wire.until(lambda: talker.work() or talker.error != 0)
    assert talker.error == errno.ECONNRESET

    end = wire.connect(port, Options())
    other = accepted(wire, listener)
    wire.until(lambda: end.connection.state is State.ESTABLISHED)
    other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    other.close()
    wire.until(lambda: end.connection.over)
    assert end.failed == "reset"


def test_our_data_in_a_syn(wire: KernelWire) -> None:
    """Fast Open: the kernel gives us a cookie, and then takes data with it."""
    listener, port = listening(wire, TCP_FASTOPEN=4)
    options = Options(time_wait=1, fast_open=True)
    first = wire.connect(port, options)
    accepted(wire, listener).close()
    wire.until(lambda: first.connection.state is State.CLOSE_WAIT)
    cookie = first.connection.cookie
    assert cookie
    wire.packets.clear()
    second = wire.connect(port, options, b"early", cookie)
    talker = Talker(accepted(wire, listener), b"answer")
    send_all(wire, second, b" and late")
    wire.until(lambda: talker.work() and second.connection.over)
    assert bytes(talker.got) == b"early and late"
    assert bytes(second.got) == b"answer"
    assert sum(packet.data == b"early" for _, packet in wire.packets) == 1


def test_its_data_in_a_syn(wire: KernelWire) -> None:
    """Fast Open: we give the kernel a cookie, and then take data with it."""
    ends: list[End] = []
    wire.listen(80, Options(time_wait=1, fast_open=True), ends.append, Cookies(bytes(range(16))))
    for number, early in enumerate((b"first", b"second")):
        talker = Talker(wire.socket())
        try:
            talker.socket.sendto(early, socket.MSG_FASTOPEN, (OURS, 80))
        except BlockingIOError:  # it has no cookie, and asks for one
            talker.to_send = early
        wire.until(
            lambda place=number: (
                len(ends) > place and ends[place].connection.state is State.ESTABLISHED
            )
        )
        if not talker.to_send:
            talker.socket.shutdown(socket.SHUT_WR)
        send_all(wire, ends[number], b"answer")
        wire.until(lambda t=talker, n=number: t.work() and ends[n].connection.over)
        assert bytes(ends[number].got) == early
        assert bytes(talker.got) == b"answer"
    assert any(packet.flags & SYN and packet.data == b"second" for _, packet in wire.packets)
