"""HOW BYTES TRAVEL: a virtual wire that is held in the hand, and the kernel's sockets."""
