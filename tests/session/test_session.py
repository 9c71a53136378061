"""The session over real captures: what is shown, filtered, found, marked, saved."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from frames import TcpWire, numbered, udp_records

from wirestep.capture import Interface, PcapngWriter
from wirestep.model import Record, Side
from wirestep.session import BadSearch, Node, Session, Unreadable
from wirestep.session import groups as grouping
from wirestep.session.shelf import bundled_folder
from wirestep.timeline.select import BadFilter

NASTY = "\x1b]0;owned\x07\x9b31m\u202egnp"


def write(path: Path, records: list[Record]) -> str:
    with path.open("wb") as file:
        writer = PcapngWriter(file, application="tests")
        writer.interface(Interface(name="eth0", link=1))
        for record in records:
            writer.packet(record)
    return str(path)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Session]:
    """Two HTTP conversations, one of them with a retransmission, and a DNS lookup."""
    first = TcpWire(client_port=50001)
    first.open()
    first.put(Side.CLIENT, b"GET /one HTTP/1.1\r\nHost: www.example.org\r\n\r\n")
    first.put(Side.SERVER, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    second = TcpWire(client_port=50002, records=first.records)
    second.open()
    second.put(Side.CLIENT, b"GET /two HTTP/1.1\r\nHost: www.example.org\r\n\r\n")
    second.put(Side.SERVER, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    query = bytes.fromhex("3a7d01000001000000000000") + b"\3www\7example\3org\0\0\1\0\1"
    [lookup] = udp_records([(Side.CLIENT, query)], 53)
    time_ = first.records[-1].time + 1_000_000
    first.records.append(Record(len(first.records), time_, lookup.data, lookup.length))
    session = Session.open(write(tmp_path / "web.pcapng", first.records))
    session.settle()
    yield session
    session.close()


def records_of(found: Iterator[int | None]) -> list[int]:
    return [record for record in found if record is not None]


def test_rows_say_what_was_exchanged(web: Session) -> None:
    rows = web.rows(0, 100)
    assert len(rows) == web.count == web.total == 11
    assert [row.protocol for row in rows] == ["TCP"] * 3 + ["HTTP"] * 2 + ["TCP"] * 3 + [
        "HTTP",
        "HTTP",
        "DNS",
    ]
    assert rows[3].info == "GET /one HTTP/1.1"
    assert all(row.settled for row in rows)


def test_a_frame_is_taken_apart_down_to_its_bytes(web: Session) -> None:
    view = web.frame(3)
    assert view.settled
    assert [node.name for node in view.nodes] == ["frame", "eth", "ip", "tcp", "http"]
    assert view.buffers[0].data == web.capture[3].data
    offset = view.buffers[0].data.index(b"\x08\x00", 12)
    found = view.at(0, offset)
    assert found is not None
    assert found.name == "eth.type"
    assert view.node(found.path) is found


def test_every_byte_of_a_frame_leads_to_a_line_of_its_tree(web: Session) -> None:
    view = web.frame(3)
    ends = 14 + 20 + 20
    assert all(view.at(0, offset) is not None for offset in range(ends))


def test_what_lies_whole_in_a_frame_is_shown_in_the_frame(web: Session) -> None:
    view = web.frame(3)
    assert [buffer.name for buffer in view.buffers] == ["Frame 4"]
    method = view.at(0, view.buffers[0].data.index(b"GET"))
    assert method is not None
    assert method.name == "http.request.method"


def test_what_came_in_parts_has_a_buffer_of_its_own(tmp_path: Path) -> None:
    wire = TcpWire()
    wire.open()
    wire.put(Side.CLIENT, b"GET /one HT")
    wire.put(Side.CLIENT, b"TP/1.1\r\nHost: a\r\n\r\n")
    session = Session.open(write(tmp_path / "parts.pcapng", wire.records))
    session.settle()
    view = session.frame(4)
    assert [buffer.name for buffer in view.buffers] == ["Frame 5", "Reassembled HTTP"]
    assert view.buffers[1].data.startswith(b"GET /one HTTP/1.1")
    method = view.at(1, 1)
    assert method is not None
    assert method.name == "http.request.method"
    session.close()


def test_conversations_and_steps_within_them(web: Session) -> None:
    lines = web.conversations()
    assert [(line.transport, line.packets) for line in lines] == [
        ("tcp", 5),
        ("tcp", 5),
        ("udp", 1),
    ]
    assert [line.protocol for line in lines] == ["HTTP", "HTTP", "DNS"]
    assert web.in_conversation(0, 1) == 1
    assert web.in_conversation(4, 1) is None
    assert web.in_conversation(5, -1) is None
    assert web.conversation_of(10) == 2


def test_the_ladder_of_one_conversation_and_of_all(web: Session) -> None:
    whole, one = web.ladder(), web.ladder(1)
    assert whole is not None
    assert one is not None
    assert len(whole.hosts) == 2
    assert {step.record for step in one.steps} == set(range(5, 10))
    assert whole.steps[web.step_of(whole, 8)].label == "GET /two"


def test_next_message_passes_over_bare_packets(web: Session) -> None:
    assert web.next_message(0, 1) == 3
    assert web.next_message(4, 1) == 8
    assert web.next_message(8, -1) == 4
    assert web.next_message(0, -1) is None


def test_a_filter_shows_only_what_passes(web: Session) -> None:
    web.set_filter("http")
    web.settle()
    assert [row.record for row in web.rows(0, 99)] == [3, 4, 8, 9]
    assert web.place_of(5) == 2
    web.set_filter("")
    assert web.count == 11


def test_a_wrong_filter_leaves_the_one_before(web: Session) -> None:
    web.set_filter("dns")
    with pytest.raises(BadFilter):
        web.set_filter("tcp.nonsense == 1")
    assert web.filter_text == "dns"
    assert web.check_filter("tcp.nonsense == 1") is not None
    assert web.check_filter("dns") is None


def test_a_breakpoint_filter_judges_one_record(web: Session) -> None:
    assert web.matches(8, "http")
    assert not web.matches(0, "http")
    assert not web.matches(8, "no such thing")


def test_finding_text_bytes_and_patterns(web: Session) -> None:
    assert records_of(web.find("get /", 0)) == [3, 8]
    assert records_of(web.find("48 54 54 50", 10, -1, kind="hex", where="bytes")) == [9, 8, 4, 3]
    assert records_of(web.find("40[0-9] not", 0, kind="regex")) == [9]
    assert records_of(web.find("www.example.org", 9, where="tree")) == [10]
    with pytest.raises(BadSearch, match="hex"):
        web.find("xyz", 0, kind="hex")
    with pytest.raises(BadSearch, match="regular"):
        web.find("(", 0, kind="regex")


def test_marks_comments_and_what_is_saved(web: Session, tmp_path: Path) -> None:
    web.mark(3, "a")
    web.mark(9)
    assert web.marked("a") == 3
    assert web.next_mark(3, 1) == 9
    web.mark(9)
    assert web.next_mark(3, 1) is None
    web.comment(4, f"look {NASTY}")
    assert web.changed
    assert web.row(4).commented
    target = tmp_path / "saved.pcapng"
    assert web.save(str(target)) == 11
    assert not web.changed
    again = Session.open(str(target))
    again.settle()
    assert again.capture[4].comments == (f"look {NASTY}",)
    assert "\x1b" not in again.comments(4)[0]
    assert [row.info for row in again.rows(0, 99)] == [row.info for row in web.rows(0, 99)]
    again.close()


def test_comments_of_the_file_are_told_in_the_list(tmp_path: Path) -> None:
    query = bytes.fromhex("3a7d01000001000000000000") + b"\3www\0\0\1\0\1"
    [record] = udp_records([(Side.CLIENT, query)], 53)
    path = tmp_path / "noted.pcapng"
    with path.open("wb") as file:
        writer = PcapngWriter(file, application="tests")
        writer.interface(Interface(name="eth0", link=1))
        writer.packet(record, ("look here",))
        writer.packet(record)
    session = Session.open(str(path))
    session.settle()
    assert [row.commented for row in session.rows(0, 2)] == [True, False]
    session.comment(0, "")
    assert not session.row(0).commented
    session.close()


def test_marks_are_saved_and_come_back(web: Session, tmp_path: Path) -> None:
    web.mark(3, "a")
    web.mark(4)
    web.comment(4, "why?")
    first = tmp_path / "first.pcapng"
    web.save(str(first))
    again = Session.open(str(first))
    again.settle()
    assert dict(again.marks) == {3: "a", 4: "•"}
    assert (again.comments(3), again.comments(4)) == ((), ("why?",))
    assert [row.record for row in again.rows(0, 99) if row.commented] == [4]
    again.mark(3, "a")
    second = tmp_path / "second.pcapng"
    again.save(str(second))
    again.close()
    last = Session.open(str(second))
    last.settle()
    assert dict(last.marks) == {4: "•"}
    assert last.capture[3].comments == ()
    last.close()


def test_saving_what_is_shown(web: Session, tmp_path: Path) -> None:
    web.set_filter("dns")
    web.settle()
    assert web.save(str(tmp_path / "dns.pcapng"), shown_only=True) == 1


def test_following_a_conversation(web: Session) -> None:
    turns = web.follow(0)
    assert [turn.client for turn in turns] == [True, False]
    assert turns[0].data.startswith(b"GET /one")
    assert turns[1].data.endswith(b"hello")


def test_the_strip_counts_every_packet(web: Session) -> None:
    columns = web.overview(20)
    assert sum(count for count, _ in columns) == 11
    assert web.overview_place(0, 20) == 0
    assert web.overview_place(10, 20) == 19
    assert web.overview_record(0, 20) == 0
    assert sum(count for count, _ in web.overview(20, 1)) == 5


def test_the_worker_thread_comes_to_the_same(web: Session) -> None:
    assert web.path is not None
    other = Session.open(web.path)
    other.start()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if other.count == 11 and all(row.settled for row in other.rows(0, 11)):
            break
        time.sleep(0.01)
    assert other.rows(0, 11) == web.rows(0, 11)
    assert other.frame(9) == web.frame(9)
    other.close()


def test_a_large_capture_is_decoded_in_parts(web: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert web.path is not None
    monkeypatch.setattr(grouping, "WHOLE", 4)
    monkeypatch.setattr(grouping, "WINDOW", 4)
    other = Session.open(web.path)
    other.settle()
    first = other.rows(0, 11)
    assert not any(row.settled for row in first)
    other.settle()
    assert all(row.settled for row in other.rows(0, 11))
    view = other.frame(9)
    other.settle()
    view = other.frame(9)
    assert view.settled
    assert [node.name for node in view.nodes][-1] == "http"
    stream = next(n for n in view.nodes[3].children if n.name == "tcp.stream")
    assert stream.plain == "1"
    ladder = other.ladder(1)
    assert ladder is not None
    assert {step.record for step in ladder.steps} == set(range(5, 10))
    other.close()


def test_what_is_no_capture_is_said_in_one_sentence(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("these are notes\n")
    with pytest.raises(Unreadable, match=r"notes\.txt is no capture"):
        Session.open(str(text))
    with pytest.raises(Unreadable, match="No such file"):
        Session.open(str(tmp_path / "missing.pcap"))


def test_an_empty_capture_is_empty_not_broken(tmp_path: Path) -> None:
    session = Session.open(write(tmp_path / "empty.pcapng", []))
    session.settle()
    assert session.count == 0
    assert session.rows(0, 10) == []
    ladder = session.ladder()
    assert ladder is not None
    assert ladder.steps == ()
    assert session.conversations() == []
    assert session.overview(10) == [(0, "")] * 10
    session.close()


def test_a_cut_capture_shows_what_came_before(tmp_path: Path, web: Session) -> None:
    assert web.path is not None
    whole = Path(web.path).read_bytes()
    cut = tmp_path / "cut.pcapng"
    cut.write_bytes(whole[:-30])
    session = Session.open(str(cut))
    session.settle()
    assert session.total == 10
    assert "cut" in session.progress().problem
    session.close()


def test_a_key_log_that_is_none_is_refused(tmp_path: Path, web: Session) -> None:
    assert web.path is not None
    log = tmp_path / "keys"
    log.write_text("hello world\n")
    with pytest.raises(Unreadable, match="key log"):
        Session.open(web.path, keylog=str(log))
    log.write_text("# nothing was agreed on\n")
    Session.open(web.path, keylog=str(log)).close()


@pytest.mark.parametrize("path", sorted(bundled_folder().glob("*.pcapng")), ids=lambda p: p.stem)
def test_every_bundled_capture_can_be_stepped_through(path: Path) -> None:
    session = Session.open(str(path))
    session.settle()
    rows = session.rows(0, session.count)
    assert rows
    for row in rows:
        view = session.frame(row.record)
        notes = [note for node in view.nodes for note in _notes(node)]
        assert not [text for level, text in notes if level == "bug"]
    ladder = session.ladder()
    assert ladder is not None
    assert {step.record for step in ladder.steps} <= set(range(session.count))
    assert ladder.steps
    session.close()


def _notes(node: Node) -> Iterator[tuple[str, str]]:
    yield from node.notes
    for child in node.children:
        yield from _notes(child)


def long_talk(requests: int, path: Path) -> str:
    """One HTTP conversation of 2 * requests + 3 records."""
    wire = TcpWire(client_port=50001)
    wire.open()
    for number in range(requests):
        wire.put(Side.CLIENT, b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number)
        wire.put(Side.SERVER, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    return write(path, wire.records)


def test_a_ladder_over_the_edge_of_a_part_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "WHOLE", 4)
    monkeypatch.setattr(grouping, "PART", 10)
    monkeypatch.setattr(grouping, "OVERLAP", 3)
    session = Session.open(long_talk(16, tmp_path / "long.pcapng"))
    session.load()
    while session.ladder(0) is None or session.progress().decoding:
        session.settle()
    drawn = session.ladder(0)
    assert drawn is not None
    assert {step.record for step in drawn.steps if step.level == "message"} == set(range(3, 35))
    session.close()


def test_rows_that_come_after_a_conversation_was_looked_at_are_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "WHOLE", 4)
    data = Path(long_talk(16, tmp_path / "long.pcapng")).read_bytes()
    inner, outer = os.pipe()
    with open(inner, "rb", buffering=0) as stream, open(outer, "wb", buffering=0) as end:
        end.write(data[:1800])
        session = Session.open("-", stream=stream)
        assert session._work_loading()
        seen = session.total
        assert 4 < seen < 35
        session.frame(seen - 1)  # its conversation is decoded as far as it has come
        end.write(data[1800:])
        end.close()
        session.settle()
        session.frame(34)
        session.settle()
        assert session.frame(34).settled
        session.close()


def test_names_are_learned_from_parts_of_a_large_capture(
    web: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "WHOLE", 4)
    question = b"\3www\7example\3org\0\0\1\0\1"
    query = bytes.fromhex("3a7d01000001000000000000") + question
    answer = bytes.fromhex("3a7d81800001000100000000") + question
    answer += bytes.fromhex("c00c000100010000003c0004c0000207")
    assert web.path is not None
    records = udp_records([(Side.CLIENT, query), (Side.SERVER, answer)] * 4, 53)
    session = Session.open(write(Path(web.path).with_name("names.pcapng"), records))
    session.settle()
    session.rows(0, 8)
    session.settle()
    assert session.host_name("192.0.2.7") == "www.example.org"
    session.close()


def test_finding_starts_behind_a_record_that_is_not_shown(web: Session) -> None:
    web.set_filter("http.request")
    web.settle()
    assert [web.record_at(place) for place in range(web.count)] == [3, 8]
    assert records_of(web.find("GET", 0)) == [3, 8]
    assert records_of(web.find("GET", 3)) == [8]
    assert records_of(web.find("GET", 9, -1)) == [8, 3]
    assert records_of(web.find("GET", 8, -1)) == [3]
    looking = web.find("GET", 0)
    web.set_filter("tcp.port == 1")
    web.settle()
    assert records_of(looking) == [3, 8]


def test_comments_that_were_not_among_the_saved_records_still_wait(
    web: Session, tmp_path: Path
) -> None:
    web.comment(0, "an opening")
    web.set_filter("http")
    web.settle()
    web.save(str(tmp_path / "some.pcapng"), shown_only=True)
    assert web.changed
    web.set_filter("")
    web.save(str(tmp_path / "all.pcapng"))
    assert not web.changed


def test_a_capture_can_be_saved_over_itself_and_through_a_link(
    web: Session, tmp_path: Path
) -> None:
    assert web.path is not None
    link = tmp_path / "link.pcapng"
    link.symlink_to(web.path)
    web.comment(0, "an opening")
    assert web.save(str(link)) == 11
    assert link.is_symlink()
    assert web.frame(3).settled  # what is open goes on being read
    again = Session.open(web.path)
    again.settle()
    assert again.comments(0) == ("an opening",)
    assert again.total == 11
    again.close()


def test_what_comes_after_lost_bytes_is_followed(tmp_path: Path) -> None:
    wire = TcpWire(client_port=50001)
    wire.open()
    for word in (b"one ", b"two ", b"three "):
        wire.put(Side.CLIENT, word)
    wire.put(Side.SERVER, b"what?")
    kept = numbered(record for record in wire.records if record.number != 4)
    session = Session.open(write(tmp_path / "lost.pcapng", kept))
    session.settle()
    said = [(turn.client, turn.data) for turn in session.follow(0)]
    assert said == [(True, b"one "), (False, b"what?"), (True, b"three ")]
    session.close()


def test_a_disk_that_fails_ends_the_work_and_is_said(
    web: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(offset: int, size: int) -> bytes:
        raise OSError(5, "Input/output error")

    assert web.path is not None
    session = Session.open(web.path)
    monkeypatch.setattr(session.capture.feed, "at", fail)
    session.start()
    for _ in range(500):
        if session.progress().problem:
            break
        time.sleep(0.01)
    assert session.progress().problem == "cannot be read any more: Input/output error"
    assert session.total == 11
    session.close()


def test_a_key_log_that_grows(tmp_path: Path) -> None:
    bare, keys = tmp_path / "bare.pcapng", tmp_path / "keys.log"
    whole = Session.open(str(bundled_folder() / "tls13-full.pcapng"))
    whole.settle()
    log = whole.capture.secrets
    with bare.open("wb") as file:
        writer = PcapngWriter(file, application="tests")
        writer.interface(Interface(name="eth0", link=1))
        for record in whole.capture:
            writer.packet(record)
    whole.close()
    keys.write_bytes(b"# nothing yet\n" + log[:40])
    session = Session.open(str(bare), keylog=str(keys))
    session.start()
    assert eventually(session, lambda: decoded_rows(session))
    assert "Encrypted Extensions" not in " ".join(infos(session))
    keys.write_bytes(b"# nothing yet\n" + log)
    assert eventually(session, lambda: "Encrypted Extensions" in " ".join(infos(session)))
    assert session.keylog == b"# nothing yet\n" + log
    session.close()


def infos(session: Session) -> list[str]:
    return [row.info for row in session.rows(0, session.total)]


def decoded_rows(session: Session) -> bool:
    rows = session.rows(0, session.total)
    return bool(rows) and all(row.settled for row in rows)


def eventually(session: Session, happened: Callable[[], bool]) -> bool:
    """Whether it happens within some seconds, which only a fault uses up."""
    for _ in range(400):
        if happened():
            return True
        time.sleep(0.025)
    return False
