"""index.toml: everything the home screen needs about the captures, without opening one."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

HEAD = "# Written by make.py; what is said here about a capture stands in recorder/scenes/.\n"
Entry = dict[str, Any]


def read_index(path: Path) -> dict[str, Entry]:
    """Entries by name; none where the file is missing."""
    if not path.exists():
        return {}
    return {entry["name"]: entry for entry in tomllib.loads(path.read_text())["capture"]}


def write_index(path: Path, entries: dict[str, Entry], order: list[str]) -> None:
    """Writes the entries named in `order`, in that order; the others are dropped."""
    tables = [_table(entries[name]) for name in order if name in entries]
    path.write_text(HEAD + "".join(tables))


def _table(entry: Entry) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in entry.items()]
    return "\n[[capture]]\n" + "\n".join(lines) + "\n"


def _value(value: str | int | list[str]) -> str:
    """A TOML value; JSON's strings and numbers are TOML's too."""
    if isinstance(value, list) and sum(map(len, value)) > 60:
        return "[\n" + "".join(f"  {_value(item)},\n" for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
