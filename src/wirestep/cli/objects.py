"""`wirestep objects`: what was sent as files, listed and saved."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from wirestep.model import safe
from wirestep.session import Session
from wirestep.session.objects import Object, objects, save

from .arguments import Wrong


def object_lines(session: Session, options: argparse.Namespace) -> Iterator[str]:
    """A line for each object; with `save`, each is written as well.

    Raises:
        Wrong: they cannot be written there.
    """
    folder = Path(options.save) if options.save else None
    if folder is not None and folder.exists() and not folder.is_dir():
        raise Wrong(f"{folder} is no folder")
    if not options.json:
        yield f"{'packet':>7}  {'bytes':>10}  {'sha256':<64}  type  host  path"
    for found in objects(session.capture, session.registry, session.secrets):
        if found is None:
            continue
        path = None
        if folder is not None:
            try:
                path = save(found, folder)
            except OSError as error:
                raise Wrong(f"{folder}: {error.strerror or error}") from None
        yield _json(found, path) if options.json else _line(found, path)


def _line(found: Object, path: Path | None) -> str:
    kind = found.kind or "-"
    line = f"{found.record + 1:>7}  {len(found.data):>10}  {found.sha256}  {kind}"
    line += f"  {found.host or '-'}  {found.path or '-'}"
    if found.cut:
        line += "  (only its start)"
    return line if path is None else f"{line}  > {safe(str(path))}"


def _json(found: Object, path: Path | None) -> str:
    told: dict[str, object] = {
        "packet": found.record + 1,
        "host": found.host,
        "path": found.path,
        "type": found.kind,
        "sent_by": "client" if found.client else "server",
        "size": len(found.data),
        "sha256": found.sha256,
        "cut": found.cut,
    }
    if path is not None:
        told["file"] = str(path)
    return json.dumps(told)
