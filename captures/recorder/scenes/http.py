"""HTTP/1.1 and HTTP/2."""

from __future__ import annotations

from recorder.scene import Scene
from recorder.scenes.web import make_certificate, text_of
from recorder.stage import Stage
from recorder.wire import Loss, has_tcp_data

URL = "http://www.example.org"
SECURE = "https://www.example.org"


def keepalive(stage: Stage) -> None:
    stage.start("server", "python", "h1_server.py", "198.51.100.80", "80", ready="tcp:80")
    following = ("--next", "-sS", "-o", "out")
    with stage.capture("tcp port 80"):
        stage.run(
            "client",
            *("curl", "-sS", "-o", "out", f"{URL}/"),
            *(*following, "--compressed", f"{URL}/"),
            *(*following, "-H", 'If-None-Match: "v1"', f"{URL}/"),
            *(*following, "--head", f"{URL}/"),
            *(*following, "-L", f"{URL}/old"),
            *(*following, f"{URL}/parts"),
            *(*following, "-H", "Expect: 100-continue", "-d", "text=Remember", f"{URL}/notes"),
            *(*following, "-H", "Connection: close", f"{URL}/nothing"),
        )


def streams(stage: Stage) -> None:
    make_certificate(stage)
    pages = [f"{number}.txt" for number in range(1, 7)]
    for number, page in enumerate(pages):
        stage.write(f"site/{page}", text_of(8_000, seed=number))
    stage.start("server", "python", "h2_server.py", "198.51.100.80", "site", ready="tcp:443")
    stage.wire.losses.append(Loss(has_tcp_data, frozenset({7}), inbound=True))
    curl = ("curl", "-sS", "--http2", "--cacert", "ca.pem", "--parallel", "--create-dirs")
    urls = [f"{SECURE}/{page}" for page in pages]
    with stage.capture("tcp port 443"):
        stage.run("client", *curl, "--output-dir", "out", "--remote-name-all", *urls, keys=True)


SCENES = (
    Scene(
        name="http1-keepalive",
        title="nine requests, one connection",
        about="One TCP connection carries a page, the same page in gzip, a 304 for whoever has it "
        "already, a HEAD without body, a redirect and what it leads to, a body in chunks with a "
        "trailer, a POST that waits for 100 Continue, and a 404 that closes.",
        protocols=("TCP", "h1"),
        programs=("curl", "h11"),
        play=keepalive,
        rtt_ms=50,
        round_trips=2,
        answer="http.response",
    ),
    Scene(
        name="http2-streams",
        title="one loss stalls six streams",
        about="Six files come over one connection at once, their DATA frames interleaved. One TCP "
        "segment is lost: whatever came after it waits in the receiver, for every stream, until "
        "the retransmission fills the hole.",
        protocols=("TCP", "TLS", "h2"),
        programs=("curl", "h2", "openssl"),
        play=streams,
        rtt_ms=80,
        round_trips=3,
        answer="http2.headers.status",
    ),
)
