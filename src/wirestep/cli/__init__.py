"""Commands: they print what the session gives."""

from .main import main

__all__ = ["main"]
