"""A TCP of our own, without sockets and clocks (RFC 9293)."""
