"""The same bytes read by tshark: every field that both know, value by value."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from dns_records import CASES, message_with
from frames import udp_records

from wirestep.decode.engine import Engine
from wirestep.model import Record, Side
from wirestep.protocols import REGISTRY
from wirestep.protocols.dns import PROTOCOL

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
]

UNIT = "\x1f"
LATER = {"SMIMEA", "NINFO", "DSYNC", "HHIT", "BRID", "URI", "AVC", "AMTRELAY", "RESINFO", "WALLET"}
"""Types that tshark 4.0 shows as bytes."""
OTHERWISE = {
    "dns.openpgpkey",  # there a string, though it holds a key's bytes (RFC 7929 section 2.3)
    "dns.tsig.mac",  # there a field without a value
    "dns.count.labels",  # there counted by dots in the name's text
    "dns.data",  # here what a known type leaves over, there any undecoded type
}
MISSING = ("", "<MISSING>")


def pcap(path: Path, records: list[Record]) -> None:
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for number, record in enumerate(records):
        size = len(record.data)
        out.append(struct.pack("<IIII", 1_700_000_000 + number, 0, size, size) + record.data)
    path.write_bytes(b"".join(out))


def known_to_tshark() -> list[str]:
    """Names of our fields that this tshark has too, times left out: it writes them in words."""
    done = subprocess.run(["tshark", "-G", "fields"], capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    theirs = {row[2] for row in rows if row[0] == "F" and row[3] != "FT_ABSOLUTE_TIME"}
    return sorted(theirs & set(PROTOCOL.fields) - OTHERWISE)


def same(text: str) -> str:
    """One spelling for numbers and truth values."""
    if text in ("True", "False"):
        return str(int(text == "True"))
    try:
        return str(int(text, 0))
    except ValueError:
        return text.replace(":", "") if set(text) <= set("0123456789abcdef:") else text


def test_all_samples_as_tshark_reads_them(tmp_path: Path) -> None:
    cases = [text for text in CASES if text.split()[0] not in LATER and "\\200" not in text]
    records = []
    for text in cases:
        records += udp_records([(Side.SERVER, message_with(text)[0])], 53)
    path = tmp_path / "samples.pcap"
    pcap(path, records)
    fields = known_to_tshark()
    assert len(fields) > 200
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", f"aggregator={UNIT}"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    rows = done.stdout.decode("utf-8", "replace").splitlines()
    assert len(rows) == len(cases)
    for text, record, row in zip(cases, records, rows, strict=True):
        message = Engine(REGISTRY).feed(record, wanted=frozenset(fields))[-1]
        assert message.protocol == "dns"
        ours: dict[str, list[str]] = {}
        for name, value, _ in message.values:
            ours.setdefault(name, []).append(same(REGISTRY.info(name).plain(value)))
        for name, cell in zip(fields, row.split("\t"), strict=True):
            theirs = [same(part) for part in cell.split(UNIT) if part not in MISSING]
            assert (name, theirs) == (name, ours.get(name, [])), text
