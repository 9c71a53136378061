"""TLS 1.2 and 1.3 between curl or openssl and nginx."""

from __future__ import annotations

from recorder.scene import Scene
from recorder.scenes.web import make_certificate, start_nginx, text_of
from recorder.stage import KEY_LOG, Stage

SERVER = """server {{
    listen 198.51.100.80:443 ssl;
    server_name www.example.org;
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    ssl_protocols {protocols};
    {more}
    root site;
  }}"""
URL = "https://www.example.org/hello.txt"
CURL = ("curl", "-sS", "--http1.1")
REQUEST = "GET /{page}.txt HTTP/1.1\r\nHost: www.example.org\r\nConnection: close\r\n\r\n"
NOT_TRUSTED = 60


def _serve(stage: Stage, protocols: str, more: str = "") -> None:
    make_certificate(stage)
    stage.write("site/hello.txt", text_of(600))
    stage.write("site/early.txt", text_of(600, seed=9))
    start_nginx(stage, SERVER.format(protocols=protocols, more=more), ready="tcp:443")


def tls12(stage: Stage) -> None:
    _serve(stage, "TLSv1.2")
    with stage.capture("tcp port 443"):
        stage.run("client", *CURL, "--cacert", "ca.pem", "--tls-max", "1.2", URL, keys=True)


def tls13(stage: Stage) -> None:
    _serve(stage, "TLSv1.3")
    with stage.capture("tcp port 443"):
        stage.run("client", *CURL, "--cacert", "ca.pem", "--tlsv1.3", URL, keys=True)


def hello_retry(stage: Stage) -> None:
    _serve(stage, "TLSv1.3", "ssl_ecdh_curve secp384r1;")
    curves = ("--curves", "X25519:P-384")
    with stage.capture("tcp port 443"):
        stage.run("client", *CURL, "--cacert", "ca.pem", *curves, URL, keys=True)


def early_data(stage: Stage) -> None:
    _serve(stage, "TLSv1.3", "ssl_early_data on;")
    client = ("openssl", "s_client", "-connect", "www.example.org:443", "-CAfile", "ca.pem")
    options = ("-tls1_3", "-ign_eof", "-keylogfile", KEY_LOG)
    stage.write("early.req", REQUEST.format(page="early"))
    first = (*client, *options, "-sess_out", "ticket.pem")
    second = (*client, *options, "-sess_in", "ticket.pem", "-early_data", "early.req")
    with stage.capture("tcp port 443"):
        stage.run("client", *first, text=REQUEST.format(page="hello"))
        stage.run("client", *second)


def alert(stage: Stage) -> None:
    _serve(stage, "TLSv1.3")
    with stage.capture("tcp port 443"):
        stage.run("client", *CURL, URL, keys=True, wrong=[NOT_TRUSTED])


def _scene(name: str, title: str, about: str, play: object, round_trips: int) -> Scene:
    assert callable(play)
    return Scene(
        name=name,
        title=title,
        about=about,
        protocols=("TCP", "TLS", "h1"),
        programs=("curl", "nginx", "openssl"),
        play=play,
        rtt_ms=100,
        round_trips=round_trips,
        answer="http.response",
    )


SCENES = (
    _scene(
        "tls12-full",
        "2 RTT before any data",
        "A full TLS 1.2 handshake: certificate and key exchange travel in the clear, and the "
        "request leaves only after two round trips of handshake. With TCP's one and its own, the "
        "answer begins after four.",
        tls12,
        4,
    ),
    _scene(
        "tls13-full",
        "1 RTT before any data",
        "The client guesses the key share, so the request leaves after one round trip of "
        "handshake. Everything after ServerHello is encrypted, the certificate too; the keys are "
        "in the file.",
        tls13,
        3,
    ),
    _scene(
        "tls13-hello-retry",
        "a wrong guess costs one RTT",
        "The client offers a key share for X25519, the server takes only P-384 and says so in a "
        "HelloRetryRequest. The client sends a second ClientHello, and the handshake costs as "
        "much as in TLS 1.2.",
        hello_retry,
        4,
    ),
    Scene(
        name="tls13-resumed-0rtt",
        title="a ticket, then early data",
        about="Two connections. The first ends with session tickets; the second shows one of them "
        "and sends its request as early data in the same flight as the ClientHello, so that the "
        "answer begins one round trip sooner.",
        protocols=("TCP", "TLS", "h1"),
        programs=("openssl", "nginx"),
        play=early_data,
        rtt_ms=100,
        round_trips=2,
        answer="tcp.stream == 1 && http.response",
    ),
    Scene(
        name="tls13-alert",
        title="a certificate is not trusted",
        about="The handshake runs until the client sees a certificate whose issuer it does not "
        "know. It says so in an encrypted alert, unknown_ca, and hangs up; no request is sent.",
        protocols=("TCP", "TLS"),
        programs=("curl", "nginx", "openssl"),
        play=alert,
        rtt_ms=100,
        round_trips=0,
    ),
)
