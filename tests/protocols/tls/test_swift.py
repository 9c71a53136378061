"""Records of which nobody wants fields carry the same as those that are read with all of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from byte_coverage import FOLDER

from wirestep.capture import Capture, load, open_capture
from wirestep.decode.engine import Engine
from wirestep.decode.lean import Wanted
from wirestep.decode.secrets import Secrets
from wirestep.model import Message
from wirestep.protocols import REGISTRY
from wirestep.protocols.tls import swift

CORPUS = Path(os.environ.get("WIRESTEP_CORPUS", "/nonexistent"))
FILES = [
    *(FOLDER / f"{name}.pcapng" for name in ("page-load", "http2-streams", "tls12-full")),
    *(FOLDER / f"tls13-{name}.pcapng" for name in ("full", "resumed-0rtt", "alert")),
    *(path for path in sorted(CORPUS.glob("*.pcap*")) if "tls" in path.name),
]
RECORD = frozenset({"tls.record.length", "tls.app_data"})


def opened(path: Path) -> tuple[Capture, Secrets]:
    capture = open_capture(str(path))
    for _ in load(capture):
        pass
    secrets = Secrets(capture.secrets)
    keys = path.with_suffix(".keys")
    if keys.is_file():
        secrets.add(keys.read_bytes())
    return capture, secrets


def read(capture: Capture, secrets: Secrets, wanted: Wanted) -> list[Message]:
    engine = Engine(REGISTRY, secrets)
    records = capture.records(range(capture.count))
    return [
        message._replace(values=tuple(v for v in message.values if v[0] not in RECORD))
        for record in records
        for message in engine.feed(record, wanted=wanted)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_both_ways_tell_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    real = swift.application_data

    def counted(*arguments: object) -> bytes | None:
        found = real(*arguments)  # type: ignore[arg-type]
        taken.append(found is not None)
        return found

    monkeypatch.setattr(swift, "application_data", counted)
    capture, secrets = opened(path)
    wanted = frozenset({"http2.type", "http2.data.data", "http.request.uri", "http.file_data"})
    swiftly = read(capture, secrets, wanted)
    asked = len(taken)
    assert swiftly == read(capture, secrets, wanted | RECORD)
    assert len(taken) == asked
    if path.parent == FOLDER and path.stem != "tls13-alert":
        assert any(taken)
