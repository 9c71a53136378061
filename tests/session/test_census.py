"""A census in bulk, by one process or several, is that of all frames."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wirestep.capture import Capture, load, open_capture
from wirestep.decode.secrets import Secrets
from wirestep.protocols import REGISTRY
from wirestep.session import bulk_sweep, census
from wirestep.session.census import Census, Tally

FOLDER = Path(__file__).resolve().parents[2] / "captures"
CORPUS = Path(os.environ.get("WIRESTEP_CORPUS", "/nonexistent"))
SOME = ("arp-ping", "dns-delegation", "http1-keepalive", "page-load", "quic-http3", "tls12-full")
FILES = [FOLDER / f"{name}.pcapng" for name in SOME] + sorted(CORPUS.glob("*.pcap*"))


def taken(path: Path, *, keys: bool = True) -> Tally:
    capture: Capture = open_capture(str(path))
    for _ in load(capture):
        pass
    secrets = Secrets(capture.secrets if keys else b"")
    log = path.with_suffix(".keys")
    if keys and log.is_file():
        secrets.add(log.read_bytes())
    return Census(capture, REGISTRY, secrets).take()


@pytest.mark.parametrize("keys", [True, False], ids=["keys", "no keys"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_in_bulk_the_same_is_counted(
    path: Path, keys: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = taken(path, keys=keys)
    monkeypatch.setattr(census, "WORTH", 0)
    monkeypatch.setattr(bulk_sweep, "WINDOW", 50)
    for count in (1, 2) if hasattr(os, "fork") else (1,):
        monkeypatch.setattr(census, "processes", lambda columns, count=count: count)
        found = taken(path, keys=keys)
        assert found.frames == every.frames
        assert found.named == every.named
        verdicts = [{v.flow: v for v in one.verdicts.all()} for one in (found, every)]
        assert verdicts[0] == verdicts[1]


def test_what_is_counted() -> None:
    tally = taken(FOLDER / "tls13-alert.pcapng")
    assert tally.frames["TLSv1.3"] > 0
    assert {name for name, _, _ in tally.named} == {"tls"}
    assert [verdict.text for verdict in tally.verdicts.all()] == ["decrypted"]
