"""`wirestep lab`: the list, a run as text and as JSON, exit codes, what is written."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from wirestep.cli import main
from wirestep.cli.output import BAD, GOOD, PARTLY
from wirestep.wires.scenario import shelf

RTT = 280


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    """What `--json` prints."""
    assert main(["lab", *arguments, "--json"]) == GOOD
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_the_list_names_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab"]) == GOOD
    out = capsys.readouterr().out
    for scenario in shelf():
        assert f"  {scenario.name} " in out
    assert main(["lab", "--json"]) == GOOD
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["name"] for line in lines] == [one.name for one in shelf()]


def test_a_run_is_printed_with_its_times_and_its_outcome(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["lab", "tcp-echo", "--text", "--width", "70"]) == GOOD
    out = capsys.readouterr().out
    assert "SYN, ACK" in out
    assert "20.000" in out
    assert "the client got what it wanted" in out


@pytest.mark.parametrize(
    ("options", "trips"),
    [(("--tls1.2", "--http1.1"), 4), (("--tls1.3", "--http1.1"), 3), (("--http3",), 2)],
    ids=["tls1.2", "tls1.3", "http3"],
)
def test_round_trips_until_the_first_byte(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], trips: int
) -> None:
    """The answer is there after so many round trips."""
    name = "http3-1rtt" if "--http3" in options else "tls13-full"
    assert main(["lab", name, *options, "--text"]) == GOOD
    answer = next(line for line in capsys.readouterr().out.splitlines() if "200 OK" in line)
    # It leaves half a round trip before it is there.
    assert float(answer.split()[0]) == (trips - 0.5) * RTT


def test_the_link_can_be_another(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "tcp-echo", "--rtt", "100ms", "--seed", "9", "--mtu", "1280")
    settings = found["settings"]
    assert isinstance(settings, dict)
    assert (settings["rtt"], settings["seed"]) == ("100 ms", "9")
    packets = found["packets"]
    assert isinstance(packets, list)
    assert packets[0]["lands_ns"] == 50_000_000


def test_the_same_seed_makes_the_same_run(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("http2-page", "--loss", "5%", "--seed", "3")
    assert told(capsys, *options) == told(capsys, *options)


def test_what_the_client_did_not_get_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "tcp-refused", "--text"]) == PARTLY
    assert "wirestep: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("nowhere",), "there is no scenario 'nowhere'"),
        (("tls13-ful",), "there is no scenario 'tls13-ful'; is it tls13-full"),
        (("tcp-echo", "--tls1.3"), "versions: a client of raw:talk has no such option"),
        (("tls13-full", "--http3", "--tls1.2"), "versions: a client of quic or http3"),
        (("tcp-echo", "--rtt", "soon"), "rtt: 'soon' is no time"),
        (("tcp-echo", "--loss", "200%"), "loss: '200%' is not between 0 and 1"),
        (("tcp-echo", "--mtu", "big"), "--mtu: 'big' is not a number of bytes"),
        (("tcp-echo", "--seed", "-1"), "--seed"),
        (("tcp-echo", "-w", "/dev/null/x"), "/dev/null/x"),
        (("tcp-echo", "--tap", "nobody"), "there is no host 'nobody'"),
        (("missing.toml",), "missing.toml"),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value).replace("/", " "),
)
def test_what_cannot_be_done_is_a_sentence(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], why: str
) -> None:
    assert main(["lab", *arguments, "--text"]) == BAD
    said = capsys.readouterr().err
    assert why in said
    assert "Traceback" not in said


@pytest.mark.tshark
@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_what_is_written_opens_in_tshark_decrypted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "page.pcapng")
    assert main(["lab", "http2-page", "-w", path]) == GOOD
    assert "written to" in capsys.readouterr().out
    argv = ["tshark", "-r", path, "-Y", "http2.headers.method", "-T", "fields", "-e"]
    done = subprocess.run([*argv, "http2.headers.path"], capture_output=True, text=True, check=True)
    assert "/" in done.stdout
