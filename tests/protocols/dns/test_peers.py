"""DNS with peers of others, over loopback: dig and the stub of dnspython ask, dnsmasq answers."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from echoing import Errand, Story
from programs import free_port, running

from wirestep.exchange.contract import Done, Request, Response, Wish
from wirestep.model import Address
from wirestep.protocols.dns import drive, lab
from wirestep.wires.sockets import listen_tcp, listen_udp


def needs(program: str) -> pytest.MarkDecorator:
    missing = shutil.which(program) is None
    return pytest.mark.skipif(missing, reason=f"{program} is not installed")


@asynccontextmanager
async def served(**options: object) -> AsyncIterator[Address]:
    """Our server on one port, over UDP and TCP; nothing may have gone wrong in it."""
    story, held = Story(), lab.material(options)

    def make() -> object:
        return lab.SERVERS["authority"](held, random.Random(1), options)

    at = listen_udp(story.host, Address("127.0.0.1"), make())  # type: ignore[arg-type]
    await listen_tcp(story.host, at, make)  # type: ignore[arg-type]
    try:
        yield at
    finally:
        await story.host.close()
    assert not story.faults


async def dig(at: Address, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *("dig", f"@{at.host}", "-p", str(at.port), "+tries=1", "+time=5", *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 20)
    text = out.decode()
    warnings = {line for line in text.splitlines() if "WARNING" in line}
    assert warnings <= {";; WARNING: recursion requested but not available"}, text
    return text


def section(text: str, name: str) -> list[str]:
    """The records of one section, without owners, TTLs and classes."""
    found = re.search(rf"^;; {name} SECTION:\n((?:.+\n)*)", text, re.MULTILINE)
    lines = found[1].splitlines() if found else []
    return [" ".join(line.split()[3:]) for line in lines]


@needs("dig")
@pytest.mark.parametrize(
    ("words", "status", "answer"),
    [
        ("www.lab.test", "NOERROR", ["A 203.0.113.80"]),
        ("www.lab.test AAAA", "NOERROR", ["AAAA 2001:db8:113::80"]),
        (
            "shop.lab.test",
            "NOERROR",
            ["CNAME store.lab.test.", "CNAME www.lab.test.", "A 203.0.113.80"],
        ),
        ("lab.test MX", "NOERROR", ["MX 10 mail.lab.test.", "MX 20 backup.other.test."]),
        (
            "lab.test HTTPS",
            "NOERROR",
            ['HTTPS 1 . alpn="h3,h2"', 'HTTPS 2 www.lab.test. alpn="h2" port=8443'],
        ),
        ("lab.test CAA", "NOERROR", ['CAA 0 issue "ca.test"']),
        (
            "_sip._tcp.lab.test SRV",
            "NOERROR",
            ["SRV 1 5 5060 www.lab.test.", "SRV 2 5 5061 www.lab.test."],
        ),
        ("no.lab.test", "NXDOMAIN", []),
        ("v6.lab.test", "NOERROR", []),
        ("a.dev.lab.test", "NOERROR", ["A 203.0.113.99"]),
        ("elsewhere.example", "REFUSED", []),
        ("lab.test +opcode=notify", "NOTIMP", []),
        ("lab.test +edns=1 +noednsnegotiation", "BADVERS", []),
    ],
)
async def test_dig_reads_it(words: str, status: str, answer: list[str]) -> None:
    async with served() as at:
        text = await dig(at, *words.split())
    assert f"status: {status}" in text
    assert section(text, "ANSWER") == answer
    authoritative = bool(re.search(r"flags: qr aa", text))
    assert authoritative == (status in ("NOERROR", "NXDOMAIN"))
    if not answer and authoritative:
        (soa,) = section(text, "AUTHORITY")
        assert soa.startswith("SOA ns1.lab.test. hostmaster.lab.test. 2026010100")


@needs("dig")
async def test_dig_is_referred() -> None:
    async with served(zones=["test"]) as at:
        text = await dig(at, "www.lab.test", "+norecurse")
    assert section(text, "AUTHORITY") == ["NS ns1.lab.test."]
    assert section(text, "ADDITIONAL") == ["A 203.0.113.53"]
    assert "flags: qr;" in text


@needs("dig")
async def test_dig_comes_again_over_tcp() -> None:
    async with served() as at:
        cut = await dig(at, "big.lab.test", "TXT", "+ignore")
        plain = await dig(at, "big.lab.test", "TXT", "+noedns", "+ignore")
        whole = await dig(at, "big.lab.test", "TXT")
        large = await dig(at, "big.lab.test", "TXT", "+bufsize=65535", "+ignore")
    assert "flags: qr aa tc" in cut
    assert len(section(whole, "ANSWER")) == 24
    assert ";; Truncated, retrying in TCP mode." in whole
    assert "flags: qr aa tc" in large, "1,232 bytes are the most, whatever is offered"
    for text, most in ((cut, 1232), (plain, 512)):
        size = re.search(r"MSG SIZE +rcvd: (\d+)", text)
        assert size is not None
        assert int(size[1]) <= most


@needs("dig")
async def test_dig_asks_many_on_one_connection() -> None:
    names = [f"{name}.lab.test" for name in ("www", "mail", "shop", "none", "v6")] * 4
    async with served() as at:
        text = await dig(at, "+tcp", "+keepopen", *names)
    assert text.count("status: NOERROR") == 16
    assert text.count("status: NXDOMAIN") == 4


@needs("dnsmasq")
async def test_dnsmasq_answers_our_stub(tmp_path: Path) -> None:
    port = free_port()
    texts = [f"--txt-record=big.lab.test,{number:03}{'x' * 200}" for number in range(12)]
    command = (
        *("dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null"),
        *("--listen-address=127.0.0.1", "--bind-interfaces", f"--port={port}", "--user=root"),
        *(f"--pid-file={tmp_path / 'pid'}", "--address=/www.lab.test/203.0.113.7", *texts),
        *("--address=/www.lab.test/2001:db8::7", "--mx-host=lab.test,mail.lab.test,10"),
        *("--cname=shop.lab.test,www.lab.test", "--local=/lab.test/"),
    )
    async with running(port, *command) as at:
        wanted = ("www.lab.test", "none.lab.test", "shop.lab.test")
        both = await asked(at, *(Request(target=name) for name in wanted), type="A+AAAA", timeout=1)
        more = (Request("MX", "lab.test"), Request("TXT", "big.lab.test"))
        other = await asked(at, *more, timeout=1)
        over_tcp = await asked(at, *more, kind="tcp")
    responses = [each for each in both.told if isinstance(each, Response)]
    assert [each.status for each in responses] == ["NOERROR", "NXDOMAIN", "NOERROR"]
    assert responses[0].body.split() == [b"203.0.113.7", b"2001:db8::7"]
    for story in (other, over_tcp):
        mail, big = (each for each in story.told if isinstance(each, Response))
        assert mail.body == b"10 mail.lab.test."
        assert len(big.headers) == 12
        assert story.told[-1] == Done("")
    assert "the answer was cut: asking again over TCP" in other.said


async def asked(at: Address, *requests: Request, kind: str = "udp", **options: object) -> Story:
    """What our stub was told."""
    story = Story()
    client = drive.CLIENTS[kind](Wish("ns", requests, dict(options)), random.Random(1))
    story.host.run(Errand("tcp" if kind == "tcp" else "udp", at, client))  # type: ignore[arg-type]
    await story.finish()
    await story.host.close()
    assert not story.faults
    return story
