"""Statistics of a capture: pure functions of its columns, its TCP analysis and its messages.

Those of columns take `rows`, the rows to count (ascending), or None for all of them; none of them
runs Python per packet. `hierarchy` alone looks at messages, one frame at a time.
"""
