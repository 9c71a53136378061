"""What lies at hand without opening anything: bundled captures and files opened before."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

from wirestep.model import safe

from .views import Bundled, Recent

MAX_RECENTS = 20


def bundled_folder() -> Path:
    """Where the bundled captures lie: inside the package, or beside it in a checkout."""
    inside = Path(__file__).parent.parent / "bundled"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "captures"


def bundled() -> list[Bundled]:
    """The captures that ship with the program; none where their index cannot be read."""
    folder = bundled_folder()
    try:
        index = tomllib.loads((folder / "index.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        return []
    return [_entry(folder, entry) for entry in index.get("capture", ())]


def _entry(folder: Path, entry: dict[str, object]) -> Bundled:
    path = folder / str(entry.get("file", ""))
    return Bundled(
        safe(str(entry.get("name", ""))),
        str(path),
        safe(str(entry.get("title", ""))),
        safe(str(entry.get("about", ""))).replace("\\n", " "),
        _texts(entry.get("protocols")),
        int(_number(entry.get("packets"))),
        path.stat().st_size if path.is_file() else 0,
        int(_number(entry.get("round_trips"))),
        _number(entry.get("rtt_ms")),
        _texts(entry.get("software")) + _texts(entry.get("commands")),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(safe(str(text)) for text in value) if isinstance(value, list) else ()


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0


def find_bundled(name: str) -> str | None:
    """The path of the bundled capture called `name`, or None."""
    return next((entry.path for entry in bundled() if entry.name == name), None)


def _state_file() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "wirestep" / "recent.json"


def recents() -> list[Recent]:
    """Files opened before and still there, the newest first."""
    try:
        known = json.loads(_state_file().read_text(encoding="utf-8"))
        found = [Recent(str(e["path"]), int(e["packets"]), int(e["opened"])) for e in known]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [entry for entry in found if os.path.exists(entry.path)]


def remember(path: str, packets: int, now: int) -> None:
    """Put `path` on top of the list of recent files; a list that cannot be kept is no error.

    `now` is in seconds since the epoch.
    """
    path = os.path.abspath(path)
    if Path(path).parent == bundled_folder():
        return
    entries = [Recent(path, packets, now)] + [e for e in recents() if e.path != path]
    rows = [
        {"path": e.path, "packets": e.packets, "opened": e.opened} for e in entries[:MAX_RECENTS]
    ]
    target = _state_file()
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = target.with_suffix(".part")
        part.write_text(json.dumps(rows), encoding="utf-8")
        part.replace(target)
    except OSError:
        return
