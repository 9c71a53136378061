"""Opening: what a file is, compressed or streamed, a window at a time."""

import bz2
import contextlib
import gzip
import io
import os
import threading
from unittest.mock import patch

import numpy as np
import pytest
from made_files import FILES, interface, loaded, opened, packet, pcap, section

from wirestep.capture import NotACapture, load, open_capture
from wirestep.capture import feed as feed_module
from wirestep.capture import windows as windows_module
from wirestep.capture.columns import SHAPE

zstandard = pytest.importorskip("zstandard")
FRAMES = [os.urandom(size) for size in range(20, 700)]
DATA = pcap(FRAMES)


def same_columns(one, two) -> None:
    assert one.count == two.count
    for name in SHAPE:
        np.testing.assert_array_equal(getattr(one.columns, name), getattr(two.columns, name))


@pytest.mark.parametrize("path", FILES)
def test_windows_do_not_matter(path):
    """The same packets, whatever the size of the windows (a header cut anywhere)."""
    whole = loaded(path)
    for size in (997, 4099):
        with (
            patch.object(windows_module, "FIRST", size),
            patch.object(windows_module, "WINDOW", size),
        ):
            same_columns(loaded(path), whole)


@pytest.mark.parametrize("path", FILES)
def test_records_are_what_columns_say(path):
    capture = loaded(path)
    for record in capture:
        row = record.number
        assert len(record.data) == capture.columns.caplen[row]
        assert record.link == capture.columns.link[row]
        assert capture[row] == record
    backwards = list(capture.records(reversed(range(capture.count))))
    assert [record.number for record in backwards] == list(reversed(range(capture.count)))
    assert backwards == list(capture)[::-1]


@pytest.mark.parametrize(
    ("pack", "name"),
    [
        (gzip.compress, "pcap (gzip)"),
        (lambda data: gzip.compress(data[:999]) + gzip.compress(data[999:]), "pcap (gzip)"),
        (lambda data: gzip.compress(data) + bytes(512), "pcap (gzip)"),
        (zstandard.compress, "pcap (zstd)"),
        (
            lambda data: zstandard.compress(data[:999]) + zstandard.compress(data[999:]),
            "pcap (zstd)",
        ),
    ],
)
def test_compressed(pack, name, tmp_path):
    path = tmp_path / "packed"
    path.write_bytes(pack(DATA))
    capture = loaded(path)
    assert capture.format == name
    assert [record.data for record in capture] == FRAMES
    assert capture.problem == ""
    assert capture.bytes_done == capture.bytes_total == path.stat().st_size
    capture.close()


def test_lz4():
    lz4 = pytest.importorskip("lz4.frame")
    capture = opened(lz4.compress(DATA) + lz4.compress(b""))
    assert capture.format == "pcap (lz4)"
    assert [record.data for record in capture] == FRAMES


def test_without_the_library_it_says_which():
    with (
        patch.dict("sys.modules", {"lz4": None, "lz4.frame": None}),
        pytest.raises(NotACapture, match="install the Python package lz4"),
    ):
        open_capture("a.lz4", stream=io.BytesIO(b"\x04\x22\x4d\x18" + bytes(40)))


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_compressed_and_cut_shows_what_came_before(pack):
    frames = [os.urandom(1000) for _ in range(600)]
    packed = pack(pcap(frames))
    capture = opened(packed[: len(packed) // 2])
    assert 200 < capture.count < 320
    assert [record.data for record in capture] == frames[: capture.count]
    assert "data ends early: everything before it is shown" in capture.problem


def test_damaged_gzip_shows_what_came_before():
    packed = bytearray(gzip.compress(DATA))
    packed[-6] ^= 0xFF  # the checksum at the end
    capture = opened(bytes(packed))
    assert capture.count == len(FRAMES)
    assert "gzip data is damaged" in capture.problem


def test_a_bomb_stops_at_the_limit():
    limit = 3_000_000
    with patch.object(feed_module.SpoolFeed.__init__, "__defaults__", (limit,)):
        capture = opened(gzip.compress(pcap([bytes(60_000)] * 500)))
    assert capture.count == (limit - 24) // 60_016
    assert "more than 3,000,000 bytes when unpacked" in capture.problem


def test_a_pipe_is_shown_while_it_grows():
    there, here = os.pipe()
    with open(there, "rb") as reading, open(here, "wb", buffering=0) as writing:
        writing.write(pcap(FRAMES[:3])[:-7])
        capture = open_capture("-", stream=reading)
        steps = load(capture)
        assert next(steps) == 2
        assert not capture.finished
        writing.write(pcap(FRAMES[:3])[-7:])
        assert next(steps) == 3
        assert capture[2].data == FRAMES[2]
        writing.close()
        assert list(steps) == [3]
    assert capture.finished
    assert capture.path is None
    assert capture.name == "standard input"


def test_a_named_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)

    def write() -> None:
        with contextlib.suppress(OSError), open(path, "wb") as out:
            out.write(gzip.compress(DATA))

    writer = threading.Thread(target=write)
    writer.start()
    assert loaded(path).count == len(FRAMES)
    writer.join(10)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "x is empty."),
        (b"\x7fELF" + bytes(60), "x is no capture: it is a program (ELF)."),
        (b"  <!DOCTYPE html><html>", "it is an HTML page"),
        (b"just some words\n" * 40, "it is text."),
        ("häßlich\n".encode() * 700, "it is text."),
        (bz2.compress(b"abc"), "bzip2 (unpack it first)"),
        (bytes(range(256)), "can be read here (pcap or pcapng)"),
        (gzip.compress(b"hello there\n"), "What x holds (gzip) is no capture: it is text."),
        (gzip.compress(b""), "What x holds (gzip) is empty."),
        (gzip.compress(gzip.compress(DATA)), "compressed with gzip once more"),
        (gzip.compress(DATA)[:12], "What x holds (gzip) is empty: the gzip data ends early."),
        (DATA[:23], "x is a pcap file cut inside its first 23 bytes."),
        (section()[:23], "x is a pcapng file cut inside its first 23 bytes."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_capture(data, said):
    with pytest.raises(NotACapture) as caught:
        open_capture("x", stream=io.BytesIO(data))
    assert said in str(caught.value)


def test_a_directory(tmp_path):
    with pytest.raises(NotACapture, match="is a directory"):
        open_capture(str(tmp_path))
    with pytest.raises(FileNotFoundError):
        open_capture(str(tmp_path / "none"))


def test_closed_while_loading_ends_quietly():
    capture = open_capture("x", stream=io.BytesIO(DATA))
    steps = load(capture)
    capture.close()
    assert list(steps) == []


def test_rows_that_are_not_there():
    capture = opened(section() + interface() + packet(b"one") + packet(b"two"))
    assert capture[-1].data == b"two"
    for row in (2, -3):
        with pytest.raises(IndexError):
            capture[row]
    with pytest.raises(IndexError):
        list(capture.records([0, 2]))


def readers_ahead() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "read ahead"]


def test_loading_that_is_dropped_leaves_no_thread(tmp_path):
    path = tmp_path / "x.pcap"
    path.write_bytes(DATA)
    with patch.object(windows_module, "FIRST", 999), patch.object(windows_module, "WINDOW", 999):
        steps = load(open_capture(str(path)))
        next(steps)
        assert readers_ahead()
        steps.close()
    assert not readers_ahead()


def test_what_goes_wrong_ahead_is_raised_where_packets_are_asked_for(tmp_path):
    path = tmp_path / "x.pcap"
    path.write_bytes(DATA)
    capture = open_capture(str(path))
    with (
        patch.object(type(capture.reader), "take", side_effect=MemoryError("no room")),
        pytest.raises(MemoryError, match="no room"),
    ):
        list(load(capture))
    assert not readers_ahead()


def test_a_file_closed_while_it_is_read_ends_quietly(tmp_path):
    path = tmp_path / "x.pcap"
    path.write_bytes(DATA)
    capture = open_capture(str(path))
    with patch.object(windows_module, "FIRST", 999), patch.object(windows_module, "WINDOW", 999):
        steps = load(capture)
        next(steps)
        capture.close()
        assert list(steps) == []
    assert not readers_ahead()
