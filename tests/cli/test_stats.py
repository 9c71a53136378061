"""`wirestep stats`: views, forms, filters, errors, colours."""

from __future__ import annotations

import csv
import io
import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tshark_tables

from wirestep.cli import main
from wirestep.cli.output import BAD, GOOD, PARTLY
from wirestep.cli.stats_arguments import VIEWS
from wirestep.session.shelf import bundled_folder

SHELF = bundled_folder()
PAGE = str(SHELF / "page-load.pcapng")
LOSS = str(SHELF / "tcp-loss.pcapng")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(("stats", *arguments))
    out, err = capsys.readouterr()
    return code, out, err


def rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    code, out, err = run(capsys, *arguments, "--json")
    assert code == GOOD, err
    found: list[dict[str, Any]] = json.loads(out)["tables"][0]["rows"]
    return found


def test_the_overview_tells_of_everything(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "-r", LOSS)
    assert code == GOOD
    for part in ("75", "55 524", "TCP conversations: 1", "Duplicate ACK", "ACK RTT", "1280-2559"):
        assert part in out
    assert "\x1b" not in out  # no terminal, no colour


def test_the_overview_as_json_has_its_documented_keys(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "-r", LOSS, "--json")
    found = json.loads(out)
    assert code == GOOD
    assert set(found) == {
        "file", "format", "problem", "packets", "bytes", "captured", "start", "duration",
        "packets_per_second", "bits_per_second", "hierarchy", "conversations", "endpoints",
        "expert", "initial_rtt", "ack_rtt", "lengths", "io",
    }  # fmt: skip
    assert found["packets"] == sum(found["io"]["packets"]) == 75
    assert found["conversations"]["tcp"]["count"] == 1


def test_plain_text_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    for view in ("", *VIEWS):
        words = [view] if view else []
        flow = ["--flow", "0"] if view == "throughput" else []
        code, out, _ = run(capsys, *words, "-r", LOSS, *flow, "--ascii", "--width", "60")
        assert code == GOOD
        assert out.isascii(), view


@pytest.mark.parametrize("view", [view for view in VIEWS if view != "throughput"])
def test_every_view_has_three_forms(capsys: pytest.CaptureFixture[str], view: str) -> None:
    level = ["--level", "tcp"] if view in ("conversations", "endpoints") else []
    found = rows(capsys, view, "-r", PAGE, *level)
    code, out, _ = run(capsys, view, "-r", PAGE, *level, "--csv")
    assert code == GOOD
    listed = list(csv.DictReader(io.StringIO(out)))
    assert len(listed) == len(found) > 0
    assert list(listed[0]) == list(found[0])
    code, out, _ = run(capsys, view, "-r", PAGE, *level)
    assert code == GOOD
    assert len(out.splitlines()) > len(found)


@pytest.mark.parametrize(
    ("spec", "view", "level"),
    [
        ("io,phs", "hierarchy", ""),
        ("conv,udp", "conversations", "udp"),
        ("endpoints,ip", "endpoints", "ip"),
        ("io,stat,0.1", "io", ""),
        ("plen,tree", "lengths", ""),
        ("expert", "expert", ""),
    ],
)
def test_tsharks_names_mean_the_same(
    capsys: pytest.CaptureFixture[str], spec: str, view: str, level: str
) -> None:
    words = ["--level", level] if level else []
    words += ["--interval", "0.1"] if view == "io" else []
    assert rows(capsys, "-q", "-z", spec, "-r", PAGE) == rows(capsys, view, *words, "-r", PAGE)


@pytest.mark.tshark
@tshark_tables.needs_tshark
@pytest.mark.parametrize(
    "name", ["page-load", "tcp-loss", "dns-delegation", "http1-keepalive", "ipv6-neighbours"]
)
def test_the_hierarchy_is_tsharks(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Where both know the path; docs/tshark.md says which differ."""
    path = str(SHELF / f"{name}.pcapng")
    code, out, _ = run(capsys, "hierarchy", "-r", path, "--json")
    assert code == GOOD
    mine: dict[tuple[str, ...], tuple[int, int]] = {}
    above: list[str] = []
    for row in json.loads(out)["tables"][0]["rows"]:
        above[row["depth"] :] = [row["protocol"]]
        mine[tuple(above)] = (row["packets"], row["bytes"])
    theirs = {path: (frames, size) for path, frames, size in tshark_tables.layers(path)}
    both = [found for found in mine if found in theirs]
    assert len(both) >= 3
    # tshark also names the dissector in a frame in which a unit only begins.
    begun = [found for found in both if "tls" in found or "http" in found]
    for found in both:
        if found not in begun:
            assert mine[found] == theirs[found], found
    for found in begun:
        assert mine[found][0] <= theirs[found][0]


def test_a_filter_counts_what_it_lets_through(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = (row for row in rows(capsys, "lengths", "-r", PAGE, "-Y", "dns") if row["share"] == 1
                and row["lengths"] == "all")  # fmt: skip
    assert found["packets"] == 12
    levels = rows(capsys, "-r", PAGE, "-z", "conv,tcp,tcp.stream == 1")
    assert [row["stream"] for row in levels] == [1]


def test_rows_are_sorted_and_limited(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("conversations", "--level", "udp", "-r", PAGE)
    down = [row["start"] for row in rows(capsys, *words, "--sort", "start")]
    up = [row["start"] for row in rows(capsys, *words, "--sort", "start", "--reverse")]
    assert down == sorted(down, reverse=True)
    assert up == sorted(up)
    assert len(rows(capsys, *words, "--limit", "2")) == 2


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ((), "which capture"),
        (("nonsense", PAGE), "is no view"),
        (("io", "a", "b"), "more than one capture"),
        (("/nonexistent.pcap",), "No such file"),
        (("-r", PAGE, "-z", "foo"), "no statistic"),
        (("-r", PAGE, "-z", "conv,sctp"), "no level"),
        (("io", "-r", PAGE, "-z", "expert"), "named twice"),
        (("io", "-r", PAGE, "--interval", "0"), "no number of seconds"),
        (("io", "-r", PAGE, "--interval", "nan"), "no number of seconds"),
        (("io", "-r", PAGE, "--sort", "foo"), "no column"),
        (("throughput", "-r", PAGE), "--flow"),
        (("rtt", "-r", PAGE, "--flow", "999"), "no conversation 999"),
        (("lengths", "-r", PAGE, "-Y", "dsn"), "dns"),
        (("-r", PAGE, "--csv"), "one view"),
        (("io", "-r", PAGE, "--csv", "--json"), "not both"),
        (("io", "-r", PAGE, "--level", "tcp"), "--level"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], part: str
) -> None:
    code, out, err = run(capsys, *words)
    assert code == BAD
    assert part in err
    assert not out
    assert "Traceback" not in err


def test_an_empty_capture_is_a_capture(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "empty.pcap"
    path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for view in ("", *(view for view in VIEWS if view != "throughput")):
        for form in ([], ["--json"]):
            code, out, _ = run(capsys, *([view] if view else []), "-r", str(path), *form)
            assert code == GOOD
            assert out


def test_a_cut_capture_is_counted_and_said_to_be_cut(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "cut.pcapng"
    path.write_bytes(Path(LOSS).read_bytes()[:9000])
    for words in ((), ("hierarchy",), ("lengths", "-Y", "tcp")):
        code, out, err = run(capsys, *words, "-r", str(path))
        assert code == PARTLY
        assert "13" in out
        assert "cut in the middle" in err


def test_hostile_names_are_spelled_out(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "\x1b]0;owned\x07.pcapng"
    path.write_bytes(Path(LOSS).read_bytes())
    for words in ((), ("io",), ("hierarchy",)):
        _, out, err = run(capsys, *words, "-r", str(path))
        assert "\x1b" not in out + err


def test_the_overview_imports_no_decoder() -> None:
    code = (
        "import sys; from wirestep.cli import main; main(['stats', '-r', sys.argv[1]]);"
        "print([n for n in sys.modules if n.startswith(('wirestep.protocols', 'wirestep.session',"
        "'wirestep.decode', 'wirestep.ui', 'scapy', 'textual', 'cryptography'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, LOSS], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"
