"""WHAT HAPPENED, IN ORDER: ladders, filters, times; pure functions of messages and columns."""
