"""`wirestep decode` prints what tshark prints for the same arguments."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from wirestep.cli import main
from wirestep.session.shelf import bundled_folder

SHELF = bundled_folder()
needs_tshark = [
    pytest.mark.tshark,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
]


def ours(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["decode", *arguments]) == 0
    return capsys.readouterr().out


def theirs(*arguments: str) -> str:
    done = subprocess.run(["tshark", *arguments], capture_output=True, check=True, timeout=120)
    return done.stdout.decode()


class TestAgainstTshark:
    pytestmark = needs_tshark

    @pytest.mark.parametrize(
        "options",
        [
            ["-e", "frame.number", "-e", "ip.src", "-e", "dns.qry.name", "-e", "dns.a"],
            ["-e", "ip.addr", "-e", "udp.port", "-E", "occurrence=f"],
            ["-e", "_ws.col.No.", "-e", "_ws.col.Time", "-e", "_ws.col.Length", "-t", "d"],
            ["-e", "_ws.col.Source", "-e", "_ws.col.Time", "-Y", "dns", "-t", "dd"],
            ["-e", "_ws.col.Protocol", "-e", "_ws.col.Time", "-Y", "dns", "-t", "d"],
            ["-e", "ip.addr", "-e", "udp.port", "-E", "occurrence=l", "-E", "separator=;"],
            ["-e", "ip.addr", "-e", "tcp.port", "-E", "aggregator=/s", "-E", "quote=d"],
            ["-e", "dns.id", "-e", "dns.flags.rcode", "-E", "header=y", "-E", "quote=s"],
            ["-e", "dns.qry.type", "-Y", "dns.flags.response == 0"],
            ["-e", "frame.len", "-c", "5"],
        ],
        ids=" ".join,
    )
    @pytest.mark.parametrize("name", ["dns-truncated", "dns-records"])
    def test_fields(
        self, capsys: pytest.CaptureFixture[str], options: list[str], name: str
    ) -> None:
        arguments = ["-n", "-r", str(SHELF / f"{name}.pcapng"), "-T", "fields", *options]
        assert ours(capsys, *arguments) == theirs(*arguments)

    def test_json_fields(self, capsys: pytest.CaptureFixture[str]) -> None:
        path = str(SHELF / "dns-truncated.pcapng")
        arguments = ["-n", "-r", path, "-T", "json", "-e", "frame.number", "-e", "ip.addr"]
        mine, other = json.loads(ours(capsys, *arguments)), json.loads(theirs(*arguments))
        assert [each["_source"]["layers"] for each in mine] == [
            each["_source"]["layers"] for each in other
        ]

    def test_the_list(self, capsys: pytest.CaptureFixture[str]) -> None:
        arguments = ["-n", "-r", str(SHELF / "tcp-lost-syn.pcapng")]
        mine = [line[:60] for line in ours(capsys, *arguments).splitlines()]
        assert mine == [line[:60] for line in theirs(*arguments).splitlines()]

    @pytest.mark.parametrize("mode", ["r", "d", "dd", "e", "u", "ud"])
    def test_times_of_what_is_shown(self, capsys: pytest.CaptureFixture[str], mode: str) -> None:
        arguments = ["-n", "-r", str(SHELF / "http1-keepalive.pcapng"), "-Y", "http", "-t", mode]
        mine = [line[:50] for line in ours(capsys, *arguments).splitlines()]
        assert mine == [line[:50] for line in theirs(*arguments).splitlines()]

    def test_columns_in_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        path = str(SHELF / "dns-truncated.pcapng")
        arguments = ["-n", "-r", path, "-T", "json", "-e", "_ws.col.Source", "-e", "_ws.col.Time"]
        mine, other = json.loads(ours(capsys, *arguments)), json.loads(theirs(*arguments))
        assert [each["_source"]["layers"] for each in mine] == [
            each["_source"]["layers"] for each in other
        ]

    def test_bytes(self, capsys: pytest.CaptureFixture[str]) -> None:
        arguments = ["-r", str(SHELF / "tcp-lost-syn.pcapng"), "-x"]
        assert ours(capsys, *arguments) == theirs(*arguments)


def test_a_tree_names_every_layer(capsys: pytest.CaptureFixture[str]) -> None:
    out = ours(capsys, "dns-truncated", "-V", "-c", "1")
    heads = [line.split(":")[0] for line in out.splitlines() if line and not line.startswith(" ")]
    assert heads[:4] == ["Frame", "Ethernet", "Internet Protocol 4", "User Datagram Protocol"]


def test_bytes_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    out = ours(capsys, "dns-truncated", "-x", "-c", "1")
    rows = [line for line in out.splitlines() if line[:4] in ("0000", "0010")]
    assert len(rows) == 2
    assert rows[0].startswith("0000  02 00 00 00")


def test_json_of_whole_frames(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(ours(capsys, "dns-truncated", "-T", "json", "-c", "2"))
    layers = found[0]["_source"]["layers"]
    assert layers["frame"]["frame.number"] == "1"
    assert layers["ip"]["ip.src"] == "192.0.2.10"
    assert layers["ip"]["ip.flags_tree"]["ip.flags.mf"] in ("0", "False")


def test_json_of_nothing_is_an_empty_array(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(ours(capsys, "dns-truncated", "-T", "json", "-Y", "arp")) == []


def test_times(capsys: pytest.CaptureFixture[str]) -> None:
    def second(mode: str) -> str:
        return ours(capsys, "dns-truncated", "-t", mode, "-c", "2").splitlines()[1].split()[1]

    assert float(second("d")) == float(second("r"))
    assert float(second("e")) > 1_700_000_000
    assert second("u").count(":") == 2
