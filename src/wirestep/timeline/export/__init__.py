"""What a ladder and a capture become outside: pictures and files that other programs read."""
