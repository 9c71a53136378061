"""Whole screens: each composes widgets, carries the keys that belong to it, and asks the session."""
