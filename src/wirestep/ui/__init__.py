"""The screen: folders mirror what is on it; all it knows comes from a session."""
