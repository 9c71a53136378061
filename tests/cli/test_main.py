"""The command line: the door, the errors, the exit codes."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wirestep.cli import main
from wirestep.cli.output import BAD, GOOD, PARTLY
from wirestep.session import groups
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
    assert [entry["verdict"] for entry in json.loads(found)["verdicts"]] == ["decrypted"]
    bare = tmp_path / "bare.pcap"
    whole = SHELF / "tls13-full.pcapng"
    _rewrite_without_secrets(whole, bare)
    _, found, _ = run(capsys, "info", str(bare), "--json")
    data = json.loads(found)
    [entry] = data["encrypted"]
    assert (entry["conversations"], entry["secrets"]) == (1, 0)
    [verdict] = data["verdicts"]
    assert verdict["opened"] == 0
    assert verdict["closed"] > 0
    assert verdict["verdict"].startswith("no SERVER_HANDSHAKE_TRAFFIC_SECRET for client random ")
    assert verdict["verdict"].endswith("; the key log has no connection at all")


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


def command(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """The program as a shell runs it."""
    line = [sys.executable, "-m", "wirestep", *arguments]
    return subprocess.run(line, stderr=subprocess.PIPE, timeout=60, check=False, **options)


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no /dev/full")
def test_a_full_disk_is_said_in_one_sentence() -> None:
    with open("/dev/full", "wb") as full:
        for arguments in (["decode"], ["ladder"], ["info"], ["decode", "-w", "-"]):
            done = command(*arguments, "dns-truncated", stdout=full)
            assert done.returncode == BAD
            assert done.stderr.startswith(b"wirestep: ")
            assert b"No space left" in done.stderr
            assert done.stderr.count(b"\n") == 1


def test_a_device_is_written_into_and_not_replaced() -> None:
    done = command("decode", "dns-truncated", "-w", os.devnull, stdout=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (GOOD, b"")
    assert Path(os.devnull).is_char_device()


@pytest.mark.skipif(os.name != "posix", reason="wants a shell's >&-")
def test_a_closed_output_is_said_in_one_sentence() -> None:
    shell = ["sh", "-c", '"$0" -m wirestep decode dns-truncated >&-', sys.executable]
    done = subprocess.run(shell, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (BAD, b"wirestep: standard output is closed\n")


def test_what_cannot_be_written_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "decode", "dns-truncated", "-w", "/nowhere/x.pcapng")
    assert code == BAD
    assert err == "wirestep: /nowhere/x.pcapng cannot be written: No such file or directory\n"


def test_packets_written_to_standard_output_can_be_read_again(tmp_path: Path) -> None:
    done = command("decode", "dns-truncated", "-Y", "udp", "-w", "-", stdout=subprocess.PIPE)
    assert done.returncode == GOOD
    again = command("info", "-", "--json", stdout=subprocess.PIPE, input=done.stdout)
    assert list(json.loads(again.stdout)["protocols"])[:3] == ["Ethernet", "IPv4", "UDP"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["decode", "dns-truncated", "-Y", "a\x1b[31m == 1"],
        ["decode", "dns-truncated", "-T", "fields", "-e", "a\x1b[31m"],
        ["decode", "/nowhere/\x1b[31m"],
        ["decode", "dns-truncated", "-E", "\x1b[31m"],
        ["decode", "dns-truncated", "-d", "\x1b[31m==1,dns"],
    ],
)
def test_what_is_quoted_in_an_error_is_safe(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (BAD, "")
    assert "\x1b" not in err
    assert "[31m" in err


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("foo.port==5,dns", "no layer 'foo.port'"),
        ("tcp.port==65536,dns", "tcp.port has no value 65536"),
        ("udp.port==-1,dns", "udp.port has no value -1"),
    ],
)
def test_a_rule_that_can_match_nothing_is_refused(
    capsys: pytest.CaptureFixture[str], rule: str, sentence: str
) -> None:
    code, _, err = run(capsys, "decode", "dns-truncated", "-d", rule)
    assert code == BAD
    assert sentence in err


def test_the_ladder_of_a_large_capture_shows_its_beginning(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "WHOLE", 4)
    monkeypatch.setattr(groups, "WINDOW", 8)
    code, out, _ = run(capsys, "ladder", "dns-truncated")
    assert code == GOOD
    assert "big.test" in out or "TXT" in out or "A " in out


@pytest.mark.skipif(os.name != "posix", reason="wants signals")
def test_an_interrupt_ends_without_a_traceback(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    line = [sys.executable, "-m", "wirestep", "decode", str(pipe)]
    # Opening waits until the program reads: it is past its imports, and waits for us.
    with subprocess.Popen(line, stderr=subprocess.PIPE) as running, pipe.open("wb"):
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert (running.returncode, said) == (130, b"")


def test_secrets_come_from_the_file_that_browsers_write(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = tmp_path / "keys"
    log.write_text(f"CLIENT_RANDOM {'ab' * 32} {'cd' * 48}\n")
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    assert json.loads(run(capsys, "info", "--json", "dns-truncated")[1])["secrets"] == 1
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "not written yet"))
    assert json.loads(run(capsys, "info", "--json", "dns-truncated")[1])["secrets"] == 0


def test_the_names_over_a_narrow_ladder_do_not_run_together(
    capsys: pytest.CaptureFixture[str],
) -> None:
    head = run(capsys, "ladder", "tcp-lost-syn", "-n", "--width", "1")[1].splitlines()[0]
    assert len(head.split()) == 2


def test_a_private_key_that_cannot_be_read_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, error = run(capsys, "info", "tls12-full", "--private-key", str(tmp_path / "none"))
    assert code == 2
    assert "No such file" in error
    (tmp_path / "key.pem").write_text("no key")
    code, _, error = run(capsys, "info", "tls12-full", "--private-key", str(tmp_path / "key.pem"))
    assert code == 2
    assert "no private key in PEM" in error
