"""TLS with a peer of others: the openssl program, over loopback sockets."""

from __future__ import annotations

import asyncio
import random
import shutil
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import pytest
from echoing import LOOPBACK, Asker, Errand, Story

from wirestep.exchange.certificates import Authority, Identity, authority
from wirestep.exchange.contract import Done, Endpoint, Request, Response, Wish
from wirestep.exchange.site import Site
from wirestep.model import Address
from wirestep.protocols.http1 import drive as web
from wirestep.protocols.http1 import lab as pages
from wirestep.protocols.tls import drive, lab
from wirestep.wires.sockets import listen_tcp

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
ASK = b"GET /users HTTP/1.1\r\nHost: lab.test\r\nConnection: close\r\n\r\n"


@cache
def root() -> Authority:
    return authority(random.Random(1))


@cache
def identity(client: bool = False, expired: bool = False) -> Identity:
    name = ["reader" if client else "lab.test"]
    if expired:
        return root().expired(name, random.Random(3))
    return root().identity(name, random.Random(2 + client), client=client)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files for a program that reads no memory; 0600, as private keys want it."""
    for name, data in {
        "root": root().pem,
        "good": identity().key_pem + identity().certificate_pem,
        "client": identity(client=True).key_pem + identity(client=True).certificate_pem,
        "expired": identity(expired=True).key_pem + identity(expired=True).certificate_pem,
        "early": ASK,
    }.items():
        path = tmp_path / name
        path.touch(0o600)
        path.write_bytes(data)
    return tmp_path


async def openssl(*words: object) -> Process:
    """The program, begun; what it says on either pipe comes as one."""
    return await asyncio.create_subprocess_exec(
        "openssl", *map(str, words), stdin=PIPE, stdout=PIPE, stderr=STDOUT
    )


async def until(process: Process, word: bytes, said: bytearray) -> None:
    """Read what the program says until a word of it."""
    assert process.stdout is not None
    while word not in said:
        data = await asyncio.wait_for(process.stdout.read(65_536), 10)
        assert data, bytes(said)
        said += data


async def ended(process: Process) -> None:
    """It is gone, by itself or by us."""
    if process.returncode is None:
        process.terminate()
    await process.wait()


# openssl asks


class Served:
    """Our server on a port, as long as the test."""

    def __init__(self, **options: object) -> None:
        who = options.pop("who", identity())
        assert isinstance(who, Identity)
        self.service = lab.Service(who, options)
        self.story = Story()
        self.made: list[Endpoint] = []

    async def __aenter__(self) -> Served:
        def make() -> Endpoint:
            self.made.append(lab.around({"http/1.1": partial(pages.Server, Site())}, self.service))
            return self.made[-1]

        self.at = await listen_tcp(self.story.host, LOOPBACK, make)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.story.host.close()
        assert not self.story.faults

    async def asked(self, folder: Path, *options: object, say: bytes = ASK) -> str:
        """What s_client has to tell, to the end of the answer."""
        process = await openssl(
            *("s_client", "-connect", self.at, "-servername", "lab.test", "-ign_eof"),
            *("-CAfile", folder / "root", "-verify_hostname", "lab.test", *options),
        )
        out, _ = await asyncio.wait_for(process.communicate(say), 15)
        return out.decode("latin-1")


ANSWERED = '"name": "Ada Lovelace"'


@pytest.mark.parametrize("version", ["1_2", "1_3"])
async def test_openssl_asks_and_asks_again(folder: Path, version: str) -> None:
    async with Served() as served:
        ticket = folder / "ticket"
        flags = (f"-tls{version}", "-alpn", "h2,http/1.1")
        first = await served.asked(folder, *flags, "-sess_out", ticket)
        for word in (
            ANSWERED,
            "Verify return code: 0 (ok)",
            "ALPN protocol: http/1.1",
            "New, TLSv",
        ):
            assert word in first
        again = await served.asked(folder, *flags, "-sess_in", ticket)
        assert ANSWERED in again
        assert "Reused, TLSv" in again
        facts = [fact.value for fact in served.made[1].panels()[0].facts]
        assert "resumed" in facts


@pytest.mark.parametrize("version", ["1_2", "1_3"])
async def test_openssl_goes_on_with_a_session_in_a_ticket(folder: Path, version: str) -> None:
    async with Served(tickets=True) as served:
        ticket = folder / "ticket"
        await served.asked(folder, f"-tls{version}", "-sess_out", ticket)
        again = await served.asked(folder, f"-tls{version}", "-sess_in", ticket)
        assert "Reused, TLSv" in again
        assert ANSWERED in again


async def test_openssl_sends_early_data_once(folder: Path) -> None:
    async with Served(early=16_384) as served:
        ticket = folder / "ticket"
        await served.asked(folder, "-sess_out", ticket, "-alpn", "http/1.1")
        early = ("-sess_in", ticket, "-early_data", folder / "early", "-alpn", "http/1.1")
        first = await served.asked(folder, *early, say=b"")
        assert "Early data was accepted" in first
        assert ANSWERED in first
        copied = await served.asked(folder, *early)
        assert "Early data was rejected" in copied
        assert ANSWERED in copied


async def test_openssl_is_asked_for_another_group(folder: Path) -> None:
    async with Served(groups="P-384") as served:
        said = await served.asked(folder, "-groups", "X25519:P-384", "-msg")
        assert said.count(">>> TLS 1.3, Handshake [length") >= 2
        assert said.count("ClientHello") == 2
        assert ANSWERED in said


async def test_openssl_shows_a_certificate(folder: Path) -> None:
    async with Served(client_roots=root().pem) as served:
        shown = ("-cert", folder / "client", "-key", folder / "client")
        assert ANSWERED in await served.asked(folder, *shown)
        assert "certificate required" in await served.asked(folder)
        assert "The client sent no certificate." in served.story.said


async def test_openssl_refuses_what_has_expired(folder: Path) -> None:
    async with Served(who=identity(expired=True)) as served:
        said = await served.asked(folder, "-verify_return_error")
        assert "certificate has expired" in said
        told = " ".join(served.story.said)
        assert "The client broke off with the alert “Certificate Expired”" in told


async def test_keys_are_changed_when_openssl_asks_for_it(folder: Path) -> None:
    """KeyUpdate (RFC 8446 section 4.6.3), which our side answers and cannot begin."""
    async with Served() as served:
        process = await openssl(
            "s_client", "-connect", served.at, "-CAfile", folder / "root", "-msg"
        )
        assert process.stdin is not None
        said = bytearray()
        await until(process, b"Extended master secret", said)
        for line, word in ((b"K\n", b"KeyUpdate"), (ASK[:-2], b""), (b"\r\n", ANSWERED.encode())):
            process.stdin.write(line)
            await process.stdin.drain()
            if word:
                await until(process, word, said)
        assert said.count(b"KeyUpdate") == 2
        await ended(process)


async def test_a_handshake_is_not_begun_again_inside_a_connection(folder: Path) -> None:
    """Renegotiation is what strangers make a server work with (RFC 9325 section 3.5)."""
    async with Served() as served:
        process = await openssl(
            "s_client", "-connect", served.at, "-CAfile", folder / "root", "-tls1_2"
        )
        assert process.stdin is not None
        said = bytearray()
        await until(process, b"Extended master secret", said)
        process.stdin.write(b"R\n")
        await until(process, b"no renegotiation", said)
        await ended(process)


# openssl answers


class Answering:
    """s_server on a port, as long as the test."""

    def __init__(self, folder: Path, *options: object, who: str = "good") -> None:
        self.folder, self.options, self.who = folder, options, who
        self.said = bytearray()
        self.memory: dict[object, object] = {}

    async def __aenter__(self) -> Answering:
        key = self.folder / self.who
        words = ("s_server", "-accept", "127.0.0.1:0", "-cert", key, "-key", key)
        self.process = await openssl(*words, *self.options)
        await until(self.process, b"ACCEPT 127.0.0.1:", self.said)
        await until(self.process, b"\n", self.said)
        port = self.said.partition(b"ACCEPT 127.0.0.1:")[2].split()[0]
        self.at = Address("127.0.0.1", int(port))
        return self

    async def __aexit__(self, *_: object) -> None:
        await ended(self.process)

    async def ask(
        self, make: Callable[[Wish], Endpoint] = web.Client, **options: object
    ) -> tuple[list[object], str]:
        """What our client is told, and the facts of its TLS."""
        known: dict[str, object] = {"roots": root().pem, "memory": self.memory}
        wish = Wish("lab.test", (Request(),), {**known, **options})
        client = drive.around({"": partial(make, wish)}, wish)
        story = Story()
        story.host.run(Errand("tcp", self.at, client))  # type: ignore[arg-type]
        await story.finish()
        await story.host.close()
        facts = client.panels()[0].facts
        return story.told, "; ".join(f"{fact.name}: {fact.value}" for fact in facts)


@pytest.mark.parametrize("version", ["1.2", "1.3"])
async def test_we_ask_openssl_and_ask_again(folder: Path, version: str) -> None:
    async with Answering(folder, "-www") as server:
        for session in ("New", "Reused"):
            told, facts = await server.ask(versions=version)
            answer, done = told
            assert done == Done("")
            assert isinstance(answer, Response)
            assert f"{session}, TLSv{version}, Cipher is".encode() in answer.body
            assert f"session: {'new' if session == 'New' else 'resumed'}" in facts


async def test_we_send_openssl_early_data(folder: Path) -> None:
    async with Answering(folder, "-early_data") as server:
        told = []
        for word in (b"first", b"second"):
            asking = asyncio.create_task(server.ask(lambda wish, w=word: Asker([w]), early=True))
            await until(server.process, word, server.said)
            assert server.process.stdin is not None
            server.process.stdin.write(word)
            told.append(await asking)
        assert [one[-1] for one, _ in told] == [Done(""), Done("")]
        assert "early data" not in told[0][1]
        assert "early data: 6 bytes, taken by the server" in told[1][1]
        await until(server.process, b"Early data received", server.said)
        assert server.said.count(b"No early data received") == 1


async def test_openssl_asks_us_for_another_group_and_a_certificate(folder: Path) -> None:
    wants = ("-groups", "P-521", "-Verify", "1", "-CAfile", folder / "root")
    async with Answering(folder, "-www", *wants) as server:
        groups = "X25519:P-521"
        told, facts = await server.ask(groups=groups, identity=identity(client=True))
        assert told[-1] == Done("")
        assert "HelloRetryRequest" in facts
        assert isinstance(told[0], Response)
        assert identity(client=True).certificate_pem in told[0].body
        told, _ = await server.ask(groups=groups)
        assert "a client certificate is required" in str(told)


async def test_we_refuse_what_has_expired(folder: Path) -> None:
    async with Answering(folder, "-www", who="expired") as server:
        told, _ = await server.ask()
        assert told == [Done("The certificate (CN=lab.test) expired on 2016-01-01.")]
        await until(server.process, b"alert certificate expired", server.said)


async def test_we_read_on_after_openssl_changed_its_keys(folder: Path) -> None:
    async with Answering(folder, "-msg") as server:
        asker = Asker([b"before", b"after"])
        asking = asyncio.create_task(server.ask(lambda wish: asker))
        assert server.process.stdin is not None
        await until(server.process, b"before", server.said)
        # Each is sent when the one before was heard: s_server takes whole reads for commands.
        for line, heard in ((b"K\n", b"KeyUpdate"), (b"before", b"after"), (b"after", b"DONE")):
            server.process.stdin.write(line)
            await until(server.process, heard, server.said)
        told, _ = await asking
        assert told[-1] == Done("")
        assert server.said.count(b"KeyUpdate") == 2
