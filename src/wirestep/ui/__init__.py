"""The screen: what is on it lies in folders of the same names; all it knows comes from a session."""
