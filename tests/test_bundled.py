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
OURS = "ip.src == 192.0.2.10"
SNI = "tls.handshake.extensions_server_name"
LOST = "tcp.analysis.lost_segment"
AGAIN = "tcp.analysis.fast_retransmission"
# What a capture must hold: display filter -> how many packets, or at least how many ("2+").
STORIES: dict[str, dict[str, int | str]] = {
    "page-load": {
        'dns.flags.response == 1 && dns.qry.type == 65 && dns.qry.name == "www.example.org"': 1,
        "dns.flags.response == 1 && dns.qry.type == 28": 2,
        "dns.a == 198.51.100.80": "1+",
        "tls.handshake.type == 1": 2,
        'http2.headers.path == "/"': 1,
        'http2.headers.path == "/style.css"': 1,
        'http2.headers.path == "/wave.png"': 1,
        "http2.headers.status == 200": 3,
        "tcp.flags.syn == 1 && tcp.flags.ack == 0": 2,
        "png": 1,
    },
    "dns-over-https": {
        'udp && dns.flags.response == 0 && dns.qry.name == "dns.example.org"': 2,
        'udp && dns.qry.name == "www.example.org"': 0,
        'http2 && dns.flags.response == 1 && dns.qry.name == "www.example.org"': 1,
        "http.response.code == 200": 1,
    },
    "websocket-chat": {
        'http.sec_websocket_extensions contains "permessage-deflate"': 2,
        "http.response.code == 101": 1,
        "websocket.opcode == 9": 2,
        "websocket.opcode == 10": 2,
        "websocket.opcode == 2": 2,
        "websocket.opcode == 0": "2+",
        "websocket.rsv == 4": "8+",
        "websocket.payload.close.status_code == 1000": 2,
    },
    "dns-truncated": {
        "udp && dns.flags.truncated == 1": 1,
        "udp && dns.resp.type == 41 && dns.rr.udp_payload_size == 1232": 2,
        "tcp && dns.flags.response == 1 && dns.count.answers == 16": 1,
    },
    "dns-records": {
        "dns.flags.response == 0": 15,
        "dns.cname && dns.count.answers == 3": 1,
        "dns.flags.rcode == 3": 1,
        "dns.flags.rcode == 5": 1,
        "dns.srv.port == 5060": "1+",
        "dns.resp.type == 65": 1,
        "dns.flags.response == 1 && dns.flags.rcode == 0 && dns.count.answers == 0": 1,
    },
    "dns-delegation": {
        "ip.src == 198.51.100.4 && dns.count.answers == 0 && dns.count.auth_rr > 0": 1,
        "ip.src == 198.51.100.5 && dns.count.answers == 0 && dns.count.auth_rr > 0": 1,
        "ip.src == 198.51.100.53 && dns.flags.authoritative == 1 && dns.count.answers == 1": 1,
    },
    "tcp-lost-syn": {
        "tcp.flags.syn == 1 && tcp.flags.ack == 0": 2,
        "tcp.analysis.retransmission && tcp.analysis.rto > 0.9": 1,
        "http.response.code == 200": 1,
    },
    "tcp-loss": {
        LOST: 1,
        "tcp.analysis.duplicate_ack": "3+",
        AGAIN: 1,
        "tcp.options.sack_le": "3+",
        "http.response.code == 200 && http.content_length == 50000": 1,
    },
    "tcp-lost-tail": {
        # A silence of two round trips and more at the client; then the probe shows the hole.
        f"tcp.time_delta > 0.15 && {LOST}": 1,
        "tcp.options.sack_le": 1,
        "tcp.analysis.retransmission": 1,
    },
    "tcp-refused": {
        "http.response.code == 200": 1,
        "tcp.flags.reset == 1": 1,
        "icmp.type == 3 && icmp.code == 13": 1,
        "ip.dst == 198.51.100.83 && tcp.flags.syn == 1": "3+",
        "ip.src == 198.51.100.83": 0,
    },
    "happy-eyeballs": {
        "dns.aaaa == 2001:db8:2::80": "1+",
        "ipv6.src == 2001:db8:1::10 && tcp.flags.syn == 1": "1+",
        "ipv6.src == 2001:db8:2::80": 0,
        "ip && http.response.code == 200": 1,
    },
    "tcp-tiny-window": {
        "tcp.analysis.zero_window": "1+",
        "tcp.analysis.window_full": "1+",
        "http.response.code == 200": 1,
    },
    "http1-keepalive": {
        "tcp.flags.syn == 1 && tcp.flags.ack == 0": 1,
        "http.request": 9,
        "http.response.code == 100": 1,
        "http.response.code == 304": 1,
        "http.response.code == 301": 1,
        "http.response.code == 404": 1,
        'http.content_encoding == "gzip"': 1,
        'http.transfer_encoding == "chunked" && http.chunk_size': 1,
        'http.request.method == "HEAD"': 1,
    },
    "http2-streams": {
        "http2.headers.status == 200": "1+",
        "http2.streamid == 1 && http2.streamid == 3 && http2.streamid == 11": "1+",
        LOST: 1,
        AGAIN: 1,
        "tcp.flags.syn == 1 && tcp.flags.ack == 0": 1,
    },
    "tls12-full": {
        "tls.handshake.type == 12 && tls.handshake.type == 14": 1,
        "tls.handshake.type == 20": 2,
        "http.response.code == 200": 1,
    },
    "tls13-full": {
        "tls.handshake.type == 2 && tls.handshake.type == 8 && tls.handshake.type == 11": 1,
        "tls.handshake.extensions.supported_version == 0x0304": 2,
        "tls.handshake.type == 4": 2,
        "http.response.code == 200": 1,
    },
    "tls13-hello-retry": {
        "tls.handshake.type == 1": 2,
        "tls.handshake.type == 2": 2,
        # The Random that marks a HelloRetryRequest (RFC 8446 section 4.1.3).
        "tls.handshake.random == cf:21:ad:74:e5:9a:61:11:be:1d:8c:02:1e:65:b8:91:"
        "c2:a2:11:16:7a:bb:8c:5e:07:9e:09:e2:c8:a8:33:9c": 1,
        "http.response.code == 200": 1,
    },
    "tls13-resumed-0rtt": {
        "tcp.stream == 0 && tls.handshake.type == 4": 2,
        "tls.handshake.type == 1 && tls.handshake.extension.type == 42 && http.request": 1,
        "tcp.stream == 1 && tls.handshake.type == 11": 0,
        "tls.handshake.type == 5": 1,
        "http.response.code == 200": 2,
    },
    "tls13-alert": {
        "tls.alert_message.desc == 48": 1,
        "tls.handshake.type == 11": 1,
        "http": 0,
    },
    "quic-http3": {
        "tls.handshake.type == 1": 1,
        "http3.frame_type == 1 && udp.srcport == 443": 6,
        "quic.decryption_failed": 0,
    },
    "quic-0rtt": {
        "quic.long.packet_type == 1 && quic.stream.stream_id == 0": 1,
        "tls.handshake.type == 11": 0,
        "http3.frame_type == 1 && udp.srcport == 443": 1,
        "quic.decryption_failed": 0,
    },
    "arp-ping": {
        "arp.opcode == 1": 4,
        "arp.opcode == 2": 1,
        "icmp.type == 0": 4,
        "ip.flags.mf == 1": 4,
        "ip.fragment.count == 3": 2,
    },
    "traceroute": {
        "icmp.type == 11": 2,
        "icmp.type == 3 && icmp.code == 3": 1,
        f"{OURS} && ip.ttl == 1": "1+",
    },
    "ipv6-neighbours": {
        "icmpv6.type == 135 && ipv6.src == ::": 2,
        "icmpv6.type == 133": "1+",
        "icmpv6.type == 134 && icmpv6.opt.prefix == 2001:db8:1::": "1+",
        "icmpv6.type == 136": "1+",
        "icmpv6.type == 143": "1+",
        "icmpv6.type == 129": 2,
    },
    "dhcp-lease": {f"dhcp.option.dhcp == {kind}": 1 for kind in (1, 2, 3, 5)},
    "ntp-clock": {"ntp.flags.mode == 3": "2+", "ntp.flags.mode == 4": "2+"},
}
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
