"""What the system says when a way fails, in the words of the contract (FAILURES)."""

from __future__ import annotations

import errno
import socket

WORDS = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.ECONNABORTED: "reset",
    errno.EPIPE: "reset",
    errno.ETIMEDOUT: "timed out",
    errno.ENETUNREACH: "unreachable",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETDOWN: "unreachable",
    errno.EADDRNOTAVAIL: "unreachable",
    errno.EAFNOSUPPORT: "unreachable",
}
NO_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def word(error: BaseException | None) -> str:
    """One of FAILURES, or the system's own sentence."""
    match error:
        case None:
            return "closed"
        case socket.gaierror(errno=number):
            if number in NO_NAME:
                return "no such name"
            return f"the name cannot be looked up now: {error.strerror or error}"
        case TimeoutError():
            return "timed out"
        case OSError(errno=number) if number in WORDS:
            return WORDS[number]
        case OSError():
            return error.strerror or str(error)
    return str(error) or type(error).__name__
