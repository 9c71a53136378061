"""The scenes in the order of the home screen."""

from recorder.scene import Scene
from recorder.scenes import dns, tcp

SCENES: tuple[Scene, ...] = (*dns.SCENES, *tcp.SCENES)
