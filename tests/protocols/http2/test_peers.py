"""HTTP/2 with peers of others, over loopback: nghttp, nghttpd, h2load and curl."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from echoing import LOOPBACK, Errand, Story
from programs import free_port, running

from wirestep.exchange.contract import Done, Request, Response, Wish
from wirestep.exchange.site import Site
from wirestep.exchange.site_pages import seeded
from wirestep.model import Address
from wirestep.protocols.http2 import drive, lab
from wirestep.wires.sockets import listen_tcp


def needs(program: str) -> pytest.MarkDecorator:
    missing = shutil.which(program) is None
    return pytest.mark.skipif(missing, reason=f"{program} is not installed")


@asynccontextmanager
async def served(kind: str = "h2c", **options: object) -> AsyncIterator[str]:
    """Our server on a port, as a URL; nothing may have gone wrong in it."""
    story, site = Story(), Site(3)
    make = lab.SERVERS[kind]
    at = await listen_tcp(story.host, LOOPBACK, lambda: make(site, None, options))
    try:
        yield f"http://{at}"
    finally:
        await story.host.close()
    assert not story.faults


async def ran(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(process.communicate(), 20)
    return out.decode("utf-8", "replace")


# They ask


@needs("nghttp")
@pytest.mark.parametrize("more", [[], ["-u"], ["-w", "10", "-W", "10"], ["-m", "40"]])
async def test_nghttp_takes_all_of_it(more: list[str]) -> None:
    async with served() as url:
        out = await ran("nghttp", "-v", "--no-push", *more, f"{url}/bytes/150000", f"{url}/users")
    assert "(INVALID" not in out
    sizes = [int(size) for size in re.findall(r"recv DATA frame <length=(\d+)", out)]
    assert sum(sizes) > 150_000
    assert "error_code=NO_ERROR" in out


@needs("nghttp")
async def test_nghttp_is_pushed_to() -> None:
    async with served() as url:
        out = await ran("nghttp", "-v", f"{url}/")
    assert len(re.findall(r"recv PUSH_PROMISE frame", out)) == 3
    assert re.search(r":path: /style.css", out)
    assert len(re.findall(r"recv \(stream_id=\d+\) :status: 200", out)) == 4


@needs("nghttp")
async def test_nghttp_sends_a_body_through_small_windows(tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(random.Random(5).randbytes(200_000))
    async with served(window=3000) as url:
        out = await ran("nghttp", "-d", str(body), "-nvs", f"{url}/echo")
    assert re.search(r" 200 +195K /echo", out), out[-2000:]


@needs("h2load")
async def test_h2load_finds_every_answer() -> None:
    async with served() as url:
        out = await ran("h2load", "-n600", "-c3", "-m50", f"{url}/users", f"{url}/bytes/5000")
    assert "600 total, 600 started, 600 done, 600 succeeded, 0 failed, 0 errored" in out


@needs("curl")
@pytest.mark.parametrize("how", ["--http2", "--http2-prior-knowledge"])
async def test_curl_comes_either_way(how: str, tmp_path: Path) -> None:
    at = tmp_path / "got"
    async with served() as url:
        said = ["-w", "%{http_version}", "-o", str(at)]
        out = await ran("curl", "-sS", how, *said, f"{url}/bytes/90000")
    assert out == "2"
    assert at.read_bytes() == seeded(90_000, 3)


# They answer


@asynccontextmanager
async def nghttpd(folder: Path, *options: str) -> AsyncIterator[Address]:
    """The server, without TLS, on a port that is free."""
    port = free_port()
    command = ("nghttpd", "--no-tls", "-a", "127.0.0.1", "-d", str(folder), *options, str(port))
    async with running(port, *command) as at:
        yield at


async def asked(
    at: Address, *requests: Request, kind: str = "requests", **options: object
) -> Story:
    """What our client was told."""
    story = Story()
    wish = Wish(str(at), requests, {"scheme": "http", "codings": "", **options})
    story.host.run(Errand("tcp", at, drive.CLIENTS[kind](wish, random.Random(1))))  # type: ignore[arg-type]
    await story.finish()
    await story.host.close()
    assert not story.faults
    return story


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("<p>hello</p>")
    (tmp_path / "style.css").write_text("p { color: teal }")
    (tmp_path / "large").write_bytes(random.Random(6).randbytes(400_000))
    return tmp_path


def bodies(story: Story) -> dict[int, bytes]:
    return {each.request: each.body for each in story.told if isinstance(each, Response)}


@needs("nghttpd")
@pytest.mark.parametrize("more", [[], ["-m", "2"]], ids=["", "two streams"])
async def test_nghttpd_answers(folder: Path, more: list[str]) -> None:
    async with nghttpd(folder, *more) as at:
        wanted = [Request(target=path) for path in ("/", "/large", "/style.css", "/none", "/large")]
        story = await asked(at, *wanted)
    assert story.told[-1] == Done("")
    got = bodies(story)
    large = hashlib.sha256((folder / "large").read_bytes()).digest()
    assert [hashlib.sha256(got[n]).digest() for n in (1, 4)] == [large, large]
    assert got[0] == b"<p>hello</p>"
    statuses = {each.request: each.status for each in story.told if isinstance(each, Response)}
    assert statuses == {0: "200", 1: "200", 2: "200", 3: "404", 4: "200"}


@needs("nghttpd")
async def test_nghttpd_pushes(folder: Path) -> None:
    async with nghttpd(folder, "-p", "/=/style.css") as at:
        allowed = await asked(at, Request(), push=True)
        refused = await asked(at, Request())
    assert "pushed: GET /style.css, 17 bytes" in allowed.said
    assert not [text for text in refused.said if "push" in text]


@needs("nghttpd")
@pytest.mark.parametrize("window", [[], ["-w", "10", "-W", "10"]], ids=["", "small windows"])
async def test_nghttpd_says_back_what_it_hears(folder: Path, window: list[str]) -> None:
    body = random.Random(7).randbytes(300_000)
    async with nghttpd(folder, "--echo-upload", *window) as at:
        story = await asked(at, Request("POST", "/", (), body), window=4000)
    assert story.told[-1] == Done("")
    assert bodies(story)[0] == body


@needs("nghttpx")
@needs("nghttpd")
async def test_nghttpx_switches(folder: Path) -> None:
    """The upgrade to h2c, which nghttpd does not know."""
    port = free_port()
    async with nghttpd(folder) as behind:
        front = f"-f127.0.0.1,{port};no-tls"
        back = f"-b127.0.0.1,{behind.port};;proto=h2"
        quiet = ("--errorlog-file=/dev/null", "--accesslog-file=/dev/null", "--conf=/dev/null")
        async with running(port, "nghttpx", front, back, *quiet) as at:
            story = await asked(at, Request(), Request(target="/large"), kind="upgrade")
    assert "switched to HTTP/2" in story.said
    assert story.told[-1] == Done("")
    assert bodies(story)[0] == b"<p>hello</p>"
    assert bodies(story)[1] == (folder / "large").read_bytes()
