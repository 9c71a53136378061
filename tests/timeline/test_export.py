"""Ladders as Mermaid, Markdown and SVG: whatever a peer says, other programs can read it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wirestep.timeline.export.mermaid import escaped, markdown, mermaid
from wirestep.timeline.export.svg import svg
from wirestep.timeline.export.words import Drawn
from wirestep.timeline.ladder import Step

HOSTILE = (
    "end; participant x",
    "GET /?a=1;b=2#c",
    "%%{init: {}}%% loop",
    "a->>b: <script>alert(1)</script>",
    'back\\slash "quote" | pipe `tick`',
    "漢字 🙂 é",
    "",
)
PARSE = """
import {JSDOM} from 'jsdom'; import fs from 'fs';
const dom = new JSDOM('<body></body>'); global.window = dom.window;
global.document = dom.window.document;
const mermaid = (await import('mermaid')).default;
for (const file of process.argv.slice(2))
  console.log((await mermaid.parse(fs.readFileSync(file, 'utf8'))).diagramType);
"""


def whole(labels: Sequence[str], hosts: Sequence[str] = ("a", "b")) -> Drawn:
    levels, marks = ("message", "record", "packet", "note"), ((), ("lost",), ("retransmission",))
    steps = [
        Step(
            place,
            levels[place % 4],
            0,
            place,
            place % 2,
            (place // 2) % 2,
            label,
            "X",
            "blue",
            place * 1_500_000,
            place,
            place,
            (place,),
            0,
            marks[place % 3],
            True,
        )
        for place, label in enumerate(labels)
    ]
    return Drawn(tuple(hosts), steps, 0)


def test_a_diagram() -> None:
    lines = list(mermaid(whole(["SYN", "x", "ACK"], ("me", "you")), "t"))
    assert lines[:6] == [
        "---",
        'title: "t"',
        "---",
        "sequenceDiagram",
        "    participant h0 as me",
        "    participant h1 as you",
    ]
    assert lines[6] == "    h0->>h0: 0.000 ms  SYN"
    assert lines[7] == "    h1--xh0: 1.500 ms  [lost] x"
    assert lines[8] == "    h0-->>h1: 3.000 ms  [retransmission] ACK"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_text_ends_a_statement_or_begins_one(text: str) -> None:
    plain = escaped(text)
    assert "\n" not in plain
    assert ";" not in plain.replace("#35;", "").replace("#59;", "").replace("#lt;", "").replace(
        "#gt;", ""
    ).replace("#92;", "").replace("#37;", "")


def test_markdown_keeps_its_table_whole() -> None:
    lines = list(markdown(whole(HOSTILE, HOSTILE[:2]), "t|t", "4 RTT"))
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 2 + len(HOSTILE)
    assert {line.replace("\\\\", "").replace("\\|", "").count("|") for line in table} == {6}
    assert "4 RTT" in lines


@pytest.mark.parametrize("hosts", [("a",), ("a", "b"), HOSTILE[:3]], ids=["1", "2", "3"])
def test_a_drawing_is_well_formed(hosts: tuple[str, ...]) -> None:
    steps = whole(HOSTILE, hosts)
    if len(hosts) == 1:
        steps = Drawn(
            steps.hosts, [step for step in steps.steps if not step.sender | step.target], 0
        )
    root = ElementTree.fromstring("\n".join(svg(steps, HOSTILE[3], HOSTILE[4])))
    texts = [element.text for element in root.iter() if element.text]
    assert not any(element.tag.endswith("script") for element in root.iter())
    assert any("<script>" in text for text in texts)


@pytest.mark.skipif(
    not os.environ.get("WIRESTEP_MERMAID"),
    reason="WIRESTEP_MERMAID does not name a folder with the packages mermaid and jsdom",
)
def test_mermaid_itself_reads_it(tmp_path: Path) -> None:
    folder = Path(os.environ["WIRESTEP_MERMAID"])
    script = folder / "wirestep-parse.mjs"
    script.write_text(PARSE, encoding="utf-8")
    file = tmp_path / "hostile.mmd"
    file.write_text("\n".join(mermaid(whole(HOSTILE, HOSTILE[:2]), HOSTILE[4])) + "\n")
    told = subprocess.run(
        ["node", script.name, str(file)], cwd=folder, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["sequence"]
