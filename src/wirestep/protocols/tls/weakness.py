"""What a server should not have chosen: old versions, weak suites, compression (RFC 9325)."""

from __future__ import annotations

from collections.abc import Iterator

from .names import SUITES
from .parameters import LABELS, TLS_1_2, Parameters

WEAK = {
    "NULL": "no encryption at all (RFC 9325 section 4.1)",
    "SHA256_SHA256": "no encryption at all (RFC 9150)",
    "SHA384_SHA384": "no encryption at all (RFC 9150)",
    "anon": "nobody proves who they are (RFC 9325 section 4.1)",
    "EXPORT": "keys made short on purpose (RFC 9325 section 4.1)",
    "EXPORT40": "keys made short on purpose (RFC 9325 section 4.1)",
    "EXPORT1024": "keys made short on purpose (RFC 9325 section 4.1)",
    "RC4": "RC4, whose key stream can be told from noise (RFC 7465)",
    "RC2": "RC2, an old cipher with short keys (RFC 9325 section 4.1)",
    "DES": "DES, whose 56 bits can be searched (RFC 9325 section 4.1)",
    "DES40": "DES of 40 bits (RFC 9325 section 4.1)",
    "3DES": "3DES, whose blocks of 64 bits repeat too soon (RFC 9325 section 4.1)",
}
"""A part of a suite's name, and what is wrong with it."""
RETIRED = {
    0x0002: "SSLv2 is forbidden (RFC 6176)",
    0x0300: "SSLv3 is forbidden (RFC 7568)",
    0x0301: "TLS 1.0 is retired (RFC 8996)",
    0x0302: "TLS 1.1 is retired (RFC 8996)",
}
assert RETIRED.keys() == {number for number in LABELS if number < TLS_1_2}


def weaknesses(parameters: Parameters) -> Iterator[str]:
    """What is weak in what a ServerHello settled."""
    if parameters.version in RETIRED:
        yield RETIRED[parameters.version]
    name = "" if parameters.suite is None else SUITES.get(parameters.suite, "")
    parts = name.split("_")
    for part, fault in WEAK.items():
        if part in parts or ("_" in part and name.endswith(part)):
            yield f"{name}: {fault}"
    if parameters.compression and not parameters.modern:
        yield "compression gives secrets away by their length (RFC 9325 section 3.3)"
