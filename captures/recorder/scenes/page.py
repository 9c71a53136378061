"""What a person does: opens a page, looks a name up over HTTPS, chats."""

from __future__ import annotations

import struct
import zlib

from recorder.scene import Scene
from recorder.scenes import zones
from recorder.scenes.dns import start_named
from recorder.scenes.web import make_certificate, start_nginx, text_of
from recorder.stage import KEY_LOG, Stage

SITE = """server {{
    listen {address}:443 ssl http2;
    server_name {name};
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    gzip on;
    gzip_types text/css;
    root site;
  }}
  """
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>A page</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css">
</head>
<body>
<h1>From a name to a page</h1>
<img src="https://static.example.org/wave.png" alt="a wave" width="256" height="64">
<p>{text}</p>
</body>
</html>
"""
STYLE = """body { font: 16px/1.5 sans-serif; margin: 2rem auto; max-width: 40rem }
h1 { font-weight: 300 }
img { display: block; width: 100%; image-rendering: pixelated }
"""
BROWSER = ("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run")
CALM = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
OURS = ("--user-data-dir=profile", f"--ssl-key-log-file={KEY_LOG}", "--ignore-certificate-errors")
PREFERENCES = '{"net": {"network_prediction_options": 2}}'
ZONE = """
@ NS ns
ns A 198.51.100.53
www A 198.51.100.80
www HTTPS 1 . alpn=h2 ipv4hint=198.51.100.80
static A 198.51.100.81
"""
DOH = """tls local { key-file "server.key"; cert-file "server.pem"; };"""
LISTEN = "listen-on port 443 tls local http default { 198.51.100.53; };"


def wave() -> bytes:
    """A small PNG, 256 by 64, grey (RFC 2083): a triangle wave that fades."""
    rows = b"".join(
        b"\0" + bytes(max(0, 255 - 8 * abs(y - abs(x % 64 - 32) - 16)) for x in range(256))
        for y in range(64)
    )

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", 256, 64, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def load(stage: Stage) -> None:
    make_certificate(stage)
    stage.write("site/index.html", PAGE.format(text=text_of(3000)))
    stage.write("site/style.css", STYLE)
    (stage.folder / "site/wave.png").write_bytes(wave())
    # No speculative second connection: it would tell another story.
    stage.write("profile/Default/Preferences", PREFERENCES)
    start_named(stage, zones.ZONE.format(origin="example.org") + ZONE)
    www = SITE.format(address="198.51.100.80", name="www.example.org")
    static = SITE.format(address="198.51.100.81", name="static.example.org")
    start_nginx(stage, www + static, ready="tcp:443")
    with stage.capture("port 53 or port 443"):
        stage.run("client", *BROWSER, *CALM, *OURS, "--dump-dom", "https://www.example.org/")


def doh(stage: Stage) -> None:
    make_certificate(stage)
    stage.write("example.org.zone", zones.EXAMPLE)
    config = zones.config(
        "198.51.100.53", {"example.org": "example.org.zone"}, recursion=False, more=LISTEN
    )
    stage.write("named.conf", DOH + config)
    stage.start("server", "named", "-g", "-n", "1", "-c", "named.conf", ready="tcp:443")
    stage.write("site/hello.txt", text_of(300))
    plain = "server { listen 198.51.100.80:80; root site; }"
    start_nginx(stage, plain, ready="tcp:80")
    curl = ("curl", "-sS", "-4", "--cacert", "ca.pem", "--doh-url")
    with stage.capture("port 53 or port 443 or port 80"):
        url = "http://www.example.org/hello.txt"
        stage.run("client", *curl, "https://dns.example.org/dns-query", url, keys=True)


def chat(stage: Stage) -> None:
    stage.start("server", "python", "ws_server.py", "198.51.100.80", ready="tcp:80")
    with stage.capture("tcp port 80"):
        stage.run("client", "python", "ws_client.py", "ws://www.example.org/room")


SCENES = (
    Scene(
        name="page-load",
        title="a whole page, DNS to pixels",
        about="A browser asks for A, AAAA (there is none) and HTTPS records, connects, shakes "
        "hands, fetches the page and what it names: a style sheet from the same host and a picture "
        "from a second one, for which everything begins again.",
        protocols=("DNS", "TCP", "TLS", "h2"),
        programs=("chromium", "named", "nginx", "openssl"),
        play=load,
        rtt_ms=60,
        round_trips=4,
        answer="http2.headers.status",
        keep='!dns || dns.qry.name contains "example.org"',
        own_names=False,
    ),
    Scene(
        name="dns-over-https",
        title="UDP once, then DoH",
        about="curl asks plain DNS only for the resolver's own name. The question for the web "
        "host then travels as HTTP/2 over TLS (RFC 8484), where nobody on the path can read it; "
        "the page itself follows over a connection of its own.",
        protocols=("DNS", "TLS", "h2"),
        programs=("curl", "named", "nginx", "openssl"),
        play=doh,
        rtt_ms=60,
        round_trips=4,
        answer="http2.headers.status",
        own_names=False,
    ),
    Scene(
        name="websocket-chat",
        title="upgrade, frames, ping, close",
        about="An HTTP/1.1 request becomes a WebSocket (101 Switching Protocols). Messages are "
        "deflated, and the same words sent twice take fewer bytes the second time; one comes in "
        "three fragments, one is binary; both sides ping; the server closes with 1000.",
        protocols=("TCP", "h1", "WS"),
        programs=("websockets", "python"),
        play=chat,
        rtt_ms=50,
        round_trips=2,
        answer="http.response.code == 101",
    ),
)
