"""The scenes in the order of the home screen."""

from recorder.scene import Scene
from recorder.scenes import dns, http, lan, page, quic, tcp, tls

SCENES: tuple[Scene, ...] = (
    *page.SCENES,
    *dns.SCENES,
    *tcp.SCENES,
    *http.SCENES,
    *tls.SCENES,
    *quic.SCENES,
    *lan.SCENES,
)
