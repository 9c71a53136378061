"""What the user chose of the packet list, kept in a file: columns, their widths, the colours."""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from wirestep.model import safe

from .cells import DEFAULT

COLOURS = ("protocol", "problem", "conversation", "off")
"""What the lines of the list are coloured by."""
MAX_COLUMNS = 40
WIDTHS = (3, 200)
"""Cells of the narrowest and of the widest column."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")


@dataclass(frozen=True, slots=True)
class Choice:
    """A column of the list."""

    name: str
    width: int = 0
    """Cells; 0 for as many as are sensible."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The list as the user wants it."""

    columns: tuple[Choice, ...] = tuple(Choice(name) for name in DEFAULT)
    """From left to right; one of them is "info", which takes what the others leave."""
    colour: str = COLOURS[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(choice.name for choice in self.columns)


def choices_file() -> Path:
    """Where they are kept."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "wirestep" / "columns.toml"


def load_choices() -> tuple[Choices, str]:
    """What is kept, or the usual; and what is wrong with the file, one safe sentence or ""."""
    path = choices_file()
    try:
        if not path.exists():
            return Choices(), ""
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no TOML"
        return Choices(), safe(f"{path.name} is ignored, {reason}: {path}")
    columns, colour = found.get("column"), found.get("colour", COLOURS[0])
    entries = columns if isinstance(columns, list) else []
    read = [_choice(entry) for entry in entries[:MAX_COLUMNS]]
    good = {choice.name: choice for choice in read if choice is not None}
    sound = bool(entries) and len(good) == len(entries) and colour in COLOURS
    if "info" not in good:
        if good:
            sound = False
        good["info"] = Choice("info")
    problem = (
        "" if sound else safe(f"of {path.name} is ignored what could not be understood: {path}")
    )
    made = tuple(good.values()) if len(good) > 1 else Choices().columns
    return Choices(made, colour if colour in COLOURS else COLOURS[0]), problem


def _choice(entry: object) -> Choice | None:
    if not isinstance(entry, dict):
        return None
    name, width = entry.get("name"), entry.get("width", 0)
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not isinstance(width, int):
        return None
    return Choice(name, max(WIDTHS[0], min(WIDTHS[1], width)) if width > 0 else 0)


def may_be_column(name: str) -> bool:
    """Whether a field's name can be kept in the file."""
    return _NAME.fullmatch(name) is not None


def save_choices(choices: Choices) -> str:
    """Keep them; why that failed, one safe sentence or ""."""
    path = choices_file()
    lines = ["# The packet list of wirestep: its columns from left to right, width 0 is automatic."]
    lines += [f'colour = "{choices.colour}"']
    for choice in choices.columns:
        lines += ["", "[[column]]", f'name = "{choice.name}"', f"width = {choice.width}"]
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix="columns.", suffix=".part")
        with open(handle, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        Path(part).replace(path)
    except OSError as error:
        return safe(f"the columns are not kept: {path}: {error.strerror or error}")
    return ""
