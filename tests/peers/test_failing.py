"""Each way an exchange can fail has its own sentence, and exit code 1; before it begins, 2."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from peering import NAMES, Keys, free_port, make_keys, needs, running

from wirestep.cli import main
from wirestep.cli.output import BAD
from wirestep.exchange.certificates import Identity, self_signed
from wirestep.exchange.chance import SYSTEM

UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
Answer = Callable[[socket.socket], None]


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return make_keys(tmp_path)


@contextlib.contextmanager
def answering(answer: Answer) -> Iterator[int]:
    """A TCP server that does something with its first connection: its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            way, _ = server.accept()
            with way:
                way.settimeout(10)
                answer(way)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.close()
        thread.join()


def failed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said on standard error; the exit code is 1."""
    code = main([*arguments, "--no-capture"])
    err = capsys.readouterr().err
    assert code == 1
    assert err.startswith("wirestep: ")
    assert err.count("\n") == 1
    return err[len("wirestep: ") : -1]


# names and ways


def test_no_such_name(capsys: pytest.CaptureFixture[str]) -> None:
    said = failed(capsys, "https://nowhere.invalid/")
    assert "nowhere.invalid" in said
    assert said.startswith(("There is no host called", "The connection to"))


@pytest.mark.parametrize("scheme", ["http", "https", "ws", "tcp", "tls"])
def test_refused(capsys: pytest.CaptureFixture[str], scheme: str) -> None:
    port = free_port()
    said = failed(capsys, f"{scheme}://127.0.0.1:{port}/")
    assert said == f"Nobody listens on port {port} of 127.0.0.1 (refused)."


@pytest.mark.parametrize("url", ["h3://127.0.0.1:{}/", "dns://127.0.0.1:{}/a.example"])
def test_refused_by_icmp(capsys: pytest.CaptureFixture[str], url: str) -> None:
    port = free_port()
    said = failed(capsys, url.format(port))
    assert said == (
        f"Nobody listens on UDP port {port} of 127.0.0.1 (the system there says so by ICMP)."
    )


def test_no_route(capsys: pytest.CaptureFixture[str]) -> None:
    said = failed(capsys, "http://[100::1]/", "--timeout", "2")
    assert said.startswith(("There is no route to 100::1", "No answer from port 80 of 100::1"))


def test_a_resolver_that_does_not_answer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()

    def slow(*names: object, **more: object) -> list[object]:
        answered.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    said = failed(capsys, "https://slow.example/", "--timeout", "0.3")
    answered.set()
    assert said == "The name slow.example could not be looked up within 0.3 s."


@pytest.mark.parametrize("scheme", ["https", "wss", "tls"])
def test_silence_after_connecting(capsys: pytest.CaptureFixture[str], scheme: str) -> None:
    with answering(lambda way: way.recv(1 << 16) and way.recv(1)) as port:  # type: ignore[func-returns-value]
        said = failed(capsys, f"{scheme}://127.0.0.1:{port}/", "--timeout", "0.4")
    assert said.startswith("Timed out: the exchange with 127.0.0.1 was not over within 0.4 s, ")
    assert "while TLS" in said


def test_silence_where_udp_is_blocked(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        port = deaf.getsockname()[1]
        said = failed(capsys, f"h3://127.0.0.1:{port}/", "--timeout", "0.4")
    assert said.startswith(f"No datagram came back from port {port} of 127.0.0.1")
    assert "UDP is blocked" in said
    assert "0.4 s" in said


def _broken_off(way: socket.socket) -> None:
    way.recv(1 << 16)
    way.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_reset(capsys: pytest.CaptureFixture[str], scheme: str) -> None:
    with answering(_broken_off) as port:
        said = failed(capsys, f"{scheme}://127.0.0.1:{port}/")
    assert said.startswith("The connection was broken off (RST) by 127.0.0.1 ")
    if scheme == "https":
        assert "while TLS" in said


# certificates and TLS


def identity(keys: Keys, kind: str) -> Identity:
    match kind:
        case "expired":
            return keys.root.expired(NAMES, SYSTEM)
        case "wrong name":
            return keys.root.identity(["other.example"], SYSTEM)
        case "self-signed":
            return self_signed(NAMES, SYSTEM)
    return keys.server


@needs("openssl")
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("expired", ["expired", "2016"]),
        ("wrong name", ["localhost", "other.example"]),
        ("self-signed", ["itself"]),
        ("unknown root", ["wirestep lab root", "not trusted"]),
    ],
)
def test_certificates(
    capsys: pytest.CaptureFixture[str], keys: Keys, kind: str, words: list[str]
) -> None:
    certificate, key = keys.files(identity(keys, kind), "shown")
    port = free_port()
    command = ["openssl", "s_server", "-accept", str(port), "-cert", certificate, "-key", key]
    trust = [] if kind == "unknown root" else ["--cacert", keys.root_file]
    url = f"https://localhost:{port}/"
    with running([*command, "-www"], port):
        said = failed(capsys, url, *trust)
        assert "certificate" in said
        for word in words:
            assert word in said, said
        assert main([url, "-k", "--http1.1", "--no-capture"]) == 0


@needs("openssl")
def test_an_alert_is_called_by_its_name(capsys: pytest.CaptureFixture[str], keys: Keys) -> None:
    certificate, key = keys.files(keys.server, "server")
    port = free_port()
    command = ["openssl", "s_server", "-accept", str(port), "-cert", certificate, "-key", key]
    url = f"https://localhost:{port}/"
    with running([*command, "-tls1_2", "-www"], port):
        said = failed(capsys, url, "--cacert", keys.root_file, "--tls1.3")
    assert "protocol version" in said.lower().replace("_", " ")


@needs("nghttpd")
def test_the_protocol_is_refused(capsys: pytest.CaptureFixture[str], keys: Keys) -> None:
    """nghttpd speaks HTTP/2 alone."""
    certificate, key = keys.files(keys.server, "server")
    port = free_port()
    url = f"https://localhost:{port}/"
    with running(["nghttpd", str(port), key, certificate], port):
        said = failed(capsys, url, "--cacert", keys.root_file, "--http1.1")
    assert "HTTP/1.1" in said


@pytest.mark.parametrize(
    ("url", "answer", "words"),
    [
        ("https", b"HTTP/1.1 400 Bad Request\r\n\r\n", ["TLS"]),
        ("http", b"SSH-2.0-OpenSSH_9.2\r\n", ["HTTP/1.1"]),
        (
            "http",
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
            ["HTTP/1.1", "middle of a body"],
        ),
        ("http", b"", ["HTTP/1.1"]),
        ("ws", UPGRADED, ["Sec-WebSocket-Accept"]),
        ("ws", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ["404"]),
    ],
    ids=["no-tls", "no-http", "cut", "empty", "no-accept", "no-websocket"],
)
def test_who_breaks_the_protocol_is_told_of(
    capsys: pytest.CaptureFixture[str], url: str, answer: bytes, words: list[str]
) -> None:
    def respond(way: socket.socket) -> None:
        way.recv(1 << 16)
        way.sendall(answer)
        way.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            way.recv(1 << 16)

    with answering(respond) as port:
        said = failed(capsys, f"{url}://127.0.0.1:{port}/")
    for word in words:
        assert word in said, said


def test_what_a_hostile_server_says_is_made_safe(capsys: pytest.CaptureFixture[str]) -> None:
    def respond(way: socket.socket) -> None:
        way.recv(1 << 16)
        way.sendall(
            b"HTTP/1.1 200 \x1b]0;owned\x07\r\nX: \x1b[2J\r\nContent-Length: 4\r\n\r\n\x1b[2J"
        )

    with answering(respond) as port:
        main([f"http://127.0.0.1:{port}/", "--include", "--no-capture"])
    told = capsys.readouterr()
    assert "\x1b" not in told.out + told.err


def test_a_type_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dns://127.0.0.1/a?type=NONSENSE", "--no-capture"]) == BAD
    assert capsys.readouterr().err.startswith("wirestep: 'NONSENSE' is no type")


def test_a_version_of_tls_where_there_is_none_to_choose(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for arguments in (["http://127.0.0.1:1/"], ["https://127.0.0.1:1/", "--http3"]):
        assert main([*arguments, "--tls1.2", "--no-capture"]) == BAD
        assert "no choice between versions of TLS" in capsys.readouterr().err


# before it begins


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["gopher://a/"], "gopher:// is no scheme that is driven; there are"),
        (["https://"], "which host?"),
        (["https://a b/"], "no URL has"),
        (["https://a:99999/"], "the port is a number"),
        (["dns://127.0.0.1"], "what name is asked for?"),
        (["ws://a/", "--http3"], "ws has no version '3'"),
        (["https://a/", "--http2", "--http3"], "not allowed with"),
        (["https://a/", "--cacert", "/nowhere"], "--cacert /nowhere: No such file"),
        (["https://a/", "--cacert", __file__], "nothing in PEM"),
        (["https://a/", "--key", "x"], "--key goes with --cert"),
        (["https://a/", "--data", "@/nowhere"], "--data /nowhere: No such file"),
        (["https://a/", "-H", "x"], "NAME: VALUE"),
        (["https://a/", "-H", "x: a\r\nb: c"], "NAME: VALUE"),
        (["https://a/", "-X", "A B"], "cannot be a method"),
        (["https://a/", "--resolve", "a:443"], "HOST:PORT:ADDR"),
        (["https://a/", "--timeout", "-1"], "seconds above 0"),
    ],
    ids=lambda value: "" if isinstance(value, list) else value[:20],
)
def test_what_cannot_begin(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    code = main(arguments)
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("wirestep: ")
    assert sentence in err
