"""Our drivers over real sockets, and servers of other people."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websockets
from echoing import LOOPBACK, Story
from peering import Keys, drive, free_port, make_keys, needs, place, ran, running, serving

from wirestep.capture import load, open_capture
from wirestep.cli import main
from wirestep.exchange.chance import SYSTEM
from wirestep.exchange.contract import Request
from wirestep.exchange.site import Site
from wirestep.session.driving_lab import Plan
from wirestep.wires.sockets import listen_tcp, listen_udp
from wirestep.wires.stacks import Holdings, served, server

SIZE = 300_000
NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log stderr crit; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl http2; listen 127.0.0.1:{plain};
    ssl_certificate {certificate}; ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    root {folder};
    location /echo {{ return 200 "$request_method $http_x_name $http_host"; }}
  }}
}}
"""
DIALECTS = [
    ("1.1", "1.2"),
    ("1.1", "1.3"),
    ("2", "1.2"),
    ("2", "1.3"),
]


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return make_keys(tmp_path)


@pytest.fixture
def nginx(tmp_path: Path, keys: Keys) -> Iterator[tuple[int, int, bytes]]:
    """(port for https, port for http, what /file is)."""
    content = os.urandom(SIZE)
    (tmp_path / "file").write_bytes(content)
    certificate, key = keys.files(keys.server, "server")
    port, plain = free_port(), free_port()
    config = tmp_path / "nginx.conf"
    config.write_text(
        NGINX.format(folder=tmp_path, port=port, plain=plain, certificate=certificate, key=key)
    )
    tmp_path.chmod(0o755)
    with running(["nginx", "-p", str(tmp_path), "-c", str(config)], port):
        yield port, plain, content


@needs("nginx")
@pytest.mark.parametrize(("version", "tls"), DIALECTS, ids=["-".join(one) for one in DIALECTS])
def test_nginx_gives_all_of_it(
    nginx: tuple[int, int, bytes], keys: Keys, version: str, tls: str
) -> None:
    port, _, content = nginx
    options = {"roots": keys.root.pem, "versions": tls}
    url = f"https://localhost:{port}/file"
    driving = drive(url, version=version, options=options)
    assert driving.error == ""
    [(response, _)] = driving.responses
    assert (response.status, response.body) == ("200", content)
    driving.session.settle()
    names = {driving.session.row(at).protocol for at in range(driving.session.total)}
    assert f"TLSv{tls}" in names
    assert ("HTTP2" in names) == (version == "2")


@needs("nginx")
def test_nginx_hears_what_was_said(nginx: tuple[int, int, bytes], keys: Keys) -> None:
    port, plain, _ = nginx
    asked = Request("GET", "/echo", (("X-Name", "wirestep"),))
    for url, options in (
        (f"https://127.0.0.1:{port}/echo", {"roots": keys.root.pem}),
        (f"http://127.0.0.1:{plain}/echo", {"scheme": "http"}),
    ):
        driving = drive(url, asked, options=options)
        assert driving.error == ""
        body = driving.responses[0][0].body.decode()
        assert body == f"GET wirestep 127.0.0.1:{port if url[4] == 's' else plain}"


@needs("nginx")
def test_many_requests_on_one_connection(nginx: tuple[int, int, bytes], keys: Keys) -> None:
    port, _, content = nginx
    asked = [Request("GET", "/file"), Request("GET", "/echo"), Request("HEAD", "/file")]
    for version in ("1.1", "2"):
        url = f"https://localhost:{port}/"
        driving = drive(url, *asked, version=version, options={"roots": keys.root.pem})
        assert driving.error == ""
        found = {one.request: (one.status, one.body) for one, _ in driving.responses}
        told = f"GET  localhost:{port}".encode()
        assert found == {0: ("200", content), 1: ("200", told), 2: ("200", b"")}


@needs("openssl")
@pytest.mark.parametrize("tls", ["1.2", "1.3"])
def test_openssl_wants_a_certificate_and_gets_it(keys: Keys, tls: str) -> None:
    certificate, key = keys.files(keys.server, "server")
    port = free_port()
    command = ["openssl", "s_server", "-accept", str(port), "-cert", certificate, "-key", key]
    command += ["-CAfile", keys.root_file, "-Verify", "2", "-verify_return_error", "-www"]
    options = {"roots": keys.root.pem, "versions": tls}
    own = {"certificate": keys.client.certificate_pem, "key": keys.client.key_pem}
    url = f"https://localhost:{port}/"
    with running(command, port):
        shown = drive(url, version="1.1", options={**options, **own})
        assert shown.error == ""
        assert b"CN = me" in shown.responses[0][0].body or b"CN=me" in shown.responses[0][0].body
        hidden = drive(url, version="1.1", options=options)
        assert "alert" in hidden.error
        assert not hidden.responses


@needs("nghttpd")
def test_nghttpd_gives_all_of_it(keys: Keys, tmp_path: Path) -> None:
    content = os.urandom(SIZE)
    (tmp_path / "file").write_bytes(content)
    port = free_port()
    certificate, key = keys.files(keys.server, "server")
    with running(["nghttpd", "-d", str(tmp_path), str(port), key, certificate], port):
        driving = drive(
            f"https://localhost:{port}/",
            *(Request("GET", "/file") for _ in range(5)),
            options={"roots": keys.root.pem},
        )
    assert driving.error == ""
    assert [one.body == content for one, _ in driving.responses] == [True] * 5


@needs("dnsmasq")
def test_dnsmasq_answers(tmp_path: Path) -> None:
    port = free_port()
    config = tmp_path / "dnsmasq.conf"
    large = "\n".join(f"txt-record=large.example,{'x' * 200}{n}" for n in range(20))
    config.write_text(
        f"port={port}\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\nno-daemon\n"
        "local=/example/\nhost-record=a.example,192.0.2.7,2001:db8::7\n"
        f"cname=c.example,a.example\n{large}\n"
    )
    command = ["dnsmasq", "-C", str(config), "--user=root" if os.getuid() == 0 else "--no-hosts"]

    def asked(name: str, kind: str) -> tuple[str, list[str]]:
        driving = drive(
            f"dns://127.0.0.1:{port}/{name}", Request("GET", name), options={"type": kind}
        )
        assert driving.error == ""
        response = driving.responses[-1][0]
        return response.status, response.body.decode().split("\n")

    with running(command, port):
        assert asked("a.example", "A") == ("NOERROR", ["192.0.2.7"])
        assert asked("a.example", "AAAA") == ("NOERROR", ["2001:db8::7"])
        assert asked("none.example", "A")[0] == "NXDOMAIN"
        assert "192.0.2.7" in asked("c.example", "A")[1]
        status, lines = asked("large.example", "TXT")  # too large for UDP: asked again over TCP
        assert (status, len(lines)) == ("NOERROR", 20)


async def test_websockets_server_hears_and_is_heard() -> None:
    heard: list[Any] = []

    async def talk(way: Any) -> None:
        async for message in way:
            heard.append(message)
            await way.send(message)

    async with websockets.serve(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        asked = [Request("GET", "/chat"), Request("TEXT", "hello"), Request("BINARY", body=b"\0\1")]
        asked += [Request("TEXT", "ü" * 50_000), Request("PING", body=b"mark")]
        driving = await asyncio.to_thread(drive, f"ws://127.0.0.1:{port}/chat", *asked)
    assert driving.error == ""
    assert heard == ["hello", b"\0\1", "ü" * 50_000]
    told = [(one.status, one.body) for one, _ in driving.responses]
    assert ("text", b"hello") in told
    assert ("binary", b"\0\1") in told
    assert ("pong", b"mark") in told


async def test_http3_of_aioquic_on_both_sides(tmp_path: Path) -> None:
    async with serving(Plan(root=str(tmp_path / "root.pem"), infer=True)) as lab:
        url, _ = place(lab, "https")
        options = {"roots": Path(lab.root).read_bytes()}
        asked = [Request("GET", "/users/1"), Request("GET", "/bytes/200000")]
        driving = await asyncio.to_thread(drive, url, *asked, version="3", options=options)
    assert driving.error == ""
    bodies = {one.request: one.body for one, _ in driving.responses}
    assert json.loads(bodies[0])["id"] == 1
    assert len(bodies[1]) == 200_000


@needs("tshark")
@needs("nginx")
@pytest.mark.parametrize("infer", [False, True], ids=["captured", "inferred"])
async def test_what_is_saved_opens_decrypted_elsewhere(
    nginx: tuple[int, int, bytes], keys: Keys, tmp_path: Path, infer: bool
) -> None:
    port, _, _ = nginx
    path, log = tmp_path / "saved.pcapng", tmp_path / "log"
    await asyncio.to_thread(
        drive,
        f"https://localhost:{port}/echo?one=1",
        options={"roots": keys.root.pem},
        save=str(path),
        keylog=str(log),
        infer=infer,
    )
    assert path.stat().st_mode & 0o777 == log.stat().st_mode & 0o777 == 0o600
    command = ["tshark", "-n", "-r", str(path), "-d", f"tcp.port=={port},tls", "-T", "fields"]
    done = await ran(*command, "-Y", "http2.headers.path", "-e", "http2.headers.path")
    assert done.out.split() == [b"/echo?one=1"]
    with_log = open_capture(str(path))
    list(load(with_log))
    assert with_log.secrets.split() == log.read_bytes().split()


@needs("nginx")
def test_the_command_prints_the_ladder_and_what_came_of_it(
    nginx: tuple[int, int, bytes], keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    port, plain, _ = nginx
    url = f"https://nowhere.invalid:{port}/echo"
    code = main(
        [url, "--cacert", keys.root_file, "--resolve", f"nowhere.invalid:{port}:127.0.0.1", "-k",
         "-H", "X-Name: me", "-X", "PATCH", "--include", "--http1.1"]
    )  # fmt: skip
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert any("Client Hello" in line for line in lines)
    assert any("PATCH /echo" in line for line in lines)
    assert any(line.startswith("200 · ") for line in lines)
    assert lines[-1] == f"PATCH me nowhere.invalid:{port}"
    assert main([f"http://127.0.0.1:{plain}/none", "--head"]) == 0
    out, _ = capsys.readouterr()
    assert "404 · 0 bytes" in out


@needs("openssl")
def test_bytes_over_tls_alone(keys: Keys) -> None:
    certificate, key = keys.files(keys.server, "server")
    port = free_port()
    command = ["openssl", "s_server", "-accept", str(port), "-cert", certificate, "-key", key]
    said = Request("GET", "/", body=b"hello\n")
    options = {"roots": keys.root.pem, "quiet": 0.2}
    with running([*command, "-rev"], port):
        driving = drive(f"tls://localhost:{port}/", said, options=options)
    assert driving.error == ""
    assert driving.responses[0][0].body == b"olleh\n"


@pytest.mark.parametrize("scheme", ["tcp", "udp", "quic", "tls"])
async def test_echoes_of_our_own(scheme: str, keys: Keys) -> None:
    """What no scheme of the lab's table offers, but every stack can do."""
    told = Story()
    holdings = Holdings(Site(), keys.server, {}, {})
    [stack] = served(scheme)
    if stack.transport == "tcp":
        at = await listen_tcp(told.host, LOOPBACK, lambda: server(stack, holdings, SYSTEM, {}))
    else:
        at = listen_udp(told.host, LOOPBACK, server(stack, holdings, SYSTEM, {}))
    said = Request("GET", "hello", body=b"hello")
    options = {"roots": keys.root.pem, "quiet": 0.2}
    driving = await asyncio.to_thread(drive, f"{scheme}://{at}/", said, options=options)
    assert driving.error == ""
    assert driving.responses[0][0].body == b"hello"
    assert not told.faults
    await told.host.close()
