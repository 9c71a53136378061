"""HOW ANYTHING IS READ: the contract, the cursor, the stream, and the one loop that runs them."""
