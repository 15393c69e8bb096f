"""Starts a Java program as a daemon, or bound to the life of its owner; run as a program, standard library only.

    python keeper.py daemon LOG COMMAND…     starts it in a session of its own, prints its pid, ends
    python keeper.py PID LOG COMMAND…        the same, but stays until it ends, and ends it when process PID is gone

Bound, the kernel kills the program when the keeper dies, and the keeper watches its parent: whichever of the two is
killed with -9, nothing is left behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
INTERVAL = 0.3
GRACE = 3.0


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the one that started it is gone (Linux; elsewhere the watch serves)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main(owner: str, log: str, *command: str) -> int:
    """Start `command` with its output in `log`; see the module for the two ways."""
    bound = owner != "daemon"
    with Path(log).open("ab", buffering=0) as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent if bound else None,
        )
    print(process.pid, flush=True)
    if not bound:
        os._exit(0)  # the daemon goes to init, which reaps it
    os.close(1)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while process.poll() is None and os.getppid() == int(owner):
        time.sleep(INTERVAL)
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
        process.kill()
    return process.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
