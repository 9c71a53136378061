"""Writes a pcap file to standard output at a steady rate: python feeder.py FILE RATE [COUNT].

The first packets come at once, the others after a line on standard input. At the end it says on
standard error, as JSON, how many packets it wrote, in what time, and by how many milliseconds it
was behind at most because the reader did not keep up.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import time

BATCH = 0.005
"""Seconds between two writes."""
HEAD = 24
BEGUN = 100


def main() -> None:
    """The command line."""
    path, rate = sys.argv[1], float(sys.argv[2])
    wanted = int(sys.argv[3]) if len(sys.argv) > 3 else 10**9
    ends = [HEAD]
    length = struct.Struct("<I")
    with open(path, "rb") as file:
        data = file.read(HEAD + min(wanted * 1600, 1 << 31))
    while len(ends) <= wanted and ends[-1] + 16 <= len(data):
        end = ends[-1] + 16 + length.unpack_from(data, ends[-1] + 8)[0]
        if end > len(data):
            break
        ends.append(end)
    count, view = len(ends) - 1, memoryview(data)
    begun = min(BEGUN, count)
    os.write(1, view[: ends[begun]])
    sys.stdin.readline()
    start, sent, late = time.perf_counter() - begun / rate, begun, 0.0
    while sent < count:
        due = min(count, int((time.perf_counter() - start) * rate))
        piece = view[ends[sent] : ends[due]]
        while piece:
            piece = piece[os.write(1, piece) :]
        sent = due
        late = max(late, time.perf_counter() - start - sent / rate)
        time.sleep(BATCH)
    took = time.perf_counter() - start
    print(json.dumps({"packets": sent, "seconds": took, "late": late * 1000}), file=sys.stderr)


if __name__ == "__main__":
    main()
