"""HTTP/3 over QUIC, with aioquic on both sides."""

from __future__ import annotations

from recorder.scene import Scene
from recorder.scenes.web import make_certificate, text_of
from recorder.stage import Stage
from recorder.wire import Loss, is_quic_short

HOST = "www.example.org"
CLIENT = ("python", "h3_client.py", HOST)


def _serve(stage: Stage, size: int) -> list[str]:
    make_certificate(stage)
    pages = [f"/{number}.txt" for number in range(1, 7)]
    for number, page in enumerate(pages):
        stage.write(f"site{page}", text_of(size, seed=number))
    stage.start("server", "python", "h3_server.py", "198.51.100.80", "site", ready="udp:443")
    return pages


def streams(stage: Stage) -> None:
    pages = _serve(stage, 8_000)
    stage.wire.losses.append(Loss(is_quic_short, frozenset({12}), inbound=True))
    with stage.capture("udp port 443"):
        stage.run("client", *CLIENT, *pages, keys=True)


def early_data(stage: Stage) -> None:
    _serve(stage, 600)
    resuming = (*CLIENT, "--ticket", "ticket", "/1.txt")
    stage.run("client", *resuming)
    with stage.capture("udp port 443"):
        stage.run("client", *resuming, keys=True)


SCENES = (
    Scene(
        name="quic-http3",
        title="one loss stalls one stream",
        about="The same six files as in http2-streams, over QUIC: one round trip for transport "
        "and TLS together. One datagram is lost, and only the stream that had its piece in it "
        "waits; the others are delivered as they come.",
        protocols=("UDP", "QUIC", "h3"),
        programs=("aioquic", "openssl"),
        play=streams,
        rtt_ms=80,
        round_trips=2,
        answer="http3.frame_type == 1 && udp.srcport == 443",
    ),
    Scene(
        name="quic-0rtt",
        title="the request in flight one",
        about="The client has been here before: with the ticket of an earlier connection it sends "
        "its request in a 0-RTT packet right behind the ClientHello. The answer begins after one "
        "round trip, handshake and all.",
        protocols=("UDP", "QUIC", "h3"),
        programs=("aioquic", "openssl"),
        play=early_data,
        rtt_ms=80,
        round_trips=1,
        answer="http3.frame_type == 1 && udp.srcport == 443",
    ),
)
