#!/usr/bin/env python3
"""One cache for huggingface_hub and for us: what either has fetched, the other finds, and both agree on every link."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from support.checks import Checks
from support.environment import ROOT, scratch
from support.host import PROGRAM, environment

HUB = ROOT / "tests" / "support" / "loopback_hub.py"
DEMO = ROOT / "recipes" / "demo"
MODEL, DATA, FILE = "maker/tiny", "maker/chats", "data/train-00000-of-00001.jsonl"
READ_OF_MODEL = ["config.json", "merges.txt", "model.safetensors", "tokenizer_config.json", "vocab.json"]
RECIPE = """
model: {family: gpt2, weights: hub://maker/tiny}
methods: [{lora: {rank: 2}}]
data: {dataset: openassistant, source: hub://maker/chats, max_length: 64, validation: 0}
task: causal_lm
train: {steps: 1, batch_size: 2}
output: runs/hub
"""
# In a process of its own: huggingface_hub reads the environment when it is imported.
SNAPSHOT = """
import sys, json
from huggingface_hub import snapshot_download, hf_hub_download
model = snapshot_download("maker/tiny", allow_patterns=json.loads(sys.argv[1]))
data = hf_hub_download("maker/chats", "data/train-00000-of-00001.jsonl", repo_type="dataset")
print(json.dumps([model, data]))
"""
SCAN = """
import json
from huggingface_hub import scan_cache_dir
found = scan_cache_dir()
print(json.dumps([[str(warning) for warning in found.warnings],
                  sorted((repo.repo_type, repo.repo_id, sorted(ref for r in repo.revisions for ref in r.refs))
                         for repo in found.repos)]))
"""


class Server:
    def __init__(self, root):
        self.root = root
        self.process = subprocess.Popen([sys.executable, HUB, root])
        while not (root / "address").exists():
            time.sleep(0.02)
        self.endpoint = (root / "address").read_text().split()[0]

    def take_sent(self):
        """The files whose content was sent since the last call."""
        log = self.root / "log"
        requests = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        log.unlink(missing_ok=True)
        return sorted(Path(request["path"]).name for request in requests
                      if request["method"] == "GET" and request["status"] in (200, 206)
                      and (request["server"] == "storage" or "resolve-cache" in request["path"]))


def surroundings(server, home, **more):
    return {**environment(), "HF_ENDPOINT": server.endpoint, "HF_HOME": str(home), "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_TELEMETRY": "1", **more}


def python(code, variables, *arguments):
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=variables, capture_output=True, check=True)
    return json.loads(done.stdout)


def ours(recipe, variables):
    done = subprocess.run([PROGRAM, "validate", recipe], env=variables, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def layout(home):
    """Every file and link of a cache: a link's target, a small file's content, a large one's size."""
    found = {}
    for path in sorted((home / "hub").rglob("*")):
        name = path.relative_to(home / "hub").as_posix()
        if path.is_symlink():
            found[name] = "-> " + os.readlink(path)
        elif path.is_file():
            # Locks are there or not, as there was something to wait for; the tag's comment is each program's own.
            if name.startswith(".locks/") or name == "CACHEDIR.TAG":
                continue
            found[name] = json.loads(path.read_text()) if path.suffix == ".json" else path.stat().st_size
    return found


def main():
    checks = Checks("a cache shared with huggingface_hub")
    folder = scratch()
    root = folder / "hub"
    (root / "models" / MODEL).mkdir(parents=True)
    (root / "models" / MODEL / "main").symlink_to(DEMO / "model")
    data = root / "datasets" / DATA / "main" / FILE
    data.parent.mkdir(parents=True)
    lines = (DEMO / "conversations.jsonl").read_text().splitlines(keepends=True)
    data.write_text("".join(lines[:100]))
    recipe = folder / "recipe.yaml"
    recipe.write_text(RECIPE)
    server = Server(root)
    try:
        compare(checks, server, folder, recipe)
    finally:
        server.process.kill()
    checks.finish()


def compare(checks, server, folder, recipe):
    by_us, by_them = folder / "by-us", folder / "by-them"
    ours(recipe, surroundings(server, by_us))
    files = sorted([*READ_OF_MODEL, FILE.rpartition("/")[2]])
    checks.equal("files fetched by us", server.take_sent(), files)
    model, _ = python(SNAPSHOT, surroundings(server, by_us), json.dumps(READ_OF_MODEL))
    checks.equal("  fetched again by huggingface_hub", server.take_sent(), [])
    checks.equal("  its snapshot", sorted(os.listdir(model)), READ_OF_MODEL)
    offline = surroundings(server, by_us, HF_HUB_OFFLINE="1")
    checks.equal("  found by it offline", python(SNAPSHOT, offline, json.dumps(READ_OF_MODEL))[0], model)
    repositories = [["dataset", DATA, ["main"]], ["model", MODEL, ["main"]]]
    checks.equal("  scanned by it: warnings, repositories", python(SCAN, offline), [[], repositories])

    python(SNAPSHOT, surroundings(server, by_them), json.dumps(READ_OF_MODEL))
    checks.equal("files fetched by huggingface_hub", server.take_sent(), files)
    ours(recipe, surroundings(server, by_them))
    checks.equal("  fetched again by us", server.take_sent(), [])
    ours(recipe, surroundings(server, by_them, HF_HUB_OFFLINE="1"))

    first, second = layout(by_us), layout(by_them)
    checks.equal("names in both caches", sorted(first), sorted(second))
    checks.equal("links and contents in both caches", first, second)


if __name__ == "__main__":
    main()
