"""The command line: the door, the errors, the exit codes."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest

from wirestep.cli import main
from wirestep.cli.main import BAD, GOOD, PARTLY
from wirestep.session.shelf import bundled_folder

SHELF = bundled_folder()


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def test_without_a_terminal_home_is_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys)
    assert code == GOOD
    assert "tls13-full" in out


def test_a_file_without_a_terminal_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, str(SHELF / "dns-truncated.pcapng"))
    assert code == GOOD
    assert len(out.splitlines()) == 14
    assert "DNS" in out


def test_a_bundled_capture_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(capsys, "decode", "dns-truncated")[1]
        == run(capsys, "decode", "-r", str(SHELF / "dns-truncated.pcapng"))[1]
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["decode", "/nowhere/x.pcap"], "/nowhere/x.pcap: No such file"),
        (["decode"], "which capture?"),
        (["decode", "a", "-r", "b"], "named twice"),
        (["decode", "dns-truncated", "-T", "fields"], "wants at least one -e"),
        (["decode", "dns-truncated", "-e", "ip.src"], "goes with -T fields"),
        (["decode", "dns-truncated", "-T", "fields", "-e", "ip.scr"], "ip.src"),
        (["decode", "dns-truncated", "-E", "colour=red"], "-E colour=red"),
        (["decode", "dns-truncated", "-E", "occurrence=x"], "occurrence="),
        (["decode", "dns-truncated", "-E", "quote=x"], "quote="),
        (["decode", "dns-truncated", "-d", "tcp.port"], "tcp.port==8888,http"),
        (["decode", "dns-truncated", "-d", "tcp.port==x,http"], "not a number"),
        (["decode", "dns-truncated", "-d", "tcp.port==5,nosuch"], "no protocol 'nosuch'"),
        (["decode", "dns-truncated", "-Y", "dns &&"], "the filter cannot be read"),
        (["decode", "dns-truncated", "-c", "0"], "above 0"),
        (["decode", "dns-truncated", "--keylog", "/nowhere"], "key log"),
        (["ladder", "dns-truncated", "--flow", "99"], "no conversation 99"),
        (["info", "--nonsense"], "nonsense"),
    ],
)
def test_what_cannot_be_followed_is_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    code, out, err = run(capsys, *arguments)
    assert code == BAD
    assert out == ""
    assert err.startswith("wirestep: ")
    assert sentence in err
    assert "Traceback" not in err


def test_a_cut_file_is_shown_and_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcapng"
    cut.write_bytes((SHELF / "dns-truncated.pcapng").read_bytes()[:-20])
    code, out, err = run(capsys, "decode", str(cut))
    assert code == PARTLY
    assert len(out.splitlines()) == 13
    assert "cut" in err


def test_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = (SHELF / "dns-truncated.pcapng").read_bytes()
    expected = run(capsys, "decode", "dns-truncated")[1]
    for given in (data, gzip.compress(data)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
        assert run(capsys, "decode", "-r", "-")[1] == expected


def test_info_for_people_and_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    _, text, _ = run(capsys, "info", "tls13-full")
    _, found, _ = run(capsys, "info", "tls13-full", "--json")
    data = json.loads(found)
    assert data["packets"] == 18
    assert data["conversations"] == 1
    assert data["secrets"] >= 4
    assert "packets        18" in text
    assert "Ethernet" in data["links"]


def test_info_tells_for_which_conversations_there_are_secrets(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, found, _ = run(capsys, "info", "tls13-full", "--json")
    [entry] = json.loads(found)["encrypted"]
    assert (entry["conversations"], entry["secrets"]) == (1, 1)
    bare = tmp_path / "bare.pcap"
    whole = SHELF / "tls13-full.pcapng"
    _rewrite_without_secrets(whole, bare)
    _, found, _ = run(capsys, "info", str(bare), "--json")
    [entry] = json.loads(found)["encrypted"]
    assert (entry["conversations"], entry["secrets"]) == (1, 0)


def _rewrite_without_secrets(source: Path, target: Path) -> None:
    from wirestep.capture import Interface, PcapngWriter, load, open_capture

    capture = open_capture(str(source))
    for _ in load(capture):
        pass
    with target.open("wb") as file:
        writer = PcapngWriter(file, application="tests")
        writer.interface(Interface(name="eth0", link=1))
        for record in capture:
            writer.packet(record)


def test_the_ladder_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "ladder", "tcp-lost-syn", "--width", "90")
    lines = out.splitlines()
    assert "192.0.2.10" in lines[0]
    assert all(len(line) <= 92 for line in lines)
    assert any("GET " in line and "▶" in line for line in lines)
    _, plain, _ = run(capsys, "ladder", "tcp-lost-syn", "--ascii", "--fold", "packet", "-n")
    assert plain.isascii()
    assert len(plain.splitlines()) > len(lines)


def test_writing_what_passes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "dns.pcapng"
    code, out, _ = run(capsys, "decode", "page-load", "-Y", "dns", "-w", str(target), "-T", "text")
    assert (code, out) == (GOOD, "")
    assert 0 < len(run(capsys, "decode", str(target))[1].splitlines()) < 20


def test_decode_as(capsys: pytest.CaptureFixture[str]) -> None:
    plain = run(capsys, "decode", "http1-keepalive", "-T", "fields", "-e", "dns.id")[1]
    forced = run(
        capsys,
        "decode",
        "http1-keepalive",
        "-d",
        "tcp.port==80,dns",
        "-T",
        "fields",
        "-e",
        "dns.id",
    )[1]
    assert not plain.strip()
    assert forced.strip()
