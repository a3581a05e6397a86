"""A child process with its wall time and its peak memory, as the kernel counted them."""

import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Finished:
    output: str
    seconds: float     # from the start of the process to its end
    peak_bytes: int    # the largest resident set of the whole process


def peak_resident(pid):
    """VmHWM of a process that is alive, in bytes."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def run(command, environment, log):
    """Raises RuntimeError, with the end of what it said, where the child fails.

    Linux counts in ru_maxrss what the parent had at the fork: whoever calls this must be small, without torch. VmHWM has
    no such flaw but must be read while the process lives; the larger of the two is reported.
    """
    log = Path(log)
    with open(log.with_suffix(".out"), "wb") as out, open(log.with_suffix(".err"), "wb") as err:
        started = time.perf_counter()
        child = subprocess.Popen(list(map(str, command)), stdout=out, stderr=err, stdin=subprocess.DEVNULL,
                                 env=environment)
        peak = 0
        try:
            while True:
                pid, status, usage = os.wait4(child.pid, os.WNOHANG)
                if pid:
                    break
                peak = max(peak, peak_resident(child.pid))
                time.sleep(0.05)
        except BaseException:
            child.kill()
            child.wait()
            raise
        seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        said = log.with_suffix(".err").read_text(errors="replace")[-3000:]
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {child.returncode}:\n{said}")
    return Finished(log.with_suffix(".out").read_text(), seconds, max(peak, usage.ru_maxrss * 1024))
