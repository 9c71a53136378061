"""A long list of filters against tshark: which are accepted, and which frames pass.

All bundled captures are put into one file, and tshark answers all filters in one run. What it
cannot answer that way (sets have commas) is asked one by one: `python tests/compare_filters.py`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from wirestep.capture import load, open_capture
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.protocols import REGISTRY
from wirestep.session.filtering import frame_values
from wirestep.timeline.select import BadFilter, compile_filter

FOLDER = Path(__file__).parents[2] / "captures"
LINES = [
    line
    for line in (Path(__file__).parents[1] / "filters.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
REFUSED = [line.removeprefix("REFUSED ") for line in LINES if line.startswith("REFUSED ")]
ACCEPTED = [line for line in LINES if not line.startswith("REFUSED ")]
TOGETHER = [line for line in ACCEPTED if "," not in line]
ROW = re.compile(r"^\|[^|]*<>[^|]*\|\s*(\d+)\s*\|", re.MULTILINE)

needs_tshark = pytest.mark.skipif(
    shutil.which("tshark") is None or shutil.which("mergecap") is None,
    reason="tshark or mergecap is not installed",
)


@pytest.mark.parametrize("text", REFUSED)
def test_what_tshark_refuses_is_refused_and_said(text: str) -> None:
    with pytest.raises(BadFilter) as found:
        compile_filter(text, REGISTRY)
    assert found.value.message
    assert 0 <= found.value.start <= found.value.stop <= len(text)


@pytest.mark.tshark
@needs_tshark
def test_the_same_frames_pass_as_in_tshark(tmp_path: Path) -> None:
    merged = tmp_path / "all.pcapng"
    paths = sorted(map(str, FOLDER.glob("*.pcapng")))
    subprocess.run(["mergecap", "-a", "-w", str(merged), *paths], check=True, timeout=60)
    # Sums of frame numbers tell which frames passed, nearly as well as their list.
    asked = [f"io,stat,0,SUM(frame.number)frame.number and ({text})" for text in TOGETHER]
    command = ["tshark", "-n", "-q", "-r", str(merged)]
    for one in asked:
        command += ["-z", one]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    # Tables come in the opposite order.
    theirs = dict(zip(reversed(TOGETHER), map(int, ROW.findall(done.stdout)), strict=True))
    assert ours(merged) == theirs


def ours(path: Path) -> dict[str, int]:
    """By filter: the sum of the numbers of the frames that pass."""
    capture = open_capture(str(path))
    for _ in load(capture):
        pass
    wishes = {text: compile_filter(text, REGISTRY) for text in TOGETHER}
    wanted = frozenset().union(*(wish.names for wish in wishes.values()))
    engine = Engine(REGISTRY, Secrets(capture.secrets))
    sums = dict.fromkeys(TOGETHER, 0)
    for record in capture:
        messages = engine.feed(record, wanted=wanted)
        frame = frame_values(messages, REGISTRY, record.data, layered=True)
        for text, wish in wishes.items():
            if wish.matches(frame):
                sums[text] += record.number + 1
    return sums
