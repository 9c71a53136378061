"""Captures that grow while they are open: files that are followed, pipes, live sources."""

import io
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from frames import udp
from made_files import interface, opened, packet, pcap, section

from wirestep.capture import Interface, LiveCapture, load, open_capture
from wirestep.capture import feed as feed_module
from wirestep.capture.columns import SHAPE
from wirestep.model import Record

FRAMES = [udp("192.0.2.1", 1000 + n % 9, "192.0.2.2", 53, bytes(n)) for n in range(300)]
PCAP = pcap(FRAMES)
PCAPNG = section() + interface() + b"".join(packet(f, n) for n, f in enumerate(FRAMES))


def same_columns(one, two) -> None:
    assert one.count == two.count
    for name in SHAPE:
        np.testing.assert_array_equal(getattr(one.columns, name), getattr(two.columns, name))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(feed_module, "LOOK", 0.001)


@pytest.mark.parametrize("data", [PCAP, PCAPNG], ids=["pcap", "pcapng"])
def test_a_followed_file_is_read_as_it_grows(data, tmp_path: Path):
    path = tmp_path / "growing"
    path.write_bytes(data[:200])
    capture = open_capture(str(path), follow=True)
    steps = load(capture)
    seen = [next(steps)]
    with open(path, "ab", buffering=0) as out:
        for start in range(200, len(data), 4_999):  # records are cut anywhere
            assert not capture.ready()
            out.write(data[start : start + 4_999])
            assert capture.ready()
            seen.append(next(steps))
            assert not capture.finished
            assert capture.bytes_total == capture.bytes_done == out.tell()
    assert seen == sorted(seen)
    assert seen[-1] == len(FRAMES)
    assert capture[len(FRAMES) - 1].data == FRAMES[-1]
    capture.settle()
    assert list(steps) == [len(FRAMES)]
    assert capture.finished
    assert capture.problem == ""
    same_columns(capture, opened(data))


def test_half_a_record_waits_and_is_told_of_in_the_end(tmp_path: Path):
    path = tmp_path / "growing.pcap"
    path.write_bytes(PCAP[:-5])
    capture = open_capture(str(path), follow=True)
    steps = load(capture)
    assert next(steps) == len(FRAMES) - 1
    assert capture.problem == ""
    capture.settle()
    assert list(steps) == [len(FRAMES) - 1]
    assert f"cut in the middle of packet {len(FRAMES)}" in capture.problem


def test_a_followed_file_that_is_cut(tmp_path: Path):
    path = tmp_path / "growing.pcap"
    path.write_bytes(PCAP)
    capture = open_capture(str(path), follow=True)
    steps = load(capture)
    assert next(steps) == len(FRAMES)
    os.truncate(path, 1000)
    assert list(steps) == [len(FRAMES)]
    assert capture.problem == "was made shorter while it was read: everything before it is shown"


def test_closing_wakes_who_waits_for_a_followed_file(tmp_path: Path):
    path = tmp_path / "growing.pcap"
    path.write_bytes(PCAP)
    capture = open_capture(str(path), follow=True)
    steps = load(capture)
    next(steps)
    timer = threading.Timer(0.02, capture.close)
    timer.start()
    assert list(steps) == []
    timer.join()


def test_a_plain_opening_ends_where_the_file_ends(tmp_path: Path):
    path = tmp_path / "whole.pcap"
    path.write_bytes(PCAP)
    capture = open_capture(str(path))
    capture.settle()
    assert capture.ready()
    assert list(load(capture))[-1] == len(FRAMES)
    assert capture.finished


@pytest.mark.parametrize("piece", [77, 64 << 10])
@pytest.mark.parametrize("data", [PCAP, PCAPNG], ids=["pcap", "pcapng"])
def test_nothing_is_lost_in_a_pipe(data, piece):
    there, here = os.pipe()

    def write() -> None:
        with open(here, "wb", buffering=0) as out:
            for start in range(0, len(data), piece):
                out.write(data[start : start + piece])

    writer = threading.Thread(target=write)
    writer.start()
    with open(there, "rb") as reading:
        capture = open_capture("-", stream=reading)
        for _ in load(capture):
            pass
    writer.join()
    assert capture.problem == ""
    same_columns(capture, opened(data))


def test_a_stream_cannot_be_settled():
    capture = open_capture("x", stream=io.BytesIO(PCAP))
    capture.settle()
    assert list(load(capture))[-1] == len(FRAMES)


def records(capture, comment: bool = False) -> list[Record]:
    """The records of another capture, as a live source gives them."""
    return [
        Record(0, one.time, one.data, one.length, comments=("seen",) if comment else ())
        for one in capture
    ]


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_a_live_capture_is_as_one_from_a_file(batch):
    whole = opened(PCAP)
    given = records(whole)
    live = LiveCapture("wire", [Interface("wire")])
    for start in range(0, len(given), batch):
        live.append(given[start : start + batch])
        assert live.count == min(start + batch, len(given))
    live.end()
    assert list(load(live)) == [len(given)]
    for name in set(SHAPE) - {"offset"}:
        np.testing.assert_array_equal(getattr(live.columns, name), getattr(whole.columns, name))
    assert list(live) == list(whole)
    assert live.finished
    live.close()


def test_a_live_capture_keeps_comments_and_says_what_is_wrong():
    live = LiveCapture("wire")
    live.append(records(opened(PCAP), comment=True))
    assert [one.comments for one in live] == [("seen",)] * len(FRAMES)
    assert [one.data for one in live] == FRAMES
    with pytest.raises(ValueError, match="interface 3 is unknown"):
        live.append([Record(0, 0, b"x", 1, interface=3)])
    live.append([])
    live.end("the wire broke")
    assert live.problem == "the wire broke"
    with pytest.raises(ValueError, match="wire has ended"):
        live.append([Record(0, 0, b"x", 1)])


def test_who_loads_a_live_capture_is_woken_by_news():
    live = LiveCapture("wire")
    steps, given = load(live), records(opened(PCAP))
    assert not live.ready()
    live.append(given[:5])
    assert live.ready()
    assert next(steps) == 5
    assert not live.ready()
    timer = threading.Timer(0.01, live.append, (given[5:],))
    timer.start()
    assert next(steps) == len(given)
    timer.join()
    live.end()
    assert list(steps) == [len(given)]
    live.close()
    assert list(load(live)) == []
