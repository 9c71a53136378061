"""Bulk decoding makes the messages that the engine makes, whatever became of the segments."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from frames import ACK, FIN, PSH, RST, SYN, TcpWire, pcap, udp_records
from material import TALKS, Talk
from quic_pair import pair

from wirestep.capture import Capture, load, open_capture
from wirestep.decode import bulk_lane
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.exchange.contract import Request
from wirestep.model import Message, Record, Side
from wirestep.protocols import REGISTRY, registry
from wirestep.session import bulk_roads, groups
from wirestep.session.bulk import Bulk, Part
from wirestep.session.bulk_roads import FrameRoad, Setting, above, road
from wirestep.session.bulk_rows import CARRIERS

EVERY_NAME = frozenset(REGISTRY.fields) | {"unread"}
FOLDER = Path(__file__).resolve().parents[2] / "captures"
CORPUS = Path(os.environ.get("WIRESTEP_CORPUS", "/nonexistent"))
FILES = sorted(FOLDER.glob("*.pcapng")) + sorted(CORPUS.glob("*.pcap*"))
files = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
streams = pytest.mark.parametrize(
    "talk", [talk for talk in TALKS if talk.stream], ids=lambda talk: talk.name
)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of two segments, slices of seven: all seams are passed over often."""
    monkeypatch.setattr(bulk_lane, "FEW", 2)
    monkeypatch.setattr(bulk_lane, "MOST", 5)
    monkeypatch.setattr(bulk_roads, "ROWS", 7)


def opened(source: Path | Sequence[Record]) -> Capture:
    if isinstance(source, Path):
        capture = open_capture(str(source))
    else:
        capture = open_capture("-", stream=io.BytesIO(pcap(source)))
    for _ in load(capture):
        pass
    return capture


def secrets_of(capture: Capture) -> Secrets:
    secrets = Secrets(capture.secrets)
    for ending in (".pcap", ".pcapng"):
        log = Path(str(capture.path).removesuffix(ending) + ".keys")
        if log.is_file():
            secrets.add(log.read_bytes())
    return secrets


def said(messages: Sequence[Message], flows: bool = True) -> list[object]:
    """All that a message says but for numbers that engines give; answers by what they answer."""
    made = {message.number: message for message in messages}
    told = []
    for message in messages:
        asked = made.get(-1 if message.answers is None else message.answers)
        told.append(
            message._replace(
                number=0,
                inside=None,
                flow=message.flow if flows else 0,
                answers=None if asked is None else asked.record,
            )
        )
    return told


def conversations(capture: Capture) -> Iterator[int]:
    flows = capture.columns.flows
    for flow in range(len(flows)):
        if int(flows.transport[flow]) in CARRIERS and int(flows.stream[flow]) >= 0:
            yield flow


def by_engine(
    capture: Capture, secrets: Secrets, flow: int, wanted: frozenset[str]
) -> list[Message]:
    """One after the other through all layers."""
    columns = capture.columns
    carrier = CARRIERS[int(columns.flows.transport[flow])]
    engine = Engine(REGISTRY, secrets, {carrier: int(columns.flows.stream[flow])})
    found: list[Message] = []
    for record in capture.records(columns.rows_of(flow).tolist()):
        found += above(engine.feed(record, wanted=wanted))
    return found


def joined(parts: Iterator[Part], rows: Sequence[int]) -> list[Message]:
    """All messages; every row is in one part, and every message in that of its record."""
    found: list[Message] = []
    seen: list[int] = []
    for part in parts:
        seen += part.rows.tolist()
        found += part.messages
        assert {message.record for message in part.messages} <= set(part.rows.tolist())
    assert seen == list(rows)
    return found


def check(capture: Capture, wanted: frozenset[str] = EVERY_NAME) -> None:
    secrets = secrets_of(capture)
    bulk = Bulk(capture, REGISTRY, secrets)
    setting = Setting(capture, REGISTRY, secrets, wanted)
    for flow in conversations(capture):
        rows = capture.columns.rows_of(flow)
        found = joined(bulk.messages(flow, wanted), rows.tolist())
        assert said(found) == said(by_engine(capture, secrets, flow, wanted))
        assert capture.columns.nested[rows].any() or not isinstance(
            road(setting, flow, rows), FrameRoad
        )


@files
def test_as_the_engine_reads_whole_captures(path: Path) -> None:
    check(opened(path))


@files
def test_as_the_engine_reads_without_any_field(path: Path, small_steps: None) -> None:
    check(opened(path), frozenset())


@files
def test_a_pass_over_the_file_finds_what_the_conversations_hold(path: Path) -> None:
    capture = opened(path)
    secrets = secrets_of(capture)
    bulk = Bulk(capture, REGISTRY, secrets)
    swept: dict[int, list[Message]] = {}
    rows: list[int] = []
    flow = capture.columns.flow
    for part in bulk.sweep(wanted=EVERY_NAME):
        rows += part.rows.tolist()
        for message in part.messages:
            swept.setdefault(int(flow[message.record]) >> 1, []).append(message)
    assert sorted(rows) == sorted(
        row for number in conversations(capture) for row in capture.columns.rows_of(number).tolist()
    )
    for number in conversations(capture):
        if capture.columns.nested[capture.columns.rows_of(number)].any():
            continue  # what lies in tunnels is numbered by the pass as a whole
        found = [m for part in bulk.messages(number, EVERY_NAME) for m in part.messages]
        assert said(swept.get(number, []), False) == said(found, False)


@files
def test_what_stays_closed_is_passed_over_where_nobody_asks(path: Path) -> None:
    capture = opened(path)
    for secrets in (Secrets(), secrets_of(capture)):
        bulk = Bulk(capture, REGISTRY, secrets)
        for flow in conversations(capture):
            full = [m for part in bulk.messages(flow) for m in part.messages]
            asked = frozenset({"http", "tls.handshake"})
            rows = capture.columns.rows_of(flow).tolist()
            found = joined(bulk.messages(flow, frozenset(), asked), rows)
            # others than those that are asked for may be told without words
            mute = [
                m if m.protocol in asked else m._replace(summary="", brief="")
                for m in (*found, *full)
                if m.protocol != "tls"
            ]
            assert said(mute[: len(mute) // 2]) == said(mute[len(mute) // 2 :])


def test_records_without_keys_are_left_out_once_both_sides_send_them(small_steps: None) -> None:
    capture = opened(FOLDER / "tls13-full.pcapng")
    bulk = Bulk(capture, REGISTRY, Secrets())
    [flow] = conversations(capture)
    records = [
        [m.record for part in bulk.messages(flow, frozenset(), only) for m in part.messages]
        for only in (None, frozenset({"tls"}), frozenset({"http"}))
    ]
    assert records[0] == records[1]
    assert records[2] == records[0][: len(records[2])]
    assert 0 < len(records[2]) < len(records[0])


def scrambled(talk: Talk, dice: random.Random) -> list[Record]:
    """The talk in small segments that are lost, sent twice, overtaken, cut and torn."""
    wire = TcpWire(talk.port, bases=(dice.choice((7, 2**32 - 40)), dice.choice((9, 2**31 - 9))))
    if dice.random() < 0.8:
        wire.open()
    else:
        wire.sent = [1, 1]
    spoken = {Side.CLIENT: b"", Side.SERVER: b""}
    for side, data in talk.turns:
        at = 0
        while at < len(data):
            size = dice.choice((1, 2, 7, 30, 90, 300, 1400))
            piece = data[at : at + size]
            spoken[side] += piece
            wire.put(side, piece, ACK | PSH)
            at += size
            _trouble(wire, side, spoken[side], dice)
    if dice.random() < 0.7:
        wire.close()
    elif dice.random() < 0.5:
        wire.put(Side.SERVER, b"why not", ACK | RST)
    records = wire.records
    for _ in range(dice.choice((0, 0, 1, 4, 12))):
        place = dice.randrange(1, max(2, len(records)))
        if place >= len(records):
            break
        move = dice.choice(("drop", "late", "twice", "cut"))
        record = records.pop(place)
        if move == "late":
            records.insert(place + dice.randrange(1, 6), record)
        elif move == "twice":
            records[place:place] = [record, record]
        elif move == "cut" and len(record.data) > 60:
            kept = record.data[: dice.randrange(54, len(record.data))]
            records.insert(place, Record(0, record.time, kept, record.length))
    times = sorted(record.time for record in records)
    return [
        Record(number, time, record.data, record.length)
        for number, (record, time) in enumerate(zip(records, times, strict=True))
    ]


def _trouble(wire: TcpWire, side: Side, spoken: bytes, dice: random.Random) -> None:
    """Sometimes something is said again, perhaps in other words, or only asked about."""
    event = dice.random()
    if event < 0.15:
        start = dice.randrange(len(spoken))
        again = spoken[start : start + dice.choice((1, 20, 200))]
        if dice.random() < 0.3:
            again = bytes(byte ^ 1 for byte in again)
        wire.put(side, again, ACK, at=1 + start)
    elif event < 0.25:
        wire.put(side.other)
    elif event < 0.3:
        wire.put(side, b"\0", ACK, at=wire.sent[side] - 1)
    elif event < 0.33:
        wire.put(side, flags=FIN | ACK, at=wire.sent[side] + dice.choice((0, 50)))
    elif event < 0.34:
        wire.put(Side.CLIENT, flags=SYN, at=0)


@streams
@pytest.mark.parametrize("seed", range(15))
def test_as_the_engine_reads_scrambled_talks(talk: Talk, seed: int, small_steps: None) -> None:
    records = scrambled(talk, random.Random(f"{talk.name} {seed}"))
    capture = opened(records)
    bulk = Bulk(capture, REGISTRY, Secrets())
    for flow in conversations(capture):
        found = joined(bulk.messages(flow, EVERY_NAME), capture.columns.rows_of(flow).tolist())
        assert said(found) == said(by_engine(capture, Secrets(), flow, EVERY_NAME))


def test_what_is_decoded_is_kept_until_secrets_come() -> None:
    talk = next(talk for talk in TALKS if talk.name == "http1-pipelined")
    capture = opened(talk.records((90,)))
    secrets = Secrets()
    bulk = Bulk(capture, REGISTRY, secrets)
    first = [m for part in bulk.messages(0) for m in part.messages]
    again = [m for part in bulk.messages(0) for m in part.messages]
    assert first
    assert all(one is other for one, other in zip(first, again, strict=True))
    secrets.add(b"CLIENT_RANDOM " + b"0a" * 32 + b" " + b"0b" * 48)
    anew = [m for part in bulk.messages(0) for m in part.messages]
    assert said(anew) == said(first)
    assert anew[0] is not first[0]


def test_who_stops_asking_goes_on_later(small_steps: None) -> None:
    talk = next(talk for talk in TALKS if talk.name == "http2-streams")
    capture = opened(talk.records((20,)))
    bulk = Bulk(capture, REGISTRY, Secrets())
    parts = bulk.messages(0)
    next(parts)
    parts.close()  # type: ignore[attr-defined]
    found = joined(bulk.messages(0), capture.columns.rows_of(0).tolist())
    assert said(found) == said(by_engine(capture, Secrets(), 0, frozenset()))


@pytest.mark.parametrize("seed", range(6))
def test_a_capture_that_grows_is_decoded_on(seed: int, small_steps: None) -> None:
    dice = random.Random(seed)
    talk = dice.choice([talk for talk in TALKS if talk.stream])
    records = scrambled(talk, dice)
    first = len(records) // 2
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream, os.fdopen(writing, "wb", buffering=0) as file:
        file.write(pcap(records[:first]))
        capture = open_capture("-", stream=stream)
        loading = load(capture)
        while capture.count < first:
            next(loading)
        bulk = Bulk(capture, REGISTRY, Secrets())
        before = [m for part in bulk.messages(0, EVERY_NAME) for m in part.messages]
        file.write(pcap(records[first:])[24:])
        file.close()
        for _ in loading:
            pass
        found = joined(bulk.messages(0, EVERY_NAME), capture.columns.rows_of(0).tolist())
    assert said(found[: len(before)]) == said(before)
    assert said(found) == said(by_engine(capture, Secrets(), 0, EVERY_NAME))


def test_a_rule_of_the_user_decides_who_reads() -> None:
    records = udp_records([(Side.CLIENT, b"GET / HTTP/1.1\r\n\r\n")], 4000)
    capture = opened(records)
    for rules, protocol in (({("udp.port", 4000): "dns"}, "dns"), ({("ip.proto", 17): "data"}, "")):
        bulk = Bulk(capture, registry(rules), Secrets())
        found = [m.protocol for part in bulk.messages(0) for m in part.messages]
        assert found == ([protocol] if protocol else [])


@pytest.mark.parametrize("deed", ["migrate", "rebind"])
def test_a_connection_that_moved_is_read_from_where_it_began(
    deed: str, small_steps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both of its conversations, alone and in one pass, say what the engine says of the whole."""
    requests = tuple(Request(target=f"/bytes/{size}") for size in (1000, 20_000, 3000))
    done = pair(*requests, options={"in_turn": True, deed: 1}).run()
    capture = opened(done.records())
    secrets = Secrets("\n".join(done.secrets).encode())
    engine = Engine(REGISTRY, secrets)
    whole = [m for r in done.records() for m in above(engine.feed(r, wanted=EVERY_NAME))]
    assert sum(message.brief.startswith("200 OK") for message in whole) == 3
    bulk = Bulk(capture, REGISTRY, secrets)
    columns = capture.columns
    for flow in conversations(capture):
        rows = columns.rows_of(flow)
        found = joined(bulk.messages(flow, EVERY_NAME), rows.tolist())
        mine = [m for m in whole if columns.flow[m.record] >> 1 == flow]
        assert said(found, False) == said(mine, False)
        # A large capture is decoded by conversation when somebody looks at it.
        monkeypatch.setattr(groups, "WHOLE", 0)
        looked_at = groups.Groups(capture, REGISTRY, secrets)
        looked_at.want(EVERY_NAME)
        reading = looked_at.reading(looked_at.key(int(rows[-1])))
        reading.step(len(capture.columns))
        seen = [reading.messages(row) or () for row in rows.tolist()]
        assert said([m for frame in seen for m in above(frame)], False) == said(mine, False)
        streams = [v for frame in seen for m in frame for n, v, _ in m.values if n == "udp.stream"]
        assert set(streams) == {flow}
    swept = [message for part in bulk.sweep(wanted=EVERY_NAME) for message in part.messages]
    assert said(sorted(swept, key=lambda m: m.record), False) == said(whole, False)
