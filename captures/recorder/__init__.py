"""Records the bundled captures: namespaces, a wire with delay and loss, real programs, pcapng."""
