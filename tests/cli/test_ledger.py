"""`wirestep ledger`: the same bill as a table, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json

import pytest

from wirestep.cli import main


def test_the_line_says_what_the_exchange_cost(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "tls12-full"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("TCP 1 + TLS 2 + HTTP 1 = 4 RTT · 410 ms")
    assert "SYN → SYN, ACK" in shown


def test_ascii_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "tls12-full", "--ascii"]) == 0
    assert capsys.readouterr().out.isascii()


def test_json_and_csv_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "-r", "tcp-lost-syn", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rtt"] == sum(item["rtt"] for item in told["items"]) == 2
    assert sum(item["ms"] for item in told["items"]) == pytest.approx(told["ms"])
    assert main(["ledger", "-r", "tcp-lost-syn", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["kind"] for row in rows] == [item["kind"] for item in told["items"]]
    assert sum(float(row["ms"]) for row in rows) == pytest.approx(told["ms"])


def test_a_goal_ends_the_bill(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "tls12-full", "--goal", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["packet"] == 2
    assert told["phases"] == [{"phase": "TCP", "rtt": 1}]


@pytest.mark.parametrize("wish", [["--goal", "9999"], ["--flow", "77"]], ids=["goal", "flow"])
def test_what_is_not_there_is_said(wish: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "tls12-full", *wish]) == 2
    assert "there is no" in capsys.readouterr().err


def test_nothing_to_bill(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "ipv6-neighbours"]) == 0
    assert "nothing came back" in capsys.readouterr().out
