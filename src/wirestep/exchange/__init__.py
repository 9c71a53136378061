"""HOW ANYONE TALKS: what an endpoint is, without sockets, clocks and chance of its own."""
