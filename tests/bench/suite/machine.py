"""What a table of figures must name: the processor, the libraries, the load while it was made."""

import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

FEATURES = ["avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_bf16", "amx_int8"]
PEERS = ["torch", "transformers", "peft", "trl", "accelerate"]
TCMALLOC = "libtcmalloc_minimal.so.4"


def cpu_flags():
    return set(re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)[1].split())


def has_bf16():
    return bool(cpu_flags() & {"avx512_bf16", "amx_bf16"})


def tcmalloc():
    """The allocator's path, or nothing where it is not installed."""
    known = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False).stdout
    found = re.search(rf"{re.escape(TCMALLOC)} .*=> (\S+)", known)
    return found[1] if found else None


def links_tcmalloc(program):
    return TCMALLOC in subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False).stdout


def usable_processors():
    return len(os.sched_getaffinity(0))


def facts(program):
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) * 1024
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    flags = cpu_flags()
    return {
        "processor": cpu[1] if cpu else platform.processor(),
        "features": [feature for feature in FEATURES if feature in flags],
        "processors": usable_processors(),
        "memory_bytes": memory,
        "system": platform.platform(),
        "load_average": os.getloadavg(),
        "ours": version,
        "peers": {name: metadata.version(name) for name in PEERS},
        "allocator": tcmalloc() or "the C library's (tcmalloc is not installed)",
        "allocator_of_ours": "linked" if links_tcmalloc(program) else "preloaded",
    }


def describe(found):
    peers = ", ".join(f"{name} {version}" for name, version in found["peers"].items())
    load = ", ".join(f"{value:.2f}" for value in found["load_average"])
    return "\n".join([
        f"machine    {found['processor']}, {found['processors']} processors, "
        f"{found['memory_bytes'] / 1e9:.0f} GB ({' '.join(found['features'])})",
        f"system     {found['system']}; load average {load}",
        f"ours       {found['ours']}, allocator {found['allocator_of_ours']}",
        f"peers      {peers}",
        f"allocator  {found['allocator']}",
    ])
