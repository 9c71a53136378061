"""The outer form of an encrypted ClientHello, as a browser sends it (RFC 9849 section 5)."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from wirestep.decode.engine import Engine
from wirestep.model import Field
from wirestep.protocols import REGISTRY
from wirestep.protocols.explain import Explanations
from wirestep.session import Session

PAGE = Path(__file__).parents[3] / "captures" / "page-load.pcapng"
NUMBERS = [  # in the order of the wire, with their sizes
    ("tls.ech.client_hello_type", 1),
    ("tls.ech.hpke.kdf_id", 2),
    ("tls.ech.hpke.aead_id", 2),
    ("tls.ech.config_id", 1),
    ("tls.ech.enc_length", 2),
]


def sent() -> list[list[Field]]:
    """The leaves of each such extension in the capture, over TCP and over QUIC."""
    session = Session.open(str(PAGE))
    session.load()
    engine = Engine(REGISTRY, session.secrets)
    found = []
    for record in session.capture.records(range(session.capture.count)):
        for message in engine.feed(record, full=True):
            walked = [] if message.root is None else list(message.root.walk())
            leaves = [one for one in walked if one.name.startswith("tls.ech.")]
            if leaves:
                found.append([one for one in leaves if not one.children])
    session.close()
    return found


def test_a_browser_s_outer_hello_is_named_and_explained() -> None:
    book = Explanations(REGISTRY)
    found = sent()
    assert len(found) == 2
    for leaves in found:
        values = {one.name: one.value for one in leaves}
        assert values["tls.ech.client_hello_type"] == 0
        enc, payload = values["tls.ech.enc"], values["tls.ech.payload"]
        assert isinstance(enc, bytes)
        assert isinstance(payload, bytes)
        assert (values["tls.ech.enc_length"], len(enc)) == (32, 32)  # X25519
        assert values["tls.ech.payload_length"] == len(payload)
        names = [*NUMBERS, ("tls.ech.enc", 32), ("tls.ech.payload_length", 2)]
        names += [("tls.ech.payload", len(payload))]
        sizes = [(one.name, one.span.stop - one.span.start) for one in leaves]
        assert sizes == names
        assert all(one.span.stop == later.span.start for one, later in pairwise(leaves))
        for one in leaves:
            entry = book.of(one.name)
            assert entry is not None
            assert entry.text
