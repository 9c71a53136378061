"""Whole sessions and hand-made hellos, field by field against tshark."""

from __future__ import annotations

import shutil
import ssl
import struct
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from frames import tcp_records
from tls_sessions import Ends

from wirestep.decode.engine import Engine
from wirestep.model import Record, Side
from wirestep.protocols import REGISTRY

C, S = Side.CLIENT, Side.SERVER
Turns = Sequence[tuple[Side, bytes]]
SEPARATOR = "\x1f"
OTHERWISE = {
    "tls.handshake.random_time": "tshark writes a date, here it is seconds as in frame.time_epoch",
    "tls.sct.sct_timestamp": "the same",
    "tls.extension.oid_filters.oid": "tshark writes dots",
}
"""Fields whose text differs, and why."""

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
]


@cache
def shared_fields() -> tuple[str, ...]:
    """Fields that both know and mean to write alike; those without a value are left out."""
    listed = subprocess.run(["tshark", "-G", "fields"], capture_output=True, text=True, check=True)
    names = []
    for line in listed.stdout.splitlines():
        cells = line.split("\t")
        if cells[0] == "F" and cells[2].startswith("tls.") and cells[3] != "FT_NONE":
            names.append(cells[2])
    ours = [name for name in dict.fromkeys(names) if name in REGISTRY.fields]
    return tuple(name for name in ours if name not in OTHERWISE)


def theirs(records: Sequence[Record], port: int, folder: Path) -> list[dict[str, list[str]]]:
    path = folder / "talk.pcap"
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for record in records:
            seconds, rest = divmod(record.time, 10**9)
            size = len(record.data)
            file.write(struct.pack("<IIII", seconds, rest // 1000, size, size) + record.data)
    fields = shared_fields()
    command = ["tshark", "-r", str(path), "-n", "-d", f"tcp.port=={port},tls", "-T", "fields"]
    command += ["-E", "occurrence=a", "-E", f"aggregator={SEPARATOR}"]
    for name in fields:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    rows = []
    for line in done.stdout.split("\n")[: len(records)]:
        cells = (line.split("\t") + [""] * len(fields))[: len(fields)]
        row = {}
        for name, cell in zip(fields, cells, strict=True):
            # an empty byte string is a field of tshark's, here it is none
            values = [value for value in cell.split(SEPARATOR) if value not in ("", "<MISSING>")]
            if values:
                row[name] = values
        rows.append(row)
    return rows


def mine(records: Sequence[Record]) -> list[dict[str, list[str]]]:
    wanted = frozenset(shared_fields())
    engine = Engine(REGISTRY)
    rows = []
    for record in records:
        row: dict[str, list[str]] = {}
        for message in engine.feed(record, wanted=wanted):
            for name, value, _ in message.values:
                row.setdefault(name, []).append(REGISTRY.info(name).plain(value))
        rows.append(row)
    return rows


def compare(turns: Turns, folder: Path, port: int = 443) -> set[str]:
    """Demand that both say the same of every frame; the fields that were there."""
    records = tcp_records(turns, port)
    seen: set[str] = set()
    for number, (one, other) in enumerate(
        zip(theirs(records, port, folder), mine(records), strict=True), 1
    ):
        for name in one.keys() | other.keys():
            assert other.get(name) == one.get(name), f"frame {number}, {name}"
        seen |= one.keys()
    return seen


def pump(client: ssl.SSLContext, server: ssl.SSLContext, name: str = "host.example") -> Turns:
    """A session between two contexts: a handshake, a request, an answer, an end."""
    both = Ends(client, server, name)
    ends = both.ends
    both.shake()
    for step in (
        lambda: ends[0].write(b"question"),
        lambda: ends[1].read(100),
        lambda: ends[1].write(b"an answer"),
        lambda: ends[0].read(100),
        ends[0].unwrap,
        ends[1].unwrap,
    ):
        both.attempt(step)
        both.carry()
    return both.turns


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A certificate with its key, in one file, of each kind."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("keys")
    made = {}
    for kind, options in (
        ("rsa", ["rsa:2048"]),
        ("ec", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ):
        path = folder / f"{kind}.pem"
        command = ["openssl", "req", "-x509", "-nodes", "-newkey", *options, "-days", "30"]
        command += ["-subj", f"/O=Tests/CN={kind}.example", "-keyout", "key", "-out", "cert"]
        subprocess.run(command, cwd=folder, capture_output=True, check=True)
        path.write_text((folder / "key").read_text() + (folder / "cert").read_text())
        made[kind] = path
    made["dh"] = folder / "dh.pem"
    command = ["openssl", "genpkey", "-genparam", "-algorithm", "DH"]
    command += ["-pkeyopt", "group:ffdhe2048", "-out", str(made["dh"])]
    subprocess.run(command, capture_output=True, check=True)
    return made


def contexts(
    keys: dict[str, Path], kind: str, suites: str, version: ssl.TLSVersion
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    client, server = (
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
    )
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    server.load_cert_chain(keys[kind])
    server.load_dh_params(keys["dh"])
    for context in (client, server):
        if suites:
            context.set_ciphers(f"{suites}:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        context.set_alpn_protocols(["h2", "http/1.1"])
    return client, server


V10, V11 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("kind", "suites", "version", "telling"),
    [
        ("rsa", "AES128-SHA", V10, "tls.handshake.epms"),
        ("rsa", "DHE-RSA-AES128-SHA", V10, "tls.handshake.ys"),
        ("rsa", "ECDHE-RSA-AES256-SHA", V11, "tls.handshake.server_point"),
        ("rsa", "DHE-RSA-AES128-GCM-SHA256", V12, "tls.handshake.yc"),
        ("rsa", "ADH-AES128-SHA256", V12, "tls.handshake.p"),
        ("ec", "ECDHE-ECDSA-CHACHA20-POLY1305", V12, "tls.handshake.sig"),
        ("rsa", "AECDH-AES128-SHA", V12, "tls.handshake.client_point"),
        ("ec", "", V13, "tls.handshake.extensions_key_share_key_exchange"),
    ],
)
def test_sessions_of_openssl(
    keys: dict[str, Path],
    tmp_path: Path,
    kind: str,
    suites: str,
    version: ssl.TLSVersion,
    telling: str,
) -> None:
    turns = pump(*contexts(keys, kind, suites, version))
    assert telling in compare(turns, tmp_path)


def test_a_client_with_a_certificate(keys: dict[str, Path], tmp_path: Path) -> None:
    client, server = contexts(keys, "ec", "ECDHE-ECDSA-AES128-GCM-SHA256", V12)
    client.load_cert_chain(keys["rsa"])
    server.load_verify_locations(keys["rsa"])
    server.verify_mode = ssl.CERT_REQUIRED
    seen = compare(pump(client, server), tmp_path)
    assert "tls.handshake.client_cert_vrfy.sig" in seen
    assert "tls.handshake.cert_type" in seen


# hand-made


def record(kind: int, data: bytes, version: int = 0x0303) -> bytes:
    return struct.pack("!BHH", kind, version, len(data)) + data


def message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def vector(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width, "big") + data


def extension(kind: int, data: bytes) -> bytes:
    return struct.pack("!H", kind) + vector(data, 2)


def client_hello(extensions: bytes, suites: str = "130113021303c02bc02f0a0a") -> bytes:
    body = b"\x03\x03" + bytes(range(0x21, 0x41)) + vector(bytes(range(0xC1, 0xE1)), 1)
    body += vector(bytes.fromhex(suites), 2) + b"\x01\x00" + vector(extensions, 2)
    return message(1, body)


def server_hello(suite: int, extensions: bytes, version: int = 0x0303) -> bytes:
    body = struct.pack("!H", version) + bytes(range(0x61, 0x81))
    body += vector(bytes(range(0x91, 0xA1)), 1) + struct.pack("!HB", suite, 0)
    return message(2, body + vector(extensions, 2))


OFFERS = {
    0: vector(b"\x00" + vector(b"host.example", 2), 2),
    1: b"\x03",
    5: b"\x01" + vector(b"", 2) + vector(b"", 2),
    9: vector(b"\x01\x00", 1),
    10: vector(bytes.fromhex("1a1a001d0017001e010011ec6399"), 2),
    11: vector(b"\x02\x01\x00", 1),
    12: vector(b"somebody", 1),
    13: vector(bytes.fromhex("0403080404010503080508060807"), 2),
    15: b"\x02",
    16: vector(vector(b"h2", 1) + vector(b"http/1.1", 1), 2),
    17: vector(b"\x02" + vector(vector(b"", 2) + vector(b"", 2), 2), 2),
    18: b"",
    19: vector(b"\x02\x00", 1),
    20: vector(b"\x00\x02", 1),
    22: b"",
    23: b"",
    27: vector(bytes.fromhex("000200010003"), 1),
    28: b"\x40\x01",
    34: vector(bytes.fromhex("040305030603"), 2),
    35: bytes(range(48)),
    42: b"",
    43: vector(bytes.fromhex("5a5a03040303"), 1),
    44: vector(b"a cookie for you", 2),
    45: vector(b"\x01\x00", 1),
    47: vector(vector(bytes.fromhex("300e310c300a06035504030c03616263"), 2), 2),
    49: b"",
    50: vector(bytes.fromhex("08090601"), 2),
    51: vector(bytes.fromhex("3a3a000100") + b"\x00\x1d" + vector(bytes(range(0x40, 0x60)), 2), 2),
    54: vector(b"\x77\x88\x99", 1),
    57: bytes.fromhex(
        "0104800075300302 45c8 0404 80100001 0504 80080003 0604 80040007 0704 8002000f"
        "0802 4080 0901 28 0a01 03 0b01 19 0c00 0e01 08 0f08 8394c8f03e515708 2004 80010000"
        "11 0c 00000001 6b3343cf 00000001 7abc 03 010203"
    ),
    13172: b"",
    17513: vector(vector(b"h2", 1), 2),
    0xFF01: vector(b"", 1),
    21: bytes(23),
    41: vector(vector(bytes(range(90)), 2) + b"\x12\x34\x56\x78", 2)
    + vector(vector(bytes(range(32)), 1), 2),
}


def test_a_client_hello_with_every_extension(tmp_path: Path) -> None:
    block = b"".join(extension(kind, data) for kind, data in OFFERS.items())
    seen = compare([(C, record(22, client_hello(block), 0x0301))], tmp_path)
    for name in (
        "tls.handshake.extensions_server_name",
        "tls.handshake.extensions.psk.identity.obfuscated_ticket_age",
        "tls.quic.parameter.initial_max_data",
        "tls.handshake.extensions_alps_alpn_str",
        "tls.connection_id",
        "tls.handshake.ja3",
    ):
        assert name in seen


@pytest.mark.parametrize("kind", OFFERS)
def test_each_extension_alone_and_cut_short(tmp_path: Path, kind: int) -> None:
    compare([(C, record(22, client_hello(extension(kind, OFFERS[kind])), 0x0301))], tmp_path)


ANSWERS_12 = {
    1: b"\x03",
    5: b"",
    11: vector(b"\x00", 1),
    16: vector(vector(b"http/1.1", 1), 2),
    18: vector(
        vector(
            b"\x00"
            + bytes(range(0xA0, 0xC0))
            + struct.pack("!Q", 1_700_000_123_456)
            + vector(b"", 2)
            + b"\x04\x03"
            + vector(bytes(range(0x30, 0x77)), 2),
            2,
        ),
        2,
    ),
    20: b"\x02",
    35: b"",
    13172: vector(b"h2", 1) + vector(b"spdy/3.1", 1),
    0xFF01: vector(bytes(range(0x50, 0x5C)), 1),
}
OFFER = record(22, client_hello(extension(0, OFFERS[0])), 0x0301)


def test_a_server_hello_of_tls_1_2(tmp_path: Path) -> None:
    block = b"".join(extension(kind, data) for kind, data in ANSWERS_12.items())
    seen = compare([(C, OFFER), (S, record(22, server_hello(0xC02F, block)))], tmp_path)
    assert {"tls.sct.sct_logid", "tls.handshake.extensions_npn", "tls.handshake.ja3s"} <= seen


def test_messages_of_tls_1_2(tmp_path: Path) -> None:
    """One after the other, several in a record and one over three."""
    said = b"".join(
        (
            server_hello(0xC02F, b""),
            message(22, b"\x01" + vector(bytes(range(0x11, 0x42)), 3)),
            message(
                13,
                vector(b"\x01\x40", 1)
                + vector(bytes.fromhex("04030804"), 2)
                + vector(vector(bytes.fromhex("300e310c300a06035504030c03616263"), 2), 2),
            ),
            message(14, b""),
        )
    )
    parts = (said[:30], said[30:33], said[33:150], said[150:])
    turns = [(C, OFFER), (S, b"".join(record(22, part) for part in parts))]
    assert "tls.handshake.ocsp_response_len" in compare(turns, tmp_path)


@pytest.mark.parametrize(
    ("suite", "server", "client"),
    [
        (0x008C, vector(b"a hint", 2), vector(b"an identity", 2)),
        (0x0094, vector(b"a hint", 2), vector(b"an identity", 2) + vector(b"\x09" * 64, 2)),
    ],
)
def test_keys_shared_before(tmp_path: Path, suite: int, server: bytes, client: bytes) -> None:
    turns = [
        (C, OFFER),
        (S, record(22, server_hello(suite, b"") + message(12, server) + message(14, b""))),
        (C, record(22, message(16, client)) + record(20, b"\x01") + record(22, b"\x9a" * 40)),
    ]
    assert "tls.handshake.identity" in compare(turns, tmp_path)


def test_alerts_heartbeats_and_empty_records(tmp_path: Path) -> None:
    beat = b"\x01" + vector(b"are you there?", 2) + bytes(range(16))
    turns = [
        (C, OFFER),
        (S, record(22, server_hello(0xC02F, b"")) + record(24, beat)),
        (C, record(24, b"\x02" + beat[1:]) + record(21, b"\x01\x5a")),
        (S, record(21, b"\x02\x28")),
        (C, record(20, b"\x01") + record(23, b"") + record(21, b"\xc7" * 32)),
    ]
    seen = compare(turns, tmp_path)
    assert {"tls.heartbeat_message.payload", "tls.alert_message.desc"} <= seen


def test_an_old_hello(tmp_path: Path) -> None:
    specs = bytes.fromhex("010080 00c02f 00002f 0700c0")
    body = b"\x01\x03\x01" + struct.pack("!HHH", len(specs), 0, 16) + specs + bytes(range(16))
    turns = [(C, struct.pack("!H", 0x8000 | len(body)) + body)]
    assert "tls.handshake.cipherspec" in compare(turns, tmp_path)
