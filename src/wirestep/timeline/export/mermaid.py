"""A ladder as a Mermaid sequence diagram, and as Markdown that holds one."""

from __future__ import annotations

from collections.abc import Iterator

from wirestep.timeline.ladder import Step

from .words import Drawn, said, since

ENTITIES = {"#": "#35;", ";": "#59;", "<": "#lt;", ">": "#gt;", "\\": "#92;", "%": "#37;"}
"""Characters that mean something to the parser, as it wants them written."""
ARROWS = {"message": "->>", "record": "-)", "packet": "-->>"}
LOST = "--x"


def mermaid(whole: Drawn, title: str = "") -> Iterator[str]:
    """The lines of a `sequenceDiagram`; an arrow a step, with its time."""
    if title:
        yield from ("---", f"title: {_quoted(title)}", "---")
    yield "sequenceDiagram"
    for place, host in enumerate(whole.hosts):
        yield f"    participant h{place} as {escaped(host)}"
    for step in whole.steps:
        yield f"    {_line(whole, step)}"


def markdown(whole: Drawn, title: str, line: str = "") -> Iterator[str]:
    """A section with the diagram, and the steps as a table."""
    yield f"## {_cell(title)}"
    yield ""
    if line:
        yield from (line, "")
    yield from ("```mermaid", *mermaid(whole), "```", "")
    yield from ("| ms | from | to | protocol | what |", "|---:|---|---|---|---|")
    for step in whole.steps:
        ends = whole.hosts[step.sender], whole.hosts[step.target]
        time = since(whole, step).removesuffix(" ms")
        cells = (time, *ends, step.protocol, said(step))
        yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def escaped(text: str) -> str:
    """Text that the parser takes as text."""
    plain = "".join(ENTITIES.get(character, character) for character in text)
    return plain.replace("\n", " ").strip() or "-"


def _line(whole: Drawn, step: Step) -> str:
    if step.level == "note":
        ends = sorted({step.sender, step.target})
        return f"Note over {','.join(f'h{end}' for end in ends)}: {escaped(step.label)}"
    arrow = LOST if "lost" in step.marks else ARROWS[step.level]
    text = escaped(f"{since(whole, step)}  {said(step)}")
    return f"h{step.sender}{arrow}h{step.target}: {text}"


def _quoted(text: str) -> str:
    """As a string of YAML's."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _cell(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
    return plain.replace("<", "&lt;").replace("`", "\\`")
