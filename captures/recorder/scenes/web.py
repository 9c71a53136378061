"""nginx, its pages and the certificates: shared by several scenes."""

from __future__ import annotations

import random

from recorder.stage import Stage

NGINX = """daemon off;
master_process off;
worker_processes 1;
user root;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path tmp;
  proxy_temp_path tmp;
  fastcgi_temp_path tmp;
  uwsgi_temp_path tmp;
  scgi_temp_path tmp;
  types {{ text/html html; text/css css; text/plain txt; image/png png; application/json json; }}
  sendfile off;
  lingering_close always;
  lingering_time 2s;
  {servers}
}}
"""
NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
ROOT = ("-keyout", "ca.key", "-out", "ca.pem", "-days", "3650", "-subj", "/CN=Example Root CA")
ASKED = ("-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=www.example.org")
SIGNER = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3650")
SIGNED = ("-in", "server.csr", "-out", "server.pem", "-extfile", "names.txt")
CERTIFICATE = (
    ("openssl", "req", "-x509", *NEW_KEY, *ROOT),
    ("openssl", "req", *NEW_KEY, *ASKED),
    ("openssl", "x509", "-req", *SIGNER, *SIGNED),
)
WORDS = ("packet", "segment", "frame", "record", "stream", "window", "round", "trip", "byte")
NAMES = "DNS:www.example.org,DNS:static.example.org,DNS:dns.example.org,DNS:example.org"


def text_of(size: int, seed: int = 7) -> str:
    """Readable words, the same in every run, `size` characters long."""
    chooser = random.Random(seed)
    line = ""
    while len(line) < size:
        line += chooser.choice(WORDS) + (" " if len(line) % 72 < 64 else "\n")
    return line[: size - 1] + "\n"


def make_certificate(stage: Stage) -> None:
    """server.pem and server.key, signed by ca.pem: P-256, good for the names above."""
    stage.write("names.txt", f"subjectAltName={NAMES}\n")
    for command in CERTIFICATE:
        stage.run("server", *command, quiet=True)


def start_nginx(stage: Stage, servers: str, *, ready: str) -> None:
    (stage.folder / "tmp").mkdir(exist_ok=True)
    stage.write("nginx.conf", NGINX.format(servers=servers))
    stage.start("server", "nginx", "-p", ".", "-c", "nginx.conf", ready=ready)
