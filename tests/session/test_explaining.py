"""Explanations as the session hands them out."""

from __future__ import annotations

from screenplay import CAPTURES

from wirestep.protocols import REGISTRY
from wirestep.protocols.explain import Explanations
from wirestep.session import Session
from wirestep.session.explaining import Explainer

BOOK = Explanations(REGISTRY)


def test_files_are_read_in_the_background() -> None:
    explainer = Explainer(REGISTRY)
    assert explainer.of("ip.ttl") is None
    assert explainer.step()
    entry, found = BOOK.of("ip.ttl"), explainer.of("ip.ttl")
    assert entry is not None
    assert found is not None
    assert (found.name, found.title, found.text) == ("ip.ttl", entry.title, entry.text)
    assert found.spec == entry.spec
    assert explainer.of("ip.id") is not None  # it stands in the same file
    assert not explainer.step()


def test_a_value_has_its_own_sentence() -> None:
    entry = BOOK.of("tls.record.content_type")
    assert entry is not None
    explainer = Explainer(REGISTRY)
    assert explainer.at_once("tls.record.content_type", "22").sentence == entry.values["22"]
    assert explainer.at_once("tls.record.content_type", "0x16").sentence == entry.values["22"]
    assert explainer.at_once("tls.record.content_type", "99").sentence == ""
    assert explainer.at_once("tls.record.content_type", "no number").sentence == ""


def test_what_nobody_has_explained_has_no_text() -> None:
    explainer = Explainer(REGISTRY)
    found = explainer.of("no.such\x1bfield")
    assert found is not None
    assert found.text == ""
    assert "\x1b" not in found.name + found.title


def test_a_line_without_a_name_is_explained_by_the_one_above() -> None:
    session = Session.open(str(CAPTURES / "tls13-full.pcapng"))
    session.settle()
    nameless = 0
    for record in range(session.total):
        view = session.frame(record)
        level = list(view.nodes)
        while level:
            node = level.pop()
            level.extend(node.children)
            name, value = view.named(node.path)
            above = view.node(node.path[:-1]) if len(node.path) > 1 else None
            if node.name:
                assert (name, value) == (node.name, node.plain)
            elif above is not None:
                nameless += 1
                assert (name, value) == (view.named(above.path)[0], "")
            assert session._explainer.at_once(name, value).text
    assert session.total
    session.close()
