"""wirestep."""
