"""The records of RFC 8448, sections 4 to 7: opened, named, and every Finished checked."""

from __future__ import annotations

from pathlib import Path

import pytest
from frames import tcp_records

from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Message, Side, Value
from wirestep.protocols import REGISTRY

C, S = Side.CLIENT, Side.SERVER
TEXT = Path(__file__).parents[2] / "rfc8448_traces.txt"


def trace(section: int) -> list[Message]:
    """The messages of one section, in full."""
    [text] = [
        part
        for part in TEXT.read_text(encoding="ascii").split("section ")
        if part.startswith(f"{section}\n")
    ]
    secrets: list[str] = []
    turns: list[tuple[Side, bytes]] = []
    for line in text.splitlines()[1:]:
        word, _, rest = line.strip().partition(" ")
        if word in ("C", "S"):
            turns.append((C if word == "C" else S, bytes.fromhex(rest)))
        elif line.startswith("  "):
            turns[-1] = turns[-1][0], turns[-1][1] + bytes.fromhex(word)
        elif rest:
            secrets.append(f"{word} {{random}} {rest}")
    random = turns[0][1][11:43].hex()  # of the first hello
    keylog = "\n".join(secrets).replace("{random}", random).encode()
    engine = Engine(REGISTRY, Secrets(keylog))
    records = tcp_records(turns, 443)
    return [message for record in records for message in engine.feed(record, full=True)]


def values(messages: list[Message], name: str) -> list[Value]:
    roots = [message.root for message in messages if message.root is not None]
    return [field.value for root in roots for field in root.walk() if field.name == name]


END = "Alert (Level: Warning, Description: Close Notify)"
SAID = {
    4: [
        (C, "Client Hello"),
        (C, "Application Data"),
        (S, "Server Hello"),
        (S, "Encrypted Extensions, Finished"),
        (C, "End of Early Data"),
        (C, "Finished"),
        (C, "Application Data"),
        (S, "Application Data"),
        (C, END),
        (S, END),
    ],
    5: [
        (C, "Client Hello"),
        (S, "Hello Retry Request"),
        (C, "Client Hello"),
        (S, "Server Hello"),
        (S, "Encrypted Extensions, Certificate, Certificate Verify, Finished"),
        (C, "Finished"),
        (C, END),
        (S, END),
    ],
    6: [
        (C, "Client Hello"),
        (S, "Server Hello"),
        (
            S,
            "Encrypted Extensions, Certificate Request, Certificate, Certificate Verify, Finished",
        ),
        (C, "Certificate, Certificate Verify, Finished"),
        (C, END),
        (S, END),
    ],
    7: [
        (C, "Client Hello"),
        (S, "Server Hello"),
        (S, "Change Cipher Spec"),
        (S, "Encrypted Extensions, Certificate, Certificate Verify, Finished"),
        (C, "Change Cipher Spec"),
        (C, "Finished"),
        (C, END),
        (S, END),
    ],
}


@pytest.mark.parametrize("section", SAID)
def test_a_trace_is_opened_to_its_end(section: int) -> None:
    messages = trace(section)
    assert [(m.side, m.summary) for m in messages if m.protocol == "tls"] == SAID[section]
    verdicts = [str(verdict) for verdict in values(messages, "tls.record.decryption")]
    sealed = [m for m in messages if m.protocol == "tls" and m.source and m.source.data[0] == 23]
    assert len(verdicts) == len(sealed)
    assert all(verdict.startswith("decrypted with") for verdict in verdicts)
    assert not [m.marks for m in messages if "broken" in m.marks]


def test_early_data_and_what_follows_it() -> None:
    """(RFC 8448 section 4)"""
    messages = trace(4)
    data = [m.source.data for m in messages if m.protocol == "data" and m.source]
    assert data == [b"ABCDEF", bytes(range(50)), bytes(range(50))]
    assert values(messages, "tls.handshake.extensions.psk.identity.selected") == [0]


def test_a_cookie_comes_back() -> None:
    """(RFC 8448 section 5)"""
    sent, returned = values(trace(5), "tls.handshake.extensions.cookie")
    assert isinstance(sent, bytes)
    assert sent == returned
    assert len(sent) == 114
