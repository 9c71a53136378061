"""ASCII where there is no Unicode."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from rich.cells import cell_len

import wirestep.ui
from wirestep.ui.glyphs import PLAIN, plain, wanted

SOURCES = sorted(Path(wirestep.ui.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_glyph_of_ours_has_a_likeness(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for letter in node.value:
                assert letter.isascii() or ord(letter) in PLAIN or ord(letter) >= 0xFE00, letter


@pytest.mark.parametrize("text", ["a→b", "漢字", "━━▶", "Ω", "e\u0301", "plain"])
def test_the_likeness_is_as_wide(text: str) -> None:
    assert plain(text).isascii()
    assert len(plain(text)) == cell_len(text)


@pytest.mark.parametrize(
    ("environ", "ascii_only"),
    [
        ({"LC_ALL": "C"}, True),
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "de_DE.UTF-8"}, False),
        ({"LC_CTYPE": "C.utf8"}, False),
        ({"WIRESTEP_ASCII": "1", "LANG": "C.UTF-8"}, True),
        ({"WIRESTEP_ASCII": "0", "LC_ALL": "C"}, False),
    ],
)
def test_when_ascii_is_wanted(environ: dict[str, str], ascii_only: bool) -> None:
    assert wanted(environ) is ascii_only
