"""TCP when something goes wrong."""

from __future__ import annotations

from recorder.scene import Scene
from recorder.scenes.dns import start_named
from recorder.scenes.web import start_nginx, text_of
from recorder.stage import Stage
from recorder.wire import Loss, has_tcp_data, is_syn

PLAIN = "server {{ listen 198.51.100.80:80; root site; {more} }}"
URL = "http://www.example.org/"
COULD_NOT_CONNECT, TIMED_OUT = 7, 28


def serve(stage: Stage, size: int) -> None:
    stage.write("site/words.txt", text_of(size))
    start_nginx(stage, PLAIN.format(more=""), ready="tcp:80")


def loss(stage: Stage) -> None:
    serve(stage, 50_000)
    stage.wire.losses.append(Loss(has_tcp_data, frozenset({13}), inbound=True))
    with stage.capture("tcp port 80"):
        stage.run("client", "curl", "-sS", "-o", "words.txt", URL + "words.txt")


def lost_syn(stage: Stage) -> None:
    serve(stage, 400)
    stage.wire.losses.append(Loss(is_syn, frozenset({1}), inbound=False))
    with stage.capture("tcp port 80"):
        stage.run("client", "curl", "-sS", URL + "words.txt")


def lost_tail(stage: Stage) -> None:
    serve(stage, 11_000)
    stage.wire.losses.append(Loss(has_tcp_data, frozenset({7, 8}), inbound=True))
    with stage.capture("tcp port 80"):
        stage.run("client", "curl", "-sS", "-o", "words.txt", URL + "words.txt")


def refused(stage: Stage) -> None:
    serve(stage, 400)
    stage.run("far", "ip", "route", "add", "prohibit", "198.51.100.82")
    stage.run("far", "ip", "route", "add", "blackhole", "198.51.100.83")
    curl = ("curl", "-sS", "--connect-timeout", "4")
    with stage.capture("tcp or icmp"):
        stage.run("client", *curl, URL + "words.txt")
        stage.run("client", *curl, "http://198.51.100.80:8080/", wrong=[COULD_NOT_CONNECT])
        stage.run("client", *curl, "http://198.51.100.82/", wrong=[COULD_NOT_CONNECT])
        stage.run("client", *curl, "http://198.51.100.83/", wrong=[TIMED_OUT])


def tiny_window(stage: Stage) -> None:
    serve(stage, 24_000)
    with stage.capture("tcp port 80"):
        stage.run("client", "python", "slow_reader.py", "198.51.100.80")


def happy_eyeballs(stage: Stage) -> None:
    serve(stage, 400)
    start_named(stage)
    stage.run("far", "ip", "route", "add", "blackhole", "2001:db8:2::80")
    with stage.capture("port 53 or port 80"):
        stage.run("client", "curl", "-sS", URL + "words.txt")


SCENES = (
    Scene(
        name="tcp-lost-syn",
        title="a SYN vanishes, 1 s RTO",
        about="The first SYN never arrives. Nothing tells the client, so it waits its initial "
        "retransmission timeout of one second (RFC 6298) and sends the same SYN again; the rest "
        "of the exchange takes its two round trips.",
        protocols=("TCP", "h1"),
        programs=("curl", "nginx"),
        play=lost_syn,
        rtt_ms=80,
        round_trips=2,
        wait_ms=1000,
        answer="http.response",
    ),
    Scene(
        name="tcp-loss",
        title="one lost, fast retransmit",
        about="One segment out of the middle of a 50 kB answer is lost. Each later one makes the "
        "client repeat its ACK, with a SACK block that says what it has, until the server sends "
        "the missing piece again, without waiting for any timer.",
        protocols=("TCP", "h1"),
        programs=("curl", "nginx"),
        play=loss,
        rtt_ms=80,
        round_trips=2,
        answer="http.response || (tcp.srcport == 80 && tcp.len > 0)",
    ),
    Scene(
        name="tcp-lost-tail",
        title="no ACK will tell: a probe",
        about="The last two segments of the answer are lost, so nothing follows that could bring "
        "duplicate ACKs. After two round trips of silence the server probes with the last one "
        "(RFC 8985 section 7); the SACK for it shows the hole, and the other is sent again too.",
        protocols=("TCP", "h1"),
        programs=("curl", "nginx"),
        play=lost_tail,
        rtt_ms=80,
        round_trips=2,
        answer="tcp.srcport == 80 && tcp.len > 0",
    ),
    Scene(
        name="tcp-refused",
        title="open, closed, barred, silent",
        about="Four ways a connect can go: an open port answers; a closed one sends RST after one "
        "round trip; a router refuses with an ICMP message; and a black hole says nothing, so "
        "the client repeats its SYN, each second at first, until it gives up.",
        protocols=("TCP", "ICMP"),
        programs=("curl", "nginx"),
        play=refused,
        rtt_ms=50,
    ),
    Scene(
        name="happy-eyeballs",
        title="IPv6 is silent, IPv4 wins",
        about="The name has both kinds of address. The client tries IPv6 first, hears nothing "
        "for 200 ms and tries IPv4 beside it (RFC 8305 calls this happy eyeballs); the first "
        "connection that stands is used.",
        protocols=("DNS", "IPv6", "TCP", "h1"),
        programs=("curl", "named", "nginx"),
        play=happy_eyeballs,
        rtt_ms=50,
        round_trips=3,
        wait_ms=200,
        answer="http.response",
        own_names=False,
    ),
    Scene(
        name="tcp-tiny-window",
        title="reader sleeps, window shuts",
        about="The client reads nothing for two seconds with a small receive buffer. Its window "
        "shrinks to zero, the server probes, and a window update lets the rest come.",
        protocols=("TCP", "h1"),
        programs=("nginx", "python"),
        play=tiny_window,
        rtt_ms=50,
        round_trips=2,
        answer="tcp.srcport == 80 && tcp.len > 0",
    ),
)
