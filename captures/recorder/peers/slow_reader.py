"""Asks for a page and leaves it unread for a while: slow_reader.py ADDRESS."""

from __future__ import annotations

import socket
import sys
import time

REQUEST = b"GET /words.txt HTTP/1.1\r\nHost: www.example.org\r\nConnection: close\r\n\r\n"

with socket.socket() as client:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    client.connect((sys.argv[1], 80))
    client.sendall(REQUEST)
    time.sleep(2)
    received = 0
    while data := client.recv(65536):
        received += len(data)
print(received)
