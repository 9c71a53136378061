"""serve-lab and clients of other people: curl, nghttp, openssl, dig, websockets."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import websockets
from peering import PATIENCE, drive, make_keys, needs, place, ran, serving

from wirestep.session.driving_lab import Lab, Plan

HTTP3 = "HTTP3" in (
    subprocess.run(["curl", "--version"], capture_output=True, text=True, check=False).stdout
    if shutil.which("curl")
    else ""
)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with serving(Plan(root=str(tmp_path / "root.pem"), infer=True)) as opened:
        yield opened


def version(text: str) -> pytest.ParameterSet:
    marks = [pytest.mark.skipif(not HTTP3, reason="curl has no HTTP/3")] if text == "3" else []
    return pytest.param(text, marks=marks, id=text)


@needs("curl")
@pytest.mark.parametrize("wanted", [version("1.1"), version("2"), version("3")])
async def test_curl_gets_all_of_it(lab: Lab, wanted: str, tmp_path: Path) -> None:
    url, _ = place(lab, "https")
    head = tmp_path / "head"
    command = ["curl", "-sS", f"--http{wanted}", "--cacert", lab.root, "-D", str(head)]
    done = await ran(*command, "-w", "%{stderr}%{http_version}", f"{url}bytes/300000")
    assert done.code == 0, done.err
    assert done.err.decode() == wanted
    assert len(done.out) == 300000
    told = re.search(rb"(?i)repr-digest: sha-256=:(.*):", head.read_bytes())
    assert told is not None
    assert base64.b64encode(hashlib.sha256(done.out).digest()) == told[1]


@needs("curl")
@pytest.mark.parametrize("wanted", ["1.1", "2"])
async def test_curl_changes_what_is_there(lab: Lab, wanted: str) -> None:
    url, _ = place(lab, "https")
    curl = ["curl", "-sS", f"--http{wanted}", "--cacert", lab.root, "-w", "\n%{http_code}"]
    kind = ["-H", "content-type: application/json"]
    body = json.dumps({"name": "Grace Hopper", "born": 1906})
    made, code = (await ran(*curl, *kind, "-d", body, f"{url}users")).out.decode().rsplit("\n", 1)
    assert code == "201"
    number = json.loads(made)["id"]
    gone = await ran(*curl, "-X", "DELETE", f"{url}users/{number}")
    assert gone.out.strip() == b"204"
    assert (await ran(*curl, f"{url}users/{number}")).out.rsplit(b"\n", 1)[1] == b"404"


@needs("curl")
async def test_curl_trusts_it_only_with_its_root(lab: Lab) -> None:
    url, _ = place(lab, "https")
    assert (await ran("curl", "-sS", url)).code == 60
    assert (await ran("curl", "-sS", "--cacert", lab.root, url)).code == 0
    named = url.replace("127.0.0.1", "localhost")
    assert (await ran("curl", "-sS", "-4", "--cacert", lab.root, named)).code == 0


@needs("nghttp")
async def test_nghttp_asks_for_many_at_once(lab: Lab) -> None:
    url, _ = place(lab, "https")
    urls = [f"{url}bytes/{10_000 * size}" for size in range(1, 9)]
    done = await ran("nghttp", "-s", "-n", *urls)
    assert done.code == 0
    assert len(re.findall(rb" 200 .*?/bytes/", done.out)) == 8, done.out


@needs("openssl")
@pytest.mark.parametrize("wanted", ["1_2", "1_3"])
async def test_openssl_resumes(lab: Lab, wanted: str, tmp_path: Path) -> None:
    _, at = place(lab, "https")
    ticket = str(tmp_path / "session")
    command = ["openssl", "s_client", "-connect", str(at), "-CAfile", lab.root]
    command += [f"-tls{wanted}", "-verify_return_error", "-servername", "localhost"]
    # The ticket of TLS 1.3 comes with the first answer.
    asked = b"GET /about HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    first = await ran(*command, "-ign_eof", "-sess_out", ticket, given=asked)
    assert b"200 OK" in first.out
    assert b"New, TLSv1." in first.out
    second = await ran(*command, "-ign_eof", "-sess_in", ticket, given=asked)
    assert b"Reused, TLSv1." in second.out
    assert b"200 OK" in second.out


@needs("openssl")
@pytest.mark.parametrize("wanted", ["1_2", "1_3"])
async def test_openssl_shows_its_certificate_where_it_is_asked_for(
    wanted: str, tmp_path: Path
) -> None:
    keys = make_keys(tmp_path)
    certificate, key = keys.files(keys.client, "client")
    plan = Plan(root=str(tmp_path / "lab.pem"), options={"client_roots": keys.root.pem}, infer=True)
    async with serving(plan) as lab:
        _, at = place(lab, "https")
        command = ["openssl", "s_client", "-connect", str(at), "-CAfile", lab.root]
        command += [f"-tls{wanted}", "-ign_eof"]
        asked = b"GET /about HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        shown = await ran(*command, "-cert", certificate, "-key", key, given=asked)
        assert b"200 OK" in shown.out
        hidden = await ran(*command, given=asked)
        assert b"200 OK" not in hidden.out
        assert b"alert" in hidden.err


@needs("dig")
@pytest.mark.parametrize("more", [[], ["+tcp"], ["+bufsize=512", "+ignore"]])
async def test_dig_finds_what_is_in_the_zone(lab: Lab, more: list[str]) -> None:
    _, at = place(lab, "dns")
    dig = ["dig", f"@{at.host}", "-p", str(at.port), "+tries=1", "+time=5", *more]
    found = await ran(*dig, "+short", "www.lab.test", "A")
    assert found.out.split()[-1:] == [b"203.0.113.80"]
    none = await ran(*dig, "none.lab.test", "A")
    assert b"status: NXDOMAIN" in none.out
    assert b"SOA" in none.out


@pytest.mark.parametrize("scheme", ["ws", "wss"])
async def test_websockets_hears_its_own_words(lab: Lab, scheme: str) -> None:
    import ssl

    url, _ = place(lab, scheme)
    context = ssl.create_default_context(cafile=lab.root) if scheme == "wss" else None
    async with websockets.connect(url, ssl=context) as way:
        for word in ("hello", "", "ü" * 40_000, b"\x00\xff" * 70_000):
            await way.send(word)
            assert await asyncio.wait_for(way.recv(), PATIENCE) == word
        pong = await way.ping(b"mark")
        await asyncio.wait_for(pong, PATIENCE)
    assert way.close_code == 1000


async def test_what_clients_may_do_does_not_close_the_lab(lab: Lab) -> None:
    """Noise on every port, connections that say nothing or break off, and then all is well."""
    noise = [os.urandom(3000), b"\x16\x03\x01\xff\xff" + bytes(200), b"PRI * HTTP/2.0\r\n\r\n", b""]
    noise += [b"GET / HTTP/1.1\r\nHost: a\r\n" + b"x: y\r\n" * 5000, b"\x80" + bytes(1200)]
    held = []
    for one in lab.opened:
        for data in noise:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.sendto(data, tuple(one.address))
            _, writer = await asyncio.open_connection(*one.address)
            writer.write(data)
            held.append(writer)
    await asyncio.sleep(0.2)
    for writer in held[::2]:
        writer.transport.abort()
    for url, path in ((place(lab, "http")[0], "about"), (place(lab, "https")[0], "about")):
        driving = await asyncio.to_thread(drive, url + path, options={"verify": False}, infer=True)
        assert driving.error == ""
        assert driving.responses[0][0].status == "200"
    for writer in held:
        writer.close()


@needs("tshark")
@needs("curl")
@pytest.mark.parametrize("infer", [False, True], ids=["captured", "inferred"])
async def test_what_it_records_opens_decrypted_elsewhere(tmp_path: Path, infer: bool) -> None:
    path, log = tmp_path / "lab.pcapng", tmp_path / "keys"
    plan = Plan(
        root=str(tmp_path / "r.pem"), save=str(path), keylog=str(log), once=True, infer=infer
    )
    async with serving(plan) as lab:
        url, at = place(lab, "https")
        done = await ran("curl", "-sS", "--http2", "--cacert", lab.root, f"{url}users/1")
        assert json.loads(done.out)["name"] == "Ada Lovelace"
        async with asyncio.timeout(PATIENCE):
            while not path.exists():  # it ends by itself: it serves once
                await asyncio.sleep(0.05)
    for secret in (path, log):
        assert secret.stat().st_mode & 0o777 == 0o600
    port = str(at.port)
    found = await ran(
        "tshark", "-n", "-r", str(path), "-d", f"tcp.port=={port},tls", "-Y", "http2.headers.path",
        "-T", "fields", "-e", "http2.headers.path",
    )  # fmt: skip
    assert found.out.split() == [b"/users/1"]


async def test_the_root_certificate_is_gone_with_the_lab() -> None:
    async with serving(Plan(infer=True)) as lab:
        root = Path(lab.root)
        assert root.stat().st_mode & 0o777 == 0o600
        assert root.parent.stat().st_mode & 0o777 == 0o700
    assert not root.parent.exists()


async def test_ctrl_c_closes_it() -> None:
    command = [sys.executable, "-m", "wirestep", "serve-lab", "--no-capture"]
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    assert child.stdout is not None
    async with asyncio.timeout(PATIENCE):
        while b"tcp://" not in await child.stdout.readline():
            pass
        child.send_signal(2)
        _, err = await child.communicate()
    assert (child.returncode, err) == (0, b"")


async def test_a_port_that_is_taken_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "wirestep", "serve-lab", "--port-base", str(port)]
        done = await ran(*command)
    assert done.code == 2
    assert done.err.startswith(b"wirestep: ")
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use".encode() in done.err
