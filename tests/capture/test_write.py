"""What is written can be read, by us and by tshark."""

import io
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_files import FILES, loaded, needs_tshark, opened, pcap

from wirestep.capture import Interface, PcapngWriter, load, open_capture, save
from wirestep.model import Record

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
INTERFACES = st.builds(
    Interface,
    name=TEXT,
    description=TEXT,
    link=st.integers(0, 0xFFFF),
    snaplen=st.integers(0, 2**32 - 1),
    filter=TEXT,
    os=TEXT,
    resolution=st.just(10**9),
    comments=st.lists(TEXT, max_size=2).map(tuple),
)


@given(
    st.lists(INTERFACES, min_size=1, max_size=3),
    st.lists(
        st.tuples(
            st.integers(0, 2**63 - 1),
            st.binary(max_size=200),
            st.integers(0, 2000),
            st.integers(0, 2),
            st.lists(TEXT, max_size=3).map(tuple),
        ),
        max_size=8,
    ),
    st.binary(max_size=50),
)
def test_round_trip(interfaces, packets, log):
    out = io.BytesIO()
    writer = PcapngWriter(out, application="me", comments=("about",), hardware="h", os="o")
    assert [writer.interface(one) for one in interfaces] == list(range(len(interfaces)))
    writer.secrets(log)
    writer.names({"192.0.2.1": "one", "2001:db8::1": "six", "no address": "none"})
    records = []
    for number, (time, data, more, place, comments) in enumerate(packets):
        place %= len(interfaces)
        link, size = interfaces[place].link, len(data) + more
        record = Record(number, time, data, size, link, place, comments)
        writer.packet(record)
        records.append(record)
    capture = opened(out.getvalue())
    assert list(capture) == records
    assert list(capture.interfaces) == interfaces
    assert dict(capture.names) == {"192.0.2.1": "one", "2001:db8::1": "six"}
    assert (capture.application, capture.hardware, capture.os) == ("me", "h", "o")
    assert capture.comments == ("about",)
    assert capture.secrets.rstrip(b"\n") == log.rstrip(b"\n")
    assert capture.problem == ""


def test_each_block_is_whole_when_it_is_flushed():
    """Killed at any moment, a recording is readable up to the last block that was flushed."""

    class Watched(io.BytesIO):
        def flush(self) -> None:
            seen.append(self.getvalue())

    seen: list[bytes] = []
    writer = PcapngWriter(Watched(), application="me")
    writer.interface(Interface())
    for number in range(5):
        writer.packet(Record(number, number, bytes(33), 33), ("why",))
    for place, data in enumerate(seen):
        capture = opened(data)
        assert capture.problem == ""
        assert capture.count == max(0, place - 1)


def test_an_interface_nobody_described():
    writer = PcapngWriter(io.BytesIO(), application="me")
    with pytest.raises(ValueError, match="packet 1: interface 0 is unknown"):
        writer.packet(Record(0, 0, b"x", 1))


@pytest.mark.parametrize("path", FILES)
def test_saving_keeps_all(path, tmp_path):
    capture = loaded(path)
    count = save(capture, str(tmp_path / "out"))
    again = loaded(tmp_path / "out")
    assert count == again.count == capture.count
    assert list(again) == list(capture)
    assert dict(again.names) == dict(capture.names)
    assert set(again.secrets.splitlines()) == set(capture.secrets.splitlines())
    assert again.comments == capture.comments


@needs_tshark
@pytest.mark.tshark
@pytest.mark.parametrize("path", FILES)
def test_tshark_reads_the_same(path, tmp_path):
    """With the secrets inside, what was decrypted before is decrypted after."""
    capture = loaded(path)
    save(capture, str(tmp_path / "out.pcapng"), comments={0: ("größer", "two")})
    fields = ["frame.len", "frame.cap_len", "frame.comment", "_ws.col.Protocol", "_ws.col.Info"]
    answers = []
    for name in (str(path), str(tmp_path / "out.pcapng")):
        command = ["tshark", "-n", "-r", name, "-T", "fields"]
        for field in fields:
            command += ["-e", field]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        rows = [line.split("\t") for line in done.stdout.splitlines()]
        answers.append([row for row in rows if row[3] != "PCAPNG"])
    before, after = answers
    if before:
        assert after[0][2] == "größer,two"
        before[0][2] = after[0][2]
    if len(before) == capture.count and "80211" not in path.name:
        assert [row[:4] for row in after] == [row[:4] for row in before]


def test_some_rows_with_other_comments(tmp_path):
    capture = opened(pcap([b"a", b"b", b"c", b"d"]))
    path = str(tmp_path / "some")
    assert save(capture, path, rows=[3, 1], comments={3: ("new",), 0: ("left out",)}) == 2
    again = loaded(path)
    assert [(record.data, record.comments) for record in again] == [(b"d", ("new",)), (b"b", ())]
    # A comment that is taken away is away.
    save(again, path, comments={0: ()})
    assert [record.comments for record in loaded(path)] == [(), ()]


def test_secrets_are_for_the_owner_only(tmp_path):
    capture = opened(pcap([b"a"]))
    mask = os.umask(0o022)
    try:
        save(capture, str(tmp_path / "open"))
        save(capture, str(tmp_path / "closed"), secrets=b"CLIENT_RANDOM 1 2\n")
    finally:
        os.umask(mask)
    assert (tmp_path / "open").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "closed").stat().st_mode & 0o777 == 0o600
    assert loaded(tmp_path / "closed").secrets == b"CLIENT_RANDOM 1 2\n"


def test_a_save_that_fails_leaves_nothing(tmp_path):
    capture = opened(pcap([b"a"]))
    (tmp_path / "there").write_bytes(b"before")
    with pytest.raises(IndexError):
        save(capture, str(tmp_path / "there"), rows=[0, 5])
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert (tmp_path / "there").read_bytes() == b"before"


def test_long_comments_are_clipped_between_characters():
    out = io.BytesIO()
    writer = PcapngWriter(out, application="me")
    writer.interface(Interface())
    writer.packet(Record(0, 0, b"x", 1), ("ü" * 40_000,))
    capture = opened(out.getvalue())
    assert capture[0].data == b"x"
    assert capture.problem == ""


def test_a_pipe_is_written_into_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    source = tmp_path / "source.pcapng"
    with source.open("wb") as file:
        writer = PcapngWriter(file, application="tests")
        writer.interface(Interface(name="lo", link=1))
        writer.packet(Record(0, 1_000_000_007, b"\x01\x02\x03", 3, 1))
    capture = open_capture(str(source))
    for _ in load(capture):
        pass
    inner = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert save(capture, str(path)) == 1
        assert os.read(inner, 4) == b"\x0a\x0d\x0d\x0a"
    finally:
        os.close(inner)
        capture.close()
    assert path.is_fifo()
