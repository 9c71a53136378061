"""The rules of the house that no tool on the shelf checks."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wirestep.decode.fields import KINDS
from wirestep.protocols import ALL

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "wirestep"
FILES = sorted(PACKAGE.rglob("*.py"))
MAX_LINES, MAX_FUNCTION = 350, 60

NOUNS_OF_OURS = {"data", "frame", "json", "raw"}
"""Names of cards that the machinery must know: the outermost layer, what nobody reads, and forms
of output."""
TRANSPORTS = {"tcp", "udp", "eth", "ip", "ipv6", "icmp", "icmpv6", "igmp"}
"""What wires build, columns hold and the timeline measures."""
KNOWS_TRANSPORTS = ("exchange", "wires", "timeline", "capture", "session")

files = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))


@files
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= MAX_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION, node.name


@files
def test_no_import_is_hidden_in_a_function_to_break_a_cycle(path: Path) -> None:
    """Late imports are for what is heavy and not ours."""
    if path.parent.name == "cli" or path.name == "__main__.py":
        return  # a command loads what it needs
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.ImportFrom):
                    beside = inner.level == 1 and path.parent.parent.name == "protocols"
                    assert beside or not inner.level, (node.name, inner.lineno)
                    assert not (inner.module or "").startswith("wirestep"), (
                        node.name,
                        inner.lineno,
                    )


@files
def test_nobody_else_says_a_protocols_name(path: Path) -> None:
    """Outside `protocols` no string is the name of a protocol."""
    place = path.relative_to(PACKAGE).parts
    if place[0] == "protocols":
        return
    names = {card.name for card in ALL} - NOUNS_OF_OURS - KINDS
    if place[0].removesuffix(".py") in KNOWS_TRANSPORTS:
        names -= TRANSPORTS
    said = [
        (node.value, node.lineno)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in names
    ]
    assert not said


def test_every_folder_of_a_protocol_is_listed() -> None:
    folder = PACKAGE / "protocols"
    folders = {p.name for p in folder.iterdir() if (p / "__init__.py").exists()} - {"stack"}
    makers = [getattr(card.decoder, "func", card.decoder) for card in ALL]
    listed = {maker.__module__.split(".")[2] for maker in makers}
    assert folders <= listed


def test_floors_hold() -> None:
    """import-linter keeps the contracts that pyproject.toml lists."""
    if "[[tool.importlinter.contracts]]" not in (ROOT / "pyproject.toml").read_text():
        pytest.skip("pyproject.toml has no contracts")
    tool = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or shutil.which(
        "lint-imports"
    )
    if tool is None:
        pytest.skip("import-linter is not installed")
    done = subprocess.run(
        [tool], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout
