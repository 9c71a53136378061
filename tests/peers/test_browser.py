"""serve-lab and a browser: the page, its parts, and what its script fetches."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from peering import needs, place, ran, serving

from wirestep.session import Session
from wirestep.session.driving_lab import Plan


def pin(at: tuple[str, int]) -> str:
    """The hash of a server's public key: what a browser can be told to trust without a root."""
    certificate = x509.load_pem_x509_certificate(ssl.get_server_certificate(at).encode())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


@needs("chromium")
@pytest.mark.parametrize("quic", [False, True], ids=["http2", "http3"])
async def test_chromium_shows_the_page(tmp_path: Path, quic: bool) -> None:
    path = tmp_path / "seen.pcapng"
    async with serving(Plan(root=str(tmp_path / "r.pem"), save=str(path), infer=True)) as lab:
        url, at = place(lab, "https")
        pinned = await asyncio.to_thread(pin, (at.host, at.port))
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
        command += [f"--user-data-dir={tmp_path}/profile", "--virtual-time-budget=3000"]
        command += [f"--ignore-certificate-errors-spki-list={pinned}"]
        if quic:
            command += ["--enable-quic", f"--origin-to-force-quic-on={at}"]
        shown = await ran(*command, url)
    text = shown.out.decode()
    assert "The wire in your hand" in text
    assert "Ada Lovelace" in text  # the script has asked for /users
    session = Session.open(str(path))
    session.settle()
    spoken = {session.row(at).protocol for at in range(session.total)}
    assert ("HTTP3" in spoken) is quic
    assert ("HTTP2" in spoken) is not quic
