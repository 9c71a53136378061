"""`wirestep plot`: the same plot as text, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json

import pytest

from wirestep.cli import main
from wirestep.timeline.plots import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_text_has_axes_and_a_legend(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", "http2-streams", "--kind", kind, "--ascii", "--width", "80"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(KINDS[kind])
    assert "\n".join(lines).isascii()
    assert max(map(len, lines)) <= 80
    assert any(line.lstrip().startswith("+---") for line in lines)
    [corner] = [at for at, line in enumerate(lines) if "+---" in line]
    assert corner == 21
    letters = {line.split()[0] for line in lines[corner + 2 :] if line.startswith("  ")}
    drawn = "".join(line[12:] for line in lines[1:corner])
    assert set(drawn) - {" "} <= letters


def test_json_and_csv_tell_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    ask = ["plot", "-r", "tcp-loss", "--flow", "0", "--kind", "rtt"]
    assert main([*ask, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["unit"] == "s"
    [samples] = [one["samples"] for one in told["traces"] if one["letter"] == "R"]
    assert [one["packet"] for one in samples] == [2, 5, 74]
    assert samples[1]["value"] == pytest.approx(0.080701172)
    assert main([*ask, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == sum(len(one["samples"]) for one in told["traces"])
    assert float(rows[1]["value"]) == samples[1]["value"]


def test_an_estimate_is_called_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", "tcp-loss", "--kind", "window"]) == 0
    assert "cwnd is estimated: the largest flight since the last loss" in capsys.readouterr().out


def test_the_other_side(capsys: pytest.CaptureFixture[str]) -> None:
    titles = []
    for side in ("first", "other"):
        assert main(["plot", "tcp-loss", "--side", side]) == 0
        titles.append(capsys.readouterr().out.splitlines()[0])
    assert "192.0.2.10:41934 → 198.51.100.80:80" in titles[0]
    assert "198.51.100.80:80 → 192.0.2.10:41934" in titles[1]


@pytest.mark.parametrize("wish", [["--flow", "77"], ["--kind", "pie"]], ids=["flow", "kind"])
def test_what_is_not_there_is_said(wish: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", "tcp-loss", *wish]) == 2
    assert "wirestep:" in capsys.readouterr().err
