"""wirestep: a terminal protocol inspector.

The floors, from the top; each imports only from those below it:

cli        commands; they print what the session gives
ui         the screen; it knows the session and the nouns, nothing else
session    what is open: the only door for ui and cli
timeline   what happened, in order: ladders, filters, times
protocols  what is said: one folder a protocol
capture    bytes at rest: files, columns    |  decode  how anything is read
model      the nouns
"""

__version__ = "0.1.0"
