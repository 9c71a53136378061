"""The bundled captures: the index says the truth, and each file still tells its story."""

from __future__ import annotations

import getpass
import re
import shutil
import socket
import struct
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stories import STORIES

FOLDER = Path(__file__).resolve().parent.parent / "captures"
ENTRIES: dict[str, dict[str, Any]] = {
    entry["name"]: entry
    for entry in tomllib.loads((FOLDER / "index.toml").read_text(encoding="utf-8"))["capture"]
}
NAMES = list(ENTRIES)
KEYS = {
    *("name", "file", "title", "about", "protocols", "packets", "bytes"),
    *("rtt_ms", "round_trips", "wait_ms", "answer", "software", "commands"),
}
MOST_BYTES = 3_000_000
LONGEST_TITLE = 30
SECTION, INTERFACE, PACKET, SECRETS = 0x0A0D0D0A, 1, 6, 10
ENCRYPTED = {"TLS", "QUIC"}
CHECKSUMS = [f"-o{layer}.check_checksum:TRUE" for layer in ("ip", "tcp", "udp")]
SHARED = {
    "frame.len > 1514": 0,
    "_ws.malformed": 0,
    "ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0": 0,
    "icmp.checksum.status == 0 || icmpv6.checksum.status == 0": 0,
}
SNI = "tls.handshake.extensions_server_name"
DOCUMENTATION = re.compile(
    r"192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|0\.0\.0\.0$|255\.255\.255\.255$"
    r"|2001:db8:|fe80::ff:fe00:|ff02::|::$"
)
HARDWARE = re.compile(r"02:00:00:00:|ff:ff:ff:ff:ff:ff$|33:33:|00:00:00:00:00:00$")
RESERVED = re.compile(r"(^|\.)(example(\.org|\.net|\.com)?|in-addr\.arpa)\.?$|^<Root>$|^[\d.]+$")

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def blocks(name: str) -> Iterator[tuple[int, bytes]]:
    """(type, body) of each pcapng block, read here without any of the program's own code."""
    content = (FOLDER / ENTRIES[name]["file"]).read_bytes()
    place = 0
    while place < len(content):
        kind, length = struct.unpack_from("<II", content, place)
        assert struct.unpack_from("<I", content, place + length - 4) == (length,)
        yield kind, content[place + 8 : place + length - 4]
        place += length


def tshark(name: str, *words: str) -> str:
    command = ["tshark", "-n", "-r", str(FOLDER / ENTRIES[name]["file"]), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def counts(name: str, filters: list[str]) -> list[int]:
    """How many packets match each filter, from one run of tshark."""
    assert not any("," in words for words in filters)
    output = tshark(name, *CHECKSUMS, "-q", "-z", ",".join(["io,stat,0", *filters]))
    row = next(line for line in output.splitlines() if "<>" in line)
    return [int(cell) for cell in row.split("|")[2:-1:2]]


def test_every_file_has_an_entry_and_every_entry_a_file() -> None:
    assert {entry["file"] for entry in ENTRIES.values()} == {
        path.name for path in FOLDER.glob("*.pcap*")
    }
    assert set(STORIES) == set(NAMES)
    assert len(NAMES) >= 10


def test_all_together_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.pcap*")) < MOST_BYTES


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_is_complete_and_true(name: str) -> None:
    entry = ENTRIES[name]
    assert set(entry) == KEYS
    assert entry["file"] == f"{name}.pcapng"
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert 0 < len(entry["title"]) <= LONGEST_TITLE
    assert entry["about"].endswith(".")
    assert entry["protocols"]
    assert entry["software"]
    assert entry["commands"]
    assert entry["bytes"] == (FOLDER / entry["file"]).stat().st_size
    assert entry["packets"] == sum(kind == PACKET for kind, _ in blocks(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_carries_provenance_and_keys_ahead_of_packets(name: str) -> None:
    entry = ENTRIES[name]
    order = [kind for kind, _ in blocks(name)]
    assert order[:2] == [SECTION, INTERFACE]
    assert (SECRETS in order) == bool(ENCRYPTED & set(entry["protocols"]))
    if SECRETS in order:
        assert order.index(SECRETS) < order.index(PACKET)
    section, interface = (body for _, body in list(blocks(name))[:2])
    for words in (entry["about"], *entry["software"], *entry["commands"]):
        assert words.encode() in section
    assert b"eth0" in interface


@pytest.mark.parametrize("name", NAMES)
def test_times_never_run_backwards(name: str) -> None:
    stamps = [struct.unpack_from("<II", body, 4) for kind, body in blocks(name) if kind == PACKET]
    assert stamps == sorted(stamps)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_machine_is_in_the_bytes(name: str) -> None:
    content = (FOLDER / ENTRIES[name]["file"]).read_bytes()
    assert not re.search(rb"/(home|root|work|tmp|Users|etc/netns|venv)/", content)
    for word in (socket.gethostname(), getpass.getuser()):
        if len(word) > len("client"):
            assert word.encode() not in content


@needs_tshark
@pytest.mark.tshark
@pytest.mark.parametrize("name", NAMES)
def test_the_story_is_in_it(name: str) -> None:
    wanted = SHARED | STORIES[name]
    found = dict(zip(wanted, counts(name, list(wanted)), strict=True))
    for words, number in wanted.items():
        if isinstance(number, str):
            assert found[words] >= int(number.rstrip("+")), words
        else:
            assert found[words] == number, words


@needs_tshark
@pytest.mark.tshark
def test_one_datagram_is_lost_and_one_stream_waits_for_it() -> None:
    columns = ("quic.packet_number", "quic.stream.stream_id", "quic.stream.offset")
    words = [word for column in columns for word in ("-e", column)]
    chosen = ("-Y", "udp.srcport == 443 && quic.short", "-T", "fields", "-E", "aggregator=,")
    rows = [row.split("\t") for row in tshark("quic-http3", *chosen, *words).splitlines()]
    numbers = {int(number) for row in rows for number in row[0].split(",")}
    assert len(set(range(min(numbers), max(numbers) + 1)) - numbers) == 1
    offsets: dict[str, list[int]] = {}
    for _, streams, starts in rows:
        if starts:  # A frame without an offset begins its stream.
            for stream, start in zip(streams.split(","), starts.split(","), strict=True):
                offsets.setdefault(stream, []).append(int(start))
    late = [stream for stream, starts in offsets.items() if starts != sorted(starts)]
    assert len(late) == 1
    assert int(late[0]) % 4 == 0


@needs_tshark
@pytest.mark.tshark
@pytest.mark.parametrize("name", [name for name in NAMES if ENTRIES[name]["answer"]])
def test_the_answer_comes_after_the_round_trips_it_claims(name: str) -> None:
    entry = ENTRIES[name]
    column = "dns.time" if name == "dns-records" else "frame.time_relative"
    fields = ("-T", "fields", "-e", column, "-e", "tcp.stream")
    first = tshark(name, "-Y", entry["answer"], *fields).splitlines()[0].split("\t")
    milliseconds = float(first[0]) * 1000 - entry["wait_ms"]
    if name == "tls13-resumed-0rtt":
        begin = tshark(name, "-Y", f"tcp.stream == {first[1]}", *fields).split("\t")[0]
        milliseconds -= float(begin) * 1000
    assert int(milliseconds / entry["rtt_ms"]) == entry["round_trips"]


@needs_tshark
@pytest.mark.tshark
@pytest.mark.parametrize("name", NAMES)
def test_all_addresses_and_names_are_for_documentation(name: str) -> None:
    columns = {
        HARDWARE: ("eth.src", "eth.dst", "arp.src.hw_mac"),
        DOCUMENTATION: ("ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "dns.a", "dns.aaaa"),
        RESERVED: ("dns.qry.name", "dns.resp.name", "http.host", "http2.headers.authority", SNI),
    }
    for pattern, fields in columns.items():
        words = [word for field in fields for word in ("-e", field)]
        output = tshark(name, "-T", "fields", "-E", "aggregator=,", *words)
        for value in set(re.split(r"[\t,\n]", output)) - {""}:
            assert pattern.search(value), value


def test_an_unknown_name_is_a_sentence() -> None:
    command = [sys.executable, "-B", str(FOLDER / "make.py"), "no-such-thing"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("No such capture: no-such-thing. There are: ")
    assert "Traceback" not in done.stderr
