"""Every filter of tests/filters.txt on a capture, here and in tshark, one by one.

    python tests/compare_filters.py CAPTURE [LIST]

Run by hand: tshark starts anew for each filter. Prints what differs, in acceptance or in frames;
the exit status is 1 where anything does.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from wirestep.capture import load, open_capture
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.protocols import REGISTRY
from wirestep.session.filtering import frame_values
from wirestep.timeline.select import BadFilter, Filter, compile_filter

LIST = Path(__file__).parent / "filters.txt"


def theirs(path: str, text: str) -> list[int] | None:
    """Numbers of the frames that pass; None where tshark refuses the filter."""
    command = ["tshark", "-n", "-r", path, "-Y", text, "-T", "fields", "-e", "frame.number"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return None if done.returncode else [int(number) for number in done.stdout.split()]


def ours(path: str, wishes: list[Filter]) -> dict[str, list[int]]:
    """By filter: numbers of the frames that pass."""
    capture = open_capture(path)
    for _ in load(capture):
        pass
    engine = Engine(REGISTRY, Secrets(capture.secrets))
    wanted = frozenset().union(*(wish.names for wish in wishes))
    found: dict[str, list[int]] = {wish.text: [] for wish in wishes}
    for record in capture:
        messages = engine.feed(record, wanted=wanted)
        frame = frame_values(messages, REGISTRY, record.data, layered=True)
        for wish in wishes:
            if wish.matches(frame):
                found[wish.text].append(record.number + 1)
    return found


def compiled(text: str) -> Filter | None:
    """The filter, or None where it is refused."""
    try:
        return compile_filter(text, REGISTRY)
    except BadFilter:
        return None


def main(path: str, list_: str = str(LIST)) -> int:
    """Compare; how many filters differ."""
    lines = [line.removeprefix("REFUSED ") for line in Path(list_).read_text().splitlines()]
    texts = [line for line in lines if line and not line.startswith("#")]
    wishes = {text: compiled(text) for text in texts}
    mine = ours(path, [wish for wish in wishes.values() if wish is not None])
    differ = 0
    for text in texts:
        here, there = mine.get(text), theirs(path, text)
        if here != there:
            differ += 1
            sizes = ["refused" if one is None else f"{len(one)} frames" for one in (here, there)]
            print(f"{text}: here {sizes[0]}, tshark {sizes[1]}")
    print(f"{len(texts)} filters, {differ} differ")
    return differ


if __name__ == "__main__":
    sys.exit(min(1, main(*sys.argv[1:])))
