"""`wirestep ledger` and `wirestep lab --ledger`: what they print."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from wirestep.cli import main

CAPTURE = str(Path(__file__).resolve().parents[2] / "captures" / "tls12-full.pcapng")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_a_run_of_the_lab_is_billed(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "lab", "dns-and-https", "--ledger")
    assert out.startswith("DNS 1 + TCP 1 + TLS 2 + HTTP 1 = 5 RTT · 1,170 ms\n")
    assert "may send after 280.000 ms, the server knows after 420.000" in out
    assert "1 request, 1 connection" in out


def test_the_bill_for_scripts_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(printed(capsys, "ledger", CAPTURE, "--json"))
    assert sum(item["ms"] for item in told["items"]) == pytest.approx(told["ms"])
    assert sum(item["rtt"] for item in told["items"]) == told["rtt"]
    rows = list(csv.DictReader(io.StringIO(printed(capsys, "ledger", CAPTURE, "--csv"))))
    assert [row["phase"] for row in rows] == [item["phase"] for item in told["items"]]


def test_what_if_and_the_waterfall_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "ledger", CAPTURE, "--rtt", "10")
    assert "RTT 10 ms" in out
    assert out.count("predicted") >= 4
    fall = printed(capsys, "ledger", CAPTURE, "--waterfall", "--ascii")
    assert fall.isascii()
    assert "connect" in fall
    assert main(["ledger", CAPTURE, "--rtt", "soon"]) == 2
    assert "is no number of milliseconds" in capsys.readouterr().err
