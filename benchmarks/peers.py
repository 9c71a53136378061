"""Programs that talk while `real` records: python peers.py http|answer|ask|wire WORDS ..."""

from __future__ import annotations

import heapq
import random
import select
import socket
import sys
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

ETH_P_ALL, SOL_PACKET, PACKET_IGNORE_OUTGOING = 3, 263, 23
DELAY, LOST, LATE, LATER = 0.004, 0.006, 0.006, 0.0015
"""The wire: seconds one way, shares of frames lost and held back, by how many seconds."""


class Files(SimpleHTTPRequestHandler):
    """The files of the working folder, on kept connections."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def http(host: str, port: str) -> None:
    """Python's own server."""
    ThreadingHTTPServer((host, int(port)), Files).serve_forever()


def answer(host: str, port: str) -> None:
    """Answers whatever is asked."""
    import dns.flags
    import dns.message
    import dns.rcode
    import dns.rrset

    texts = {
        "A": ["192.0.2.7", "192.0.2.8"],
        "AAAA": ["2001:db8::7"],
        "MX": ["10 mail.example.net."],
        "TXT": ['"v=spf1 -all"'],
    }
    side = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    side.bind((host, int(port)))
    while True:
        data, who = side.recvfrom(4096)
        query = dns.message.from_wire(data)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        asked = query.question[0]
        kind = dns.rdatatype.to_text(asked.rdtype)
        if kind in texts:
            answer.answer.append(dns.rrset.from_text(asked.name, 300, "IN", kind, *texts[kind]))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        side.sendto(answer.to_wire(), who)


def ask(host: str, port: str) -> None:
    """Asks for ever."""
    import dns.message
    import dns.query

    draw = random.Random(1)
    while True:
        name = f"host{draw.randrange(5000)}.example.net."
        query = dns.message.make_query(name, draw.choice(("A", "A", "AAAA", "MX", "TXT", "NS")))
        dns.query.udp(query, host, port=int(port), timeout=2)


def wire(one: str, other: str) -> None:
    """Carries frames between two interfaces, later; some never, some behind their successors."""
    draw = random.Random(1)
    taps = [_tap(one), _tap(other)]
    target = {taps[0]: taps[1], taps[1]: taps[0]}
    due: list[tuple[float, int, socket.socket, bytes]] = []
    count = 0
    while True:
        wait = 0.05 if not due else max(0.0, due[0][0] - time.monotonic())
        for tap in select.select(taps, [], [], wait)[0]:
            frame = tap.recv(65535)
            luck = draw.random()
            count += 1
            if luck < LOST:
                continue
            at = time.monotonic() + DELAY + (LATER if luck > 1 - LATE else 0)
            heapq.heappush(due, (at, count, target[tap], frame))
        now = time.monotonic()
        while due and due[0][0] <= now:
            _, _, side, frame = heapq.heappop(due)
            side.send(frame)


def _tap(interface: str) -> socket.socket:
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    tap.bind((interface, 0))
    tap.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    return tap


if __name__ == "__main__":
    what = {"http": http, "answer": answer, "ask": ask, "wire": wire}[sys.argv[1]]
    what(*sys.argv[2:])
