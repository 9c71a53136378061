"""Runs one program and says what it took: python -I -S launcher.py TIMEOUT OUTPUT PROGRAM ...

A process of its own, and a small one, because a child's peak memory as the kernel counts it (wait4,
ru_maxrss) starts at the size of the process that made it. Prints one line: seconds, seconds of
processor time, kilobytes at the peak, exit code, and the kilobytes below which it cannot tell.
"""

import os
import signal
import sys
import time


def main() -> None:
    """The command line."""
    limit, output, *argv = sys.argv[1:]
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    start = time.perf_counter()
    child = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions, setsid=True)

    def stop(*_: object) -> None:
        os.killpg(child, signal.SIGKILL)

    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    signal.setitimer(signal.ITIMER_REAL, float(limit))
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    print(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, code, _peak())


def _peak() -> int:
    """Kilobytes that this process has used at most."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))


main()
