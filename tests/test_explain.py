"""Explanations: they exist for every field, belong to a field, and can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from byte_coverage import FOLDER, coverage

from wirestep.cli import main
from wirestep.decode.contract import Protocol
from wirestep.protocols import ALL, REGISTRY
from wirestep.protocols.explain import Explanations

BOOK = Explanations(REGISTRY)
UNEXPLAINED = {
    "radiotap",
    "wlan",
    "wlan.padded",
    "wlan.tail",
}
"""Not written yet."""
EXPLAINED = tuple(
    card.name for card in ALL if card.spec != "scapy" and card.name not in UNEXPLAINED
)
"""Protocols of which every field must have its sentence."""
SCOPE = {*EXPLAINED} - {"data"}
"""Protocols of which no byte may stay without a name; "data" is what no protocol reads."""
LONGEST = 420
DOCUMENT = r"(RFC \d+( [A-Z0-9][\w.]*)?|IEEE 802[\w.-]*|draft-[a-z0-9-]+|[A-Z][\w .,/:()-]+)"
DOCUMENTS = re.compile(f"{DOCUMENT}(; {DOCUMENT})*")
"""A document, and the section in it where there is one; several are parted by semicolons."""

cards = pytest.mark.parametrize("card", ALL, ids=lambda card: card.name)


@cards
def test_entries_are_of_fields_that_there_are(card: Protocol) -> None:
    known = {*REGISTRY.cards, *REGISTRY.fields}
    assert [name for name in BOOK.written(card) if name not in known] == []


@cards
def test_entries_can_be_read(card: Protocol) -> None:
    for name in BOOK.written(card):
        entry = BOOK.of(name)
        assert entry is not None, f"{name} stands in the file of another protocol"
        assert 10 <= len(entry.text) <= LONGEST, name
        assert entry.text[-1] in ".?", name
        assert DOCUMENTS.fullmatch(entry.spec), (name, entry.spec)
        names = REGISTRY.fields[name].names if name in REGISTRY.fields else None
        for value, text in entry.values.items():
            assert text.strip(), name
            assert names is None or int(value) in names, (name, value)


@pytest.mark.parametrize("name", EXPLAINED)
def test_every_field_has_its_sentence(name: str) -> None:
    card = REGISTRY[name]
    assert BOOK.of(name) is not None
    assert [field for field in card.fields if BOOK.of(field) is None] == []


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.pcapng")), ids=lambda path: path.stem)
def test_every_byte_of_the_bundled_captures_has_its_sentence(path: Path) -> None:
    found = coverage(path)
    assert found.total["eth"] > 0
    assert {name: size for name, size in found.missing.items() if name[0] in SCOPE} == {}


def test_a_field_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "udp.length"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("udp.length   Length   RFC 768\n")
    assert "header and payload together" in said


def test_a_protocol_lists_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "udp"]) == 0
    said = capsys.readouterr().out
    assert "udp.srcport" in said
    assert "Source port" in said


def test_an_unknown_name_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "udp.lenght"]) == 2
    assert "udp.length" in capsys.readouterr().err


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    assert main(["explain", "--json", "udp.length", "udp"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in entries] == ["udp.length", "udp"]
    assert entries[0]["spec"] == "RFC 768"
