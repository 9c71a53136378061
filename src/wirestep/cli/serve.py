"""`wirestep serve-lab`: the lab's servers on this machine, for curl, a browser, dig."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from ipaddress import ip_address

from wirestep.model import safe
from wirestep.session.driving_lab import Lab, Plan

from .arguments import Parser, Wrong
from .output import GOOD, print_lines

MOST_LINES = 20
"""Lines about clients that are printed in a second."""
LAST_PORT = 65_000


def serve_parser() -> Parser:
    """`wirestep serve-lab`."""
    parser = Parser(
        prog="wirestep serve-lab",
        description="Run the lab's servers on sockets of this machine: a site over HTTP/1.1, "
        "HTTP/2 and HTTP/3, WebSocket, DNS and an echo. They end with ctrl+c.",
    )
    add = parser.add_argument
    add("--bind", type=address, default="127.0.0.1", metavar="ADDR", help="where to listen")
    add("--port-base", type=port, default=0, metavar="N", help="use ports N, N+1, ...")
    add("--once", action="store_true", help="end when the first clients have gone")
    add("--root", metavar="FILE", default="", help="write the root certificate there")
    add("-w", dest="write", metavar="FILE", default="", help="write all, with secrets, as pcapng")
    add("--keylog", metavar="FILE", default="", help="append TLS secrets")
    add("--no-capture", action="store_true", help="infer packets, even where they can be captured")
    add("-q", dest="quiet", action="store_true", help="say nothing about clients")
    return parser


def address(text: str) -> str:
    """An IP address."""
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no IP address") from None


def port(text: str) -> int:
    """A port with room for some more behind it."""
    if not text.isdecimal() or not 0 < int(text[:6]) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {LAST_PORT}")
    return int(text)


def serve(arguments: list[str]) -> int:
    """Serve until ctrl+c: the exit code."""
    options = serve_parser().parse_args(arguments)
    plan = Plan(
        options.bind,
        options.port_base,
        options.once,
        options.root,
        options.write,
        options.keylog,
        options.no_capture,
    )
    return asyncio.run(_run(plan, quiet=options.quiet))


async def _run(plan: Plan, *, quiet: bool) -> int:
    lab = Lab(plan, Sayer(quiet))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lab.stop.set)
    try:
        await lab.run(lambda: _announce(lab))
    except OSError as error:
        raise Wrong(error.strerror or str(error)) from None
    if lab.problem:
        raise Wrong(lab.problem)
    if plan.save:
        print_lines([f"{lab.packets} packets written to {safe(plan.save)}"])
    return GOOD


def _announce(lab: Lab) -> None:
    """The table of what is open."""
    lines = ["The lab is open; ctrl+c closes it."]
    if not lab.plan.loopback:
        lines.append("WARNING: everybody who can reach this machine can talk to these servers.")
    lines += [f"Its root certificate, made for this run: {safe(lab.root)}", ""]
    for one in lab.opened:
        lines.append(safe(one.url))
        lines += [f"    {safe(text)}" for text in one.tries]
    print_lines(lines)


class Sayer:
    """Prints lines about clients, not too many of them."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self._second, self._count = 0, 0

    def __call__(self, text: str) -> None:
        """One line, on standard error."""
        if self.quiet:
            return
        second = time.monotonic_ns() // 1_000_000_000
        if second != self._second:
            self._second, self._count = second, 0
        self._count += 1
        if self._count < MOST_LINES:
            print(f"  {text}", file=sys.stderr)
        elif self._count == MOST_LINES:
            print("  ... and more in this second", file=sys.stderr)
