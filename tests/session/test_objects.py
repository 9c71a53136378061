"""Objects out of captures: the same bytes as tshark exports, in files that can do no harm."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import stat
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from frames import pcap, tcp_records

from wirestep.capture import load, open_capture
from wirestep.cli import main
from wirestep.decode.secrets import Secrets
from wirestep.model import Side
from wirestep.protocols import REGISTRY
from wirestep.session import Session
from wirestep.session.objects import Finder, Object, objects, save

FOLDER = Path(__file__).resolve().parents[2] / "captures"
C, S = Side.CLIENT, Side.SERVER
needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def found_in(path: Path) -> list[Object]:
    session = Session.open(str(path))
    session.load()
    return [
        one
        for one in objects(session.capture, session.registry, session.secrets)
        if one is not None
    ]


def response(body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def made(folder: Path) -> Path:
    """Pipelined requests, codings, chunks, an upload, and a long body in a capture."""
    turns = [
        (C, b"GET /a/../../etc/passwd?x=1 HTTP/1.1\r\nHost: h.example\r\n\r\n"),
        (S, response(bytes(range(256)) * 9, b"Content-Type: application/octet-stream")),
        (C, b"POST /%2e%2e%2fup HTTP/1.1\r\nHost: h.example\r\nContent-Length: 5\r\n\r\nhello"),
        (S, response(gzip.compress(b"zipped" * 99), b"Content-Encoding: gzip")),
        (C, b"GET /c HTTP/1.1\r\nHost: h.example\r\n\r\nGET /none HTTP/1.1\r\nHost: h\r\n\r\n"),
        (
            S,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        ),
        (S, response(b"")),
    ]
    path = folder / "made.pcap"
    path.write_bytes(pcap(tcp_records(turns, 80)))
    return path


@needs_tshark
@pytest.mark.parametrize("name", ["http1-keepalive", "made"])
def test_the_same_files_as_tshark(name: str, tmp_path: Path) -> None:
    path = made(tmp_path) if name == "made" else FOLDER / f"{name}.pcapng"
    folder = tmp_path / "theirs"
    command = ["tshark", "-q", "-r", str(path), "--export-objects", f"http,{folder}"]
    subprocess.run(command, capture_output=True, timeout=60, check=True)
    theirs = [hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()]
    assert theirs
    assert Counter(one.sha256 for one in found_in(path)) == Counter(theirs)


@pytest.mark.parametrize("name", ["http2-streams", "quic-http3"])
def test_bodies_of_many_streams(name: str) -> None:
    """Both captures fetch the same six files."""
    found = found_in(FOLDER / f"{name}.pcapng")
    assert sorted(one.path for one in found) == [f"/{number}.txt" for number in range(1, 7)]
    assert {one.host for one in found} == {"www.example.org"}
    assert all(len(one.data) == 8_000 and not one.client for one in found)
    other = found_in(FOLDER / "http2-streams.pcapng")
    assert {one.sha256 for one in found} == {one.sha256 for one in other}


def test_a_body_of_several_slices_is_whole(tmp_path: Path) -> None:
    body = b"0123456789abcdef" * (9 << 16)
    turns = [(C, b"GET /big HTTP/1.1\r\nHost: h\r\n\r\n"), (S, response(body)), (S, response(b"x"))]
    path = tmp_path / "long.pcap"
    path.write_bytes(pcap(tcp_records(turns, 80, (60_000,))))
    found = found_in(path)
    assert [len(one.data) for one in found] == [len(body), 1]
    assert found[0].sha256 == hashlib.sha256(body).hexdigest()
    assert not found[0].cut


def test_files_stay_in_their_folder_and_overwrite_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    found = found_in(made(tmp_path))
    names = [save(one, folder).name for one in found]
    assert names == ["passwd", "up", "up-1", "c"]
    again = [save(one, folder).name for one in found]
    assert again == ["passwd-1", "up-2", "up-3", "c-1"]
    assert len(list(folder.iterdir())) == 8
    assert [path.name for path in tmp_path.iterdir() if path.name != "made.pcap"] == ["out"]
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (folder / "passwd").read_bytes() == bytes(range(256)) * 9


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "object"),
        ("/..", "object"),
        ("/a/%2e%2e%2f%2e%2e", "object"),
        ("/.bashrc", "bashrc"),
        ("/a b\x1b[2J;rm -rf", "a_b_2J_rm_-rf"),
        ("/x" * 300 + "y" * 300, "x" + "y" * 99),
        ("/con\\..\\evil.exe", "con_.._evil.exe"),
        ("/ünï", "_n_"),
    ],
    ids=str,
)
def test_names_are_harmless(path: str, name: str) -> None:
    assert Object(0, "h", path, "", False, b"", "").name == name


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    folder, victim = tmp_path / "out", tmp_path / "victim"
    folder.mkdir()
    (folder / "c").symlink_to(victim)
    assert save(Object(0, "h", "/c", "", False, b"x", ""), folder).name == "c-1"
    assert not victim.exists()


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = made(tmp_path)
    assert main(["objects", "-r", str(path), "--json", "--save", str(tmp_path / "o")]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["size"] for one in told] == [2304, 5, 594, 5]
    for one in told:
        assert hashlib.sha256(Path(one["file"]).read_bytes()).hexdigest() == one["sha256"]
    assert main(["objects", "-r", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert main(["objects", "-r", str(path), "--save", str(path)]) == 2
    assert "is no folder" in capsys.readouterr().err


def test_following_on_the_command_line(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    name = str(FOLDER / "websocket-chat.pcapng")
    assert main(["follow", "-r", name, "--flow", "0"]) == 0
    said = capsysbinary.readouterr().out.decode()
    assert said.startswith("WebSocket messages: client ")
    assert "\n  hello everybody in the room\n" in said
    assert main(["follow", "-r", name, "--flow", "0", "--level", "tcp", "--raw"]) == 0
    raw = capsysbinary.readouterr().out
    assert raw.startswith(b"GET /room HTTP/1.1\r\n")
    assert main(["follow", "-q", "-r", name, "-z", "follow,tcp,raw,0"]) == 0
    assert capsysbinary.readouterr().out == raw
    assert main(["follow", "-r", name]) == 0
    assert b"tcp websocket" in capsysbinary.readouterr().out
    assert main(["follow", "-r", name, "--flow", "7"]) == 2
    assert main(["follow", "-r", name, "--flow", "0", "--level", "tls"]) == 2
    assert main(["follow", "-r", name, "-z", "follow,tcp"]) == 2


def test_objects_of_a_capture_that_grows(tmp_path: Path) -> None:
    """What was half there is whole later; nothing is there twice."""
    whole = (FOLDER / "http1-keepalive.pcapng").read_bytes()
    wanted = [(one.path, one.sha256) for one in found_in(FOLDER / "http1-keepalive.pcapng")]
    path = tmp_path / "growing.pcapng"
    path.write_bytes(whole[: len(whole) // 2])
    capture = open_capture(str(path), follow=True)
    loading = load(capture)
    next(loading)
    finder = Finder(capture, REGISTRY, Secrets(b""))
    while finder.step():
        pass
    first = [(one.path, one.sha256) for one in finder.found]
    assert (finder.passes, finder.done) == (1, False)
    assert 0 < len(first) < len(wanted)
    assert not finder.step()  # nothing has come
    assert finder.passes == 1
    with path.open("ab") as file:
        file.write(whole[len(whole) // 2 :])
    capture.settle()
    for _ in loading:
        pass
    while finder.step():
        pass
    assert [(one.path, one.sha256) for one in finder.found] == wanted
    assert (finder.passes, finder.done) == (2, True)
    capture.close()
