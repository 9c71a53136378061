"""Whole screens: each composes widgets, carries its keys, and asks the session."""
