"""Records captures of real software: python benchmarks/real.py KIND FILE [--packets N].

Everything runs in network namespaces that end with it. Beside FILE stands its key log
(FILE with .keys) where there are secrets. Needs root, or user namespaces for everybody.

http1: Python's server, h2load. http2: nghttpd, h2load, over TLS. tls: handshakes of openssl, 1.2
and 1.3. records: files in records of TLS, openssl. dns: dnspython. http3: aioquic. lossy: HTTP over
a wire that loses and reorders.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = HERE.parent / "captures" / "recorder" / "peers"
HOST, PORT = "127.0.0.1", 443
PATIENCE = 60.0
"""Seconds until a recording is given up."""
PROGRAMS = {
    "http1": ("h2load",),
    "http2": ("nghttpd", "h2load", "openssl"),
    "tls": ("openssl",),
    "records": ("openssl",),
    "dns": (),
    "http3": ("openssl",),
    "lossy": ("h2load", "nsenter"),
}
ALWAYS = ("unshare", "ip", "tcpdump")
SIZES = {"small.txt": 700, "page.html": 9_000, "photo.bin": 90_000, "film.bin": 1_500_000}
LINK = ("mtu", "1500", "gso_max_segs", "1")
"""Segments as they are on a wire, not as the kernel hands them down."""


class Missing(Exception):
    """It cannot be recorded here: one sentence."""


class Recording:
    """The namespace, the folder with files and certificates, the capture that is written."""

    def __init__(self, kind: str, path: Path, count: int, folder: Path) -> None:
        self.kind, self.path, self.count, self.folder = kind, path, count, folder
        self.keys = path.with_suffix(".keys")
        self.peers: list[subprocess.Popen[bytes]] = []
        for name, size in SIZES.items():
            (folder / name).write_bytes(os.urandom(size * 3 // 4).hex().encode()[:size])

    def start(self, *argv: str, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Run a program beside."""
        environ = {**os.environ, **(env or {})}
        with open(self.folder / "said.txt", "ab") as said:
            peer = subprocess.Popen(
                argv,
                cwd=self.folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        self.peers.append(peer)
        return peer

    def capture(self, interface: str, *inside: str) -> subprocess.Popen[bytes]:
        """Record so many packets of an interface."""
        words = ["-i", interface, "-Z", "root", "-B", "65536", "-c", str(self.count)]
        dumper = self.start(*inside, "tcpdump", "-n", *words, "-w", str(self.path))
        end = time.monotonic() + PATIENCE
        while not self.path.exists() and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(0.2)
        return dumper

    def until(self, dumper: subprocess.Popen[bytes], *argv: str, keys: bool = False) -> None:
        """Run the client again and again until all is recorded.

        Raises:
            Missing: too little came.
        """
        end = time.monotonic() + PATIENCE
        env = {"SSLKEYLOGFILE": str(self.keys)} if keys else {}
        client = self.start(*argv, env=env)
        while dumper.poll() is None:
            if time.monotonic() > end:
                dumper.send_signal(signal.SIGINT)
                dumper.wait()
                said = (self.folder / "said.txt").read_text(errors="replace")[-600:]
                raise Missing(f"{self.count} packets did not come within {PATIENCE:.0f} s: {said}")
            if client.poll() is not None:
                client = self.start(*argv, env=env)
            time.sleep(0.02)
        self.stop()

    def stop(self) -> None:
        """End all programs; most hear no other word."""
        for peer in self.peers:
            peer.kill()
            peer.wait()

    def certificate(self) -> tuple[str, str]:
        """A key and a certificate of an authority of our own."""
        key, certificate = str(self.folder / "server.key"), str(self.folder / "server.pem")
        words = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        words += ["-subj", "/CN=benchmark", "-addext", f"subjectAltName=IP:{HOST}", "-days", "9"]
        argv = ["openssl", "req", "-x509", *words, "-keyout", key, "-out", certificate]
        subprocess.run(argv, check=True, capture_output=True)
        shutil.copy(certificate, self.folder / "ca.pem")
        return key, certificate


def http1(made: Recording) -> None:
    """Requests on kept connections, in the clear."""
    made.start(sys.executable, str(HERE / "peers.py"), "http", HOST, "80")
    dumper = made.capture("lo")
    paths = [f"http://{HOST}/{name}" for name in list(SIZES)[:3]]
    made.until(dumper, "h2load", "--h1", "-n", "3000", "-c", "6", *paths)


def http2(made: Recording) -> None:
    """Many streams on few connections."""
    key, certificate = made.certificate()
    made.start("nghttpd", "-d", str(made.folder), str(PORT), key, certificate)
    dumper = made.capture("lo")
    paths = [f"https://{HOST}:{PORT}/{name}" for name in list(SIZES)[:3]]
    made.until(dumper, "h2load", "-n", "1500", "-c", "4", "-m", "8", *paths, keys=True)


def tls(made: Recording) -> None:
    """Handshake upon handshake."""
    key, certificate = made.certificate()
    words = ["-accept", str(PORT), "-key", key, "-cert", certificate, "-www", "-quiet"]
    made.start("openssl", "s_server", *words, "-keylogfile", str(made.keys))
    dumper = made.capture("lo")
    clients = [
        f"openssl s_time -new -connect {HOST}:{PORT} -time 2 -www / -{version}"
        for version in ("tls1_2", "tls1_3")
    ]
    made.until(dumper, "sh", "-c", "; ".join(clients))


def records(made: Recording) -> None:
    """Large files, each over a connection of its own."""
    key, certificate = made.certificate()
    words = ["-accept", str(PORT), "-key", key, "-cert", certificate, "-WWW", "-quiet"]
    made.start("openssl", "s_server", *words, "-keylogfile", str(made.keys))
    dumper = made.capture("lo")
    words = ["-new", "-connect", f"{HOST}:{PORT}", "-time", "20", "-www", "/film.bin"]
    made.until(dumper, "openssl", "s_time", *words)


def dns(made: Recording) -> None:
    """Questions and answers over UDP."""
    script = str(HERE / "peers.py")
    made.start(sys.executable, script, "answer", HOST, "53")
    dumper = made.capture("lo")
    made.until(dumper, sys.executable, script, "ask", HOST, "53")


def http3(made: Recording) -> None:
    """Files over QUIC."""
    made.certificate()
    made.start(sys.executable, str(PEERS / "h3_server.py"), HOST, str(made.folder))
    time.sleep(1.5)
    dumper = made.capture("lo")
    paths = ["/small.txt", "/page.html", "/photo.bin"] * 12
    client = [sys.executable, str(PEERS / "h3_client.py"), HOST, *paths]
    made.until(dumper, *client, keys=True)


def lossy(made: Recording) -> None:
    """Two hosts, and between them a wire that loses and reorders; recorded at the client."""
    hosts = [made.start("unshare", "--net", "sleep", str(PATIENCE * 2)) for _ in range(2)]
    time.sleep(0.3)
    inside = [("nsenter", "-t", str(host.pid), "--net") for host in hosts]
    for number, host in enumerate(hosts):
        ends = ("name", "eth0", "netns", str(host.pid))
        _run("ip", "link", "add", f"w{number}", *LINK, "type", "veth", "peer", *ends)
        _run("ip", "link", "set", f"w{number}", "up")
        for words in (
            ("link", "set", "lo", "up"),
            ("link", "set", "eth0", "up", *LINK),
            ("addr", "add", f"192.0.2.{number + 1}/24", "dev", "eth0"),
        ):
            _run(*inside[number], "ip", *words)
        for wrapped, name in (((), f"w{number}"), (inside[number], "eth0")):
            _offloads(name, *wrapped)
    script = str(HERE / "peers.py")
    made.start(sys.executable, script, "wire", "w0", "w1")
    made.start(*inside[1], sys.executable, script, "http", "192.0.2.2", "80")
    dumper = made.capture("eth0", *inside[0])
    paths = [f"http://192.0.2.2/{name}" for name in ("photo.bin", "film.bin")]
    made.until(dumper, *inside[0], "h2load", "--h1", "-n", "400", "-c", "8", *paths)


KINDS = {
    "http1": http1,
    "http2": http2,
    "tls": tls,
    "records": records,
    "dns": dns,
    "http3": http3,
    "lossy": lossy,
}


def record(kind: str, path: Path, count: int) -> None:
    """Record in the namespace that this process was put into."""
    _run("ip", "link", "set", "lo", "up", *LINK)
    _offloads("lo")
    with tempfile.TemporaryDirectory(prefix="wirestep-real-") as folder:
        made = Recording(kind, path, count, Path(folder))
        made.keys.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        try:
            KINDS[kind](made)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            made.stop()


def enclosed() -> list[str]:
    """What to put before a command so that it has namespaces of its own.

    Raises:
        Missing: the privilege for it is missing.
    """
    words = ["unshare", "--net", "--mount-proc", "--pid", "--fork", "--kill-child"]
    for more in ([], ["--user", "--map-root-user"]):
        if (
            subprocess.run([*words, *more, "true"], capture_output=True, check=False).returncode
            == 0
        ):
            return [*words, *more]
    raise Missing("network namespaces need root, or user namespaces that everybody may make")


def _offloads(interface: str, *inside: str) -> None:
    """Without ethtool, sums may be wrong in the capture; nothing else."""
    if shutil.which("ethtool"):
        switches = [word for name in ("tso", "gso", "gro", "tx", "rx") for word in (name, "off")]
        _run(*inside, "ethtool", "-K", interface, *switches, check=False)


def _run(*argv: str, check: bool = True) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise Missing(f"{' '.join(argv)}: {done.stderr.strip()}")


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 where it cannot be recorded."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("file", type=Path)
    parser.add_argument("--packets", type=int, default=200_000)
    parser.add_argument("--enclosed", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    path = options.file.resolve()
    try:
        if options.enclosed:
            record(options.kind, path, options.packets)
            return 0
        lacking = [name for name in (*ALWAYS, *PROGRAMS[options.kind]) if not shutil.which(name)]
        if lacking:
            raise Missing(f"not installed: {', '.join(lacking)}")
        again = [sys.executable, __file__, options.kind, str(path)]
        again += ["--packets", str(options.packets), "--enclosed"]
        return subprocess.run([*enclosed(), *again], check=False).returncode
    except Missing as error:
        print(f"real.py: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
