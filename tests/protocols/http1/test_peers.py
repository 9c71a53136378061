"""HTTP/1.1 with peers of others: curl asks, the standard library's server answers."""

from __future__ import annotations

import asyncio
import shutil
import threading
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from echoing import LOOPBACK, Errand, Story

from wirestep.exchange.contract import Done, Request, Response, Wish
from wirestep.exchange.site import Site
from wirestep.exchange.site_pages import pages, seeded
from wirestep.model import Address
from wirestep.protocols.http1 import drive, lab
from wirestep.wires.sockets import listen_tcp

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Our server, as long as the test."""
    story, site = Story(), Site()
    at = await listen_tcp(story.host, LOOPBACK, partial(lab.Server, site))
    yield f"http://{at}"
    await story.host.close()
    assert not story.faults


async def curl(*words: object) -> bytes:
    """What curl writes; it must be content."""
    program = ("curl", "--silent", "--show-error", "--http1.1", "--max-time", "10")
    process = await asyncio.create_subprocess_exec(
        *program, *map(str, words), stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err
    return out


@needs_curl
async def test_curl_asks_several_times_on_one_connection(url: str) -> None:
    out = await curl(
        *("--write-out", "%{num_connects} %{http_code}\\n", f"{url}/style.css", f"{url}/users"),
        *(f"{url}/events", f"{url}/nowhere"),
    )
    marks = [line for line in out.decode().split("\n") if line[:2] in ("0 ", "1 ")]
    assert marks == ["1 200", "0 200", "0 200", "0 404"]
    assert pages()["/style.css"].data in out
    assert out.count(b"event: tick") == 5


@needs_curl
async def test_curl_opens_what_is_coded_and_reads_what_is_long(url: str, tmp_path: Path) -> None:
    for path in ("/", "/app.js"):
        assert await curl("--compressed", url + path) == pages()[path].data
    assert await curl(f"{url}/bytes/2000000") == seeded(2_000_000, 0)
    assert await curl("--http1.0", f"{url}/bytes/1000") == seeded(1000, 0)
    # The second time the tag is known, and nothing is sent.
    tag, first, second = tmp_path / "tag", tmp_path / "first", tmp_path / "second"
    await curl("--etag-save", tag, "--output", first, f"{url}/style.css")
    await curl("--etag-compare", tag, "--output", second, f"{url}/style.css")
    assert first.read_bytes() == pages()["/style.css"].data
    assert not second.exists() or second.read_bytes() == b""


@needs_curl
async def test_curl_sends_bodies_of_all_kinds(url: str, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(seeded(2_000_000, 4))
    expecting = ("--header", "Expect: 100-continue", "--data-binary", f"@{large}")
    chunked = ("--header", "Transfer-Encoding: chunked", "--data-binary", f"@{large}")
    assert await curl(*expecting, f"{url}/echo") == large.read_bytes()
    assert await curl(*chunked, f"{url}/echo") == large.read_bytes()
    kind = ("--header", "Content-Type: application/json")
    added = await curl(*kind, "--data", '{"name": "Grace Hopper"}', f"{url}/users")
    assert b'"id": 4' in added
    assert b"Grace Hopper" in await curl("--location", f"{url}/users/4")
    assert await curl("-X", "DELETE", f"{url}/users/4") == b""
    head = await curl("--head", f"{url}/waves.png")
    assert b"content-type: image/png" in head
    assert await curl("--location", f"{url}/old") == pages()["/"].data


class Other(BaseHTTPRequestHandler):
    """A server that nobody here wrote: http.server's reading and writing."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        if self.headers.get("transfer-encoding"):
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        if self.path == "/pieces":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for at in range(0, len(body), 7):
                piece = body[at : at + 7]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"to the end")

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.mark.parametrize(
    "options",
    [{}, {"pipelined": True}, {"chunked": 100}, {"expect": True}],
    ids=["one-by-one", "pipelined", "chunked", "expecting"],
)
async def test_a_server_of_others_hears_what_we_say(options: dict[str, object]) -> None:
    body = bytes(range(256)) * 9
    asked = (Request("POST", "/pieces", body=body), Request("POST", "/whole", body=body), Request())
    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        client = drive.Client(Wish("localhost", asked, options))
        story = Story()
        at = Address("127.0.0.1", server.server_address[1])
        story.host.run(Errand("tcp", at, client))  # type: ignore[arg-type]
        await story.finish()
        await story.host.close()
        server.shutdown()
    bodies = [answer.body for answer in story.told if isinstance(answer, Response)]
    assert bodies == [body, body, b"to the end"]
    assert story.told[-1] == Done("")
